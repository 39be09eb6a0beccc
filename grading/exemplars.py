"""Made-up reflections with their scores, for practice and for looking up: ``course/rubrics/exemplars/``."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grading.untrusted import name_problem


@dataclass(frozen=True)
class Note:
    """The words of an exemplar that earn a level of a criterion, and why they do."""

    criterion: str
    level: int
    quote: str
    why: str


@dataclass(frozen=True)
class Exemplar:
    """One made-up reflection; `scores` are levels by criterion."""

    id: str
    text: str
    scores: Mapping[str, int]
    notes: Sequence[Note]


def read_exemplars(root: Path, prompt: str) -> list[Exemplar]:
    """Return the exemplars of a prompt in the file's order.

    Graders can score without them: where there is no file, or one that cannot be read, there are none.
    """
    if name_problem(prompt):
        return []
    path = root / "course" / "rubrics" / "exemplars" / f"{prompt}.toml"
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("exemplar", [])
        return [
            Exemplar(
                id=str(one["id"]),
                text=str(one["text"]).strip(),
                scores={str(name): int(level) for name, level in one["scores"].items()},
                notes=[
                    Note(str(note["criterion"]), int(note["level"]), str(note["quote"]), str(note["why"]))
                    for note in one.get("note", [])
                ],
            )
            for one in entries
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
