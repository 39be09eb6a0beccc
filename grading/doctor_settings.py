"""What `grading doctor` looks at in nbgrader_config.py: that it is read, and its safety settings hold."""

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grading import formgrader
from grading.doctor_jupyter import server_extensions
from grading.finding import LOOK, OK, WRONG, Finding
from grading.places import Places, find_places

FORMGRADER = "nbgrader.server_extensions.formgrader.formgrader"
SAFE: dict[str, tuple[str | list[str], str]] = {
    "Execute.skip_cells_with_tag": (
        "no-cell-is-skipped",
        "with nbgrader's own autograde a student could tag the tests away and have every point",
    ),
    "Autograde.autograde_preprocessors": (
        ["grading.preprocessors.ExecuteUnshadowed"],
        "when code is run, a file beside a notebook could take the place of the grader's programs",
    ),
    "Autograde.sanitize_preprocessors": (
        ["grading.preprocessors.OnlyOurMarks"],
        "one copied cell could stop nbgrader's own autograde for the whole class",
    ),
    "GenerateFeedback.preprocessors": (
        ["grading.preprocessors.NoKeys"],
        "nbgrader's own feedback would show students the keys",
    ),
    "ExchangeFactory.collect": (
        "grading.plugins.SafeCollect",
        "nbgrader's own collect follows links and lets one student's folder replace another's",
    ),
    "ExchangeFactory.release_feedback": (
        "grading.plugins.SafeReleaseFeedback",
        "nbgrader's own release_feedback hands back pages in doubt, and to whoever shares a secret file",
    ),
    "ZipCollectApp.extractor_plugin": (
        "grading.plugins.NoZipCollect",
        "nbgrader's own zip_collect knows neither the class list nor what a notebook holds",
    ),
    "ExportApp.plugin_class": (
        "grading.plugins.SafeCsv",
        "in nbgrader's own export a name could become a formula",
    ),
    "ClearSolutions.text_stub": (
        "(Your text appears here while you write in the box above.)",
        "a reflection that nobody touched would count as an answer",
    ),
}
"""Setting -> what it has to be, or for a list to hold, and what happens otherwise."""


def read_settings(root: Path) -> tuple[Places, list[Finding]]:
    """Return the folders of the course, and what is found of its settings.

    Raises
    ------
    PlaceError : the settings cannot be read; the message says what to do.
    """
    with _formgrader_here() as protected:
        places = find_places(root)
    return places, list(_findings(places, bool(protected)))


def _findings(places: Places, protected: bool) -> Iterator[Finding]:
    """Yield what is found of the settings."""
    where = places.root / "nbgrader_config.py"
    changed = [name for name, (wanted, _) in SAFE.items() if not _holds(places, name, wanted)]
    for name in changed:
        wanted, otherwise = SAFE[name]
        section, _, setting = name.partition(".")
        said = f"{name} is {_value(places, name)!r}: {otherwise}"
        if isinstance(wanted, list):
            todo = f"in {where}, put {wanted[0]!r} back into c.{section}.{setting}"
        else:
            todo = f"in {where}: c.{section}.{setting} = {wanted!r}"
        yield Finding("settings", WRONG, said, todo)
    if not changed:
        yield Finding("settings", OK, f"{where} is read, and its {len(SAFE)} safety settings hold")
    if protected or "grading.formgrader" in server_extensions():
        yield Finding(
            "formgrader", OK, "what students wrote stays text in it (start JupyterLab in this folder)"
        )
    else:
        yield Finding(
            "formgrader",
            WRONG,
            "is not protected: what a student wrote could act in the grader's browser",
            f"put the last lines of {where} back, or: jupyter server extension enable grading.formgrader",
        )
    if not places.course_id:
        said = "course_id is empty, so nothing goes to students through the exchange"
        yield Finding("settings", LOOK, said, f"in {where}: c.CourseDirectory.course_id = 'a-short-name'")
    marked = "grading.plugins.MarkedFetch"
    if not _holds(places, "ExchangeFactory.fetch_assignment", marked):
        said = "fetching leaves no mark, so nobody is shown as having fetched an assignment"
        yield Finding("settings", LOOK, said, f"in {where}: c.ExchangeFactory.fetch_assignment = {marked!r}")
    outside = [step for step in ("autograded", "feedback") if places.work not in places.step(step).parents]
    if outside:
        said = f"{' and '.join(outside)} stand outside {places.work}, which is closed to others"
        yield Finding("settings", LOOK, said, f"in {where}, put them into the same folder as submitted")


def _value(places: Places, name: str) -> Any:
    """Return a setting, None where it is not set."""
    section, _, setting = name.partition(".")
    return getattr(places.config, section).get(setting)


def _holds(places: Places, name: str, wanted: str | list[str]) -> bool:
    """Return whether a setting is as it has to be."""
    value = _value(places, name)
    if isinstance(wanted, list):
        return isinstance(value, list) and set(wanted) <= set(map(str, value))
    return bool(value == wanted)


@contextmanager
def _formgrader_here() -> Iterator[list[bool]]:
    """Let the settings think that the formgrader is loading; yield a list that says whether they protect it.

    Loading it for real takes seconds.
    """
    asked: list[bool] = []
    protect = formgrader.protect
    loaded = sys.modules.get(FORMGRADER)
    if loaded is None:
        sys.modules[FORMGRADER] = types.ModuleType(FORMGRADER)
    formgrader.protect = lambda: asked.append(True)
    try:
        yield asked
    finally:
        formgrader.protect = protect
        if loaded is None:
            del sys.modules[FORMGRADER]
