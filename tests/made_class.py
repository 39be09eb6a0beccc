"""A class's answers made straight as values, without notebooks and gradebook."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from course.scoring import score
from grading.records import AssignmentRecord, StudentRecord, SubmissionRecord
from grading.responses import ItemInfo, PromptInfo, Response, Responses, TextResponse
from grading.rubric import RubricRow

TIME = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def item(number: int, key: str | Sequence[str] = "a", **changes: object) -> ItemInfo:
    """One question with the options a, b and c; each wrong one rests on MIS-0 and its place."""
    right = [key] if isinstance(key, str) else list(key)
    given: dict = {
        "id": f"item-{number}",
        "points": 2.0,
        "kind": "single" if isinstance(key, str) else "multiple",
        "mode": "all-or-nothing" if isinstance(key, str) else "right-minus-wrong",
        "stem": f"What should you do first, in case {number}?",
        "vignette": "",
        "options": ("a", "b", "c"),
        "texts": {"a": "Greet her.", "b": "Wait for her.", "c": "Look away."},
        "key": tuple(right),
        "lesson": "one",
        "objective": "one-goal",
        "version": 1,
        "misconceptions": {o: f"MIS-0{place}" for place, o in enumerate("abc") if o not in right},
    }
    return ItemInfo(**(given | changes))


def answer(of: ItemInfo, chosen: str | Sequence[str] | None, **changes: object) -> Response:
    """What a student chose, with what it earns; None for a blank answer, "?" for one that cannot be read."""
    picked = (chosen,) if isinstance(chosen, str) else tuple(chosen or ())
    if picked == ("?",):
        given: dict = {"state": "unreadable", "chosen": (), "score": 0.0, "reason": "its cell is gone"}
    else:
        earned = score(
            of.mode, points=of.points, options=list(of.options), key=list(of.key), answer=list(picked) or None
        )
        state = "right" if earned == of.points else "partly" if earned else "wrong"
        given = {"state": state if picked else "unanswered", "chosen": picked, "score": earned}
    return Response(**({"points": of.points} | given | changes))


def made_class(
    items: Sequence[ItemInfo],
    rows: Mapping[str, Sequence[str | Sequence[str] | None]],
    *,
    people: Mapping[str, StudentRecord] | None = None,
    prompts: Sequence[PromptInfo] = (),
    texts: Mapping[str, Mapping[str, TextResponse]] | None = None,
    unread: Mapping[str, str] | None = None,
    name: str = "check",
) -> Responses:
    """The answers of students (student id -> choices in the order of the items)."""
    handed_in = [*rows, *(unread or {})]
    submissions = {one: SubmissionRecord(one, name, TIME, 0.0, {}) for one in handed_in}
    known = people if people is not None else {one: StudentRecord(one) for one in handed_in}
    return Responses(
        record=AssignmentRecord(name, None, {}, submissions),
        title="Check: One",
        items=list(items),
        prompts=list(prompts),
        students=known,
        answers={
            student: {one.id: answer(one, chosen) for one, chosen in zip(items, row, strict=True)}
            for student, row in rows.items()
        },
        texts=texts or {},
        unread=unread or {},
    )


def large_class(items: Sequence[ItemInfo], size: int, seed: int = 7) -> dict[str, list]:
    """Rows of students of drawn ability on questions of drawn difficulty; one answer in 60 is blank."""
    chance = random.Random(seed)
    hard = [chance.gauss(-1, 0.9) for _ in items]
    rows = {}
    for number in range(size):
        able = chance.gauss(0, 1)
        row: list = []
        for one, difficulty in zip(items, hard, strict=True):
            wrong = [option for option in one.options if option not in one.key]
            knows = chance.random() < 1 / (1 + 2.718281828 ** (difficulty - able))
            if chance.random() < 1 / 60:
                row.append(None)
            elif one.kind == "single":
                row.append(one.key[0] if knows else wrong[min(len(wrong) - 1, int(chance.expovariate(1.6)))])
            else:
                row.append([*one.key[: 1 + knows], *wrong[: not knows and chance.random() < 0.5]])
        rows[f"s{number:05d}"] = row
    return rows


def rated(levels: Mapping[str, int], *, points: float = 3.0, words: int = 130) -> TextResponse:
    """A reflection that has its levels, of 3 each."""
    rows = [RubricRow(id_, id_, level, 3, "") for id_, level in levels.items()]
    most = 3 * len(levels) or 1
    return TextResponse("answered", "At the gate.", words, points * sum(levels.values()) / most, points, rows)
