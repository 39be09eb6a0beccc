"""The steps of a week around grading: release to students, collecting, and pages back to them."""

import contextlib
import filecmp
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grading import backups, gradebook, records
from grading.autograde import released_record
from grading.collecting import Collected
from grading.exchange import collect_exchange
from grading.inbound import NEWEST, How
from grading.leaks import folder_leaks
from grading.lms import collect_from
from grading.places import Places, private_folder
from grading.progress import Tell, silent
from grading.release_checks import check_change, check_source, rationales
from grading.roster import read_ids
from grading.steps import WorkflowError, course_directory, nbgrader_config, run_step
from grading.tables import connected
from grading.untrusted import printable

STEPS = 4
"""How many steps a release tells of."""


@dataclass(frozen=True)
class Release:
    """What a release did, in words, and where the files for students are."""

    assignment: str
    folder: Path
    files: tuple[str, ...]
    done: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    points: float = 0.0
    items: int = 0
    prompts: int = 0
    others: tuple[str, ...] = field(default_factory=tuple)


def release(
    places: Places,
    assignment: str,
    *,
    exchange: bool = True,
    wait: float = 10.0,
    progress: Tell = silent,
) -> Release:
    """Make the students' version of an assignment, check it for leaks, and hand it out.

    The version is drafted beside the real one and moved in place only when everything is well, so that a
    refused release leaves what students have as it was. Releasing again is safe. `progress` is told the step,
    how many are done, and how many there are.

    Raises
    ------
    WorkflowError, GradebookError : refused; release/ and the gradebook are as they were.
    """
    notebooks = check_source(places, assignment)
    with gradebook.locked(places, wait):
        backups.refuse_lost(places)
        backups.back_up(places)
        with gradebook.opened(places, create=True):
            pass  # nbgrader makes the tables
        with connected(places) as connection:
            known = records.assignment(connection, assignment)
            warnings = check_change(known, notebooks)
        final = places.path("release", ".", assignment)
        with _draft(places) as draft:
            progress("making the students' version", 0, STEPS)
            _generate(places, assignment, draft / "checked", database=False)
            progress("looking for leaks", 1, STEPS)
            leaks = folder_leaks(draft / "checked" / assignment, rationales(places, notebooks))
            if leaks:
                raise WorkflowError(
                    f"{assignment} is not released: " + "; ".join(leaks) + " - correct source/"
                    f"{assignment} (for a generated notebook: course build) and release again"
                )
            progress("storing the keys", 2, STEPS)
            _generate(places, assignment, draft / "stored", database=True)
            progress("handing out", 3, STEPS)
            made = draft / "stored" / assignment
            same = _same_files(made, final)
            done = [_move_in(made, final, same)]
            if exchange:
                done += _hand_out(places, assignment, final)
    files = tuple(path.relative_to(final).as_posix() for path in sorted(final.rglob("*")) if path.is_file())
    return Release(
        assignment,
        final,
        files,
        tuple(done),
        tuple(warnings),
        points=sum(cell.points or 0 for one in notebooks.values() for cell in one.sources.values()),
        items=sum(len(one.items) for one in notebooks.values()),
        prompts=sum(len(one.prompts) for one in notebooks.values()),
        others=tuple(cell for one in notebooks.values() for cell in one.others),
    )


def collect(
    places: Places,
    assignment: str,
    source: Path | None = None,
    ids: Path | None = None,
    *,
    how: How = NEWEST,
    new_students: bool = False,
    wait: float = 10.0,
    progress: Tell = silent,
) -> list[Collected]:
    """Take what students handed in, from the exchange, or from a folder or ZIP file where one is named.

    `how` is for the exchange, `ids` and `new_students` are for a source; see `collect_from`.

    Raises
    ------
    CollectError, GradebookError, GradingError : nothing was taken; the message says what to do.
    """
    with gradebook.locked(places, wait):
        with connected(places) as connection:
            record = released_record(connection, assignment)
            people = records.students(connection)
        if source is not None:
            table = read_ids(ids) if ids else {}
            return collect_from(
                places, record, source, people, table, new_students=new_students, progress=progress
            )
        return collect_exchange(places, record, how, people, progress)


