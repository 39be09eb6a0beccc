"""The `grading` command. Exit 0: done. 1: problems were found and are listed. 2: wrong use."""

import io
import json
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import click

from grading.places import PlaceError, Places, find_places, find_root
from grading.untrusted import printable

EPILOG = "Exit status: 0 done, 1 problems found and listed, 2 wrong use."


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course folder, which holds nbgrader_config.py; else the nearest one at or above this folder.",
)
@click.version_option(package_name="safe-and-welcome")
@click.pass_context
def main(ctx: click.Context, root: Path | None) -> None:
    """Run a class: release, collect, grade by reading, give feedback.

    Example: grading status
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A Windows console may lack a letter of a student's name; an escape is better than a traceback.
            stream.reconfigure(errors="backslashreplace")
    ctx.obj = root


def places_of(ctx: click.Context) -> Places:
    """Return the course folder that the command works in."""
    try:
        return find_places(ctx.obj.resolve() if ctx.obj else find_root(Path.cwd()))
    except PlaceError as error:
        raise click.UsageError(str(error)) from error


def assignment_places(ctx: click.Context, assignment: str) -> Places:
    """Return the course folder, after checking that it has such an assignment at all."""
    places = places_of(ctx)
    known = places.assignments()
    if assignment not in known and not places.path("release", ".", assignment).is_dir():
        near = get_close_matches(assignment, known, n=1)
        listed = ", ".join(known) or "none yet; run: course build"
        hint = f"did you mean {near[0]}?" if near else f"there are: {listed}"
        raise click.UsageError(f"no assignment is called {printable(assignment)} - {hint}")
    return places


def attempt(action: Callable[[], Any]) -> Any:
    """Run a step; an expected failure becomes one line and exit status 1."""
    from grading.collecting import CollectError
    from grading.gradebook import GradebookError
    from grading.keys import CorrectionError
    from grading.results import GradingError, NeedsExecutionError
    from grading.steps import WorkflowError

    try:
        return action()
    except NeedsExecutionError as error:
        raise click.UsageError(str(error)) from error
    except (GradingError, CollectError, GradebookError, CorrectionError, WorkflowError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or ''}: {error.strerror or error} - correct it and run the command again")


def _fail(message: str) -> NoReturn:
    """Print a problem and stop with exit status 1."""
    from grading.console import say

    say(message, error=True)
    sys.exit(1)


def _json(data: Any) -> None:
    """Print JSON in plain ASCII, which no terminal takes for a command."""
    click.echo(json.dumps(data, indent=1, default=str))


def _done(troubled: bool) -> None:
    """Leave with exit status 1 where something was listed."""
    sys.exit(1 if troubled else 0)


assignment_argument = click.argument("assignment")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
wait_option = click.option(
    "--wait",
    type=click.FloatRange(0),
    default=10.0,
    show_default=True,
    help="Seconds to wait for another run that is writing grades.",
)
student_option = click.option(
    "--student", "only", multiple=True, metavar="ID", help="Only this student; may be given several times."
)


@main.command()
@assignment_argument
@click.option("--no-exchange", is_flag=True, help="Only make release/; hand the folder out by other means.")
@json_option
@wait_option
@click.pass_context
def release(ctx: click.Context, assignment: str, no_exchange: bool, as_json: bool, wait: float) -> None:
    """Make the students' version of an assignment and hand it out.

    Refused when answers, keys or rationales would go with it. Releasing again is safe.

    Example: grading release check-two-jobs
    """
    from grading.console import describe_release, say
    from grading.workflow import release as run

    places = assignment_places(ctx, assignment)
    done = attempt(lambda: run(places, assignment, exchange=not no_exchange, wait=wait))
    if as_json:
        _json({**done.__dict__, "folder": str(done.folder)})
    else:
        for line in describe_release(done):
            say(line)


@main.command()
@assignment_argument
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    help="A folder or ZIP file of notebooks from Moodle, Canvas or by hand, instead of the exchange.",
)
@click.option(
    "--ids",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --from: a CSV file of two columns, name on the platform and student id.",
)
@click.option("--before-due", is_flag=True, help="Prefer each student's newest submission that is not late.")
@click.option("--with-files", is_flag=True, help="Take other files beside the notebooks too.")
@json_option
@wait_option
@click.pass_context
def collect(
    ctx: click.Context,
    assignment: str,
    source: Path | None,
    ids: Path | None,
    before_due: bool,
    with_files: bool,
    as_json: bool,
    wait: float,
) -> None:
    """Take what students handed in, from the exchange or from a folder or ZIP file.

    One bad submission is listed and never stops the others.

    Example: grading collect check-two-jobs --from submissions.zip
    """
    if source is None and ids is not None:
        raise click.UsageError("--ids goes with --from")
    if source is not None and (before_due or with_files):
        raise click.UsageError("--before-due and --with-files are for the exchange, not for --from")
    from grading.console import show_collected
    from grading.workflow import collect as run

    places = assignment_places(ctx, assignment)
    results = attempt(
        lambda: run(places, assignment, source, ids, before_due=before_due, with_files=with_files, wait=wait)
    )
    if as_json:
        _json([one.__dict__ for one in results])
    else:
        show_collected(assignment, results)
    _done(any(one.troubled for one in results))


@main.command()
@assignment_argument
@student_option
@click.option(
    "--corrected-key", is_flag=True, help="Grade with the keys in source/ from now on; shows who changes."
)
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@click.option(
    "--execute",
    is_flag=True,
    help="Also run cells that only running can grade. This runs students' code as you, on this machine.",
)
@click.option("--all", "everything", is_flag=True, help="List every student, not only what needs a look.")
@json_option
@wait_option
@click.pass_context
def autograde(
    ctx: click.Context,
    assignment: str,
    only: tuple[str, ...],
    corrected_key: bool,
    dry_run: bool,
    execute: bool,
    everything: bool,
    as_json: bool,
    wait: float,
) -> None:
    """Grade by reading: no student's code is run, and one bad file never stops the others.

    Grading again gives the same scores; what people graded by hand stays.

    Example: grading autograde check-two-jobs
    """
    if execute and dry_run:
        raise click.UsageError("--dry-run writes nothing, so there is nothing to run: leave out --execute")
    if corrected_key and only:
        raise click.UsageError("--corrected-key is for the whole class: leave out --student")
    from grading.autograde import autograde as run
    from grading.console import show_run

    places = assignment_places(ctx, assignment)
    with _progress(as_json) as progress:
        done = attempt(
            lambda: run(
                places,
                assignment,
                only=only,
                corrected=corrected_key,
                dry_run=dry_run,
                execute=execute,
                wait=wait,
                progress=progress,
            )
        )
    if as_json:
        _json(done.as_json())
    else:
        show_run(done, everything=everything)
        if dry_run:
            click.echo("Nothing was written: this was a dry run.")
    _done(any(one.troubled for one in done.students))


@main.command()
@assignment_argument
@student_option
@click.option("--show-key", is_flag=True, help="Say which options are right, and why.")
@click.option("--release", "hand_back", is_flag=True, help="Put the pages into nbgrader's exchange.")
@json_option
@wait_option
@click.pass_context
def feedback(
    ctx: click.Context,
    assignment: str,
    only: tuple[str, ...],
    show_key: bool,
    hand_back: bool,
    as_json: bool,
    wait: float,
) -> None:
    """Write one feedback page per student; without --show-key it holds no key and no rationale.

    Example: grading feedback check-two-jobs --release
    """
    from grading.console import show_feedback
    from grading.feedback import as_json as listed
    from grading.feedback import write_feedback

    places = assignment_places(ctx, assignment)
    results = attempt(
        lambda: write_feedback(places, assignment, only=only, show_key=show_key, release=hand_back, wait=wait)
    )
    if as_json:
        _json(listed(results))
    else:
        show_feedback(assignment, results)
    _done(any(one.troubled for one in results))


@main.command()
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show where each assignment stands and what to do next.

    Example: grading status
    """
    from grading.console import show_status
    from grading.status import course_status

    places = places_of(ctx)
    found = attempt(lambda: course_status(places))
    if as_json:
        _json([one.as_json() for one in found])
    else:
        show_status(found)


@main.command()
@click.pass_context
def sample(ctx: click.Context) -> None:
    """Make the simulated class that `course demo` shows; a class of yours is never touched.

    Example: grading sample
    """
    from course.reading import CourseError
    from grading.console import say
    from grading.sample import CLASS, SampleError, make_sample

    os.environ["COURSE_CLASS"] = CLASS
    places = places_of(ctx)
    try:
        made = attempt(lambda: make_sample(places, say))
    except (SampleError, CourseError) as error:
        _fail(str(error))
    say("The sample class is made." if made else "The sample class is there already.")


def _progress(quiet: bool) -> Any:
    """Return a progress bar on the error stream, where that is a terminal."""
    from grading.progress import bar

    return bar(quiet)
