"""A TOML text to a table that knows its lines; slips of the pen are told in an author's words."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.model import Place
from course.reading import Problem, read_text

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


def read_toml(root: Path, path: str, problems: list[Problem]) -> Table | None:
    """Return a TOML file, or None with a problem added."""
    text = read_text(root, path, problems)
    return None if text is None else parse_toml(text, path, problems)


def parse_toml(text: str, path: str, problems: list[Problem], offset: int = 0) -> Table | None:
    """Return the parsed text, or None with a problem added; `offset` lines stand before it in the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)", str(error))
        message = re.sub(r"\s*\(at .*\)$", "", str(error), flags=re.DOTALL)
        lines = text.split("\n")
        column = int(found[2]) if found else 1
        line, what, remedy = _said(message, lines, int(found[1]) if found else len(lines), column)
        problems.append(Problem(Place(path, line + offset), what, remedy))
        return None
    return Table(path, data, locate(text), offset)


_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-\s]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]+"|'[^']+'|[A-Za-z0-9_-]+)\s*=""")
_LONG = ('"""', "'''")
"""The marks around a text of several lines."""


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
                lines.setdefault(table, number)
                if depth == len(names) - 1 and header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                elif table in counts:
                    table = (*table, counts[table])
            lines.setdefault(table, number)
        elif key:
            lines.setdefault((*table, key[1].strip("\"'")), number)
        quote = next((mark for mark in _LONG if line.count(mark) % 2), "")
    return lines


_CURLED = re.compile(r"(^|[=\[,{])\s*[“”„‟«»‘’‚‛]")
"""A typographic quote where a text should begin."""
_UNSEEN = re.compile("[\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u2060\u3000\ufeff]")
"""Spaces and marks that look like a space or like nothing."""
_NUMBERS = frozenset(["version", "points", "half", "minutes", "seed"])
"""Keys whose value is a number."""
GENERAL = "check the quotes, the brackets and the form `key = value` of this line and of the one above it"


def _said(message: str, lines: list[str], number: int, column: int) -> tuple[int, str, str]:
    """Return line, what is wrong and what to do for what tomllib says of a place counted from 1."""
    line = lines[number - 1] if number <= len(lines) else ""
    key = _KEY.match(line)
    name = key[1] if key else "key"
    if message == "Unterminated string":
        opened = _opened(lines)
        return opened, "a text that opens with three quotes is never closed", "end it with three quotes"
    if _CURLED.search(line):
        remedy = 'write straight ones: "..."; a word processor bends them, an editor such as Notepad does not'
        return number, "has typographic quotes “ ” around a text", remedy
    if _UNSEEN.search(line) and not message.startswith("Illegal"):
        remedy = "delete the spaces in this line and type them again"
        return number, "holds an unseen character, such as a no-break space", remedy
    if message.startswith("Expected '=' after a key") or message == "Invalid statement":
        return number, *_no_key(line)
    if message in {"Invalid value", "Invalid date or datetime"}:
        return number, *_no_value(line, name)
    if message == "Unclosed array" or message == "Unclosed inline table":
        sign, close = ("[", "]") if message == "Unclosed array" else ("{", "}")
        start = next((n for n in range(number, 0, -1) if _open(lines[n - 1], sign, close)), number)
        more = "" if sign == "[" else ", on the same line"
        return start, f"a bracket {sign} is not closed", f"end the list with {close}{more}"
    if message.startswith("Expected ']"):
        inner = line.strip().strip("[]").strip()
        inner = inner if re.fullmatch(r"[\w.-]+", inner) else "item"
        return number, "the brackets are not closed", f"write [[{inner}]], or [{inner}] where it stands once"
    if message.startswith(("Cannot ", "Duplicate ")):
        return number, *_twice(line)
    if message.startswith("Expected newline"):
        remedy = 'remove it; for quotes inside a text write “ ”, or \\" for each'
        return number, f"'{line[column - 1 :].strip()}' stands after the end of the value", remedy
    for begins, what, remedy in _SAID:
        if message.startswith(begins):
            return number, what, remedy
    return number, "cannot be read", GENERAL


