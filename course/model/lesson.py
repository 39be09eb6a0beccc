"""A lesson as values: its prose in parts, with its questions and its scenario."""

from collections.abc import Mapping
from dataclasses import dataclass

from course.model.questions import Item, Place, Prompt
from course.model.scenario import Scenario


@dataclass(frozen=True)
class Prose:
    """A stretch of Markdown that students read."""

    text: str
    line: int


@dataclass(frozen=True)
class Box:
    """A named block of a lesson, such as a good model; `instructor` boxes never reach students."""

    name: str
    title: str
    text: str
    line: int


@dataclass(frozen=True)
class Slot:
    """The place of a question in the prose: `verb` is ask, reflect, scenario or review."""

    verb: str
    target: str
    line: int


Part = Prose | Box | Slot


@dataclass(frozen=True)
class Lesson:
    """One lesson: prose parts in order, and its questions. `minutes` is shown to instructors only."""

    slug: str
    title: str
    minutes: int
    article: str | None
    objectives: Mapping[str, str]
    parts: tuple[Part, ...]
    items: tuple[Item, ...]
    prompts: tuple[Prompt, ...]
    scenario: Scenario | None
    tagged: Mapping[str, int]
    """Claim id -> line of its first tag in the prose."""
    place: Place
