"""What a class answered in one assignment, as values: who chose what, and what it earned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from grading import records
from grading.autograde import released_record
from grading.bankkeys import Bank, read_bank
from grading.copies import read_copy
from grading.notebook_json import UnreadableError
from grading.places import Places
from grading.progress import Tell, silent
from grading.records import AssignmentRecord, CellRecord, StudentRecord, SubmissionRecord
from grading.released import KeyedItem, ReleasedPrompt, words_in
from grading.rubric import RubricRow, read_rubric
from grading.submission import ItemReading, Readings, TextReading
from grading.untrusted import RefusedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ItemInfo:
    """One item as it was released, with what the course text says of it; that part may be empty.

    `options` and `key` are option ids; `misconceptions` maps a distractor's id to the code of the wrong idea
    behind it.
    """

    id: str
    points: float
    kind: str
    mode: str
    stem: str
    vignette: str
    options: Sequence[str]
    texts: Mapping[str, str]
    key: Sequence[str]
    lesson: str = ""
    objective: str = ""
    claims: Sequence[str] = ()
    tags: Sequence[str] = ()
    version: int | None = None
    misconceptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PromptInfo:
    """One reflection: the most points, and its rubric's id or the least words that earn the points."""

    id: str
    points: float
    text: str
    rubric: str | None = None
    least: int | None = None
    lesson: str = ""
    objective: str = ""


@dataclass(frozen=True)
class Response:
    """One student's answer to one item.

    `state` is right (every point), partly, wrong, unanswered or unreadable, by the answer that was read;
    `score` is in points and counts what a person has set, who is then named by `by_hand`.
    """

    state: str
    chosen: Sequence[str]
    score: float
    points: float
    by_hand: bool = False
    reason: str = ""


@dataclass(frozen=True)
class TextResponse:
    """One student's reflection; `levels` are those that the grader's comment names, `score` is in points.

    `score` is None while a person still has to grade it.
    """

    state: str
    text: str
    words: int
    score: float | None
    points: float
    levels: Sequence[RubricRow] = ()
    comment: str = ""


@dataclass(frozen=True)
class Responses:
    """Everything that a class answered in one assignment.

    `answers` and `texts` go by student id, then item or prompt id, for students whose graded copy can be
    read; `unread` gives a reason for each of the others. `submissions` holds everyone who handed in,
    `students` everyone in the gradebook.
    """

    record: AssignmentRecord
    title: str
    items: Sequence[ItemInfo]
    prompts: Sequence[PromptInfo]
    students: Mapping[str, StudentRecord]
    answers: Mapping[str, Mapping[str, Response]]
    texts: Mapping[str, Mapping[str, TextResponse]]
    unread: Mapping[str, str]

    @property
    def submissions(self) -> Mapping[str, SubmissionRecord]:
        """Return what was handed in, by student id."""
        return self.record.submissions

    @property
    def absent(self) -> list[str]:
        """Return the students of the gradebook who have handed in nothing."""
        return [student for student in self.students if student not in self.record.submissions]

    def credit(self) -> "tuple[list[str], list[str], NDArray[np.float64]]":
        """Return student ids, item ids, and the n x k array of credit between them.

        Credit is the score as a share of the item's points, from 0 to 1; an unanswered item earned 0. It is
        NaN where the answer could not be read and no person has scored it.
        """
        import numpy as np

        students, items = list(self.answers), [item.id for item in self.items]
        made = np.full((len(students), len(items)), np.nan)
        for row, student in enumerate(students):
            for column, item in enumerate(items):
                one = self.answers[student].get(item)
                if one is not None and one.points and (one.by_hand or one.state != "unreadable"):
                    made[row, column] = one.score / one.points
        return students, items, made


