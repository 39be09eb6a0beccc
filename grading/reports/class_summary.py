"""The class as a whole, as values: who handed in, mean, spread, reliability, scores, and who needs a talk."""

import math
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from grading.analysis.moments import complete, given_items, variance
from grading.analysis.rasch import rasch
from grading.analysis.reliability import cronbach_alpha, standard_error_of_measurement
from grading.reports import number
from grading.reports.class_topics import Table
from grading.reports.class_values import Cut, Estimate, Rasch, Summary, Talk
from grading.responses import Responses
from grading.student_report import FEWEST_STUDENTS

MOST_BARS = 40
"""More scores than this share bars."""
MAP_FROM = 100
"""Students from which the Rasch model's map is useful."""
LOW = 0.5
"""A share right below which a student is on the list of those to talk to."""


def summary(found: Responses, credit: NDArray[np.float64]) -> Summary:
    """Return the figures of the whole class; `credit` is what `Responses.credit` returns.

    Reliability, and with it how far a score may be off, stays untold of so few that the students' own
    reports do not tell it either.
    """
    # A question that nobody's answer could be read to must not take the figures from the others.
    credit = credit[:, given_items(credit)]
    whole = complete(credit) if credit.shape[1] else credit[:0]
    totals = whole.sum(axis=1)
    alpha = cronbach_alpha(credit)
    reliability = Estimate(alpha.value, alpha.interval.low, alpha.interval.high, alpha.reason)
    if len(whole) < FEWEST_STUDENTS:
        reliability = Estimate(reason=f"too few students, {FEWEST_STUDENTS} are needed")
    step = max(1, math.ceil((credit.shape[1] + 1) / MOST_BARS))
    bars = [0] * (credit.shape[1] // step + 1 if credit.shape[1] else 0)
    for total in totals:
        # Thirds that add up to a whole fall short of it by the last binary digit.
        bars[int((total + 1e-9) // step)] += 1
    return Summary(
        students=len(found.students),
        handed_in=len(found.submissions),
        absent=len(found.absent),
        late=sum(one.late > 0 for one in found.submissions.values()),
        unread=len(found.unread),
        counted=len(whole),
        waiting=sum(one.needs_manual for one in found.submissions.values()),
        questions=credit.shape[1],
        mean=float(totals.mean()) if len(totals) else math.nan,
        spread=math.sqrt(variance(totals)) if len(totals) > 1 else math.nan,
        reliability=reliability,
        error=standard_error_of_measurement(credit, alpha.value) if reliability.known else math.nan,
        scores=bars,
        step=step,
    )


def talks(
    found: Responses,
    students: Collection[str],
    credit: NDArray[np.float64],
    cut: Cut | None,
    unsafe: Mapping[str, Collection[str]],
) -> list[Talk]:
    """Return the students to talk to, each with the reasons, by name.

    Those are students who handed in nothing, whose work cannot be read, who have less than half of the
    questions right or miss the pass mark, and whose reflection holds an unsafe plan.

    Parameters
    ----------
    students : whose answers the rows of `credit` are.
    unsafe : student id -> prompts whose text a grader has marked.
    """
    reasons: dict[str, list[str]] = {student: [] for student in found.students}
    for student in found.absent:
        reasons[student].append("handed in nothing")
    for student in found.unread:
        reasons.setdefault(student, []).append("the work cannot be read")
    for student, row in zip(students, credit, strict=True):
        told = _low(row, cut)
        if told:
            reasons.setdefault(student, []).append(told)
    for student, prompts in unsafe.items():
        reasons.setdefault(student, []).append(
            f"the plan in {', '.join(sorted(prompts))} is marked as unsafe or unlawful"
        )
    people = found.students
    return [
        Talk(student, people[student].shown if student in people else student, told)
        for student, told in reasons.items()
        if told
    ]


def scale(table: Table) -> Rasch | None:
    """Return students and questions on one scale; None below 100 students, or where the model finds none.

    The model knows right and wrong alone, so a question with part of its points counts as wrong.
    """
    if len(table.students) < MAP_FROM or not table.items:
        return None
    credit = table.credit
    found = rasch(np.where(np.isnan(credit), np.nan, (credit > 1 - 1e-9).astype(float)))
    if found.verdict != "useful":
        return None
    placed = [one for one in found.items if not math.isnan(one.difficulty)]
    return Rasch(
        abilities=[one.ability for one in found.persons if not math.isnan(one.ability)],
        difficulties={one.item + 1: one.difficulty for one in placed},
        errors={one.item + 1: one.standard_error for one in placed},
        left_out=[one.item + 1 for one in found.items if math.isnan(one.difficulty)],
    )


def _low(row: NDArray[np.float64], cut: Cut | None) -> str:
    """Return why a student's answers are a reason to talk; empty where they are none."""
    read = row[~np.isnan(row)]
    right = float(read.sum())
    if not len(row):
        return ""
    if not len(read):
        return "no answer can be read"
    score = f"{number(right)} of {len(read)} questions right"
    if right < LOW * len(read):
        return score
    if cut is not None and len(read) == len(row) and right < cut.questions:
        return f"{score}, below the pass mark of {number(cut.questions)}"
    return ""
