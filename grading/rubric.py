"""Rubric levels in a grader's comment: read, explained to the student, and checked against the points."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from course.model import Rubric
from course.scoring import rubric_points
from grading.bankkeys import Bank
from grading.records import AssignmentRecord, SubmissionRecord
from grading.reports import counted, number
from grading.untrusted import printable

NEAR_POINTS = 0.005 + 1e-9
"""How far points may be from what the levels make, since people enter them with two decimals."""

ALIKE = 0.7
"""How much alike, from 0 to 1, a name and a criterion's must be to ask whether that was meant."""

_LEVEL = re.compile(r"\s*[-*•]?\s*([^:=]{1,60}?)\s*[:=]\s*(\d)\s*")
# What somebody writes who means a level: a short name, a sign or not, a number, and nothing after it.
_MEANT = re.compile(
    r"\s*[-*•]?\s*(?P<name>[^\d:=]{1,60}?)\s*(?P<sign>[:=]|[-–—(]|\s)\s*"
    r"(?P<level>[+-]?\d+(?:[.,]\d+)?)\s*(?:(?:/|of)\s*\d+)?\s*[).;,!]?\s*"
)
_HEADED = re.compile(r"\s*[-*•]?\s*([^:=]{1,60}?)\s*[:=].*")


@dataclass(frozen=True)
class RubricRow:
    """One criterion with the level reached, 0 to `highest`."""

    id: str
    title: str
    level: int
    highest: int
    meaning: str


@dataclass(frozen=True)
class RubricReading:
    """What a comment says of levels: rows in the rubric's order, the other lines, and what is in doubt."""

    rows: Sequence[RubricRow]
    rest: str
    doubts: Sequence[str] = ()


def read_rubric(rubric: Rubric, comment: str) -> RubricReading:
    """Return the rubric levels that a grader's comment names, and the comment without those lines.

    A level is a line of its own, ``own-part: 2`` or ``Own part: 2``, in any order. A line that seems to be
    meant for one and is none stays in the comment, and is a doubt in words.
    """
    names = {_plain(name): one for one in rubric.criteria for name in (one.id, one.title)}
    found: dict[str, RubricRow] = {}
    left: list[str] = []
    doubts: list[str] = []
    for line in comment.splitlines():
        match = _LEVEL.fullmatch(line)
        criterion = names.get(_plain(match[1])) if match else None
        if match and criterion and int(match[2]) < len(criterion.levels):
            level, highest = int(match[2]), criterion.highest
            if criterion.id in found and found[criterion.id].level != level:
                doubts.append(
                    f"{criterion.id} stands there twice, with {found[criterion.id].level} and {level}"
                )
            meaning = criterion.levels[level]
            found[criterion.id] = RubricRow(criterion.id, criterion.title, level, highest, meaning)
        else:
            left.append(line)
    odd = [doubt for doubt in (_doubt(line, rubric, found) for line in left) if doubt[0]]
    # A comment without any level may hold a line such as "Note: 3" that has nothing to do with the rubric.
    if found or any(sure for _, sure in odd):
        doubts += [told for told, _ in odd]
    rows = [found[one.id] for one in rubric.criteria if one.id in found]
    missing = [one.id for one in rubric.criteria if one.id not in found]
    if missing and (rows or doubts):
        doubts.append(f"no level for {', '.join(missing)}")
    return RubricReading(rows, "\n".join(left).strip(), doubts)


def score_doubts(rubric: Rubric, reading: RubricReading, given: float | None, points: float) -> list[str]:
    """Return what is in doubt about a reflection: its levels, or points that these do not make.

    Parameters
    ----------
    given : the points that a person entered, without extra credit; None where none were.
    points : the most that the reflection can earn.
    """
    if len(reading.rows) < len(rubric.criteria) or reading.doubts:
        return list(reading.doubts)
    levels = {row.id: row.level for row in reading.rows}
    highest = {row.id: row.highest for row in reading.rows}
    made = rubric_points(levels, highest=highest, points=points)
    if given is not None and abs(given - made) <= NEAR_POINTS:
        return []
    sums = f"levels {sum(levels.values())} of {sum(highest.values())} make {counted(made, 'point')}"
    entered = "none were" if given is None else "1 was" if given == 1 else f"{number(given)} were"
    return [f"{sums}, but {entered} entered"]


def comment_doubts(record: AssignmentRecord, submission: SubmissionRecord, bank: Bank) -> str:
    """Return what is in doubt about the rubric levels in one student's comments; empty where nothing is."""
    told = []
    for released in record.notebooks.values():
        rows = submission.notebooks.get(released.name)
        for prompt in released.prompts:
            row = rows.cells.get(prompt.cell) if rows else None
            written = bank.prompts.get(prompt.id)
            rubric = bank.rubrics.get(written.rubric or "") if written else None
            if row is None or rubric is None or not row.manual_comment:
                continue
            reading = read_rubric(rubric, row.manual_comment)
            doubts = score_doubts(rubric, reading, row.manual_score, prompt.points)
            told += [f"{prompt.id}: {'; '.join(doubts)}"] if doubts else []
    return "; ".join(told)


def _doubt(line: str, rubric: Rubric, found: Collection[str]) -> tuple[str, bool]:
    """Return what is wrong with a line that seems to be meant for a level, and whether that is sure.

    The first is empty where the line is a comment.
    """
    names = {_plain(name): one for one in rubric.criteria for name in (one.id, one.title)}
    meant, headed = _MEANT.fullmatch(line), _HEADED.fullmatch(line)
    shown = f'"{printable(line.strip(), 40)}"'
    name = _plain(meant["name"]) if meant else _plain(headed[1]) if headed else ""
    criterion = names.get(name)
    if criterion is not None:
        if criterion.id in found and meant is None:
            return "", False  # a comment under the criterion's name, beside its level
        return f"{shown} is no level: write {criterion.id}: 0 to {criterion.highest}", True
    if meant is None:
        return "", False
    near = get_close_matches(name, names, n=1, cutoff=ALIKE)
    if near:
        return f"{shown} is not understood: did you mean {names[near[0]].id}?", True
    return (f"{shown} is not understood", False) if meant["sign"] in ":=" else ("", False)


def _plain(name: str) -> str:
    """Return a criterion's name for comparing."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
