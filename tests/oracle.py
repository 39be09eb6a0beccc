"""What must hold of any bytes handed in, whatever they are; the property tests and the fuzzer ask it."""

import ast
import json
import warnings
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from corpus import ITEMS, PLAN, SOURCE, STORY

from grading.copy_record import TEXT_LIMIT, recorded
from grading.gradedcopy import Template, dumps, graded_copy, template
from grading.handedin import belongs_to
from grading.keys import stored_cells
from grading.notebook_json import UnreadableError, parse_notebook
from grading.released import ReleasedNotebook, released_notebook
from grading.submission import ItemReading, Readings, read_answers
from grading.verdict import Before, decide

KEYS = {"gate-word": {"c"}, "gate-signs": {"a", "d"}, "gate-log": {"b", "c"}}
OPTIONS = {"gate-word": set("abc"), "gate-signs": set("abcd"), "gate-log": set("abc")}
POINTS = {"gate-word": 2.0, "gate-signs": 3.0, "gate-log": 4.0}
READ_UP_TO = 4096
"""No longer cell is read."""


@cache
def assignment() -> tuple[ReleasedNotebook, Template]:
    """Return the corpus's assignment as released, and its notebook ready to be filled."""
    source = parse_notebook(SOURCE.read_bytes())
    released = released_notebook("check-gate", stored_cells(source, checksums=False))
    return released, template(source, released)


def check(data: bytes) -> Readings | None:
    """Read and grade bytes; return the readings, or None for a file that is refused with a reason."""
    try:
        notebook = parse_notebook(data)
    except UnreadableError as error:
        assert str(error) and str(error).isprintable()
        return None
    return check_notebook(notebook)


def check_notebook(notebook: Mapping[str, Any]) -> Readings:
    """Read and grade a parsed notebook, and look at all that comes of it."""
    released, made = assignment()
    readings = read_answers(notebook, released.questions, released.stubs)
    assert set(readings.items) == set(ITEMS) and set(readings.texts) == {STORY, PLAN}
    assert belongs_to(notebook, released) in (True, False)
    for one in [*readings.items.values(), *readings.texts.values()]:
        assert one.state in ("answered", "unanswered", "unreadable")
        assert (one.state == "unreadable") == bool(one.reason)
        assert one.reason.isprintable()
    seen = calls_python_sees(notebook)
    rows = decide(released, readings, Before()).cells
    for id_, reading in readings.items.items():
        check_item(reading, seen[id_])
        score = rows[id_].auto_score
        chosen = {reading.answer} if isinstance(reading.answer, str) else set(reading.answer or ())
        assert score is not None and 0.0 <= score <= POINTS[id_]
        assert (score == POINTS[id_]) == (chosen == KEYS[id_])
    copy = dumps(graded_copy(made, readings))
    copy.encode("utf-8")
    kept = recorded(json.loads(copy))
    assert kept is not None and kept[0].items == readings.items
    for id_, text in readings.texts.items():
        assert kept[0].texts[id_].text == text.text[:TEXT_LIMIT]
    return readings


def check_item(reading: ItemReading, calls: list[ast.Call]) -> None:
    """An answer counts where every call that Python sees says it, or says nothing; and only there."""
    given = [answer_in(call, reading.id) for call in calls]
    if reading.state == "answered":
        chosen = {reading.answer} if isinstance(reading.answer, str) else set(reading.answer or ())
        assert chosen and chosen <= OPTIONS[reading.id]
        assert isinstance(reading.answer, str) == (reading.id == "gate-word")
        assert chosen in given
    else:
        assert reading.answer is None
    if reading.state != "unreadable":
        assert calls
        assert all(one is not None for one in given)
        assert all(one == set() or reading.answer is not None for one in given)
        assert len({frozenset(one) for one in given if one}) <= 1
    elif len(calls) == 1 and given[0] is not None:
        assert (
            "cell is" in reading.reason
            or "cell has curly quotes" in reading.reason
            or "inside other code" in reading.reason
            or "more code" in reading.reason
        )


def calls_python_sees(notebook: Mapping[str, Any]) -> dict[str, list[ast.Call]]:
    """Return all calls of ask by question, found the slow and plain way: every code cell is parsed."""
    found: dict[str, list[ast.Call]] = defaultdict(list)
    for cell in notebook["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str) or len(source.replace("\r\n", "\n")) > READ_UP_TO:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source.encode("utf-8", "replace").decode("utf-8"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
                )
                named = {word.arg: word.value for word in node.keywords}
                for one in {id(one): one for one in (*node.args[:1], named.get("item_id"))}.values():
                    if name == "ask" and isinstance(one, ast.Constant) and isinstance(one.value, str):
                        found[one.value].append(node)
    return found


def answer_in(call: ast.Call, id_: str) -> set[str] | None:
    """Return the options that a call chooses, empty where none; None where it cannot count."""
    named = [word.arg for word in call.keywords]
    if len(call.args) + len(named) > 2 or set(named) - {"item_id", "answer"} or len(set(named)) < len(named):
        return None
    if (len(call.args) == 2 and named) or (call.args and "item_id" in named):
        return None
    arguments = dict(zip(("item_id", "answer"), call.args, strict=False))
    arguments |= {word.arg: word.value for word in call.keywords if word.arg is not None}
    try:
        value = ast.literal_eval(arguments["answer"]) if "answer" in arguments else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if value is None or value == "" or value == []:
        return set()
    if id_ == "gate-word":
        return {value} if isinstance(value, str) and value in OPTIONS[id_] else None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    return set(value) if set(value) <= OPTIONS[id_] else None
