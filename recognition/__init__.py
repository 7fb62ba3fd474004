"""Sheet to reading: decode, register, identify, measure, decide or doubt. Pure functions."""
