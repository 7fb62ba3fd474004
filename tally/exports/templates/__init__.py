"""Templates of the pages that are exported."""
