"""Questions as values: multiple-choice items, reflections and their rubrics, and where each is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["single", "multiple"]
Pool = Literal["practice", "graded"]
ANCHOR = "anchor"
"""The tag of a graded item that is asked before the course and again in the final."""
BLOOM = ("remember", "understand", "apply", "analyze", "evaluate", "create")
"""Bloom's six levels (Anderson and Krathwohl 2001), lowest first."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: a path relative to the course root, and a line counted from 1."""

    path: str
    line: int = 1

    def __str__(self) -> str:
        """Return ``path:line``."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Option:
    """One choice of an item; `misconception` is None on keyed options."""

    id: str
    text: str
    rationale: str
    misconception: str | None = None


@dataclass(frozen=True)
class Item:
    """One multiple-choice question. `points` > 0; `half` is 1 or 2 in the graded pool, else None."""

    id: str
    kind: Kind
    stem: str
    options: tuple[Option, ...]
    key: tuple[str, ...]
    credit: str
    points: float
    objective: str
    claims: tuple[str, ...]
    bloom: str
    pool: Pool
    version: int
    lesson: str
    place: Place
    vignette: str = ""
    half: int | None = None
    tags: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    waived: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[Option, ...]:
        """Return the options to choose."""
        return tuple(option for option in self.options if option.id in self.key)

    @property
    def distractors(self) -> tuple[Option, ...]:
        """Return the options not to choose."""
        return tuple(option for option in self.options if option.id not in self.key)

    @property
    def anchor(self) -> bool:
        """Return whether it is tagged to be asked before the course and again in the final."""
        return ANCHOR in self.tags

    @property
    def question(self) -> str:
        """Return vignette and stem as one text."""
        return f"{self.vignette}\n\n{self.stem}" if self.vignette else self.stem


@dataclass(frozen=True)
class Prompt:
    """A reflection: `words` is the asked range.

    A graded one is scored by `rubric`, or earns its points by its length alone where that is None.
    """

    id: str
    text: str
    words: tuple[int, int]
    points: float
    objective: str
    claims: tuple[str, ...]
    pool: Pool
    lesson: str
    place: Place
    rubric: str | None = None
    assignment: str | None = None

    @property
    def by_length(self) -> bool:
        """Return whether `words[0]` words earn all of the points, whatever they say."""
        return self.pool == "graded" and self.rubric is None


@dataclass(frozen=True)
class Criterion:
    """One rubric row; `levels` holds what level 0, 1, 2 and 3 look like."""

    id: str
    title: str
    question: str
    levels: tuple[str, ...]

    @property
    def highest(self) -> int:
        """Return the highest level."""
        return len(self.levels) - 1


@dataclass(frozen=True)
class Rubric:
    """How a reflection is scored: each criterion from 0 to its highest level, summed."""

    id: str
    title: str
    criteria: tuple[Criterion, ...]
    rules: tuple[str, ...]

    @property
    def highest(self) -> dict[str, int]:
        """Return the highest level of each criterion by its id."""
        return {criterion.id: criterion.highest for criterion in self.criteria}
