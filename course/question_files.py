"""practice.toml and graded.toml to items and prompts, each checked by itself, so that none hides another."""

import re
from dataclasses import dataclass, field
from typing import Any

from course.course_files import CourseFiles
from course.markup import markup_problems
from course.model import Item, Option, Place, Pool, Prompt
from course.reading import suggestion
from course.scoring import MODES
from course.shape_check import check_shape
from course.shapes import IDENTIFIER, ItemShape, OptionShape, PoolShape, PromptShape
from course.toml_text import Table

_HINTS = {
    **dict.fromkeys(OptionShape.model_fields, "write it below a line [[item.option]]"),
    **dict.fromkeys(
        [*ItemShape.model_fields, *PromptShape.model_fields], "write it below a line [[item]] or [[prompt]]"
    ),
    "option": "write [[item.option]]",
}
"""What to do about keys that belong into an entry and stand outside of any."""


@dataclass
class Questions:
    """The questions of one lesson. `known` holds also the ids of entries that are wrong elsewhere."""

    items: list[Item] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    whole: bool = True
    """False where a file could not be read, so that an id not known may stand in it."""


def read_questions(files: CourseFiles, slug: str) -> Questions:
    """Return the questions in a lesson's folder; a file that is not there holds none."""
    found = Questions()
    pools: tuple[Pool, ...] = ("practice", "graded")
    for pool in pools:
        if files.exists(f"lessons/{slug}/{pool}.toml"):
            _Reader(files, slug, pool, found).read()
    return found


