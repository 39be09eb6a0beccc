"""What a student's report says of a reflection: levels, the line that the grader quoted, what to try next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from course.model import Rubric
from grading.bankkeys import Bank
from grading.responses import PromptInfo, TextResponse
from grading.rubric import RubricRow

_NEXT = re.compile(r"(?:^|[.!?”\"]\s+)(Next\b.+)|^(next\b.+)")
_QUOTE = re.compile(r"^>\s?(.*)$|^[“\"«](.+)[”\"»]$|\bYou (?:did|wrote|said): [“\"«](.+?)[”\"»]")


LONGEST = 280
"""Letters of a quote, a step or a comment on a report's first sheet, which is one sheet of paper."""


@dataclass(frozen=True)
class Reflection:
    """How one reflection was read: rubric rows, the line that the grader quoted, and what to try next.

    `remark` is the grader's comment where it neither sets levels nor quotes. Of a `blank` one nothing was
    written.
    """

    number: int
    graded: bool
    score: float
    points: float
    rows: Sequence[RubricRow] = ()
    quote: str = ""
    step: str = ""
    words: int = 0
    least: int | None = None
    remark: str = ""
    blank: bool = False


def reflection_of(number: int, prompt: PromptInfo, text: TextResponse | None, bank: Bank) -> Reflection:
    """Return how a reflection was read."""
    if text is None:
        return Reflection(number, False, 0.0, prompt.points, least=prompt.least)
    quote, step = map(_short, quote_and_step(text.comment))
    return Reflection(
        number=number,
        graded=text.score is not None,
        score=text.score or 0.0,
        points=prompt.points,
        rows=text.levels,
        quote=quote,
        step=step or _step_up(text.levels, bank.rubrics.get(prompt.rubric or "")),
        words=text.words,
        least=prompt.least,
        remark="" if text.levels or quote else _short(" ".join(text.comment.split())),
        blank=text.state == "unanswered",
    )


def quote_and_step(comment: str) -> tuple[str, str]:
    """Return the line of the student's that a grader's comment quotes, and the step that it suggests.

    A quote is a line that begins with ``>``, a line in quotation marks, or what stands in these after ``You
    did:``; a step begins with the word Next. Both are empty where there is none.

    Examples
    --------
    >>> quote_and_step('Clear.\\n> I said stop.\\n\\nNext, add what she said.')
    ('I said stop.', 'Next, add what she said.')
    """
    lines = [line.strip() for line in comment.splitlines()]
    quotes = [next(filter(None, match.groups()), "") for line in lines if (match := _QUOTE.search(line))]
    steps = [match[1] or match[2] for line in lines if (match := _NEXT.search(line))]
    # A mark of omission alone is a place for a quote that nobody filled in.
    filled = (one.strip() for one in quotes if one.strip(" .…"))
    return next(filled, ""), steps[0].strip() if steps else ""


def _short(text: str) -> str:
    """Return text cut between words, or in a word that is too long, to what the sheet has room for."""
    if len(text) <= LONGEST:
        return text
    cut = text[:LONGEST]
    words = cut.rpartition(" ")[0]
    return (words if len(words) > LONGEST / 2 else cut).rstrip(" ,;:") + " …"


def _step_up(rows: Sequence[RubricRow], rubric: Rubric | None) -> str:
    """Return what the next level of the weakest criterion asks for; empty where all is well."""
    open_ = [row for row in rows if row.level < row.highest]
    if not open_ or rubric is None:
        return ""
    weakest = min(open_, key=lambda row: row.level / row.highest)
    levels = next(one.levels for one in rubric.criteria if one.id == weakest.id)
    wanted = levels[weakest.level + 1]
    return f"In your next text, work on “{weakest.title}”. This is what one level more looks like: {wanted}"
