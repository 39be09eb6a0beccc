"""A class at one moment, for people to look at: each student in each assignment, and what comes next."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grading.feedback_words import late_words
from grading.records import StudentRecord
from grading.reports import counted
from grading.standing import Standing
from grading.status import AssignmentStatus
from grading.untrusted import visible

NOTHING, FETCHED, WAITING, COLLECTED, PERSON, GRADED, PAGE, GIVEN = (
    "nothing",
    "fetched",
    "waiting",
    "collected",
    "person",
    "graded",
    "page",
    "given",
)
STATES: Mapping[str, str] = {
    NOTHING: "nothing yet",
    FETCHED: "fetched",
    WAITING: "to collect",
    COLLECTED: "to grade",
    PERSON: "needs a person",
    GRADED: "graded",
    PAGE: "page made",
    GIVEN: "page given",
}
"""Each state in the words that people read, in the order in which work goes through them."""

FETCHING = (
    "Fetched is shown where the student's Jupyter uses this course's nbgrader settings, until work comes in. "
    "Whoever has handed in has fetched, too."
)


@dataclass(frozen=True)
class Cell:
    """One student in one assignment.

    `waiting` is when work came that nobody has collected yet, `fetched` when the assignment went to the
    student, as far as that is known, both UTC; `given` says that the present page lies where the student's
    Assignment List fetches it.
    """

    standing: Standing
    waiting: datetime | None = None
    given: bool = False
    fetched: datetime | None = None

    @property
    def state(self) -> str:
        """Return how far the work is, a key of `STATES`."""
        one = self.standing
        if self.waiting:
            return WAITING
        if one.collected and (one.stale or not one.graded):
            return COLLECTED
        if not one.graded:
            return FETCHED if self.fetched else NOTHING
        if one.by_hand or one.flagged or one.doubts:
            return PERSON
        if not one.page or one.outdated:
            return GRADED
        return GIVEN if self.given else PAGE

    @property
    def notes(self) -> list[str]:
        """Return what else there is to know, in a few words each."""
        one = self.standing
        told = {
            f"late by {late_words(one.late)}": one.late > 0,
            f"{counted(one.by_hand, 'answer')} to grade by hand": one.by_hand > 0,
            "flagged": one.flagged,
            "an answer could not be read": one.unreadable,
            "a comment does not fit the rubric": bool(one.doubts),
            "the page is out of date": one.outdated,
        }
        return [text for text, holds in told.items() if holds]


@dataclass(frozen=True)
class Step:
    """What to do next, in words, and where: an address under the server's own, empty where it is nowhere."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Column:
    """One assignment: how many students are in which state, and what to do next."""

    name: str
    title: str
    released: bool
    counts: Mapping[str, int]
    late: int
    step: Step


@dataclass(frozen=True)
class ClassNow:
    """The whole class. `people` and `cells` go by student id; a cell that is not there is nothing yet."""

    when: datetime
    columns: Sequence[Column]
    people: Mapping[str, StudentRecord]
    cells: Mapping[str, Mapping[str, Cell]]
    remarks: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it for pages and ``--json``; what strangers wrote has no invisible signs."""
        return {
            "when": f"{self.when.isoformat(timespec='seconds')}Z",
            "states": dict(STATES),
            "fetched": FETCHING,
            "remarks": list(self.remarks),
            "assignments": [
                {
                    "name": one.name,
                    "title": one.title,
                    "released": one.released,
                    "counts": dict(one.counts),
                    "late": one.late,
                    "step": one.step.__dict__,
                }
                for one in self.columns
            ],
            "students": [
                {
                    "id": visible(student),
                    "name": visible(person.shown),
                    "work": [self._cell(student, column.name) for column in self.columns],
                }
                for student, person in self.people.items()
            ],
        }

    def _cell(self, student: str, assignment: str) -> dict[str, Any]:
        """Return one cell as JSON."""
        cell = self.cells.get(student, {}).get(assignment)
        return {"state": cell.state, "notes": cell.notes} if cell else {"state": NOTHING, "notes": []}


def column(
    name: str,
    title: str,
    status: AssignmentStatus,
    cells: Mapping[str, Cell],
    people: int,
    exchange: bool,
) -> Column:
    """Return one assignment's counts and next step.

    `people` is how many students there are, `exchange` whether work can come through nbgrader's exchange.
    """
    counts = Counter(cell.state for cell in cells.values())
    counts[NOTHING] += people - len(cells)
    return Column(
        name,
        title,
        status.released,
        {state: counts[state] for state in STATES},
        sum(cell.standing.late > 0 for cell in cells.values()),
        next_step(status, counts, exchange),
    )


def next_step(status: AssignmentStatus, counts: Mapping[str, int], exchange: bool) -> Step:
    """Return what to do about an assignment, where a person can click it."""
    name = status.name
    begun, _, _ = status.next_step.partition(f" {name}")
    assignments = "formgrader/manage_assignments"
    if begun == "grading release":
        return Step("Release it" if not status.released else "Release it again", assignments)
    if begun == "grading regrade":
        return Step(f"A key was corrected. Run: grading regrade {name}")
    if counts[WAITING]:
        return Step(
            f"Collect what {counted(counts[WAITING], 'student has', 'students have')} sent", assignments
        )
    if begun == "grading autograde":
        return Step(f"Grade {counted(status.stale, 'submission')}", f"formgrader/manage_submissions/{name}")
    if begun == "grading collect":
        return Step(
            "Nobody has handed in yet"
            if exchange
            else f"Collect from your learning platform: grading collect {name} --from FILE"
        )
    if begun == "grading feedback":
        return Step("Make the feedback pages and hand them back", assignments)
    if status.next_step == "done":
        return Step("Done for all who have handed in")
    if status.texts and not status.flagged and not status.rubric:
        return Step(f"Score what {counted(status.texts, 'student')} wrote", "grading/reflections")
    parts = [
        f"{status.needs_manual} to grade by hand" if status.needs_manual else "",
        f"{status.flagged} flagged" if status.flagged else "",
        f"{counted(len(status.rubric), 'comment')} to correct" if status.rubric else "",
    ]
    told = ", ".join(filter(None, parts))
    return Step(f"Look at {counted(counts[PERSON], 'submission')}: {told}", f"formgrader/gradebook/{name}")
