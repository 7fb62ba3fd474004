"""Reads handwritten names against closed lists, and says how often it is right, and how often sure.

    python -m benchmarks.names                 the figures, on writers and fonts kept for proof
    python -m benchmarks.names --fit W0 W2     fits the calibration on the other writers and fonts

Every row is scored four times: against lexicons of 300 and of 2,000 names, with its name on the
list and without. W0 and W2 are weights of `python -m training.names`, trained on the writers whose
number is 0 and 2 modulo 4: each reads the rows of the other half, so that no confidence is fitted
on a hand that the network was trained on. Shares of rows off the list are weighted to
`OFF_LIST_SHARE`. The rows need the handwriting beside the repository
(`benchmarks.name_rows.HANDWRITING`).
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.name_trials import KINDS, SIZES, Outcome, trials
from recognition.names.confidence import Calibration, hindrance
from recognition.names.cut_model import tune_model
from recognition.names.figures import DEFAULT_CALIBRATION
from recognition.names.network import NameNetwork
from station.name_model import load_name_model

Floats = npt.NDArray[np.float64]

OFF_LIST_SHARE = 0.1
ERRORS = (0.001, 0.005)
FIT_SEED, PROOF_SEED = 1, 2
RIDGE = 1e-5
_PENDING_ERRORS = 0.5


def interval(hits: int, count: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's exact interval for a share."""
    from scipy.stats import beta

    if count == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, count - hits + 1))
    high = 1.0 if hits == count else float(beta.ppf(1 - tail, hits + 1, count - hits))
    return low, high


def fit(outcomes: Sequence[Outcome], version: str) -> Calibration:
    """Fits the logistic model and the thresholds.

    The threshold for an accepted error is the least confidence above which the weighted share of
    wrong rows, half a wrong row added, stays within it.
    """
    from scipy.optimize import minimize

    read = [outcome for outcome in outcomes if outcome.evidence is not None]
    inputs = np.array([o.evidence.features() for o in read if o.evidence is not None])
    right = np.array([o.right for o in read], float)
    weight = np.array([1 - OFF_LIST_SHARE if o.listed else OFF_LIST_SHARE for o in read])
    spread = np.where(np.arange(inputs.shape[1]) == 0, 1.0, np.maximum(inputs.std(axis=0), 1e-6))
    scaled = inputs / spread

    def loss(weights: Floats) -> tuple[float, Floats]:
        logit = scaled @ weights
        wrong = right * np.logaddexp(0, -logit) + (1 - right) * np.logaddexp(0, logit)
        slope = scaled.T @ (weight * (1 / (1 + np.exp(-logit)) - right)) / weight.sum()
        slope[1:] += 2 * RIDGE * weights[1:]
        return float((weight * wrong).sum() / weight.sum() + RIDGE * (weights[1:] ** 2).sum()), slope

    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 3000})
    confidence = 1 / (1 + np.exp(-(scaled @ found.x)))
    order = np.argsort(-confidence, kind="stable")
    share = (np.cumsum((weight * (1 - right))[order]) + _PENDING_ERRORS) / np.cumsum(weight[order])
    thresholds = []
    for error in ERRORS:
        within = np.flatnonzero(share <= error)
        if within.size:
            thresholds.append((error, round(float(confidence[order][within[-1]]), 6)))
    source = f"{len({(o.kind, o.writer, o.text) for o in read})} rows, {len(read)} trials"
    weights = tuple(round(float(w), 5) for w in found.x / spread)
    return Calibration(version, weights, OFF_LIST_SHARE, tuple(thresholds), source)


def figures(outcomes: Sequence[Outcome], calibration: Calibration) -> list[dict[str, object]]:
    """One line of figures for each kind of row and size of lexicon, and for all."""
    lines = []
    for kind in [*KINDS, "full names", "all"]:
        for size in [*SIZES, 0]:
            part = [o for o in outcomes if _is_of(o, kind) and size in (o.size, 0)]
            lines.append({"kind": kind, "lexicon": size or "all", **_figures_of(part, calibration)})
    return lines


def _is_of(outcome: Outcome, kind: str) -> bool:
    if kind == "full names":
        return not outcome.kind.startswith(("surname", "initials"))
    return kind in (outcome.kind, "all")


