"""What of the sources is taught, asked and reflected on, and at which levels of thinking."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from course.model import BLOOM, Box, Claim, Course, Item, Lesson, Place
from course.page import render
from course.reading import Problem

CLAIMS = "course/claims.csv"


@dataclass(frozen=True)
class Row:
    """One claim: where its lessons teach it, and the ids of what asks for it."""

    claim: Claim
    taught: tuple[tuple[str, Place], ...]
    """Lesson slug and place of its tag, in teaching order."""
    practice: tuple[str, ...]
    graded: tuple[str, ...]
    prompts: tuple[str, ...]
    scenarios: tuple[str, ...]

    @property
    def asked(self) -> bool:
        """Return whether an item asks for it."""
        return bool(self.practice or self.graded)


@dataclass(frozen=True)
class Column:
    """A part of the bank: practice, or a half of the graded pool."""

    name: str
    pool: str
    half: int | None


COLUMNS = (
    Column("Practice", "practice", None),
    Column("Graded, half 1", "graded", 1),
    Column("Graded, half 2", "graded", 2),
)


@dataclass(frozen=True)
class Goal:
    """One objective of the blueprint: number of items by column and Bloom level."""

    lesson: str
    id: str
    text: str
    counts: tuple[tuple[int, ...], ...]
    """For each of `COLUMNS`, the number of items at each of `BLOOM`."""

    def total(self, pool: str) -> int:
        """Return the number of items of a pool."""
        return sum(sum(row) for column, row in zip(COLUMNS, self.counts, strict=True) if column.pool == pool)


@dataclass(frozen=True)
class Misuse:
    """How many wrong options rest on a misconception."""

    id: str
    wrong: str
    practice: int
    graded: int


@dataclass(frozen=True)
class Anchors:
    """The ids of a lesson's items, by half, that are asked before the course and again in the final."""

    lesson: str
    halves: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Coverage:
    """The whole table. `problems` is empty where every claim is taught to students."""

    rows: tuple[Row, ...]
    goals: tuple[Goal, ...]
    misconceptions: tuple[Misuse, ...]
    anchors: tuple[Anchors, ...]
    problems: tuple[Problem, ...]

    @property
    def not_asked(self) -> tuple[Row, ...]:
        """Return the claims that no item asks for."""
        return tuple(row for row in self.rows if not row.asked)

    def level_counts(self, column: int) -> tuple[int, ...]:
        """Return the number of items at each of `BLOOM` in one of `COLUMNS`."""
        return tuple(sum(goal.counts[column][n] for goal in self.goals) for n in range(len(BLOOM)))


def coverage(course: Course) -> Coverage:
    """Return the table of a course that was read without problems, so that every id in it exists."""
    rows = tuple(_row(course, claim) for claim in course.claims)
    return Coverage(
        rows=rows,
        goals=tuple(_goals(course)),
        misconceptions=tuple(_misuses(course)),
        anchors=tuple(_anchors(course)),
        problems=tuple(_problems(course, rows)),
    )


def _row(course: Course, claim: Claim) -> Row:
    """Return where one claim stands."""
    return Row(
        claim=claim,
        taught=tuple(
            (lesson.slug, Place(lesson.place.path, lesson.tagged[claim.id]))
            for lesson in course.lessons
            if claim.id in lesson.tagged and not _for_instructor(lesson, lesson.tagged[claim.id])
        ),
        practice=tuple(item.id for item in course.items("practice") if claim.id in item.claims),
        graded=tuple(item.id for item in course.items("graded") if claim.id in item.claims),
        prompts=tuple(
            prompt.id for lesson in course.lessons for prompt in lesson.prompts if claim.id in prompt.claims
        ),
        scenarios=tuple(
            lesson.scenario.id
            for lesson in course.lessons
            if lesson.scenario and claim.id in lesson.scenario.claims
        ),
    )


def _for_instructor(lesson: Lesson, line: int) -> bool:
    """Return whether a line of lesson.md stands in an instructor's box, or right after it."""
    before = [part for part in lesson.parts if part.line <= line]
    return bool(before) and isinstance(before[-1], Box) and before[-1].name == "instructor"


def _problems(course: Course, rows: Sequence[Row]) -> Iterator[Problem]:
    """Yield the claims that no student reads about, and those planned for a lesson that is not there."""
    slugs = [lesson.slug for lesson in course.lessons]
    # claims.csv has one row a line below its head line; the reader refuses rows that do not fit the head.
    for line, row in enumerate(rows, 2):
        claim, place = row.claim, Place(CLAIMS, line)
        if claim.lesson not in slugs:
            what = f"{claim.id} is planned for '{claim.lesson}', which course.toml does not list"
            yield Problem(place, what, "name one of its lessons")
        if not row.taught:
            hidden = [lesson for lesson in course.lessons if claim.id in lesson.tagged]
            where = f"only in an instructor box of {hidden[0].slug}" if hidden else "in no lesson"
            remedy = f"write it into the prose and add <!-- claims: {claim.id} -->"
            yield Problem(place, f"{claim.id} is taught {where}", remedy)


