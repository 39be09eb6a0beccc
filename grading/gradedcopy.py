"""The graded copy: our own notebook filled with the answers read, and nothing else of the student's."""

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from grading.copy_record import RECORD, TEXT_LIMIT, record
from grading.notebook_json import cells, source_of
from grading.released import KeyedItem, ReleasedNotebook, ReleasedPrompt, words_in
from grading.submission import ItemReading, Readings, State, TextReading, asked_ids, prompt_ids
from grading.untrusted import visible

Notebook = dict[str, Any]
Kind = Literal["quiz", "grade", "prompt", "length", "other"]


@dataclass(frozen=True)
class Template:
    """Our own notebook made ready to be filled: each cell with what it is for, and the item it belongs to.

    It is made once for all students; filling it changes nothing in it.
    """

    frame: Mapping[str, Any]
    """The notebook without its cells."""
    cells: Sequence[tuple[Kind, str, Mapping[str, Any]]]
    """Kind, item or prompt id, and the cell, for a grade cell with the source and mark stored at release."""
    released: ReleasedNotebook
    with_ids: bool
    filled: dict[tuple[Kind, str, State, Any], "list[_Constant]"] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Cells as they come out for one answer, kept because most of a class gives the same few."""


def template(base: Mapping[str, Any], released: ReleasedNotebook) -> Template:
    """Return a template of the released notebook, given as parsed JSON; `base` is not changed."""
    by_id = {item.id: item for item in released.items}
    prompts = {prompt.id for prompt in released.prompts}
    tests: dict[str, tuple[Kind, str]] = {item.cell: ("grade", item.id) for item in released.items}
    tests |= {one.cell: ("length", one.id) for one in released.prompts if one.least is not None}
    found: list[tuple[Kind, str, Mapping[str, Any]]] = []
    for cell in cells(base):
        grade_id = _table(cell, "nbgrader").get("grade_id")
        asked = asked_ids(cell) & by_id.keys()
        answered = prompt_ids(cell) & prompts
        if len(asked) == 1:
            found.append(("quiz", asked.pop(), {**cell, "source": source_of(cell)}))
        elif grade_id in tests:
            stored = released.sources[grade_id]
            marks = {**cell["metadata"]["nbgrader"], "checksum": stored.checksum}
            metadata = {**cell["metadata"], "nbgrader": marks}
            filled = {**cell, "source": _lines(stored.source), "metadata": metadata}
            found.append((*tests[grade_id], filled))
        elif len(answered) == 1:
            found.append(("prompt", answered.pop(), cell))
        else:
            found.append(("other", "", _Constant(cell)))
    frame = {name: value for name, value in base.items() if name != "cells"}
    return Template(frame, found, released, base.get("nbformat_minor", 0) >= 5)


def graded_copy(made: Template, readings: Readings, *, told: str = "", reason: str = "") -> Notebook:
    """Return the copy that graders, reports and feedback read.

    Parameters
    ----------
    made : the released notebook as a template.
    readings : what was read; empty readings leave every question blank.
    told, reason : a sentence for the top of the copy, and why the file could not be read.
    """
    released = made.released
    by_id = {item.id: item for item in released.items}
    prompts = {prompt.id: prompt for prompt in released.prompts}
    texts = {
        id_: readings.texts.get(id_, TextReading(id_, "unanswered", prompt.stub))
        for id_, prompt in prompts.items()
    }
    filled: list[Mapping[str, Any]] = []
    if told or reason:
        filled.append(_note("grading-note", f"**{told}**\n\n{inert(reason)}", made.with_ids))
    for kind, id_, cell in made.cells:
        if kind in ("quiz", "grade"):
            reading = readings.items.get(id_, ItemReading(id_, "unanswered"))
            filled += _filled(made, by_id[id_], kind, cell, reading)
        elif kind == "length":
            filled.append({**cell, "outputs": [_output(prompts[id_].score(texts[id_]), texts[id_])]})
        elif kind == "prompt":
            text = texts[id_]
            untouched = text.text == released.stubs[id_]
            filled.append({**cell, "source": _lines(text.text if untouched else inert(text.text))})
            if prompts[id_].least is not None:
                filled.append(_note(f"read-{id_}", _counted(prompts[id_], text), made.with_ids))
        else:
            filled.append(cell)
    metadata = {**made.frame.get("metadata", {}), RECORD: record(readings, reason)}
    return {**made.frame, "cells": filled, "metadata": metadata}


def _filled(
    made: Template, item: KeyedItem, kind: Kind, cell: Mapping[str, Any], reading: ItemReading
) -> "list[_Constant]":
    """Return the cells that one answer makes of a quiz or grade cell of the template."""
    answer = tuple(reading.answer) if isinstance(reading.answer, list) else reading.answer
    which = (kind, item.id, reading.state, answer)
    found = made.filled.get(which)
    if found is None:
        if kind == "quiz":
            quiz = {**cell, "source": _lines(with_answer(cell["source"], reading.answer))}
            found = [
                _Constant(quiz),
                _Constant(_note(f"read-{item.id}", _said(item, reading), made.with_ids)),
            ]
        else:
            score = item.score(reading.answer) if reading.state == "answered" else None
            found = [_Constant({**cell, "outputs": [_output(score, reading)]})]
        # A reason is as long as a student makes it, and no two are alike.
        if not reading.reason:
            made.filled[which] = found
    return found


def dumps(notebook: Mapping[str, Any]) -> str:
    """Return the copy's file text: one line, and sorted keys, so that it is the same on every run."""
    parts = []
    for name in sorted(notebook):
        value = notebook[name]
        if name == "cells":
            text = f"[{', '.join(one.text if isinstance(one, _Constant) else _json(one) for one in value)}]"
        else:
            text = _json(value)
        parts.append(f"{_json(name)}: {text}")
    return f"{{{', '.join(parts)}}}\n"


