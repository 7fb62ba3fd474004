"""The figures of the name reader's calibration: fitted, not chosen. See ``docs/names.md``."""

from __future__ import annotations

from recognition.names.confidence import Calibration

DEFAULT_CALIBRATION = Calibration(
    version="names-2",
    weights=(
        8.03422,
        -2.72543,
        2.56116,
        1.10622,
        1.13338,
        -0.8411,
        -0.20497,
        1.31339,
        -0.53699,
        -1.88946,
        -1.11425,
        0.21367,
        0.70148,
        0.26828,
        -6.4967,
        0.93798,
        -1.15355,
        -0.62909,
        -1.09185,
        -0.03687,
        -0.62507,
        1.0514,
        -0.28055,
        0.59752,
        -1.15472,
        0.62387,
        -0.89249,
        0.79507,
        0.13254,
        0.109,
        -0.72795,
        -0.85027,
        0.46327,
        0.03518,
        -1.01874,
        -0.25156,
        -0.65465,
        0.11959,
        0.1082,
        0.80725,
    ),
    off_list_share=0.1,
    thresholds=((0.001, 0.980288), (0.005, 0.861924)),
    source=(
        "benchmarks.names --fit --share 0.4: 3105 rows, 11842 trials; writers with even numbers of "
        "Copiste d'un jour (BAnQ, CC BY 4.0), each read by a network trained on the others, three "
        "handwriting fonts, lexicons of 300 and 2,000"
    ),
)

STRUCK_ODDS = 1.8
"""A row with higher log-odds of a stroke through its letters (`recognition.names.struck`) goes to a person.

Set on the writers and fonts of the fit, each writer read by a head trained on the other half of them, where
1 % of the rows that were accepted otherwise lie above: 24 of 2,412. Of 984 rows that were read through
strokes of `benchmarks.name_strikes`, 69 lie below. At 2.2 it would be 13 and 78, at 1.0 42 and 39.
"""
