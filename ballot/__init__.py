"""The vocabulary of a count: elections, layouts, sheets, readings, rulings and records.

This package is the floor of the house: every other package speaks in its types, and it
imports nothing but the standard library. All types are frozen dataclasses or enums, so a
value can be handed between processes and compared without surprise.

Units stand in the names: ``_mm`` is millimetres on the printed page, ``_px`` pixels of a
scan, ``_dpi`` pixels per inch. Page coordinates have their origin in the upper left corner
of the upright page, x to the right and y down.
"""
