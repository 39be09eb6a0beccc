"""What is in order, worth a look, or wrong with an installation and a course folder, and what to do about it.

Nothing is written: what a check has to try out, it takes away again. A check that fails itself is a finding.
"""

import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grading.finding import LOOK, WRONG, Finding
from grading.places import PlaceError, Places, find_root
from grading.untrusted import printable

Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True)
class Examination:
    """All findings, and the one command that comes next; empty where something is wrong."""

    findings: list[Finding]
    step: str = ""

    @property
    def wrong(self) -> bool:
        """Return whether anything is wrong."""
        return any(one.state == WRONG for one in self.findings)


def examine(folder: Path, *, named: bool = False) -> Examination:
    """Return what is found in the installation and in the course folder; never raises, and writes nothing.

    Parameters
    ----------
    folder : the course folder where `named`, else where to begin to look for it, upwards.
    """
    from grading.doctor_jupyter import jupyter
    from grading.doctor_programs import programs

    root = _root(folder, named)
    findings: list[Finding] = []
    with _as_it_was(root) as opened:
        findings += _checked("programs", lambda: programs(root))
        findings += _checked("Jupyter", jupyter)
        if root is None:
            findings.append(
                Finding(
                    "course folder",
                    WRONG,
                    f"{folder}: no nbgrader_config.py here or above",
                    "go to the course folder (cd), or name it: grading --root FOLDER doctor",
                )
            )
            return Examination(findings)
        places, told = _settings(root)
        findings += told
        if opened:
            said = (
                f"grading/work was open to other accounts (mode {opened:o}); reading the settings closed it"
            )
            findings.append(Finding("student data", LOOK, said, "nothing more, if nobody had reason to look"))
        step = ""
        if places is not None:
            findings += _of_the_course(places)
            step = "" if any(one.state == WRONG for one in findings) else _next_step(places)
    return Examination(findings, step)


def _of_the_course(places: Places) -> list[Finding]:
    """Return what is found in the folders, the gradebook and the assignments."""
    from grading import doctor_course, doctor_gradebook, doctor_work

    checks: list[tuple[str, Callable[[Places], Iterable[Finding]]]] = [
        ("student data", doctor_course.student_data),
        ("exchange", doctor_course.exchange),
        ("disk", doctor_course.disk),
        ("clock", doctor_course.clock),
        ("gradebook", doctor_gradebook.the_gradebook),
        ("backups", doctor_gradebook.the_backups),
        ("assignments", doctor_work.assignments),
        ("left-overs", doctor_work.left_overs),
    ]
    hurried = doctor_gradebook.hurried(places)
    return [one for name, check in checks for one in _checked(name, partial(check, hurried))]


def _settings(root: Path) -> tuple[Places | None, list[Finding]]:
    """Return the course's folders, None where its settings cannot be read, and what is found of them."""
    from grading.doctor_settings import read_settings

    places: Places | None = None
    found: list[Finding] = []
    try:
        places, found = read_settings(root)
    except PlaceError as error:
        what, _, todo = str(error).rpartition(" - ")
        found = [Finding("settings", WRONG, what, todo)]
    except Exception as error:
        found = [_failed("settings", error)]
    return places, found


def _checked(name: str, check: Check) -> list[Finding]:
    """Return what a check found; an error of its own is a finding and stops no other check."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except Exception as error:
        found.append(_failed(name, error))
    return found


def _failed(name: str, error: Exception) -> Finding:
    """Return the finding for a check that could not be made."""
    said = f"could not be checked ({type(error).__name__}: {printable(str(error), 200)})"
    return Finding(name, LOOK, said, "see whether the command for it works; if not, report this line")


def _root(folder: Path, named: bool) -> Path | None:
    """Return the course folder, or None."""
    with suppress(PlaceError, OSError):
        found = folder if named else find_root(folder)
        return found if (found / "nbgrader_config.py").is_file() else None
    return None


@contextmanager
def _as_it_was(root: Path | None) -> Iterator[int]:
    """Take away the folders that reading the settings makes; yield the work folder's mode if it is open."""
    if root is None:
        yield 0
        return
    work = root / "grading" / "work"
    before = {work.parent, work, *work.glob("*")} if work.exists() else {work.parent}
    before = {folder for folder in before if folder.exists()}
    mode = stat.S_IMODE(work.stat().st_mode) if work in before and sys.platform != "win32" else 0
    try:
        yield mode if mode & 0o077 else 0
    finally:
        for folder in (*work.glob("*"), work, work.parent):
            if folder not in before and folder.is_dir():
                with suppress(OSError):  # it holds something, which is not ours to remove
                    folder.rmdir()


def _next_step(places: Places) -> str:
    """Return what to do next in a course where nothing is wrong."""
    from grading import doctor_gradebook

    known = places.assignments()
    if known and doctor_gradebook.none_yet(places):
        return f"grading release {known[0]} (to look around first: course demo)"
    return "grading status"
