"""Pages to look at and to print: each lesson for its instructor, and paper for students without a screen."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from course.arrangement import printed
from course.cells import SIGNS
from course.lesson_text import BOXES
from course.model import Assignment, Box, Claim, Course, Item, Lesson, Option, Prompt, Prose, Rubric, Scenario
from course.page import render
from course.scenario_map import ScenarioMap, scenario_map
from course.setup_data import STARTING_POINT, rule, writing_rule

WORDS_A_LINE = 9
"""Handwritten words on a ruled line."""


@dataclass(frozen=True)
class Question:
    """An item as it is printed. `home` is its lesson's title where that is another lesson."""

    number: int
    item: Item
    options: tuple[tuple[str, Option], ...]
    """Letter and option, in printed order."""
    rule: str
    home: str = ""

    @property
    def key_letters(self) -> str:
        """Return the letters to choose, such as ``A, C``."""
        return ", ".join(letter for letter, option in self.options if option.id in self.item.key)


@dataclass(frozen=True)
class Block:
    """A part of a lesson's page; one of the fields besides `kind` is set."""

    kind: str
    text: str = ""
    box: Box | None = None
    title: str = ""
    question: Question | None = None
    prompt: Prompt | None = None
    scenario: Scenario | None = None
    count: int = 0


@dataclass(frozen=True)
class Paper:
    """A sheet of questions: a lesson's practice or an assignment. `code` tells paper, key and sheet apart."""

    id: str
    title: str
    graded: bool
    code: str
    blocks: tuple[Block, ...]
    goals: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    """Term and meaning."""
    counts: bool = True
    """Whether its points count towards a grade."""

    @property
    def points(self) -> float:
        """Return the most points it can earn; 0 for practice."""
        prompts = [block.prompt.points for block in self.blocks if block.prompt]
        return sum(prompts, sum(q.item.points for q in self.questions)) if self.graded else 0

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return its questions in order."""
        return tuple(block.question for block in self.blocks if block.question)


def pages(course: Course, only: str | None = None) -> dict[str, str]:
    """Return file name -> HTML of all pages, or of one lesson and its check.

    Instructor pages and keys hold the answers; the files in ``paper/`` do not.

    Raises
    ------
    KeyError : where `only` names no lesson.
    """
    lessons = course.lessons if only is None else (course.lesson(only),)
    assignments = [a for a in course.assignments if only is None or a.lesson == only]
    papers = [lesson_paper(course, lesson) for lesson in lessons]
    papers += [p for p in (assignment_paper(course, a) for a in assignments) if p.blocks]
    common = {"course": course, "language": course.language, "signs": SIGNS, "how": writing_rule}
    files = {f"{lesson.slug}.html": _lesson_page(course, lesson, common) for lesson in lessons}
    for paper in papers:
        values = {**common, "paper": paper, "lines": ruled_lines, "moments": moments, "start": STARTING_POINT}
        files[f"paper/{paper.id}.html"] = render("paper", values)
        files[f"keys/{paper.id}-key.html"] = render("key", values)
        if paper.graded and paper.questions:
            files[f"paper/{paper.id}-sheet.html"] = render("sheet", values)
    if only is None:
        files["index.html"] = render("index", {**common, "lessons": lessons, "papers": papers})
    return files


def lesson_paper(course: Course, lesson: Lesson) -> Paper:
    """Return a lesson as students read it, with its practice questions."""
    blocks = tuple(block for block in lesson_blocks(course, lesson) if block.kind != "instructor")
    goals, words = tuple(lesson.objectives.values()), tuple(_words(course, lesson))
    code = _code(course, lesson.slug, blocks)
    return Paper(f"lesson-{lesson.slug}", lesson.title, False, code, blocks, goals, words)


def assignment_paper(course: Course, assignment: Assignment) -> Paper:
    """Return an assignment's questions under the class's form."""
    blocks = [
        Block("question", question=_question(course, item, number, counts=not assignment.anchors))
        for number, item in enumerate(course.assigned_items(assignment), 1)
    ]
    blocks += [Block("prompt", prompt=prompt) for prompt in course.assigned_prompts(assignment)]
    code = _code(course, assignment.id, blocks)
    return Paper(assignment.id, assignment.title, True, code, tuple(blocks), counts=not assignment.anchors)


def lesson_blocks(course: Course, lesson: Lesson) -> Iterator[Block]:
    """Yield a lesson's parts in order; questions are numbered as in its notebook."""
    items = {item.id: item for item in course.items()}
    prompts = {prompt.id: prompt for one in course.lessons for prompt in one.prompts}
    number = 0
    for part in lesson.parts:
        if isinstance(part, Prose):
            yield Block("prose", text=part.text)
        elif isinstance(part, Box):
            name = BOXES[part.name]
            title = name if part.title == name else f"{name}: {part.title}"
            kind = "instructor" if part.name == "instructor" else "box"
            yield Block(kind, box=part, title=title)
        elif part.verb == "ask":
            number += 1
            item = items[part.target]
            home = course.lesson(item.lesson).title if item.lesson != lesson.slug else ""
            yield Block("question", question=_question(course, item, number, home))
        elif part.verb == "reflect":
            yield Block("prompt", prompt=prompts[part.target])
        elif part.verb == "scenario":
            yield Block("scenario", scenario=lesson.scenario)
        else:
            yield Block("review", count=int(part.target))


