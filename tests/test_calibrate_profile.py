"""Profile files: what was written is what is read with, and nothing altered is believed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ballot.election import Election
from ballot.errors import CalibrationError
from ballot.layout import LayoutSet
from ballot.sheet import SheetScan
from recognition.count_stamps import CountStamps
from recognition.profile import DEFAULT_PROFILE, Profile
from station import pipeline, profile_file
from station.profile_file import ProfileOrigin, configured_profile, load_profile, save_profile
from station.worker import ReadOne, unreadable

ORIGIN = ProfileOrigin(
    scanner="Counter 1",
    made=date(2027, 9, 13),
    dpi=300,
    fitted_sheets=20,
    proven_sheets=20,
    empty_boxes=500,
    marked_boxes=80,
)


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, Profile]:
    path = tmp_path / "profile.json"
    return path, save_profile(replace(DEFAULT_PROFILE, empty_ink_mm2=0.3), ORIGIN, path)


def test_a_profile_comes_back_as_it_was_and_its_version_names_scanner_and_values(
    saved: tuple[Path, Profile],
) -> None:
    path, profile = saved
    assert load_profile(path) == profile
    assert profile.empty_ink_mm2 == 0.3
    assert profile.version.startswith("Counter 1-")
    other = save_profile(replace(DEFAULT_PROFILE, empty_ink_mm2=0.2), ORIGIN, path)
    assert other.version != profile.version


@pytest.mark.parametrize("key", ["empty_ink_mm2", "name_error", "min_anchors"])
def test_an_altered_profile_is_refused(saved: tuple[Path, Profile], key: str) -> None:
    path, _ = saved
    document = json.loads(path.read_text())
    document["profile"][key] *= 2
    path.write_text(json.dumps(document))
    with pytest.raises(CalibrationError, match="altered"):
        load_profile(path)


@pytest.mark.parametrize(
    ("alter", "reason"),
    [
        (lambda d: d["profile"].pop("max_residual_mm"), "another version"),
        (lambda d: d["profile"].update(more=1.0), "another version"),
        (lambda d: d.update(format="profile/2"), "no profile"),
        (lambda d: d["profile"].update(marked_ink_mm2=-1.0), "no profile"),
        (lambda d: d["origin"].pop("made"), "no profile"),
    ],
)
def test_a_profile_of_another_shape_is_refused(
    saved: tuple[Path, Profile], alter: object, reason: str
) -> None:
    path, _ = saved
    document = json.loads(path.read_text())
    alter(document)  # type: ignore[operator]
    path.write_text(json.dumps(document))
    with pytest.raises(CalibrationError, match=reason):
        load_profile(path)


def test_a_profile_fitted_from_other_standing_thresholds_is_refused(
    saved: tuple[Path, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds all thresholds, so that after an update it undid whatever the update had mended."""
    path, _ = saved
    stricter = replace(DEFAULT_PROFILE, third_stroke_share=DEFAULT_PROFILE.third_stroke_share / 2)
    monkeypatch.setattr(profile_file, "DEFAULT_PROFILE", stricter)
    with pytest.raises(CalibrationError, match="another version"):
        load_profile(path)


def test_limits_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    save_profile(replace(DEFAULT_PROFILE, empty_ink_mm2=2.0), ORIGIN, path)
    with pytest.raises(CalibrationError, match="below"):
        load_profile(path)


def test_no_profile_or_one_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VALGSKANN_PROFILE", raising=False)
    assert configured_profile() == DEFAULT_PROFILE
    monkeypatch.setenv("VALGSKANN_PROFILE", str(tmp_path / "none.json"))
    with pytest.raises(CalibrationError, match="cannot be read"):
        configured_profile()


def test_reading_uses_the_configured_profile(
    saved: tuple[Path, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, profile = saved
    used: list[tuple[float, Profile]] = []

    def recipe(_: Election, __: LayoutSet, name_error: float, given: Profile, ___: CountStamps) -> object:
        used.append((name_error, given))

        def build() -> ReadOne:
            return lambda sheet: unreadable(sheet, "stand-in")

        return build

    monkeypatch.setattr(pipeline, "recognition_recipe", recipe)
    monkeypatch.setenv("VALGSKANN_PROFILE", str(path))
    election, layouts = Election.__new__(Election), LayoutSet("e", ())
    sheets: list[SheetScan] = []
    assert list(pipeline.read_many(sheets, election, layouts, 1, 0.25)) == []
    assert used == [(0.25, profile)]
