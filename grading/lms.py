"""Collecting from a folder or ZIP file of notebooks, as Moodle, Canvas or a person hands it over."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grading.archive import Candidate, candidates, without_wrapper
from grading.collecting import Collected, CollectError, place
from grading.handedin import belongs_to
from grading.notebook_json import UnreadableError, parse_notebook
from grading.places import Places
from grading.records import AssignmentRecord, StudentRecord
from grading.untrusted import RefusedError, name_problem, plain


@dataclass(frozen=True)
class _Work:
    """A notebook that somebody handed in for the released notebook `name`."""

    file: Candidate
    label: "Label"
    name: str
    data: bytes


@dataclass(frozen=True)
class Label:
    """Whom a path names: `number` is the learning platform's own user number, if it gives one."""

    name: str
    kind: str
    """moodle, canvas, folder or file."""
    number: str = ""
    late: bool = False


def collect_from(
    places: Places,
    record: AssignmentRecord,
    source: Path,
    students: Mapping[str, StudentRecord],
    ids: Mapping[str, str],
) -> list[Collected]:
    """Take the notebooks of an assignment from a folder or ZIP file.

    Parameters
    ----------
    students : who is in the gradebook; names are matched with them.
    ids : name as the platform writes it -> student id, from the instructor; it decides before anything else.

    Raises
    ------
    CollectError : the source is no folder and no ZIP file, or a damaged one.
    """
    with candidates(source) as found:
        return _collect(places, record, found, students, ids)


def _collect(
    places: Places,
    record: AssignmentRecord,
    found: list[Candidate],
    students: Mapping[str, StudentRecord],
    ids: Mapping[str, str],
) -> list[Collected]:
    """Do the work of `collect_from` with the files found."""

    @cache
    def known(folder: str) -> bool:
        return any(_matches(Label(folder, "folder"), _tidy(folder), students, ids))

    results: list[Collected] = []
    taken: dict[str, list[_Work]] = defaultdict(list)
    by_label: dict[Label, list[Candidate]] = defaultdict(list)
    remarks: dict[str, str] = {}
    for one in without_wrapper(found, known):
        if not one.parts[-1].lower().endswith(".ipynb") or one.parts[-1].startswith("."):
            results.append(Collected(one.shown, None, "skipped", "is not a notebook"))
            continue
        label = parse_label(one.parts, record.name, known)
        if label is None:
            results.append(Collected(one.shown, None, "refused", "its name says no student"))
            continue
        by_label[label].append(one)
    for label, theirs in by_label.items():
        chosen, others = _of_assignment(record, theirs)
        results += others
        if not chosen:
            continue
        try:
            student, remark = student_of(label, students, ids)
        except RefusedError as refused:
            results += [Collected(one.shown, None, "refused", str(refused)) for one, _, _ in chosen]
            continue
        remarks[student] = remark
        taken[student] += [_Work(one, label, name, data) for one, name, data in chosen]
    spellings = Counter(map(_folded, taken))
    for student, works in sorted(taken.items()):
        if spellings[_folded(student)] > 1:
            why = f"{plain(student)} stands here in two spellings of one id: say who is who with --ids"
            results += [Collected(one.file.shown, student, "refused", why) for one in works]
            continue
        results += _place(places, record, student, works, students, remarks[student])
    return sorted(results, key=lambda one: (one.student or "", one.found))


def parse_label(
    parts: Sequence[str], assignment: str, known: Callable[[str], bool] = lambda folder: False
) -> Label | None:
    """Return whom a path names, or None where it names nobody.

    The outermost folder of a `known` student counts, else the outermost: those inside are the student's.

    Examples
    --------
    >>> parse_label(["Ana Lopez_12345_assignsubmission_file_", "x.ipynb"], "check")
    Label(name='Ana Lopez', kind='moodle', number='12345', late=False)
    >>> parse_label(["lopezana_LATE_77_901_check.ipynb"], "check")
    Label(name='lopezana', kind='canvas', number='77', late=True)
    """
    *folders, file = parts
    for folder in folders:
        moodle = re.fullmatch(r"(.+)_(\d+)_assignsubmission_(?:file|onlinetext)_?", folder)
        if moodle:
            return Label(moodle[1], "moodle", moodle[2])
        if folder != assignment and known(folder):
            return Label(folder, "folder")
    stem = file[: -len(".ipynb")]
    flat = re.fullmatch(r"(.+)_(\d+)_assignsubmission_file_?.*", stem)
    if flat:
        return Label(flat[1], "moodle", flat[2])
    canvas = re.fullmatch(r"([^_]+)(_LATE)?_(\d+)_(\d+)_.+", stem)
    if canvas:
        return Label(canvas[1], "canvas", canvas[3], bool(canvas[2]))
    named = [folder for folder in folders if folder != assignment]
    if named:
        return Label(named[0], "folder")
    return None if stem == assignment else Label(stem, "file")