def read_responses(
    places: Places,
    connection: sa.Connection,
    assignment: str,
    bank: Bank | None = None,
    progress: Tell = silent,
) -> Responses:
    """Return what a class answered, from the gradebook and the graded copies.

    Parameters
    ----------
    bank : the course text, where the caller has read it already.
    progress : told the student, how many are done, and how many there are.

    Raises
    ------
    GradingError : the gradebook does not know the assignment.
    """
    record = released_record(connection, assignment)
    people = records.students(connection)
    bank = read_bank(places.root) if bank is None else bank
    answers: dict[str, dict[str, Response]] = {}
    texts: dict[str, dict[str, TextResponse]] = {}
    unread: dict[str, str] = {}
    for done, (student, submission) in enumerate(record.submissions.items()):
        progress(student, done, len(record.submissions))
        try:
            answers[student], texts[student] = read_one(places, record, submission, bank)
        except (RefusedError, UnreadableError) as error:
            unread[student] = f"the graded copy {error} - run: grading autograde {assignment}"
    progress("", len(record.submissions), len(record.submissions))
    return Responses(
        record=record,
        title=bank.titles.get(assignment, assignment),
        items=[item_info(item, bank) for one in record.notebooks.values() for item in one.items],
        prompts=[prompt_info(prompt, bank) for one in record.notebooks.values() for prompt in one.prompts],
        students=people,
        answers=answers,
        texts=texts,
        unread=unread,
    )


def read_one(
    places: Places, record: AssignmentRecord, submission: SubmissionRecord, bank: Bank
) -> tuple[dict[str, Response], dict[str, TextResponse]]:
    """Return one student's answers and texts by item and prompt id.

    Raises
    ------
    RefusedError, UnreadableError : there is no graded copy that can be read.
    """
    answers: dict[str, Response] = {}
    texts: dict[str, TextResponse] = {}
    for released in record.notebooks.values():
        readings, reason = read_copy(places, record.name, submission.student, released)
        rows = submission.notebooks.get(released.name)
        cells = rows.cells if rows else {}
        for item in released.items:
            answers[item.id] = answer_of(item, cells.get(item.cell), readings, reason)
        for prompt in released.prompts:
            texts[prompt.id] = text_of(prompt, cells.get(prompt.cell), readings, bank)
    return answers, texts


def answer_of(item: KeyedItem, row: CellRecord | None, readings: Readings, file_reason: str) -> Response:
    """Return one answer with what it earned."""
    # Where a whole file could not be read, its copy has no readings, and no answer is known to be blank.
    none_read = ItemReading(item.id, "unreadable" if file_reason else "unanswered", reason=file_reason)
    reading = readings.items.get(item.id, none_read)
    chosen = (reading.answer,) if isinstance(reading.answer, str) else tuple(reading.answer or ())
    state = item.outcome(reading)
    if state == "right" and item.score(reading.answer) < item.points:
        state = "partly"
    return Response(
        state=state,
        chosen=chosen,
        score=row.score if row else 0.0,
        points=item.points,
        by_hand=row is not None and row.manual_score is not None,
        reason=reading.reason,
    )


def text_of(prompt: ReleasedPrompt, row: CellRecord | None, readings: Readings, bank: Bank) -> TextResponse:
    """Return one reflection with what it earned."""
    reading = readings.texts.get(prompt.id, TextReading(prompt.id, "unanswered"))
    written = bank.prompts.get(prompt.id)
    rubric = bank.rubrics.get(written.rubric or "") if written else None
    comment = (row.manual_comment or "") if row else ""
    levels = read_rubric(rubric, comment) if rubric else None
    return TextResponse(
        state=prompt.outcome(reading),
        text=reading.text if reading.state == "answered" else "",
        words=words_in(reading),
        score=row.score if row is not None and not row.needs_manual else None,
        points=prompt.points,
        levels=levels.rows if levels else (),
        comment=levels.rest if levels else comment,
    )


def item_info(item: KeyedItem, bank: Bank) -> ItemInfo:
    """Return an item with what the course text says of it."""
    written = bank.items.get(item.id)
    return ItemInfo(
        id=item.id,
        points=item.points,
        kind=item.question.kind,
        mode=item.mode,
        stem=item.stem,
        vignette=item.vignette,
        options=item.options,
        texts=item.texts,
        key=item.key,
        lesson=written.lesson if written else "",
        objective=written.objective if written else "",
        claims=written.claims if written else (),
        tags=written.tags if written else (),
        version=written.version if written else None,
        misconceptions={one.id: one.misconception for one in written.options if one.misconception}
        if written
        else {},
    )


def prompt_info(prompt: ReleasedPrompt, bank: Bank) -> PromptInfo:
    """Return a reflection with what the course text says of it."""
    written = bank.prompts.get(prompt.id)
    return PromptInfo(
        id=prompt.id,
        points=prompt.points,
        text=prompt.text,
        rubric=written.rubric if written else None,
        least=prompt.least,
        lesson=written.lesson if written else "",
        objective=written.objective if written else "",
    )
