"""The commands for when something went wrong: regrade a class, restore a backup, look for what is amiss."""

import sys
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

from grading.command import (
    assignment_places,
    attempt,
    crew_of,
    json_option,
    leave,
    places_of,
    print_json,
    scheduler_option,
    wait_option,
    workers_option,
)


@click.command()
@click.argument("assignment", required=False)
@click.option("--reason", help="Why this is done; kept with the old scores. Without it you are asked.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Only show who would change, and write nothing.")
@click.option("--all", "everything", is_flag=True, help="List every student who changes.")
@click.option("--list", "listed", is_flag=True, help="Show what was regraded before, and why.")
@workers_option
@scheduler_option
@json_option
@wait_option
@click.pass_context
def regrade(
    ctx: click.Context,
    assignment: str | None,
    reason: str | None,
    yes: bool,
    dry_run: bool,
    everything: bool,
    listed: bool,
    workers: int,
    scheduler: str | None,
    as_json: bool,
    wait: float,
) -> None:
    """Score everything that was handed in again, after a key was corrected and built.

    Shows who changes and by how much, asks why, then writes. Old scores are kept with the reason.

    Example: grading regrade final
    """
    if listed:
        _list_regrades(ctx, assignment, as_json)
    if assignment is None:
        raise click.UsageError("Missing argument 'ASSIGNMENT', such as: grading regrade final")
    if yes and dry_run:
        raise click.UsageError("--dry-run writes nothing: leave out --yes")
    places = assignment_places(ctx, assignment)
    asks = sys.stdin.isatty() and not as_json
    if not (yes or dry_run or asks):
        raise click.UsageError(
            "nobody can be asked here: look with --dry-run, or write with --yes and --reason"
        )
    from grading import regrade as work
    from grading.console import say
    from grading.progress import bar
    from grading.regrade_console import plan_as_json, show_plan, show_regraded

    crew = crew_of(workers, scheduler)
    attempt(lambda: ctx.with_resource(work.alone(places)))
    with bar(as_json, "scoring") as progress:
        plan = attempt(lambda: work.plan(places, assignment, crew=crew, progress=progress))
    if not as_json:
        show_plan(plan, everything=everything)
    if dry_run or not plan.needed:
        if as_json:
            print_json(plan_as_json(plan))
        else:
            say("Nothing was written.")
        leave(bool(plan.left) and plan.needed)
    given = reason or (plan.cut_off.reason if plan.cut_off else "")
    if not given.strip():
        if not asks:
            raise click.UsageError('say why: --reason "the key of question 3 was wrong"')
        given = click.prompt("Why is this done? (kept with the old scores)")
    if not yes and not click.confirm("Write these scores?"):
        say("Nothing was written.")
        leave(False)
    with bar(as_json, "writing") as progress:
        record = attempt(lambda: work.carry_out(places, plan, given, crew=crew, wait=wait, progress=progress))
    if as_json:
        print_json({**plan_as_json(plan), "written": True, "record": record.as_json()})
    else:
        show_regraded(places, record, plan)
    leave(bool(record.left))


def _list_regrades(ctx: click.Context, assignment: str | None, as_json: bool) -> NoReturn:
    """Show past regrades, and leave."""
    from grading.regrade_console import show_past_regrades
    from grading.regrade_record import past_records

    places = assignment_places(ctx, assignment) if assignment else places_of(ctx)
    found, damaged = past_records(places, assignment)
    if as_json:
        print_json({"regrades": [one.as_json() for one in found], "damaged": [str(one) for one in damaged]})
    else:
        show_past_regrades(found, damaged)
    leave(bool(damaged))


@click.command()
@click.argument("backup", required=False)
@json_option
@wait_option
@click.pass_context
def restore(ctx: click.Context, backup: str | None, as_json: bool, wait: float) -> None:
    """List the backups of the gradebook, or go back to one; the gradebook of now is kept as a backup first.

    Example: grading restore gradebook-20260302T091500.000000.db
    """
    from grading import restore as work
    from grading.bookfile import look_at
    from grading.console import say
    from grading.progress import bar
    from grading.restore_console import (
        backups_as_json,
        describe_restored,
        restored_as_json,
        show_backups,
    )

    places = places_of(ctx)
    if not backup:
        with bar(as_json, "looking through") as progress:
            found = attempt(lambda: work.looked_through(places, progress))
        present = look_at(work.file_of(places))
        if as_json:
            print_json(backups_as_json(found, present))
        else:
            show_backups(found, present)
        leave(any(one.problem for one in (*found, present)) and bool(found))
    done = attempt(partial(work.restore, places, backup, wait))
    if as_json:
        print_json(restored_as_json(done))
    else:
        for line in describe_restored(done):
            say(line)


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check the installation and the course folder, and say what to do about what is wrong. Changes nothing.

    Example: grading doctor
    """
    from grading.console import say
    from grading.doctor import examine
    from grading.finding import lines, summary

    found = examine((ctx.obj or Path.cwd()).resolve(), named=ctx.obj is not None)
    if as_json:
        print_json({"checks": [one.__dict__ for one in found.findings], "next": found.step})
    else:
        for line in lines(found.findings):
            say(line)
        say(summary(found.findings))
        if found.step:
            say(f"Next: {found.step}")
    leave(found.wrong)
