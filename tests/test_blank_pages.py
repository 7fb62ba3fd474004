"""Words and pixels of a print house's PDF lie where the finished sheet has them, however the page is set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from calibration.blank import BlankSide, read_blank
from tests.fifth_house import ELECTION, print_fifth_house

BLEED_PT = 12 * mm
WIDTH_PT, HEIGHT_PT = 280 * mm, 200 * mm


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> BlankSide:
    return _blank(tmp_path_factory.mktemp("plain"), lambda _, page: None)


def _blank(folder: Path, change: Callable[[Any, Any], None]) -> BlankSide:
    """The inside of the fifth house's first ballot, with what a print house notes beside the sheet."""
    print_fifth_house(folder, lambda canvas: canvas.drawString(60 * mm, -8 * mm, "Ordre 20270913 AP"))
    file = folder / ELECTION.ballots[0].file
    with pikepdf.open(file, allow_overwriting_input=True) as document:
        for page in document.pages:
            change(document, page)
        document.save(file)
    return read_blank(file)[0]


def _moved(document: Any, page: Any, matrix: str) -> None:
    page.contents_add(document.make_stream(f"q {matrix} cm\n".encode()), prepend=True)
    page.contents_add(document.make_stream(b"\nQ"))


def _with_margins(document: Any, page: Any) -> Any:
    page.MediaBox = pikepdf.Array([0, 0, WIDTH_PT + 2 * BLEED_PT, HEIGHT_PT + 2 * BLEED_PT])
    _moved(document, page, f"1 0 0 1 {BLEED_PT:.4f} {BLEED_PT:.4f}")
    return pikepdf.Array([BLEED_PT, BLEED_PT, WIDTH_PT + BLEED_PT, HEIGHT_PT + BLEED_PT])


def _cropped(document: Any, page: Any) -> None:
    page.CropBox = _with_margins(document, page)


def _trimmed(document: Any, page: Any) -> None:
    page.TrimBox = _with_margins(document, page)


def _turned(document: Any, page: Any) -> None:
    page.MediaBox = pikepdf.Array([0, 0, HEIGHT_PT, WIDTH_PT])
    _moved(document, page, f"0 1 -1 0 {HEIGHT_PT:.4f} 0")
    page.Rotate = 90


def _useless_trim(_: Any, page: Any) -> None:
    page.TrimBox = pikepdf.Array([0, 0, 10, 10])


@pytest.mark.parametrize("change", [_cropped, _trimmed, _turned, _useless_trim])
def test_words_lie_where_the_finished_sheet_has_them(
    tmp_path: Path, plain: BlankSide, change: Callable[[Any, Any], None]
) -> None:
    other = _blank(tmp_path, change)
    assert other.from_text_layer
    assert (other.width_mm, other.height_mm) == pytest.approx((280, 200), abs=0.01)
    assert [w.text for w in other.words] == [w.text for w in plain.words]
    for word, true in zip(other.words, plain.words, strict=True):
        assert word.box.as_list() == pytest.approx(true.box.as_list(), abs=0.03)
    assert other.grey.shape == plain.grey.shape
    assert float(np.mean(np.abs(other.grey.astype(float) - plain.grey))) < 0.5


def test_a_ligature_does_not_cut_a_word(tmp_path: Path) -> None:
    """Found on a ballot whose typesetting set «Sofie» with one glyph for its second syllable's beginning."""
    import reportlab

    vera = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    pdfmetrics.registerFont(TTFont("Ligature", str(vera)))
    canvas = Canvas(str(tmp_path / "L.pdf"), pagesize=(WIDTH_PT, HEIGHT_PT))
    for _ in range(2):
        canvas.setFont("Ligature", 11)
        canvas.drawString(100, 100, "3. So\ufb01e Midtbø, Kommunestyrevalget")
        canvas.showPage()
    canvas.save()
    assert [w.text for w in read_blank(tmp_path / "L.pdf")[0].words][:3] == ["3.", "Sofie", "Midtbø,"]
