"""Readings and earlier rows to new rows: which score, which flag, what a person still has to look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grading.copy_record import text_digest
from grading.records import CellRecord, NotebookRecord
from grading.released import ReleasedNotebook
from grading.rows import CellRows, NotebookRows
from grading.submission import ItemReading, Readings

NO_RESPONSE = "No response."
"""nbgrader's own words for an untouched answer cell."""
NOT_READABLE = "Not readable: "
"""How the automatic comment of an unreadable answer begins."""


@dataclass(frozen=True)
class Before:
    """What an earlier run left: gradebook rows, what it read, and why a whole file was unreadable.

    `texts` holds digests (see `copy_record.text_digest`). Both mappings are empty where no copy tells.
    """

    rows: NotebookRecord | None = None
    items: Mapping[str, ItemReading] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    file_reason: str = ""

    @property
    def reasons(self) -> dict[str, str]:
        """Return what was unreadable last time, by cell; the key "" stands for the whole file."""
        found = {"": self.file_reason} if self.file_reason else {}
        for cell in self.rows.cells.values() if self.rows else ():
            if (cell.auto_comment or "").startswith(NOT_READABLE):
                found[cell.name] = (cell.auto_comment or "").removeprefix(NOT_READABLE)
        return found

    @property
    def read(self) -> bool:
        """Return whether an earlier run read anything at all: then its scores are worth keeping."""
        cells = self.rows.cells.values() if self.rows else ()
        return any(not (cell.auto_comment or "").startswith(NOT_READABLE) for cell in cells)


def decide(released: ReleasedNotebook, readings: Readings, before: Before) -> NotebookRows:
    """Return the rows that a readable notebook earns.

    Honest answers get what nbgrader's SaveAutoGrades gives them. Where a person has already decided and the
    answer is the same as then, the decision is not asked for again.
    """
    cells: dict[str, CellRows] = {}
    for item in released.items:
        reading = readings.items[item.id]
        score = item.score(reading.answer) if reading.state == "answered" else 0.0
        comment = NOT_READABLE + reading.reason if reading.state == "unreadable" else None
        old = _old(before, item.cell)
        same = old is not None and (old.auto_score, old.auto_comment) == (score, comment)
        # Two wrong answers earn the same; a person's score was for one of them.
        same = same and before.items.get(item.id) == reading
        cells[item.cell] = CellRows(score, _needs(old, same, bool(comment)), comment)
    for prompt in released.prompts:
        text = readings.texts[prompt.id]
        old = _old(before, prompt.cell)
        same = old is not None and before.texts.get(prompt.id) == text_digest(text.text)
        if text.state == "unreadable":
            comment = NOT_READABLE + text.reason
            same = same and old is not None and old.auto_comment == comment
            cells[prompt.cell] = CellRows(0.0, _needs(old, same, True), comment)
        elif prompt.least is not None:
            cells[prompt.cell] = CellRows(prompt.score(text), _needs(old, same, False), None)
        elif text.text == prompt.stub:
            cells[prompt.cell] = CellRows(0.0, _needs(old, same, False), NO_RESPONSE)
        else:
            cells[prompt.cell] = CellRows(None, _needs(old, same, True), None)
    cell_of = {item.id: item.cell for item in released.items}
    cell_of |= {prompt.id: prompt.cell for prompt in released.prompts}
    reasons = {cell_of.get(id_, id_): reason for id_, reason in readings.reasons.items()}
    return NotebookRows(cells, _flag(reasons, before.reasons))


def decide_unreadable(released: ReleasedNotebook, reason: str, before: Before) -> NotebookRows:
    """Return the rows where the file itself cannot be read.

    Where nothing was ever read, everything earns 0 and waits for a person; rows from an earlier file stay as
    they are. Either way the notebook is flagged.
    """
    flag = None if before.file_reason == reason else True
    if before.read:
        return NotebookRows({}, flag)
    comment = NOT_READABLE + reason
    cells: dict[str, CellRows] = {}
    for name in [item.cell for item in released.items] + [prompt.cell for prompt in released.prompts]:
        old = _old(before, name)
        same = old is not None and old.auto_comment == comment
        cells[name] = CellRows(0.0, _needs(old, same, True), comment)
    return NotebookRows(cells, flag)


def with_others(
    released: ReleasedNotebook,
    rows: NotebookRows,
    scores: Mapping[str, tuple[float | None, str | None]],
    before: Before,
) -> NotebookRows:
    """Return rows with the automatic score and comment of the cells that were run."""
    cells = dict(rows.cells)
    for name in released.others:
        if name in scores:
            score, comment = scores[name]
            old = _old(before, name)
            same = old is not None and (old.auto_score, old.auto_comment) == (score, comment)
            cells[name] = CellRows(score, _needs(old, same, score is None), comment)
    return NotebookRows(cells, rows.flagged)


def with_others_failed(released: ReleasedNotebook, rows: NotebookRows, reason: str) -> NotebookRows:
    """Return rows in which the cells that could not be run earn 0 and wait for a person."""
    comment = f"{NOT_READABLE}it could not be run: {reason}"
    graded = [name for name in released.others if released.sources[name].points is not None]
    return NotebookRows({**rows.cells, **{name: CellRows(0.0, True, comment) for name in graded}}, True)


def _old(before: Before, cell: str) -> CellRecord | None:
    """Return the earlier row of a cell."""
    return before.rows.cells.get(cell) if before.rows else None


def _needs(old: CellRecord | None, same: bool, by_hand: bool) -> bool:
    """Return whether a person must look: at what only people grade, and where an answer has changed since."""
    if old is not None and same and old.manual_score is not None:
        return old.needs_manual
    if by_hand:
        return not (old is not None and same and old.auto_score is not None and not old.needs_manual)
    return old is not None and old.manual_score is not None


def _flag(now: Mapping[str, str], before: Mapping[str, str]) -> bool | None:
    """Return the new flag, or None to leave it: a grader who has looked and lowered it is not asked twice."""
    if now == before:
        return None
    return bool(now)
