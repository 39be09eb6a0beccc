"""Where a course keeps its things: read from nbgrader's own configuration, so that both always agree."""

import os
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

CONFIG = "nbgrader_config"


class PlaceError(Exception):
    """The course folder is not usable; the message says what to do."""


@dataclass(frozen=True)
class Places:
    """The folders of one course, all absolute. `structure` is nbgrader's directory_structure."""

    root: Path
    config: Any
    course_id: str
    db_url: str
    structure: str
    steps: dict[str, str]
    exchange: Path | None

    @property
    def work(self) -> Path:
        """Return the folder for locks, backups and drafts; it holds student data."""
        return self.step("submitted").parent

    @property
    def gradebook(self) -> Path | None:
        """Return the gradebook file, or None where the gradebook is a database server."""
        if not self.db_url.startswith("sqlite:"):
            return None
        name = self.db_url.split("///", 1)[-1].split("?", 1)[0]
        return (self.root / name).resolve() if name else None

    def step(self, step: str) -> Path:
        """Return the folder of a step, such as submitted, that holds one folder per student."""
        return self.path(step, ".", ".").resolve()

    def path(self, step: str, student: str, assignment: str) -> Path:
        """Return a student's folder of an assignment in a step; source and release have student ``.``."""
        named = self.structure.format(
            nbgrader_step=self.steps[step], student_id=student, assignment_id=assignment
        )
        return Path(os.path.normpath(self.root / named))

    def assignments(self) -> list[str]:
        """Return the assignments that have a source folder with a notebook, in the course's order."""
        folder = self.step("source")
        names = [path.name for path in folder.glob("*") if path.is_dir() and any(path.glob("*.ipynb"))]
        return self.in_order(names)

    def in_order(self, assignments: Iterable[str]) -> list[str]:
        """Return assignments in the order of course.toml; those that it does not name follow by name."""
        try:
            text = (self.root / "course" / "course.toml").read_text(encoding="utf-8")
            listed = [one["id"] for one in tomllib.loads(text)["assignment"]]
            place = {name: number for number, name in enumerate(listed)}
        except (OSError, ValueError, KeyError, TypeError):
            place = {}  # no course text here, or one with an error, which `course check` tells
        return sorted(assignments, key=lambda name: (place.get(name, len(place)), name))


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds nbgrader_config.py.

    Raises
    ------
    PlaceError : there is none.
    """
    for folder in (start, *start.parents):
        if (folder / f"{CONFIG}.py").is_file():
            return folder
    raise PlaceError(
        f"{start}: no {CONFIG}.py here or above - go to the course folder, or name it with --root"
    )


def find_places(root: Path) -> Places:
    """Return the folders of the course in `root`, from the same configuration files that nbgrader reads.

    Raises
    ------
    PlaceError : a configuration file has an error, or a setting that cannot work here.
    """
    root = root.resolve()
    config = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        for loader in (JSONFileConfigLoader, PyFileConfigLoader):
            suffix = ".json" if loader is JSONFileConfigLoader else ".py"
            try:
                config.merge(loader(CONFIG + suffix, path=folder).load_config())
            except ConfigFileNotFound:
                continue
            except Exception as error:
                where = Path(folder) / (CONFIG + suffix)
                raise PlaceError(f"{where}: cannot be read ({error}) - correct the file") from error
    course = config.CourseDirectory
    root = Path(str(_setting(course, "root", root))).resolve()
    structure = str(_setting(course, "directory_structure", "{nbgrader_step}/{student_id}/{assignment_id}"))
    steps = {
        step: str(_setting(course, f"{step}_directory", step))
        for step in ("source", "release", "submitted", "autograded", "feedback")
    }
    if structure != os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}") and (  # noqa: PTH118
        structure != "{nbgrader_step}/{student_id}/{assignment_id}"
    ):
        raise PlaceError(
            f"{root / CONFIG}.py: directory_structure is {structure!r} - leave it at nbgrader's default; "
            "each step has its own setting, such as submitted_directory"
        )
    exchange = _setting(config.Exchange, "root", None)
    return Places(
        root=root,
        config=config,
        course_id=str(_setting(course, "course_id", "")),
        db_url=str(_setting(course, "db_url", f"sqlite:///{root.as_posix()}/gradebook.db")),
        structure=structure,
        steps=steps,
        exchange=Path(str(exchange)) if exchange else None,
    )


def _setting(section: Any, name: str, default: Any) -> Any:
    """Return a setting, or the default where it is not set."""
    # Config makes up an empty section for an unknown name, so `get` is the only safe question.
    return section.get(name, default)


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can enter, or close it to others where it stands open; return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Where the steps stand in the course folder itself, that folder also holds what others may read.
    if path.stat().st_mode & 0o077 and not (path / f"{CONFIG}.py").exists():
        with suppress(PermissionError):  # another account's folder is that account's to protect
            path.chmod(0o700)
    return path
