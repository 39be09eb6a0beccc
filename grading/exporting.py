"""The command that writes scores and answers for other programs."""

from pathlib import Path

import click

from grading.command import assignment_places, attempt, json_option, leave, places_of, print_json


@click.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "canvas", "moodle", "long"]),
    default="csv",
    show_default=True,
    help="csv: a table for people. canvas, moodle: grade import. long: one row for each answer.",
)
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; else one in grading/work/exports/. With long, the ending says which: .csv or .parquet.",
)
@click.option(
    "--into",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With canvas: the gradebook that you exported there; a copy of it is filled.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="ASSIGNMENT=TITLE",
    help="With canvas: the title of an assignment there, where it is another one.",
)
@click.option("--scale", is_flag=True, help="With --into: convert where Canvas has other most points.")
@click.option(
    "--by",
    type=click.Choice(["email", "idnumber", "username"]),
    default="email",
    show_default=True,
    help="With moodle: what names the student there.",
)
@click.option("--anyway", is_flag=True, help="Write scores that are not final, too, as they stand now.")
@click.option("--missing-zero", "zero", is_flag=True, help="Write 0 for who has handed in nothing.")
@click.option(
    "--anonymous", is_flag=True, help="With long: random codes instead of ids; the same ones every time."
)
@json_option
@click.pass_context
def export(
    ctx: click.Context,
    assignments: tuple[str, ...],
    format_: str,
    to: Path | None,
    into: Path | None,
    columns: tuple[str, ...],
    scale: bool,
    by: str,
    anyway: bool,
    zero: bool,
    anonymous: bool,
    as_json: bool,
) -> None:
    """Write scores for a spreadsheet, Canvas or Moodle, or every answer for statistics.

    Without an assignment, all that have scores. Scores that are not final are left empty and listed.

    Example: grading export final --format canvas --into canvas-gradebook.csv
    """
    _check(format_, into=into, columns=columns, scale=scale, by=by, anonymous=anonymous)
    if format_ == "long" and (anyway or zero):
        raise click.UsageError("--anyway and --missing-zero are for csv, canvas and moodle")
    from grading.command import fail
    from grading.exports import ExportError
    from grading.exports.console import show_exported
    from grading.exports.run import Wish
    from grading.exports.run import export as run
    from grading.progress import bar

    places = places_of(ctx)
    for assignment in assignments:
        assignment_places(ctx, assignment)
    named = _named(columns, assignments)
    wish = Wish(format_, to, into, named, by, anyway, zero, scale, anonymous)
    try:
        with bar(as_json, "reading") as progress:
            done = attempt(lambda: run(places, assignments, wish, progress))
    except ExportError as error:
        fail(str(error))
    if as_json:
        print_json(done.as_json())
    else:
        show_exported(done)
    leave(bool(done.left))


def _check(
    format_: str, *, into: Path | None, columns: tuple[str, ...], scale: bool, by: str, anonymous: bool
) -> None:
    """Refuse options that go with another format."""
    for format_needed, options in (
        ("canvas", {"--into": into, "--column": columns, "--scale": scale}),
        ("moodle", {"--by": by != "email"}),
        ("long", {"--anonymous": anonymous}),
    ):
        given = [name for name, value in options.items() if value]
        if given and format_ != format_needed:
            raise click.UsageError(f"{' and '.join(given)} goes with --format {format_needed}")
    if scale and into is None:
        raise click.UsageError("--scale goes with --into")


def _named(columns: tuple[str, ...], assignments: tuple[str, ...]) -> dict[str, str]:
    """Return assignment id -> title in Canvas."""
    named = {}
    for one in columns:
        assignment, sign, title = one.partition("=")
        if not sign and len(assignments) == 1:
            assignment, title = assignments[0], one
        elif not sign or not title or assignment not in assignments:
            raise click.UsageError(f'--column "{one}": write ASSIGNMENT=TITLE, for an assignment named here')
        named[assignment] = title
    return named
