"""Plots of questions: how hard each is, how well it tells strong from weak, and who chooses what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from grading.analysis.flags import LIMITS
from grading.reports.plot_style import (
    BLUE,
    DASHES,
    INK,
    LINE,
    MARKERS,
    PAPER,
    QUIET,
    RED,
    SERIES,
    SOFT,
    blank,
    lines_of,
    look,
    place,
    spread,
)

HARD = LIMITS["hard after teaching"]
"""A question whose share right is surely below is hard after teaching."""
WEAK = LIMITS["weak item"]
"""A question whose correlation with the rest is below is weak."""


@dataclass(frozen=True)
class Dot:
    """A figure with its interval; all three NaN where undefined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """One option across the score groups, lowest first."""

    label: str
    shares: Sequence[Dot]
    key: bool = False


def difficulty(
    shares: Sequence[Dot], numbers: Sequence[str], labels: Sequence[str], flagged: Sequence[bool]
) -> Figure:
    """Return the share right of each question with its interval, hardest first.

    Parameters
    ----------
    labels : how the question begins; `numbers` stand before it.
    flagged : whether the question has a flag; its mark differs.
    """
    order = sorted(range(len(labels)), key=lambda one: (shares[one].value, one))
    with look():
        tall = 0.21 * len(labels) + 0.15
        figure = blank(tall + 0.75)
        axes = place(figure, 3.25, 0.55, height=tall)
        axes.set_ylim(len(labels) - 0.3, -0.7)
        axes.set_xlim(-0.02, 1.02)
        axes.axvline(HARD, color=QUIET, linewidth=1, linestyle=DASHES[1])
        axes.xaxis.grid(True)
        axes.tick_params(length=0)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_yticks([])
        for row, one in enumerate(order):
            axes.text(-0.92, row, numbers[one], ha="right", va="center", fontweight="bold")
            axes.text(-0.9, row, lines_of(labels[one], 46, 1), va="center", fontsize=8.5)
        for colour, mark, with_flag in ((BLUE, "o", False), (RED, "s", True)):
            rows = [row for row, one in enumerate(order) if flagged[one] == with_flag]
            dots = [shares[order[row]] for row in rows]
            axes.hlines(
                rows, [dot.low for dot in dots], [dot.high for dot in dots], color=colour, linewidth=1.4
            )
            axes.plot([dot.value for dot in dots], rows, mark, color=colour, markersize=5.5)
        axes.set_xlabel("Share right, with what it may be in the long run")
        for x, mark, colour, words in ((0.0, "o", BLUE, "no flag"), (0.22, "s", RED, "flagged")):
            axes.plot(
                x + 0.01, -1.15, mark, color=colour, clip_on=False, transform=axes.transData, markersize=5.5
            )
            axes.text(x + 0.035, -1.15, words, va="center", fontsize=8.5)
        axes.text(HARD, -1.15, f"{HARD:.0%}", va="center", ha="center", fontsize=8.5, color=QUIET)
    return figure


