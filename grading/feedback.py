"""Feedback: one page per student and assignment, from the graded copy and the gradebook."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from course.model import Rubric
from grading import gradebook, records
from grading.autograde import released_record, write_whole
from grading.bankkeys import Bank, read_bank
from grading.gradedcopy import recorded
from grading.handedin import SECRET, TIMESTAMP, read_secret, written_time
from grading.places import Places, private_folder
from grading.records import AssignmentRecord, CellRecord, NotebookRecord, StudentRecord, SubmissionRecord
from grading.released import KeyedItem, ManualPrompt, ReleasedNotebook
from grading.reports import environment
from grading.steps import WorkflowError
from grading.submission import (
    ItemReading,
    Readings,
    TextReading,
    UnreadableError,
    parse_notebook,
    read_answers,
)
from grading.untrusted import RefusedError, name_problem, printable, read_file, visible
from grading.verdict import NO_RESPONSE, NOT_READABLE
from grading.workflow import release_feedback

COPY_LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True)
class OptionPart:
    """One option on the page; `key` is None where the key is not shown."""

    text: str
    chosen: bool
    key: bool | None = None
    rationale: str = ""


@dataclass(frozen=True)
class ItemPart:
    """One question on the page; scores in points."""

    stem: str
    vignette: str
    verdict: str
    score: float
    points: float
    options: Sequence[OptionPart]
    reason: str = ""
    comment: str = ""

    @property
    def full(self) -> bool:
        """Return whether every point was earned."""
        return self.score >= self.points


@dataclass(frozen=True)
class RubricRow:
    """One criterion with the level reached, 0 to `highest`."""

    title: str
    level: int
    highest: int
    meaning: str


@dataclass(frozen=True)
class TextPart:
    """One reflection on the page."""

    prompt: str
    typed: str
    graded: bool
    score: float
    points: float
    comment: str = ""
    reason: str = ""
    rubric: Sequence[RubricRow] = ()


@dataclass(frozen=True)
class Page:
    """Everything a feedback page says. `late` is in words, `handed_in` in UTC."""

    title: str
    course: str
    contact: str
    language: str
    student: str
    handed_in: str
    late: str
    score: float
    points: float
    penalty: float
    open: bool
    file_reason: str
    items: Sequence[ItemPart] = field(default_factory=tuple)
    texts: Sequence[TextPart] = field(default_factory=tuple)


@dataclass(frozen=True)
class FeedbackResult:
    """What happened for one student: made, released or refused."""

    student: str
    state: str
    files: Sequence[Path] = ()
    why: str = ""
    open: bool = False

    @property
    def troubled(self) -> bool:
        """Return whether somebody has to look."""
        return self.state == "refused"


def write_feedback(
    places: Places,
    assignment: str,
    *,
    only: Collection[str] = (),
    show_key: bool = False,
    release: bool = False,
    wait: float = 10.0,
) -> list[FeedbackResult]:
    """Write the feedback pages of an assignment, and hand them out where asked to.

    Parameters
    ----------
    show_key : say which options are right, and why; only when everybody has handed in.
    release : put the pages into nbgrader's exchange, where each student's Assignment List fetches them.

    Raises
    ------
    GradingError, GradebookError : nothing was written; the message says what to do.
    """
    with gradebook.opened(places) as book:
        record = released_record(book, assignment)
        people = records.students(book)
    bank = read_bank(places.root)
    results = []
    with gradebook.locked(places, wait):
        for student, submission in record.submissions.items():
            if only and student not in only:
                continue
            results.append(_write_one(places, record, submission, people[student], bank, show_key))
        missing = sorted(set(only) - set(record.submissions))
        results += [
            FeedbackResult(one, "refused", why=f"has no graded submission of {assignment}") for one in missing
        ]
        if release:
            results = _hand_back(places, assignment, results)
    return results


def _write_one(
    places: Places,
    record: AssignmentRecord,
    submission: SubmissionRecord,
    person: StudentRecord,
    bank: Bank,
    show_key: bool,
) -> FeedbackResult:
    """Write one student's pages, with nbgrader's two files beside them."""
    student = submission.student
    problem = name_problem(student)
    if problem:
        return FeedbackResult(student, "refused", why=f"the student id {problem}")
    folder = places.path("feedback", student, record.name)
    made = []
    try:
        for name, released in record.notebooks.items():
            readings, reason = read_copy(places, record.name, student, released)
            page = feedback_page(
                record, submission, released, readings, reason, person=person, bank=bank, show_key=show_key
            )
            private_folder(places.step("feedback"))
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / f"{name}.html", render(page))
            made.append(folder / f"{name}.html")
    except (RefusedError, UnreadableError) as error:
        why = f"the graded copy {error} - run: grading autograde {record.name}"
        return FeedbackResult(student, "refused", why=why)
    # nbgrader's release step reads both, and stops for the whole class where one is missing.
    if submission.timestamp:
        write_whole(folder / TIMESTAMP, written_time(submission.timestamp))
    secret = read_secret(places.step("autograded"), [student, record.name])
    if secret:
        write_whole(folder / SECRET, secret)
    else:
        (folder / SECRET).unlink(missing_ok=True)
    return FeedbackResult(student, "made", made, open=submission.needs_manual)


def read_copy(
    places: Places, assignment: str, student: str, released: ReleasedNotebook
) -> tuple[Readings, str]:
    """Return what the gradebook's scores rest on: the readings in the graded copy, and a whole file's reason.

    Raises
    ------
    RefusedError, UnreadableError : there is no copy that can be read.
    """
    parts = [student, assignment, f"{released.name}.ipynb"]
    copy = parse_notebook(read_file(places.step("autograded"), parts, COPY_LIMIT))
    try:
        kept = recorded(copy)
    except (KeyError, TypeError, AttributeError):
        kept = None
    # A copy that nbgrader's own autograder made holds the student's cells, which read like a submission.
    return kept or (read_answers(copy, released.questions, released.stubs), "")


def feedback_page(
    record: AssignmentRecord,
    submission: SubmissionRecord,
    released: ReleasedNotebook,
    readings: Readings,
    file_reason: str,
    *,
    person: StudentRecord,
    bank: Bank,
    show_key: bool,
) -> Page:
    """Return one page as values; nothing of the key is in it unless `show_key`."""
    rows = submission.notebooks.get(released.name, NotebookRecord(released.name, False, 0.0, {}))
    graded = [_item(item, rows.cells.get(item.cell), readings, bank, show_key) for item in released.items]
    texts = [_text(prompt, rows.cells.get(prompt.id), readings, bank) for prompt in released.prompts]
    return Page(
        title=bank.titles.get(record.name, record.name),
        course=bank.course,
        contact=bank.contact,
        language=bank.language,
        student=visible(person.shown),
        handed_in=f"{submission.timestamp:%Y-%m-%d %H:%M}" if submission.timestamp else "",
        late=late_words(submission.late),
        score=submission.score,
        points=record.points,
        penalty=submission.penalty,
        open=submission.needs_manual,
        file_reason=file_reason,
        items=graded,
        texts=texts,
    )


def render(page: Page) -> str:
    """Return the page as one HTML file that needs nothing else."""
    css = files("grading.reports").joinpath("feedback.css").read_text(encoding="utf-8")
    template = environment().get_template("feedback.html.j2")
    return template.render(page=page, css=Markup(css))  # noqa: S704 - our own style sheet


def late_words(seconds: float) -> str:
    """Return how late something was, in words; empty where it was in time.

    Examples
    --------
    >>> late_words(90), late_words(7260), late_words(200000)
    ('2 minutes', '2 hours 1 minute', '2 days 7 hours')
    """
    if seconds <= 0:
        return ""
    minutes = max(1, round(seconds / 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    named = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(named[:2])


def _item(
    item: KeyedItem, row: CellRecord | None, readings: Readings, bank: Bank, show_key: bool
) -> ItemPart:
    """Return one question with the answer and, only where asked for, its key."""
    reading = readings.items.get(item.id, ItemReading(item.id, "unanswered"))
    chosen = {reading.answer} if isinstance(reading.answer, str) else set(reading.answer or ())
    score = row.score if row else 0.0
    automatic = (row.auto_comment or "") if row else ""
    reason = automatic.removeprefix(NOT_READABLE) if automatic.startswith(NOT_READABLE) else reading.reason
    written = bank.items.get(item.id)
    # A rationale written for another key than the one in force would mislead.
    reasons = {}
    if show_key and written is not None and set(written.key) == set(item.key):
        reasons = {option.id: option.rationale for option in written.options}
    options = [
        OptionPart(
            text=item.texts.get(option, option),
            chosen=option in chosen,
            key=(option in item.key) if show_key else None,
            rationale=reasons.get(option, ""),
        )
        for option in item.options
    ]
    return ItemPart(
        stem=item.stem,
        vignette=item.vignette,
        verdict=_verdict(reading.state, score, item.points, bool(reason)),
        score=score,
        points=item.points,
        options=options,
        reason=reason,
        comment=(row.manual_comment or "") if row else "",
    )


def _verdict(state: str, score: float, points: float, unreadable: bool) -> str:
    """Return the outcome in words with a sign, so that colour never says it alone."""
    if score >= points:
        return "✓ Right."
    if score > 0:
        return "◐ Partly right."
    if unreadable:
        return "– Not read."
    return "○ Not answered." if state == "unanswered" else "✗ Not right."


def _text(prompt: ManualPrompt, row: CellRecord | None, readings: Readings, bank: Bank) -> TextPart:
    """Return one reflection with its score, comment and rubric rows."""
    reading = readings.texts.get(prompt.id, TextReading(prompt.id, "unanswered"))
    comment = (row.comment or "") if row else ""
    reason = comment.removeprefix(NOT_READABLE) if comment.startswith(NOT_READABLE) else ""
    if reason or comment == NO_RESPONSE:
        comment = ""
    written = bank.prompts.get(prompt.id)
    rubric = bank.rubrics.get(written.rubric or "") if written else None
    rows, comment = rubric_rows(rubric, comment) if rubric else ([], comment)
    return TextPart(
        prompt=prompt.text or prompt.id,
        typed=reading.text if reading.state == "answered" else "",
        graded=row is not None and not row.needs_manual,
        score=row.score if row else 0.0,
        points=prompt.points,
        comment=comment,
        reason=reason,
        rubric=rows,
    )


def rubric_rows(rubric: Rubric, comment: str) -> tuple[list[RubricRow], str]:
    """Return the rubric levels that a grader's comment names, and the comment without those lines.

    A level is a line of its own, ``own-part: 2`` or ``Own part: 2``, in any order.
    """
    names = {_plain(name): one for one in rubric.criteria for name in (one.id, one.title)}
    found: dict[str, RubricRow] = {}
    left = []
    for line in comment.splitlines():
        match = re.fullmatch(r"\s*[-*]?\s*([^:=]{1,60}?)\s*[:=]\s*(\d)\s*", line)
        criterion = names.get(_plain(match[1])) if match else None
        if match and criterion and int(match[2]) < len(criterion.levels):
            level = int(match[2])
            highest = len(criterion.levels) - 1
            found[criterion.id] = RubricRow(criterion.title, level, highest, criterion.levels[level])
        else:
            left.append(line)
    rows = [found[one.id] for one in rubric.criteria if one.id in found]
    return rows, "\n".join(left).strip()


def _plain(name: str) -> str:
    """Return a criterion's name for comparing."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _hand_back(places: Places, assignment: str, results: Sequence[FeedbackResult]) -> list[FeedbackResult]:
    """Put the pages into the exchange, student by student."""
    secrets = {
        one.student: read_secret(places.step("feedback"), [one.student, assignment]) for one in results
    }
    shared = {secret for secret, count in Counter(secrets.values()).items() if count > 1}
    handed = []
    for one in results:
        secret = secrets[one.student]
        if one.state != "made":
            handed.append(one)
        elif secret is None:
            why = "did not come through the exchange: send the page by other means"
            handed.append(FeedbackResult(one.student, "made", one.files, why, one.open))
        elif secret in shared:
            why = "shares its secret file with another student, so the page would go to both: ask them"
            handed.append(FeedbackResult(one.student, "refused", one.files, why, one.open))
        else:
            try:
                release_feedback(places, assignment, one.student)
                handed.append(FeedbackResult(one.student, "released", one.files, one.why, one.open))
            except WorkflowError as error:
                handed.append(
                    FeedbackResult(one.student, "refused", one.files, printable(str(error), 200), one.open)
                )
    return handed


def as_json(results: Sequence[FeedbackResult]) -> list[Mapping[str, Any]]:
    """Return results for ``--json``."""
    return [
        {
            "student": one.student,
            "state": one.state,
            "files": [str(path) for path in one.files],
            "why": one.why,
            "not_fully_graded": one.open,
        }
        for one in results
    ]
