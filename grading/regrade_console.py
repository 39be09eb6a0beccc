"""What `grading regrade` prints: who changes, by how much, and what was regraded before."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grading.console import Rows, say, table
from grading.keys import KeyChange
from grading.places import Places
from grading.regrade import Plan
from grading.regrade_record import Record, record_path
from grading.reports import counted, number

MOST_SHOWN = 20
"""No more students than this are listed unasked."""


def show_plan(plan: Plan, *, everything: bool) -> None:
    """Print which keys are corrected, and who changes by how much."""
    for line in _earlier(plan):
        say(line)
    if not plan.needed:
        for line in _nothing(plan):
            say(line)
        return
    if plan.key_changes:
        _show_keys("Corrected keys", plan.key_changes)
    if plan.changes:
        shown = sorted(plan.changes.items())[: None if everything else MOST_SHOWN]
        rows: Rows = [
            (
                student,
                number(old),
                number(new),
                signed(new - old),
                "newer work, too" if student in plan.newer else "",
            )
            for student, (old, new) in shown
        ]
        table(f"{plan.assignment}: scores that change", ("student", "old", "new", "change", ""), rows)
        if len(shown) < len(plan.changes):
            say(f"... and {len(plan.changes) - len(shown)} more: --all lists everybody.")
    for line in describe_plan(plan):
        say(line)


def describe_plan(plan: Plan) -> list[str]:
    """Return what a regrade would do, in sentences."""
    told = [f"{plan.assignment}: {_summary(plan)}"]
    if plan.newer:
        told.append(
            f"{counted(len(plan.newer), 'student')} among them handed in newer work since the last grading: "
            "their change comes from that, too."
        )
    if plan.first:
        told.append(f"{counted(plan.first, 'student gets', 'students get')} a first score.")
    if plan.by_hand:
        told.append(
            f"{counted(len(plan.by_hand), 'student has', 'students have')} a score given by hand in a "
            f"corrected question; it stays: {_named(plan.by_hand)}. Look at it in the formgrader."
        )
    told += [f"{student}: keeps the old scores: {why}" for student, why in sorted(plan.left.items())]
    return told


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan for ``--json``."""
    differences = plan.differences
    return {
        "assignment": plan.assignment,
        "key_changes": [one.__dict__ for one in plan.key_changes],
        "graded": plan.graded,
        "changes": [
            {
                "student": student,
                "old": old,
                "new": new,
                "difference": new - old,
                "newer": student in plan.newer,
            }
            for student, (old, new) in sorted(plan.changes.items())
        ],
        "least": min(differences, default=None),
        "most": max(differences, default=None),
        "mean": sum(differences) / len(differences) if differences else None,
        "first_scores": plan.first,
        "by_hand": sorted(plan.by_hand),
        "left": dict(plan.left),
        "completes": plan.cut_off.begun.isoformat() if plan.cut_off else None,
        "written": False,
        "record": None,
    }


def show_regraded(places: Places, record: Record, plan: Plan) -> None:
    """Print what a regrade did, where the old scores are, and what comes next."""
    changed = len(record.students)
    earlier = changed - len(plan.changes)
    more = f", {earlier} of them by the one that was cut off" if plan.cut_off and earlier > 0 else ""
    say(
        f"{record.assignment}: {counted(changed, 'student')} changed{more}. "
        f"The reason is kept: {record.reason}"
    )
    kept = f" and in the backup {record.backup}" if record.backup else ""
    say(f"The old scores are in {record_path(places, record)}{kept}.")
    for student, why in sorted(record.left.items()):
        say(f"{student}: keeps the old scores: {why}")
    pages = sum(
        any(places.path("feedback", student, record.assignment).glob("*.html"))
        for student, one in record.students.items()
        if one.new != one.old
    )
    if pages:
        say(
            f"{counted(pages, 'feedback page is', 'feedback pages are')} out of date now. "
            f"Next: grading feedback {record.assignment} --release"
        )


