"""What the grading commands print: tables and sentences in which hostile text stays text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grading.collecting import ARRIVED, TAKEN, Collected
from grading.feedback_words import late_words
from grading.reports import counted, number
from grading.untrusted import printable

if TYPE_CHECKING:
    from grading.class_report import ClassReportResult
    from grading.feedback import FeedbackResult
    from grading.forget import Forgotten
    from grading.records import StudentRecord
    from grading.results import Run, StudentResult
    from grading.status import AssignmentStatus
    from grading.student_reports import ReportResult
    from grading.workflow import Release

Rows = list[tuple[str, ...]]
WIDEST_NAME = 32
"""No first column of a table is wider, in letters."""


def say(text: str, *, error: bool = False) -> None:
    """Print a sentence as it is, without markup and without breaking paths."""
    Console(stderr=error, highlight=False, markup=False).print(Text(_safe(text)), soft_wrap=True)


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; every cell is text of its own, never markup or a terminal command."""
    made = Table(header_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    rows = list(rows)
    # A name stays in one line, but one that is too long to leave room for the reason beside it.
    longest = max((cell_len(_safe(row[0])) for row in rows), default=0)
    made.add_column(heads[0], overflow="fold", no_wrap=longest <= WIDEST_NAME, max_width=WIDEST_NAME)
    for head in heads[1:]:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*(Text(_safe(cell)) for cell in row))
    console = Console(highlight=False, markup=False)
    # As a line of its own: rich would fold a title to the width of the table.
    console.print(Text(_safe(title), style="italic"), soft_wrap=True)
    console.print(made)


def describe_release(done: Release) -> list[str]:
    """Return what a release did, in sentences."""
    told = [
        f"{done.assignment}: {counted(done.items, 'question')}, {counted(done.prompts, 'reflection')}, "
        f"{counted(done.points, 'point')}."
    ]
    told += [f"- {step}" for step in (*done.done, *done.warnings)]
    extra = [name for name in done.files if not name.endswith(".ipynb")]
    told += [f"- students also get: {', '.join(extra)}"] if extra else []
    if done.others:
        told.append(f"- only running code can grade: {', '.join(done.others)} (grading autograde --execute)")
    return told


def describe_collected(results: Sequence[Collected]) -> list[str]:
    """Return how much had which fate, and every refusal with its reason."""
    if not results:
        return ["Nothing is waiting."]
    told = [f"{one.found}: refused: {one.why}" for one in results if one.troubled]
    new = {one.student for one in results if one.newcomer and one.state in TAKEN}
    unknown = {one.student for one in results if one.newcomer and one.troubled}
    counts = _counts(one.state for one in results)
    if new:
        counts += f"; {counted(len(new), 'new student id')}"
    if unknown:
        told.append(
            f"{counted(len(unknown), 'name is', 'names are')} not in the gradebook: say who they are in a "
            "table (--ids), or take them as new students (--new-students)."
        )
    taken = [one for one in results if one.state in TAKEN]
    if sum(one.why.startswith(ARRIVED) for one in taken) > max(1, len(taken) / 2):
        told.append(
            "Most arrived at another time than their names say, and that counts: was the exchange moved or "
            "restored? Then collect again with --times-in-names."
        )
    return [*told, f"{counts}."]


def describe_run(run: Run) -> list[str]:
    """Return how many were graded, and everyone who needs a look."""
    told = [f"{one.student}: {_remarks(one)}" for one in run.students if one.troubled]
    manual = sum(one.needs_manual for one in run.students)
    changed = sum(one.changed for one in run.students)
    counts = _counts(one.state for one in run.students) or "nothing handed in"
    told.append(
        f"{run.assignment}: {counts}; {counted(changed, 'score')} changed; "
        f"{counted(manual, 'needs', 'need')} a person."
    )
    if run.gone:
        told.append(f"Scores stand as they were for {', '.join(run.gone)}: their files are no longer there.")
    return told


