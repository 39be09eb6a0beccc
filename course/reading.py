"""Reading text and TOML files with places, so that every problem has a path:line."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from course.model import Place


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong: where, what, and what to do next."""

    place: Place
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return ``path:line: what - remedy``."""
        return f"{self.place}: {self.what} - {self.remedy}"


class CourseError(Exception):
    """The course text is not usable; `problems` lists everything found, in order of place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Shape(BaseModel):
    """A table of a TOML file: strict types, and no key that is not named here."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


S = TypeVar("S", bound=Shape)
Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Table:
    """A parsed TOML file that knows where each of its keys stands."""

    path: str
    data: dict[str, Any]
    lines: dict[Location, int]
    offset: int = 0

    def place(self, *location: str | int) -> Place:
        """Return the place of a key, or of the nearest table around it that has one."""
        for end in range(len(location), 0, -1):
            if location[:end] in self.lines:
                return Place(self.path, self.lines[location[:end]] + self.offset)
        return Place(self.path, 1 + self.offset)


def suggestion(word: str, known: Iterator[str] | Sequence[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest known word, else the list of known words."""
    known = list(known)
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"use one of: {', '.join(known)}" if known else "remove it"


def read_text(root: Path, path: str, problems: list[Problem]) -> str | None:
    """Return a file's text, or None with a problem added where it is missing, empty or not UTF-8."""
    place = Place(path)
    try:
        raw = (root / path).read_bytes()
    except FileNotFoundError:
        problems.append(Problem(place, "the file is missing", "create it, or take its name off the list"))
        return None
    except OSError as error:
        problems.append(
            Problem(place, f"cannot be read ({error.strerror})", "check the file and its permissions")
        )
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(
            Problem(
                Place(path, line), "is not UTF-8 text", "save the file with the encoding UTF-8 in your editor"
            )
        )
        return None
    if not text.strip():
        problems.append(
            Problem(place, "the file is empty", "write its content, or copy it from `course new`")
        )
        return None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-\s]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]+"|'[^']+'|[A-Za-z0-9_-]+)\s*=""")


def locate(text: str) -> dict[Location, int]:
    """Return the line of each table and key of a TOML text; array tables are counted from 0.

    tomllib gives values without places, and authors need ``path:line``.
    """
    lines: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        if quote:
            if line.count(quote) % 2:
                quote = ""
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = ()
            names = [name.strip() for name in header[2].split(".")]
            for depth, name in enumerate(names):
                table = (*table, name)
                if depth == len(names) - 1 and header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                elif table in counts:
                    table = (*table, counts[table])
            lines.setdefault(table, number)
        elif key:
            lines.setdefault((*table, key[1].strip("\"'")), number)
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quote = mark
                break
    return lines


def parse_toml(text: str, path: str, problems: list[Problem], offset: int = 0) -> Table | None:
    """Return the parsed text, or None with a problem added; `offset` lines stand before it in the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        what = re.sub(r"\s*\(at .*\)$", "", str(error))
        remedy = "check the quotes, brackets and the key = value form of this line or the one before it"
        problems.append(Problem(Place(path, line + offset), f"is not valid TOML: {what}", remedy))
        return None
    return Table(path, data, locate(text), offset)


def read_toml(root: Path, path: str, problems: list[Problem]) -> Table | None:
    """Return a TOML file, or None with a problem added."""
    text = read_text(root, path, problems)
    return None if text is None else parse_toml(text, path, problems)


def _say(error: Any, shape: type[BaseModel]) -> tuple[str, str]:
    """Return what is wrong and what to do, in an author's words, for one pydantic error."""
    key = next((str(part) for part in reversed(error["loc"]) if isinstance(part, str)), "")
    if error["type"] == "missing":
        return f"the key '{key}' is missing", f"add a line `{key} = ...`"
    if error["type"] == "extra_forbidden":
        return f"unknown key '{key}'", suggestion(key, _keys_at(shape, error["loc"][:-1]))
    if error["type"] in {"literal_error", "enum"}:
        return f"'{key}' has the value {error['input']!r}", f"use one of: {error['ctx']['expected']}"
    if error["type"] == "value_error":
        what, _, remedy = str(error["ctx"]["error"]).partition(" - ")
        return what, remedy or "correct it"
    wanted = {
        "string_type": "a text in quotes",
        "int_type": "a whole number without quotes",
        "float_type": "a number without quotes",
        "tuple_type": "a list in square brackets",
        "list_type": "a list in square brackets",
        "dict_type": "a table",
        "model_type": "a table",
    }.get(error["type"])
    if wanted:
        return f"'{key}' should be {wanted}", f"write it as {wanted}"
    return f"'{key}': {error['msg'][:1].lower()}{error['msg'][1:]}", "correct the value"


def _keys_at(shape: type[BaseModel], location: Location) -> list[str]:
    """Return the keys allowed in the table at a location below a shape."""
    for part in location:
        if isinstance(part, str) and part in shape.model_fields:
            inner = _inner(shape.model_fields[part].annotation)
            if inner is not None:
                shape = inner
    return list(shape.model_fields)


def _inner(annotation: Any) -> type[BaseModel] | None:
    """Return the shape inside an annotation such as ``list[ItemShape]``, if any."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _inner(part)
        if found is not None:
            return found
    return None


def check_shape(
    table: Table, shape: type[S], problems: list[Problem], data: Any = None, at: Location = ()
) -> S | None:
    """Return a table as a value of its shape, or None with every mismatch added as a problem.

    `data` and `at` choose a table inside the file; without them it is the whole file.
    """
    try:
        return shape.model_validate(table.data if data is None else data)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            what, remedy = _say(error, shape)
            problems.append(Problem(table.place(*at, *error["loc"]), what, remedy))
        return None
