"""Students' reports as files: a page and a PDF for each student, for one assignment or the whole course."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True)
class _Draft:
    """What will be said of a student, and the pages to write, by name."""

    result: ReportResult
    pages: Mapping[str, str] = field(default_factory=dict)


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

        def draft(student: str) -> _Draft:
            submission = record.submissions[student]
            try:
                pages = list(student_pages(places, record, submission, people[student], backdrop, show_key))
            except (RefusedError, UnreadableError) as error:
                why = f"the graded copy {error} - run: grading autograde {assignment}"
                return _Draft(ReportResult(student, "refused", why=why))
            doubts = comment_doubts(record, submission, bank)
            result = ReportResult(student, "made", doubts=doubts, open=submission.needs_manual)
            names = [student if len(pages) == 1 else f"{student}/{released.name}" for released, _ in pages]
            return _Draft(result, dict(zip(names, [render(page) for _, page in pages], strict=True)))

        drafts = _drafts(record.submissions, only, f"has no graded submission of {assignment}", draft)
    return _write(reports_folder(places, assignment), drafts, paper, progress)


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
            pages = _course_pages(places, connection, bank, datetime.now().date(), progress)

        def draft(student: str) -> _Draft:
            page = pages[student]()
            still = any(line.state == "open" for line in page.lines)
            return _Draft(ReportResult(student, "made", open=still), {student: render_course(page)})

        drafts = _drafts(pages, only, "has handed in nothing", draft)
    return _write(reports_folder(places, COURSE), drafts, paper, progress)


def reports_of(places: Places, student: str) -> list[Path]:
    """Return what stands in the reports of one student alone: pages, PDFs and folders of them."""
    if name_problem(student):
        return []
    names = (f"{student}.html", f"{student}.pdf", student)
    folders = sorted((places.work / "reports").glob("*/students"))
    return [folder / name for folder in folders for name in names if (folder / name).exists()]


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
    places: Places, connection: sa.Connection, bank: Bank, made: date, progress: Tell
) -> dict[str, Callable[[], CoursePage]]:
    """Return how to make the report of each student who has handed in anything."""
    names = places.in_order(records.assignment_names(connection))
    classes = [read_responses(places, connection, name, bank, progress) for name in names]
    margins = {
        one.record.name: together([class_margin(one.record, part) for part in one.record.notebooks.values()])
        for one in classes
    }
    students = dict.fromkeys(student for one in classes for student in one.submissions)

    def page(student: str) -> Callable[[], CoursePage]:
        return lambda: course_page(student, classes, bank, margins, made)

    return {student: page(student) for student in sorted(students)}


def _drafts(
    students: Collection[str], only: Collection[str], missing: str, draft: Callable[[str], _Draft]
) -> list[_Draft]:
    """Return the pages of each student who is wanted; one student's trouble does not stop the others."""
    drafts = []
    for student in students:
        if only and student not in only:
            continue
        problem = name_problem(student)
        if problem:
            drafts.append(_Draft(ReportResult(student, "refused", why=f"the student id {problem}")))
            continue
        try:
            drafts.append(draft(student))
        except Exception as error:
            reason = printable(f"{type(error).__name__}: {error}", 300)
            drafts.append(_Draft(ReportResult(student, "refused", why=f"the report was not made: {reason}")))
    gone = sorted(set(only) - set(students))
    return drafts + [_Draft(ReportResult(one, "refused", why=missing)) for one in gone]


def _write(reports: Path, drafts: Sequence[_Draft], paper: Paper, progress: Tell) -> list[ReportResult]:
    """Write each student's pages and PDFs; nothing holds up other runs while that takes its time."""
    folder = private_folder(reports / "students")
    results = []
    for done, draft in enumerate(drafts):
        student, written, lacks = draft.result.student, list[Path](), ""
        progress(student, done, len(drafts))
        try:
            for name, html in draft.pages.items():
                page, pdf = folder / f"{name}.html", folder / f"{name}.pdf"
                page.parent.mkdir(exist_ok=True)
                write_whole(page, html)
                lacks = write_pdf(html, pdf, paper=paper) or lacks
                written += [page, pdf]
            results.append(replace(draft.result, files=written, lacks=lacks))
        except PdfError as error:
            pdf.unlink(missing_ok=True)  # an older one would say something else than the page beside it
            why = f"{printable(str(error), 200)} - read {page.name} instead"
            results.append(replace(draft.result, state="refused", why=why))
        except PermissionError:  # as Windows gives for a file that somebody has open
            why = "a page or PDF is open in another program: close it there and run the command again"
            results.append(replace(draft.result, state="refused", why=why))
    progress("", len(drafts), len(drafts))
    return results
