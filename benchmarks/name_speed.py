"""Measures what reading a row costs, part by part, in processor time of one core.

    python -m benchmarks.name_speed

Rows are invented names of two and three words in handwriting fonts, lexicons hold invented names
with all their written forms. Beside them stands a fixed piece of work, a median of five runs over a
page of 300 dpi, so that figures of a busy machine can be compared with others.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from statistics import mean, median

import numpy as np

from ballot.election import Candidate
from benchmarks.name_rows import INSIDE, Row, font_row
from benchmarks.name_trials import BLOCK_FONTS, MIN_INK_MM2, PROOF_FONTS
from calibration.testdeck.names import invent_name
from recognition.names.confidence import evidence_of
from recognition.names.ink import separate
from recognition.names.lexicon import Entry, Lexicon, build_lexicon
from recognition.names.network import NameNetwork
from recognition.names.picture import row_picture
from recognition.names.scoring import score_row
from recognition.names.variants import written_forms
from station.name_model import load_name_model

ROWS, RUNS = 60, 3
SIZES = (300, 500, 2000, 5000)


def per_row_ms(work: Callable[[], object], rows: int) -> float:
    """The least processor time of `RUNS` runs, a row."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times) / rows * 1000


def reference_ms() -> float:
    """Processor time of blurring a page of 300 dpi."""
    import cv2

    page = np.random.default_rng(1).integers(0, 255, (3508, 2480), np.uint8)
    times = []
    for _ in range(5):
        start = time.process_time()
        cv2.medianBlur(page, 5)
        times.append((time.process_time() - start) * 1000)
    return median(times)


def sample_rows(count: int) -> list[Row]:
    rng, chance = np.random.default_rng(7), random.Random(7)
    rows = []
    for number in range(count):
        capitals = number % 3 == 0
        fonts = [font for font in PROOF_FONTS if font in BLOCK_FONTS] if capitals else list(PROOF_FONTS)
        text = invent_name(chance)
        rows.append(font_row("speed", text, chance.choice(fonts), rng, capitals, "ballpoint_blue"))
    return rows


def lexicon_of_size(size: int) -> Lexicon:
    chance = random.Random(size)
    names = (invent_name(chance) for _ in range(size))
    return build_lexicon(
        (Entry(f"X:{i}", "X", name), written_forms(Candidate(i, name))) for i, name in enumerate(names, 1)
    )


def measure(rows: Sequence[Row]) -> dict[str, float]:
    """Milliseconds a row of each part."""
    network = NameNetwork(load_name_model())
    cells = [separate(row.patch, row.blank, INSIDE, MIN_INK_MM2) for row in rows]
    pictures = [picture for cell in cells if (picture := row_picture(cell.ink)) is not None]
    seen = [network.read(picture).log_probabilities for picture in pictures]
    found = {
        "ink": per_row_ms(
            lambda: [separate(row.patch, row.blank, INSIDE, MIN_INK_MM2) for row in rows], len(rows)
        ),
        "picture": per_row_ms(lambda: [row_picture(cell.ink) for cell in cells], len(rows)),
        "network": per_row_ms(lambda: [network.read(picture) for picture in pictures], len(pictures)),
    }
    for size in SIZES:
        lexicon = lexicon_of_size(size)

        def score(lexicon: Lexicon = lexicon) -> None:
            for frames in seen:
                evidence_of(score_row(frames, lexicon), lexicon, frames)

        found[f"scoring {size}"] = per_row_ms(score, len(seen))
    found["width of a picture, px"] = mean(picture.shape[1] for picture in pictures)
    return found


def main() -> None:
    """Runs the benchmark."""
    import cv2

    cv2.setNumThreads(1)
    before = reference_ms()
    found = measure(sample_rows(ROWS))
    for part, figure in found.items():
        print(f"{part:>22}: {figure:6.1f}")
    for size in SIZES:
        row = found["ink"] + found["picture"] + found["network"] + found[f"scoring {size}"]
        print(f"row, {size:>5} candidates: {row:6.1f} ms")
    print(f"reference work before and after: {before:.1f} and {reference_ms():.1f} ms")


if __name__ == "__main__":
    main()
