"""The course as values: frozen records without any reading, writing or widgets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["single", "multiple"]
Pool = Literal["practice", "graded"]
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
    def question(self) -> str:
        """Return vignette and stem as one text."""
        return f"{self.vignette}\n\n{self.stem}" if self.vignette else self.stem


@dataclass(frozen=True)
class Prompt:
    """A reflection: `words` is the asked range; scored by `rubric`, or credited when done if that is None."""

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
class Choice:
    """What the officer may do at a node; `next` names a node or an ending."""

    id: str
    text: str
    consequence: str
    next: str


@dataclass(frozen=True)
class Node:
    """A moment of a scenario in which the officer decides."""

    id: str
    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Ending:
    """How a scenario ends; `rank` is best, good, poor or worst."""

    id: str
    title: str
    text: str
    rank: str


@dataclass(frozen=True)
class Model:
    """A whole path through a scenario with a commentary; `path` holds ``node:choice`` pairs."""

    rank: str
    title: str
    path: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Scenario:
    """A branching scenario told in words."""

    id: str
    title: str
    intro: str
    start: str
    objective: str
    claims: tuple[str, ...]
    nodes: tuple[Node, ...]
    endings: tuple[Ending, ...]
    models: tuple[Model, ...]
    lesson: str
    place: Place
    tags: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class Misconception:
    """A wrong view, the truth to teach, and the claims that state it."""

    id: str
    wrong: str
    truth: str
    stated_in: tuple[str, ...]


@dataclass(frozen=True)
class Term:
    """A glossary entry, shown in the lesson where it is first needed."""

    term: str
    meaning: str
    lesson: str


@dataclass(frozen=True)
class Claim:
    """One row of claims.csv: what a source article says, in our words."""

    id: str
    article: str
    type: str
    cluster: str
    lesson: str
    misconception: str | None
    text: str


@dataclass(frozen=True)
class Criterion:
    """One rubric row; `levels` holds what level 0, 1, 2 and 3 look like."""

    id: str
    title: str
    question: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Rubric:
    """How a reflection is scored: each criterion from 0 to its highest level, summed."""

    id: str
    title: str
    criteria: tuple[Criterion, ...]
    rules: tuple[str, ...]

    @property
    def highest(self) -> int:
        """Return the largest total score."""
        return sum(len(criterion.levels) - 1 for criterion in self.criteria)


@dataclass(frozen=True)
class Assignment:
    """What is released, collected and graded; `lesson` is None for the final. `weight` is per cent."""

    id: str
    title: str
    lesson: str | None
    weight: float


@dataclass(frozen=True)
class Course:
    """The whole course, in teaching order."""

    title: str
    contact: str
    language: str
    form: Literal["A", "B"]
    seed: int
    lessons: tuple[Lesson, ...]
    assignments: tuple[Assignment, ...]
    misconceptions: tuple[Misconception, ...]
    glossary: tuple[Term, ...]
    claims: tuple[Claim, ...]
    rubrics: tuple[Rubric, ...]

    def items(self, pool: Pool | None = None) -> Iterator[Item]:
        """Yield the items of all lessons in order, of one pool if it is named."""
        for lesson in self.lessons:
            for item in lesson.items:
                if pool in (None, item.pool):
                    yield item

    def lesson(self, slug: str) -> Lesson:
        """Return the lesson with that slug; KeyError where there is none."""
        for lesson in self.lessons:
            if lesson.slug == slug:
                return lesson
        raise KeyError(slug)

    def assigned_items(self, assignment: Assignment) -> tuple[Item, ...]:
        """Return the graded items of an assignment under the class's form.

        Form A puts half 1 of each lesson into its check and half 2 into the final; form B the reverse.
        """
        in_check = 1 if self.form == "A" else 2
        return tuple(
            item
            for item in self.items("graded")
            if (item.half == in_check and item.lesson == assignment.lesson)
            or (item.half != in_check and assignment.lesson is None)
        )

    def assigned_prompts(self, assignment: Assignment) -> tuple[Prompt, ...]:
        """Return the graded prompts of an assignment: those naming it, else those of its lesson."""
        return tuple(
            prompt
            for lesson in self.lessons
            for prompt in lesson.prompts
            if prompt.pool == "graded"
            and (
                prompt.assignment == assignment.id
                or (not prompt.assignment and lesson.slug == assignment.lesson)
            )
        )
