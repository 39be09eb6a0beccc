"""The rounds of a review: which questions are drawn, and how a round stands in the literal of its cell.

The literal is a list of texts: ``round:N``, then each drawn question in order, as its id, with what was
chosen behind a colon: ``["round:1", "two-jobs-why-service:b", "first-contact-doors:a+c", "start-aim"]``.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from course.arrangement import display_order
from course.widgets.lesson_files import ITEM_ID, OPTION_ID, Practice
from course.widgets.state import ItemData

_FIRST = re.compile(r"round:([1-9][0-9]{0,5})")
_ENTRY = re.compile(rf"({ITEM_ID.pattern})(?::({OPTION_ID.pattern}(?:\+{OPTION_ID.pattern})*))?")


@dataclass(frozen=True)
class Round:
    """One draw: its number from 1, and for each question in order the ids chosen, none where unanswered."""

    number: int
    chosen: Mapping[str, frozenset[str]]


class Standing(IntEnum):
    """How a question stands with its learner; lower ones are drawn first."""

    MISSED_LAST_ROUND = 0
    MISSED = 1
    UNANSWERED = 2
    RIGHT = 3
    RIGHT_LAST_ROUND = 4


def parse_round(literal: object) -> Round | None:
    """Return the round that a literal holds, or None where it holds none."""
    if not isinstance(literal, list) or not all(isinstance(one, str) for one in literal):
        return None
    first = _FIRST.fullmatch(literal[0]) if literal else None
    entries = [_ENTRY.fullmatch(one) for one in literal[1:]]
    if first is None or not entries:
        return None
    chosen = {
        entry[1]: frozenset(entry[2].split("+") if entry[2] else ()) for entry in entries if entry is not None
    }
    return Round(int(first[1]), chosen) if len(chosen) == len(entries) else None


def standing(practice: Practice, last: Round | None) -> Standing:
    """Return how a question stands: by the last round where it was answered there, else by the lessons.

    With more than one answer in the lessons, one that is wrong makes it missed.
    """
    key = frozenset(practice.item.get("key", ()))
    chosen = last.chosen.get(practice.item["id"]) if last else None
    if chosen and _is_readable(practice.item, chosen):
        return Standing.RIGHT_LAST_ROUND if chosen == key else Standing.MISSED_LAST_ROUND
    if not practice.answers:
        return Standing.UNANSWERED
    return Standing.RIGHT if all(answer == key for answer in practice.answers) else Standing.MISSED


def _is_readable(item: ItemData, chosen: frozenset[str]) -> bool:
    """Return whether what was chosen is a possible answer to the question."""
    return chosen <= {option[0] for option in item["options"]} and (
        item["kind"] == "multiple" or len(chosen) == 1
    )


def draw(
    questions: Mapping[str, Practice], last: Round | None, *, review_id: str, count: int, seed: int, user: str
) -> list[str]:
    """Return the literal of the next round: at most `count` questions, none of them answered yet.

    Questions are taken by their standing; those that stand alike come in the order of
    `display_order`, which depends on seed, user, review and round alone. So the same saved answers
    give the same draw.
    """
    number = last.number + 1 if last else 1
    mixed = display_order(list(questions), seed=seed, user=user, item_id=f"{review_id}:{number}")
    ranked = sorted(mixed, key=lambda id_: standing(questions[id_], last))
    return [f"round:{number}", *ranked[:count]]


def told(questions: Mapping[str, Practice], last: Round | None, drawn: list[str]) -> str:
    """Return in words why these questions were drawn."""
    counts = Counter(standing(questions[id_], last) for id_ in drawn[1:])
    words = {
        Standing.MISSED_LAST_ROUND: "missed in the last round",
        Standing.MISSED: "missed in the lessons",
        Standing.UNANSWERED: "without an answer so far",
        Standing.RIGHT: "right in the lessons",
        Standing.RIGHT_LAST_ROUND: "right in the last round",
    }
    parts = [f"{counts[one]} {words[one]}" for one in Standing if counts[one]]
    return f"Drawn for this round: {', '.join(parts)}."
