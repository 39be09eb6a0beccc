"""The submissions in submissions/: reading a case folder, and laying it out as a student's work."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import corpus_builders

FOLDER = Path(__file__).parent / "submissions"
ASSIGNMENT = "check-gate"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
SOURCE = FOLDER / "assignment" / NOTEBOOK
TIME = "2026-03-02 09:30:00.000000 UTC"
STUDENT = "mallory"
ITEMS = ("gate-word", "gate-signs", "gate-log")
STORY, PLAN = "gate-story", "gate-plan"


@dataclass(frozen=True)
class Case:
    """One case.toml; submissions/README.md says what each key means."""

    name: str
    about: str
    outcomes: Mapping[str, str]
    score: float | None = None
    state: str = "graded"
    reasons: Mapping[str, str | list[str]] = field(default_factory=dict)
    remark: str = ""
    student: str = STUDENT
    named: str = NOTEBOOK
    time: str = TIME
    no_time: bool = False
    cells: Mapping[str, str] = field(default_factory=dict)
    added: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)
    build: str = ""
    needs: str = ""

    @property
    def data(self) -> bytes | None:
        """Return the file handed in; None where a builder makes it."""
        path = FOLDER / self.name / "submission.ipynb"
        if path.is_file():
            return path.read_bytes()
        if self.build:
            return None
        notebook = honest_notebook()
        by_id = {cell["id"]: cell for cell in notebook["cells"]}
        for id_, source in self.cells.items():
            by_id[id_]["source"] = source
        if self.added:
            place = notebook["cells"].index(by_id["ask-gate-word"]) + 1
            notebook["cells"].insert(place, code_cell("added", self.added))
        return json.dumps(notebook, ensure_ascii=False).encode("utf-8")


def load(folder: Path) -> Case:
    """Return the case in a folder; a key that no case has is an error."""
    return Case(folder.name, **tomllib.loads((folder / "case.toml").read_text(encoding="utf-8")))


@cache
def all_cases() -> tuple[Case, ...]:
    """Return all cases by name."""
    return tuple(load(path.parent) for path in sorted(FOLDER.glob("*/case.toml")))


def honest_bytes() -> bytes:
    """Return what the neighbours of every case hand in."""
    return (FOLDER / "honest" / "submission.ipynb").read_bytes()


def honest_notebook() -> dict[str, Any]:
    """Return a copy of it that may be changed."""
    return dict(json.loads(honest_bytes()))


def code_cell(id_: str, source: Any) -> dict[str, Any]:
    """Return a code cell with nothing but a source."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": id_,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def lay_out(case: Case, submitted: Path, key: Path) -> str:
    """Put a case among the submissions, as collecting would have, and return the student's id.

    `submitted` holds the neighbours; `key` is the instructor's notebook.
    """
    folder = submitted / case.student / ASSIGNMENT
    data = case.data
    if case.build:
        neighbour = submitted / "zoe" / ASSIGNMENT / NOTEBOOK
        place = corpus_builders.Place(folder, neighbour, key, honest_bytes())
        student = getattr(corpus_builders, case.build)(place)
        if student is not None:
            return str(student)
    else:
        folder.mkdir(parents=True)
    if data is not None:
        (folder / case.named).write_bytes(data)
    if not case.build and not case.no_time:
        (folder / "timestamp.txt").write_text(case.time, encoding="utf-8", newline="")
    for name, text in case.beside.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return case.student
