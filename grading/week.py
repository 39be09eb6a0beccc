"""The commands of a week: release, collect, autograde, feedback."""

from pathlib import Path

import click

from grading.command import (
    assignment_argument,
    assignment_places,
    attempt,
    crew_of,
    fail,
    json_option,
    leave,
    print_json,
    scheduler_option,
    student_option,
    wait_option,
    workers_option,
)


@click.command()
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
    from grading.progress import bar
    from grading.workflow import release as run

    places = assignment_places(ctx, assignment)
    with bar(as_json, "releasing") as progress:
        done = attempt(
            lambda: run(places, assignment, exchange=not no_exchange, wait=wait, progress=progress)
        )
    if as_json:
        print_json({**done.__dict__, "folder": str(done.folder)})
    else:
        for line in describe_release(done):
            say(line)


@click.command()
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
@click.option(
    "--times-in-names",
    is_flag=True,
    help="Believe the times in the folders' names; for an exchange that was moved or restored.",
)
@click.option(
    "--new-students",
    is_flag=True,
    help="With --from: take students whom the gradebook does not know; without it they are listed.",
)
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
    times_in_names: bool,
    new_students: bool,
    as_json: bool,
    wait: float,
) -> None:
    """Take what students handed in, from the exchange or from a folder or ZIP file.

    One bad submission is listed and never stops the others.

    Example: grading collect check-two-jobs --from submissions.zip
    """
    if source is None and (ids is not None or new_students):
        raise click.UsageError("--ids and --new-students go with --from")
    if source is not None and (before_due or with_files or times_in_names):
        raise click.UsageError(
            "--before-due, --with-files and --times-in-names are for the exchange, not for --from"
        )
    from grading.console import show_collected
    from grading.inbound import How
    from grading.progress import bar
    from grading.workflow import collect as run

    places = assignment_places(ctx, assignment)
    how = How(before_due, with_files, times_in_names)
    with bar(as_json, "collecting") as progress:
        results = attempt(
            lambda: run(
                places,
                assignment,
                source,
                ids,
                how=how,
                new_students=new_students,
                wait=wait,
                progress=progress,
            )
        )
    if as_json:
        print_json([one.__dict__ for one in results])
    else:
        if source is not None and not results:
            fail(f"{source}: holds no notebook, so nothing was collected - is it the right folder or file?")
        show_collected(assignment, results)
    leave(any(one.troubled for one in results))


@click.command()
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
@workers_option
@scheduler_option
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
    workers: int,
    scheduler: str | None,
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
    from grading.console import describe_keys, say, show_run
    from grading.progress import bar
    from grading.status import forgotten_keys

    places = assignment_places(ctx, assignment)
    crew = crew_of(workers, scheduler)
    with bar(as_json) as progress:
        done = attempt(
            lambda: run(
                places,
                assignment,
                only=only,
                corrected=corrected_key,
                dry_run=dry_run,
                execute=execute,
                crew=crew,
                wait=wait,
                progress=progress,
            )
        )
    forgotten = [] if corrected_key else attempt(lambda: forgotten_keys(places, assignment))
    if as_json:
        print_json({**done.as_json(), "changed_keys": forgotten})
    else:
        show_run(done, everything=everything)
        if forgotten:
            say(describe_keys(assignment, forgotten))
        if dry_run:
            click.echo("Nothing was written: this was a dry run.")
    leave(any(one.troubled for one in done.students))


@click.command()
@assignment_argument
@student_option
@click.option("--show-key", is_flag=True, help="Say which options are right, and why.")
@click.option("--release", "hand_back", is_flag=True, help="Put the pages into nbgrader's exchange.")
@click.option(
    "--anyway",
    is_flag=True,
    help="With --release: also where a comment's rubric lines are not understood or do not make the points. "
    "With --show-key: also where the same questions are still to be asked in the final.",
)
@json_option
@wait_option
@click.pass_context
def feedback(
    ctx: click.Context,
    assignment: str,
    only: tuple[str, ...],
    show_key: bool,
    hand_back: bool,
    anyway: bool,
    as_json: bool,
    wait: float,
) -> None:
    """Write one feedback page per student; without --show-key it holds no key and no rationale.

    Example: grading feedback check-two-jobs --release
    """
    from grading.console import show_feedback
    from grading.feedback import as_json as listed
    from grading.feedback import write_feedback
    from grading.progress import bar

    places = assignment_places(ctx, assignment)
    with bar(as_json, "writing pages") as progress:
        results = attempt(
            lambda: write_feedback(
                places,
                assignment,
                only=only,
                show_key=show_key,
                release=hand_back,
                anyway=anyway,
                wait=wait,
                progress=progress,
            )
        )
    if as_json:
        print_json(listed(results))
    else:
        show_feedback(assignment, results, places.path("feedback", "STUDENT", assignment))
    leave(any(one.troubled for one in results))