class _Reader:
    """Reads one file of one lesson."""

    def __init__(self, files: CourseFiles, slug: str, pool: Pool, found: Questions) -> None:
        self.files, self.slug, self.pool, self.found = files, slug, pool, found

    def read(self) -> None:
        """Read the file, entry by entry."""
        shape, table = self.files.table(f"lessons/{self.slug}/{self.pool}.toml", PoolShape, _HINTS)
        if table is not None:
            self.ids(table)
        if shape is None or table is None:
            self.found.whole = False
            return
        for number, entry in enumerate(shape.item):
            item = check_shape(table, ItemShape, self.files.problems, entry, ("item", number))
            if item:
                self.found.items.append(self.item(item, number, table))
            self.nameless(entry)
        for number, entry in enumerate(shape.prompt):
            prompt = check_shape(table, PromptShape, self.files.problems, entry, ("prompt", number))
            if prompt:
                self.found.prompts.append(self.prompt(prompt, number, table))
            self.nameless(entry)

    def ids(self, table: Table) -> None:
        """Note the ids of all entries, also of those that are wrong."""
        for kind in ("item", "prompt"):
            raw = table.data.get(kind)
            named = [
                (number, str(entry["id"]))
                for number, entry in enumerate(raw if isinstance(raw, list) else [])
                if isinstance(entry, dict) and "id" in entry
            ]
            self.found.known += [id_ for _, id_ in named]
            self.files.once([(id_, table.place(kind, number, "id")) for number, id_ in named], "question")

    def nameless(self, entry: dict[str, Any]) -> None:
        """Note where an entry has no right id: what a lesson places may be meant for it."""
        if not re.fullmatch(IDENTIFIER, str(entry.get("id", ""))):
            self.found.whole = False

    def prefix(self, id_: str, place: Place) -> None:
        """Add a problem where an id does not start with its lesson."""
        if not id_.startswith(f"{self.slug}-"):
            what = f"the id '{id_}' does not start with its lesson"
            self.files.problem(place, what, f"call it {self.slug}-...")

    def markup(self, text: str, place: Place) -> None:
        """Add a problem for what students would not see as it is meant."""
        for _, what, remedy in markup_problems(text):
            self.files.problem(place, what, remedy)

    def prompt(self, shape: PromptShape, number: int, table: Table) -> Prompt:
        """Return one prompt, checking its credit and word range."""
        problem = self.files.problem
        place = table.place("prompt", number, "id")
        self.prefix(shape.id, place)
        self.markup(shape.text, table.place("prompt", number, "text"))
        if shape.rubric and shape.credit:
            problem(place, "has a rubric and credit for completion", "keep one of the two")
        if self.pool == "graded" and not shape.rubric and not shape.credit:
            remedy = 'add rubric = "reflection" or credit = "completion"'
            problem(place, "says neither rubric nor credit", remedy)
        if self.pool == "practice" and (shape.credit or shape.points):
            here = table.place("prompt", number, "credit" if shape.credit else "points")
            what = "a practice prompt earns nothing, since lessons are not handed in"
            problem(here, what, "remove the line, or move the prompt to graded.toml")
        here = table.place("prompt", number, "words")
        if not 0 <= shape.words[0] < shape.words[1]:
            problem(here, "the word range is not from low to high", "write it as words = [60, 120]")
        elif shape.credit and not shape.words[0]:
            problem(here, "no words at all would earn the credit", "write it as words = [30, 100]")
        return Prompt(
            id=shape.id,
            text=shape.text.strip(),
            words=(shape.words[0], shape.words[1]),
            points=shape.points or (0 if self.pool == "practice" else 3 if shape.rubric else 1),
            objective=shape.objective or "",
            claims=tuple(shape.claims),
            pool=self.pool,
            lesson=self.slug,
            place=place,
            rubric=shape.rubric,
            assignment=shape.assignment,
        )

    def item(self, shape: ItemShape, number: int, table: Table) -> Item:
        """Return one item, checking its key, options and credit."""
        problem = self.files.problem

        def place(*keys: str | int) -> Place:
            return table.place("item", number, *keys)

        self.prefix(shape.id, place("id"))
        self.markup(shape.vignette, place("vignette"))
        self.markup(shape.stem, place("stem"))
        ids = [option.id for option in shape.option]
        for position, id_ in enumerate(ids):
            if id_ in ids[:position]:
                here = place("option", position, "id")
                problem(here, f"the option id '{id_}' is used twice", "give each option its own letter")
        self.key(shape, ids, place("key"))
        credit = shape.credit or ("right-minus-wrong" if shape.kind == "multiple" else "all-or-nothing")
        if credit not in MODES:
            problem(place("credit"), f"unknown credit '{credit}'", suggestion(credit, list(MODES)))
        if self.pool == "graded" and shape.half is None:
            remedy = "add half = 1 or half = 2 (see course.toml, form)"
            problem(place("id"), "'half' is missing", remedy)
        if self.pool == "practice" and shape.half is not None:
            problem(place("half"), "practice items belong to no half", "remove the line")
        return Item(
            id=shape.id,
            kind=shape.kind,
            stem=shape.stem.strip(),
            options=tuple(
                Option(o.id, o.text.strip(), o.rationale.strip(), o.misconception) for o in shape.option
            ),
            key=tuple(sorted([shape.key] if isinstance(shape.key, str) else shape.key)),
            credit=credit,
            points=shape.points or (2 if self.pool == "graded" else 1),
            objective=shape.objective,
            claims=tuple(shape.claims),
            bloom=shape.bloom,
            pool=self.pool,
            version=shape.version,
            lesson=self.slug,
            place=place("id"),
            vignette=shape.vignette.strip(),
            half=shape.half,
            tags=tuple(shape.tags),
            reviewed=tuple(shape.reviewed),
            waived=shape.waive,
        )

    def key(self, shape: ItemShape, ids: list[str], place: Place) -> None:
        """Check that an item's key names some of its options, and as many as its kind has."""
        problem = self.files.problem
        key = [shape.key] if isinstance(shape.key, str) else shape.key
        for wrong in [k for k in key if k not in ids]:
            problem(place, f"the key '{wrong}' is not an option", suggestion(wrong, ids))
        if not key or len(set(key)) != len(key):
            what = "the key is empty or names an option twice"
            problem(place, what, "name each right option once")
        if shape.kind == "single" and not isinstance(shape.key, str):
            remedy = 'write key = "a", or kind = "multiple"'
            problem(place, "a single item has one key in quotes", remedy)
        if shape.kind == "multiple" and not isinstance(shape.key, list):
            problem(place, "a multiple item has a list of keys", 'write key = ["a", "c"]')
        if set(key) >= set(ids):
            problem(place, "every option is a key", "add an option that is wrong, or change the key")
