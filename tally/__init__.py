"""Records to results: count, settle, write out. Exact arithmetic, pure functions."""
