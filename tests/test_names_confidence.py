"""What keeps a row from being accepted however well a name fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recognition.names.confidence import INITIAL_MARGIN, Evidence, hindrance
from recognition.names.figures import DEFAULT_CALIBRATION
from recognition.names.variants import INITIAL_COST

CLEAR = Evidence(
    margin=30.0,
    gap=0.0,
    letters=12,
    text_letters=12,
    cost=0.0,
    edits=0,
    worst_token=0.0,
    worst_share=0.0,
    vagueness=0.01,
    candidates=300,
)


def test_clear_full_name_is_accepted() -> None:
    assert hindrance(CLEAR) == ""
    assert DEFAULT_CALIBRATION.probability(CLEAR) >= DEFAULT_CALIBRATION.threshold(0.001)


@pytest.mark.parametrize(("margin", "accepted"), [(INITIAL_MARGIN - 0.1, False), (INITIAL_MARGIN, True)])
def test_initial_must_be_far_from_every_other_candidate(margin: float, accepted: bool) -> None:
    """T and J of some hands are alike, and the network can be sure of the wrong one."""
    initial = replace(CLEAR, cost=INITIAL_COST, letters=9, text_letters=9, margin=margin)
    assert (hindrance(initial) == "") is accepted
    assert hindrance(replace(initial, cost=0.0)) == ""


def test_initial_must_fit_to_the_letter() -> None:
    assert hindrance(replace(CLEAR, cost=INITIAL_COST, edits=1)) != ""


@pytest.mark.parametrize(("cost", "edits", "accepted"), [(0.4, 0, True), (0.4, 1, False), (0.0, 1, True)])
def test_a_shortened_name_must_fit_to_the_letter(cost: float, edits: int, accepted: bool) -> None:
    """Whoever is on no list needs only one letter less to be taken for a listed one without a middle name."""
    assert (hindrance(replace(CLEAR, cost=cost, edits=edits)) == "") is accepted


@pytest.mark.parametrize(
    ("vagueness", "worst_token", "accepted"), [(0.02, 13.0, False), (0.02, 7.0, True), (0.2, 13.0, True)]
)
def test_clear_writing_that_differs_by_a_letter_is_another_name(
    vagueness: float, worst_token: float, accepted: bool
) -> None:
    """Of unclear writing a letter may be read wrongly; "Jakobsen" in clear writing is not Jacobsen."""
    near = replace(CLEAR, edits=1, gap=worst_token, vagueness=vagueness, worst_token=worst_token)
    assert (hindrance(near) == "") is accepted


@pytest.mark.parametrize(
    ("share", "margin", "accepted"), [(2.3, 22.0, False), (1.2, 22.0, True), (2.3, 35.0, True)]
)
def test_a_name_that_fits_in_part_only_is_another(share: float, margin: float, accepted: bool) -> None:
    """«Håvard Sivertsen», who is on no list, is not Håvard Iversen, however well the first name fits."""
    near = replace(CLEAR, edits=3, gap=24.0, vagueness=0.2, worst_token=9.0, worst_share=share, margin=margin)
    assert (hindrance(near) == "") is accepted


def test_error_below_the_smallest_one_fitted_accepts_nothing() -> None:
    assert DEFAULT_CALIBRATION.threshold(0.0005) > 1.0
