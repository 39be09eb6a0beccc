"""What a student's report says, as values: counts by goal, likely range, wrong ideas, growth, next steps."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grading.bankkeys import Bank
from grading.responses import ItemInfo, PromptInfo, Response, TextResponse
from grading.text_report import Reflection, reflection_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_STUDENTS = 20
"""With fewer, the class does not tell how much of a result is chance."""
FEWEST_ITEMS = 5
"""The same for the questions of a check."""
MOST_IDEAS = 3
MOST_STEPS = 2
_EVEN = 1e-9


@dataclass(frozen=True)
class Margin:
    """How far chance moves a result: one standard error of measurement in points, or why nobody can say."""

    points: float
    reason: str = ""


@dataclass(frozen=True)
class Goal:
    """A goal of the course with how many of the questions for it were right; `texts` counts reflections."""

    text: str
    right: int
    partly: int
    asked: int
    texts: int = 0


@dataclass(frozen=True)
class Idea:
    """A wrong idea behind answers that were chosen, and where its truth is taught; `times` counts answers."""

    wrong: str
    truth: str
    lesson: str
    section: str
    times: int = 1


@dataclass(frozen=True)
class Growth:
    """The same questions before the course and now: how many were right, newly right, and no longer."""

    before: int
    now: int
    asked: int
    gained: int
    lost: int


@dataclass(frozen=True)
class Questions:
    """The questions as a whole; `low` and `high` are one standard error below and above, in points."""

    right: int
    partly: int
    asked: int
    score: float
    points: float
    low: float = math.nan
    high: float = math.nan
    why_no_range: str = ""

    @property
    def ranged(self) -> bool:
        """Return whether a likely range can be told."""
        return not self.why_no_range and not math.isnan(self.low)

    @property
    def words(self) -> str:
        """Return how many are right, in words."""
        if self.right == self.asked:
            return "Your answer is right." if self.asked == 1 else "All of your answers are right."
        if not self.right:
            return "None of your answers is fully right yet."
        share = self.right / self.asked
        if share == 0.5:
            return "Half of your answers are right."
        many = "Most" if share >= 0.7 else "More than half" if share > 0.5 else "Some"
        return f"{many} of your answers are right."


@dataclass(frozen=True)
class PassMark:
    """The pass mark of an assignment in questions right, and how it was set; a part of a question counts."""

    questions: float
    how: str
    reached: float

    @property
    def passed(self) -> bool:
        """Return whether it is reached."""
        return self.reached >= self.questions - _EVEN


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a report."""

    goals: Sequence[Goal]
    questions: Questions | None
    ideas: Sequence[Idea]
    growth: Growth | None
    reflections: Sequence[Reflection]
    steps: Sequence[str]
    mark: PassMark | None = None
    outlook: Sequence[str] = ()
    """What the course will teach, where nothing is told of single questions."""


def margin_of(points: "NDArray[np.float64]") -> Margin:
    """Return one standard error of measurement of a class's sums, in points.

    Parameters
    ----------
    points : students x questions; NaN where an answer could not be read. Such students are left out.
    """
    import numpy as np

    from grading.analysis.reliability import standard_error_of_measurement

    whole = points[~np.isnan(points).any(axis=1)] if points.size else points
    if points.shape[1] < FEWEST_ITEMS:
        return Margin(math.nan, "a part this short cannot say how much of it is chance")
    if len(whole) < FEWEST_STUDENTS:
        return Margin(math.nan, "too few people have handed in to say how much of it is chance")
    error = standard_error_of_measurement(whole)
    if math.isnan(error):
        return Margin(math.nan, "the answers of your class do not tell how much of it is chance")
    return Margin(error)


def sheet_of(
    assignment: str,
    items: Sequence[ItemInfo],
    answers: Mapping[str, Response],
    prompts: Sequence[PromptInfo],
    texts: Mapping[str, TextResponse],
    *,
    bank: Bank,
    margin: Margin,
    before: Mapping[str, Response] | None = None,
    show_key: bool = False,
    silent: bool = False,
) -> Sheet:
    """Return the first sheet of a report.

    Parameters
    ----------
    before : answers to the questions asked before the course, by item id; None where there are none.
    show_key : whether keys are released. Without, nothing tells which choice is right where points do not.
    silent : whether the page does not tell of a single question whether it was right; then nothing but the
        sum of the questions is told.
    """
    told = [] if silent else ideas_of(items, answers, bank, show_key=show_key)
    reflections = [reflection_of(at, one, texts.get(one.id), bank) for at, one in enumerate(prompts, 1)]
    asked = [item for item in items if item.id in answers]
    return Sheet(
        goals=[] if silent else goals_of(assignment, asked, answers, prompts, bank),
        questions=questions_of(asked, answers, margin) if asked else None,
        ideas=told,
        growth=None if silent or before is None else growth_of(asked, answers, before),
        reflections=reflections,
        steps=[] if silent else next_steps(told, reflections, bank),
        mark=_mark(assignment, asked, answers, bank) if asked and not silent else None,
        outlook=list(bank.goals(assignment).values()) if silent else (),
    )


def _mark(
    assignment: str, items: Sequence[ItemInfo], answers: Mapping[str, Response], bank: Bank
) -> PassMark | None:
    """Return the pass mark with how many questions were right; None where the course sets none."""
    set_ = bank.pass_marks.get(assignment)
    if set_ is None:
        return None
    reached = sum(answers[item.id].score / answers[item.id].points for item in items)
    return PassMark(*set_, reached)


