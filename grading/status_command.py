"""The command that says how far a class is, once or again and again."""

import contextlib

import click

from grading.command import attempt, json_option, places_of, print_json


@click.command()
@click.option("--students", is_flag=True, help="Also list everybody, and how far each of their works is.")
@click.option("--watch", "again", is_flag=True, help="Show it again and again, until Ctrl-C.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.5),
    default=5.0,
    show_default=True,
    help="With --watch: how long to wait in between.",
)
@json_option
@click.pass_context
def status(ctx: click.Context, students: bool, again: bool, seconds: float, as_json: bool) -> None:
    """Show where each assignment stands and what to do next.

    Example: grading status --watch
    """
    if again and as_json:
        raise click.UsageError("--watch is for people: leave out --json")
    places = places_of(ctx)
    if again:
        from rich.console import Console

        from grading.live_console import watch
        from grading.watching import Watch

        if not Console().is_terminal:
            raise click.UsageError("--watch needs a terminal to draw in: leave it out, or use --json")
        with contextlib.suppress(KeyboardInterrupt):
            watch(Watch(places), seconds, students=students)
        return
    if students:
        from grading.live_console import show_students
        from grading.watching import Watch

        now = attempt(lambda: Watch(places).look())
        if as_json:
            print_json(now.as_json())
        else:
            show_students(now)
        return
    from grading.console import show_status
    from grading.status import course_status

    found = attempt(lambda: course_status(places))
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        show_status(found)
