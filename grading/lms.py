"""Collecting from a folder or ZIP file of notebooks, as Moodle, Canvas or a person hands it over."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from grading.archive import Candidate, Found, candidates, without_wrapper
from grading.collecting import Collected, place
from grading.handedin import belongs_to
from grading.names import folded
from grading.notebook_json import UnreadableError, parse_notebook
from grading.places import Places
from grading.progress import Tell, silent
from grading.records import AssignmentRecord, StudentRecord
from grading.roster import Label, Match, Roster, parse_label
from grading.untrusted import MEGABYTE, RefusedError, plain

MOST_OF_ONE = 500
"""More notebooks than this under one name are refused unread."""
BYTES_OF_ONE = 100 * MEGABYTE
"""What comes after this much under one name is refused."""
MOST_LISTED = 5
"""No more other files of one student are listed one by one."""


@dataclass(frozen=True)
class _Work:
    """A notebook that somebody handed in for the released notebook `name`; read again when it is placed."""

    file: Candidate
    label: Label
    name: str
    digest: bytes


def collect_from(
    places: Places,
    record: AssignmentRecord,
    source: Path,
    students: Mapping[str, StudentRecord],
    ids: Mapping[str, str],
    *,
    new_students: bool = False,
    progress: Tell = silent,
) -> list[Collected]:
    """Take the notebooks of an assignment from a folder or ZIP file.

    Parameters
    ----------
    students : who is in the gradebook; names are matched with them.
    ids : name as the platform writes it -> student id, from the instructor; it decides before anything else.
    new_students : take work of students whom the gradebook does not know. Where it knows nobody, no class
        list was imported, and everybody is taken.
    progress : told the name on the platform, how many are done, and how many there are.

    Raises
    ------
    CollectError : the source is no folder and no ZIP file, or a damaged one.
    """
    roster = Roster(students, ids)
    with candidates(source) as found:
        return _collect(places, record, found, roster, new_students or not students, progress)


def _collect(
    places: Places,
    record: AssignmentRecord,
    found: Found,
    roster: Roster,
    new_students: bool,
    progress: Tell,
) -> list[Collected]:
    """Do the work of `collect_from` with the files found."""
    results = [Collected(shown, None, "refused", why) for shown, why in found.closed]
    taken: dict[str, list[_Work]] = defaultdict(list)
    matches: dict[str, Match] = {}
    by_label, others = _by_label(record, found, roster)
    results += others
    for done, (label, theirs) in enumerate(by_label.items()):
        progress(label.name, done, len(by_label))
        chosen, left = _of_assignment(record, theirs)
        results += [replace(one, student=roster.known(label)) if one.troubled else one for one in left]
        if not chosen:
            continue
        try:
            match = roster.student(label)
        except RefusedError as refused:
            results += [Collected(one.shown, None, "refused", str(refused)) for one, _, _ in chosen]
            continue
        if not match.known and not new_students:
            results += [_unknown(one, match.student, label, roster) for one, _, _ in chosen]
            continue
        matches[match.student] = match
        taken[match.student] += [_Work(one, label, name, digest) for one, name, digest in chosen]
    spellings = Counter(map(folded, taken))
    for student, works in sorted(taken.items()):
        if spellings[folded(student)] > 1:
            why = f"{plain(student)} stands here in two spellings of one id: say who is who with --ids"
            results += [Collected(one.file.shown, student, "refused", why) for one in works]
            continue
        results.append(_place(places, record, works, matches[student]))
    return sorted(results, key=lambda one: (one.student or "", one.found))


def _by_label(
    record: AssignmentRecord, found: Found, roster: Roster
) -> tuple[dict[Label, list[Candidate]], list[Collected]]:
    """Return the notebooks by whom their paths name, and what became of the other files."""
    known = cache(roster.names)
    by_label: dict[Label, list[Candidate]] = defaultdict(list)
    beside: dict[Label | None, list[Candidate]] = defaultdict(list)
    results: list[Collected] = []
    for one in without_wrapper(found.files, known):
        if not one.parts[-1].lower().endswith(".ipynb"):
            beside[_label_beside(one.parts, record.name, known)].append(one)
            continue
        label = parse_label(one.parts, record.name, known)
        if label is None:
            results.append(Collected(one.shown, None, "refused", "its name says no student"))
        else:
            by_label[label].append(one)
    for label, files in beside.items():
        alone = label is not None and label not in by_label
        student = roster.known(label) if label is not None and alone else None
        why = "is no notebook, and there is none with it: ask for one" if alone else "is not a notebook"
        state = "refused" if alone else "skipped"
        results += [Collected(one.shown, student, state, why) for one in files[:MOST_LISTED]]
        if len(files) > MOST_LISTED:
            more = f"and {len(files) - MOST_LISTED - 1} more like it: no notebooks"
            results.append(Collected(files[MOST_LISTED].shown, None, "skipped", more))
    return by_label, results


def _label_beside(parts: Sequence[str], assignment: str, known: Callable[[str], bool]) -> Label | None:
    """Return whose file it is that is no notebook; None unless the platform or a known name says it."""
    *folders, file = parts
    label = parse_label((*folders, f"{Path(file).stem}.ipynb"), assignment, known)
    sure = label is not None and (label.kind in ("moodle", "canvas") or known(label.name))
    return label if sure else None


def _of_assignment(
    record: AssignmentRecord, found: Sequence[Candidate]
) -> tuple[list[tuple[Candidate, str, bytes]], list[Collected]]:
    """Return a student's notebooks with released names and digests, and what became of the other files."""
    if len(found) > MOST_OF_ONE:
        why = f"comes with more than {MOST_OF_ONE} notebooks under one name: keep the one that counts"
        return [], [Collected(found[0].shown, None, "refused", why)]
    chosen: list[tuple[Candidate, str, bytes]] = []
    broken: list[tuple[Candidate, bytes, str]] = []
    results: list[Collected] = []
    total = 0
    for one in found:
        try:
            if total > BYTES_OF_ONE:
                raise RefusedError("comes after too much under one name")
            data = one.read()
        except RefusedError as refused:
            results.append(Collected(one.shown, None, "refused", str(refused)))
            continue
        total += len(data)
        digest = hashlib.sha256(data).digest()
        try:
            notebook = parse_notebook(data)
        except UnreadableError as error:
            broken.append((one, digest, str(error)))
            continue
        names = [name for name, released in record.notebooks.items() if belongs_to(notebook, released)]
        if names:
            chosen.append((one, names[0], digest))
        else:
            results.append(Collected(one.shown, None, "skipped", f"is not a notebook of {record.name}"))
    # A file that cannot be read is still handed in: where it is all there is, grading tells the reason.
    if not chosen and len(broken) == 1 and len(found) == 1:
        return [(broken[0][0], next(iter(record.notebooks)), broken[0][1])], results
    results += [Collected(one.shown, None, "refused", why) for one, _, why in broken]
    return chosen, results


