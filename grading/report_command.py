"""The command `grading report`: reports as pages and PDFs, of an assignment or of the whole course."""

from typing import TYPE_CHECKING

import click

from grading.command import (
    assignment_places,
    attempt,
    json_option,
    leave,
    places_of,
    print_json,
    student_option,
    wait_option,
)

if TYPE_CHECKING:
    from grading.reports.pdf import Paper


@click.command()
@click.argument("assignment", required=False)
@student_option
@click.option("--show-key", is_flag=True, help="Say which options are right, and why, on further sheets.")
@click.option(
    "--paper",
    type=click.Choice(["a4", "letter"]),
    default="a4",
    show_default=True,
    help="The paper of the PDFs.",
)
@json_option
@wait_option
@click.pass_context
def report(
    ctx: click.Context,
    assignment: str | None,
    only: tuple[str, ...],
    show_key: bool,
    paper: "Paper",
    as_json: bool,
    wait: float,
) -> None:
    """Write each student's report as a page and a PDF; without ASSIGNMENT, of the whole course.

    Example: grading report check-two-jobs
    """
    from grading.console import show_reports
    from grading.progress import bar
    from grading.student_reports import (
        COURSE,
        reports_folder,
        write_course_reports,
        write_student_reports,
    )
    from grading.student_reports import (
        as_json as listed,
    )

    if show_key and assignment is None:
        raise click.UsageError("--show-key is for one assignment - name it")
    places = assignment_places(ctx, assignment) if assignment else places_of(ctx)
    with bar(as_json, "reports") as progress:
        if assignment is None:
            results = attempt(
                lambda: write_course_reports(places, only=only, paper=paper, wait=wait, progress=progress)
            )
        else:
            results = attempt(
                lambda: write_student_reports(
                    places,
                    assignment,
                    only=only,
                    show_key=show_key,
                    paper=paper,
                    wait=wait,
                    progress=progress,
                )
            )
    if as_json:
        print_json(listed(results))
    else:
        show_reports(assignment or COURSE, results, reports_folder(places, assignment or COURSE) / "students")
    leave(any(one.troubled for one in results))