def _goals(course: Course) -> Iterator[Goal]:
    """Yield the blueprint, objective by objective."""
    for lesson in course.lessons:
        for id_, text in lesson.objectives.items():
            items = [item for item in lesson.items if item.objective == id_]
            yield Goal(lesson.slug, id_, text, tuple(_levels(items, column) for column in COLUMNS))


def _levels(items: Sequence[Item], column: Column) -> tuple[int, ...]:
    """Return the number of items of a column at each level."""
    counts = Counter(item.bloom for item in items if (item.pool, item.half) == (column.pool, column.half))
    return tuple(counts[level] for level in BLOOM)


def _misuses(course: Course) -> Iterator[Misuse]:
    """Yield how often each misconception is used."""
    counts = Counter((item.pool, o.misconception) for item in course.items() for o in item.distractors)
    for entry in course.misconceptions:
        yield Misuse(entry.id, entry.wrong, counts[("practice", entry.id)], counts[("graded", entry.id)])


def _anchors(course: Course) -> Iterator[Anchors]:
    """Yield the anchors of each lesson that has any."""
    for lesson in course.lessons:
        tagged = [item for item in lesson.items if item.pool == "graded" and item.anchor]
        if tagged:
            first, second = (tuple(item.id for item in tagged if item.half == half) for half in (1, 2))
            yield Anchors(lesson.slug, (first, second))


def as_data(table: Coverage) -> dict[str, Any]:
    """Return the table as plain data; lines count from 1, counts follow `columns` and `levels`."""
    return {
        "claims": [
            {
                "id": row.claim.id,
                "lesson": row.claim.lesson,
                "claim": row.claim.text,
                "taught": [{"lesson": slug, "path": p.path, "line": p.line} for slug, p in row.taught],
                "practice": row.practice,
                "graded": row.graded,
                "prompts": row.prompts,
                "scenarios": row.scenarios,
            }
            for row in table.rows
        ],
        "columns": [column.name for column in COLUMNS],
        "levels": BLOOM,
        "objectives": [asdict(goal) for goal in table.goals],
        "misconceptions": [asdict(entry) for entry in table.misconceptions],
        "anchors": [asdict(entry) for entry in table.anchors],
        "not_asked": [row.claim.id for row in table.not_asked],
        "problems": [
            {"path": p.place.path, "line": p.place.line, "what": p.what, "remedy": p.remedy}
            for p in table.problems
        ],
    }


def lines(table: Coverage) -> Iterator[str]:
    """Yield the table for a terminal: claims, blueprint, level mix, problems and the sum."""
    yield f"{'claim':<7} {'taught at':<56} practice graded prompts"
    for row in table.rows:
        places = " ".join(f"{slug}:{place.line}" for slug, place in row.taught) or "nowhere"
        prompts = len(row.prompts) + len(row.scenarios)
        yield f"{row.claim.id:<7} {places:<56} {len(row.practice):>8} {len(row.graded):>6} {prompts:>7}"
    yield ""
    yield f"{'objective':<34} {'practice':>8} {'half 1':>7} {'half 2':>7}"
    for goal in table.goals:
        yield f"{goal.id:<34} {sum(goal.counts[0]):>8} {sum(goal.counts[1]):>7} {sum(goal.counts[2]):>7}"
    yield ""
    yield f"{'level':<34} {'practice':>8} {'half 1':>7} {'half 2':>7}"
    for n, level in enumerate(BLOOM):
        counts = [table.level_counts(column)[n] for column in range(len(COLUMNS))]
        yield f"{level:<34} {counts[0]:>8} {counts[1]:>7} {counts[2]:>7}"
    yield ""
    if table.anchors:
        yield f"{'anchors: asked before and in the final':<43} {'half 1':>7} {'half 2':>7}"
        for entry in table.anchors:
            yield f"{entry.lesson:<43} {len(entry.halves[0]):>7} {len(entry.halves[1]):>7}"
        yield ""
    if table.not_asked:
        yield f"No item asks for: {', '.join(row.claim.id for row in table.not_asked)}."
    taught = sum(bool(row.taught) for row in table.rows)
    asked = len(table.rows) - len(table.not_asked)
    yield f"{len(table.rows)} claims: {taught} taught, {asked} asked for by an item."


def as_page(course: Course, table: Coverage) -> str:
    """Return the table as one HTML file for instructors: it names graded items."""
    slugs = [lesson.slug for lesson in course.lessons]
    planned = sorted({row.claim.lesson for row in table.rows} - set(slugs))
    titles = {lesson.slug: lesson.title for lesson in course.lessons}
    mix = [table.level_counts(column) for column in range(len(COLUMNS))]
    return render(
        "coverage",
        {
            "title": course.title,
            "language": course.language,
            "form": course.form,
            "table": table,
            "columns": COLUMNS,
            "levels": BLOOM,
            "mix": mix,
            "graded_mix": [mix[1][n] + mix[2][n] for n in range(len(BLOOM))],
            "practice": sum(1 for _ in course.items("practice")),
            "graded": sum(1 for _ in course.items("graded")),
            "wrong_options": sum(entry.graded for entry in table.misconceptions),
            "by_lesson": [
                (titles.get(slug, slug), [row for row in table.rows if row.claim.lesson == slug])
                for slug in [*slugs, *planned]
                if any(row.claim.lesson == slug for row in table.rows)
            ],
        },
    )
