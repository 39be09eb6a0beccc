"""The questions of an assignment, as values: how hard, how telling, and who chose what."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from grading.analysis.intervals import Interval, wilson_interval
from grading.analysis.items import ItemStatistics, item_statistics
from grading.analysis.moments import given_items
from grading.analysis.options import ItemOptions, OptionStatistics, option_statistics
from grading.bankkeys import Bank
from grading.reports.class_flags import RELATIONS
from grading.reports.class_values import Estimate, ItemRow, OptionRow, Share, Trace
from grading.responses import ItemInfo, Response, Responses

FIFTHS = 100
"""From so many students on, scores are grouped in fifths instead of thirds."""
IN_A_GROUP = 10
"""Fewer students than this make no group."""

_MISSING = Response("unreadable", (), 0.0, 0.0)


def item_rows(
    found: Responses,
    students: Sequence[str],
    credit: NDArray[np.float64],
    bank: Bank,
    history: Mapping[str, Sequence[str]],
) -> list[ItemRow]:
    """Return the questions in the order of the assignment, without flags and traces.

    Parameters
    ----------
    students, credit : what `Responses.credit` returns.
    history : key changes of a question in words.
    """
    if not found.items:
        return []
    columns = [[found.answers[one].get(item.id, _MISSING) for one in students] for item in found.items]
    chosen = option_statistics(
        choices(found, students),
        [item.key for item in found.items],
        credit,
        [item.options for item in found.items],
    )
    whole = item_statistics(credit, max_marks=1.0)
    return [
        _row(number, item, answers, stats, options, bank, history)
        for number, (item, answers, stats, options) in enumerate(
            zip(found.items, columns, whole, chosen, strict=True), 1
        )
    ]


def choices(found: Responses, students: Sequence[str]) -> list[list[Sequence[str] | None]]:
    """Return the options chosen, students x questions; None where there are none."""
    return [
        [found.answers[one].get(item.id, _MISSING).chosen or None for item in found.items] for one in students
    ]


def _row(
    number: int,
    item: ItemInfo,
    answers: Sequence[Response],
    stats: ItemStatistics,
    options: ItemOptions,
    bank: Bank,
    history: Mapping[str, Sequence[str]],
) -> ItemRow:
    """Return one question."""
    guide = bank.lessons.get(item.lesson)
    return ItemRow(
        number=number,
        id=item.id,
        stem=item.stem or item.id,
        vignette=item.vignette,
        lesson=guide.title if guide else item.lesson,
        objective=guide.objectives.get(item.objective, item.objective) if guide else item.objective,
        several=item.kind == "multiple",
        version=item.version,
        right=_share(stats.facility, stats.n, stats.facility_interval),
        rest=_relation(stats.item_rest, stats.item_rest_interval, stats.rest_n, stats.reason),
        options=[_option(item, one, options) for one in options.options],
        blank=sum(one.state == "unanswered" for one in answers),
        unreadable=sum(one.state == "unreadable" for one in answers),
        by_hand=sum(one.by_hand for one in answers),
        history=history.get(item.id, ()),
    )


def _share(value: float, of: int, interval: Interval) -> Share:
    """Return a share as a count; thirds that add up to a whole lack its last binary digit."""
    return Share(round(value * of, 6) if of else 0.0, of, interval.low, interval.high)


def _relation(value: float, interval: Interval, of: int, reason: str) -> Estimate:
    """Return a correlation, or why none is told."""
    if of < RELATIONS:
        return Estimate(reason=f"too few ({RELATIONS} needed)")
    return Estimate(value, interval.low, interval.high, reason if math.isnan(value) else "")


def _option(item: ItemInfo, found: OptionStatistics, options: ItemOptions) -> OptionRow:
    """Return one option."""
    id_ = str(found.option)
    return OptionRow(
        id=id_,
        text=item.texts.get(id_, id_),
        right=found.key,
        chosen=_share(found.share, options.n, found.share_interval),
        rest=_relation(found.r, found.r_interval, options.n, options.reason or "nobody differs in it"),
        idea=item.misconceptions.get(id_, ""),
    )


def score_groups(totals: Sequence[float]) -> list[list[int]]:
    """Return the places of students in groups of like size by their total, the weakest first.

    Thirds below 100 students, fifths from there on. Who has the same total is in the same group. Empty
    where no two groups of at least 10 can be made.
    """
    order = sorted(range(len(totals)), key=lambda one: totals[one])
    parts = 5 if len(totals) >= FIFTHS else 3
    cuts = (
        {totals[order[min(len(order) * part // parts, len(order) - 1)]] for part in range(1, parts)}
        if order
        else set()
    )
    groups: list[list[int]] = [[]]
    for place in order:
        if totals[place] in cuts and groups[-1] and totals[groups[-1][-1]] != totals[place]:
            groups.append([])
        groups[-1].append(place)
    # A group that ties have left too small joins its weaker neighbour, the weakest its stronger one.
    made: list[list[int]] = []
    for group in groups:
        if made and (len(group) < IN_A_GROUP or len(made[-1]) < IN_A_GROUP):
            made[-1] = made[-1] + group
        else:
            made.append(group)
    return made if len(made) > 1 else []


def trace(
    found: Responses, item: ItemInfo, students: Sequence[str], credit: NDArray[np.float64]
) -> Trace | None:
    """Return who chose what by score group; None where there are too few students for groups.

    It rests on the students with an answer to each question that could be read.
    """
    marks = credit[:, given_items(credit)]
    whole = [row for row in range(len(students)) if not np.isnan(marks[row]).any()]
    totals = [round(float(marks[row].sum()), 6) for row in whole]
    groups = score_groups(totals)
    if not groups:
        return None
    shares: dict[str, list[Share]] = {option: [] for option in item.options}
    for group in groups:
        answers = [found.answers[students[whole[place]]][item.id] for place in group]
        read = [one for one in answers if one.state != "unreadable"]
        for option in item.options:
            count = sum(option in one.chosen for one in read)
            low, high = wilson_interval(count, len(read))
            shares[option].append(Share(count, len(read), low, high))
    return Trace(
        groups=[_between([totals[place] for place in group]) for group in groups],
        sizes=[len(group) for group in groups],
        shares=shares,
    )


def _between(totals: Sequence[float]) -> str:
    """Return the range of some totals in words."""
    low, high = f"{min(totals):.3g}", f"{max(totals):.3g}"
    return low if low == high else f"{low}–{high}"