_SAID = (
    (
        "Illegal character '\\n'",
        "a text is not closed on its line",
        'end it with a straight quote; a text of several lines stands between """ and """',
    ),
    (
        "Illegal character",
        "holds a character that no text may hold",
        "delete what looks empty in this line and type it again",
    ),
    ("Found invalid character", "holds a character that no text may hold", "type this line again"),
    (
        "Unescaped '\\'",
        "a text holds a \\, which is a special sign",
        "write \\\\ for one \\, or leave it out",
    ),
    ("Invalid hex", "a text holds a \\, which is a special sign", "write \\\\ for one \\, or leave it out"),
    ("Escaped character", "a text holds a \\, which is a special sign", "write \\\\ for one \\"),
    (
        "Invalid initial",
        "a name is missing before = or after a comma",
        "write name = value, or remove the comma",
    ),
)
"""How tomllib starts a message, and the same for an author."""


def _no_key(line: str) -> tuple[str, str]:
    """Return what is wrong with a line that should be ``key = value``."""
    colon = re.match(r"""^\s*["']?([\w-]+)["']?\s*:\s*(.*)$""", line)
    if colon:
        return f"has ':' after '{colon[1]}'", f"write {colon[1]} = {colon[2].lstrip(':= ') or '...'}"
    before, equals, after = line.partition("=")
    if equals and re.match(r"\s*\{[^=]*:", after):
        return "has ':' inside { }", f'write {before.strip()} = {{ "name" = "text" }}'
    if equals and " " in before.strip():
        return f"the name '{before.strip()}' has a space in it", "write one word, then =, then the value"
    shown = line.strip()
    shown = shown if len(shown) <= 40 else f"{shown[:40]}…"
    remedy = "write it so, or put # before a remark"
    return f"'{shown}' is neither `key = value` nor a heading such as [[item]]", remedy


def _no_value(line: str, name: str) -> tuple[str, str]:
    """Return what is wrong with what stands after =."""
    value = line.partition("=")[2].strip()
    if not value or value.startswith("#"):
        return f"'{name}' has nothing after =", "write its value, or remove the line"
    if value in {"True", "False"}:
        return f"'{name}' has the value {value}", f"write {value.lower()} in small letters"
    if value.startswith("["):
        what = f"the list '{name}' holds something without quotes"
        return what, f'write {name} = ["...", "..."] with straight quotes'
    if name in _NUMBERS:
        return f"the value of '{name}' is not a number", f"write a number, such as {name} = 1"
    return f"the value of '{name}' is not in quotes", f'write {name} = "..." with straight quotes'


def _twice(line: str) -> tuple[str, str]:
    """Return what is wrong with a key or heading that stands for two things."""
    header, key = _HEADER.match(line), _KEY.match(line)
    if header:
        inner = header[2]
        if inner == "objectives":
            return (
                "[objectives] stands above already",
                "move these lines below the first, and remove this one",
            )
        what = f"{header[1]}{inner}{header[1].replace('[', ']')} stands above already" + (
            ", in another form" if header[1] == "[[" else ""
        )
        return what, f"write two brackets on each side, each time: [[{inner}]]"
    name = key[1] if key else line.partition("=")[0].strip()
    remedy = "remove one of the two, or begin a new entry with its heading, such as [[item.option]]"
    return f"'{name}' stands twice in one entry", remedy


def _open(line: str, sign: str, close: str) -> bool:
    """Return whether a line opens a bracket and does not close it."""
    bare = re.sub(r'"[^"]*"|\'[^\']*\'', "", line)
    return bare.count(sign) > bare.count(close)


def _opened(lines: list[str]) -> int:
    """Return the line, counted from 1, of the last text of several lines that is opened and not closed."""
    quote, opened = "", len(lines)
    for number, line in enumerate(lines, 1):
        if quote:
            quote = "" if line.count(quote) % 2 else quote
            continue
        quote = next((mark for mark in _LONG if line.count(mark) % 2), "")
        opened = number if quote else opened
    return opened