def goals_of(
    assignment: str,
    items: Sequence[ItemInfo],
    answers: Mapping[str, Response],
    prompts: Sequence[PromptInfo],
    bank: Bank,
) -> list[Goal]:
    """Return the goals in the course's order; those of the lesson that were not asked for have 0 asked."""
    every = bank.goals(assignment)
    named = {one.objective for one in items} | {one.objective for one in prompts}
    found = []
    for id_, text in every.items():
        if id_ not in named and assignment not in bank.lesson_of:
            continue
        here = [answers[item.id] for item in items if item.objective == id_]
        found.append(
            Goal(
                text=text,
                right=sum(map(is_right, here)),
                partly=sum(map(is_partly, here)),
                asked=len(here),
                texts=sum(one.objective == id_ for one in prompts),
            )
        )
    return found


def questions_of(items: Sequence[ItemInfo], answers: Mapping[str, Response], margin: Margin) -> Questions:
    """Return the questions as a whole, with the range in which another such test would likely end."""
    here = [answers[item.id] for item in items]
    score, points = sum(one.score for one in here), sum(one.points for one in here)
    low, high = max(0.0, score - margin.points), min(points, score + margin.points)
    return Questions(
        right=sum(map(is_right, here)),
        partly=sum(map(is_partly, here)),
        asked=len(here),
        score=score,
        points=points,
        low=_to_halves(low),
        high=_to_halves(high),
        why_no_range=margin.reason,
    )


def ideas_of(
    items: Iterable[ItemInfo], answers: Mapping[str, Response], bank: Bank, *, show_key: bool
) -> list[Idea]:
    """Return the wrong ideas behind the answers chosen, the commonest first, at most `MOST_IDEAS`.

    Without the key, only where there was one answer to choose: there the points have told already that it
    is wrong. Among several ticks, a named idea would tell which of them is.
    """
    items = list(items)
    counted: Counter[str] = Counter()
    where: dict[str, ItemInfo] = {}
    for item in items:
        answer = answers.get(item.id)
        if answer is None or is_right(answer) or (answer.by_hand and answer.score > 0):
            continue
        if not show_key and (item.kind != "single" or answer.score > 0):
            continue
        for option in answer.chosen:
            code = item.misconceptions.get(option, "")
            if code in bank.misconceptions and option not in item.key:
                counted[code] += 1
                where.setdefault(code, item)
    # Counter.most_common keeps the order of the questions where counts are the same.
    taught = _lessons_until({item.lesson for item in items}, bank)
    return [_idea(code, times, where[code], taught, bank) for code, times in counted.most_common(MOST_IDEAS)]


def growth_of(
    items: Iterable[ItemInfo], answers: Mapping[str, Response], before: Mapping[str, Response]
) -> Growth | None:
    """Return how the questions asked before the course went then and now; None where none was."""
    pairs = [(before[item.id], answers[item.id]) for item in items if item.id in before]
    pairs = [pair for pair in pairs if all(one.state != "unreadable" for one in pair)]
    if not pairs:
        return None
    return Growth(
        before=sum(is_right(then) for then, _ in pairs),
        now=sum(is_right(now) for _, now in pairs),
        asked=len(pairs),
        gained=sum(is_right(now) and not is_right(then) for then, now in pairs),
        lost=sum(is_right(then) and not is_right(now) for then, now in pairs),
    )


def next_steps(ideas: Sequence[Idea], reflections: Sequence[Reflection], bank: Bank) -> list[str]:
    """Return what to do next, at most `MOST_STEPS` sentences: reread, try in writing, come back to it."""
    steps = []
    if ideas:
        first = ideas[0]
        section = f" the part “{first.section}” in" if first.section else ""
        steps.append(f"Read{section} the lesson “{first.lesson}” again, and do its practice questions.")
    tried = [one.step for one in reflections if one.step]
    steps += tried[:1]
    if bank.review:
        steps.append(f"In two days, open the lesson “{bank.review}” and do its ten questions.")
    return steps[:MOST_STEPS]


def is_right(answer: Response) -> bool:
    """Return whether an answer earned every point."""
    return answer.points > 0 and answer.score >= answer.points - _EVEN


def is_partly(answer: Response) -> bool:
    """Return whether an answer earned some of the points, and not all."""
    return answer.score > 0 and not is_right(answer)


def _lessons_until(asked: Collection[str], bank: Bank) -> list[str]:
    """Return the lessons up to the last one that questions were asked about; later ones are still to come."""
    order = list(bank.lessons)
    return order[: max((order.index(one) for one in asked if one in order), default=-1) + 1]


def _idea(code: str, times: int, item: ItemInfo, taught: Sequence[str], bank: Bank) -> Idea:
    """Return a wrong idea with the part of a lesson that teaches its truth.

    That is in the question's own lesson or in another one that was taught. Only where none states it, it is
    the part that the question rests on.
    """
    register = bank.misconceptions[code]
    own = [(item.lesson, claim) for claim in register.stated_in]
    others = [(slug, claim) for slug in taught for claim in register.stated_in]
    basis = [(item.lesson, claim) for claim in item.claims]
    lesson, section = next(
        (
            (slug, bank.lessons[slug].sections[claim])
            for slug, claim in (*own, *others, *basis)
            if slug in bank.lessons and claim in bank.lessons[slug].sections
        ),
        (item.lesson, ""),
    )
    return Idea(
        wrong=register.wrong,
        truth=register.truth,
        lesson=bank.lessons[lesson].title if lesson in bank.lessons else "",
        section=section,
        times=times,
    )


def _to_halves(points: float) -> float:
    """Return points to the nearest half: more digits would look like more than a class can tell."""
    return points if math.isnan(points) else round(2 * points) / 2