def describe_forgotten(done: Forgotten) -> list[str]:
    """Return what was taken out and where it is, in sentences."""
    told = [f"{done.student} is taken out of the class. Everything is kept in {done.folder}."]
    told += [f"- {name}: {score}" for name, score in done.scores.items()]
    if done.waiting:
        told.append(
            f"- the exchange still holds {counted(done.waiting, 'submission')} under this id: the next "
            "collection would take it again"
        )
    return told


def describe_feedback(results: Sequence[FeedbackResult]) -> list[str]:
    """Return how many pages were written, and everyone who got none."""
    told = [f"{one.student}: {one.state}: {_why(one)}" for one in results if one.troubled or one.why]
    doubted = sum(bool(one.doubts) for one in results)
    if doubted:
        told.append(
            f"{counted(doubted, 'comment does', 'comments do')} not fit the rubric: correct "
            f"{'it' if doubted == 1 else 'them'} in the formgrader and run this again; until then "
            f"{'that page is' if doubted == 1 else 'those pages are'} not handed back, except with --anyway."
        )
    waiting = sum(one.open for one in results)
    more = f"; {waiting} of them with something still to grade by hand" if waiting else ""
    told.append(f"{_counts(one.state for one in results) or 'nothing graded yet'}{more}.")
    replaced = sum(one.replaces for one in results)
    if replaced:
        told.append(
            f"For {counted(replaced, 'student')} the page replaces one that was given already and said "
            "something else: tell them."
        )
    return told


def show_collected(assignment: str, results: Sequence[Collected]) -> None:
    """Print what was taken, skipped and refused, and why."""
    rows: Rows = [
        (one.student or "", one.state, f"{one.time:%Y-%m-%d %H:%M}" if one.time else "", one.found, one.why)
        for one in results
        if one.state != "unchanged" or one.why
    ]
    if rows:
        table(f"{assignment}: collected", ("student", "state", "handed in (UTC)", "found", "why"), rows)
    for line in describe_collected(results)[sum(one.troubled for one in results) :]:
        say(f"{assignment}: {line}")


def show_run(run: Run, *, everything: bool = False) -> None:
    """Print who was graded, who changed, and what could not be read."""
    if run.key_changes:
        changes: Rows = [
            (
                one.item,
                f"{', '.join(one.old_key)} ({one.old_mode})",
                f"{', '.join(one.new_key)} ({one.new_mode})",
            )
            for one in run.key_changes
        ]
        table("Corrected keys", ("question", "was", "is now"), changes)
    shown = [one for one in run.students if everything or one.troubled or one.changed or one.remarks]
    if shown:
        rows: Rows = [(one.student, one.state, _points(one), _remarks(one)) for one in shown]
        title = f"{run.assignment}: {'every student' if everything else 'changed, or needs a look'}"
        table(title, ("student", "state", "points", "what"), rows)
    for line in describe_run(run)[sum(one.troubled for one in run.students) :]:
        say(line)


def show_feedback(assignment: str, results: Sequence[FeedbackResult], where: Path) -> None:
    """Print which pages were written, and where they are; `where` has STUDENT for the student's id."""
    rows: Rows = [(one.student, one.state, _why(one)) for one in results if one.troubled or one.why]
    if rows:
        table(f"{assignment}: feedback", ("student", "state", "why"), rows)
    for line in describe_feedback(results)[len(rows) :]:
        say(f"{assignment}: {line}")
    if any(one.files for one in results):
        say(f"The pages are in {where}.")


def show_reports(name: str, results: Sequence[ReportResult], where: Path) -> None:
    """Print which reports were written, where they are, and whom somebody has to look at."""
    rows: Rows = [
        (one.student, one.state, "; ".join(filter(None, [one.why, one.doubts, one.lacks])))
        for one in results
        if one.troubled
    ]
    if rows:
        table(f"{name}: reports", ("student", "state", "why"), rows)
    waiting = sum(one.open for one in results)
    more = f"; {waiting} of them with something still to grade by hand" if waiting else ""
    say(f"{name}: {_counts(one.state for one in results) or 'nothing graded yet'}{more}.")
    if any(one.files for one in results):
        say(f"A page and a PDF for each are in {where}.")


