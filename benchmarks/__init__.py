"""Measures the reader on simulated decks with known truth: errors, doubts, speed."""
