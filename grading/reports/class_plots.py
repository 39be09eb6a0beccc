"""Plots of what the class believes and can do: wrong ideas, objectives, reflections and how readers agree."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from grading.reports.item_plots import Dot
from grading.reports.plot_style import (
    BLUE,
    INK,
    PAPER,
    QUIET,
    STEPS,
    blank,
    lines_of,
    look,
    place,
)


def misconceptions(
    labels: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[tuple[int, int] | None]]
) -> Figure:
    """Return how often each wrong idea was chosen, by lesson.

    Parameters
    ----------
    cells : for each label, for each column, how often it was chosen and how often it could have been; None
        where no question of the lesson holds it.
    """
    with look():
        rows, wide = len(labels), min(0.78, 4.0 / max(len(columns), 1))
        figure = blank(0.36 * rows + 0.75)
        axes = place(figure, 2.95, 0.08, width=wide * len(columns), height=0.36 * rows)
        axes.set_xlim(0, len(columns))
        axes.set_ylim(rows, 0)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, pad=4)
        axes.xaxis.tick_top()
        heads = [lines_of(one, max(6, round(wide * 12.5)), 3) for one in columns]
        axes.set_xticks([one + 0.5 for one in range(len(columns))], heads, fontsize=8)
        axes.set_yticks(
            [one + 0.5 for one in range(rows)], [lines_of(one, 43, 2) for one in labels], fontsize=8
        )
        for row, found in enumerate(cells):
            for column, cell in enumerate(found):
                if cell is None:
                    axes.text(column + 0.5, row + 0.5, "–", ha="center", va="center", color=QUIET)
                    continue
                chosen, could = cell
                share = chosen / could if could else 0.0
                _cell(
                    axes, column, row, share / 0.5, f"{share:.0%}" if could else "–", f"{chosen} of {could}"
                )
    return figure


def _cell(axes: Axes, column: int, row: int, level: float, words: str, small: str = "") -> None:
    """Fill a cell of a heat map; `level` from 0 to 1 and above picks the shade."""
    step = min(len(STEPS) - 1, int(level * len(STEPS)))
    ink = PAPER if step >= len(STEPS) - 2 else INK
    axes.add_patch(
        Rectangle((column, row), 1, 1, facecolor=STEPS[step], edgecolor=PAPER, linewidth=1.5, zorder=1)
    )
    middle = row + (0.36 if small else 0.5)
    weight = "bold" if step >= len(STEPS) - 2 else "normal"
    axes.text(column + 0.5, middle, words, ha="center", va="center", color=ink, fontweight=weight)
    if small:
        axes.text(column + 0.5, row + 0.75, small, ha="center", va="center", color=ink, fontsize=6.5)


def objectives(labels: Sequence[str], right: Sequence[Dot], counts: Sequence[str]) -> Figure:
    """Return the share of right answers for each objective as a bar with its interval, and counts."""
    with look():
        tall = 0.4 * len(labels)
        figure = blank(tall + 0.7)
        axes = place(figure, 3.1, 0.5, width=2.6, height=tall)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.xaxis.grid(True)
        axes.tick_params(length=0)
        axes.set_yticks(range(len(labels)), [lines_of(one, 47, 2) for one in labels], fontsize=8)
        axes.barh(
            range(len(labels)), [dot.value for dot in right], height=0.62, color=STEPS[2], edgecolor=BLUE
        )
        axes.hlines(
            range(len(right)),
            [dot.low for dot in right],
            [dot.high for dot in right],
            color=INK,
            linewidth=1.2,
        )
        for row in range(len(right)):
            axes.text(1.03, row, counts[row], va="center", fontsize=8.5)
        axes.set_xlabel("Answers right")
    return figure


def rubric(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> Figure:
    """Return for each criterion how many texts reached each level, from level 0 at the left."""
    with look():
        levels = max(len(row) for row in counts)
        tall = 0.42 * len(labels)
        figure = blank(tall + 0.95)
        axes = place(figure, 2.1, 0.5, height=tall)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.tick_params(length=0)
        axes.spines["left"].set_visible(False)
        axes.set_yticks(range(len(labels)), [lines_of(one, 30, 2) for one in labels])
        for row, found in enumerate(counts):
            whole, at = sum(found) or 1, 0.0
            for level, count in enumerate(found):
                step = _shade(level, levels)
                axes.barh(row, count / whole, left=at, height=0.66, color=STEPS[step], edgecolor=BLUE, lw=0.8)
                if count / whole > 0.03:
                    ink = PAPER if step >= len(STEPS) - 2 else INK
                    axes.text(at + count / whole / 2, row, str(count), ha="center", va="center", color=ink)
                at += count / whole
        axes.set_xlabel("Share of texts; the number in each part counts texts")
        for level in range(levels):
            left = level * 0.19
            axes.add_patch(
                Rectangle(
                    (left, -1.12),
                    0.035,
                    0.34,
                    facecolor=STEPS[_shade(level, levels)],
                    edgecolor=BLUE,
                    lw=0.8,
                    clip_on=False,
                )
            )
            axes.text(left + 0.045, -0.95, f"level {level}", va="center", fontsize=8.5)
    return figure


def _shade(level: int, levels: int) -> int:
    """Return which of `STEPS` stands for a level."""
    return round(level * (len(STEPS) - 1) / max(levels - 1, 1))


def readers(titles: Sequence[str], tables: Sequence[Sequence[Sequence[int]]]) -> Figure:
    """Return for each criterion how often the first reader's level met the second's; rows are the first's."""
    across = min(4, len(titles))
    down = -(-len(titles) // across)
    with look():
        figure = blank(2.05 * down)
        for number, (title, table) in enumerate(zip(titles, tables, strict=True)):
            column, row = number % across, number // across
            size = len(table)
            axes = place(figure, 0.4 + 1.68 * column, 2.05 * (down - 1 - row) + 0.42, width=1.25, height=1.25)
            axes.set_xlim(0, size)
            axes.set_ylim(0, size)
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0, labelsize=8)
            axes.set_xticks([one + 0.5 for one in range(size)], [str(one) for one in range(size)])
            axes.set_yticks([one + 0.5 for one in range(size)], [str(one) for one in range(size)])
            axes.set_title(lines_of(title, 20, 1), pad=5)
            if column == 0:
                axes.set_ylabel("first reader", labelpad=1)
            axes.set_xlabel("second reader", labelpad=1)
            most = max([1, *(count for line in table for count in line)])
            for first, line in enumerate(table):
                for second, count in enumerate(line):
                    _cell(axes, second, first, 0.999 * count / most, str(count) if count else "")
            for same in range(size):
                axes.add_patch(
                    Rectangle((same, same), 1, 1, fill=False, edgecolor=INK, linewidth=1.2, zorder=2)
                )
    return figure
