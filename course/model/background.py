"""What lessons are written from, as values: claims, misconceptions and glossary terms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """A wrong view, the truth to teach, and the claims that state it."""

    id: str
    wrong: str
    truth: str
    stated_in: tuple[str, ...]


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
