"""What `course check` says of each broken rule, word for word; the slips are those of other tests."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clean_course import CLEAN, SECOND, changed, course, lesson, reworded
from test_lint import BROKEN
from test_lint_patterns import NAMES, PATTERNS, bank
from test_lint_texts import broken_stories

from course.lint import lint, patterns
from course.model import Claim, Course, Item

STORED = tomllib.loads((Path(__file__).parent / "lint_messages.toml").read_text(encoding="utf-8"))
"""Name of a slip -> all that is said of it."""
EVEN = [0, 1, 2] * 5
"""Where the keys of fifteen items stand on paper, when it does not matter."""
TOLD = reworded(CLEAN, b="Greet him, offer help, show the way.")
TELLING = reworded(
    replace(SECOND, vignette="You greet a man, offer him help and show him the way. A woman calls to you."),
    b="Nod to her and go over at once.",
)


def whole(change: Callable, count: int = 15) -> Course:
    items = bank()
    items[:count] = [change(item) for item in items[:count]]
    return course(*items)


COURSES: dict[str, tuple[Course, list[int]]] = {
    **{name: (course(item), EVEN) for name, (_, _, item) in BROKEN.items()},
    **{
        f"a story with {name}": (course(lessons=(lesson(scenario=story),)), EVEN)
        for name, _, story in broken_stories()
    },
    **{
        f"a bank that breaks {name}": (whole(change), EVEN)
        for name, (_, _, change) in zip(NAMES, PATTERNS, strict=True)
    },
    "keys that stand unevenly": (course(*bank()), [0, 1, 0, 0, 2, 0, 0, 1, 0, 0, 2, 0, 0, 1, 0]),
    "few keys at one place": (course(*bank()), [0, 1, 2, 0, 1, 0, 0, 1, 2, 0, 1, 0, 0, 1, 2]),
    "four keys in a row": (course(*bank()), [0, 1, 0, 1, 0, 1, 0, 2, 1, 0, 2, 1, 2, 2, 1]),
    "items of no objective": (whole(lambda item: replace(item, objective="other")), EVEN),
    "a theme without items": (
        course(
            *bank(),
            claims=(*course().claims, Claim("S2-01", "S2", "skill", "K02", "greeting", None, "Nod.")),
        ),
        EVEN,
    ),
    "a misconception used twice": (whole(lambda i: changed(i, "a", misconception="MIS-11"), 1), EVEN),
    "a misconception used too often": (whole(lambda i: changed(i, "a", misconception="MIS-11i"), 5), EVEN),
    "a bank of recall": (whole(lambda item: replace(item, bloom="remember"), 8), EVEN),
    "the same question twice": (course(CLEAN, replace(CLEAN, id="greeting-twin")), EVEN),
    "a key that another question tells": (
        course(
            *(replace(item, pool="graded", half=1) for item in (TOLD, TELLING)),
        ),
        EVEN,
    ),
    "a waiver without a reason": (
        course(replace(BROKEN["a question of opinion"][2], waived={"L-31": " "})),
        EVEN,
    ),
}


def said(name: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    judged, where = COURSES[name]

    def position(item: Item, seed: int) -> int:
        return where[int(item.id[-2:])] if item.id[-2:].isdigit() else 0

    monkeypatch.setattr(patterns, "key_position", position)
    return [str(finding) for finding in lint(judged).findings]


@pytest.mark.parametrize("name", COURSES)
def test_a_broken_rule_is_told_word_for_word(name, monkeypatch):
    assert said(name, monkeypatch) == STORED[name]


def test_every_message_has_a_place_a_rule_and_a_remedy():
    assert set(STORED) == set(COURSES)
    for line in {line for lines in STORED.values() for line in lines}:
        assert re.match(r"course/[\w./-]+:\d+: [LSRA]-\d\d .+ - .+", line), line
