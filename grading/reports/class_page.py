"""The class report as HTML: every plot drawn once, every text escaped, one file that loads nothing else."""

from collections.abc import Sequence
from importlib.resources import files

from markupsafe import Markup
from matplotlib.figure import Figure

from grading.reports import class_plots, class_words, environment, item_plots, score_plots
from grading.reports.class_flags import MEANINGS
from grading.reports.class_values import ClassReport, Estimate, ItemRow, PromptPart, Share, Talk
from grading.reports.item_plots import Dot, Line
from grading.reports.plot_style import as_svg, dark_rules

ON_A_SHEET = 36
"""Rows of a plot that fit on one sheet; a longer one is drawn in parts."""
_ALWAYS = ("scores", "difficulty", "quadrants", "ideas", "goals")
MAPPED = 30
"""With fewer students there is no plot of correlations."""


def render(report: ClassReport) -> str:
    """Return the whole report as one HTML file, well-formed as XML too, for the PDF."""
    traces = [item for item in report.items if item.trace]
    values = {
        "report": report,
        "words": class_words,
        "traces": traces,
        "plots": plots(report, traces),
        "flag_meanings": flag_meanings(report.items),
        "css": style(),
    }
    return environment().get_template("class.html.j2").render(values)


def render_talks(report: ClassReport, talks: Sequence[Talk]) -> str:
    """Return the private page of students to talk to."""
    values = {"report": report, "talks": talks, "css": style()}
    return environment().get_template("talks.html.j2").render(values)


def style() -> Markup:
    """Return the style sheet."""
    css = files("grading.reports").joinpath("class.css").read_text(encoding="utf-8")
    dark = f"@media screen and (prefers-color-scheme: dark) {{\n{dark_rules()}\n}}\n"
    return Markup(css + dark)  # noqa: S704 - our own file


def flag_meanings(items: Sequence[ItemRow]) -> list[tuple[str, str]]:
    """Return the names of the flags that are used, each with what it means in general."""
    used = {flag.name for item in items for flag in item.flags}
    return [(name, meaning) for name, meaning in MEANINGS.items() if name in used]


def plots(report: ClassReport, traces: Sequence[ItemRow]) -> dict[str, list[Markup]]:
    """Return the plots by name, each as one or more SVG elements; none where there is nothing to draw."""
    one, items = report.summary, report.items
    made: dict[str, list[Markup]] = {name: [] for name in _ALWAYS}
    if one.counted and items:
        cut = report.cut.questions if report.cut else None
        figure = score_plots.score_histogram(one.scores, step=one.step, mean=one.mean, sem=one.error, cut=cut)
        made["scores"] = [_svg(figure, "scores", _told_scores(report))]
    asked = [item for item in items if item.right.of]
    if asked:
        made["difficulty"] = _difficulty(asked)
    telling = [item for item in asked if item.rest.known and item.rest.has_interval]
    if one.counted >= MAPPED and len(telling) > 1:
        figure = item_plots.quadrants(
            [_dot(item.right) for item in telling],
            [_dot(item.rest) for item in telling],
            [str(item.number) for item in telling],
        )
        alt = f"{len(telling)} questions by share right and correlation; the table above holds the numbers."
        made["quadrants"] = [_svg(figure, "quadrants", alt)]
    if report.ideas and any(row.all.of for row in report.ideas.rows):
        made["ideas"] = _ideas(report)
    made["goals"] = _goals(report)
    for item in traces:
        made[f"trace{item.number}"] = [_trace(item)]
    if report.growth:
        figure = score_plots.growth(
            [row.before.share for row in report.growth],
            [row.after.share for row in report.growth],
            [f"question {row.number}" for row in report.growth],
        )
        alt = f"{len(report.growth)} questions, share right before and after; the table below holds them."
        made["growth"] = [_svg(figure, "growth", alt)]
    for number, part in enumerate(report.prompts, 1):
        made |= _texts(part, number)
    if report.rasch:
        figure = score_plots.wright_map(
            report.rasch.abilities,
            list(report.rasch.difficulties.values()),
            [str(number) for number in report.rasch.difficulties],
        )
        alt = "Students' abilities beside the difficulty of each question; the table below holds the latter."
        made["scale"] = [_svg(figure, "scale", alt)]
    return made


def _svg(figure: Figure, name: str, alt: str) -> Markup:
    """Return a plot as an element of the page."""
    return Markup(as_svg(figure, name, alt))  # noqa: S704 - matplotlib escapes what it writes


