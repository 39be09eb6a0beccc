"""What every grading command shares: the course folder, its options, and failures as one line.

Exit 0: done. 1: problems were found and are listed. 2: wrong use.
"""

import json
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import click

from grading.places import PlaceError, Places, find_places, find_root
from grading.untrusted import printable


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
    from grading.gradebook import GradebookError, advice
    from grading.keys import CorrectionError
    from grading.results import GradingError, NeedsExecutionError
    from grading.steps import WorkflowError

    try:
        return action()
    except NeedsExecutionError as error:
        raise click.UsageError(str(error)) from error
    except (GradingError, CollectError, GradebookError, CorrectionError, WorkflowError) as error:
        fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        todo = advice(error, "correct it and run the command again; grading doctor may say how")
        fail(f"{where}{error.strerror or error} - {todo}")


def fail(message: str) -> NoReturn:
    """Print a problem and stop with exit status 1."""
    from grading.console import say

    say(message, error=True)
    sys.exit(1)


def print_json(data: Any) -> None:
    """Print JSON in plain ASCII, which no terminal takes for a command."""
    click.echo(json.dumps(data, indent=1, default=str))


def leave(troubled: bool) -> NoReturn:
    """Leave with exit status 1 where something was listed."""
    sys.exit(1 if troubled else 0)


def crew_of(workers: int, scheduler: str | None) -> Any:
    """Return who reads the submissions, as the two options below say."""
    if scheduler and workers > 1:
        raise click.UsageError(
            "--workers is for this machine and --scheduler for a cluster: give one of them"
        )
    from grading.crew import cluster, processes

    return attempt(lambda: cluster(scheduler) if scheduler else processes(workers))


workers_option = click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes on this machine that read the submissions.",
)
scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS", help="A Dask cluster that reads them, such as tcp://10.0.0.5:8786."
)
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
