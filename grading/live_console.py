"""The class at a glance in a terminal, once or again and again until Ctrl-C."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from grading.gradebook import GradebookError
from grading.live import (
    COLLECTED,
    FETCHED,
    FETCHING,
    GIVEN,
    GRADED,
    NOTHING,
    PAGE,
    PERSON,
    STATES,
    WAITING,
    ClassNow,
    Column,
)
from grading.reports import counted
from grading.results import GradingError
from grading.untrusted import printable
from grading.watching import Watch

HEADS = {
    NOTHING: "none",
    FETCHED: "got",
    WAITING: "sent",
    COLLECTED: "in",
    PERSON: "hand",
    GRADED: "done",
    PAGE: "page",
    GIVEN: "back",
}
"""The states in single words, so that the table fits 80 letters."""
LEGEND = (
    "Counted in students. none: nothing yet; got: fetched; sent: to collect; in: to grade; "
    "hand: needs a person; done: graded; page: made, not handed back; back: handed back."
)


def overview(now: ClassNow) -> Table:
    """Return one row for each assignment, with how many students are in each state."""
    made = _table(["assignment", *HEADS.values(), "late"])
    for one in now.columns:
        made.add_row(
            Text(printable(one.name)),
            *(Text(str(one.counts[state] or "")) for state in STATES),
            Text(str(one.late or "")),
        )
    return made


def steps(now: ClassNow) -> list[Text]:
    """Return what comes next in each assignment, one line each."""
    return [Text(f"{printable(one.name)}: {printable(one.step.text, 300)}") for one in now.columns]


def class_table(now: ClassNow, most: int | None = None) -> Table:
    """Return one row for each student, those first with whom somebody has to do something."""
    shown = [one for one in now.columns if _is_out(one, now)]
    made = _table(["student", "name", *(printable(one.name) for one in shown)])
    order = {state: place for place, state in enumerate(STATES)}
    work = {student: [now.cells.get(student, {}).get(one.name) for one in shown] for student in now.people}

    def pressing(student: str) -> int:
        open_ = [order[cell.state] for cell in work[student] if cell and order[cell.state] in _OPEN]
        return min(open_, default=len(order))

    students = sorted(now.people, key=pressing)
    for student in students[:most]:
        cells = []
        for cell in work[student]:
            state = cell.state if cell else NOTHING
            notes = f" ({'; '.join(cell.notes)})" if cell and cell.notes else ""
            cells.append(Text(f"{'-' if state == NOTHING else STATES[state]}{notes}"))
        name = now.people[student].shown
        made.add_row(
            Text(printable(student, 40)), Text("" if name == student else printable(name, 40)), *cells
        )
    if most is not None and len(students) > most:
        made.add_row(Text(f"and {len(students) - most} more"))
    return made


_OPEN = (2, 3, 4)
"""Places in `STATES` of what waits for the instructor."""


def show_students(now: ClassNow) -> None:
    """Print the class once: assignments, then everybody."""
    console = Console(highlight=False, markup=False)
    console.print(overview(now), "", class_table(now), "", sep="\n")
    for line in (LEGEND, *now.remarks, FETCHING):
        console.print(Text(printable(line, 500)), soft_wrap=True)


def watch(
    watched: Watch,
    seconds: float,
    *,
    students: bool,
    console: Console | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Show the class until Ctrl-C; a moment in which nothing can be read is told, and the last view stays.

    Parameters
    ----------
    seconds : how long to wait between two looks.
    students : also show a table by student, as much of it as there is room for.
    """
    console = console or Console(highlight=False, markup=False)
    now: ClassNow | None = None
    problem = "Looking at the class for the first time ..."
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while True:
            live.update(Group(*_view(now, problem, seconds, students, console.height)), refresh=True)
            if now is not None or not problem.startswith("Looking"):
                sleep(seconds)
            try:
                now, problem = watched.look(), ""
            except (GradebookError, GradingError, OSError) as error:
                problem = f"Nothing can be read at the moment: {error}"


def _view(
    now: ClassNow | None, problem: str, seconds: float, students: bool, height: int
) -> Sequence[RenderableType]:
    """Return what stands on the screen."""
    if now is None:
        return [Text(printable(problem, 1000))]
    said = f"Seen at {now.when:%H:%M:%S} UTC; again every {counted(seconds, 'second')}. Ctrl-C ends this."
    # On top, since a screen that is too low for everything shows what is on top.
    parts: list[RenderableType] = [Text(said)]
    if problem:
        parts.append(Text(printable(f"{problem} What stands here was seen before.", 1000)))
    out = [one for one in now.columns if _is_out(one, now)] or now.columns
    later = [printable(one.name) for one in now.columns if one not in out]
    short = replace(now, columns=out)
    parts += [Text(""), overview(short), Text("")]
    if later:
        parts.append(Text(f"Not released yet: {', '.join(later)}."))
    # As much of the class as a low screen has room for stands before what comes next.
    room = height - len(out) - 11 - bool(later)
    if students:
        parts += [class_table(short, max(3, room - len(out))), Text("")]
    parts += steps(short)
    return [*parts, *(Text(printable(line, 500)) for line in (*now.remarks, LEGEND))]


def _is_out(one: Column, now: ClassNow) -> bool:
    """Return whether students have an assignment, or have handed it in."""
    return one.released or one.counts[NOTHING] < len(now.people)


def _table(heads: Sequence[str]) -> Table:
    """Return an empty table in the style of the other commands."""
    made = Table(header_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for head in heads:
        made.add_column(Text(head), overflow="fold", no_wrap=head == heads[0])
    return made