def student_of(
    label: Label, students: Mapping[str, StudentRecord], ids: Mapping[str, str]
) -> tuple[str, str]:
    """Return the student id that a label stands for, and a remark where the match was not exact.

    Raises
    ------
    RefusedError : it could be several students, or the id cannot be one.
    """
    name = _tidy(label.name)
    exact, alike = _matches(label, name, students, ids)
    found = exact or alike
    if len(found) > 1:
        raise RefusedError(
            f"{plain(name)} could be {', '.join(map(plain, sorted(found)))}: say which with --ids"
        )
    chosen, shown = next(iter(found.items())) if found else (_as_id(label), "")
    problem = name_problem(chosen)
    if problem:
        raise RefusedError(f"the student id {plain(chosen)} {problem}: give another with --ids")
    return chosen, f"taken for {plain(shown)}" if found and not exact else ""


def read_ids(path: Path) -> dict[str, str]:
    """Return the instructor's table of names and student ids: a CSV file of two columns.

    Raises
    ------
    CollectError : a line has not two columns, or names that are (almost) the same have two ids.
    """
    import csv

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CollectError(f"{path}: cannot be read ({error}) - save it as CSV in UTF-8") from error
    found: dict[str, str] = {}
    known: dict[str, tuple[str, str]] = {}
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != 2 or not row[0].strip() or not row[1].strip():
            raise CollectError(
                f"{path}:{number}: has not two columns - write: name on the platform,student id"
            )
        name, id_ = row[0].strip(), row[1].strip()
        if found.setdefault(name, id_) != id_:
            raise CollectError(f"{path}:{number}: {plain(name)} stands there twice - keep one line")
        other, theirs = known.setdefault(_key(name) or name, (name, id_))
        if theirs != id_:
            raise CollectError(
                f"{path}:{number}: {plain(name)} and {plain(other)} differ only in accents, case or signs"
                " but have two ids - put the files of each into a folder named by the id, and use no line"
            )
    return found


def _of_assignment(
    record: AssignmentRecord, found: Sequence[Candidate]
) -> tuple[list[tuple[Candidate, str, bytes]], list[Collected]]:
    """Return a student's notebooks with their released names, and what became of the other files."""
    chosen: list[tuple[Candidate, str, bytes]] = []
    broken: list[tuple[Candidate, bytes, str]] = []
    results: list[Collected] = []
    for one in found:
        try:
            data = one.read()
        except RefusedError as refused:
            results.append(Collected(one.shown, None, "refused", str(refused)))
            continue
        try:
            notebook = parse_notebook(data)
        except UnreadableError as error:
            broken.append((one, data, str(error)))
            continue
        names = [name for name, released in record.notebooks.items() if belongs_to(notebook, released)]
        if names:
            chosen.append((one, names[0], data))
        else:
            results.append(Collected(one.shown, None, "skipped", f"is not a notebook of {record.name}"))
    # A file that cannot be read is still handed in: where it is all there is, grading tells the reason.
    if not chosen and len(broken) == 1 and len(found) == 1:
        return [(broken[0][0], next(iter(record.notebooks)), broken[0][1])], results
    results += [Collected(one.shown, None, "refused", why) for one, _, why in broken]
    return chosen, results


