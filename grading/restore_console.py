"""What `grading restore` prints: the backups with what is in them, and what a restore changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from grading.backups import made_at
from grading.bookfile import BookFile
from grading.console import say
from grading.reports import counted
from grading.restore import Restored


def show_backups(found: Sequence[BookFile], present: BookFile) -> None:
    """Print the backups, newest first, and how the present gradebook is."""
    now = datetime.now(UTC)
    for one in found:
        made = made_at(one.path.name)
        state = f"NO USE, it {one.problem}" if one.problem else "whole"
        say(f"{one.path.name}  made {age(made, now)}, {file_size(one.size)}, {state}")
        if not one.problem:
            say(f"    {holds(one)}")
    if present.problem:
        say(f"{present.path}: the gradebook {present.problem}.")
    else:
        say(f"The gradebook now ({file_size(present.size)}): {holds(present)}")
    if found:
        say("To go back to one: grading restore NAME. The gradebook of now is kept as a backup first.")
    else:
        say("There are no backups yet: one is made before each command that writes scores.")


def describe_restored(done: Restored) -> list[str]:
    """Return what a restore did, in sentences."""
    told = [f"The gradebook is now the one of {done.backup.name}."]
    if done.damaged:
        told.append(f"What stood there was damaged; it is kept as {done.kept}.")
    for name, one in {} if done.kept is None or done.damaged else done.changes.items():
        told.append(
            f"- {name}: {_was(one.graded)} graded, {_was(one.by_hand)} scores given by hand, "
            f"{counted(one.differ, 'total differs', 'totals differ')}"
        )
    if done.kept is None or done.damaged:
        told += [
            f"- {name}: {one.graded[1]} graded, {one.by_hand[1]} scores given by hand"
            for name, one in done.changes.items()
        ]
        told.append("If JupyterLab is running, stop and start it: it may still have the old file open.")
    else:
        told.append(f"What stood there is kept; to have it back: grading restore {done.kept.name}")
    if done.behind:
        again = ", ".join(f"grading autograde {name}" for name in done.behind)
        told.append(f"What was handed in or corrected since that backup counts again after: {again}")
    return told


def backups_as_json(found: Sequence[BookFile], present: BookFile) -> dict[str, Any]:
    """Return the list for ``--json``; sizes in bytes."""
    return {"gradebook": _as_json(present), "backups": [_as_json(one) for one in found]}


def restored_as_json(done: Restored) -> dict[str, Any]:
    """Return what a restore did for ``--json``."""
    return {
        "backup": str(done.backup),
        "gradebook": str(done.gradebook),
        "kept": str(done.kept) if done.kept else None,
        "damaged": done.damaged,
        "changes": {name: one.__dict__ for name, one in done.changes.items()},
    }


def age(made: datetime, now: datetime) -> str:
    """Return how long ago something was, in words.

    Examples
    --------
    >>> age(datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))
    '2 hours ago'
    """
    minutes = int((now - made).total_seconds() // 60)
    for size, word in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{counted(minutes // size, word)} ago"
    return "just now" if minutes >= 0 else "in the future"


def file_size(size: int) -> str:
    """Return a size in words, in units of a thousand.

    Examples
    --------
    >>> file_size(229_376), file_size(12_345_678), file_size(76_081_100_000)
    ('229 kB', '12.3 MB', '76 GB')
    """
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:.0f} GB"


def holds(one: BookFile) -> str:
    """Return the assignments with the number of graded submissions of each."""
    graded = [f"{name} {count} graded" for name, count in one.graded.items() if count]
    return ", ".join(graded) or "nothing graded"


def _was(numbers: tuple[int, int]) -> str:
    """Return a number, with what it was before where that is another."""
    was, is_ = numbers
    return f"{is_}" if was == is_ else f"{is_} (was {was})"


def _as_json(one: BookFile) -> dict[str, Any]:
    """Return one file as plain data."""
    return {
        "name": one.path.name,
        "path": str(one.path),
        "bytes": one.size,
        "problem": one.problem,
        "graded": dict(one.graded),
        "students": one.students,
    }
