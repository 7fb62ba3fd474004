"""Exact numbers as text."""

from __future__ import annotations

from fractions import Fraction

QUOTIENT_DECIMALS = 6
"""As in published protocols."""


def rounded(value: Fraction, decimals: int) -> str:
    """`value` with a fixed number of decimals, halves away from zero, computed exactly."""
    scale = 10**decimals
    units = (abs(value.numerator) * scale * 2 + value.denominator) // (2 * value.denominator)
    sign = "-" if value < 0 and units else ""
    whole, fraction = divmod(units, scale)
    return f"{sign}{whole}.{fraction:0{decimals}d}" if decimals else f"{sign}{whole}"


def exact(value: Fraction) -> str:
    """A number of quarters as an exact decimal with at least one decimal: ``63.5``, ``298.0``.

    Raises:
        ValueError: The number has no decimal form with two decimals.
    """
    if (value * 100).denominator != 1:
        raise ValueError(f"{value} is not exact with two decimals")
    text = rounded(value, 2)
    return text.removesuffix("0")


def quotient(value: Fraction) -> str:
    """A quotient with six decimals."""
    return rounded(value, QUOTIENT_DECIMALS)


def norwegian(value: int | str) -> str:
    """A number for Norwegian readers: decimal comma, thousands apart by a narrow space."""
    text = str(value)
    sign = "−" if text.startswith("-") else ""
    whole, _, decimals = text.removeprefix("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{sign}{grouped},{decimals}" if decimals else f"{sign}{grouped}"


def percent(part: int, whole: int, decimals: int = 1) -> str:
    """The share as Norwegian percent, or a dash when there is nothing to share."""
    if whole == 0:
        return "–"
    return norwegian(rounded(Fraction(part * 100, whole), decimals)) + "\N{NO-BREAK SPACE}%"