def _place(
    places: Places,
    record: AssignmentRecord,
    student: str,
    works: Sequence[_Work],
    students: Mapping[str, StudentRecord],
    remark: str,
) -> list[Collected]:
    """Put one student's notebooks in place; refuse where it is open which one counts."""
    files = {f"{one.name}.ipynb": one.data for one in works}
    first = {one.name: one for one in reversed(works)}
    why = ""
    if len(people := {(one.label.name, one.label.number) for one in works}) > 1:
        why = f"{len(people)} different people come out as {plain(student)}: say who is who with --ids"
    elif len({(one.name, one.data) for one in works}) > len(files):
        why = f"{len(works)} different notebooks of {record.name}: keep the one that counts"
    if why:
        return [Collected(one.file.shown, student, "refused", why) for one in works]
    time = max((one.file.time for one in works if one.file.time), default=None)
    shown = " + ".join(one.file.shown for one in works if first[one.name] is one)
    try:
        state = place(places, record.name, student, files, time)
    except RefusedError as refused:
        return [Collected(shown, student, "refused", str(refused), time)]
    remarks = [
        remark,
        "" if student in students else "new student id",
        "the platform marked it late" if any(one.label.late for one in works) else "",
        "some files are there more than once" if len(works) > len(files) else "",
    ]
    return [Collected(shown, student, state, "; ".join(filter(None, remarks)), time)]


def _matches(
    label: Label, name: str, students: Mapping[str, StudentRecord], ids: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return who is named exactly and who nearly, student id -> name; the instructor's table goes first."""
    canvas = label.kind == "canvas"
    exact = {id_: one for one, id_ in ids.items() if _tidy(one) == name}
    alike = {id_: one for one, id_ in ids.items() if _alike(one, name, canvas)}
    if exact or alike:
        return exact, alike
    people = list(students.values())
    if canvas and label.number:
        exact = {one.id: one.id for one in people if one.lms_id == label.number}
        if exact:
            return exact, {}
    for one in people:
        names = _full_names(one)
        if name == _tidy(one.id) or name in names or (canvas and name in map(_canvas_name, names)):
            exact[one.id] = one.id
        elif _same_id(name, one.id):
            alike[one.id] = one.id
        elif any(_alike(own, name, canvas) for own in names):
            alike[one.id] = names[0]
    return exact, alike


def _full_names(student: StudentRecord) -> list[str]:
    """Return a student's name in the orders that platforms write; none where half of it is unknown."""
    first, last = _tidy(student.first_name or ""), _tidy(student.last_name or "")
    return [f"{first} {last}", f"{last} {first}", f"{last}, {first}"] if first and last else []


def _canvas_name(name: str) -> str:
    """Return a name as Canvas writes it into a file name: small letters without blanks."""
    return "".join(sign for sign in name.casefold() if sign.isalnum() or unicodedata.category(sign)[0] == "M")


def _as_id(label: Label) -> str:
    """Return the id of a student whom the gradebook does not know: the name itself, fit for a folder."""
    name = _tidy(label.name)
    if label.kind in ("folder", "file"):
        return name
    # Vowel signs of many scripts are marks, which \w leaves out; two names must not become one without them.
    kept = "".join(
        sign if sign.isalnum() or sign in "_.@" or unicodedata.category(sign)[0] == "M" else " "
        for sign in name
    )
    return "-".join(kept.split()).strip("-.").lower()


@cache
def _tidy(name: str) -> str:
    """Return a name in composed characters (macOS writes them apart) and single blanks."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _same_id(one: str, other: str) -> bool:
    """Return whether two student ids differ at most in case: in an id every sign counts."""
    return _folded(one) == _folded(other)


@cache
def _folded(id_: str) -> str:
    """Return an id as a system sees it that knows no case in folder names."""
    return unicodedata.normalize("NFC", _tidy(id_).casefold())


def _alike(one: str, other: str, squashed: bool) -> bool:
    """Return whether two names are the same but for case, accents, punctuation (and blanks, if squashed)."""
    key = _key(one)
    return bool(key) and (
        _key(other) == key or (squashed and _key(other).replace(" ", "") == key.replace(" ", ""))
    )


_ACCENTED = ("LATIN ", "GREEK ", "CYRILLIC ")
_APOSTROPHES = "'\u2019\u02bc`"


@cache
def _key(name: str) -> str:
    """Return the words of a name for comparing, without case, punctuation and accents.

    A mark is an accent on Latin, Greek and Cyrillic letters only; elsewhere it can be
    a vowel.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    kept: list[str] = []
    accented = False
    for sign in apart:
        category = unicodedata.category(sign)
        if category[0] == "M":
            kept.append("" if accented else sign)
        elif category != "Cf" and sign not in _APOSTROPHES:
            accented = unicodedata.name(sign, "").startswith(_ACCENTED)
            kept.append(sign if sign.isalnum() else " ")
    return " ".join("".join(kept).split())
