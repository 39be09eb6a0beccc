"""A lesson's Markdown file to its parts: prose, boxes and the slots where questions stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import Field

from course.model import Box, Part, Place, Prose, Slot
from course.reading import Problem, Shape, Table, check_shape, parse_toml, suggestion

BOXES = {
    "instructor": "For the instructor",
    "good": "A model that works",
    "bad": "A model that fails",
    "scene": "Scene",
    "argued": "The articles argue",
    "research": "Research supports",
    "policy": "Your site decides",
    "key-points": "Key points",
}
"""Block names a lesson may use, each with the title shown when the author gives none."""
VERBS = {"ask": 1, "reflect": 1, "scenario": 0, "review": 1}
"""Placing words in double braces, each with how many words must follow it."""

_SLOT = re.compile(r"^\s*\{\{(.*)$")
_CLAIM = re.compile(r"[A-Z]\d+-[A-Z0-9]+")


class FrontMatter(Shape):
    """The table between the two +++ lines that open a lesson."""

    title: str = Field(min_length=1)
    minutes: int = Field(gt=0, lt=600)
    article: str | None = None
    objectives: dict[str, str] = Field(default_factory=dict)


@dataclass
class LessonText:
    """What lesson.md holds, before its questions are looked up."""

    front: FrontMatter | None
    table: Table | None
    parts: list[Part] = field(default_factory=list)
    tagged: dict[str, int] = field(default_factory=dict)


def parse_lesson(text: str, path: str, problems: list[Problem]) -> LessonText:
    """Return the lesson's front matter, parts and claim tags; problems are added, never raised."""
    lines = text.split("\n")
    if lines[0].strip() != "+++":
        problems.append(
            Problem(
                Place(path), "the front matter is missing", "start the file with a line +++ and the title"
            )
        )
        return LessonText(None, None)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "+++"), None)
    if end is None:
        problems.append(Problem(Place(path), "the front matter is not closed", "add a line +++ after it"))
        return LessonText(None, None)
    table = parse_toml("\n".join(lines[1:end]), path, problems, offset=1)
    front = check_shape(table, FrontMatter, problems) if table else None
    lesson = LessonText(front, table)
    reader = _Reader(path, problems, lesson)
    for number, line in _without_comments(lines[end + 1 :], end + 2, path, lesson.tagged, problems):
        reader.take(number, line)
    reader.finish()
    return lesson


def _without_comments(
    lines: list[str], first: int, path: str, tagged: dict[str, int], problems: list[Problem]
) -> Iterator[tuple[int, str]]:
    """Yield numbered lines without HTML comments, noting the claims that a comment tags."""
    opened = 0
    code = ""
    for number, line in enumerate(lines, first):
        fence = re.match(r"^\s*(```+|~~~+)", line)
        if fence and not opened:
            code = "" if code and line.strip().startswith(code) else code or fence[1]
        kept, rest = "", line
        while rest:
            if opened:
                inside, closed, rest = rest.partition("-->")
                _note_claims(inside, number, path, tagged, problems)
                opened = 0 if closed else opened
            else:
                before, start, rest = (rest, "", "") if code else rest.partition("<!--")
                kept += before
                opened = number if start else 0
        if kept.strip() or not line.strip():
            yield number, kept.rstrip()
    if opened:
        problems.append(Problem(Place(path, opened), "a comment is not closed", "end it with -->"))


def _note_claims(
    comment: str, number: int, path: str, tagged: dict[str, int], problems: list[Problem]
) -> None:
    """Record the claim ids of a ``claims: ...`` comment."""
    head, colon, ids = comment.strip().partition(":")
    if head.strip() not in {"claims", "claim"}:
        if colon and re.fullmatch(r"cl\w*s?", head.strip()):
            problems.append(
                Problem(
                    Place(path, number), f"unknown tag '{head.strip()}'", suggestion(head.strip(), ["claims"])
                )
            )
        return
    for word in re.split(r"[,\s]+", ids.strip()):
        if not word:
            continue
        if not _CLAIM.fullmatch(word):
            problems.append(
                Problem(Place(path, number), f"'{word}' is not a claim id", "write ids such as S0-01, S1-04")
            )
        tagged.setdefault(word, number)


