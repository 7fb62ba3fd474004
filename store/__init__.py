"""Database, image vault and journal. Database rows never leave this package."""