def _question(course: Course, item: Item, number: int, home: str = "", *, counts: bool = True) -> Question:
    """Return an item with its printed letters."""
    return Question(number, item, tuple(printed(item, course.seed)), rule(item, counts=counts), home)


def _code(course: Course, name: str, blocks: Iterable[Block]) -> str:
    """Return a short code that changes with the form, the questions, their wording and their order."""
    held = [course.form, str(course.seed), name]
    for block in blocks:
        if block.question:
            item = block.question.item
            held += [item.id, item.question, *(f"{letter} {o.text}" for letter, o in block.question.options)]
        if block.prompt:
            held += [block.prompt.id, block.prompt.text]
    return f"{course.form}-{hashlib.sha256(chr(10).join(held).encode()).hexdigest()[:6]}"


def ruled_lines(prompt: Prompt) -> range:
    """Return one step for each ruled line that the longest answer needs."""
    return range(ceil(prompt.words[1] / WORDS_A_LINE) + 1)


def moments(scenario: Scenario) -> dict[str, str]:
    """Return id -> what to turn to on paper: ``Moment 3`` or ``Ending 2``."""
    named = {node.id: f"Moment {number}" for number, node in enumerate(scenario.nodes, 1)}
    return named | {ending.id: f"Ending {number}" for number, ending in enumerate(scenario.endings, 1)}


def _lesson_page(course: Course, lesson: Lesson, common: Mapping[str, Any]) -> str:
    """Return the instructor's page of a lesson."""
    graded = [item for item in lesson.items if item.pool == "graded"]
    halves: list[tuple[int, Sequence[Question]]] = [
        (half, [_question(course, item, n) for n, item in enumerate(items, 1)])
        for half, items in ((h, [item for item in graded if item.half == h]) for h in (1, 2))
        if items
    ]
    claims: dict[str, Claim] = {claim.id: claim for claim in course.claims}
    drawn: ScenarioMap | None = scenario_map(lesson.scenario) if lesson.scenario else None
    rubrics: dict[str, Rubric] = {rubric.id: rubric for rubric in course.rubrics}
    return render(
        "lesson",
        {
            **common,
            "lesson": lesson,
            "blocks": list(lesson_blocks(course, lesson)),
            "halves": halves,
            "prompts": [prompt for prompt in lesson.prompts if prompt.pool == "graded"],
            "claims": claims,
            "wrong": {m.id: m for m in course.misconceptions},
            "rubrics": rubrics,
            "map": drawn,
            "turn": moments(lesson.scenario) if lesson.scenario else {},
            "words": _words(course, lesson),
        },
    )


def _words(course: Course, lesson: Lesson) -> list[tuple[str, str]]:
    """Return the glossary's entries for a lesson, by letter."""
    found = [(term.term, term.meaning) for term in course.glossary if term.lesson == lesson.slug]
    return sorted(found, key=lambda entry: entry[0].lower())
