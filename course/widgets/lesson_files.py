"""Practice questions and saved answers, read from the lessons' notebooks. Nothing in a notebook is run."""

import ast
import json
import re
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.widgets import state
from course.widgets.state import ItemData

FILE_LIMIT = 10 * 1024 * 1024
"""Most bytes of a notebook that are read; ours are below 0.1 MB."""
SETUP_LIMIT = 1024 * 1024
ANSWER_LIMIT = 4096
"""Most characters of a set-up cell, and of a cell with an answer, that the parser may meet."""
CELLS_LIMIT = 2000
TRIES = 3
"""How often a broken file is read: Jupyter rewrites a notebook in place, so a reader may meet half of one."""
PAUSE = 0.1
"""Seconds between two tries."""

ITEM_ID = re.compile(r"[a-z0-9-]{1,100}")
OPTION_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")
"""Ids that can stand in the literal of a review."""


@dataclass(frozen=True)
class Practice:
    """One practice question with what its learner answered: each readable answer as a set of option ids."""

    item: ItemData
    lesson: str
    file: str
    answers: tuple[frozenset[str], ...]


@dataclass
class Lessons:
    """What was found: questions by id in the order of the course, and a sentence for each file left out."""

    questions: dict[str, Practice] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


class LeftOutError(Exception):
    """A file that is no lesson we can read, with the reason in words."""


def read_lessons(folder: Path, names: Iterable[str]) -> Lessons:
    """Return the practice questions of the named notebooks in a folder; a file that cannot be used is told.

    A question that stands in two lessons belongs to the first, with the answers from both.
    """
    lessons = Lessons()
    for name in names:
        try:
            found = read_lesson(folder, name)
        except LeftOutError as error:
            lessons.left_out.append(f"{name} {error}.")
            continue
        for id_, practice in found.items():
            known = lessons.questions.get(id_)
            if known is None:
                lessons.questions[id_] = practice
            else:
                both = known.answers + practice.answers
                lessons.questions[id_] = Practice(known.item, known.lesson, known.file, both)
    return lessons


def read_lesson(folder: Path, name: str) -> dict[str, Practice]:
    """Return the practice questions of one notebook by id.

    Raises LeftOutError, in words that follow the name of the file, when it is no lesson we can read.
    """
    # The name comes from a notebook too: it may name a file in this folder and nothing else.
    if not isinstance(name, str) or name != Path(name).name or "\\" in name or not name.endswith(".ipynb"):
        raise LeftOutError("is not the name of a notebook")
    cells = _cells(_read(folder / name))
    sources = [(cell.get("cell_type"), _source(cell)) for cell in cells]
    code = [source for kind, source in sources if kind == "code"]
    items = _items(code)
    if not items:
        raise LeftOutError("is not a lesson with practice questions")
    answers = _answers(code, items)
    prose = "\n".join(source for kind, source in sources if kind == "markdown")
    title = re.search(r"^# +(\S[^\n]{0,119})", prose, re.MULTILINE)
    lesson = _text(title[1].strip()) if title else name
    return {id_: Practice(item, lesson, name, tuple(answers[id_])) for id_, item in items.items()}


def _read(path: Path) -> Any:
    """Return the JSON value in a file."""
    for left in reversed(range(TRIES)):
        try:
            if not path.is_file():
                raise LeftOutError("is not in this folder")
            with path.open("rb") as file:
                data = file.read(FILE_LIMIT + 1)
        except OSError as error:
            raise LeftOutError(f"cannot be opened ({error.strerror or 'unknown reason'})") from None
        if len(data) > FILE_LIMIT:
            raise LeftOutError(f"is larger than {FILE_LIMIT // 1024**2} MB")
        try:
            return json.loads(data.decode("utf-8"))
        except RecursionError:
            break
        except ValueError:
            if left:
                time.sleep(PAUSE)
    raise LeftOutError("is not a whole notebook")


def _cells(notebook: Any) -> list[dict[str, Any]]:
    """Return the cells of a parsed notebook that are tables."""
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or len(cells) > CELLS_LIMIT:
        raise LeftOutError("is not a notebook")
    return [cell for cell in cells if isinstance(cell, dict)]


def _source(cell: dict[str, Any]) -> str:
    """Return the source of a cell as one text."""
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def calls(source: str, name: str, limit: int) -> Iterator[ast.Call]:
    """Yield the calls of a function that are statements of their own in a cell."""
    if not re.search(rf"\b{name}\s*\(", source) or len(source) > limit:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in somebody's cell are not our news
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for statement in tree.body:
        call = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name:
            yield call


def literal_of(node: ast.expr) -> Any:
    """Return the value of a literal, or an object equal to nothing else where it is none."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return object()


def _items(code: Iterable[str]) -> dict[str, ItemData]:
    """Return the practice questions of the first set-up cell by id."""
    for source in code:
        for call in calls(source, "setup", SETUP_LIMIT):
            data = literal_of(call.args[0]) if len(call.args) == 1 and not call.keywords else None
            if isinstance(data, dict) and data.get("graded") == 0 and isinstance(data.get("items"), list):
                items = [item for item in map(_item, data["items"]) if item is not None]
                return {item["id"]: item for item in items}
    return {}


def _item(raw: Any) -> ItemData | None:
    """Return a practice question whose every part is as we need it, or None."""
    try:
        options = [[_id(option, OPTION_ID), _text(text)] for option, text in raw["options"]]
        ids = {option for option, _ in options}
        key = [_id(option, OPTION_ID) for option in raw["key"]]
        most = {"single": 1, "multiple": len(ids)}.get(raw["kind"], 0)
        if (
            len(ids) < len(options)
            or len(set(key)) < len(key)
            or not 1 <= len(key) <= most
            or not ids >= set(key)
        ):
            return None
        return {
            "id": _id(raw["id"], ITEM_ID),
            "kind": raw["kind"],
            "vignette": _text(raw.get("vignette", "")),
            "stem": _text(raw["stem"]),
            "rule": _text(raw["rule"]),
            "options": options,
            "key": key,
            "rationales": {option: _text(raw["rationales"].get(option, "")) for option in ids},
        }
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def _id(value: object, pattern: re.Pattern[str]) -> str:
    """Return an id; raises ValueError for anything else."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError("no id")
    return value


def _text(value: object) -> str:
    """Return a text that can be sent to the browser; raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("no text")
    return value.encode("utf-8", "replace").decode("utf-8")  # halves of surrogate pairs cannot be sent


def _answers(code: Iterable[str], items: dict[str, ItemData]) -> dict[str, list[frozenset[str]]]:
    """Return the readable answers to each question, as sets of option ids; a blank is no answer."""
    found: dict[str, list[frozenset[str]]] = {id_: [] for id_ in items}
    for source in code:
        for call in calls(source, "ask", ANSWER_LIMIT):
            given = [literal_of(one) for one in call.args]
            given += [literal_of(word.value) for word in call.keywords if word.arg == "answer"]
            id_, answer = [*given, None, None][:2]
            item = items.get(id_) if isinstance(id_, str) else None
            if item is None or state.is_blank(answer) or state.problem_with(item, 0, answer):
                continue
            found[item["id"]].append(frozenset([answer] if isinstance(answer, str) else answer))
    return found
