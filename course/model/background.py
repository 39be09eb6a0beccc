"""What lessons are written from, as values: claims, misconceptions and glossary terms."""

import re
from dataclasses import dataclass

from course.model.questions import Place

CLAIM_ID = re.compile(r"[A-Z]\d+-[A-Z0-9]+")
"""How the id of a claim is written: the article, such as S5, and the claim's number in it."""
_REGISTER = Place("course/misconceptions.toml")


@dataclass(frozen=True)
class Misconception:
    """A wrong view, the truth to teach, and the claims that state it."""

    id: str
    wrong: str
    truth: str
    stated_in: tuple[str, ...]
    place: Place = _REGISTER


@dataclass(frozen=True)
class Term:
    """A glossary entry, shown in the lesson where it is first needed."""

    term: str
    meaning: str
    lesson: str


@dataclass(frozen=True)
class Claim:
    """One row of claims.csv: what a source article says, in our words."""

    id: str
    article: str
    type: str
    cluster: str
    lesson: str
    misconception: str | None
    text: str
