"""A lesson's Markdown file to its parts: prose, boxes and the slots where questions stand."""

import re
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from course.claim_tags import FENCE, without_comments
from course.markup import markup_problems
from course.model import Box, Part, Place, Prose, Slot
from course.reading import Problem, suggestion
from course.shape_check import Shape, check_shape
from course.toml_text import Table, parse_toml

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
_SLOT_INSIDE = re.compile(r"\{\{[^{}]*\}\}|\{\{|(?<!\{)\{\s*(?:ask|reflect|scenario|review)\b[^{}]*\}")
_BLOCK = re.compile(r"^\s*:::+\s*(\S*)\s*(.*?)[\s:]*$")
_NEARLY_BLOCK = re.compile(r"^\s*([>*+-]\s*:::|::(?!:))")


class FrontMatter(Shape):
    """The table between the two +++ lines that open a lesson."""

    title: str = Field(min_length=1)
    minutes: int = Field(gt=0, lt=600)
    article: str | None = None
    objectives: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)


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
    start = next(number for number, line in enumerate(lines) if line.strip())
    if lines[start].strip() != "+++":
        remedy = "start the file with a line +++, then title and minutes, then a line +++"
        if lines[start].strip() == "---":
            remedy = 'write +++ in place of ---, and title = "..." in place of title: ...'
        problems.append(Problem(Place(path, start + 1), "the front matter is missing", remedy))
        return LessonText(None, None)
    end = next((n for n, line in enumerate(lines[start + 1 :], start + 1) if line.strip() == "+++"), None)
    if end is None:
        what = "the front matter is not closed"
        problems.append(Problem(Place(path, start + 1), what, "add a line +++ after it"))
        return LessonText(None, None)
    table = parse_toml("\n".join(lines[start + 1 : end]), path, problems, offset=start + 1)
    front = check_shape(table, FrontMatter, problems) if table else None
    lesson = LessonText(front, table)
    reader = _Reader(path, problems, lesson)
    for number, line in without_comments(lines[end + 1 :], end + 2, path, lesson.tagged, problems):
        reader.take(number, line)
    reader.finish()
    return lesson


class _Reader:
    """Collects parts line by line."""

    def __init__(self, path: str, problems: list[Problem], lesson: LessonText) -> None:
        self.path, self.problems, self.lesson = path, problems, lesson
        self.held: list[tuple[int, str]] = []
        self.box: tuple[str, str, int] | None = None
        self.code: tuple[str, int] | None = None

    def problem(self, line: int, what: str, remedy: str) -> None:
        self.problems.append(Problem(Place(self.path, line), what, remedy))

    def take(self, number: int, line: str) -> None:
        """Take the next line."""
        fence = FENCE.match(line)
        if self.code:
            if fence and line.strip().startswith(self.code[0]):
                self.code = None
            self.held.append((number, line))
        elif fence:
            self.code = (fence[1], number)
            self.held.append((number, line))
        elif block := _BLOCK.match(line):
            self.block(number, block[1], block[2])
        elif slot := _SLOT.match(line):
            self.slot(number, slot[1].strip())
        else:
            self.stray(number, line)
            if not self.box and line.startswith("## "):
                self.flush()
            self.held.append((number, line))

    def stray(self, number: int, line: str) -> None:
        """Add a problem where a line of text holds what works only on a line of its own."""
        if _NEARLY_BLOCK.match(line):
            remedy = "write ::: good, and ::: after it, with nothing before the colons"
            self.problem(number, "a block begins and ends with three colons", remedy)
        inside = _SLOT_INSIDE.search(re.sub(r"`[^`]*`", "", line))
        if inside and inside[0] == "{{":
            self.problem(number, "the braces are not closed", "write a line {{ask item-id}}")
        elif inside:
            words = inside[0].strip("{} ")
            what = f"{inside[0]} stands inside a line of text"
            if line.strip() == inside[0]:
                what = f"{inside[0]} has one brace on each side, not two"
            self.misplaced(number, what, words)

    def misplaced(self, number: int, what: str, words: str) -> None:
        """Add a problem for a slot in the wrong place; it counts as placed, so that nothing else is said."""
        verb, *rest = words.split() or [""]
        if VERBS.get(verb, 0) == 1 and len(rest) == 1:
            self.flush()
            self.lesson.parts.append(Slot(verb, rest[0], number))
        self.problem(number, what, f"write {{{{{words}}}}} alone on a line")

    def flush(self) -> None:
        """End the part being read."""
        lines = self.held
        while lines and not lines[0][1].strip():
            lines = lines[1:]
        text = "\n".join(line for _, line in lines).rstrip("\n")
        for at, what, remedy in markup_problems(text):
            self.problem(lines[at][0], what, remedy)
        if self.box:
            self.lesson.parts.append(Box(self.box[0], self.box[1], text, self.box[2]))
        elif text.strip():
            self.lesson.parts.append(Prose(text, self.held[0][0]))
        self.held = []

    def block(self, number: int, name: str, title: str) -> None:
        """Open or close a block."""
        if not name:
            if self.box is None:
                remedy = "remove it, or open a block above with ::: NAME"
                self.problem(number, "this ::: closes nothing", remedy)
                return
            self.flush()
            self.box = None
            return
        if self.box is not None:
            what = f"the block '{self.box[0]}' is not closed"
            self.problem(self.box[2], what, "end it with a line ::: before the next one")
        if name not in BOXES:
            self.problem(number, f"unknown block '{name}'", suggestion(name, list(BOXES)))
        self.flush()
        self.box = (name, title or BOXES.get(name, name), number)

    def slot(self, number: int, inside: str) -> None:
        """Read a line such as ``{{ask item-id}}``."""
        words, closed, after = inside.partition("}}")
        if not closed:
            self.problem(number, "the braces are not closed", "write the line as {{ask item-id}}")
            return
        if after.strip():
            whole = words if len(words.split()) > 1 else f"{words.strip()} {after.strip()}"
            self.misplaced(number, f"{{{{{words.strip()}}}}} stands inside a line of text", whole.strip())
            return
        verb, *rest = words.split() or [""]
        if verb not in VERBS:
            near = suggestion(verb, list(VERBS))
            if not rest and not near.startswith("did") and verb:
                near = f"write {{{{ask {verb}}}}} or {{{{reflect {verb}}}}}"
            self.problem(number, f"unknown word '{verb}' in braces", near)
        elif len(rest) != VERBS[verb]:
            form = f"{{{{{verb} {'id' if VERBS[verb] else ''}".strip() + "}}"
            wanted = "one id after it" if VERBS[verb] else "nothing after it"
            self.problem(number, f"'{verb}' takes {wanted}", f"write it as {form}")
        elif self.box is not None:
            self.problem(number, "a question cannot stand inside a block", "close the block with ::: first")
        else:
            self.flush()
            self.lesson.parts.append(Slot(verb, rest[0] if rest else "", number))

    def finish(self) -> None:
        """End the lesson: what is still open is a problem."""
        if self.code:
            self.problem(self.code[1], "the code fence is not closed", f"add a line {self.code[0]} after it")
        if self.box is not None:
            self.problem(self.box[2], f"the block '{self.box[0]}' is not closed", "add a line ::: after it")
        self.flush()
