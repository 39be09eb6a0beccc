"""The table for a statistician: one row for each answer, and what every column means."""

import csv
import io
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from grading.exports import ExportError
from grading.exports.sheet import sheet, write_private
from grading.places import Places, private_folder
from grading.responses import ItemInfo, PromptInfo, Response, Responses, TextResponse

COLUMNS: Mapping[str, tuple[str, str]] = {
    "student": ("text", "the student's id, or with --anonymous a random code that stays the same"),
    "assignment": ("text", "the assignment's id"),
    "position": (
        "integer",
        "place of the item in the assignment, from 1; options are shuffled, items are not",
    ),
    "item": ("text", "the item's or reflection's id"),
    "kind": ("text", "single (one answer), multiple (several), or reflection (a text)"),
    "lesson": ("text", "the lesson that teaches it; empty where the course text does not say"),
    "objective": ("text", "the objective that it asks for"),
    "version": ("integer", "the item's version in the course text of now"),
    "rule": ("text", "how answers make points: all-or-nothing, right-minus-wrong, completion or rubric"),
    "key": ("text", "the right options by which scores were given, with ; in between"),
    "chosen": ("text", "the options chosen, with ; in between; empty for none, and for reflections"),
    "state": (
        "text",
        "by the answer: right, partly, wrong, unanswered, unreadable; for a reflection: answered, complete, "
        "too short, unanswered, unreadable",
    ),
    "score": (
        "number",
        "points earned, a person's before the program's; empty while a person has to grade it",
    ),
    "points": ("number", "the most points"),
    "by_hand": ("yes or no", "whether a person has set the score of an item; always for a rubric's score"),
    "misconceptions": ("text", "codes of the wrong ideas behind the chosen options, with ; in between"),
    "levels": ("text", "a reflection's rubric levels, such as encounter=2, with ; in between"),
    "words": ("integer", "words of a reflection; empty for items"),
    "handed_in": ("time", "when it was handed in, UTC"),
    "late": ("yes or no", "whether that was after the due date with any extension"),
    "late_seconds": ("number", "seconds after it"),
    "graded": ("yes or no", "whether nothing in the whole submission waits for a person"),
}
"""Column -> kind and meaning, in order."""

Row = dict[str, Any]


def long_rows(found: Iterable[Responses], codes: Mapping[str, str] | None = None) -> list[Row]:
    """Return one row for each item and reflection of each student who handed in and whose copy can be read.

    `codes` gives the names to write instead of student ids; rows then stand in the order of these names, so
    that their order tells nobody who is who.
    """
    rows: list[Row] = []
    for one in found:
        students = sorted(one.answers, key=lambda student: (codes or {}).get(student, student))
        for student in students:
            rows += _of_student(one, student, (codes or {}).get(student, student))
    return rows


def _of_student(one: Responses, student: str, shown: str) -> Iterator[Row]:
    """Yield one student's rows of an assignment."""
    submission = one.submissions[student]
    common = {
        "student": shown,
        "assignment": one.record.name,
        "handed_in": submission.timestamp,
        "late": submission.late > 0,
        "late_seconds": submission.late,
        "graded": not submission.needs_manual,
    }
    place = 0
    for item in one.items:
        place += 1
        if item.id in one.answers[student]:
            yield {**common, "position": place, **_item(item, one.answers[student][item.id])}
    for prompt in one.prompts:
        place += 1
        if prompt.id in one.texts[student]:
            yield {**common, "position": place, **_prompt(prompt, one.texts[student][prompt.id])}


def _item(item: ItemInfo, given: Response) -> Row:
    """Return what a row says of an item."""
    codes = [item.misconceptions[option] for option in given.chosen if option in item.misconceptions]
    return {
        "item": item.id,
        "kind": item.kind,
        "lesson": item.lesson,
        "objective": item.objective,
        "version": item.version,
        "rule": item.mode,
        "key": ";".join(item.key),
        "chosen": ";".join(given.chosen),
        "state": given.state,
        "score": given.score,
        "points": given.points,
        "by_hand": given.by_hand,
        "misconceptions": ";".join(codes),
        "levels": "",
        "words": None,
    }


def _prompt(prompt: PromptInfo, given: TextResponse) -> Row:
    """Return what a row says of a reflection."""
    return {
        "item": prompt.id,
        "kind": "reflection",
        "lesson": prompt.lesson,
        "objective": prompt.objective,
        "version": None,
        "rule": "completion" if prompt.least is not None else "rubric",
        "key": "",
        "chosen": "",
        "state": given.state,
        "score": given.score,
        "points": given.points,
        "by_hand": prompt.least is None and given.score is not None and given.state != "unanswered",
        "misconceptions": "",
        "levels": ";".join(f"{level.id}={level.level}" for level in given.levels),
        "words": given.words,
    }


def long_csv(rows: Sequence[Row]) -> bytes:
    """Return the rows as CSV: times as 2026-03-02T09:30:00Z, numbers in full, yes or no as TRUE and FALSE."""
    return sheet([list(COLUMNS), *([_plain(row[name]) for name in COLUMNS] for row in rows)])


def _plain(value: Any) -> Any:
    """Return a value as every statistics program reads it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    return f"{value:.10g}" if isinstance(value, float) else value


def long_parquet(rows: Sequence[Row]) -> bytes:
    """Return the rows as Parquet, each column with its type and its meaning.

    Raises
    ------
    ExportError : pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ExportError(
            "Parquet files need pyarrow - run: python -m pip install pyarrow; or name a file ending in .csv"
        ) from error
    kinds = {
        "text": pa.string(),
        "integer": pa.int32(),
        "number": pa.float64(),
        "yes or no": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema(
        [
            pa.field(name, kinds[kind], metadata={"meaning": meaning})
            for name, (kind, meaning) in COLUMNS.items()
        ]
    )
    made = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), made)
    return made.getvalue()


def dictionary() -> bytes:
    """Return what each column means, as CSV."""
    return sheet([("column", "kind", "meaning"), *((name, *told) for name, told in COLUMNS.items())])


def read_codes(places: Places, students: Iterable[str]) -> tuple[dict[str, str], Path]:
    """Return student id -> random code, and the private file that keeps them; new students get new codes.

    Raises
    ------
    ExportError : the file is there and cannot be read; new codes would break the link with earlier tables.
    """
    path = private_folder(places.work) / "exports" / "codes.csv"
    codes: dict[str, str] = {}
    if path.exists():
        try:
            with path.open(encoding="utf-8", newline="") as file:
                codes = {row["student"]: row["code"] for row in csv.DictReader(file)}
        except (OSError, ValueError, KeyError, csv.Error) as error:
            raise ExportError(f"{path}: cannot be read ({error}) - put it right, or move it away") from error
    used = set(codes.values())
    for student in students:
        if student not in codes:
            code = f"s{secrets.token_hex(4)}"
            while code in used:
                code = f"s{secrets.token_hex(4)}"
            codes[student] = code
            used.add(code)
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerows([("student", "code"), *codes.items()])
    private_folder(path.parent)
    write_private(path, made.getvalue().encode("utf-8"))
    return codes, path