def _figures_of(part: Sequence[Outcome], calibration: Calibration) -> dict[str, object]:
    listed = [o for o in part if o.listed]
    off = [o for o in part if not o.listed]
    line: dict[str, object] = {
        "rows": len(listed),
        "off_list_rows": len(off),
        "top1": _share(listed, lambda o: o.right),
        "top5": _share(listed, lambda o: o.place is not None and o.place < 5),
    }
    for error in ERRORS:
        threshold = calibration.threshold(error)

        def accepted(o: Outcome, least: float = threshold) -> bool:
            return (
                o.evidence is not None
                and not o.struck
                and not hindrance(o.evidence)
                and calibration.probability(o.evidence) >= least
            )

        kept = [o for o in listed if accepted(o)]
        wrong = sum(not o.right for o in kept)
        slipped = sum(accepted(o) for o in off)
        weighted = (1 - OFF_LIST_SHARE) * len(kept) + OFF_LIST_SHARE * slipped
        line[f"at {error:.1%}"] = {
            "accepted": _share(listed, accepted),
            "wrong_of_accepted": (wrong, len(kept), *interval(wrong, len(kept))),
            "off_list_accepted": (slipped, len(off), *interval(slipped, len(off))),
            "error_at_10_percent_off_list": (
                ((1 - OFF_LIST_SHARE) * wrong + OFF_LIST_SHARE * slipped) / weighted if weighted else 0.0
            ),
        }
    line["network_ms"] = round(mean(o.network_ms for o in listed), 1)
    line["scoring_ms"] = round(mean(o.scoring_ms for o in listed), 2)
    return line


def _share(part: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> tuple[int, int, float, float]:
    hits = sum(map(holds, part))
    return hits, len(part), *interval(hits, len(part))


def reliability(outcomes: Sequence[Outcome], calibration: Calibration) -> list[tuple[str, float, float, int]]:
    """For each band of confidence what was promised, what was kept (weighted), and of how many."""
    edges = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.995, 1.0001)
    read = [(calibration.probability(o.evidence), o) for o in outcomes if o.evidence is not None]
    bands = []
    for low, high in itertools.pairwise(edges):
        inside = [(p, o) for p, o in read if low <= p < high]
        weight = sum(1 - OFF_LIST_SHARE if o.listed else OFF_LIST_SHARE for _, o in inside)
        if inside:
            promised = sum(p * (0.9 if o.listed else 0.1) for p, o in inside) / weight
            kept = sum(o.right * (0.9 if o.listed else 0.1) for _, o in inside) / weight
            bands.append((f"{low:g}-{min(high, 1):g}", promised, kept, len(inside)))
    return bands


def _percent(figure: tuple[int, int, float, float]) -> str:
    hits, count, low, high = figure
    share = hits / count if count else 0.0
    return f"{share:7.2%} [{low:6.2%}, {high:6.2%}] {hits}/{count}"


def print_figures(lines: Sequence[dict[str, Any]]) -> None:
    """The figures as text."""
    for line in lines:
        print(
            f"\n{line['kind']}, lexicon {line['lexicon']}: {line['rows']} rows; "
            f"network {line['network_ms']} ms, scoring {line['scoring_ms']} ms"
        )
        print(f"  first of all {_percent(line['top1'])}\n  in best five {_percent(line['top5'])}")
        for error in ERRORS:
            at = line[f"at {error:.1%}"]
            assert isinstance(at, dict)
            print(
                f"  accepted error {error:.1%}: accepted {_percent(at['accepted'])}\n"
                f"    wrong        {_percent(at['wrong_of_accepted'])}\n"
                f"    off-list     {_percent(at['off_list_accepted'])}\n"
                f"    wrong in all, 10 % off-list: {at['error_at_10_percent_off_list']:.3%}"
            )


def _networks(halves: list[Path] | None) -> Callable[[str], NameNetwork]:
    """The installed network, or for each writer the one trained on the other half of the writers."""
    model = load_name_model()
    if halves is None:
        installed = NameNetwork(model)
        return lambda writer: installed
    zero, two = (NameNetwork(tune_model(model, weights.read_bytes())) for weights in halves)
    return lambda writer: two if writer.isdecimal() and int(writer) % 4 == 0 else zero


def main() -> None:
    """Runs the benchmark."""
    import cv2

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fit", nargs=2, type=Path, metavar="WEIGHTS", help="fit the calibration")
    parser.add_argument("--share", type=float, default=0.45, help="share of the rows to read")
    parser.add_argument("--output", type=Path, help="also write the figures as JSON")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    seed = FIT_SEED if arguments.fit else PROOF_SEED
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = list(trials(not arguments.fit, arguments.share, seed, _networks(arguments.fit)))
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    calibration = fit(outcomes, "fitted") if arguments.fit else DEFAULT_CALIBRATION
    if arguments.fit:
        print(calibration)
    lines = figures(outcomes, calibration)
    print_figures(lines)
    print("\nconfidence: promised, kept, trials")
    for band, promised, kept, count in reliability(outcomes, calibration):
        print(f"  {band:>11}: {promised:7.2%} {kept:7.2%} {count}")
    print(f"memory beyond the start: {memory:.0f} MiB (lexicons and rows of the benchmark included)")
    if arguments.output:
        arguments.output.write_text(json.dumps(lines, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
