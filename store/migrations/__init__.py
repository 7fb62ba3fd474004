"""Alembic migrations of the station database, run when a station is opened."""
