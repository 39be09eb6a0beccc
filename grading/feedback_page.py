"""One feedback page: from gradebook rows and readings to values, and from values to HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from markupsafe import Markup

from grading.backdrop import Backdrop
from grading.bankkeys import Bank
from grading.feedback_words import explained, late_words, length_words, text_result, verdict_words
from grading.outdated import page_digest
from grading.records import AssignmentRecord, CellRecord, NotebookRecord, StudentRecord, SubmissionRecord
from grading.released import KeyedItem, ReleasedNotebook, ReleasedPrompt
from grading.reports import environment
from grading.responses import Response, answer_of, item_info, prompt_info, text_of
from grading.rubric import RubricReading, RubricRow, read_rubric
from grading.student_report import Sheet, sheet_of
from grading.submission import ItemReading, Readings, TextReading
from grading.untrusted import shown_name
from grading.verdict import NO_RESPONSE, NOT_READABLE


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
    several: bool = False
    """Whether it takes more than one answer."""
    explained: str = ""
    """How several answers make the points, in words."""
    reason: str = ""
    settled: bool = False
    """Whether a person has scored it."""
    comment: str = ""

    @property
    def full(self) -> bool:
        """Return whether every point was earned."""
        return self.score >= self.points


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
    settled: bool = False
    rubric: Sequence[RubricRow] = ()
    length: str = ""
    """How many words were written, where they alone earn the points."""
    result: str = ""
    """What came of it, in few words."""


@dataclass(frozen=True)
class Page:
    """Everything a feedback page says. `late` is in words, `handed_in` in UTC, `made` the day it was made.

    `digest` is of all that comes from the gradebook's rows of this work (see `outdated`).
    """

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
    settled: bool
    """Whether a person has looked at a file that could not be read."""
    digest: str
    sheet: Sheet
    made: str
    form: str = ""
    show_key: bool = False
    items: Sequence[ItemPart] = field(default_factory=tuple)
    texts: Sequence[TextPart] = field(default_factory=tuple)
    anchors: bool = False
    """Whether it was asked before the course: what was right is counted, and points do not matter."""
    silent: bool = False
    """Whether the page does not tell of a single question whether it was right."""

    @property
    def right(self) -> int:
        """Return how many questions earned every point."""
        return sum(item.full for item in self.items)

    @property
    def share(self) -> int:
        """Return how much of the points was earned, in whole percent from 0 to 100."""
        return round(100 * min(1.0, max(0.0, self.score / self.points))) if self.points else 0


def feedback_page(
    record: AssignmentRecord,
    submission: SubmissionRecord,
    released: ReleasedNotebook,
    readings: Readings,
    file_reason: str,
    *,
    person: StudentRecord,
    backdrop: Backdrop,
    before: Mapping[str, Response] | None,
    show_key: bool,
) -> Page:
    """Return one page as values; nothing of the key is in it unless `show_key`.

    `before` holds the student's answers before the course (see `Backdrop.before`).
    """
    bank = backdrop.bank
    rows = submission.notebooks.get(released.name, NotebookRecord(released.name, False, 0.0, {}))
    silent = released.anchors and not show_key
    graded = [
        _item(item, rows.cells.get(item.cell), readings, bank, show_key, silent) for item in released.items
    ]
    texts = [_text(prompt, rows.cells.get(prompt.cell), readings, bank) for prompt in released.prompts]
    sheet = sheet_of(
        record.name,
        [item_info(item, bank) for item in released.items],
        {one.id: answer_of(one, rows.cells.get(one.cell), readings, file_reason) for one in released.items},
        [prompt_info(prompt, bank) for prompt in released.prompts],
        {one.id: text_of(one, rows.cells.get(one.cell), readings, bank) for one in released.prompts},
        bank=bank,
        margin=backdrop.margins[released.name],
        before=before,
        show_key=show_key,
        silent=silent,
    )
    return Page(
        title=bank.titles.get(record.name, record.name),
        course=bank.course,
        contact=bank.contact,
        language=bank.language,
        student=shown_name(person.shown) or shown_name(person.id),
        handed_in=f"{submission.timestamp:%Y-%m-%d %H:%M}" if submission.timestamp else "",
        late=late_words(submission.late),
        score=submission.score,
        points=record.points,
        penalty=submission.penalty,
        open=submission.needs_manual,
        file_reason=file_reason,
        settled=not submission.needs_manual and not submission.flagged,
        digest=page_digest(record, submission, released, show_key=show_key),
        sheet=sheet,
        made=f"{backdrop.made:%Y-%m-%d}",
        form=bank.form,
        show_key=show_key,
        items=graded,
        texts=texts,
        anchors=released.anchors,
        silent=silent,
    )


def render(page: Page) -> str:
    """Return the page as one HTML file that needs nothing else."""
    css = files("grading.reports").joinpath("feedback.css").read_text(encoding="utf-8")
    template = environment().get_template("feedback.html.j2")
    return template.render(page=page, css=Markup(css))  # noqa: S704 - our own style sheet


def _item(
    item: KeyedItem, row: CellRecord | None, readings: Readings, bank: Bank, show_key: bool, silent: bool
) -> ItemPart:
    """Return one question with the answer and, only where asked for, its key."""
    reading = readings.items.get(item.id, ItemReading(item.id, "unanswered"))
    chosen = {reading.answer} if isinstance(reading.answer, str) else set(reading.answer or ())
    score = row.score if row else 0.0
    automatic = (row.auto_comment or "") if row else ""
    reason = automatic.removeprefix(NOT_READABLE) if automatic.startswith(NOT_READABLE) else reading.reason
    settled = _settled(row)
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
        verdict=verdict_words(reading.state, score, item.points, bool(reason) and not settled, silent),
        score=score,
        points=item.points,
        options=options,
        several=item.question.kind == "multiple",
        explained=explained(item, chosen, score, settled, show_key),
        reason=reason,
        settled=settled,
        comment=(row.manual_comment or "") if row else "",
    )


def _settled(row: CellRecord | None) -> bool:
    """Return whether a person has scored a cell, and nothing has changed since."""
    return row is not None and row.manual_score is not None and not row.needs_manual


def _text(prompt: ReleasedPrompt, row: CellRecord | None, readings: Readings, bank: Bank) -> TextPart:
    """Return one reflection with its score, comment and rubric rows."""
    reading = readings.texts.get(prompt.id, TextReading(prompt.id, "unanswered"))
    comment = (row.comment or "") if row else ""
    reason = comment.removeprefix(NOT_READABLE) if comment.startswith(NOT_READABLE) else ""
    if reason or comment == NO_RESPONSE:
        comment = ""
    written = bank.prompts.get(prompt.id)
    rubric = bank.rubrics.get(written.rubric or "") if written else None
    levels = read_rubric(rubric, comment) if rubric else RubricReading((), comment)
    return TextPart(
        prompt=prompt.text or prompt.id,
        typed=reading.text if reading.state == "answered" else "",
        graded=row is not None and not row.needs_manual,
        score=row.score if row else 0.0,
        points=prompt.points,
        comment=levels.rest,
        reason=reason,
        settled=_settled(row),
        rubric=levels.rows,
        length=length_words(prompt, reading),
        result=text_result(prompt, reading, row),
    )
