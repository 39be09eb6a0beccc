"""The keys that each TOML file of the course may hold, with their types and ranges."""

from typing import Any, Literal

from pydantic import Field

from course.shape_check import Shape

IDENTIFIER = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""Ids are lower-case words joined by hyphens: they serve as nbgrader grade ids and as cell ids."""


class OptionShape(Shape):
    """One [[item.option]]."""

    id: str = Field(pattern=r"^[a-z0-9]+$")
    text: str = Field(min_length=1)
    rationale: str = Field(min_length=1)
    misconception: str | None = None


class ItemShape(Shape):
    """One [[item]]."""

    id: str = Field(pattern=IDENTIFIER, max_length=48)
    kind: Literal["single", "multiple"]
    stem: str = Field(min_length=1)
    key: str | list[str]
    objective: str
    claims: list[str]
    bloom: Literal["remember", "understand", "apply", "analyze", "evaluate", "create"]
    version: int = Field(ge=1)
    option: list[OptionShape] = Field(min_length=2)
    vignette: str = ""
    credit: str | None = None
    points: float | None = Field(default=None, gt=0, le=1000, allow_inf_nan=False)
    half: int | None = Field(default=None, ge=1, le=2)
    tags: list[str] = Field(default_factory=list)
    reviewed: list[str] = Field(default_factory=list)
    waive: dict[str, str] = Field(default_factory=dict)


class PromptShape(Shape):
    """One [[prompt]]."""

    id: str = Field(pattern=IDENTIFIER, max_length=48)
    text: str = Field(min_length=1)
    words: list[int] = Field(min_length=2, max_length=2)
    objective: str | None = None
    claims: list[str] = Field(default_factory=list)
    rubric: str | None = None
    credit: Literal["completion"] | None = None
    points: float | None = Field(default=None, gt=0, le=1000, allow_inf_nan=False)
    assignment: str | None = None


class PoolShape(Shape):
    """practice.toml or graded.toml; its entries are checked one by one, so that one error hides no other."""

    item: list[dict[str, Any]] = Field(default_factory=list)
    prompt: list[dict[str, Any]] = Field(default_factory=list)


class ChoiceShape(Shape):
    """One [[node.choice]]."""

    id: str = Field(pattern=r"^[a-z0-9]+$")
    text: str
    consequence: str
    next: str


class NodeShape(Shape):
    """One [[node]]."""

    id: str = Field(pattern=IDENTIFIER)
    text: str
    choice: list[ChoiceShape] = Field(default_factory=list)


class EndingShape(Shape):
    """One [[ending]]."""

    id: str = Field(pattern=IDENTIFIER)
    title: str
    text: str
    rank: Literal["best", "good", "poor", "worst"]


class ModelShape(Shape):
    """One [[model]] of a scenario."""

    rank: Literal["best", "worst"]
    title: str
    path: list[str]
    text: str


class ScenarioShape(Shape):
    """scenario.toml."""

    id: str = Field(pattern=IDENTIFIER)
    title: str
    intro: str
    start: str
    objective: str
    claims: list[str]
    node: list[NodeShape]
    ending: list[EndingShape]
    model: list[ModelShape] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)


class AssignmentShape(Shape):
    """One [[assignment]]."""

    id: str = Field(pattern=IDENTIFIER)
    title: str
    lesson: str | None = None
    anchors: bool = False
    pass_mark: float | None = Field(default=None, gt=0)
    pass_mark_set: str = ""


class CourseShape(Shape):
    """course.toml."""

    title: str = Field(min_length=1)
    contact: str = Field(min_length=1)
    language: str = Field(min_length=2)
    form: Literal["A", "B"]
    seed: int
    lessons: list[str] = Field(min_length=1)
    assignment: list[AssignmentShape] = Field(default_factory=list)


class MisconceptionShape(Shape):
    """One [[misconception]]."""

    id: str
    wrong: str
    truth: str
    stated_in: list[str]


class MisconceptionsShape(Shape):
    """misconceptions.toml."""

    misconception: list[MisconceptionShape]


class TermShape(Shape):
    """One [[term]]."""

    term: str
    meaning: str
    lesson: str


class GlossaryShape(Shape):
    """glossary.toml."""

    term: list[TermShape]


class CriterionShape(Shape):
    """One [[criterion]]."""

    id: str = Field(pattern=IDENTIFIER)
    title: str
    question: str
    levels: list[str] = Field(min_length=2)


class RubricShape(Shape):
    """A file in rubrics/."""

    id: str = Field(pattern=IDENTIFIER)
    title: str
    criterion: list[CriterionShape]
    rules: list[str] = Field(default_factory=list)
