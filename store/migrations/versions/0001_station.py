"""The first form: a station, its boxes, sheets, readings, rulings and journal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("station", "boxes", "sheets", "readings", "rulings", "journal")


def upgrade() -> None:
    _station_and_boxes()
    _sheets()
    _readings_and_rulings()
    _journal()
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, '{table} is append-only: {verb} is forbidden'); END"
            )


def downgrade() -> None:
    raise NotImplementedError("a station's database is never taken back to an older form")


def _station_and_boxes() -> None:
    op.create_table(
        "station",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("election_file", sa.LargeBinary, nullable=False),
        sa.Column("election_sha256", sa.Text, nullable=False),
        sa.Column("layout_file", sa.LargeBinary, nullable=False),
        sa.Column("layout_sha256", sa.Text, nullable=False),
        sa.CheckConstraint("id = 1", name="one_station"),
    )
    op.create_table(
        "boxes",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("election", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("district", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.CheckConstraint("number > 0", name="box_number_positive"),
    )


def _sheets() -> None:
    op.create_table(
        "sheets",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("box", sa.Integer, sa.ForeignKey("boxes.number"), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("front_name", sa.Text, nullable=False),
        sa.Column("front_sha256", sa.Text, nullable=False),
        sa.Column("front_problem", sa.Text, nullable=False),
        sa.Column("back_name", sa.Text),
        sa.Column("back_sha256", sa.Text),
        sa.Column("back_problem", sa.Text),
        sa.Column("occurrence", sa.Integer, nullable=False),
        sa.Column("pictures", sa.Text),
        sa.UniqueConstraint("box", "sequence", name="sheet_place"),
    )
    # Null is unequal to null in a unique constraint, and a back may be missing: hence coalesce.
    op.execute(
        "CREATE UNIQUE INDEX sheet_source ON sheets (box, front_name, front_sha256, "
        "coalesce(back_name, ''), coalesce(back_sha256, ''), occurrence)"
    )
    op.create_index("sheet_pictures", "sheets", ["pictures"])


def _readings_and_rulings() -> None:
    op.create_table(
        "readings",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("sheet", sa.Text, sa.ForeignKey("sheets.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("layout_sha256", sa.Text, nullable=False),
        sa.Column("reading", sa.Text, nullable=False),
        sa.Column("measurements", sa.Text, nullable=False),
        sa.Column("ballot_number", sa.Text),
        sa.Column("ballot_id", sa.Text),
    )
    op.create_index("reading_sheet", "readings", ["sheet"])
    op.create_index("reading_ballot", "readings", ["ballot_id", "ballot_number"])
    op.create_table(
        "rulings",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("sheet", sa.Text, sa.ForeignKey("sheets.id"), nullable=False),
        sa.Column("reading", sa.Integer, sa.ForeignKey("readings.number"), nullable=False),
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("rulings.number"), unique=True),
        sa.CheckConstraint("verdict != 'reject' OR role = 'committee'", name="committee_rejects"),
        sa.CheckConstraint("\"by\" != ''", name="ruling_has_author"),
    )
    op.create_index("ruling_sheet", "rulings", ["sheet"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("box", sa.Integer),
        sa.Column("sheet", sa.Text),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
    )
    op.create_index("journal_sheet", "journal", ["sheet"])
