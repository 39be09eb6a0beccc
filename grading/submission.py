"""A parsed notebook to answers, by reading alone: nothing in it is run, trusted or followed."""

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeGuard

from course.scoring import Answer
from grading.notebook_json import cells, source_of
from grading.untrusted import plain

CELL_LIMIT = 4096
"""Most characters of a cell that holds an answer; ours have about 80. Bounds what the parser may meet."""
MOST_COPIES = 8
"""More cells than this for one question are not read one by one."""
FORMER_STUBS = ("Write your answer here.",)
"""What untouched reflections held in notebooks released earlier, which may still be handed in."""

State = Literal["answered", "unanswered", "unreadable"]


@dataclass(frozen=True)
class Question:
    """What the reader must know of an item: its id, how many answers it takes, and the ids it offers."""

    id: str
    kind: Literal["single", "multiple"]
    options: tuple[str, ...]


@dataclass(frozen=True)
class ItemReading:
    """What was found for one item. `answer` is set where answered, `reason` where unreadable."""

    id: str
    state: State
    answer: Answer = None
    reason: str = ""


@dataclass(frozen=True)
class TextReading:
    """What was found for one reflection. `text` is as typed, with line feeds only; all where two differ."""

    id: str
    state: State
    text: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Readings:
    """All that was read from one notebook, by question id in the order asked for."""

    items: Mapping[str, ItemReading] = field(default_factory=dict)
    texts: Mapping[str, TextReading] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[str, str]:
        """Return the reason of each unreadable question by its id."""
        both: list[ItemReading | TextReading] = [*self.items.values(), *self.texts.values()]
        return {reading.id: reading.reason for reading in both if reading.state == "unreadable"}


def read_answers(
    notebook: Mapping[str, Any], questions: Sequence[Question], prompts: Mapping[str, str]
) -> Readings:
    """Return what the notebook answers to each question and prompt; never raises on any parsed notebook.

    Parameters
    ----------
    notebook : as `notebook_json.parse_notebook` gives it.
    questions : the items of the assignment.
    prompts : reflection id -> the text that an untouched answer cell holds.
    """
    known = {question.id: question for question in questions}
    found: dict[str, list[Answer | _Bad]] = {id_: [] for id_ in known}
    texts: dict[str, list[str | _Bad]] = {id_: [] for id_ in prompts}
    tries: Counter[str] = Counter()
    for cell in cells(notebook):
        source = source_of(cell)
        if cell.get("cell_type") == "code":
            for id_, answer in _answers_in(source, known, tries):
                found[id_].append(answer)
        ids = prompt_ids(cell) & texts.keys()
        for id_ in ids:
            texts[id_].append(source if len(ids) == 1 else _Bad("a cell carries the marks of two questions"))
    return Readings(
        items={id_: _settle_item(known[id_], answers) for id_, answers in found.items()},
        texts={id_: _settle_text(id_, copies, prompts[id_]) for id_, copies in texts.items()},
    )


def notebook_names(notebook: Mapping[str, Any]) -> set[str]:
    """Return the assignment names in set-up cells: how a renamed notebook is recognised."""
    names: set[str] = set()
    for cell in cells(notebook):
        source = source_of(cell)
        if cell.get("cell_type") == "code" and _SETUP.search(source):
            names.update(_NOTEBOOK.findall(source)[:1])
    return names


def asked_ids(cell: Mapping[str, Any]) -> set[str]:
    """Return the ids that a code cell seems to ask for, whatever they are."""
    return set(_ASKED.findall(source_of(cell))) if cell.get("cell_type") == "code" else set()


# The word's beginning is looked at last: a pattern that starts with plain letters is found much faster.
_ASKED = re.compile(r"""ask(?<!\wask)\s*\(\s*(?:item_id\s*=\s*)?["']([A-Za-z0-9_-]{1,128})["']""")
_SETUP = re.compile(r"^setup\s*\(", re.MULTILINE)
_NOTEBOOK = re.compile(r'"notebook"\s*:\s*"([^"\\]{1,128})"')


class _Bad:
    """An answer that could not be read."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _answers_in(
    source: str, known: Mapping[str, Question], tries: Counter[str]
) -> Iterator[tuple[str, Answer | _Bad]]:
    """Yield id and answer for each known question that a code cell calls `ask` for.

    `tries` counts the cells that name each question, so that no file can make the parser run for long.
    """
    named = {id_ for id_ in _ASKED.findall(source) if id_ in known}
    if not named:
        return
    tries.update(named)
    reason = ""
    if len(source) > CELL_LIMIT:
        reason = f"its cell is longer than {CELL_LIMIT} characters"
    elif any(tries[id_] > MOST_COPIES for id_ in named):
        reason = f"more than {MOST_COPIES} cells name it"
    if reason:
        yield from ((id_, _Bad(reason)) for id_ in sorted(named))
        return
    calls = _calls(source)
    if calls is None:
        reason = "its cell is not valid Python, so the answer cannot be read"
        yield from ((id_, _Bad(reason)) for id_ in sorted(named))
        return
    for id_, call, alone in calls:
        if id_ in known:
            yield (
                id_,
                _literal(call, known[id_]) if alone else _Bad("the call of ask stands inside other code"),
            )


@lru_cache(maxsize=1024)
def _calls(source: str) -> tuple[tuple[str, ast.Call, bool], ...] | None:
    """Return the calls of `ask` in a cell, with the id and whether the call stands alone; None if no Python.

    A whole class gives few different answers to a question, so most cells were met before.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in a student's text are not our news
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    alone = {id(statement.value) for statement in tree.body if isinstance(statement, ast.Expr | ast.Assign)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_ask(node.func)]
    return tuple((id_, call, id(call) in alone) for call in calls if (id_ := _asked(call)) is not None)


