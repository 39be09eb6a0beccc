"""What a class report rests on, as values: form, order, keys, versions, and what was scored again."""

from collections.abc import Sequence
from pathlib import Path

from grading.bankkeys import Bank
from grading.keys import KeyChange, key_digest
from grading.regrade_record import Record
from grading.released import setup_data
from grading.reports.class_values import Audit, Rescoring
from grading.responses import Responses

DIGITS = 16
"""Of a digest: enough to see whether two are the same."""


def audit(found: Responses, bank: Bank, regrades: Sequence[Record], damaged: Sequence[Path]) -> Audit:
    """Return what the figures rest on.

    Parameters
    ----------
    regrades, damaged : the regrades of this assignment, oldest first, and the files that cannot be read.
    """
    seeds = []
    for notebook in found.record.notebooks.values():
        seed = setup_data(cell.source for cell in notebook.sources.values() if cell.locked).get("seed")
        if type(seed) is int and seed not in seeds:
            seeds.append(seed)
    return Audit(
        form=bank.form,
        seeds=seeds,
        digests={name: key_digest(one)[:DIGITS] for name, one in found.record.notebooks.items()},
        versions=_versions(found),
        by_hand=sum(one.by_hand for row in found.answers.values() for one in row.values()),
        rescorings=[_rescoring(one) for one in regrades],
        damaged=[path.name for path in damaged],
    )


def key_history(regrades: Sequence[Record]) -> dict[str, list[str]]:
    """Return the key changes of each question in words, oldest first."""
    told: dict[str, list[str]] = {}
    for record in regrades:
        for change in record.key_changes:
            told.setdefault(change.item, []).append(f"{record.begun:%Y-%m-%d}: {_changed(change)}")
    return told


def _rescoring(record: Record) -> Rescoring:
    """Return one regrade."""
    return Rescoring(
        when=record.begun,
        who=record.who,
        reason=record.reason,
        changes=[f"{change.item}: {_changed(change)}" for change in record.key_changes],
        changed=sum(one.new is not None and one.new != one.old for one in record.students.values()),
        complete=record.finished is not None,
    )


def _changed(change: KeyChange) -> str:
    """Return a key change in words."""
    told = []
    if set(change.old_key) != set(change.new_key):
        told.append(f"key {', '.join(change.old_key)} became {', '.join(change.new_key)}")
    if change.old_mode != change.new_mode:
        told.append(f"rule {change.old_mode} became {change.new_mode}")
    return "; ".join(told)


def _versions(found: Responses) -> str:
    """Return the versions of the questions in words."""
    known = [item for item in found.items if item.version is not None]
    newer = [f"{item.id} (version {item.version})" for item in known if item.version != 1]
    if not known:
        return "the course text does not say"
    listed = f"; changed since: {', '.join(newer)}" if newer else ""
    return f"{len(known) - len(newer)} of {len(found.items)} questions in their first version{listed}"
