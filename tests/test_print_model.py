"""Ink over lines of print is told from the print, however the scan renders it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from recognition.print_model import Darkness, fit_print_model


def _line(text: str) -> Darkness:
    picture = np.zeros((60, 420), np.uint8)
    cv2.putText(picture, text, (12, 40), cv2.FONT_HERSHEY_DUPLEX, 0.9, 220, 1, cv2.LINE_AA)
    return np.asarray(picture / 255, np.float32)


LINES = [_line(t) for t in ("1. Kari Nordmann", "2. Ola Hansen", "3. Unni Aasen", "4. Per Moe 1951")]


def _scanned(line: Darkness, spread: int, blur_px: float, contrast: float) -> Darkness:
    thick = cv2.dilate(line, np.ones((spread, spread), np.uint8))
    return np.asarray(cv2.GaussianBlur(thick, (0, 0), blur_px) * contrast, np.float32)


@pytest.mark.parametrize("spread", [1, 3])
@pytest.mark.parametrize("blur_px", [0.4, 1.0, 1.5])
@pytest.mark.parametrize("contrast", [0.6, 1.0])
def test_print_is_explained_and_a_cross_over_it_is_not(spread: int, blur_px: float, contrast: float) -> None:
    seen = [_scanned(line, spread, blur_px, contrast) for line in LINES]
    crossed = seen[1].copy()
    for start, end in (((120, 15), (150, 45)), ((120, 45), (150, 15))):
        cv2.line(crossed, start, end, 0.45, 3, cv2.LINE_AA)
    seen[1] = np.maximum(seen[1], crossed)
    model = fit_print_model(list(zip(seen, LINES, strict=True)))
    assert model is not None
    for index, (scan, line) in enumerate(zip(seen, LINES, strict=True)):
        rest = scan - model.rendered(line)
        if index == 1:
            assert int((rest > 0.2).sum()) > 60
        else:
            assert float(np.percentile(np.abs(rest), 99)) < 0.15


def test_too_little_print_gives_no_model() -> None:
    bare = np.zeros((40, 40), np.float32)
    assert fit_print_model([(bare, bare)]) is None
    assert fit_print_model([]) is None
