"""Feedback: one page per student and assignment, from the graded copy and the gradebook."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from grading import gradebook, records
from grading.anchors import why_no_key
from grading.autograde import released_record
from grading.backdrop import Backdrop, read_backdrop
from grading.bankkeys import read_bank
from grading.copies import read_copy, write_whole
from grading.feedback_page import Page, feedback_page, render
from grading.handedin import SECRET, TIMESTAMP, read_secret, written_time
from grading.notebook_json import UnreadableError
from grading.outdated import pages_of, shown_digest
from grading.places import Places, private_folder
from grading.progress import Tell, silent
from grading.records import AssignmentRecord, StudentRecord, SubmissionRecord
from grading.released import ReleasedNotebook
from grading.results import GradingError
from grading.rubric import comment_doubts
from grading.steps import WorkflowError
from grading.tables import connected
from grading.untrusted import RefusedError, name_problem, printable
from grading.workflow import release_feedback


@dataclass(frozen=True)
class FeedbackResult:
    """What happened for one student: made, released, refused, or waits (made, but somebody has to look)."""

    student: str
    state: str
    files: Sequence[Path] = ()
    why: str = ""
    open: bool = False
    doubts: str = ""
    """What is in doubt about a grader's comment; such a page is not handed back unasked."""
    replaces: bool = False
    """Whether a page that said something else was there before."""

    @property
    def troubled(self) -> bool:
        """Return whether somebody has to look."""
        return self.state == "refused" or bool(self.doubts)


def write_feedback(
    places: Places,
    assignment: str,
    *,
    only: Collection[str] = (),
    show_key: bool = False,
    release: bool = False,
    anyway: bool = False,
    wait: float = 10.0,
    progress: Tell = silent,
) -> list[FeedbackResult]:
    """Write the feedback pages of an assignment, and hand them out where asked to.

    Parameters
    ----------
    show_key : say which options are right, and why; only when everybody has handed in. For what is asked
        before the course, only when everybody has a grade where it is asked again.
    release : put the pages into nbgrader's exchange, where each student's Assignment List fetches them.
    anyway : hand back pages, too, where a comment's rubric levels are in doubt (see `rubric`), and show the
        key although the same questions are still to be asked.
    progress : told the student, how many are done, and how many there are.

    Raises
    ------
    GradingError, GradebookError : nothing was written; the message says what to do.
    """
    bank = read_bank(places.root)
    results = []
    with gradebook.locked(places, wait):
        # Read only now: a run that was waited for has changed the scores and the copies together.
        with connected(places) as connection:
            record = released_record(connection, assignment)
            refusal = why_no_key(connection, record) if show_key and not anyway else ""
            if refusal:
                raise GradingError(f"{refusal}, or add --anyway")
            people = records.students(connection)
            backdrop = read_backdrop(connection, record, bank, datetime.now().date())
        for done, (student, submission) in enumerate(record.submissions.items()):
            progress(student, done, len(record.submissions))
            if only and student not in only:
                continue
            try:
                one = _write_one(places, record, submission, people[student], backdrop, show_key)
                if one.state == "made" and not anyway:
                    doubts = comment_doubts(record, submission, bank)
                    one = replace(one, state="waits" if doubts and release else "made", doubts=doubts)
            except Exception as error:  # one student's trouble must not stop the others
                reason = printable(f"{type(error).__name__}: {error}", 300)
                one = FeedbackResult(student, "refused", why=f"the page was not made: {reason}")
            results.append(one)
        missing = sorted(set(only) - set(record.submissions))
        results += [
            FeedbackResult(one, "refused", why=f"has no graded submission of {assignment}") for one in missing
        ]
        if release:
            results = _hand_back(places, record, results, progress)
    return results


