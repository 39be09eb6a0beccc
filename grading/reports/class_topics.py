"""What the class believes and can do, as values: wrong ideas, objectives, growth, and what to teach again."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grading.analysis.flags import LIMITS
from grading.analysis.intervals import wilson_interval
from grading.bankkeys import Bank
from grading.reports.class_values import AnchorRow, GoalRow, IdeaMap, IdeaRow, ItemRow, Reteach, Share
from grading.responses import ItemInfo, Responses

THINGS = 3
"""Things for the next session: more would not fit in."""
SHORTEST, LONGEST = 5, 20
"""Minutes for one of them."""


@dataclass(frozen=True)
class Table:
    """Credit of students (rows) for questions (columns), as `Responses.credit` returns it."""

    students: Sequence[str]
    items: Sequence[str]
    credit: NDArray[np.float64]

    def of(self, item: str, students: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Return the credit for one question, NaN left out; of these students alone where they are given."""
        rows = range(len(self.students))
        if students is not None:
            wanted = set(students)
            rows = [row for row in rows if self.students[row] in wanted]  # type: ignore[assignment]
        found = self.credit[list(rows), list(self.items).index(item)]
        return found[~np.isnan(found)]


def share(count: float, of: int) -> Share:
    """Return a share with its Wilson interval."""
    low, high = wilson_interval(min(count, of), of)
    return Share(count, of, low, high)


def ideas(found: Responses, bank: Bank, alive: Collection[str]) -> IdeaMap | None:
    """Return how often each wrong idea was chosen, by lesson; None where no option names one.

    An appearance is an answer, blank or not, to a question that offers the idea; one that could not be read
    and that no person scored is none.

    Parameters
    ----------
    alive : codes of those that more than a quarter of their appearances show.
    """
    chosen: dict[tuple[str, str], int] = {}
    could: dict[tuple[str, str], int] = {}
    for item in found.items:
        answers = [row[item.id] for row in found.answers.values() if item.id in row]
        read = [one for one in answers if one.by_hand or one.state != "unreadable"]
        for code in set(item.misconceptions.values()):
            place = (code, item.lesson)
            could[place] = could.get(place, 0) + len(read)
            chosen[place] = chosen.get(place, 0) + sum(
                any(item.misconceptions.get(option) == code for option in one.chosen) for one in read
            )
    codes = sorted({code for code, _ in could})
    if not codes:
        return None
    order = {slug: place for place, slug in enumerate(bank.lessons)}
    lessons = sorted({lesson for _, lesson in could}, key=lambda slug: (order.get(slug, len(order)), slug))
    rows = []
    for code in codes:
        cells = [
            share(chosen[code, one], could[code, one]) if (code, one) in could else None for one in lessons
        ]
        all_ = share(sum(cell.count for cell in cells if cell), sum(cell.of for cell in cells if cell))
        idea = bank.misconceptions.get(code)
        rows.append(
            IdeaRow(
                code=code,
                wrong=idea.wrong if idea else "",
                truth=idea.truth if idea else "",
                cells=cells,
                all=all_,
                alive=code in alive,
            )
        )
    rows.sort(key=lambda row: (-row.all.share if row.all.of else 0.0, row.code))
    titles = [_title(one, bank) or "no lesson" for one in lessons]
    return IdeaMap(titles, rows)


def goals(found: Responses, table: Table, bank: Bank) -> list[GoalRow]:
    """Return each objective of the lessons that this assignment asks about, in teaching order."""
    asked: dict[str, list[ItemInfo]] = {}
    for item in found.items:
        if item.objective:
            asked.setdefault(item.objective, []).append(item)
    lessons = {item.lesson for item in found.items}
    listed = {
        id_: slug for slug, guide in bank.lessons.items() if slug in lessons for id_ in guide.objectives
    }
    rows = []
    for id_ in [*listed, *(one for one in asked if one not in listed)]:
        items = asked.get(id_, [])
        values = [table.of(item.id) for item in items]
        slug = listed.get(id_) or items[0].lesson
        guide = bank.lessons.get(slug)
        claims = {claim for item in bank.items.values() if item.objective == id_ for claim in item.claims}
        rows.append(
            GoalRow(
                id=id_,
                text=guide.objectives.get(id_, id_) if guide else id_,
                lesson=_title(slug, bank),
                taught=len(claims & set(guide.sections)) if guide else 0,
                claims=len(claims),
                practice=guide.practice.get(id_, 0) if guide else 0,
                asked=len(items),
                right=share(sum(float(one.sum()) for one in values), sum(len(one) for one in values)),
            )
        )
    return rows