def quadrants(shares: Sequence[Dot], telling: Sequence[Dot], labels: Sequence[str]) -> Figure:
    """Return each question by its share right and its correlation with the rest; labels are short numbers."""
    with look():
        figure = blank(4.4)
        axes = place(figure, 0.75, 0.55, height=3.6)
        low = min([-0.2, *(dot.low for dot in telling)])
        high = max([0.8, *(dot.high for dot in telling)])
        axes.set_xlim(-0.01, 1.03)
        axes.set_ylim(low - 0.03, high + 0.03)
        axes.tick_params(length=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.axvspan(-0.01, HARD, facecolor=SOFT, zorder=0)
        axes.axhspan(low - 0.03, WEAK, facecolor=SOFT, zorder=0)
        axes.axvline(HARD, color=QUIET, linewidth=1, linestyle=DASHES[1])
        axes.axhline(WEAK, color=QUIET, linewidth=1, linestyle=DASHES[1])
        for x, y, words in (
            (0.005, high, "hard, tells strong from weak"),
            (HARD + 0.01, high, "well known, tells strong from weak"),
            (0.005, low, "hard, tells little"),
            (HARD + 0.01, low, "well known, tells little"),
        ):
            axes.text(x, y, words, va="top" if y == high else "bottom", color=QUIET, fontsize=8.5)
        wide, ups = [share.value for share in shares], [tells.value for tells in telling]
        axes.hlines(
            ups, [share.low for share in shares], [share.high for share in shares], color=LINE, linewidth=0.7
        )
        axes.vlines(
            wide,
            [tells.low for tells in telling],
            [tells.high for tells in telling],
            color=LINE,
            linewidth=0.7,
        )
        points = list(zip(wide, ups, strict=True))
        scale = (1.04 / 6.13, (high - low + 0.06) / 3.6)
        at = [
            (a * scale[0], b * scale[1]) for a, b in _apart([(a / scale[0], b / scale[1]) for a, b in points])
        ]
        leaders = [list(ends) for ends in zip(points, at, strict=True)]
        axes.add_collection(LineCollection(leaders, colors=QUIET, linewidths=0.6, zorder=3))
        axes.plot(wide, ups, ".", color=BLUE, markersize=3, zorder=3)
        disc: Any = {
            "color": PAPER,
            "markeredgecolor": BLUE,
            "markersize": 12.5,
            "linestyle": "none",
            "zorder": 4,
        }
        axes.plot([a for a, _ in at], [b for _, b in at], marker="o", **disc)
        for label, (a, b) in zip(labels, at, strict=True):
            axes.text(a, b, label, ha="center", va="center_baseline", fontsize=7.5, zorder=5)
        axes.set_xlabel("Share right")
        axes.set_ylabel("Correlation with the rest of the test")
    return figure


def _apart(points: Sequence[tuple[float, float]], gap: float = 0.19, rounds: int = 120) -> list[list[float]]:
    """Return places, in inches like the points, at least about `gap` apart; the same for the same points."""
    at = [[x + 1e-4 * number, y + 1e-4 * (number % 7)] for number, (x, y) in enumerate(points)]
    for _ in range(rounds):
        moved = False
        for one in range(len(at)):
            for other in range(one):
                dx, dy = at[one][0] - at[other][0], at[one][1] - at[other][1]
                far = (dx * dx + dy * dy) ** 0.5
                if far < gap:
                    moved = True
                    push = (gap - far) / 2 / (far or 1e-9)
                    at[one][0] += dx * push
                    at[one][1] += dy * push
                    at[other][0] -= dx * push
                    at[other][1] -= dy * push
        if not moved:
            break
    return at


def option_trace(groups: Sequence[str], options: Sequence[Line]) -> Figure:
    """Return the share that chooses each option, from the weakest group of scores to the strongest."""
    with look():
        # Three of them with their tables fill a page.
        figure = blank(1.9, 3.7)
        axes = place(figure, 0.55, 0.5, width=2.25, height=1.27)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(-0.2, len(groups) - 0.8)
        # A class may have a plot like this for each question, and ticks are half of what it costs.
        axes.set_axis_off()
        levels = (0, 0.25, 0.5, 0.75, 1)
        axes.hlines(levels, -0.2, len(groups) - 0.8, color=LINE, linewidth=0.6, zorder=0.5)
        for level in levels:
            axes.text(-0.2 - 0.03 * len(groups), level, f"{level:.0%}", ha="right", va="center")
        for group, label in enumerate(groups):
            axes.text(group, -0.06, label, ha="center", va="top", fontsize=8.5)
        axes.text(len(groups) / 2 - 0.5, -0.2, "Questions right, in groups", ha="center", va="top")
        ends = spread([option.shares[-1].value for option in options], 0.12, 0, 1)
        edge = len(groups) - 0.8
        axes.add_collection(
            LineCollection(
                [
                    [(len(groups) - 0.97, option.shares[-1].value), (edge, end)]
                    for option, end in zip(options, ends, strict=True)
                ],
                colors=QUIET,
                linewidths=0.6,
                clip_on=False,
            )
        )
        for number, option in enumerate(options):
            colour = INK if option.key else SERIES[number % len(SERIES)]
            dash = "-" if option.key else DASHES[1 + number % 3]
            values = [dot.value for dot in option.shares]
            # Side by side, so that the bars of two options do not hide each other.
            across = [group + 0.035 * (number - (len(options) - 1) / 2) for group in range(len(groups))]
            lows, highs = [dot.low for dot in option.shares], [dot.high for dot in option.shares]
            axes.vlines(across, lows, highs, color=colour, linewidth=0.8)
            axes.plot(
                across,
                values,
                linestyle=dash,
                color=colour,
                marker=MARKERS[number % len(MARKERS)],
                markersize=6 if option.key else 5,
                linewidth=2.8 if option.key else 1.5,
            )
            axes.text(
                edge + 0.02 * len(groups),
                ends[number],
                option.label,
                va="center",
                color=colour,
                fontweight="bold" if option.key else "normal",
            )
    return figure
