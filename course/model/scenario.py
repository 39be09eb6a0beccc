"""A branching scenario as values: nodes with choices, endings, and whole paths to compare."""

from dataclasses import dataclass

from course.model.questions import Place


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