def hand_back(
    places: Places, assignment: str, only: Collection[str] = (), *, wait: float = 10.0
) -> list[FeedbackResult]:
    """Hand out the pages that were made before, as they are, save where a comment is in doubt.

    Raises
    ------
    GradingError, GradebookError : nothing was handed out; the message says what to do.
    """
    bank = read_bank(places.root)
    results = []
    with gradebook.locked(places, wait):
        with connected(places) as connection:
            record = released_record(connection, assignment)
        for student, submission in record.submissions.items():
            pages = [path for _, path in pages_of(places, record, student) if path.is_file()]
            if not pages or name_problem(student) or (only and student not in only):
                continue
            doubts = comment_doubts(record, submission, bank)
            state = "waits" if doubts else "made"
            results.append(FeedbackResult(student, state, pages, open=submission.needs_manual, doubts=doubts))
        return _hand_back(places, record, results, silent)


def student_pages(
    places: Places,
    record: AssignmentRecord,
    submission: SubmissionRecord,
    person: StudentRecord,
    backdrop: Backdrop,
    show_key: bool,
) -> Iterator[tuple[ReleasedNotebook, Page]]:
    """Yield one student's page for each notebook of an assignment, as values.

    Raises
    ------
    RefusedError, UnreadableError : there is no graded copy that can be read.
    """
    before = backdrop.before(places, submission.student)
    for released in record.notebooks.values():
        readings, reason = read_copy(places, record.name, submission.student, released)
        yield (
            released,
            feedback_page(
                record,
                submission,
                released,
                readings,
                reason,
                person=person,
                backdrop=backdrop,
                before=before,
                show_key=show_key,
            ),
        )


def _write_one(
    places: Places,
    record: AssignmentRecord,
    submission: SubmissionRecord,
    person: StudentRecord,
    backdrop: Backdrop,
    show_key: bool,
) -> FeedbackResult:
    """Write one student's pages, with nbgrader's two files beside them."""
    student = submission.student
    problem = name_problem(student)
    if problem:
        return FeedbackResult(student, "refused", why=f"the student id {problem}")
    folder = places.path("feedback", student, record.name)
    made = []
    replaces = False
    paths = {released.name: path for released, path in pages_of(places, record, student)}
    try:
        for released, page in student_pages(places, record, submission, person, backdrop, show_key):
            path = paths[released.name]
            private_folder(places.step("feedback"))
            folder.mkdir(parents=True, exist_ok=True)
            replaces = replaces or shown_digest(path) not in (None, page.digest)
            write_whole(path, render(page))
            made.append(path)
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
    return FeedbackResult(student, "made", made, open=submission.needs_manual, replaces=replaces)


def _hand_back(
    places: Places, record: AssignmentRecord, results: Sequence[FeedbackResult], progress: Tell
) -> list[FeedbackResult]:
    """Put the pages into the exchange, student by student."""
    # Of all students, not of `results` alone: pages may be handed out one by one.
    secrets = {
        student: read_secret(places.step("autograded"), [student, record.name])
        for student in record.submissions
    }
    shared = {secret for secret, count in Counter(secrets.values()).items() if secret and count > 1}
    handed = []
    for done, one in enumerate(results):
        progress(one.student, done, len(results))
        secret = secrets.get(one.student)
        if one.state != "made":
            handed.append(one)
        elif secret is None:
            why = "did not come through the exchange: send the page by other means"
            handed.append(replace(one, why=why))
        elif secret in shared:
            why = "shares its secret file with another student, so the page would go to both: ask them"
            handed.append(replace(one, state="refused", why=why))
        else:
            try:
                release_feedback(places, record.name, one.student)
                handed.append(replace(one, state="released"))
            except WorkflowError as error:
                handed.append(replace(one, state="refused", why=printable(str(error), 200)))
    return handed


def as_json(results: Sequence[FeedbackResult]) -> list[Mapping[str, Any]]:
    """Return results for ``--json``."""
    return [
        {
            "student": one.student,
            "state": one.state,
            "files": [str(path) for path in one.files],
            "why": one.why,
            "doubts": one.doubts,
            "not_fully_graded": one.open,
            "replaces": one.replaces,
        }
        for one in results
    ]
