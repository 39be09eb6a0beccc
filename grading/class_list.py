"""The class list: a table as a spreadsheet or a platform saves it, and its way into the gradebook."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from grading import backups, gradebook, records
from grading.gradebook import NoGradebookError
from grading.names import folded, tidy
from grading.places import Places
from grading.records import StudentRecord
from grading.saved_table import TableError, read_saved_table
from grading.steps import WorkflowError
from grading.tables import connected
from grading.untrusted import name_problem, printable

HEADS: Mapping[str, Sequence[str]] = {
    "id": ("id", "student id", "student", "username", "user name", "login", "account"),
    "first_name": ("first name", "firstname", "given name", "forename"),
    "last_name": ("last name", "lastname", "surname", "family name"),
    "email": ("email", "e mail", "email address", "e mail address", "mail"),
    "lms_id": ("lms user id",),
}
"""What a column may be called, compared without case, signs and accents; of several the first counts."""


class ClassListError(Exception):
    """The table cannot be used; the message lists everything wrong, a line each."""


@dataclass(frozen=True)
class ClassList:
    """Those whom a table names, by id, and the columns that were not used."""

    people: Mapping[str, StudentRecord]
    unused: Sequence[str] = ()
    doubtful: bool = False
    """Whether letters were read as Windows-1252, which nothing in the file says."""


@dataclass(frozen=True)
class Imported:
    """Who came into the gradebook: ids, sorted as in the table; `left` are in the gradebook alone."""

    new: Sequence[str]
    changed: Sequence[str]
    same: Sequence[str]
    left: Sequence[str]


def read_class_list(path: Path) -> ClassList:
    """Return whom a table names.

    Commas, semicolons and tabs may part the columns; the letters may be UTF-8, UTF-16 or Windows-1252. Lines
    without any entry are passed over; a cell without an entry says nothing.

    Raises
    ------
    ClassListError : it is no such table, or lines of it are wrong; all of them are listed.
    """
    try:
        table = read_saved_table(path)
    except TableError as error:
        raise ClassListError(str(error)) from error
    heads = table.rows[0][1] if table.rows else []
    columns = _columns(path, heads)
    problems: list[str] = []
    people: dict[str, StudentRecord] = {}
    known: dict[str, str] = {}
    for number, row in table.rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        told = _problem(row, heads, columns, known)
        if told:
            problems.append(f"{path}:{number}: {told}")
            continue
        values = {name: tidy(row[place]) if place < len(row) else "" for name, place in columns.items()}
        person = StudentRecord(
            **{name: value or None for name, value in values.items() if name != "id"}, id=values["id"]
        )
        people[person.id] = person
        known[folded(person.id)] = person.id
    if not people and not problems:
        problems = [f"{path}: names nobody - write one student a line below the first one"]
    if problems:
        raise ClassListError("\n".join(problems))
    used = set(columns.values())
    unused = [tidy(head) for place, head in enumerate(heads) if place not in used and tidy(head)]
    return ClassList(people, unused, table.doubtful)


def import_class_list(places: Places, listed: ClassList, wait: float = 10.0) -> Imported:
    """Put a class list into the gradebook; who is there already is updated by the cells that have an entry.

    Raises
    ------
    WorkflowError : an id differs only in case from one that is there; nothing is changed.
    GradebookError : the gradebook cannot be used.
    """
    with gradebook.locked(places, wait):
        backups.refuse_lost(places)
        there = class_of(places)
        other = {folded(one): one for one in there}
        for one in listed.people:
            known = other.get(folded(one), one)
            if known != one:
                raise WorkflowError(
                    f"{printable(one)}: the gradebook has {printable(known)}, which differs only in case - "
                    "write it the same way in the table; nothing was changed"
                )
        new = [one for one in listed.people if one not in there]
        changes = {one: _news(person, there.get(one)) for one, person in listed.people.items()}
        changed = [one for one in listed.people if one in there and changes[one]]
        if new or changed:
            backups.back_up(places)
            with gradebook.opened(places, create=True) as book:
                for one in (*new, *changed):
                    book.update_or_create_student(one, **changes[one])
    same = [one for one in listed.people if one in there and not changes[one]]
    return Imported(new, changed, same, [one for one in there if one not in listed.people])


def class_of(places: Places) -> Mapping[str, StudentRecord]:
    """Return the students of the gradebook by id; none where there is no gradebook yet."""
    try:
        with connected(places) as connection:
            return records.students(connection)
    except NoGradebookError:
        return {}


def _news(listed: StudentRecord, there: StudentRecord | None) -> dict[str, str]:
    """Return what a table says of a student that the gradebook does not, by nbgrader's names."""
    old = asdict(there) if there else {}
    said = {name: value for name, value in asdict(listed).items() if name != "id" and value}
    names = {"lms_id": "lms_user_id"}
    return {names.get(name, name): value for name, value in said.items() if old.get(name) != value}


def _columns(path: Path, heads: Sequence[str]) -> dict[str, int]:
    """Return where the columns are, by our names.

    Raises
    ------
    ClassListError : none of them is the id.
    """
    plain = [" ".join(head.replace("_", " ").replace("-", " ").casefold().split()) for head in heads]
    found = {}
    for name, wanted in HEADS.items():
        place = next((plain.index(one) for one in wanted if one in plain), None)
        if place is not None:
            found[name] = place
    if "id" not in found:
        there = ", ".join(printable(tidy(head)) for head in heads if head.strip()) or "an empty file"
        raise ClassListError(
            f"{path}:1: no column is called id - there is: {there}. In the first line, write id above the "
            "account names (or above what the students' files are named by), and first_name, last_name and "
            "email above the others"
        )
    return found


def _problem(
    row: Sequence[str], heads: Sequence[str], columns: Mapping[str, int], known: Mapping[str, str]
) -> str:
    """Return what is wrong with a row; empty where nothing is."""
    if any(cell.strip() for cell in row[len(heads) :]):
        return (
            f"has {len(row)} entries where the first line has {len(heads)} - "
            "put an entry that holds the sign between the columns into quotation marks"
        )
    place = columns["id"]
    id_ = tidy(row[place]) if place < len(row) else ""
    if not id_:
        return "has no id - write one into the column of the ids, or take the line out"
    problem = name_problem(id_)
    if problem:
        return f"the id {printable(id_)} {problem} - write another"
    twin = known.get(folded(id_))
    if twin == id_:
        return f"{printable(id_)} stands there twice - keep one line"
    return f"{printable(id_)} and {printable(twin)} differ only in case - write another id" if twin else ""