@contextlib.contextmanager
def _draft(places: Places) -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards."""
    folder = private_folder(places.work) / "draft"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _generate(places: Places, assignment: str, target: Path, *, database: bool) -> None:
    """Run nbgrader's generate_assignment into a folder of our choice."""
    gradebook.with_programs()
    from nbgrader.converters import GenerateAssignment

    config = nbgrader_config(places)
    config.CourseDirectory.release_directory = str(target)
    config.CourseDirectory.assignment_id = assignment
    # The draft folder is new, so "./" in between (nbgrader's student folder) is all that differs.
    config.BaseConverter.force = True
    if not database:
        config.SaveCells.enabled = False
        config.GenerateAssignment.no_database = True
    run_step(
        GenerateAssignment(coursedir=course_directory(config), config=config), f"{assignment} is not released"
    )


def _move_in(made: Path, final: Path, same: bool) -> str:
    """Put the drafted version in place; the old one is away for the blink of two renames."""
    if same:
        return f"{final} was up to date"
    old = made.parent / "old"
    existed = final.exists()
    final.parent.mkdir(parents=True, exist_ok=True)
    if existed:
        final.rename(old)
    try:
        made.rename(final)
    except OSError:
        if existed:
            old.rename(final)
        raise
    return f"{final} was {'replaced' if existed else 'made'}"


def _hand_out(places: Places, assignment: str, folder: Path) -> list[str]:
    """Copy the students' version into nbgrader's exchange, where the Assignment List shows it."""
    if sys.platform == "win32":
        return [f"nbgrader's exchange does not run on Windows: give students the folder {folder}"]
    if places.exchange is None or not places.course_id:
        return [f"no exchange and course_id are set in nbgrader_config.py: give students the folder {folder}"]
    outbound = places.exchange / places.course_id / "outbound" / assignment
    if _same_files(folder, outbound):
        return [f"students already have it ({outbound})"]
    _make_exchange(places.exchange)
    from nbgrader.auth import Authenticator
    from nbgrader.exchange import ExchangeFactory

    config = nbgrader_config(places)
    config.CourseDirectory.assignment_id = assignment
    existed = outbound.exists()
    step = ExchangeFactory(config=config).ReleaseAssignment(
        coursedir=course_directory(config), authenticator=Authenticator(config=config), config=config
    )
    step.force = True
    run_step(step, f"{folder} is ready, but it is not in the exchange")
    if existed:
        return [f"the exchange has the new version; students who fetched the old one keep it ({outbound})"]
    return [f"students can fetch it ({outbound})"]


def _make_exchange(root: Path) -> None:
    """Make the exchange folder with the sticky bit; in nbgrader's 0777 any student can rename a course."""
    if root.is_dir():
        return
    try:
        root.mkdir(parents=True)
        root.chmod(0o1777)
    except OSError as error:
        raise WorkflowError(
            f"{root}: the exchange folder cannot be made ({error.strerror}) - "
            "set COURSE_EXCHANGE, or make the folder with mode 1777"
        ) from error


def _same_files(one: Path, other: Path) -> bool:
    """Return whether two folders hold the same files byte for byte."""
    if not (one.is_dir() and other.is_dir()):
        return False
    names = [
        {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        for folder in (one, other)
    ]
    if names[0] != names[1]:
        return False
    return all(filecmp.cmp(one / name, other / name, shallow=False) for name in names[0])


def release_feedback(places: Places, assignment: str, student: str) -> None:
    """Put one student's feedback pages into the exchange.

    Raises
    ------
    WorkflowError : there is no exchange, or nbgrader could not do it.
    """
    if sys.platform == "win32" or places.exchange is None or not places.course_id:
        raise WorkflowError("there is no exchange on this system - send the page by other means")
    gradebook.with_programs()
    from nbgrader.auth import Authenticator
    from nbgrader.exchange import ExchangeFactory

    config = nbgrader_config(places)
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = student
    step = ExchangeFactory(config=config).ReleaseFeedback(
        coursedir=course_directory(config), authenticator=Authenticator(config=config), config=config
    )
    step.checked = True  # by whoever asks for one student's pages; see SafeReleaseFeedback
    run_step(step, f"the feedback of {printable(student)} is written, but not in the exchange")
