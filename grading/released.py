"""What was released: items, keys and prompts, parsed from the cells that nbgrader stored at release."""

import ast
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from course.scoring import MODES, Answer, completion, count_words, score
from grading.submission import ItemReading, Question, TextReading

COUNTED = 20_000
"""Most characters of a text whose words are counted: counting ten megabytes would take seconds."""


@dataclass(frozen=True)
class StoredCell:
    """One cell of the instructor's notebook as nbgrader keeps it; `points` is set where it is graded."""

    name: str
    cell_type: str
    source: str
    locked: bool
    points: float | None = None
    solution: bool = False
    task: bool = False
    checksum: str | None = None


@dataclass(frozen=True)
class KeyedItem:
    """An item with its key. `cell` is the grade cell's id, `id` the id that the quiz cell asks for."""

    cell: str
    id: str
    points: float
    mode: str
    options: tuple[str, ...]
    key: tuple[str, ...]
    question: Question
    stem: str = ""
    vignette: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Option id -> its text, in the order written."""

    def score(self, answer: Answer) -> float:
        """Return the points that an answer earns, 0.0 to `points`."""
        return score(self.mode, points=self.points, options=self.options, key=self.key, answer=answer)

    def outcome(self, reading: ItemReading) -> str:
        """Return right (some credit), wrong, unanswered or unreadable."""
        if reading.state != "answered":
            return reading.state
        return "right" if self.score(reading.answer) > 0 else "wrong"


@dataclass(frozen=True)
class ReleasedPrompt:
    """A reflection. `cell` is the cell with its points, `stub` what an untouched answer cell holds.

    A person grades it, unless `least` says how many words earn all of its points.
    """

    id: str
    cell: str
    points: float
    stub: str
    text: str = ""
    least: int | None = None

    def score(self, reading: TextReading) -> float | None:
        """Return the points that a text earns by its length, 0.0 to `points`; None leaves it to a person."""
        if self.least is None:
            return None
        return completion(words_in(reading), least=self.least, points=self.points)

    def outcome(self, reading: TextReading) -> str:
        """Return answered, or where its length earns the points complete or too short; else what is amiss."""
        if reading.state != "answered" or self.least is None:
            return reading.state
        return "complete" if words_in(reading) >= self.least else "too short"


def words_in(reading: TextReading) -> int:
    """Return how many words a student has written; an untouched stub and an unreadable text hold none."""
    return count_words(reading.text[:COUNTED]) if reading.state == "answered" else 0


@dataclass(frozen=True)
class ReleasedNotebook:
    """One notebook of an assignment; `others` are graded cells that only running code can grade.

    With `anchors` it asks, before the course, what the final asks again, and its points do not count.
    """

    name: str
    items: tuple[KeyedItem, ...]
    prompts: tuple[ReleasedPrompt, ...]
    others: tuple[str, ...]
    sources: Mapping[str, StoredCell]
    anchors: bool = False

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return what the reader must look for."""
        return tuple(item.question for item in self.items)

    @property
    def stubs(self) -> dict[str, str]:
        """Return the untouched text of each reflection."""
        return {prompt.id: prompt.stub for prompt in self.prompts}

    @property
    def points(self) -> float:
        """Return the most points of what can be graded by reading, reflections included."""
        return sum(item.points for item in self.items) + sum(prompt.points for prompt in self.prompts)


def released_notebook(name: str, stored: Iterable[StoredCell]) -> ReleasedNotebook:
    """Return a notebook's items, prompts and other graded cells from its stored cells."""
    sources = {cell.name: cell for cell in stored}
    data = setup_data(cell.source for cell in sources.values() if cell.locked)
    shown = {str(item.get("id")): item for item in _tables(data, "items")}
    asked = {str(prompt.get("id")): prompt for prompt in _tables(data, "prompts")}
    items: list[KeyedItem] = []
    prompts: list[ReleasedPrompt] = []
    others: list[str] = []
    for cell in sources.values():
        if cell.task or (cell.solution and cell.points is None):
            others.append(cell.name)
        elif cell.points is None:
            continue
        elif cell.solution and cell.cell_type == "markdown":
            prompts.append(_prompt(cell, asked.get(cell.name, {})))
        else:
            item = None if cell.solution else keyed_item(cell, shown)
            prompt = None if cell.solution else length_prompt(cell, asked)
            if item is not None:
                items.append(item)
            elif prompt is not None:
                prompts.append(prompt)
            else:
                others.append(cell.name)
    order = {id_: place for place, id_ in enumerate([*shown, *asked])}
    items.sort(key=lambda item: (order.get(item.id, len(order)), item.id))
    prompts.sort(key=lambda prompt: (order.get(prompt.id, len(order)), prompt.id))
    anchors = data.get("anchors") == 1
    return ReleasedNotebook(name, tuple(items), tuple(prompts), tuple(sorted(others)), sources, anchors)


