"""From what a class answered to all that its report says, as values; nothing is read or written here."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grading.bankkeys import Bank
from grading.ratings import Rating
from grading.regrade_record import Record
from grading.reports import number
from grading.reports.class_audit import audit, key_history
from grading.reports.class_flags import Signs, signs
from grading.reports.class_items import choices, item_rows, trace
from grading.reports.class_summary import scale, summary, talks
from grading.reports.class_texts import prompt_parts, unsafe_plans
from grading.reports.class_topics import Table, goals, growth, ideas, reteach
from grading.reports.class_values import ClassReport, Cut, ItemRow, Talk
from grading.responses import Responses


@dataclass(frozen=True)
class Sources:
    """What a report is made from; `before` is the same class's answers to the anchor questions."""

    found: Responses
    bank: Bank
    made: datetime
    before: Responses | None = None
    ratings: Sequence[Rating] = ()
    regrades: Sequence[Record] = ()
    damaged: Sequence[Path] = field(default_factory=list)
    cut: Cut | None = None


def class_report(given: Sources) -> tuple[ClassReport, list[Talk]]:
    """Return the report, and apart from it the students to talk to."""
    found, bank = given.found, given.bank
    table = Table(*found.credit())
    earlier = Table(*given.before.credit()) if given.before else None
    seen = (
        signs(found.items, choices(found, table.students), table.credit, _pretest(table, earlier))
        if found.items
        else Signs({}, frozenset(), {})
    )
    items: list[ItemRow] = []
    rows = item_rows(found, table.students, table.credit, bank, key_history(given.regrades))
    for place, (row, item) in enumerate(zip(rows, found.items, strict=True)):
        told = seen.items.get(place, ())
        # A wrong answer that nobody chooses has no trace to look at.
        drawn = any(not flag.minor for flag in told)
        shown = trace(found, item, table.students, table.credit) if drawn else None
        items.append(replace(row, flags=told, trace=shown))
    known = ideas(found, bank, seen.alive)
    reached = goals(found, table, bank)
    report = ClassReport(
        assignment=found.record.name,
        title=found.title,
        course=bank.course,
        language=bank.language,
        made=given.made,
        summary=summary(found, table.credit),
        cut=given.cut if found.items else None,
        items=items,
        ideas=known,
        goals=reached,
        growth=growth(found, table, earlier, items),
        prompts=prompt_parts(found, bank, given.ratings, given.made),
        reteach=reteach(items, known, reached, bank),
        audit=audit(found, bank, given.regrades, given.damaged),
        notes=_notes(found, given.cut),
        silent=seen.silent,
        rasch=scale(table),
        others=len(found.record.others),
    )
    return report, talks(found, table.students, table.credit, given.cut, unsafe_plans(given.ratings))


def _pretest(now: Table, earlier: Table | None) -> NDArray[np.float64] | None:
    """Return the credit before the course in the columns of now, NaN for questions not asked then."""
    if earlier is None:
        return None
    made = np.full((len(earlier.students), len(now.items)), np.nan)
    for column, item in enumerate(now.items):
        if item in earlier.items:
            made[:, column] = earlier.credit[:, list(earlier.items).index(item)]
    return made


def _notes(found: Responses, cut: Cut | None) -> list[str]:
    """Return what keeps the report from telling more."""
    told = []
    if not found.items and not found.prompts:
        told.append(
            "This assignment asks no question that can be graded by reading, so there are no statistics."
        )
    elif not found.items:
        told.append("This assignment asks no question with choices, so there are no scores to describe.")
    if cut is not None and found.items and cut.questions > len(found.items):
        told.append(
            f"The pass mark of {number(cut.questions)} is above the {len(found.items)} questions asked, so "
            "nobody can reach it. Correct pass_mark in course/course.toml."
        )
    if found.unread:
        many = len(found.unread)
        told.append(
            f"The work of {many} {'student' if many == 1 else 'students'} cannot be read and is left out. "
            f"Run: grading autograde {found.record.name}"
        )
    partly = sum(
        any(one.state == "unreadable" and not one.by_hand for one in row.values())
        for row in found.answers.values()
    )
    if partly:
        told.append(
            f"{partly} {'student has' if partly == 1 else 'students have'} an answer that could not be read. "
            "They count for their other questions, but not for mean, spread and reliability."
        )
    return told
