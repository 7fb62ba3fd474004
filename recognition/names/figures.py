"""The figures of the name reader's calibration: fitted, not chosen. See ``docs/names.md``."""

from __future__ import annotations

from recognition.names.confidence import Calibration

DEFAULT_CALIBRATION = Calibration(
    version="names-1",
    weights=(
        9.64071,
        -3.86843,
        2.64462,
        1.23303,
        -0.48487,
        4.10862,
        -0.02272,
        1.79611,
        -0.58967,
        -2.40018,
        -2.60932,
        -1.07154,
        0.52988,
        0.59946,
        -6.8056,
        0.56914,
        -2.27804,
        -0.64689,
        -1.03157,
        0.0026,
        -0.62306,
        0.84455,
        -1.07234,
        0.53512,
        -0.56409,
        0.75797,
        -1.23017,
        -1.32147,
        0.36085,
        0.32089,
        0.14439,
        -0.86113,
        0.08761,
        0.00305,
        -0.48652,
        -0.4368,
        -0.56442,
        0.15722,
        0.385,
        0.97643,
    ),
    off_list_share=0.1,
    thresholds=((0.001, 0.985147), (0.005, 0.895092)),
    source=(
        "benchmarks.names --fit --share 0.4: 2869 rows, 10896 trials; writers with even numbers of "
        "Copiste d'un jour (BAnQ, CC BY 4.0), three handwriting fonts, lexicons of 300 and 2,000"
    ),
)