def show_past_regrades(found: Sequence[Record], damaged: Sequence[Path]) -> None:
    """Print what was regraded before."""
    if not found and not damaged:
        say("Nothing was regraded yet.")
    for record in found:
        for line in describe_record(record):
            say(line)
    for path in damaged:
        say(f"{path}: cannot be read as a record of a regrade - look at it, or move it away")


def describe_record(record: Record) -> list[str]:
    """Return one regrade in sentences."""
    told = [f"{record.assignment}, {record.begun:%Y-%m-%d %H:%M} UTC, by {record.who}: {record.reason}"]
    told += [
        f"- {one.item}: {_key(one.old_key, one.old_mode, one)} is now {_key(one.new_key, one.new_mode, one)}"
        for one in record.key_changes
    ]
    if record.finished is None:
        return [*told, f"- was cut off; to complete it, run: grading regrade {record.assignment}"]
    differences = [one.new - one.old for one in record.students.values() if one.new is not None]
    told.append(f"- {counted(len(differences), 'student')} changed{_spread(differences)}")
    told += [f"- {student} kept the old scores: {why}" for student, why in sorted(record.left.items())]
    told += [f"- the gradebook before it: {record.backup}"] if record.backup else []
    return told


def signed(difference: float) -> str:
    """Return a difference in points with its sign.

    Examples
    --------
    >>> signed(0.5), signed(-2.0)
    ('+0.5', '-2')
    """
    return f"{'-' if difference < 0 else '+'}{number(abs(difference))}"


def _summary(plan: Plan) -> str:
    """Return how many change, and by how much."""
    if not plan.changes:
        return f"no score of {counted(plan.graded, 'student')} changes."
    gain = sum(one > 0 for one in plan.differences)
    lose = len(plan.changes) - gain
    verb = "changes" if len(plan.changes) == 1 else "change"
    return (
        f"{len(plan.changes)} of {counted(plan.graded, 'student')} {verb}: {gain} up, {lose} down"
        f"{_spread(plan.differences)}."
    )


def _spread(differences: Sequence[float]) -> str:
    """Return the smallest, the largest and the mean change."""
    if not differences:
        return ""
    mean = sum(differences) / len(differences)
    return (
        f"; from {signed(min(differences))} to {signed(max(differences))}, on average {signed(mean)} points"
    )


def _earlier(plan: Plan) -> list[str]:
    """Return that a regrade was cut off, and that this one completes it."""
    if plan.cut_off is None:
        return []
    return [
        f"The regrade of {plan.cut_off.begun:%Y-%m-%d %H:%M} UTC was cut off "
        f"(reason: {plan.cut_off.reason}). This one completes it; what follows is still to do."
    ]


def _nothing(plan: Plan) -> list[str]:
    """Return why there is nothing to regrade."""
    told = [
        f"{plan.assignment}: the keys in source/ are those that count already. "
        "Corrected the course text? Run course build first."
    ]
    if plan.changes or plan.first:
        told.append(
            f"{counted(len(plan.changes) + plan.first, 'score')} would change all the same, since there is "
            f"work that was not graded yet: run grading autograde {plan.assignment}"
        )
    return told


def _show_keys(title: str, changes: Sequence[KeyChange]) -> None:
    """Print key changes as a table."""
    rows: Rows = [
        (one.item, _key(one.old_key, one.old_mode, one), _key(one.new_key, one.new_mode, one))
        for one in changes
    ]
    table(title, ("question", "was", "is now"), rows)


def _key(key: Sequence[str], mode: str, change: KeyChange) -> str:
    """Return a key, with how it earns credit where that is corrected, too."""
    told = ", ".join(key)
    return f"{told} ({mode})" if change.old_mode != change.new_mode else told


def _named(students: Sequence[str] | Any) -> str:
    """Return some names, and that there are more."""
    listed = sorted(students)
    return ", ".join(listed[:5]) + (" ..." if len(listed) > 5 else "")
