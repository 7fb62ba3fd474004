"""A PDF's image as an image file of its own: the compressed pixels are taken over, not made anew."""

from __future__ import annotations

import zlib
from typing import Any

import pikepdf

from scanner import tiff
from scanner.jpeg import check_jpeg, with_density
from scanner.limits import UnreadablePageError, plausible_dpi
from scanner.png import wrap_png

_GREY_SPACES = frozenset({"/DeviceGray", "/CalGray", "/G"})
_RGB_SPACES = frozenset({"/DeviceRGB", "/CalRGB", "/RGB"})
_DPI_UNIT_INCH = 2
_PNG_PREDICTORS = range(10, 16)


def _channels(space: Any) -> int | None:
    """1 for grey, 3 for RGB, None for colour spaces that have to be rendered."""
    if isinstance(space, pikepdf.Name):
        return 1 if space in _GREY_SPACES else 3 if space in _RGB_SPACES else None
    if isinstance(space, pikepdf.Array) and len(space) > 1:
        if space[0] == "/ICCBased":
            components = int(space[1].get("/N", 0))
            return components if components in (1, 3) else None
        return _channels(space[0]) if space[0] in _GREY_SPACES | _RGB_SPACES else None
    return None


def _sole_filter(image: Any) -> tuple[str, Any]:
    """The name of an image's only filter and its parameters; an empty name when there are several."""
    filters, params = image.get("/Filter"), image.get("/DecodeParms")
    if isinstance(filters, pikepdf.Array):
        if len(filters) != 1:
            return "", {}
        filters = filters[0]
        params = params[0] if isinstance(params, pikepdf.Array) and len(params) else params
    return str(filters) if filters is not None else "", params if params is not None else {}


def _decode(image: Any) -> tuple[float, ...]:
    return tuple(float(v) for v in image.get("/Decode", ()))


def extract(image: Any, dpi: tuple[float, float]) -> bytes | None:
    """The image as JPEG, PNG or TIFF with the resolution `dpi`, pixels untouched.

    Returns:
        None when its encoding or colours have no equivalent in those files: render it then.

    Raises:
        UnreadablePageError: The image is truncated or damaged.
    """
    if image.get("/ImageMask", False) or image.get("/SMask") is not None or image.get("/Mask") is not None:
        return None
    name, params = _sole_filter(image)
    if name in ("/CCITTFaxDecode", "/CCF"):
        return _from_ccitt(image, params, dpi)
    channels = _channels(image.get("/ColorSpace"))
    if channels is None or _decode(image) not in ((), (0.0, 1.0) * channels):
        return None
    if name in ("/DCTDecode", "/DCT"):
        return _from_jpeg(bytes(image.read_raw_bytes()), dpi)
    if name in ("/FlateDecode", "/Fl"):
        return _from_flate(image, params, channels, dpi)
    return None


def _from_jpeg(data: bytes, dpi: tuple[float, float]) -> bytes:
    check_jpeg(data)
    return with_density(data, *dpi) if all(map(plausible_dpi, dpi)) else data


def _resolution(dpi: tuple[float, float]) -> dict[int, tiff.Field]:
    if not all(map(plausible_dpi, dpi)):
        return {}
    return {
        tiff.X_RESOLUTION: tiff.rational(dpi[0]),
        tiff.Y_RESOLUTION: tiff.rational(dpi[1]),
        tiff.RESOLUTION_UNIT: tiff.short(_DPI_UNIT_INCH),
    }


def _from_ccitt(image: Any, params: Any, dpi: tuple[float, float]) -> bytes | None:
    """Fax data in a TIFF, whose fax pixels are black when 1 unless "black is zero" is said.

    In a PDF they are black when 0 unless BlackIs1 is said (PDF 32000-1, 7.4.6).
    """
    k = int(params.get("/K", 0))
    columns = int(params.get("/Columns", 1728))
    one_bit_grey = _channels(image.get("/ColorSpace")) == 1 and int(image.get("/BitsPerComponent", 1)) == 1
    if params.get("/EncodedByteAlign", False) or columns != int(image.Width) or not one_bit_grey:
        return None
    data = bytes(image.read_raw_bytes())
    if not data:
        raise UnreadablePageError("damaged PDF: the page's image is empty")
    inverted = bool(params.get("/BlackIs1", False)) != (_decode(image) == (1.0, 0.0))
    group4, group3 = 4, 3
    fields = {
        tiff.IMAGE_WIDTH: tiff.long(columns),
        tiff.IMAGE_LENGTH: tiff.long(int(image.Height)),
        tiff.BITS_PER_SAMPLE: tiff.short(1),
        tiff.COMPRESSION: tiff.short(group4 if k < 0 else group3),
        tiff.PHOTOMETRIC: tiff.short(1 if inverted else 0),
        tiff.SAMPLES_PER_PIXEL: tiff.short(1),
        tiff.ROWS_PER_STRIP: tiff.long(int(image.Height)),
        **_resolution(dpi),
    }
    if k >= 0:
        fields[tiff.T4_OPTIONS] = tiff.long(1 if k > 0 else 0)
    return tiff.write_tiff(fields, [data])


def _check_flate(data: bytes, expected_bytes: int) -> None:
    """Inflates without keeping, never beyond what the picture needs."""
    inflater, got, rest = zlib.decompressobj(), 0, data
    try:
        while got < expected_bytes and not inflater.eof:
            piece = inflater.decompress(rest, min(1 << 22, expected_bytes - got))
            if not piece and not inflater.unconsumed_tail:
                break
            got, rest = got + len(piece), inflater.unconsumed_tail
    except zlib.error as error:
        raise UnreadablePageError(f"damaged PDF: the page's image cannot be unpacked ({error})") from error
    if got < expected_bytes:
        raise UnreadablePageError("truncated PDF: the page's image breaks off")


def _from_flate(image: Any, params: Any, channels: int, dpi: tuple[float, float]) -> bytes | None:
    width_px, height_px = int(image.Width), int(image.Height)
    bits = int(image.get("/BitsPerComponent", 8))
    predictor = int(params.get("/Predictor", 1))
    row_bytes = (width_px * bits * channels + 7) // 8
    data = bytes(image.read_raw_bytes())
    if predictor in _PNG_PREDICTORS:
        described = (
            int(params.get("/Colors", 1)),
            int(params.get("/BitsPerComponent", 8)),
            int(params.get("/Columns", 1)),
        )
        if described != (channels, bits, width_px) or (channels == 3 and bits < 8):
            return None
        _check_flate(data, (row_bytes + 1) * height_px)
        return wrap_png(data, width_px, height_px, bits, channels, dpi)
    if predictor != 1 or bits not in (1, 8):
        return None
    _check_flate(data, row_bytes * height_px)
    black_is_zero, rgb, deflate = 1, 2, 8
    fields = {
        tiff.IMAGE_WIDTH: tiff.long(width_px),
        tiff.IMAGE_LENGTH: tiff.long(height_px),
        tiff.BITS_PER_SAMPLE: tiff.shorts([bits] * channels),
        tiff.COMPRESSION: tiff.short(deflate),
        tiff.PHOTOMETRIC: tiff.short(black_is_zero if channels == 1 else rgb),
        tiff.SAMPLES_PER_PIXEL: tiff.short(channels),
        tiff.ROWS_PER_STRIP: tiff.long(height_px),
        **_resolution(dpi),
    }
    return tiff.write_tiff(fields, [data])
