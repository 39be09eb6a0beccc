"""claims.csv, misconceptions.toml, glossary.toml and rubrics/ to values."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from course import model
from course.course_files import FOLDER, CourseFiles
from course.model import Place
from course.reading import suggestion
from course.shapes import GlossaryShape, MisconceptionsShape, RubricShape

COLUMNS = ["claim_id", "article", "type", "cluster", "lesson", "misconception", "claim"]
TYPES = ("claim", "misconception", "skill", "example", "exam", "question")
"""What a row of claims.csv may be; exam and question are about the articles, not about the job."""
CLAIMS = f"{FOLDER}/claims.csv"


@dataclass(frozen=True)
class Background:
    """What lessons are written from; None in place of a part that could not be read."""

    claims: tuple[model.Claim, ...] | None
    misconceptions: tuple[model.Misconception, ...] | None
    glossary: tuple[model.Term, ...]
    rubrics: tuple[model.Rubric, ...] | None


def read_background(files: CourseFiles, lessons: Sequence[str] | None) -> Background:
    """Return claims, misconceptions, glossary and rubrics; `lessons` holds the slugs, if known."""
    codes = _misconceptions(files)
    claims = _claims(files, None if codes is None else [code.id for code in codes])
    if codes is not None and claims is not None:
        _stated(files, codes, [claim.id for claim in claims])
    return Background(claims, codes, _glossary(files, lessons), _rubrics(files))


def _claims(files: CourseFiles, codes: Sequence[str] | None) -> tuple[model.Claim, ...] | None:
    """Read claims.csv."""
    text = files.text("claims.csv", f"create it with the line {','.join(COLUMNS)}, then a row for each claim")
    if text is None:
        return None
    rows = csv.reader(io.StringIO(text), strict=True)
    claims: list[model.Claim] = []
    begun = 1
    try:
        head = next(rows)
        if head != COLUMNS:
            separated = text.split("\n", 1)[0].replace(";", ",") == ",".join(COLUMNS)
            what = "the columns are parted by semicolons" if separated else "the column names are not right"
            remedy = "save the file with commas" if separated else f"start with the line {','.join(COLUMNS)}"
            files.problem(Place(CLAIMS), what, remedy)
            return None
        for row in rows:
            place, begun = Place(CLAIMS, begun + 1), rows.line_num
            if not row:
                files.problem(place, "the line is empty", "remove it")
            elif len(row) != len(COLUMNS):
                what = f"has {len(row)} columns, not {len(COLUMNS)}"
                files.problem(place, what, 'put quotes around a text with commas: "first, second"')
            else:
                claims.append(_claim(files, row, place, codes))
    except csv.Error:
        what = "a quote is not closed, or a sign follows one where a comma should"
        files.problem(Place(CLAIMS, begun + 1), what, 'put one " before and one after the text of a column')
        return None
    return tuple(claims)


def _claim(files: CourseFiles, row: Sequence[str], place: Place, codes: Sequence[str] | None) -> model.Claim:
    """Return one row as a claim, checking what it names."""
    id_, article, type_, cluster, lesson, misconception, claim = (cell.strip() for cell in row)
    files.once([(id_, place)], "claim")
    if not model.CLAIM_ID.fullmatch(id_):
        files.problem(place, f"'{id_}' is not a claim id", "write a capital, a number, - and a number: S5-01")
    if type_ not in TYPES:
        files.problem(place, f"unknown type '{type_}'", suggestion(type_, TYPES))
    if not claim:
        files.problem(place, f"the claim {id_} has no text", "say in the last column what the article says")
    if misconception and codes is not None and misconception not in codes:
        remedy = "leave the column empty, or add it to course/misconceptions.toml"
        files.problem(place, f"unknown misconception '{misconception}'", remedy)
    return model.Claim(id_, article, type_, cluster, lesson, misconception or None, claim)


def _misconceptions(files: CourseFiles) -> tuple[model.Misconception, ...] | None:
    """Read misconceptions.toml."""
    shape, table = files.table("misconceptions.toml", MisconceptionsShape)
    if shape is None or table is None:
        return None
    found = shape.misconception
    files.once([(m.id, table.place("misconception", n, "id")) for n, m in enumerate(found)], "misconception")
    return tuple(
        model.Misconception(
            m.id, m.wrong, m.truth, tuple(m.stated_in), table.place("misconception", n, "stated_in")
        )
        for n, m in enumerate(found)
    )


def _stated(files: CourseFiles, codes: Sequence[model.Misconception], claims: Sequence[str]) -> None:
    """Add a problem for each misconception that names a claim which is not there."""
    for code in codes:
        for id_ in code.stated_in:
            if id_ not in claims:
                remedy = "name a row of course/claims.csv, or write stated_in = []"
                files.problem(code.place, f"unknown claim '{id_}'", remedy)


def _glossary(files: CourseFiles, lessons: Sequence[str] | None) -> tuple[model.Term, ...]:
    """Read glossary.toml."""
    shape, table = files.table("glossary.toml", GlossaryShape)
    if shape is None or table is None:
        return ()
    for number, term in enumerate(shape.term):
        if lessons is not None and term.lesson not in lessons:
            place = table.place("term", number, "lesson")
            files.problem(place, f"unknown lesson '{term.lesson}'", suggestion(term.lesson, lessons))
    return tuple(model.Term(term.term, term.meaning, term.lesson) for term in shape.term)


def _rubrics(files: CourseFiles) -> tuple[model.Rubric, ...] | None:
    """Read rubrics/*.toml; None where one of them cannot be read."""
    found = []
    whole = True
    for path in sorted((files.root / FOLDER / "rubrics").glob("*.toml")):
        shape, table = files.table(f"rubrics/{path.name}", RubricShape)
        if shape is None or table is None:
            whole = False
            continue
        files.once([(f"rubric {shape.id}", table.place("id"))], "rubric")
        criteria = tuple(model.Criterion(c.id, c.title, c.question, tuple(c.levels)) for c in shape.criterion)
        found.append(model.Rubric(shape.id, shape.title, criteria, tuple(shape.rules)))
    return tuple(found) if whole else None
