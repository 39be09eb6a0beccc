"""What a student's report of the whole course says, as values: every assignment, goals, ideas, growth."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from grading.bankkeys import Bank
from grading.responses import Response, Responses
from grading.rubric import RubricRow
from grading.student_report import (
    Goal,
    Growth,
    Idea,
    Margin,
    Questions,
    goals_of,
    growth_of,
    ideas_of,
    next_steps,
    questions_of,
)
from grading.text_report import reflection_of
from grading.untrusted import shown_name


@dataclass(frozen=True)
class Line:
    """One assignment in a student's course; points are with any penalty, None where nothing is graded."""

    title: str
    state: str
    """``in``, ``open`` (a person still has to grade), ``unread`` or ``missing``."""
    handed_in: str = ""
    questions: Questions | None = None
    score: float | None = None
    points: float = 0.0


@dataclass(frozen=True)
class TextLine:
    """The rubric levels of one reflection."""

    title: str
    rows: Sequence[RubricRow]


@dataclass(frozen=True)
class CoursePage:
    """Everything that a student's report of the course says. `made` is the day it was made."""

    course: str
    contact: str
    language: str
    form: str
    student: str
    made: str
    lines: Sequence[Line]
    questions: Questions | None
    goals: Sequence[Goal]
    ideas: Sequence[Idea]
    growth: Growth | None
    texts: Sequence[TextLine]
    steps: Sequence[str]

    @property
    def criteria(self) -> list[str]:
        """Return the titles of the criteria by which the reflections were read."""
        return [row.title for row in self.texts[0].rows] if self.texts else []


def course_page(
    student: str,
    classes: Sequence[Responses],
    bank: Bank,
    margins: Mapping[str, Margin],
    made: date,
) -> CoursePage:
    """Return one student's report of the course.

    Parameters
    ----------
    classes : what the class answered in each assignment, in the course's order.
    margins : how far chance moves a result, by assignment.
    """
    counted = [one for one in classes if one.record.counts]
    mine = {one.record.name: one.answers.get(student, {}) for one in classes}
    every = {id_: answer for one in counted for id_, answer in mine[one.record.name].items()}
    items = [item for one in counted for item in one.items if item.id in every]
    prompts = [prompt for one in counted for prompt in one.prompts if student in one.texts]
    texts = {id_: text for one in counted for id_, text in one.texts.get(student, {}).items()}
    read = [reflection_of(at, one, texts.get(one.id), bank) for at, one in enumerate(prompts, 1)]
    told = ideas_of(items, every, bank, show_key=False)
    before: dict[str, Response] = {}
    for one in classes:
        before |= {} if one.record.counts else mine[one.record.name]
    person = next((one.students[student] for one in classes if student in one.students), None)
    answered = [one.record.name for one in counted if mine[one.record.name]]
    return CoursePage(
        course=bank.course,
        contact=bank.contact,
        language=bank.language,
        form=bank.form,
        student=shown_name(person.shown if person else student) or shown_name(student),
        made=f"{made:%Y-%m-%d}",
        lines=[_line(student, one) for one in counted],
        questions=questions_of(items, every, together([margins[name] for name in answered]))
        if items
        else None,
        goals=[goal for goal in goals_of("", items, every, prompts, bank) if goal.asked],
        ideas=told,
        growth=growth_of(items, every, before) if before else None,
        texts=_alike([TextLine(_title_of(one.id, counted), texts[one.id].levels) for one in prompts]),
        # The newest reflection is the one to go on from.
        steps=next_steps(told, read[::-1], bank),
    )


def together(margins: Sequence[Margin]) -> Margin:
    """Return how far chance moves a sum: the root of the sum of squares, as errors do not hang together."""
    reason = next((one.reason for one in margins if one.reason), "")
    if reason or not margins:
        return Margin(math.nan, reason or "nothing was answered yet")
    return Margin(math.hypot(*(one.points for one in margins)))


def _line(student: str, one: Responses) -> Line:
    """Return what came of one assignment."""
    submission = one.submissions.get(student)
    if submission is None:
        return Line(one.title, "missing", points=one.record.points)
    handed_in = f"{submission.timestamp:%Y-%m-%d}" if submission.timestamp else ""
    answers = one.answers.get(student, {})
    asked = [item for item in one.items if item.id in answers]
    state = "unread" if student in one.unread else "open" if submission.needs_manual else "in"
    return Line(
        title=one.title,
        state=state,
        handed_in=handed_in,
        questions=questions_of(asked, answers, Margin(math.nan, " ")) if asked else None,
        score=submission.score,
        points=one.record.points,
    )


def _title_of(prompt: str, classes: Sequence[Responses]) -> str:
    """Return the title of the assignment that asks for a reflection."""
    return next(one.title for one in classes if any(asked.id == prompt for asked in one.prompts))


def _alike(texts: Sequence[TextLine]) -> list[TextLine]:
    """Return the reflections that were read by the same criteria as the newest one."""
    graded = [text for text in texts if text.rows]
    newest = [row.id for row in graded[-1].rows] if graded else []
    return [text for text in graded if [row.id for row in text.rows] == newest]