def _dot(value: Share | Estimate) -> Dot:
    """Return a figure for a plot."""
    middle = value.share if isinstance(value, Share) else value.value
    return Dot(middle, value.low, value.high)


def _told_scores(report: ClassReport) -> str:
    """Return the histogram in words."""
    scores = class_words.bars(report)
    most = max(scores, key=lambda pair: pair[1])
    return (
        f"Bars: scores from {scores[0][0]} to {scores[-1][0]} of {report.summary.questions}, most often "
        f"{most[0]} ({most[1]}). The mean is {class_words.amount(report.summary.mean)}. A table follows."
    )


def _parts(rows: Sequence[ItemRow]) -> list[Sequence[ItemRow]]:
    """Return rows in parts that fit on a sheet each, of like length."""
    many = -(-len(rows) // ON_A_SHEET)
    size = -(-len(rows) // max(many, 1))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _difficulty(asked: Sequence[ItemRow]) -> list[Markup]:
    """Return the plot of how hard the questions are."""
    made = []
    hardest = sorted(asked, key=lambda item: (item.right.share, item.number))
    for number, part in enumerate(_parts(hardest)):
        figure = item_plots.difficulty(
            [_dot(item.right) for item in part],
            [str(item.number) for item in part],
            [class_words.beginning(item.stem, 200) for item in part],
            [item.to_look_at for item in part],
        )
        alt = (
            f"Share right of {len(part)} questions. Hardest: {part[0].number} "
            f"({class_words.percent(part[0].right.share)}); easiest: {part[-1].number} "
            f"({class_words.percent(part[-1].right.share)}). A table follows."
        )
        made.append(_svg(figure, f"difficulty{number}", alt))
    return made


def _trace(item: ItemRow) -> Markup:
    """Return the plot of who chose what."""
    assert item.trace is not None  # noqa: S101 - only such items are drawn
    lines = [
        Line(
            f"{option.id}, right" if option.right else option.id,
            [_dot(one) for one in item.trace.shares[option.id]],
            option.right,
        )
        for option in item.options
    ]
    figure = item_plots.option_trace(item.trace.groups, lines)
    alt = f"Question {item.number}: lines of the share choosing each option by score. A table follows."
    return _svg(figure, f"trace{item.number}", alt)


def _ideas(report: ClassReport) -> list[Markup]:
    """Return the map of wrong ideas."""
    assert report.ideas is not None  # noqa: S101 - asked before
    rows = [row for row in report.ideas.rows if row.all.of]
    made = []
    for start in range(0, len(rows), ON_A_SHEET // 2):
        part = rows[start : start + ON_A_SHEET // 2]
        figure = class_plots.misconceptions(
            [f"{row.code} {row.wrong}" for row in part],
            report.ideas.lessons,
            [[None if cell is None else (round(cell.count), cell.of) for cell in row.cells] for row in part],
        )
        alt = f"{len(part)} wrong ideas by lesson; most chosen: {part[0].code}. A table follows."
        made.append(_svg(figure, f"ideas{start}", alt))
    return made


def _goals(report: ClassReport) -> list[Markup]:
    """Return the bars of the objectives that were asked about."""
    asked = [row for row in report.goals if row.right.of]
    made = []
    for start in range(0, len(asked), ON_A_SHEET // 2):
        part = asked[start : start + ON_A_SHEET // 2]
        figure = class_plots.objectives(
            [row.text for row in part],
            [_dot(row.right) for row in part],
            [class_words.count(row.right) for row in part],
        )
        alt = f"Bars of the share of right answers for {len(part)} objectives. A table follows."
        made.append(_svg(figure, f"goals{start}", alt))
    return made


def _texts(part: PromptPart, number: int) -> dict[str, list[Markup]]:
    """Return the plots of one reflection."""
    made: dict[str, list[Markup]] = {f"rubric-{number}": [], f"readers-{number}": []}
    if part.criteria:
        figure = class_plots.rubric(
            [row.title for row in part.criteria], [row.levels for row in part.criteria]
        )
        alt = f"Bars of texts by level for {len(part.criteria)} criteria. A table follows."
        made[f"rubric-{number}"] = [_svg(figure, f"rubric{number}", alt)]
    if part.agreement:
        figure = class_plots.readers(
            [row.title for row in part.agreement], [row.table for row in part.agreement]
        )
        exact = "; ".join(f"{row.title}: {class_words.count(row.exact)} the same" for row in part.agreement)
        made[f"readers-{number}"] = [_svg(figure, f"readers{number}", f"Two readers' levels. {exact}.")]
    return made