def keyed_item(cell: StoredCell, shown: Mapping[str, Mapping[str, Any]]) -> KeyedItem | None:
    """Return the item that a grade cell scores, or None where it is a test of another kind.

    The cell is the instructor's; it is parsed all the same, never run.
    """
    call, asked = key_call(cell.source)
    if call is None or cell.points is None:
        return None
    data = shown.get(asked or cell.name, {})
    one = call["mode"] == "all-or-nothing" and len(call["key"]) == 1
    kind: Literal["single", "multiple"] = (
        "single" if data.get("kind", "single" if one else "") == "single" else "multiple"
    )
    texts = {str(pair[0]): str(pair[1]) for pair in data.get("options", ()) if len(pair) == 2}
    return KeyedItem(
        cell=cell.name,
        id=asked or cell.name,
        points=cell.points,
        mode=call["mode"],
        options=tuple(call["options"]),
        key=tuple(call["key"]),
        question=Question(asked or cell.name, kind, tuple(call["options"])),
        stem=str(data.get("stem", "")),
        vignette=str(data.get("vignette", "")),
        texts=texts,
    )


def key_call(source: str) -> tuple[dict[str, Any] | None, str | None]:
    """Return the arguments of the one ``score(...)`` call in a grade cell, and the id it asks for.

    The first is None where the cell is not one of ours: no such call, several, or arguments that are not
    plain values.
    """
    calls = _calls(source)
    scores = [call for call in calls if _called(call) == "score"]
    asked = [_text(call) for call in calls if _called(call) == "recorded" and _text(call)]
    if len(scores) != 1:
        return None, None
    found: dict[str, Any] = {}
    try:
        found["mode"] = ast.literal_eval(scores[0].args[0])
        for keyword in scores[0].keywords:
            if keyword.arg in ("points", "options", "key"):
                found[keyword.arg] = ast.literal_eval(keyword.value)
    except (IndexError, ValueError):
        return None, None
    lists = [found.get("options"), found.get("key")]
    plain = all(isinstance(one, list) and one and all(isinstance(i, str) for i in one) for one in lists)
    if found.get("mode") not in MODES or not plain or not set(found["key"]) <= set(found["options"]):
        return None, None
    return found, asked[0] if len(asked) == 1 else None


def setup_data(sources: Iterable[str]) -> dict[str, Any]:
    """Return the data of the first ``setup({...})`` call among locked cells; empty where there is none."""
    for source in sources:
        for call in _calls(source) if "setup(" in source else ():
            data = _literal(call.args[0]) if _called(call) == "setup" and call.args else None
            if isinstance(data, dict):
                return data
    return {}


def length_prompt(cell: StoredCell, asked: Mapping[str, Mapping[str, Any]]) -> ReleasedPrompt | None:
    """Return the prompt whose length a grade cell scores, or None where it is a test of another kind."""
    calls = _calls(cell.source)
    scores = [call for call in calls if _called(call) == "completion"]
    ids = [_text(call) for call in calls if _called(call) == "written"]
    data = asked.get(ids[0] or "") if len(ids) == 1 else None
    if len(scores) != 1 or data is None or cell.points is None:
        return None
    least = next((word.value for word in scores[0].keywords if word.arg == "least"), None)
    if not isinstance(least, ast.Constant) or type(least.value) is not int:
        return None
    return ReleasedPrompt(
        id=str(data["id"]),
        cell=cell.name,
        points=cell.points,
        stub=str(data.get("stub", "")),
        text=str(data.get("text", "")),
        least=least.value,
    )


def _prompt(cell: StoredCell, data: Mapping[str, Any]) -> ReleasedPrompt:
    """Return a reflection that a person grades, with what the set-up data says about it."""
    return ReleasedPrompt(cell.name, cell.name, cell.points or 0.0, cell.source, str(data.get("text", "")))


def _calls(source: str) -> list[ast.Call]:
    """Return all calls in a cell's program; none where it is not valid Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # from Python 3.12 on, each command would tell of "\d" in a test
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _literal(node: ast.expr) -> Any:
    """Return the value of a literal; None for any other expression."""
    try:
        return ast.literal_eval(node)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None


def _tables(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of tables in the set-up data."""
    value = data.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _called(call: ast.Call) -> str | None:
    """Return the name of the function that a call calls."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else None


def _text(call: ast.Call) -> str | None:
    """Return the first argument where it is plain text."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
