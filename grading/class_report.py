"""The class report of an assignment: read once, written as a page, a PDF, a notebook and its table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from grading import records
from grading.bankkeys import Bank, read_bank
from grading.copies import write_whole
from grading.exports.longtable import long_csv, long_rows
from grading.gradebook import locked
from grading.places import Places, private_folder
from grading.progress import Tell, silent
from grading.ratings import read_ratings
from grading.regrade_record import past_records
from grading.reports.class_build import Sources, class_report
from grading.reports.class_notebook import TABLE, notebook
from grading.reports.class_values import Cut
from grading.reports.pdf import Paper, PdfError, write_pdf
from grading.responses import Responses, read_responses
from grading.results import GradingError
from grading.tables import connected

NAME, TALKS = "class-report", "students-to-talk-to"


@dataclass(frozen=True)
class ClassReportResult:
    """What was written. `told` are sentences for the instructor: what the report lacks, and why."""

    assignment: str
    folder: Path
    files: Sequence[Path]
    students: int
    handed_in: int
    counted: int
    told: Sequence[str] = ()


def write_class_report(
    places: Places,
    assignment: str,
    *,
    with_names: bool = True,
    paper: Paper = "a4",
    wait: float = 10.0,
    progress: Tell = silent,
) -> ClassReportResult:
    """Write the class report of an assignment into a private folder, in place of an earlier one.

    Parameters
    ----------
    with_names : write the page of students to talk to, too, apart from the report, which names nobody.

    Raises
    ------
    GradingError : nobody's work is graded yet, or the gradebook does not know the assignment.
    GradebookError : another run is writing grades for longer than `wait` seconds.
    """
    # A run that is waited for changes the scores and the copies together.
    with locked(places, wait):
        given = read_sources(places, assignment, progress)
    return write_report(places.work / "reports" / assignment, given, with_names=with_names, paper=paper)


def read_sources(places: Places, assignment: str, progress: Tell = silent) -> Sources:
    """Return all that the report is made from.

    Raises
    ------
    GradingError : nobody's work is graded yet.
    """
    bank = read_bank(places.root)
    with connected(places) as connection:
        found = read_responses(places, connection, assignment, bank, progress)
        before = _before(places, connection, found, bank)
    if not found.submissions:
        raise GradingError(
            f"{assignment}: nobody's work is graded yet, so there is nothing to report - run: "
            f"grading autograde {assignment}"
        )
    mark = bank.pass_marks.get(assignment)
    regrades, damaged = past_records(places, assignment)
    return Sources(
        found=found,
        bank=bank,
        made=datetime.now(UTC),
        before=before,
        ratings=read_ratings(places, assignment),
        regrades=regrades,
        damaged=damaged,
        cut=Cut(*mark) if mark else None,
    )


def write_report(
    folder: Path, given: Sources, *, with_names: bool = True, paper: Paper = "a4"
) -> ClassReportResult:
    """Write a report's files into a folder that only its owner can enter."""
    # Only here: drawing needs a second to load.
    from grading.reports.class_page import render, render_talks

    report, talks = class_report(given)
    private_folder(folder.parent)
    private_folder(folder)
    pages = {NAME: render(report)}
    if with_names:
        pages[TALKS] = render_talks(report, talks)
    files, told = [], list(report.notes)
    for name, page in pages.items():
        write_whole(folder / f"{name}.html", page)
        files.append(folder / f"{name}.html")
        try:
            lacks = write_pdf(page, folder / f"{name}.pdf", paper=paper)
            files.append(folder / f"{name}.pdf")
            told += [f"{name}.pdf: {lacks}"] if lacks else []
        except PdfError as error:
            (folder / f"{name}.pdf").unlink(missing_ok=True)
            told.append(f"{name}.pdf was not made: {error} - read {name}.html instead")
    if not with_names:
        for kind in ("html", "pdf"):
            (folder / f"{TALKS}.{kind}").unlink(missing_ok=True)
    write_whole(folder / f"{NAME}.ipynb", notebook(report))
    write_whole(folder / TABLE, long_csv(long_rows([given.found])))
    return ClassReportResult(
        assignment=report.assignment,
        folder=folder,
        files=[*files, folder / f"{NAME}.ipynb", folder / TABLE],
        students=report.summary.students,
        handed_in=report.summary.handed_in,
        counted=report.summary.counted,
        told=told,
    )


def as_json(done: ClassReportResult) -> dict[str, Any]:
    """Return a result for ``--json``."""
    return {**asdict(done), "folder": str(done.folder), "files": [str(path) for path in done.files]}


def _before(places: Places, connection: sa.Connection, found: Responses, bank: Bank) -> Responses | None:
    """Return the same class's answers to the questions asked before the course; None where there are none."""
    asked = {item.id for item in found.items}
    for name in records.assignment_names(connection):
        if name in bank.anchors and name != found.record.name:
            before = read_responses(places, connection, name, bank)
            if before.answers and asked & {item.id for item in before.items}:
                return before
    return None
