"""What was regraded: one private file for each time, with who, why, which keys, and old and new scores.

A file is written twice: before the first score changes, with the old scores, and at the end. One that was
only begun is taken up by the next regrade of the assignment.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grading.copies import write_whole
from grading.keys import KeyChange
from grading.places import Places, private_folder

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"(.+)-(\d{8}T\d{6}\.\d{6}Z)(-begun)?\.json")


@dataclass(frozen=True)
class Rescored:
    """One student's scores in points, without late penalty; `new` is None until the regrade is done.

    `items` are the automatic scores by question, old and new; `by_hand` those that a person has given and
    that count instead. `newer` says that the work itself was newer than the old scores.
    """

    old: float
    new: float | None = None
    items: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    by_hand: Mapping[str, float] = field(default_factory=dict)
    newer: bool = False


@dataclass(frozen=True)
class Record:
    """One regrade. Times are UTC; `finished` is None where it was cut off."""

    assignment: str
    begun: datetime
    who: str
    reason: str
    backup: str | None
    """The name of the gradebook's backup from before it; None where the gradebook is on a server."""
    key_changes: Sequence[KeyChange]
    students: Mapping[str, Rescored]
    left: Mapping[str, str] = field(default_factory=dict)
    """Student -> why the work could not be scored again, so that the old scores stand."""
    finished: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the record as it is written."""
        return {
            **self.__dict__,
            "begun": self.begun.isoformat(),
            "finished": self.finished.isoformat() if self.finished else None,
            "key_changes": [asdict(one) for one in self.key_changes],
            "students": {student: asdict(one) for student, one in self.students.items()},
            "left": dict(self.left),
        }


def record_path(places: Places, record: Record) -> Path:
    """Return where a record stands, by whether it is finished."""
    begun = "" if record.finished else "-begun"
    return _folder(places) / f"{record.assignment}-{record.begun:{_STAMP}}{begun}.json"


def write_record(places: Places, record: Record) -> Path:
    """Write a record whole; a finished one takes the place of what was begun."""
    path = record_path(places, record)
    private_folder(path.parent)
    write_whole(path, _text(record))
    if record.finished:
        drop_begun(places, record)
    return path


def drop_begun(places: Places, record: Record) -> None:
    """Take away what a regrade wrote before its first score changed."""
    (_folder(places) / f"{record.assignment}-{record.begun:{_STAMP}}-begun.json").unlink(missing_ok=True)


def begun_record(places: Places, assignment: str) -> Record | None:
    """Return the newest regrade of an assignment that was cut off, or None."""
    cut_off = [path for path in _files(places, assignment) if _is_begun(path)]
    for path in reversed(cut_off):
        record = _read(path)
        if record is not None and record.finished is None:
            return record
    return None


def is_cut_off(places: Places, assignment: str) -> bool:
    """Return whether a regrade of an assignment was cut off; nothing is read."""
    return any(_is_begun(path) for path in _files(places, assignment))


def past_records(places: Places, assignment: str | None = None) -> tuple[list[Record], list[Path]]:
    """Return the regrades of an assignment, or of all, oldest first, and the files that cannot be read."""
    found, damaged = [], []
    for path in _files(places, assignment):
        record = _read(path)
        if record is None:
            damaged.append(path)
        else:
            found.append(record)
    return sorted(found, key=lambda one: one.begun), damaged


def now() -> datetime:
    """Return the present time, UTC with its zone."""
    return datetime.now(UTC)


def _text(record: Record) -> str:
    """Return the file's text: JSON with one line for each student."""
    whole = record.as_json()
    students = whole.pop("students")
    head = json.dumps(whole, ensure_ascii=False, indent=1).removesuffix("\n}")
    rows = [
        f"  {json.dumps(student, ensure_ascii=False)}: {json.dumps(one, ensure_ascii=False)}"
        for student, one in students.items()
    ]
    listed = ",\n".join(rows)
    return f'{head},\n "students": {{\n{listed}\n }}\n}}\n'


def _folder(places: Places) -> Path:
    """Return the folder of the records."""
    return places.work / "regrades"


def _is_begun(path: Path) -> bool:
    """Return whether a file is that of a regrade that did not end; one that killed itself tidying up did."""
    return (
        path.stem.endswith("-begun")
        and not path.with_name(f"{path.stem.removesuffix('-begun')}.json").exists()
    )


def _files(places: Places, assignment: str | None) -> list[Path]:
    """Return the record files, by name and so by time."""
    found = []
    for path in sorted(_folder(places).glob("*.json")):
        named = _NAME.fullmatch(path.name)
        if named and assignment in (None, named[1]) and (not named[3] or _is_begun(path)):
            found.append(path)
    return found


def _read(path: Path) -> Record | None:
    """Return a record from its file; None where it is not as `write_record` writes it."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Record(
            assignment=str(data["assignment"]),
            begun=datetime.fromisoformat(data["begun"]).astimezone(UTC),
            who=str(data["who"]),
            reason=str(data["reason"]),
            backup=data["backup"],
            key_changes=tuple(_key_change(one) for one in data["key_changes"]),
            students={str(student): _rescored(one) for student, one in data["students"].items()},
            left={str(student): str(why) for student, why in data["left"].items()},
            finished=(datetime.fromisoformat(data["finished"]).astimezone(UTC) if data["finished"] else None),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _key_change(data: Mapping[str, Any]) -> KeyChange:
    """Return a key change from JSON."""
    return KeyChange(
        str(data["item"]),
        tuple(map(str, data["old_key"])),
        tuple(map(str, data["new_key"])),
        str(data["old_mode"]),
        str(data["new_mode"]),
    )


def _rescored(data: Mapping[str, Any]) -> Rescored:
    """Return one student's scores from JSON."""
    return Rescored(
        float(data["old"]),
        None if data["new"] is None else float(data["new"]),
        {str(item): (pair[0], pair[1]) for item, pair in data["items"].items()},
        {str(item): float(score) for item, score in data["by_hand"].items()},
        bool(data["newer"]),
    )
