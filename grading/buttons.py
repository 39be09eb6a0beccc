"""What the formgrader's buttons do: the same as the grading commands, answered in nbgrader's form."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from grading.console import describe_collected, describe_feedback, describe_release, describe_run
from grading.places import Places, find_places

BACKUP_EVERY = timedelta(minutes=10)
"""The button is pressed once for each student; a backup for each press would say nothing new."""


class Buttons:
    """Methods of nbgrader's API that the buttons call; each returns success, log and error."""

    coursedir: Any

    @property
    def places(self) -> Places:
        """Return the folders of the course that the formgrader shows."""
        return find_places(Path(self.coursedir.root))

    def generate_assignment(self, assignment_id: str, force: bool = True, create: bool = True) -> Any:
        """Make the students' version, checked for leaks."""
        from grading.workflow import release

        return _answer(lambda: describe_release(release(self.places, assignment_id, exchange=False)))

    def release_assignment(self, assignment_id: str) -> Any:
        """Make the students' version and put it into the exchange."""
        from grading.workflow import release

        return _answer(lambda: describe_release(release(self.places, assignment_id)))

    def collect(self, assignment_id: str, update: bool = True) -> Any:
        """Take from the exchange what students handed in."""
        from grading.workflow import collect

        return _answer(lambda: describe_collected(collect(self.places, assignment_id)))

    def autograde(self, assignment_id: str, student_id: str, force: bool = True, create: bool = True) -> Any:
        """Grade one student by reading; cells that need running are left to the command line."""
        from grading.autograde import autograde

        return _answer(
            lambda: describe_run(
                autograde(self.places, assignment_id, only=[student_id], backup_every=BACKUP_EVERY)
            )
        )

    def generate_feedback(self, assignment_id: str, student_id: str | None = None, force: bool = True) -> Any:
        """Write the feedback pages, without the key."""
        return self._feedback(assignment_id, student_id, release=False)

    def release_feedback(self, assignment_id: str, student_id: str | None = None) -> Any:
        """Write the feedback pages, without the key, and put them into the exchange."""
        return self._feedback(assignment_id, student_id, release=True)

    def _feedback(self, assignment_id: str, student_id: str | None, *, release: bool) -> Any:
        """Write feedback for one student or for all."""
        from grading.feedback import write_feedback

        only = [student_id] if student_id else []
        return _answer(
            lambda: describe_feedback(write_feedback(self.places, assignment_id, only=only, release=release))
        )


def _answer(action: Callable[[], list[str]]) -> dict[str, Any]:
    """Return what a button's dialog shows; no failure may reach the page as a bare server error."""
    try:
        lines = action()
    except Exception as error:  # the page shows the reason, whatever it is
        return {"success": False, "log": "", "error": str(error) or type(error).__name__}
    return {"success": True, "log": "\n".join(lines), "error": ""}
