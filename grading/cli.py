"""The `grading` command. Exit 0: done. 1: problems were found and are listed. 2: wrong use."""

import io
import os
import sys
from pathlib import Path

import click

from grading.command import attempt, fail, json_option, places_of, print_json, wait_option
from grading.exporting import export
from grading.report_command import report
from grading.status_command import status
from grading.students_command import students
from grading.upkeep import doctor, regrade, restore
from grading.week import autograde, collect, feedback, release

EPILOG = "Exit status: 0 done, 1 problems found and listed, 2 wrong use."


class InOrder(click.Group):
    """A group whose help lists the commands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self.commands)


@click.group(cls=InOrder, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
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


@click.command()
@click.argument("student")
@click.option("--yes", is_flag=True, help="Take out a student with scores, too.")
@json_option
@wait_option
@click.pass_context
def forget(ctx: click.Context, student: str, yes: bool, as_json: bool, wait: float) -> None:
    """Take out a student who was made by mistake; everything is kept in grading/work/forgotten/.

    Example: grading forget ana-lopes
    """
    from grading.console import describe_forgotten, say
    from grading.forget import forget as run

    places = places_of(ctx)
    done = attempt(lambda: run(places, student, sure=yes, wait=wait))
    if as_json:
        print_json({**done.__dict__, "folder": str(done.folder)})
    else:
        for line in describe_forgotten(done):
            say(line)


@click.command()
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
        fail(str(error))
    say("The sample class is made." if made else "The sample class is there already.")


# In the order of use, which is how the help lists them.
for _command in (
    students,
    release,
    collect,
    autograde,
    feedback,
    report,
    export,
    status,
    regrade,
    restore,
    doctor,
    forget,
    sample,
):
    main.add_command(_command)
