"""Sheet to reading: decode, register, identify, measure, decide or doubt. Pure functions, no disk, no network."""
