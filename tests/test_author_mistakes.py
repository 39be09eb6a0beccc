"""Slips of authors: what is said of each, word for word, and in words that a non-programmer knows."""

import re
import tomllib
from pathlib import Path

import pytest

from course.bank import load_course
from course.reading import CourseError

STORED = tomllib.loads((Path(__file__).parent / "author_mistakes.toml").read_text(encoding="utf-8"))
JARGON = re.compile(
    r"\b(input|string|tuple|dict\w*|array|literal|boolean|integer|float|none|null|nonetype|namespace|"
    r"validat\w+|parse\w*|pattern|regex|syntax|token|statement|pydantic|python|traceback|\w+_type)\b",
    re.IGNORECASE,
)
"""Words of programmers; a message that needs one is a message to write again."""


def name(case: dict) -> str:
    return f"{case['file']}: {case.get('with', case.get('content', case.get('bytes')))!r}"[:90]


def said(root: Path, case: dict) -> list[str]:
    """Make the slip in a small course and return what is said of it."""
    path = root / "course" / case["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name == "scenario.toml":
        path.write_text(STORED["scenario"], encoding="utf-8")
        lesson = path.with_name("lesson.md")
        lesson.write_text(lesson.read_text(encoding="utf-8") + "\n{{scenario}}\n", encoding="utf-8")
    if "bytes" in case:
        path.write_bytes(bytes.fromhex(case["bytes"]))
    elif "content" in case:
        path.write_text(case["content"], encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8")
        assert case["replace"] in text, "the small course has changed"
        path.write_text(text.replace(case["replace"], case["with"], 1), encoding="utf-8")
    try:
        load_course(root)
    except CourseError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("case", STORED["case"], ids=name)
def test_a_slip_is_told_word_for_word(small_course, case):
    assert said(small_course, case) == case["says"]


def test_every_message_has_a_place_a_remedy_and_no_jargon():
    for line in {line for case in STORED["case"] for line in case["says"]}:
        assert re.match(r"course/[\w./-]+:\d+: .+ - .+", line), line
        told = re.sub(r"'[^']*'", "", line.partition(": ")[2])
        assert not JARGON.search(told), line
