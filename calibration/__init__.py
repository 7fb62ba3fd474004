"""Layouts from blank ballots, test decks with known truth, and the proof of thresholds."""
