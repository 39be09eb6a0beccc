"""Students' reports as files: a page and a PDF for each student, for one assignment or the whole course."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from grading import gradebook, records
from grading.anchors import why_no_key
from grading.autograde import released_record
from grading.backdrop import class_margin, read_backdrop
from grading.bankkeys import Bank, read_bank
from grading.copies import write_whole
from grading.course_report import CoursePage, course_page, together
from grading.feedback import student_pages
from grading.feedback_page import render
from grading.notebook_json import UnreadableError
from grading.places import Places, private_folder
from grading.progress import Tell, silent
from grading.reports import environment
from grading.reports.pdf import Paper, PdfError, write_pdf
from grading.responses import read_responses
from grading.results import GradingError
from grading.rubric import comment_doubts
from grading.tables import connected
from grading.untrusted import RefusedError, name_problem, printable

COURSE = "course"
"""The folder of the reports of the whole course, next to those of the assignments."""


@dataclass(frozen=True)
class ReportResult:
    """What happened for one student: made or refused, and `why`; `lacks` says what a PDF is without."""

    student: str
    state: str
    files: Sequence[Path] = ()
    why: str = ""
    lacks: str = ""
    doubts: str = ""
    open: bool = False

    @property
    def troubled(self) -> bool:
        """Return whether somebody has to look."""
        return self.state == "refused" or bool(self.lacks or self.doubts)


def reports_folder(places: Places, name: str) -> Path:
    """Return the folder of the reports of an assignment, or of the course (`COURSE`)."""
    return places.work / "reports" / name


def write_student_reports(
    places: Places,
    assignment: str,
    *,
    only: Collection[str] = (),
    show_key: bool = False,
    paper: Paper = "a4",
    wait: float = 10.0,
    progress: Tell = silent,
) -> list[ReportResult]:
    """Write each student's report of an assignment: what `grading feedback` shows, as a page and a PDF.

    Raises
    ------
    GradingError, GradebookError : nothing was written; the message says what to do.
    """
    bank = read_bank(places.root)
    with gradebook.locked(places, wait):
        with connected(places) as connection:
            record = released_record(connection, assignment)
            refusal = why_no_key(connection, record) if show_key else ""
            if refusal:
                raise GradingError(refusal)
            people = records.students(connection)
            backdrop = read_backdrop(connection, record, bank, datetime.now().date())
        folder = private_folder(reports_folder(places, assignment) / "students")

        def make(student: str) -> ReportResult:
            submission = record.submissions[student]
            written, lacks = [], ""
            try:
                pages = list(student_pages(places, record, submission, people[student], backdrop, show_key))
            except (RefusedError, UnreadableError) as error:
                why = f"the graded copy {error} - run: grading autograde {assignment}"
                return ReportResult(student, "refused", why=why)
            for released, page in pages:
                name = student if len(pages) == 1 else f"{student}-{released.name}"
                made, lack = _write(folder, name, render(page), paper)
                written += made
                lacks = lacks or lack
            doubts = comment_doubts(record, submission, bank)
            return ReportResult(
                student, "made", written, lacks=lacks, doubts=doubts, open=submission.needs_manual
            )

        return _each(record.submissions, only, f"has no graded submission of {assignment}", make, progress)


def write_course_reports(
    places: Places,
    *,
    only: Collection[str] = (),
    paper: Paper = "a4",
    wait: float = 10.0,
    progress: Tell = silent,
) -> list[ReportResult]:
    """Write each student's report of the whole course; it names no question and no key.

    Raises
    ------
    GradingError, GradebookError : nothing was written; the message says what to do.
    """
    bank = read_bank(places.root)
    with gradebook.locked(places, wait):
        with connected(places) as connection:
            pages = _course_pages(places, connection, bank, datetime.now().date())
        folder = private_folder(reports_folder(places, COURSE) / "students")

        def make(student: str) -> ReportResult:
            page = pages[student]()
            written, lacks = _write(folder, student, render_course(page), paper)
            still = any(line.state == "open" for line in page.lines)
            return ReportResult(student, "made", written, lacks=lacks, open=still)

        return _each(pages, only, "has handed in nothing", make, progress)


def render_course(page: CoursePage) -> str:
    """Return the report of the course as one HTML file that needs nothing else."""
    css = files("grading.reports").joinpath("feedback.css").read_text(encoding="utf-8")
    template = environment().get_template("course_student.html.j2")
    return template.render(page=page, css=Markup(css))  # noqa: S704 - our own style sheet


def as_json(results: Sequence[ReportResult]) -> list[Mapping[str, Any]]:
    """Return results for ``--json``."""
    return [
        {
            "student": one.student,
            "state": one.state,
            "files": [str(path) for path in one.files],
            "why": one.why,
            "doubts": one.doubts,
            "lacks": one.lacks,
            "not_fully_graded": one.open,
        }
        for one in results
    ]


def _course_pages(
    places: Places, connection: sa.Connection, bank: Bank, made: date
) -> dict[str, Callable[[], CoursePage]]:
    """Return how to make the report of each student who has handed in anything."""
    names = places.in_order(records.assignment_names(connection))
    classes = [read_responses(places, connection, name, bank) for name in names]
    margins = {
        one.record.name: together([class_margin(one.record, part) for part in one.record.notebooks.values()])
        for one in classes
    }
    students = dict.fromkeys(student for one in classes for student in one.submissions)

    def page(student: str) -> Callable[[], CoursePage]:
        return lambda: course_page(student, classes, bank, margins, made)

    return {student: page(student) for student in sorted(students)}


def _each(
    students: Collection[str],
    only: Collection[str],
    missing: str,
    make: Callable[[str], ReportResult],
    progress: Tell,
) -> list[ReportResult]:
    """Make the report of each student who is wanted; one student's trouble does not stop the others."""
    wanted = [student for student in students if not only or student in only]
    results = []
    for done, student in enumerate(wanted):
        progress(student, done, len(wanted))
        problem = name_problem(student)
        if problem:
            results.append(ReportResult(student, "refused", why=f"the student id {problem}"))
            continue
        try:
            results.append(make(student))
        except PdfError as error:
            results.append(ReportResult(student, "refused", why=printable(str(error), 300)))
        except Exception as error:
            reason = printable(f"{type(error).__name__}: {error}", 300)
            results.append(ReportResult(student, "refused", why=f"the report was not made: {reason}"))
    progress("", len(wanted), len(wanted))
    return results + [ReportResult(one, "refused", why=missing) for one in sorted(set(only) - set(students))]


def _write(folder: Path, name: str, html: str, paper: Paper) -> tuple[list[Path], str]:
    """Write a page and its PDF; return both, and what the PDF lacks."""
    page, pdf = folder / f"{name}.html", folder / f"{name}.pdf"
    write_whole(page, html)
    return [page, pdf], write_pdf(html, pdf, paper=paper)
