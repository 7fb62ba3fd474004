"""Distributions as inline SVG: bars with the thresholds drawn, on a root scale so that few show too."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 860, 230, 46, 40, 26


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one kind."""

    name: str
    colour: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Line:
    """A threshold."""

    name: str
    at: float


def histogram(series: Sequence[Series], lines: Sequence[Line], end: float, unit: str, bins: int = 40) -> str:
    """Bars from 0 to `end`; what lies beyond stands in the last bar. Heights are square roots of counts."""
    counted = [_counts(s.values, end, bins) for s in series]
    top = max(1.0, *(count**0.5 for counts in counted for count in counts))
    x_of = (_WIDTH - _LEFT - 10) / end
    height = _HEIGHT - _BOTTOM - _TOP
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" class="chart">']
    for i, (one, counts) in enumerate(zip(series, counted, strict=True)):
        wide = end / bins * x_of / len(series)
        for k, count in enumerate(counts):
            if count:
                tall = height * count**0.5 / top
                x = _LEFT + k * end / bins * x_of + i * wide
                y = _TOP + height - tall
                told = f"{html.escape(one.name)}: {count} from {k * end / bins:.2f} {unit}"
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide - 0.6:.1f}" height="{tall:.1f}" '
                    f'fill="{one.colour}"><title>{told}</title></rect>'
                )
        parts.append(_legend(one, i))
    parts += [_drawn_line(line, _LEFT + min(line.at, end) * x_of, i) for i, line in enumerate(lines)]
    base = _TOP + height
    parts.append(f'<path d="M{_LEFT} {base}H{_WIDTH - 10}" stroke="#444"/>')
    for k in range(5):
        at = end * k / 4
        more = " or more" if k == 4 else ""
        anchor = "end" if k == 4 else "middle"
        parts.append(
            f'<text x="{_LEFT + at * x_of:.0f}" y="{base + 16}" text-anchor="{anchor}">{at:.3g}{more}</text>'
        )
    middle = _LEFT + end * x_of / 2
    parts.append(f'<text x="{middle:.0f}" y="{base + 34}" text-anchor="middle">{html.escape(unit)}</text>')
    for share in (0.5, 1.0):
        y = _TOP + height * (1 - share)
        label = round((top * share) ** 2)
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{label}</text>')
    return "".join(parts) + "</svg>"


def _counts(values: Sequence[float], end: float, bins: int) -> list[int]:
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, max(0, int(value / end * bins)))] += 1
    return counts


def _legend(series: Series, index: int) -> str:
    x = _LEFT + 10 + 190 * index
    return (
        f'<rect x="{x}" y="4" width="12" height="12" fill="{series.colour}"/>'
        f'<text x="{x + 17}" y="14">{html.escape(series.name)} ({len(series.values)})</text>'
    )


def _drawn_line(line: Line, x: float, index: int) -> str:
    y = _TOP + 12 + 15 * index
    return (
        f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#b00020" stroke-dasharray="5 3"/>'
        f'<text x="{x + 4:.1f}" y="{y}" fill="#b00020">{html.escape(line.name)} {line.at:.3g}</text>'
    )
