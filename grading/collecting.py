"""Putting collected work in place: submitted/<student>/<assignment>/, whole or not at all."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grading.handedin import SECRET, TIMESTAMP, parse_time, written_time
from grading.notebook_json import FILE_LIMIT
from grading.places import Places, private_folder
from grading.untrusted import RefusedError, read_file

TAKEN = ("taken", "updated")
ARRIVED = "arrived "
"""How the remark begins where a submission came at another time than it says."""


class CollectError(Exception):
    """Nothing can be collected; the message says what to do."""


@dataclass(frozen=True)
class Collected:
    """What happened to one folder or file that was found.

    `state` is taken, updated, unchanged, skipped (not meant for this) or refused (somebody has to look).
    """

    found: str
    student: str | None
    state: str
    why: str = ""
    time: datetime | None = None
    """When it was handed in, UTC without zone."""
    newcomer: bool = False
    """Whether the gradebook does not know the student."""

    @property
    def troubled(self) -> bool:
        """Return whether somebody has to look."""
        return self.state == "refused"


def place(
    places: Places,
    assignment: str,
    student: str,
    files: Mapping[str, bytes],
    time: datetime | None,
    secret: str | None = None,
) -> str:
    """Put a student's files in place of what was there; return taken, updated or unchanged.

    `files` are by path relative to the folder, already checked. At every moment the old or the new
    submission stands there whole, save for the blink between two renames, which `repair` mends.

    Raises
    ------
    RefusedError : the files cannot be written, for one because another program holds the folder open.
    """
    try:
        return _place(places, assignment, student, files, time, secret)
    except OSError as error:
        raise RefusedError(f"cannot be put in place ({error.strerror or error})") from error


def _place(
    places: Places,
    assignment: str,
    student: str,
    files: Mapping[str, bytes],
    time: datetime | None,
    secret: str | None,
) -> str:
    """Do the work of `place`."""
    final = places.path("submitted", student, assignment)
    private_folder(places.step("submitted"))
    private_folder(final.parent)
    repair(final)
    content = dict(files)
    if time is not None:
        content[TIMESTAMP] = written_time(time).encode("utf-8")
    if secret is not None:
        content[SECRET] = secret.encode("utf-8")
    existed = final.exists()
    if existed and stands(final, content) and (time is not None) == (final / TIMESTAMP).exists():
        return "unchanged"
    draft, old = _beside(final)
    shutil.rmtree(draft, ignore_errors=True)
    for name, data in content.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if existed:
        final.rename(old)
    try:
        draft.rename(final)
    except OSError:
        if existed:
            old.rename(final)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return "updated" if existed else "taken"


def repair(final: Path) -> None:
    """Finish or undo what a killed run left beside a submission."""
    draft, old = _beside(final)
    shutil.rmtree(draft, ignore_errors=True)
    if old.exists():
        if final.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(final)


def collected_time(places: Places, assignment: str, student: str) -> datetime | None:
    """Return when the submission in place was handed in; None where there is none or it does not say."""
    try:
        text = read_file(places.step("submitted"), [student, assignment, TIMESTAMP], 1024)
    except RefusedError:
        return None
    return parse_time(text.decode("utf-8", "replace"))


def stands(final: Path, files: Mapping[str, bytes]) -> bool:
    """Return whether exactly these files stand in place, whatever their time."""
    try:
        present = {path.relative_to(final).as_posix() for path in final.rglob("*") if not path.is_dir()}
        if present - {SECRET, TIMESTAMP} != files.keys() - {SECRET, TIMESTAMP}:
            return False
        return all(read_file(final, name.split("/"), FILE_LIMIT) == data for name, data in files.items())
    except (OSError, RefusedError):
        return False


def _beside(final: Path) -> tuple[Path, Path]:
    """Return where the next and the last version stand for a moment."""
    return final.with_name(f".{final.name}.new"), final.with_name(f".{final.name}.old")
