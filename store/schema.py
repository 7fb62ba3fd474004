"""The tables of a station. The migrations create them; this is how the program sees them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

station = Table(
    "station",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("created_at", Text, nullable=False),
    Column("election_file", LargeBinary, nullable=False),
    Column("election_sha256", Text, nullable=False),
    Column("layout_file", LargeBinary, nullable=False),
    Column("layout_sha256", Text, nullable=False),
)

boxes = Table(
    "boxes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("election", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("label", Text, nullable=False),
)

sheets = Table(
    "sheets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("box", Integer, ForeignKey("boxes.number"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("front_name", Text, nullable=False),
    Column("front_sha256", Text, nullable=False),
    Column("front_problem", Text, nullable=False),
    Column("back_name", Text),
    Column("back_sha256", Text),
    Column("back_problem", Text),
    # How many sheets with the same names and bytes came before it in the same import.
    Column("occurrence", Integer, nullable=False),
    # Equal for two sheets with the same two pictures, whichever is the front; null when a
    # picture could not be taken out of its file.
    Column("pictures", Text),
)

readings = Table(
    "readings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("sheet", Text, ForeignKey("sheets.id"), nullable=False),
    Column("at", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("layout_sha256", Text, nullable=False),
    Column("reading", Text, nullable=False),
    # Marks and registrations apart: lists of thousands of sheets do without them.
    Column("measurements", Text, nullable=False),
    Column("ballot_number", Text),
    Column("ballot_id", Text),
)

rulings = Table(
    "rulings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("sheet", Text, ForeignKey("sheets.id"), nullable=False),
    Column("reading", Integer, ForeignKey("readings.number"), nullable=False),
    Column("issue", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("supersedes", Integer, ForeignKey("rulings.number"), unique=True),
)

journal = Table(
    "journal",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("box", Integer),
    Column("sheet", Text),
    Column("payload", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

APPEND_ONLY = ("station", "boxes", "sheets", "readings", "rulings", "journal")
"""Tables whose rows triggers forbid to change or delete: all of them."""