class _Reader:
    """Collects parts line by line."""

    def __init__(self, path: str, problems: list[Problem], lesson: LessonText) -> None:
        self.path, self.problems, self.lesson = path, problems, lesson
        self.held: list[str] = []
        self.held_from = 0
        self.box: tuple[str, str, int] | None = None
        self.code: tuple[str, int] | None = None

    def problem(self, line: int, what: str, remedy: str) -> None:
        self.problems.append(Problem(Place(self.path, line), what, remedy))

    def take(self, number: int, line: str) -> None:
        """Take the next line."""
        fence = re.match(r"^\s*(```+|~~~+)", line)
        if self.code:
            if fence and line.strip().startswith(self.code[0]):
                self.code = None
            self.hold(number, line)
        elif fence:
            self.code = (fence[1], number)
            self.hold(number, line)
        elif line.startswith(":::"):
            self.fence(number, line[3:].strip(": "))
        elif slot := _SLOT.match(line):
            self.slot(number, slot[1].strip())
        else:
            if re.match(r"^#\s", line):
                self.problem(number, "a lesson has one title, from its front matter", "use ## for a section")
            if not self.box and line.startswith("## "):
                self.flush()
            self.hold(number, line)

    def hold(self, number: int, line: str) -> None:
        """Keep a line of text for the part being read."""
        if not self.held:
            self.held_from = number
        self.held.append(line)

    def flush(self) -> None:
        """End the part being read."""
        text = "\n".join(self.held).strip("\n")
        if self.box:
            self.lesson.parts.append(Box(self.box[0], self.box[1], text, self.box[2]))
        elif text.strip():
            self.lesson.parts.append(Prose(text, self.held_from))
        self.held = []

    def fence(self, number: int, words: str) -> None:
        """Open or close a block."""
        name, _, title = words.partition(" ")
        if not name:
            if self.box is None:
                self.problem(
                    number, "this ::: closes nothing", "remove it, or open a block above with ::: NAME"
                )
                return
            self.flush()
            self.box = None
            return
        if self.box is not None:
            self.problem(
                self.box[2],
                f"the block '{self.box[0]}' is not closed",
                "end it with a line ::: before the next one",
            )
        if name not in BOXES:
            self.problem(number, f"unknown block '{name}'", suggestion(name, list(BOXES)))
        self.flush()
        self.box = (name, title.strip() or BOXES.get(name, name), number)

    def slot(self, number: int, inside: str) -> None:
        """Read a line such as ``{{ask item-id}}``."""
        if not inside.endswith("}}"):
            self.problem(number, "the braces are not closed", "write the line as {{ask item-id}}")
            return
        verb, *words = inside[:-2].split() or [""]
        if verb not in VERBS:
            self.problem(number, f"unknown word '{verb}' in braces", suggestion(verb, list(VERBS)))
        elif len(words) != VERBS[verb]:
            form = f"{{{{{verb} {'id' if VERBS[verb] else ''}".strip() + "}}"
            self.problem(number, f"'{verb}' takes {VERBS[verb]} word(s) after it", f"write it as {form}")
        elif self.box is not None:
            self.problem(number, "a question cannot stand inside a block", "close the block with ::: first")
        else:
            self.flush()
            self.lesson.parts.append(Slot(verb, words[0] if words else "", number))

    def finish(self) -> None:
        """End the lesson: what is still open is a problem."""
        if self.code:
            self.problem(self.code[1], "the code fence is not closed", f"add a line {self.code[0]} after it")
        if self.box is not None:
            self.problem(self.box[2], f"the block '{self.box[0]}' is not closed", "add a line ::: after it")
        self.flush()
