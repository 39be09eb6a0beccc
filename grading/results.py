"""What a grading run found, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading.keys import KeyChange


class GradingError(Exception):
    """Nothing can be graded; the message says what to do."""


class NeedsExecutionError(GradingError):
    """The assignment holds cells that only running them can grade."""


@dataclass(frozen=True)
class StudentResult:
    """What happened to one student; scores are in points, without late penalty."""

    student: str
    state: str
    """graded, kept (the file could not be read and earlier scores stand), unreadable, refused or failed."""
    score: float | None = None
    points: float | None = None
    before: float | None = None
    """The score before this run; None where there was none."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Question id, or notebook file, -> why it could not be read."""
    remarks: Sequence[str] = ()
    needs_manual: bool = False
    late: float = 0.0

    @property
    def changed(self) -> bool:
        """Return whether a score that stood before is another one now."""
        return self.before is not None and self.score is not None and abs(self.before - self.score) > 1e-9

    @property
    def troubled(self) -> bool:
        """Return whether somebody has to look."""
        return self.state not in ("graded", "unreadable") or bool(self.reasons)


@dataclass(frozen=True)
class Run:
    """The result of one run over an assignment."""

    assignment: str
    students: tuple[StudentResult, ...]
    key_changes: tuple[KeyChange, ...] = ()
    gone: tuple[str, ...] = ()
    """Students with scores whose submission folder is no longer there; their scores are as they were."""
    backup: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the run for ``--json``."""
        return {
            "assignment": self.assignment,
            "students": [{**one.__dict__, "changed": one.changed} for one in self.students],
            "key_changes": [change.__dict__ for change in self.key_changes],
            "gone": list(self.gone),
            "backup": str(self.backup) if self.backup else None,
        }