def _is_ask(function: ast.expr) -> bool:
    """Return whether an expression is ``ask`` or ``course.ask``."""
    return (isinstance(function, ast.Name) and function.id == "ask") or (
        isinstance(function, ast.Attribute) and function.attr == "ask"
    )


def _asked(call: ast.Call) -> str | None:
    """Return the question id that a call names as plain text."""
    named = call.args[0] if call.args else _keyword(call, "item_id")
    return named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else None


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument."""
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _literal(call: ast.Call, question: Question) -> Answer | _Bad:
    """Return the answer in a call of ask, or why it is none."""
    given = [*call.args[1:], *(word.value for word in call.keywords if word.arg == "answer")]
    odd = {word.arg for word in call.keywords} - {"answer", "item_id"}
    if len(given) > 1 or odd or any(isinstance(argument, ast.Starred) for argument in call.args):
        return _Bad("the call of ask has arguments it does not know")
    node = given[0] if given else ast.Constant(None)
    if isinstance(node, ast.Constant) and (node.value is None or node.value == ""):
        return None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if question.kind == "multiple":
            return _Bad('the answer is one letter where a list is asked for, such as ["a"]')
        return _among([node.value], question) or node.value
    parts = [part.value for part in node.elts if isinstance(part, ast.Constant)] if _is_list(node) else None
    if parts is not None and all(isinstance(part, str) for part in parts):
        chosen = sorted({str(part) for part in parts})
        if not chosen:
            return None
        if question.kind == "single":
            return _Bad('the answer is a list where one letter is asked for, such as "a"')
        return _among(chosen, question) or chosen
    if isinstance(node, ast.Constant):
        return _Bad("the answer is a number or another value, not a letter in quotes")
    return _Bad("the answer is program code, not a letter in quotes")


def _among(chosen: Iterable[str], question: Question) -> _Bad | None:
    """Return what is wrong where an answer names no option of the question."""
    unknown = [option for option in chosen if option not in question.options]
    if not unknown:
        return None
    options = ", ".join(question.options)
    return _Bad(f"the answer {plain(unknown[0], 20)} is not an option (the options are {options})")


def prompt_ids(cell: Mapping[str, Any]) -> set[str]:
    """Return the reflection ids that a cell carries, as our mark or as nbgrader's."""
    metadata = cell.get("metadata")
    found: set[str] = set()
    if isinstance(metadata, dict):
        for name, key in (("course", "prompt"), ("nbgrader", "grade_id")):
            table = metadata.get(name)
            value = table.get(key) if isinstance(table, dict) else None
            if isinstance(value, str):
                found.add(value)
    return found


def _settle_item(question: Question, answers: Sequence[Answer | _Bad]) -> ItemReading:
    """Return the one reading of all cells that ask the same question."""
    if not answers:
        return ItemReading(question.id, "unreadable", reason="its cell is missing from the notebook")
    bad = [answer for answer in answers if isinstance(answer, _Bad)]
    if bad:
        return ItemReading(question.id, "unreadable", reason=bad[0].reason)
    given = [answer for answer in answers if answer is not None and not isinstance(answer, _Bad)]
    if not given:
        return ItemReading(question.id, "unanswered")
    if any(answer != given[0] for answer in given):
        return ItemReading(
            question.id, "unreadable", reason="its cell stands there twice, with different answers"
        )
    return ItemReading(question.id, "answered", answer=given[0])


def _settle_text(id_: str, copies: Sequence[str | _Bad], stub: str) -> TextReading:
    """Return the one reading of all cells that hold the same reflection."""
    if not copies:
        return TextReading(id_, "unreadable", reason="its answer cell is missing from the notebook")
    bad = [copy for copy in copies if isinstance(copy, _Bad)]
    if bad:
        return TextReading(id_, "unreadable", reason=bad[0].reason)
    texts = [copy for copy in copies if isinstance(copy, str)]
    untouched = {stub.strip(), *FORMER_STUBS}
    written = [text for text in texts if text.strip() and text.strip() not in untouched]
    if not written:
        # Untouched and emptied differ for nbgrader: only an untouched cell is "No response".
        return TextReading(id_, "unanswered", text=stub if texts[0].strip() in untouched else texts[0])
    different = list(dict.fromkeys(written))
    if len(different) > 1:
        return TextReading(
            id_,
            "unreadable",
            text="\n\n[another cell:]\n\n".join(different),
            reason="its answer cell stands there twice, with two texts",
        )
    return TextReading(id_, "answered", text=written[0])


def _is_list(node: ast.expr) -> TypeGuard[ast.List]:
    """Return whether an expression is a list of plain values."""
    return isinstance(node, ast.List) and all(isinstance(part, ast.Constant) for part in node.elts)
