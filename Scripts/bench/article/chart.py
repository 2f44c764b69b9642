"""A line chart as an SVG file: measured points with their spread, for the rows that a picture says more of than numbers do."""

import math
import statistics
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 74, 180, 52, 50
# Of the first points from the axis.
INSET = 24
# Told apart with any kind of colour vision (Okabe and Ito, 2008); marks differ, too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
STYLE = """
text { font: 13px sans-serif; fill: #222; } .title { font-weight: bold; font-size: 15px; } .tick { font-size: 12px; fill: #555; }
.grid { stroke: #ddd; } .axis { stroke: #555; } rect.page { fill: #fff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e6e6; } .tick { fill: #aaa; } .grid { stroke: #3a3a3a; } .axis { stroke: #aaa; } rect.page { fill: #161616; }
}
"""


def ticks(most, count=5):
    """0 and round numbers up to the first that is not below `most`."""
    raw = most / count if most > 0 else 1
    step = 10 ** math.floor(math.log10(raw))
    step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= raw)
    return [step * index for index in range(math.ceil(most / step) + 1)] if most > 0 else [0, step]


def number(value):
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.3g}"


def mark(shape, x, y, colour):
    """A dot, a square, a diamond or a ring."""
    if shape == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    if shape == 1:
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'
    if shape == 2:
        return f'<path d="M{x:.1f} {y - 5.5:.1f}l5.5 5.5-5.5 5.5-5.5-5.5z" fill="{colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="none" stroke="{colour}" stroke-width="2"/>'


def line_chart(title, across, up, series, is_linear=False):
    """`series`: by name, points (x, least, median, most). Across in equal steps, or `is_linear`; from 0 up."""
    places = sorted({point[0] for points in series.values() for point in points})
    levels = ticks(max(point[3] for points in series.values() for point in points))
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(value):
        part = (value - places[0]) / (places[-1] - places[0]) if is_linear else places.index(value) / (len(places) - 1)
        return LEFT + INSET + (width - INSET) * part

    def y(value):
        return TOP + height * (1 - value / levels[-1])

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
        f'<text class="tick" x="{LEFT}" y="42">{escape(up)}</text>',
        f'<text class="tick" x="{LEFT + width / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(across)}</text>',
    ]
    for level in levels:
        kind = "grid" if level else "axis"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{LEFT + width}" y1="{y(level):.1f}" y2="{y(level):.1f}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 8}" y="{y(level) + 4:.1f}" text-anchor="end">{number(level)}</text>')
    for value in places:
        parts.append(f'<text class="tick" x="{x(value):.1f}" y="{TOP + height + 18}" text-anchor="middle">{number(value)}</text>')
    ends = []
    for index, (name, points) in enumerate(series.items()):
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{x(place):.1f},{y(middle):.1f}" for place, _, middle, _ in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for place, least, middle, most in points:
            parts.append(f'<line x1="{x(place):.1f}" x2="{x(place):.1f}" y1="{y(least):.1f}" y2="{y(most):.1f}" stroke="{colour}"/>')
            parts.append(mark(index % 4, x(place), y(middle), colour))
        ends.append([y(points[-1][2]) + 4, x(points[-1][0]) + 12, name, colour, index % 4])
    # Names beside the ends of their lines, never on top of each other.
    ends.sort()
    for previous, end in zip(ends, ends[1:]):
        end[0] = max(end[0], previous[0] + 17)
    for place, start, name, colour, shape in ends:
        parts.append(mark(shape, start + 4, place - 4, colour))
        parts.append(f'<text x="{start + 14:.1f}" y="{place:.1f}">{escape(name)}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def range_of(place, values):
    """A point of a chart: where it is, and the least, the median and the most."""
    return place, min(values), statistics.median(values), max(values)