def _title(lesson: str, bank: Bank) -> str:
    """Return a lesson's title, or its id where the course text does not know it."""
    return bank.lessons[lesson].title if lesson in bank.lessons else lesson


def growth(found: Responses, now: Table, earlier: Table | None, items: Sequence[ItemRow]) -> list[AnchorRow]:
    """Return the anchor questions before and after the course, of the students who answered both times."""
    if earlier is None:
        return []
    both = sorted(set(now.students) & set(earlier.students))
    rows = []
    for number, item in enumerate(found.items, 1):
        if item.id not in earlier.items or not both:
            continue
        pair = _paired(item.id, earlier, now, both)
        if len(pair):
            before, after = (share(float(pair[:, side].sum()), len(pair)) for side in (0, 1))
            rows.append(AnchorRow(number, item.stem, before, after, items[number - 1].has("no news")))
    return rows


def _paired(item: str, earlier: Table, now: Table, both: Sequence[str]) -> NDArray[np.float64]:
    """Return the credit before and after, one row for each student who has both."""
    columns = []
    for table in (earlier, now):
        place = {student: row for row, student in enumerate(table.students)}
        columns.append(table.credit[[place[one] for one in both], list(table.items).index(item)])
    pair = np.column_stack(columns)
    return pair[~np.isnan(pair).any(axis=1)]


def reteach(
    items: Sequence[ItemRow], known: IdeaMap | None, rows: Sequence[GoalRow], bank: Bank
) -> list[Reteach]:
    """Return up to three things for the next session, the most needed first.

    Wrong ideas that are alive come first, by how many answers show them; then objectives of which less than
    60 % is right, then questions that are hard after teaching. The minutes are a part of what the lesson
    took: shared out among its objectives, between 5 and 20, in steps of 5.
    """
    found = [*_alive(known, items, bank), *_missed(rows, bank), *_hard(items, bank)]
    return found[:THINGS]


def _alive(known: IdeaMap | None, items: Sequence[ItemRow], bank: Bank) -> Iterator[Reteach]:
    """Yield the wrong ideas that are alive."""
    rows = [row for row in known.rows if row.alive] if known else []
    for row in sorted(rows, key=lambda one: (-one.all.count, one.code)):
        numbers = [
            item.number
            for item in items
            if any(option.idea == row.code and option.chosen.count for option in item.options)
        ]
        worst = max(
            (item for item in items if item.number in numbers),
            key=lambda item: max(option.chosen.count for option in item.options if option.idea == row.code),
            default=None,
        )
        yield Reteach(
            what=row.wrong or row.code,
            why=f"chosen in {row.all.count:g} of {row.all.of} answers that could have shown it ({row.code}; "
            f"{_questions(numbers)})",
            say=row.truth,
            minutes=_minutes(worst.lesson if worst else "", bank),
        )


def _missed(rows: Sequence[GoalRow], bank: Bank) -> Iterator[Reteach]:
    """Yield the objectives that most answers miss."""
    low = [row for row in rows if row.right.of and row.right.share < LIMITS["hard after teaching"]]
    for row in sorted(low, key=lambda one: (one.right.share, one.id)):
        yield Reteach(
            what=row.text,
            why=f"{row.right.count:g} of {row.right.of} answers right",
            say=f"Go through it again with the lesson {row.lesson}." if row.lesson else "",
            minutes=_minutes(row.lesson, bank),
        )


def _hard(items: Sequence[ItemRow], bank: Bank) -> Iterator[Reteach]:
    """Yield the questions that are hard after teaching."""
    for item in sorted(items, key=lambda one: (one.right.share, one.number)):
        if item.has("hard after teaching"):
            yield Reteach(
                what=f"Question {item.number}: {item.stem}",
                why=f"{item.right.count:g} of {item.right.of} right",
                say="Let the class say why each choice is right or wrong.",
                minutes=_minutes(item.lesson, bank),
            )


def _questions(numbers: Sequence[int]) -> str:
    """Return question numbers in words."""
    return f"question{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"


def _minutes(lesson: str, bank: Bank) -> int:
    """Return the minutes for one thing of a lesson, given by its title."""
    guide = next((one for one in bank.lessons.values() if one.title == lesson), None)
    if guide is None or not guide.minutes:
        return 10
    part = guide.minutes / max(1, len(guide.objectives))
    return min(LONGEST, max(SHORTEST, 5 * math.ceil(part / 10)))
