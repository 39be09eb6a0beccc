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
@click.option(
    "--class-only", is_flag=True, help="Write the class report alone, not the reports of the students."
)
@click.option(
    "--no-names", is_flag=True, help="With the class report, leave out the page of students to talk to."
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
    class_only: bool,
    no_names: bool,
    as_json: bool,
    wait: float,
) -> None:
    """Write the class report and each student's report as pages and PDFs.

    Without ASSIGNMENT, each student's report of the whole course.

    Example: grading report check-two-jobs
    """
    from grading.class_report import as_json as class_listed
    from grading.class_report import write_class_report
    from grading.console import show_class_report, show_reports
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
    if class_only and (assignment is None or only):
        raise click.UsageError("--class-only is for one assignment and all of its students - name it alone")
    places = assignment_places(ctx, assignment) if assignment else places_of(ctx)
    with bar(as_json, "reports") as progress:
        if assignment is None:
            results = attempt(
                lambda: write_course_reports(places, only=only, paper=paper, wait=wait, progress=progress)
            )
        elif class_only:
            results = []
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
    of_class = None
    if assignment is not None and not only:
        with bar(as_json, "reading") as progress:
            of_class = attempt(
                lambda: write_class_report(
                    places, assignment, with_names=not no_names, paper=paper, wait=wait, progress=progress
                )
            )
    if as_json:
        print_json(
            {"students": listed(results), "class": class_listed(of_class) if of_class is not None else None}
        )
    else:
        if not class_only:
            where = reports_folder(places, assignment or COURSE) / "students"
            show_reports(assignment or COURSE, results, where)
        if of_class is not None:
            show_class_report(of_class)
    leave(any(one.troubled for one in results))
