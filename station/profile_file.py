"""The profile file ``profile/1``: a scanner's own thresholds, where they come from, and their checksum."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ballot.errors import CalibrationError
from recognition.profile import DEFAULT_PROFILE, Profile

FORMAT = "profile/1"
_MAX_BYTES = 1_000_000
_NAMED = 3


class ProfileOrigin(BaseModel):
    """What a profile was fitted on and proven with.

    Attributes:
        scanner: Name of the scanner, as the operator calls it.
        dpi: Median resolution of the scans, as measured on the ballots.
        fitted_sheets, proven_sheets: Sheets in the half that was fitted on and in the other half.
        empty_boxes, marked_boxes: Truly empty and truly marked boxes in the half that was fitted on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scanner: str = Field(min_length=1, max_length=200)
    made: date
    dpi: float = Field(gt=0, lt=10_000)
    fitted_sheets: int = Field(ge=0)
    proven_sheets: int = Field(ge=0)
    empty_boxes: int = Field(ge=0)
    marked_boxes: int = Field(ge=0)


class _ProfileFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["profile/1"]
    sha256: str
    standing: str = ""
    origin: ProfileOrigin
    profile: dict[str, Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, allow_inf_nan=False)] | str]


def save_profile(profile: Profile, origin: ProfileOrigin, path: Path) -> Profile:
    """Writes a profile; it appears under its name only when it is complete.

    Returns:
        The profile with its version: the scanner's name and the start of the values' checksum.

    Raises:
        CalibrationError: The file cannot be written.
    """
    digest = _digest(asdict(profile))
    versioned = replace(profile, version=f"{origin.scanner}-{digest[:8]}")
    document = {
        "format": FORMAT,
        "sha256": digest,
        "standing": _digest(asdict(DEFAULT_PROFILE)),
        "origin": origin.model_dump(mode="json"),
        "profile": asdict(versioned),
    }
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise CalibrationError(
            f"{path} cannot be written ({error.strerror or error}). No profile was kept.",
            "Choose another place for it with -o.",
        ) from error
    return versioned


def load_profile(path: Path) -> Profile:
    """Reads a profile file and checks that nothing in it was altered.

    Raises:
        CalibrationError: The file is missing, damaged, altered, of another version of the program,
            or holds limits that contradict each other.
    """
    remedy = "Name another profile, or fit it anew with «valgskann calibrate». No sheet was read."
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise CalibrationError(f"{path} is too large for a profile.", remedy)
        text = path.read_text(encoding="utf-8")
        document = _ProfileFile.model_validate_json(text)
        profile = TypeAdapter(Profile).validate_python(document.profile)
    except OSError as error:
        message = f"The profile {path} cannot be read ({error.strerror or error})."
        raise CalibrationError(message, remedy) from error
    except UnicodeDecodeError as error:
        raise CalibrationError(f"{path} is no profile of format {FORMAT}: it is no text.", remedy) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        message = f"{path} is no profile of format {FORMAT}: {place}: {first['msg']}."
        raise CalibrationError(message, remedy) from error
    names = {field.name for field in fields(Profile)}
    if document.profile.keys() != names:
        differing = sorted(document.profile.keys() ^ names)
        some = ", ".join(differing[:_NAMED]) + (" and others" if len(differing) > _NAMED else "")
        raise CalibrationError(
            f"{path} is of another version of the program: {len(differing)} thresholds differ ({some}).",
            remedy,
        )
    if _digest(asdict(profile)) != document.sha256:
        raise CalibrationError(f"{path} was altered after it was made: its checksum differs.", remedy)
    # All thresholds stand in the file, two of them fitted: the others would undo what was mended since.
    if document.standing != _digest(asdict(DEFAULT_PROFILE)):
        raise CalibrationError(
            f"{path} is of another version of the program, whose standing thresholds were others.", remedy
        )
    if not 0 < profile.empty_ink_mm2 < profile.marked_ink_mm2:
        raise CalibrationError(
            f"{path}: the limit of empty boxes must lie below that of marked ones.", remedy
        )
    return profile


def configured_profile() -> Profile:
    """The profile that ``VALGSKANN_PROFILE`` names, else the standing one.

    Raises:
        CalibrationError: The named file cannot be used.
        UsageError: A setting cannot be used.
    """
    from station.settings import load_settings

    path = load_settings().profile
    return DEFAULT_PROFILE if path is None else load_profile(path)


def _digest(values: dict[str, Any]) -> str:
    """Checksum of all thresholds; the version is left out, since it is made of the checksum."""
    plain = {name: value for name, value in values.items() if name != "version"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
