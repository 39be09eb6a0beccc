"""Plots of whole scores: how the class did, how it grew, and how questions and students fit each other."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grading.reports.plot_style import (
    BLUE,
    INK,
    LINE,
    QUIET,
    RED,
    SOFT,
    STEPS,
    blank,
    look,
    place,
    spread,
)


def score_histogram(
    counts: Sequence[int], *, step: int = 1, mean: float, sem: float = math.nan, cut: float | None = None
) -> Figure:
    """Return how many students have each score, with the pass mark and what one score may be off by.

    Parameters
    ----------
    counts : students by score: 0 up to less than `step`, and so on.
    step : questions a bar stands for.
    mean, sem : mean score and standard error of measurement in questions; NaN where undefined.
    cut : the pass mark in questions, where there is one.
    """
    with look():
        figure = blank(2.75)
        axes = place(figure, 0.62, 0.45, height=1.72)
        middles = [(one + 0.5) * step - 0.5 for one in range(len(counts))]
        axes.bar(middles, counts, width=0.86 * step, color=STEPS[3], edgecolor=BLUE, linewidth=0.8)
        top = max([1, *counts])
        axes.set_ylim(0, top * 1.06)
        axes.set_xlim(-0.7, len(counts) * step - 0.3)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
        axes.xaxis.set_major_locator(MaxNLocator(17, integer=True, min_n_ticks=1))
        axes.yaxis.grid(True)
        axes.tick_params(length=0)
        axes.set_xlabel("Questions right")
        axes.set_ylabel("Students")
        last = len(counts) * step - 1
        if not math.isnan(mean):
            words = f"mean {mean:.1f}"
            if not math.isnan(sem):
                words += f"; one score is ± {sem:.1f}"
                axes.plot([mean - sem, mean + sem], [top * 1.15] * 2, color=INK, clip_on=False, linewidth=1.2)
                for end in (mean - sem, mean + sem):
                    axes.plot(end, top * 1.15, "|", color=INK, clip_on=False, markersize=7)
            axes.plot(mean, top * 1.15, "v", color=INK, clip_on=False, markersize=6)
            _beside(axes, mean, sem, top * 1.15, last, words, INK)
        if cut is not None:
            if not math.isnan(sem):
                axes.axvspan(
                    cut - sem, cut + sem, facecolor=SOFT, edgecolor=LINE, lw=0, hatch="////", zorder=0.5
                )
            axes.plot([cut, cut], [0, top * 1.29], color=RED, linewidth=2, linestyle="--", clip_on=False)
            words = f"pass mark {cut:g}" + ("" if math.isnan(sem) else "; hatched: too close to call")
            _beside(axes, cut, math.nan, top * 1.29, last, words, RED)
    return figure


def _beside(axes: Axes, at: float, sem: float, high: float, last: int, words: str, colour: str) -> None:
    """Write words on that side of a mark where there is more room."""
    reach = (0 if math.isnan(sem) else sem) + 0.018 * (last + 1)
    left = at > last / 2
    axes.text(
        at - reach if left else at + reach,
        high,
        words,
        ha="right" if left else "left",
        va="center",
        color=colour,
    )


def growth(before: Sequence[float], after: Sequence[float], labels: Sequence[str]) -> Figure:
    """Return a line for each question from the share right before the course to that after it, 0 to 1."""
    with look():
        figure = blank(max(2.8, 0.24 * len(labels) + 1.1))
        axes = place(figure, 2.3, 0.35, width=2.4, height=figure.get_size_inches()[1] - 0.55)
        axes.set_xlim(0, 1)
        axes.set_ylim(-0.02, 1.02)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        axes.yaxis.grid(True)
        axes.tick_params(length=0, labelleft=False)
        axes.set_xticks([0, 1], ["before", "after"], fontweight="bold")
        tall = figure.get_size_inches()[1] - 0.55
        left = spread(before, 0.17 / tall, 0, 1)
        right = spread(after, 0.17 / tall, 0, 1)
        for number, label in enumerate(labels):
            down = after[number] < before[number]
            colour, dash, mark = (RED, "--", "v") if down else (BLUE, "-", "o")
            axes.plot([0, 1], [before[number], after[number]], dash, color=colour, marker=mark, clip_on=False)
            for side, ends, at, share in ((-1, 0.0, left, before), (1, 1.0, right, after)):
                near, far = ends + side * 0.03, ends + side * 0.09
                axes.plot([near, far], [share[number], at[number]], color=QUIET, lw=0.6, clip_on=False)
                words = f"{label}: {share[number]:.0%}" if side < 0 else f"{share[number]:.0%} {label}"
                words += " (fell)" if down and side > 0 else ""
                axes.text(
                    ends + side * 0.11, at[number], words, ha="right" if side < 0 else "left", va="center"
                )
    return figure


def wright_map(abilities: Sequence[float], difficulties: Sequence[float], labels: Sequence[str]) -> Figure:
    """Return students on the left and questions on the right of one scale, in logits."""
    with look():
        figure = blank(4.6)
        low = math.floor(min([*abilities, *difficulties]) * 2) / 2
        high = math.ceil(max([*abilities, *difficulties]) * 2) / 2 + 0.001
        axes = place(figure, 0.75, 0.55, width=2.9, height=3.75)
        bins = [low + 0.25 * step for step in range(math.ceil((high - low) / 0.25) + 1)]
        axes.hist(
            abilities, bins=bins, orientation="horizontal", color=STEPS[3], edgecolor=BLUE, linewidth=0.8
        )
        axes.set_ylim(low, high)
        axes.invert_xaxis()
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.grid(True)
        axes.tick_params(length=0)
        axes.set_xlabel("Students")
        axes.set_ylabel("more able  ·  harder (logits)")
        items = place(figure, 3.75, 0.55, height=3.75)
        items.set_ylim(low, high)
        items.set_xlim(0, 1)
        items.set_xticks([])
        items.set_yticks([])
        items.spines[["bottom"]].set_visible(False)
        items.set_xlabel("Questions, by number")
        _rows(items, difficulties, labels, (high - low) / 3.75)
    return figure


def _rows(axes: Axes, difficulties: Sequence[float], labels: Sequence[str], an_inch: float) -> None:
    """Write each question's number at its difficulty; those near each other stand side by side."""
    ends: dict[int, float] = {}
    for one in sorted(range(len(labels)), key=lambda number: (-difficulties[number], number)):
        row = round(difficulties[one] / (0.17 * an_inch))
        at = ends.get(row, 0.04)
        axes.text(at, row * 0.17 * an_inch, labels[one], va="center")
        axes.plot([0, 0.015], [difficulties[one]] * 2, color=INK, lw=0.8)
        ends[row] = at + 0.03 + 0.03 * len(labels[one])