def _unknown(one: Candidate, student: str, label: Label, roster: Roster) -> Collected:
    """Return the refusal of work under a name that is not in the gradebook, with who may be meant."""
    near = roster.nearest(label.name)
    hint = ""
    if near is not None:
        known_as = f" ({plain(near.shown)})" if near.shown != near.id else ""
        hint = f": did you mean {plain(near.id)}{known_as}?"
    return Collected(
        one.shown, student, "refused", f"{plain(label.name)} is not in the gradebook{hint}", newcomer=True
    )


def _place(places: Places, record: AssignmentRecord, works: Sequence[_Work], match: Match) -> Collected:
    """Put one student's notebooks in place; refuse where it is open which one counts."""
    student = match.student
    first = {one.name: one for one in reversed(works)}
    shown = " + ".join(one.file.shown for one in works if first[one.name] is one)
    time = max((one.file.time for one in works if one.file.time), default=None)
    try:
        if len(people := {(one.label.name, one.label.number) for one in works}) > 1:
            raise RefusedError(
                f"{len(people)} different people come out as {plain(student)}: say who is who with --ids"
            )
        if len({(one.name, one.digest) for one in works}) > len(first):
            raise RefusedError(f"{len(works)} different notebooks of {record.name}: keep the one that counts")
        files = {f"{name}.ipynb": one.file.read() for name, one in first.items()}
        state = place(places, record.name, student, files, time)
    except RefusedError as refused:
        return Collected(plain(shown, 90), student, "refused", str(refused), time)
    remarks = [
        match.remark,
        "" if match.known else "new student id",
        "the platform marked it late" if any(one.label.late for one in works) else "",
        "some files are there more than once" if len(works) > len(first) else "",
    ]
    return Collected(
        plain(shown, 90), student, state, "; ".join(filter(None, remarks)), time, newcomer=not match.known
    )
