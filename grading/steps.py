"""One step of nbgrader in this process: its configuration, its course folder, and its errors in words."""

import copy
import os
from pathlib import Path
from typing import Any

from grading.places import Places
from grading.untrusted import printable


class WorkflowError(Exception):
    """A step was refused or failed, and nothing was changed by it; the message says what to do."""


def nbgrader_config(places: Places) -> Any:
    """Return a copy of the course's configuration for nbgrader's own classes."""
    config = copy.deepcopy(places.config)
    config.CourseDirectory.root = str(places.root)
    config.CourseDirectory.db_url = places.db_url
    return config


def course_directory(config: Any) -> Any:
    """Return nbgrader's course directory."""
    from nbgrader.coursedir import CourseDirectory

    return CourseDirectory(config=config)


def run_step(step: Any, failed: str) -> None:
    """Run one nbgrader step.

    Raises
    ------
    WorkflowError : it failed; the message says `failed` and gives nbgrader's own log as the reason.
    """
    from nbgrader.utils import capture_log

    here = Path.cwd()
    result = capture_log(step)
    os.chdir(here)
    if not result["success"]:
        lines = [line for line in str(result.get("error", "")).splitlines() if line.strip()]
        said = [
            line for line in str(result.get("log", "")).splitlines() if "ERROR" in line or "CRITICAL" in line
        ]
        why = printable((lines or ["unknown"])[-1].strip(), 300)
        more = f" [{printable(said[0], 200)}]" if said else ""
        raise WorkflowError(f"{failed}: nbgrader says {why}{more} - correct it and run the command again")
