"""Scoring what was handed in again after a key was corrected: first shown, then written and recorded.

The old scores are kept in the record before the first new one is written. A regrade that was killed is
completed by the next one, whose record then holds what both of them changed.
"""

import getpass
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from filelock import FileLock, Timeout

from grading import backups, gradebook
from grading.autograde import autograde, released_record
from grading.copies import marks_of
from grading.crew import Crew, read_here
from grading.handedin import handed_in_digest
from grading.keys import KeyChange, changed_keys
from grading.places import Places, private_folder
from grading.progress import Tell, silent
from grading.records import AssignmentRecord
from grading.regrade_record import Record, Rescored, begun_record, drop_begun, now, write_record
from grading.results import GradingError, NeedsExecutionError, Run, StudentResult
from grading.score_rows import Scores, scores_by_cell
from grading.tables import connected
from grading.untrusted import printable

LONGEST_REASON = 1000
"""Characters of a reason that are kept."""


@dataclass(frozen=True)
class Plan:
    """What a regrade would do; scores are in points, without late penalty."""

    assignment: str
    key_changes: tuple[KeyChange, ...]
    """Those that do not count yet."""
    changes: Mapping[str, tuple[float, float]]
    """Student -> old and new score, for those whose score changes."""
    graded: int
    """Students whose work was looked at."""
    first: int
    """Of them, those who have no score yet and would get their first."""
    newer: frozenset[str]
    """Of those who change, the ones whose work is newer than their old score."""
    by_hand: Collection[str]
    """Students with a score given by hand in a question that is corrected; it stays."""
    left: Mapping[str, str]
    """Student -> why the work cannot be scored again, so that the old scores stand."""
    cut_off: Record | None
    """An earlier regrade that did not end, which this one completes."""

    @property
    def differences(self) -> list[float]:
        """Return the changes, in points, those lost below 0."""
        return [new - old for old, new in self.changes.values()]

    @property
    def needed(self) -> bool:
        """Return whether there is a key to bring into force, or a regrade to complete."""
        return bool(self.key_changes) or self.cut_off is not None


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Hold off other regrades of the course, from the plan to the end.

    Raises
    ------
    GradingError : another one is going on.
    """
    path = private_folder(places.work) / "regrading.lock"
    try:
        with FileLock(path, timeout=0):
            yield
    except Timeout:
        raise GradingError(f"{path}: another regrade is going on or waits for an answer - end it") from None


def plan(
    places: Places,
    assignment: str,
    *,
    crew: Crew = read_here,
    progress: Tell = silent,
) -> Plan:
    """Return who changes and by how much with the keys in source/; nothing is written.

    Raises
    ------
    GradingError, GradebookError, CorrectionError : it cannot be told; the message says what to do.
    """
    try:
        run = autograde(places, assignment, corrected=True, dry_run=True, crew=crew, progress=progress)
    except NeedsExecutionError as error:
        raise GradingError(
            f"{assignment}: some of its cells can only be graded by running students' code - "
            f"run: grading autograde {assignment} --execute --corrected-key"
        ) from error
    cut_off = begun_record(places, assignment)
    changes = {
        one.student: (one.before, one.score)
        for one in run.students
        if one.changed and one.before is not None and one.score is not None
    }
    with connected(places) as connection:
        record = released_record(connection, assignment, with_submissions=False)
        cells = _cells_of(record, [*run.key_changes, *(cut_off.key_changes if cut_off else ())])
        held = scores_by_cell(connection, assignment, cells=cells)
    by_hand = [
        student for student, of in held.items() if any(manual is not None for _, manual in of.values())
    ]
    return Plan(
        assignment,
        run.key_changes,
        changes,
        graded=len(run.students),
        first=sum(one.before is None and one.score is not None for one in run.students),
        newer=frozenset(student for student in changes if _is_newer(places, record, student)),
        by_hand=by_hand,
        left=_left(run),
        cut_off=cut_off,
    )


def carry_out(
    places: Places,
    made: Plan,
    reason: str,
    *,
    crew: Crew = read_here,
    wait: float = 10.0,
    progress: Tell = silent,
) -> Record:
    """Bring the corrected keys into force, score everything again, and return the record of it.

    Raises
    ------
    GradingError, GradebookError, CorrectionError : nothing was written, or the message says what was.
    """
    with gradebook.locked(places, wait):
        backup = backups.back_up(places)
    with connected(places) as connection:
        if changed_keys(places, released_record(connection, made.assignment, with_submissions=False)) != (
            made.key_changes
        ):
            raise GradingError(
                f"source/{made.assignment}: the keys were changed while you were asked, and nothing was "
                f"written - run: grading regrade {made.assignment}"
            )
        old = scores_by_cell(connection, made.assignment, students=made.changes)
    why = printable(" ".join(reason.split()), LONGEST_REASON)
    begun = _begin(made, old, why, backup.name if backup else None)
    write_record(places, begun)
    try:
        # The backup is the one of a moment ago.
        run = autograde(
            places,
            made.assignment,
            corrected=True,
            crew=crew,
            wait=wait,
            backup_every=timedelta(hours=1),
            progress=progress,
        )
    except Exception:
        _take_back(places, made, begun)
        raise
    with connected(places) as connection:
        record = released_record(connection, made.assignment, with_submissions=False)
        of = {one.student: one for one in run.students if one.changed or one.student in begun.students}
        new = scores_by_cell(connection, made.assignment, students=of)
        left = _left(run)
        # Who was changed without the plan saying so has handed in, or was scored by hand, in between.
        late = {one: of[one] for one in of.keys() - begun.students.keys()}
    students = {
        student: done
        for student, was in begun.students.items()
        if student in of and (done := _rescored(record, was, of[student], new.get(student, {}))) is not None
    }
    students |= {
        student: Rescored(one.before, one.score, newer=True)
        for student, one in late.items()
        if one.before is not None
    }
    finished = replace(begun, students=dict(sorted(students.items())), left=left, finished=now())
    write_record(places, finished)
    return finished


def _begin(made: Plan, old: Scores, reason: str, backup: str | None) -> Record:
    """Return the record as it is written before the first score changes."""
    students = {
        student: Rescored(
            was,
            items={cell: (auto, None) for cell, (auto, _) in old.get(student, {}).items()},
            newer=student in made.newer,
        )
        for student, (was, _) in made.changes.items()
    }
    earlier = made.cut_off
    if earlier is None:
        return Record(made.assignment, now(), _login(), reason, backup, made.key_changes, students)
    keys = {change.item: change for change in earlier.key_changes}
    for change in made.key_changes:
        first = keys.get(change.item, change)
        keys[change.item] = replace(change, old_key=first.old_key, old_mode=first.old_mode)
    changed = tuple(
        one for one in keys.values() if (one.old_key, one.old_mode) != (one.new_key, one.new_mode)
    )
    return replace(earlier, reason=reason, key_changes=changed, students={**students, **earlier.students})


def _take_back(places: Places, made: Plan, begun: Record) -> None:
    """Drop the record of a regrade that an error kept from beginning: its keys do not count yet."""
    if made.cut_off is not None or not made.key_changes:
        return
    with connected(places) as connection:
        record = released_record(connection, made.assignment, with_submissions=False)
    if changed_keys(places, record) == made.key_changes:
        drop_begun(places, begun)


def _rescored(
    record: AssignmentRecord,
    was: Rescored,
    result: StudentResult,
    now_held: Mapping[str, tuple[float | None, float | None]],
) -> Rescored | None:
    """Return one student's old and new scores, None where nothing is another one."""
    named = {item.cell: item.id for released in record.notebooks.values() for item in released.items}
    items, by_hand = {}, {}
    for cell, (old, _) in was.items.items():
        auto, manual = now_held.get(cell, (old, None))
        if auto != old:
            items[named.get(cell, cell)] = (old, auto)
            if manual is not None:
                by_hand[named.get(cell, cell)] = manual
    new = was.old if result.score is None else result.score
    if not items and abs(new - was.old) < 1e-9:
        return None
    return replace(was, new=new, items=items, by_hand=by_hand)


def _left(run: Run) -> dict[str, str]:
    """Return the students whose scores rest on the old key, since their work could not be scored again."""
    left = dict.fromkeys(run.gone, "the files are no longer there")
    for one in run.students:
        if one.state in ("kept", "failed"):
            left[one.student] = printable("; ".join(map(str, one.reasons.values())), 200)
    return left


def _is_newer(places: Places, record: AssignmentRecord, student: str) -> bool:
    """Return whether a student's work is another one than the scores rest on."""
    handed_in = handed_in_digest(places.step("submitted"), [student, record.name], record.notebooks)
    marks = [marks_of(places, record.name, student, name) for name in record.notebooks]
    return any(one is not None and one.handed_in not in ("", handed_in) for one in marks)


def _cells_of(record: AssignmentRecord, changes: Collection[KeyChange]) -> list[str]:
    """Return the grade cells of corrected questions."""
    items = {change.item for change in changes}
    return [
        item.cell for released in record.notebooks.values() for item in released.items if item.id in items
    ]


def _login() -> str:
    """Return the login name, or that there is none."""
    try:
        return printable(getpass.getuser(), 100)
    except (KeyError, OSError, ImportError):  # an account without a name, as containers have
        return "unknown"
