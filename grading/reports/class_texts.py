"""Reflections of a class, as values: levels by criterion, and how far two readers of a text agree."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from course.model import Criterion
from grading.analysis.agreement import adjacent_agreement, exact_agreement
from grading.analysis.bootstrap import bootstrap_interval
from grading.analysis.gwet import gwet_ac
from grading.analysis.kappa import Agreement, cohen_kappa
from grading.analysis.krippendorff import krippendorff_alpha
from grading.bankkeys import Bank
from grading.rating_rules import Standing, standing
from grading.ratings import Rating
from grading.reports.class_values import AgreementRow, CriterionRow, Estimate, PromptPart, Share
from grading.responses import PromptInfo, Responses

ENOUGH = 10
"""With fewer texts read twice, counts are told and coefficients are not."""
SAMPLES = 400
"""Drawn for the interval of Krippendorff's alpha; each costs a millisecond."""


def prompt_parts(found: Responses, bank: Bank, ratings: Sequence[Rating], now: datetime) -> list[PromptPart]:
    """Return each reflection of the assignment."""
    return [_part(found, prompt, bank, _standings(ratings, prompt.id, now)) for prompt in found.prompts]


def unsafe_plans(ratings: Iterable[Rating]) -> dict[str, set[str]]:
    """Return student id -> prompts whose text a reader has marked as an unsafe or unlawful plan."""
    marked: dict[str, set[str]] = {}
    for rating in ratings:
        if rating.unsafe:
            marked.setdefault(rating.student, set()).add(rating.prompt)
    return marked


def _standings(ratings: Iterable[Rating], prompt: str, now: datetime) -> list[Standing]:
    """Return where the texts of one prompt stand, each by its newest wording."""
    by_student: dict[str, list[Rating]] = {}
    for rating in ratings:
        if rating.prompt == prompt:
            by_student.setdefault(rating.student, []).append(rating)
    return [
        standing(one, max(one, key=lambda rating: rating.time).text, twice=False, now=now)
        for one in by_student.values()
    ]


def _part(found: Responses, prompt: PromptInfo, bank: Bank, standings: Sequence[Standing]) -> PromptPart:
    """Return one reflection."""
    texts = [row[prompt.id] for row in found.texts.values() if prompt.id in row]
    graded = [one for one in texts if one.score is not None]
    scores = [one.score for one in graded if one.score is not None]
    rubric = bank.rubrics.get(prompt.rubric or "")
    criteria = rubric.criteria if rubric else ()
    levels = [{row.id: row.level for row in one.levels} for one in graded]
    return PromptPart(
        id=prompt.id,
        text=prompt.text,
        points=prompt.points,
        written=sum(one.words > 0 for one in texts),
        graded=len(graded),
        missing=sum(one.words == 0 for one in texts),
        mean=sum(scores) / len(scores) if scores else math.nan,
        by_length=prompt.least is not None,
        criteria=[_levels(one, levels) for one in criteria] if any(levels) else [],
        agreement=[row for one in criteria if (row := _agreement(one, standings)) is not None],
        third=sum(one.needs == "third" for one in standings),
    )


def _levels(criterion: Criterion, found: Iterable[Mapping[str, int]]) -> CriterionRow:
    """Return the texts by level of one criterion."""
    id_, title, highest = criterion.id, criterion.title, criterion.highest
    counts = [0] * (highest + 1)
    for levels in found:
        if id_ in levels and levels[id_] <= highest:
            counts[levels[id_]] += 1
    return CriterionRow(title, counts)


def _agreement(criterion: Criterion, standings: Iterable[Standing]) -> AgreementRow | None:
    """Return how readers agree on one criterion; None where no text has two."""
    id_, title, highest = criterion.id, criterion.title, criterion.highest
    read = [
        [reader.levels[id_] for reader in one.readers if id_ in reader.levels]
        for one in standings
        if len(one.readers) > 1
    ]
    read = [row for row in read if len(row) > 1]
    if not read:
        return None
    first, second = [row[0] for row in read], [row[1] for row in read]
    scale = list(range(highest + 1))
    exact, adjacent = exact_agreement(first, second), adjacent_agreement(first, second)
    table = [[0] * len(scale) for _ in scale]
    for one, other in zip(first, second, strict=True):
        table[one][other] += 1
    told: dict[str, Estimate] = {}
    if len(read) < ENOUGH:
        few = Estimate(reason=f"too few ({ENOUGH} texts needed)")
        told = dict.fromkeys(("kappa", "kappa_linear", "alpha", "ac1", "ac2"), few)
    else:
        most = max(len(row) for row in read)
        units: Any = [[*row, *[None] * (most - len(row))] for row in read]
        alpha = krippendorff_alpha(units, level="ordinal")
        likely = bootstrap_interval(units, _alpha, samples=SAMPLES)
        told = {
            "kappa": _estimate(cohen_kappa(first, second, "quadratic", scale)),
            "kappa_linear": _estimate(cohen_kappa(first, second, "linear", scale)),
            "alpha": Estimate(alpha.value, likely.interval.low, likely.interval.high, alpha.reason),
            "ac1": _estimate(gwet_ac(units, categories=scale)),
            "ac2": _estimate(gwet_ac(units, weights="quadratic", categories=scale)),
        }
    return AgreementRow(
        title=title,
        texts=len(read),
        exact=Share(round(exact.value * exact.n), exact.n, *exact.interval),
        adjacent=Share(round(adjacent.value * adjacent.n), adjacent.n, *adjacent.interval),
        table=table,
        **told,
    )


def _alpha(units: Any) -> float:
    """Return Krippendorff's alpha for ordered levels."""
    return float(krippendorff_alpha(units, level="ordinal"))


def _estimate(found: Agreement) -> Estimate:
    """Return a coefficient with its interval."""
    return Estimate(found.value, found.interval.low, found.interval.high, found.reason)
