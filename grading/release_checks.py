"""What is looked at before a release: the instructor's notebooks, and what changed since the last one."""

from difflib import get_close_matches

from grading.bankkeys import read_bank
from grading.keys import CorrectionError, compare_keys, source_cells
from grading.leaks import stored_answers
from grading.notebook_json import UnreadableError, parse_notebook
from grading.places import Places
from grading.records import AssignmentRecord
from grading.released import ReleasedNotebook, released_notebook
from grading.steps import WorkflowError
from grading.untrusted import printable


def check_source(places: Places, assignment: str) -> dict[str, ReleasedNotebook]:
    """Return the instructor's notebooks by name.

    Raises
    ------
    WorkflowError : there is no such assignment, or it could not be graded or would give answers away.
    """
    known = places.assignments()
    folder = places.path("source", ".", assignment)
    if assignment not in known or "+" in assignment:
        near = get_close_matches(assignment, known, n=1)
        hint = (
            f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none; course build'}"
        )
        raise WorkflowError(f"{printable(str(folder))}: there is no such assignment - {hint}")
    found = {}
    for path in sorted(folder.glob("*.ipynb")):
        try:
            held = stored_answers(parse_notebook(path.read_bytes()))
            one = released_notebook(path.stem, source_cells(places, assignment, path.stem).values())
        except (OSError, UnreadableError, CorrectionError) as error:
            raise WorkflowError(
                f"{path}: cannot be read ({error}) - correct it, or run: course build"
            ) from error
        if held:
            raise WorkflowError(
                f"{path}: it holds answers ({', '.join(held)}), which every student would see - "
                "clear them (for a generated notebook: course build) and release again"
            )
        found[path.stem] = one
    return found


def check_change(known: AssignmentRecord | None, notebooks: dict[str, ReleasedNotebook]) -> list[str]:
    """Return in words what a second release changes.

    Raises
    ------
    WorkflowError : it would harm work already graded.
    """
    if known is None:
        return []
    warnings = []
    for name, old in known.notebooks.items():
        new = notebooks.get(name)
        if new is None or set(new.sources) != set(old.sources):
            if known.submissions:
                raise WorkflowError(
                    f"{known.name}: questions were added or removed in source/, but {len(known.submissions)} "
                    "submissions are graded - put them back, or make a new assignment under another name; "
                    "what students have is as it was"
                )
            warnings.append("questions were added or removed since the last release")
            continue
        try:
            changes, _ = compare_keys(known.name, old, new.sources)
        except CorrectionError as error:
            if known.submissions:
                raise WorkflowError(f"{error}; what students have is as it was") from error
            warnings.append("options or points were changed since the last release")
            continue
        moved = _moved(old, new)
        if moved and known.submissions:
            raise WorkflowError(
                f"{known.name}: {'; '.join(moved)}; but {len(known.submissions)} submissions are graded - "
                "put it back, or make a new assignment under another name; what students have is as it was"
            )
        warnings += moved
        if changes and known.submissions:
            listed = ", ".join(change.item for change in changes)
            raise WorkflowError(
                f"{known.name}: the key of {listed} is not the released one, and {len(known.submissions)} "
                f"submissions are graded - to correct it run: grading regrade {known.name}"
            )
        warnings += [
            f"the key of {change.item} was {', '.join(change.old_key)} and is {', '.join(change.new_key)} now"
            for change in changes
        ]
    return warnings


def _moved(old: ReleasedNotebook, new: ReleasedNotebook) -> list[str]:
    """Return in words what has changed in the worth and kind of the cells, and in what they ask for."""
    found = []
    for name, was in old.sources.items():
        now = new.sources[name]
        if was.points != now.points:
            found.append(f"the points of {name} were {_points(was.points)} and are {_points(now.points)} now")
        if (was.cell_type, was.solution, was.task) != (now.cell_type, now.solution, now.task):
            found.append(f"the cell {name} is of another kind now")
    least = {prompt.id: prompt.least for prompt in new.prompts}
    for one in old.prompts:
        if least.get(one.id) != one.least:
            found.append(f"how many words {one.id} takes was {one.least} and is {least.get(one.id)} now")
    texts = {item.id: item.texts for item in new.items}
    for item in old.items:
        changed = [id_ for id_, text in item.texts.items() if texts.get(item.id, {}).get(id_) != text]
        if changed:
            found.append(f"the text of option {', '.join(changed)} of {item.id} is another one now")
    return found


def _points(points: float | None) -> str:
    """Return points as people write them."""
    return "none" if points is None else f"{points:g}"


def rationales(places: Places, notebooks: dict[str, ReleasedNotebook]) -> list[str]:
    """Return the bank's rationales for the items of an assignment; none where it is hand-made."""
    ids = {item.id for one in notebooks.values() for item in one.items}
    return [
        option.rationale
        for item in read_bank(places.root).items.values()
        if item.id in ids
        for option in item.options
    ]
