"""One look for every plot: a palette that the colour-blind and a black-and-white print can tell apart.

Figures are made without pyplot, so nothing is kept between two reports and no window is opened. Sizes are in
inches. Colours come from `PAPER`, `INK` and the others alone: the page turns each into another one in dark
mode.
"""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import wrap
from typing import Any

import matplotlib as mpl
from markupsafe import escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grading.untrusted import visible

WIDTH = 7.0
"""Inches: the text width of A4 and Letter."""
PAPER, INK, QUIET, LINE, SOFT = "#ffffff", "#1b1f24", "#4d5661", "#c3cad3", "#eceff3"
BLUE, RED, GREEN, PURPLE = "#00629b", "#b8410b", "#007052", "#80468c"
SERIES = (BLUE, RED, GREEN, PURPLE)
"""At least 4.5 to 1 against paper each; told apart by lightness, too, in the order of `DASHES`."""
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: Sequence[str | tuple[float, tuple[float, ...]]] = (
    "-",
    (0, (5, 2)),
    (0, (1.5, 1.5)),
    (0, (6, 2, 1.5, 2)),
)
STEPS = ("#f4f7fa", "#cfe0ee", "#9dc3df", "#4f8fbd", "#00629b")
"""From few to many. Text on the last two is `PAPER`, on the others `INK`."""
DARK = {
    PAPER: "#1b1f25",
    INK: "#eceff3",
    QUIET: "#b4bdc8",
    LINE: "#3d4651",
    SOFT: "#2a3038",
    BLUE: "#7fbdf0",
    RED: "#ff9d6b",
    GREEN: "#5fd3a8",
    PURPLE: "#d9a5e3",
    STEPS[0]: "#20262d",
    STEPS[1]: "#1d3a52",
    STEPS[2]: "#1f5273",
    STEPS[3]: "#5ba3d6",
}
"""What each colour becomes on a dark page. The last of `STEPS` is `BLUE`."""

_LOOK: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlesize": 9.0,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.facecolor": "none",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.8,
    "hatch.color": LINE,
    "figure.facecolor": PAPER,
    "figure.edgecolor": PAPER,
    "svg.fonttype": "none",
    "svg.hashsalt": "plot",
}
_FONTS = "'DejaVu Sans', Verdana, sans-serif"
_ID = re.compile(r' id="([^"]+)"')


@contextmanager
def look() -> Iterator[None]:
    """Draw in this style. A sign that the font lacks is no warning: the page's reader has other fonts."""
    with mpl.rc_context(_LOOK), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+|Matplotlib currently does not support")
        yield


def blank(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure of that many inches."""
    return Figure(figsize=(width, height))


def place(
    figure: Figure, left: float, bottom: float, width: float | None = None, height: float | None = None
) -> Axes:
    """Return axes at that place of a figure, in inches; without a size they reach to its other edges."""
    wide, high = figure.get_size_inches()
    width = wide - left - 0.25 if width is None else width
    height = high - bottom - 0.12 if height is None else height
    return figure.add_axes((left / wide, bottom / high, width / wide, height / high))


def lines_of(text: str, letters: int, most: int = 2) -> str:
    """Return text folded to that many letters a line, cut with an ellipsis after `most` lines."""
    folded = wrap(visible(" ".join(text.split())), letters) or [""]
    if len(folded) <= most:
        return "\n".join(folded)
    return "\n".join([*folded[: most - 1], folded[most - 1][: letters - 1].rstrip() + "…"])


def as_svg(figure: Figure, name: str, alt: str) -> str:
    """Return a figure as an SVG element for a page: text stays text, the same bytes for the same values.

    Parameters
    ----------
    name : unlike that of every other plot on the page; it keeps the ids inside apart.
    alt : what a person who cannot see the plot is told.
    """
    stream = io.StringIO()
    with look():
        figure.savefig(stream, format="svg", metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :].rstrip()
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\s*<style type="text/css">.*?</style>', "", text, flags=re.DOTALL)
    text = re.sub(r"\s*<defs>\s*</defs>", "", text)
    text = text.replace("'DejaVu Sans'", _FONTS)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    text = _ID.sub(lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", text)
    text = re.sub(r'((?:href="|url\()#)', rf"\g<1>{name}-", text)
    text = re.sub(r"\n\s*", "\n", text)
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(visible(alt))}" ', 1)


def dark_rules() -> str:
    """Return the style rules that turn a plot's colours into those of a dark page."""
    return "\n".join(
        f'  .plot svg [style*="{what}: {light}"] {{ {what}: {dark} !important; }}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
    )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places for labels, at least `gap` apart and between `low` and `high`, near those wanted.

    Where they do not all fit, the gap is as wide as there is room for.

    Examples
    --------
    >>> spread([0.5, 0.5, 0.9], 0.2, 0, 1)
    [0.4, 0.6, 0.9]
    """
    order = sorted(range(len(wanted)), key=lambda one: wanted[one])
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    # Labels that touch make a block, which stands where its labels wish on average.
    blocks: list[tuple[list[int], float]] = []
    for one in order:
        members, middle = [one], wanted[one]
        while True:
            half = gap * (len(members) - 1) / 2
            middle = min(max(middle, low + half), high - half)
            if not blocks:
                break
            before, at = blocks[-1]
            if middle - half - (at + gap * (len(before) - 1) / 2) >= gap - 1e-9:
                break
            blocks.pop()
            members = before + members
            middle = sum(wanted[member] for member in members) / len(members)
        blocks.append((members, middle))
    found = [0.0] * len(wanted)
    for members, middle in blocks:
        for step, member in enumerate(members):
            found[member] = round(middle + gap * (step - (len(members) - 1) / 2), 9)
    return found
