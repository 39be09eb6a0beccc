"""The `course` command: new, check, build, coverage, preview, demo."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console

from course.bank import load_course
from course.course_files import FOLDER
from course.model import Course
from course.reading import CourseError, suggestion

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def course_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds course/course.toml."""
    for folder in (start, *start.parents):
        if (folder / FOLDER / "course.toml").is_file():
            return folder
    raise click.UsageError(
        f"no course found: there is no {FOLDER}/course.toml in {start} or above it - "
        "go to the folder of your course first, or name it with --root"
    )


@contextmanager
def waiting(doing: str, *, quiet: bool) -> Iterator[None]:
    """Show what is being done while it lasts, where a person watches."""
    if quiet or not errors.is_terminal:
        yield
        return
    with errors.status(doing):
        yield


def read_course(root: Path) -> Course:
    """Return the course, or list every problem and end with status 1."""
    try:
        return load_course(root)
    except CourseError as error:
        _stop(error)


def _stop(error: CourseError) -> NoReturn:
    """List every problem and end with status 1."""
    for problem in error.problems:
        errors.print(str(problem), markup=False)
    count = len(error.problems)
    errors.print(f"{count} problem{'s' if count > 1 else ''} found. Nothing was written.")
    sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that holds course/ (default: this folder or the nearest above it).",
)
@click.version_option(package_name="safe-and-welcome")
@click.pass_context
def main(ctx: click.Context, root: Path | None) -> None:
    """Write, check and build the lessons.

    Example: course check
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A Windows console may lack a character of the course; \u671d is better than a traceback.
            stream.reconfigure(errors="backslashreplace")
    ctx.obj = root


def _root(ctx: click.Context) -> Path:
    """Return the course root of this call."""
    return course_root((ctx.obj or Path.cwd()).resolve())


@main.command()
@click.option("--strict", is_flag=True, help="End with status 1 on warnings too.")
@click.option("--unsigned", is_flag=True, help="List every item that no reader has signed yet.")
@click.option("--rules", is_flag=True, help="Print the rules, and how each is judged.")
@click.option(
    "--articles",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of source articles: look for wording that is close to theirs, too.",
)
@click.option(
    "--remember", is_flag=True, help="Keep fingerprints of the articles, so that later checks need no folder."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def check(
    ctx: click.Context,
    strict: bool,
    unsigned: bool,
    rules: bool,
    articles: Path | None,
    remember: bool,
    as_json: bool,
) -> None:
    """Read every lesson and judge it by the item-writing rules; list all problems with file and line.

    Example: course check --strict
    """
    from course import checking

    if rules:
        checking.print_rules()
        return
    sys.exit(
        checking.check(
            _root(ctx),
            articles=articles,
            remember=remember,
            strict=strict,
            name_unsigned=unsigned,
            as_json=as_json,
            errors=errors,
            waiting=waiting("Reading and judging the lessons ...", quiet=as_json),
        )
    )


@main.command()
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; list what differs and end with status 1."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def build(ctx: click.Context, only_check: bool, as_json: bool) -> None:
    """Build the notebooks in notebooks/ and source/ from the lesson text.

    While `course check` finds errors, nothing is written. Notebooks you made by hand are left alone.

    Example: course build
    """
    from course import build_command

    run = build_command.compare_only if only_check else build_command.build
    with waiting("Checking the text and building the notebooks ...", quiet=as_json):
        outcome = run(_root(ctx))
    if as_json:
        click.echo(json.dumps(outcome.data, indent=1))
    else:
        for line in outcome.done:
            console.print(line, markup=False)
        for line in outcome.told:
            errors.print(line, markup=False)
        console.print(outcome.last, markup=False)
    sys.exit(outcome.status)


@main.command()
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the table as one HTML file, for instructors.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.pass_context
def coverage(ctx: click.Context, page: Path | None, as_json: bool) -> None:
    """List where each claim is taught and asked for, and what the bank asks at which level.

    Ends with status 1 where a claim is taught in no lesson.

    Example: course coverage --html coverage.html
    """
    from course import coverage as covering

    course = read_course(_root(ctx))
    table = covering.coverage(course)
    if as_json:
        click.echo(json.dumps(covering.as_data(table), indent=1))
    else:
        for line in covering.lines(table):
            click.echo(line)
    for problem in () if as_json else table.problems:
        errors.print(str(problem), markup=False)
    if page:
        _write(page, covering.as_page(course, table))
        errors.print(f"wrote {page}", markup=False)
    sys.exit(1 if table.problems else 0)


@main.command()
@click.argument("lesson", required=False)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to (default: preview/ in the course folder).",
)
@click.pass_context
def preview(ctx: click.Context, lesson: str | None, output: Path | None) -> None:
    """Write pages to look at and to print, of all lessons or of LESSON and its check.

    The folder paper/ is for students without a screen and holds no keys; all else is for instructors.

    Example: course preview two-jobs
    """
    from course.preview import pages

    root = _root(ctx)
    course = read_course(root)
    slugs = [one.slug for one in course.lessons]
    if lesson is not None and lesson not in slugs:
        raise click.UsageError(f"there is no lesson '{lesson}' - {suggestion(lesson, slugs)}")
    folder = output or root / "preview"
    files = pages(course, lesson)
    for name, text in files.items():
        _write(folder / name, text)
    first = folder / (f"{lesson}.html" if lesson else "index.html")
    console.print(f"{len(files)} pages written; open {first}", markup=False)


def _write(path: Path, text: str) -> None:
    """Write a page, or end as wrong use where the place cannot be written to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"cannot write {path} ({error.strerror}) - name another place") from None


@main.command()
@click.argument("title", nargs=-1, required=True)
@click.pass_context
def new(ctx: click.Context, title: tuple[str, ...]) -> None:
    """Start a lesson called TITLE from a template that already builds.

    Example: course new Lost and found
    """
    from course.new_lesson import TitleError, start_lesson

    try:
        done = start_lesson(_root(ctx), " ".join(title))
    except TitleError as error:
        raise click.UsageError(str(error)) from None
    except CourseError as error:
        _stop(error)
    for line in done:
        console.print(line, markup=False)


@main.command()
@click.option("--no-browser", is_flag=True, help="Do not open a browser; print the address only.")
@click.option(
    "--port",
    type=click.IntRange(1024, 65535),
    help="The port to serve on (default: the first free from 8888).",
)
@click.pass_context
def demo(ctx: click.Context, no_browser: bool, port: int | None) -> None:
    """Open the course in JupyterLab with a simulated class that is already graded.

    Ctrl-C stops everything. The sample class is kept apart from a class of yours.

    Example: course demo --port 8899
    """
    from course.demo import DemoError, run

    try:
        run(_root(ctx), port, browser=not no_browser, console=console)
    except DemoError as error:
        errors.print(str(error), markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("Stopped.")
