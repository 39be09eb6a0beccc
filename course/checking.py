"""`course check`: reads the course, judges it by the rules, and says what to do."""

import json
from pathlib import Path

import click
from rich.console import Console

from course.bank import load_course
from course.lint import lint, listing
from course.lint.originality import read_articles
from course.reading import CourseError


def print_rules() -> None:
    """Print the table of rules."""
    for line in listing.rule_lines():
        click.echo(line)


def check(
    root: Path,
    *,
    articles: Path | None,
    strict: bool,
    name_unsigned: bool,
    as_json: bool,
    errors: Console,
) -> int:
    """Print what the check found; return 1 where something has to be mended, else 0.

    Raises
    ------
    click.UsageError : where `articles` holds no article.
    """
    try:
        sources = read_articles(articles) if articles else None
    except (ValueError, OSError) as error:
        raise click.UsageError(f"{error} - name the folder with the articles as text files") from None
    try:
        course = load_course(root)
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
    report = lint(course, sources)
    if as_json:
        click.echo(json.dumps(listing.as_data(report), indent=1))
    else:
        for line in listing.lines(course, report, name_unsigned=name_unsigned):
            click.echo(line)
    return int(bool(report.errors or (strict and report.warnings)))
