"""Damaged files of one name are told apart: by what the problem says of the file."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX sheet_source")
    # Null is unequal to null in a unique index, and a back may be missing: hence coalesce.
    op.execute(
        "CREATE UNIQUE INDEX sheet_source ON sheets (box, front_name, front_sha256, front_problem, "
        "coalesce(back_name, ''), coalesce(back_sha256, ''), coalesce(back_problem, ''), occurrence)"
    )


def downgrade() -> None:
    raise NotImplementedError("a station's database is never taken back to an older form")
