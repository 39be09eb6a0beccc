"""The files under course/ as they are read one by one: the problems so far, and the ids met so far."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from course.model import Place
from course.reading import Problem, look_alikes, read_text
from course.shape_check import Shape, check_shape
from course.toml_text import Table, read_toml

FOLDER = "course"
S = TypeVar("S", bound=Shape)


class CourseFiles:
    """Reads files below `root`; every reader adds to the same problems and the same ids.

    Attributes
    ----------
    root : the folder that holds ``course/``.
    problems : all that was found wrong so far.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._seen: dict[str, Place] = {}

    def problem(self, place: Place, what: str, remedy: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(place, what, remedy))

    def exists(self, name: str) -> bool:
        """Return whether a file stands below ``course/``."""
        return (self.root / FOLDER / name).exists()

    def text(self, name: str, missing: str) -> str | None:
        """Return the text of a file below ``course/``; None with a problem added where it cannot be read."""
        return read_text(self.root, f"{FOLDER}/{name}", self.problems, missing)

    def table(
        self, name: str, shape: type[S], hints: Mapping[str, str] | None = None
    ) -> tuple[S | None, Table | None]:
        """Return a TOML file's value, None where it is wrong, and its table, None where it cannot be read."""
        table = read_toml(self.root, f"{FOLDER}/{name}", self.problems)
        return (check_shape(table, shape, self.problems, hints=hints) if table else None), table

    def once(self, ids: Iterable[tuple[str, Place]], what: str) -> None:
        """Add a problem for each id met before."""
        for id_, place in ids:
            if id_ in self._seen:
                remedy = f"rename it; the first is at {self._seen[id_]}"
                self.problem(place, f"the {what} id '{id_}' is used twice", remedy)
            else:
                self._seen[id_] = place

    def misnamed(self, folder: str, names: Iterable[str]) -> None:
        """Add a problem for each file of a folder whose name is a slip for one that is read."""
        for name in names:
            path = self.root / FOLDER / folder / name
            for double in look_alikes(path):
                remedy = f"rename it to {name} (Windows Explorer may hide the end of a name), or move it away"
                self.problem(Place(f"{FOLDER}/{folder}/{double}"), "is a file that nothing reads", remedy)
