"""Corrected keys: what the instructor's notebook says today against what was released."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from grading.notebook_json import UnreadableError, cells, parse_notebook, source_of
from grading.places import Places
from grading.records import AssignmentRecord
from grading.released import KeyedItem, ReleasedNotebook, StoredCell, released_notebook


class CorrectionError(Exception):
    """The instructor's notebook cannot replace the released keys; the message says what to do."""


@dataclass(frozen=True)
class KeyChange:
    """One item whose key or credit mode was corrected."""

    item: str
    old_key: tuple[str, ...]
    new_key: tuple[str, ...]
    old_mode: str
    new_mode: str


def corrected_keys(
    places: Places, record: AssignmentRecord
) -> tuple[tuple[KeyChange, ...], dict[tuple[str, str], tuple[str, str]], AssignmentRecord]:
    """Return the changes, the grade cells to store for them, and the record with the corrected keys.

    Raises
    ------
    CorrectionError : cells, options or points differ as well; those cannot change once work is handed in.
    """
    changes: list[KeyChange] = []
    sources: dict[tuple[str, str], tuple[str, str]] = {}
    notebooks: dict[str, ReleasedNotebook] = {}
    for name, released in record.notebooks.items():
        today = source_cells(places, record.name, name)
        found, stored = compare_keys(record.name, released, today)
        changes += found
        sources |= {(name, cell): (new.source, new.checksum or "") for cell, new in stored.items()}
        notebooks[name] = released_notebook(name, {**released.sources, **stored}.values())
    return tuple(changes), sources, replace(record, notebooks=notebooks)


def compare_keys(
    assignment: str, released: ReleasedNotebook, today: Mapping[str, StoredCell]
) -> tuple[list[KeyChange], dict[str, StoredCell]]:
    """Return the corrected items of one notebook and their new grade cells.

    Raises
    ------
    CorrectionError : an item is missing, or its options or points differ.
    """
    new_items = {item.cell: item for item in released_notebook(released.name, today.values()).items}
    changes, stored = [], {}
    for old in released.items:
        new = new_items.get(old.cell)
        if new is None:
            raise CorrectionError(
                f"source/{assignment}/{released.name}.ipynb: the item {old.id} is no longer there - "
                "a corrected key keeps every item; put it back"
            )
        _same_shape(assignment, released.name, old, new)
        if (set(old.key), old.mode) != (set(new.key), new.mode):
            changes.append(KeyChange(old.id, old.key, new.key, old.mode, new.mode))
            stored[old.cell] = replace(today[old.cell], locked=released.sources[old.cell].locked)
    return changes, stored


def _same_shape(assignment: str, notebook: str, old: KeyedItem, new: KeyedItem) -> None:
    """Refuse where more than the key or the credit mode differs."""
    for what, was, now in (("options", old.options, new.options), ("points", old.points, new.points)):
        if sorted(map(str, was if isinstance(was, tuple) else [was])) != sorted(
            map(str, now if isinstance(now, tuple) else [now])
        ):
            raise CorrectionError(
                f"source/{assignment}/{notebook}.ipynb: the {what} of {old.id} were {was} at release and are "
                f"{now} now - put them back; only the key and the credit mode can be corrected"
            )


def changed_keys(places: Places, record: AssignmentRecord) -> tuple[KeyChange, ...]:
    """Return the items whose keys in source/ are others than those in force.

    Empty where the two cannot be compared: a release tells then what is wrong with source/.
    """
    found: list[KeyChange] = []
    try:
        for name, released in record.notebooks.items():
            today = source_cells(places, record.name, name, checksums=False)
            found += compare_keys(record.name, released, today)[0]
    except CorrectionError:
        return ()
    return tuple(found)


def key_digest(released: ReleasedNotebook) -> str:
    """Return a short text that is another one as soon as what a question earns, and for what, is."""
    told: list[tuple[Any, ...]]
    told = [(one.cell, sorted(one.key), one.mode, float(one.points)) for one in released.items]
    told += [(one.cell, one.least, float(one.points)) for one in released.prompts if one.least is not None]
    return hashlib.sha256(json.dumps(sorted(told)).encode("utf-8")).hexdigest()


def source_cells(
    places: Places, assignment: str, notebook: str, *, checksums: bool = True
) -> dict[str, StoredCell]:
    """Return the nbgrader cells of the instructor's own notebook, as a release would store them.

    Without `checksums` nbgrader, which alone can make them, is not imported; that takes seconds.

    Raises
    ------
    CorrectionError : the notebook cannot be read.
    """
    path = places.path("source", ".", assignment) / f"{notebook}.ipynb"
    try:
        data = parse_notebook(path.read_bytes())
    except (OSError, UnreadableError) as error:
        raise CorrectionError(f"{path}: cannot be read ({error}) - run: course build") from error
    return {cell.name: cell for cell in stored_cells(data, checksums=checksums)}


def stored_cells(notebook: Mapping[str, Any], *, checksums: bool = True) -> list[StoredCell]:
    """Return the cells of an instructor's notebook that nbgrader keeps, with their checksums."""
    found = []
    for cell in cells(notebook):
        metadata = cell.get("metadata")
        marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if not isinstance(marks, dict) or not isinstance(marks.get("grade_id"), str):
            continue
        graded, solution, task = (bool(marks.get(name)) for name in ("grade", "solution", "task"))
        found.append(
            StoredCell(
                name=marks["grade_id"],
                cell_type=str(cell.get("cell_type")),
                source=source_of(cell),
                locked=not solution and (graded or bool(marks.get("locked"))),
                points=float(marks.get("points", 0)) if graded or task else None,
                solution=solution,
                task=task,
                checksum=_checksum(cell) if checksums else None,
            )
        )
    return found


def _checksum(cell: Mapping[str, Any]) -> str:
    """Return nbgrader's checksum of a cell."""
    from nbformat import notebooknode
    from nbgrader.utils import compute_checksum

    as_node: Any = notebooknode.from_dict
    return str(compute_checksum(as_node({**cell, "source": source_of(cell)})))