def show_class_report(done: ClassReportResult) -> None:
    """Print where the class report is, and what it lacks."""
    for told in done.told:
        say(told)
    listed = ", ".join(path.name for path in done.files)
    say(f"{done.assignment}: the class report of {done.handed_in} of {done.students} students is made.")
    say(f"In {done.folder}: {listed}.")


def show_people(title: str, people: Iterable[StudentRecord]) -> None:
    """Print a class list."""
    rows: Rows = [(one.id, one.first_name or "", one.last_name or "", one.email or "") for one in people]
    if rows:
        table(title, ("id", "first name", "last name", "e-mail"), rows)
    say(
        f"{counted(len(rows), 'student')}."
        if rows
        else "There is no class list yet: grading students FILE.csv"
    )


def show_status(found: Sequence[AssignmentStatus]) -> None:
    """Print the course at a glance."""
    heads = ("assignment", "out", "in", "graded", "hand", "unread", "flag", "late", "pages")
    rows: Rows = [
        (
            one.name,
            "yes" if one.released else "no",
            str(one.submitted),
            str(one.graded),
            str(one.needs_manual),
            str(one.unreadable),
            str(one.flagged),
            str(one.late),
            str(one.feedback),
        )
        for one in found
    ]
    table("Assignments, counted in students", heads, rows)
    for one in found:
        say(f"{one.name}: {'done' if one.next_step == 'done' else 'next: ' + one.next_step}")
        if one.late_seconds:
            listed = ", ".join(
                f"{student} ({late_words(late)})" for student, late in one.late_seconds.items()
            )
            say(f"Late in {one.name}: {listed}")
        for student, doubts in one.rubric.items():
            say(f"The rubric in {one.name}, {student}: {doubts}")
        if one.changed_keys:
            say(describe_keys(one.name, one.changed_keys))
        if one.outdated:
            say(
                f"{one.name}: {counted(one.outdated, 'feedback page says', 'feedback pages say')} something "
                "else than the gradebook by now: make and hand back again with "
                f"grading feedback {one.name} --release"
            )


def describe_keys(assignment: str, questions: Sequence[str]) -> str:
    """Return that keys were changed in source/ and do not count yet."""
    told = "the key of {} differs" if len(questions) == 1 else "the keys of {} differ"
    return (
        f"{assignment}: {told.format(', '.join(questions))} in source/ from what was released, which counts "
        f"until you run: grading regrade {assignment}"
    )


def _counts(states: Iterable[str]) -> str:
    """Return how often each state came up."""
    return ", ".join(f"{count} {state}" for state, count in sorted(Counter(states).items()))


def _points(one: StudentResult) -> str:
    """Return a score, with the earlier one where it differs."""
    if one.score is None or one.points is None:
        return ""
    now = f"{number(one.score)} of {number(one.points)}"
    return f"{number(one.before)} -> {now}" if one.changed and one.before is not None else now


def _remarks(one: StudentResult) -> str:
    """Return everything there is to say about a student's submission."""
    parts = [f"{name}: {reason}" for name, reason in one.reasons.items()]
    if one.state == "kept":
        parts.append("the earlier scores stand, flagged")
    return "; ".join([*parts, *one.remarks])


def _why(one: FeedbackResult) -> str:
    """Return what there is to say about a student's page."""
    return "; ".join(filter(None, [one.why, one.doubts]))


def _safe(text: str) -> str:
    """Return text without anything that a terminal obeys; our own line breaks stay."""
    return "\n".join(printable(line, 5000) for line in text.split("\n"))
