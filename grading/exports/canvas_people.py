"""Which student of the gradebook a line of Canvas's gradebook is about; nobody is guessed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grading.exports import ExportError
from grading.names import compared, folded, tidy
from grading.records import StudentRecord
from grading.untrusted import plain

ORDER = ("ID", "SIS User ID", "SIS Login ID")
"""What Canvas asks for a student, one after the other, before the name."""


@dataclass(frozen=True)
class Naming:
    """Where the columns about the student are, by their names; `width` is how many there are."""

    places: Mapping[str, int]
    width: int

    @classmethod
    def of(cls, heads: Sequence[str], name: str) -> "Naming":
        """Return it for a header line, by Canvas's own rule for what a gradebook is.

        Raises
        ------
        ExportError : it is no gradebook of Canvas's.
        """
        heads = [one.strip() for one in heads]
        begins = (len(heads) > 3 and heads[:2] == ["Student", "ID"]) or (
            len(heads) > 4 and heads[:3] == ["LastName", "FirstName", "ID"]
        )
        if not begins or "Section" not in heads:
            raise ExportError(
                f"{name}: is no gradebook of Canvas's: its first line does not begin with Student,ID and "
                "have a column Section - in Canvas: Grades > Export"
            )
        width = heads.index("Section") + 1
        return cls({head: place for place, head in enumerate(heads[:width])}, width)

    def value(self, row: Sequence[str], head: str) -> str:
        """Return what a row says in a column, without blanks around; empty where there is none."""
        place = self.places.get(head)
        return row[place].strip() if place is not None and place < len(row) else ""

    def name(self, row: Sequence[str]) -> str:
        """Return the student's name as the row has it."""
        if "LastName" in self.places:
            return f"{self.value(row, 'LastName')}, {self.value(row, 'FirstName')}"
        return self.value(row, "Student")


def name_rows(
    rows: Sequence[Sequence[str]], naming: Naming, people: Mapping[str, StudentRecord]
) -> tuple[list[str | None], list[tuple[str, str]]]:
    """Return the student id of each row, None where it has none, and (who, why) for all without a partner.

    A row is known by Canvas's number, then by the SIS user id, then by the login, which may be the
    student's id or e-mail address, and only where none of these says anything by the full name.
    """
    index = _index(people)
    partners: list[str | None] = []
    reasons: list[str] = []
    for row in rows:
        found, why = _partner(row, naming, index)
        partners.append(found)
        reasons.append(why)
    times = Counter(partners)
    for place, one in enumerate(partners):
        if one is not None and times[one] > 1:
            partners[place] = None
            reasons[place] = f"several lines could be {plain(one)}"
    taken = set(partners)
    left = [
        (f"{plain(naming.name(row))} (in Canvas)", why)
        for row, partner, why in zip(rows, partners, reasons, strict=True)
        if partner is None
    ]
    left += [(student, "has no line in Canvas's file") for student in people if student not in taken]
    return partners, left


def _index(people: Mapping[str, StudentRecord]) -> dict[tuple[str, str], set[str]]:
    """Return student ids by (column, what would stand there)."""
    made: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in people.values():
        made["ID", (one.lms_id or "").strip()].add(one.id)
        for head in ORDER[1:]:
            made[head, folded(one.id)].add(one.id)
            made[head, folded((one.lms_id or "").strip())].add(one.id)
            made[head, folded((one.email or "").strip())].add(one.id)
        first, last = tidy(one.first_name or ""), tidy(one.last_name or "")
        if first and last:
            for name in (f"{last}, {first}", f"{first} {last}"):
                made["name", compared(name)].add(one.id)
    return made


def _partner(
    row: Sequence[str], naming: Naming, index: Mapping[tuple[str, str], set[str]]
) -> tuple[str | None, str]:
    """Return one row's student id and why it has none."""
    found: dict[str, str] = {}
    for head in ORDER:
        said = naming.value(row, head)
        for student in index.get((head, said if head == "ID" else folded(said)), ()) if said else ():
            found.setdefault(student, head)
    if not found:
        named = compared(naming.name(row))
        found = dict.fromkeys(index.get(("name", named), ()) if named else (), "name")
    if len(found) > 1:
        return None, f"could be {' or '.join(plain(one) for one in sorted(found))}"
    if found:
        return next(iter(found)), ""
    return None, "is not in the gradebook here"
