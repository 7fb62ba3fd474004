"""Handwritten names, read against the closed list of an election's candidates.

    ink → picture → network → scoring (against lexicon) → confidence → row

The network never decides on a text: it says how well every way of writing every candidate fits,
and how well the best text of all fits. Only `row` puts it together, and only `network` knows
onnxruntime.
"""
