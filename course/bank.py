"""The course folder to a Course: reads every file, checks what refers to what, lists all problems at once."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from course import model
from course.lesson_text import parse_lesson
from course.model import Course, Item, Lesson, Option, Place, Pool, Prompt
from course.reading import (
    CourseError,
    Problem,
    Table,
    check_shape,
    read_text,
    read_toml,
    suggestion,
)
from course.references import reference_problems
from course.scoring import MODES
from course.shapes import (
    CourseShape,
    GlossaryShape,
    ItemShape,
    MisconceptionsShape,
    PoolShape,
    PromptShape,
    RubricShape,
    ScenarioShape,
)

FOLDER = "course"


def load_course(root: Path) -> Course:
    """Return the course whose folder ``course/`` stands in `root`.

    Raises
    ------
    CourseError : with every problem found in every file; nothing is returned half-read.
    """
    problems: list[Problem] = []
    course = _Loader(root, problems).load()
    if problems or course is None:
        raise CourseError(problems)
    return course


class _Loader:
    """Reads files in turn and remembers ids across them."""

    def __init__(self, root: Path, problems: list[Problem]) -> None:
        self.root, self.problems = root, problems
        self.seen: dict[str, Place] = {}
        self.unread = False
        """Whether a question file could not be parsed, so that ids in it are not known."""
        self.known: dict[str, str] = {}

    def problem(self, place: Place, what: str, remedy: str) -> None:
        self.problems.append(Problem(place, what, remedy))

    def table(self, name: str, shape: type[Any]) -> tuple[Any, Table | None]:
        """Return a TOML file's value (None where it is wrong) and its table."""
        table = read_toml(self.root, f"{FOLDER}/{name}", self.problems)
        return (check_shape(table, shape, self.problems) if table else None), table

    def load(self) -> Course | None:
        """Read everything."""
        shape, table = self.table("course.toml", CourseShape)
        claims = self.claims()
        misconceptions, codes = self.table("misconceptions.toml", MisconceptionsShape)
        if misconceptions and codes:
            named = enumerate(misconceptions.misconception)
            self.once([(one.id, codes.place("misconception", n, "id")) for n, one in named], "misconception")
        glossary, glossary_table = self.table("glossary.toml", GlossaryShape)
        rubrics = self.rubrics()
        if shape is None or table is None:
            return None
        self.once([(slug, table.place("lessons")) for slug in shape.lessons], "lesson")
        self.unlisted(shape.lessons, table)
        lessons = tuple(filter(None, map(self.lesson, shape.lessons)))
        assignments = tuple(model.Assignment(a.id, a.title, a.lesson, a.weight) for a in shape.assignment)
        self.once(
            [(a.id, table.place("assignment", n, "id")) for n, a in enumerate(assignments)], "assignment"
        )
        of_lesson: dict[str | None, str] = {}
        for number, assignment in enumerate(assignments):
            first = of_lesson.setdefault(assignment.lesson, assignment.id)
            if first != assignment.id:
                what = f"'{assignment.id}' asks the same questions as '{first}'"
                remedy = "give each lesson one assignment, and the course one without a lesson, the final"
                self.problem(table.place("assignment", number, "id"), what, remedy)
        for number, assignment in enumerate(assignments):
            place = table.place("assignment", number, "lesson")
            if assignment.lesson and assignment.lesson not in shape.lessons:
                self.problem(
                    place,
                    f"unknown lesson '{assignment.lesson}'",
                    suggestion(assignment.lesson, shape.lessons),
                )
        for number, term in enumerate(glossary.term if glossary else []):
            if term.lesson not in shape.lessons and glossary_table:
                place = glossary_table.place("term", number, "lesson")
                self.problem(place, f"unknown lesson '{term.lesson}'", suggestion(term.lesson, shape.lessons))
        course = Course(
            title=shape.title,
            contact=shape.contact,
            language=shape.language,
            form=shape.form,
            seed=shape.seed,
            lessons=lessons,
            assignments=assignments,
            misconceptions=tuple(
                model.Misconception(m.id, m.wrong, m.truth, tuple(m.stated_in))
                for m in (misconceptions.misconception if misconceptions else [])
            ),
            glossary=tuple(
                model.Term(t.term, t.meaning, t.lesson) for t in (glossary.term if glossary else [])
            ),
            claims=claims,
            rubrics=rubrics,
        )
        self.problems += reference_problems(
            course, self.known, codes_known=misconceptions is not None, all_read=not self.unread
        )
        return course

    def once(self, ids: Iterable[tuple[str, Place]], what: str) -> None:
        """Add a problem for each id met before."""
        for id_, place in ids:
            if id_ in self.seen:
                self.problem(
                    place,
                    f"the {what} id '{id_}' is used twice",
                    f"rename it; the first is at {self.seen[id_]}",
                )
            else:
                self.seen[id_] = place

    def unlisted(self, slugs: Sequence[str], table: Table) -> None:
        """Add a problem for each lesson folder that course.toml does not list."""
        folder = self.root / FOLDER / "lessons"
        for found in sorted(p.name for p in folder.glob("*") if p.is_dir() and (p / "lesson.md").exists()):
            if found not in slugs:
                self.problem(
                    table.place("lessons"),
                    f"the folder lessons/{found} is not listed",
                    "add it, or move the folder away",
                )

    def claims(self) -> tuple[model.Claim, ...]:
        """Read claims.csv."""
        path = f"{FOLDER}/claims.csv"
        text = read_text(self.root, path, self.problems)
        if text is None:
            return ()
        rows = csv.reader(io.StringIO(text))
        head = next(rows)
        if head != ["claim_id", "article", "type", "cluster", "lesson", "misconception", "claim"]:
            remedy = "start with the line claim_id,article,type,cluster,lesson,misconception,claim"
            self.problem(Place(path), "the column names are not the expected ones", remedy)
            return ()
        claims = []
        for row in rows:
            if len(row) != len(head):
                remedy = "write a text with commas in quotes"
                self.problem(Place(path, rows.line_num), f"has {len(row)} columns, not {len(head)}", remedy)
                continue
            id_, article, type_, cluster, lesson, misconception, claim = row
            self.once([(id_, Place(path, rows.line_num))], "claim")
            claims.append(model.Claim(id_, article, type_, cluster, lesson, misconception or None, claim))
        return tuple(claims)

    def rubrics(self) -> tuple[model.Rubric, ...]:
        """Read rubrics/*.toml."""
        found = []
        for path in sorted((self.root / FOLDER / "rubrics").glob("*.toml")):
            shape, table = self.table(f"rubrics/{path.name}", RubricShape)
            if shape and table:
                self.once([(f"rubric {shape.id}", table.place("id"))], "rubric")
                criteria = tuple(
                    model.Criterion(c.id, c.title, c.question, tuple(c.levels)) for c in shape.criterion
                )
                found.append(model.Rubric(shape.id, shape.title, criteria, tuple(shape.rules)))
        return tuple(found)

    def lesson(self, slug: str) -> Lesson | None:
        """Read one lesson folder."""
        folder = f"{FOLDER}/lessons/{slug}"
        raw = read_text(self.root, f"{folder}/lesson.md", self.problems)
        text = parse_lesson(raw, f"{folder}/lesson.md", self.problems) if raw is not None else None
        items: list[Item] = []
        prompts: list[Prompt] = []
        for pool in ("practice", "graded"):
            if (self.root / folder / f"{pool}.toml").exists():
                self.pool(slug, pool, items, prompts)
        scenario = self.scenario(slug) if (self.root / folder / "scenario.toml").exists() else None
        if text is None or text.front is None:
            return None
        front = text.front
        return Lesson(
            slug=slug,
            title=front.title,
            minutes=front.minutes,
            article=front.article,
            objectives=front.objectives,
            parts=tuple(text.parts),
            items=tuple(items),
            prompts=tuple(prompts),
            scenario=scenario,
            tagged=text.tagged,
            place=Place(f"{folder}/lesson.md"),
        )

    def pool(self, slug: str, pool: Pool, items: list[Item], prompts: list[Prompt]) -> None:
        """Read practice.toml or graded.toml into items and prompts."""
        shape, table = self.table(f"lessons/{slug}/{pool}.toml", PoolShape)
        if table is None:
            self.unread = True
            return
        for kind in ("item", "prompt"):
            raw = table.data.get(kind)
            entries = raw if isinstance(raw, list) else []
            ids = [
                (n, entry["id"])
                for n, entry in enumerate(entries)
                if isinstance(entry, dict) and "id" in entry
            ]
            self.known.update((str(id_), slug) for _, id_ in ids)
            self.once([(str(id_), table.place(kind, n, "id")) for n, id_ in ids], "question")
        if shape is None:
            return
        for number, entry in enumerate(shape.item):
            item = check_shape(table, ItemShape, self.problems, entry, ("item", number))
            if item:
                items.append(self.item(slug, pool, item, number, table))
        for number, entry in enumerate(shape.prompt):
            prompt = check_shape(table, PromptShape, self.problems, entry, ("prompt", number))
            if prompt:
                prompts.append(self.prompt(slug, pool, prompt, number, table))

    def prompt(self, slug: str, pool: Pool, shape: PromptShape, number: int, table: Table) -> Prompt:
        """Return one prompt, checking its credit and word range."""
        place = table.place("prompt", number, "id")
        if shape.rubric and shape.credit:
            self.problem(place, "has a rubric and credit for completion", "keep one of the two")
        if pool == "graded" and not shape.rubric and not shape.credit:
            self.problem(
                place, "says neither rubric nor credit", 'add rubric = "reflection" or credit = "completion"'
            )
        if pool == "practice" and (shape.credit or shape.points):
            here = table.place("prompt", number, "credit" if shape.credit else "points")
            remedy = "remove the line, or move the prompt to graded.toml"
            self.problem(here, "a practice prompt earns nothing, since lessons are not handed in", remedy)
        here = table.place("prompt", number, "words")
        if not 0 <= shape.words[0] < shape.words[1]:
            self.problem(here, "the word range is not from low to high", "write it as words = [60, 120]")
        elif shape.credit and not shape.words[0]:
            self.problem(here, "no words at all would earn the credit", "write it as words = [30, 100]")
        return Prompt(
            id=shape.id,
            text=shape.text.strip(),
            words=(shape.words[0], shape.words[1]),
            points=shape.points or (0 if pool == "practice" else 3 if shape.rubric else 1),
            objective=shape.objective or "",
            claims=tuple(shape.claims),
            pool=pool,
            lesson=slug,
            place=place,
            rubric=shape.rubric,
            assignment=shape.assignment,
        )

    def item(self, slug: str, pool: Pool, shape: ItemShape, number: int, table: Table) -> Item:
        """Return one item, checking its key, options and credit."""

        def place(*keys: str | int) -> Place:
            return table.place("item", number, *keys)

        key = [shape.key] if isinstance(shape.key, str) else shape.key
        ids = [option.id for option in shape.option]
        for position, option in enumerate(shape.option):
            if option.id in ids[:position]:
                remedy = "give each option of an item its own letter"
                self.problem(
                    place("option", position, "id"), f"the option id '{option.id}' is used twice", remedy
                )
        for wrong in [k for k in key if k not in ids]:
            self.problem(place("key"), f"the key '{wrong}' is not an option", suggestion(wrong, ids))
        if not key or len(set(key)) != len(key):
            self.problem(
                place("key"), "the key is empty or names an option twice", "name each right option once"
            )
        if shape.kind == "single" and not isinstance(shape.key, str):
            self.problem(
                place("key"), "a single item has one key in quotes", 'write key = "a", or kind = "multiple"'
            )
        if shape.kind == "multiple" and not isinstance(shape.key, list):
            self.problem(place("key"), "a multiple item has a list of keys", 'write key = ["a", "c"]')
        if set(key) >= set(ids):
            self.problem(
                place("key"), "every option is a key", "add an option that is wrong, or change the key"
            )
        credit = shape.credit or ("right-minus-wrong" if shape.kind == "multiple" else "all-or-nothing")
        if credit not in MODES:
            self.problem(place("credit"), f"unknown credit '{credit}'", suggestion(credit, list(MODES)))
        if pool == "graded" and shape.half is None:
            self.problem(
                place("id"), "the key 'half' is missing", "add half = 1 or half = 2 (see course.toml, form)"
            )
        if pool == "practice" and shape.half is not None:
            self.problem(place("half"), "practice items belong to no half", "remove the line")
        if not shape.id.startswith(f"{slug}-"):
            self.problem(
                place("id"), f"the id '{shape.id}' does not start with its lesson", f"call it {slug}-..."
            )
        return Item(
            id=shape.id,
            kind=shape.kind,
            stem=shape.stem.strip(),
            options=tuple(
                Option(o.id, o.text.strip(), o.rationale.strip(), o.misconception) for o in shape.option
            ),
            key=tuple(sorted(key)),
            credit=credit,
            points=shape.points or (2 if pool == "graded" else 1),
            objective=shape.objective,
            claims=tuple(shape.claims),
            bloom=shape.bloom,
            pool=pool,
            version=shape.version,
            lesson=slug,
            place=place("id"),
            vignette=shape.vignette.strip(),
            half=shape.half,
            tags=tuple(shape.tags),
            reviewed=tuple(shape.reviewed),
            waived=shape.waive,
        )

    def scenario(self, slug: str) -> model.Scenario | None:
        """Read scenario.toml."""
        shape, table = self.table(f"lessons/{slug}/scenario.toml", ScenarioShape)
        if shape is None or table is None:
            self.unread = True
            return None
        self.known[shape.id] = slug
        self.once([(shape.id, table.place("id"))], "scenario")
        ends = {node.id for node in shape.node} | {ending.id for ending in shape.ending}
        if shape.start not in ends:
            self.problem(
                table.place("start"), f"unknown node '{shape.start}'", suggestion(shape.start, sorted(ends))
            )
        for n, node in enumerate(shape.node):
            if not node.choice:
                remedy = "add a [[node.choice]], or make it an [[ending]]"
                self.problem(table.place("node", n), f"the node '{node.id}' is a dead end", remedy)
            for c, choice in enumerate(node.choice):
                if choice.next not in ends:
                    here = table.place("node", n, "choice", c, "next")
                    self.problem(here, f"unknown node '{choice.next}'", suggestion(choice.next, sorted(ends)))
        return model.Scenario(
            id=shape.id,
            title=shape.title,
            intro=shape.intro.strip(),
            start=shape.start,
            objective=shape.objective,
            claims=tuple(shape.claims),
            nodes=tuple(
                model.Node(
                    n.id,
                    n.text.strip(),
                    tuple(
                        model.Choice(c.id, c.text.strip(), c.consequence.strip(), c.next) for c in n.choice
                    ),
                )
                for n in shape.node
            ),
            endings=tuple(model.Ending(e.id, e.title, e.text.strip(), e.rank) for e in shape.ending),
            models=tuple(model.Model(m.rank, m.title, tuple(m.path), m.text.strip()) for m in shape.model),
            lesson=slug,
            place=table.place("id"),
            tags=tuple(shape.tags),
        )
