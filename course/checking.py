"""`course check`: reads the course, judges it by the rules, and says what to do; `course build` asks it."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import click
from rich.console import Console

from course.bank import load_course
from course.course_files import FOLDER
from course.lint import Report, lint, listing
from course.lint.fingerprints import FILE, FingerprintError, Fingerprints, fingerprints, parsed, written
from course.lint.originality import read_articles
from course.lint.rules import Finding
from course.model import Course, Place
from course.reading import CourseError, Problem, read_text


def print_rules() -> None:
    """Print the table of rules."""
    for line in listing.rule_lines():
        click.echo(line)


def check(
    root: Path,
    *,
    articles: Path | None,
    remember: bool,
    strict: bool,
    name_unsigned: bool,
    as_json: bool,
    errors: Console,
    waiting: AbstractContextManager[None],
) -> int:
    """Print what the check found; return 1 where something has to be mended, else 0.

    `waiting` is entered while lessons are read and judged, and left before anything is printed of them.

    Raises
    ------
    click.UsageError : where `articles` holds no article, or there is none to remember.
    """
    try:
        sources = read_articles(articles) if articles else None
    except (ValueError, OSError) as error:
        raise click.UsageError(f"{error} - name the folder with the articles as text files") from None
    if remember and sources is None:
        raise click.UsageError("--remember needs articles - name their folder with --articles")
    try:
        if remember and sources is not None:
            _remember(root, sources)
            errors.print(f"wrote {FILE}", markup=False)
        with waiting:
            course = load_course(root)
            report = judge(root, course, sources)
    except CourseError as error:
        if as_json:
            click.echo(json.dumps(listing.unread(error.problems), indent=1))
        else:
            for problem in error.problems:
                errors.print(str(problem), markup=False)
            count = len(error.problems)
            errors.print(
                f"{count} problem{'s' if count > 1 else ''} found; mend this first, then check again."
            )
        return 1
    if as_json:
        click.echo(json.dumps(listing.as_data(report), indent=1))
    else:
        for line in listing.lines(course, report, name_unsigned=name_unsigned):
            click.echo(line)
    return int(bool(report.errors or (strict and report.warnings)))


def judge(root: Path, course: Course, articles: Mapping[str, str] | None = None) -> Report:
    """Return what the course's texts break, copied wording included where fingerprints are kept.

    Raises
    ------
    CourseError : where the file of fingerprints cannot be read.
    """
    kept = _kept(root)
    report = lint(course, articles, prints=kept, files=_texts(root))
    if articles is None or kept is None:
        return report
    other = [name for name, prints in fingerprints(articles).items() if kept.get(name) != prints]
    remedy = "run `course check` with --articles and --remember if these articles are the right ones"
    what = f"does not hold {', '.join(other)} as it is now"
    return report.with_findings(*([Finding(Place(FILE), "L-29", "W", what, remedy)] if other else []))


def _remember(root: Path, articles: Mapping[str, str]) -> None:
    """Keep the fingerprints of articles beside those of other articles."""
    text = written({**(_kept(root) or {}), **fingerprints(articles)})
    (root / FILE).write_text(text, encoding="utf-8", newline="\n")


def _kept(root: Path) -> Fingerprints | None:
    """Return the fingerprints that the course keeps; None where it keeps none."""
    if not (root / FILE).exists():
        return None
    problems: list[Problem] = []
    text = read_text(root, FILE, problems)
    try:
        kept = parsed(text or "")
    except FingerprintError as error:
        remedy = "make the file again with `course check --articles FOLDER --remember`"
        problems.append(Problem(Place(FILE, error.line), "is no line of fingerprints", remedy))
    if problems:
        raise CourseError(problems)
    return kept


def _texts(root: Path) -> dict[str, str]:
    """Return path -> text of the files below course/ that people write."""
    found = {}
    for path in sorted((root / FOLDER).rglob("*")):
        if path.suffix in {".md", ".toml", ".csv"} and path.is_file():
            found[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8", errors="replace")
    return found
