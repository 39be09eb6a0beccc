"""`course build`: writes nothing while the check finds errors, and leaves nothing out without a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.bank import load_course
from course.build import Difference, compare, derived_files, write
from course.checking import judge
from course.lint.rules import Finding
from course.reading import CourseError, Problem

HOW_ON = "Nothing was written: mend this first, then run `course build` again."
WAIVE = "Where a rule does not fit a question, waive it there: `course check --rules` says how."


@dataclass(frozen=True)
class Outcome:
    """What a build did: `done` and `told` are lines for people, `told` being what to look at."""

    done: Sequence[str]
    told: Sequence[str]
    last: str
    status: int
    """0, or 1 where something has to be mended."""
    data: Mapping[str, Any]
    """The same for machines: notebooks, changed, problems, warnings; lines count from 1."""


def build(root: Path) -> Outcome:
    """Write the notebooks, unless the course cannot be read or breaks a rule that is an error."""
    try:
        course = load_course(root)
        report = judge(root, course)
    except CourseError as error:
        return _stopped(error.problems)
    if report.errors:
        return _stopped(report.errors)
    files = derived_files(course)
    changed, refused = write(root, files)
    left_out = [finding for finding in report.warnings if finding.rule.startswith("A-")]
    done = [f"built {path}" if path in files else f"removed {path}" for path in changed]
    last = f"{len(files)} notebooks, {len(changed)} changed, {_state(refused)}."
    if report.warnings:
        number = len(report.warnings)
        last += f" {number} warning{'s' if number > 1 else ''}: `course check` lists them."
    data = {
        "notebooks": len(files),
        "changed": changed,
        "problems": [_row(difference) for difference in refused],
        "warnings": [_row(finding) for finding in report.warnings],
    }
    return Outcome(done, [*map(str, left_out), *map(str, refused)], last, int(bool(refused)), data)


def compare_only(root: Path) -> Outcome:
    """List what differs from the text and write nothing; item-writing rules are not asked."""
    try:
        files = derived_files(load_course(root))
    except CourseError as error:
        return _stopped(error.problems)
    listed = compare(root, files)
    data = {
        "notebooks": len(files),
        "changed": [],
        "problems": [_row(difference) for difference in listed],
        "warnings": [],
    }
    last = f"{len(files)} notebooks, {_state(listed)}."
    return Outcome([], [*map(str, listed)], last, int(bool(listed)), data)


def _stopped(found: Sequence[Problem] | Sequence[Finding]) -> Outcome:
    """Return the outcome of a build that did not begin."""
    number = len(found)
    last = f"{number} error{'s' if number > 1 else ''} found. {HOW_ON}"
    if any(isinstance(one, Finding) for one in found):
        last += f" {WAIVE}"
    data = {"notebooks": 0, "changed": [], "problems": [_row(one) for one in found], "warnings": []}
    return Outcome([], [*map(str, found)], last, 1, data)


def _state(listed: Sequence[Difference]) -> str:
    """Return how the files agree with the text."""
    return f"{len(listed)} not as the text says" if listed else "all as the text says"


def _row(one: Problem | Finding | Difference) -> dict[str, Any]:
    """Return something found as plain data."""
    if isinstance(one, Difference):
        return {"path": one.path, "line": None, "state": one.state, "remedy": one.remedy}
    rule = {"rule": one.rule} if isinstance(one, Finding) else {}
    return {"path": one.place.path, "line": one.place.line, "state": one.what, "remedy": one.remedy, **rule}