def _json(value: Any) -> str:
    """Return a value as JSON text."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


class _Constant(dict[str, Any]):
    """A cell that is the same in every copy, with its JSON text made once."""

    def __init__(self, cell: Mapping[str, Any]) -> None:
        super().__init__(cell)
        self.text = _json(cell)


def inert(text: str) -> str:
    r"""Return Markdown that shows text exactly as typed: no heading, link, picture or HTML comes alive.

    Examples
    --------
    >>> inert("<b>hi</b>")
    '```text\n<b>hi</b>\n```'
    """
    shown = visible(text)
    if len(shown) > TEXT_LIMIT:
        shown = f"{shown[:TEXT_LIMIT]}\n[... {len(shown) - TEXT_LIMIT} more characters are not shown]"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def with_answer(source: str, answer: Any) -> str:
    """Return a quiz cell's source with its answer replaced; unchanged where it has no such argument."""
    parts = _around_answer(source)
    return source if parts is None else literal(answer).join(parts)


def literal(answer: Any) -> str:
    """Return an answer as the widget writes it."""
    return "None" if answer is None else json.dumps(answer if isinstance(answer, str) else list(answer))


@lru_cache(maxsize=4096)
def _around_answer(source: str) -> tuple[str, str] | None:
    """Return what stands before and after the answer in a quiz cell of ours; None where it has none."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in nodes:
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "answer":
                    return _around(source, keyword.value)
    return None


def _around(source: str, node: ast.expr) -> tuple[str, str]:
    """Return the text before and after one expression; offsets are counted in UTF-8 bytes."""
    lines = source.encode("utf-8").split(b"\n")
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    head = b"\n".join([*lines[:first], lines[first][: node.col_offset]])
    tail = b"\n".join([lines[last][node.end_col_offset :], *lines[last + 1 :]])
    return head.decode("utf-8"), tail.decode("utf-8")


def _said(item: KeyedItem, reading: ItemReading) -> str:
    """Return the line below a question that says what was read; it never says whether it is right."""
    if reading.state == "unanswered":
        return "*Answer read: none.*"
    if reading.state == "unreadable":
        return f"**This answer could not be read:**\n\n{inert(reading.reason)}"
    given = [reading.answer] if isinstance(reading.answer, str) else list(reading.answer or ())
    shown = "\n".join(f"{option}: {item.texts.get(option, '')}" for option in given)
    return f"*Answer read:*\n\n{_inert_choice(shown)}"


_inert_choice = lru_cache(maxsize=4096)(inert)
"""`inert` for texts of ours, which are few and come back with every student."""


def _counted(prompt: ReleasedPrompt, text: TextReading) -> str:
    """Return the line below a text whose length earns its points."""
    if text.state == "unreadable":
        return f"**This text could not be read:**\n\n{inert(text.reason)}"
    return f"*Words: {words_in(text)}. It counts from {prompt.least} words on.*"


def _output(score: float | None, reading: ItemReading | TextReading) -> dict[str, Any]:
    """Return the output of a grade cell: the points as a number, as nbgrader would have it, or an error."""
    if reading.state == "answered":
        return {
            "data": {"text/plain": [repr(score)]},
            "execution_count": None,
            "metadata": {},
            "output_type": "execute_result",
        }
    name = "NotAnswered" if reading.state == "unanswered" else "NotReadable"
    value = "no answer is recorded" if reading.state == "unanswered" else visible(reading.reason)
    return {"ename": name, "evalue": value, "output_type": "error", "traceback": [f"{name}: {value}"]}


def _note(id_: str, text: str, with_id: bool) -> dict[str, Any]:
    """Return a Markdown cell of ours."""
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "metadata": {"deletable": False, "editable": False},
        "source": _lines(text),
    }
    return {**cell, "id": id_[:64]} if with_id else cell


def _table(cell: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return one table of a cell's metadata, empty where there is none."""
    metadata = cell.get("metadata")
    value = metadata.get(name) if isinstance(metadata, dict) else None
    return value if isinstance(value, dict) else {}


def _lines(source: str | Iterable[str]) -> list[str]:
    """Return source as nbformat stores it."""
    return source.splitlines(keepends=True) if isinstance(source, str) else list(source)
