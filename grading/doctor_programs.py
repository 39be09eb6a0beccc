"""What `grading doctor` looks at on the machine: Python, its packages, and the programs beside it."""

import os
import shutil
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from grading.finding import LOOK, OK, WRONG, Finding

NAME = "safe-and-welcome"
PROGRAMS = ("course", "grading", "jupyter", "jupyter-lab", "nbgrader", "alembic")


def programs(root: Path | None) -> Iterator[Finding]:
    """Yield what is found outside the course folder; `root` is that folder, None where there is none."""
    asked, python, source = _asked_for(root)
    yield _python(python)
    yield from _packages(asked, source)
    yield from _copy(root)
    yield from _programs()


def _asked_for(root: Path | None) -> tuple[list[str], str, str]:
    """Return the requirements, the Python versions asked for, and the file that says so."""
    if root is not None and (root / "pyproject.toml").is_file():
        try:
            project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            if project["name"] == NAME:
                return list(project["dependencies"]), str(project["requires-python"]), "pyproject.toml"
        except (OSError, ValueError, KeyError, TypeError):
            pass  # somebody else's file, or one with an error; what is installed says the same
    try:
        found = distribution(NAME)
    except PackageNotFoundError:
        return [], "", ""
    return list(found.requires or ()), str(found.metadata["Requires-Python"] or ""), "the installed package"


def _python(asked: str) -> Finding:
    """Check the version of Python."""
    from packaging.specifiers import SpecifierSet

    here = ".".join(map(str, sys.version_info[:3]))
    if asked and not SpecifierSet(asked).contains(here, prereleases=True):
        todo = "install Python 3.12, remove the folder .venv, and set up again (README.md)"
        return Finding("Python", WRONG, f"{here} in {sys.prefix}, and {asked} is asked for", todo)
    return Finding("Python", OK, f"{here} in {sys.prefix}")


def _packages(asked: list[str], source: str) -> Iterator[Finding]:
    """Check that each package is there in a version that is asked for."""
    from packaging.requirements import Requirement

    try:
        installed = version(NAME)
    except PackageNotFoundError:
        todo = "in the course folder run: python -m pip install -c .ci/constraints.txt -e ."
        yield Finding("packages", WRONG, f"{NAME} itself is not installed in this Python", todo)
        return
    wanted = [Requirement(text) for text in asked]
    wanted = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = False
    for one in wanted:
        try:
            found = version(one.name)
        except PackageNotFoundError:
            found = ""
        if found and one.specifier.contains(found, prereleases=True):
            continue
        wrong = True
        said = f"{one.name} {found} is installed" if found else f"{one.name} is not installed"
        todo = f'python -m pip install "{one.name}{one.specifier}"'
        yield Finding("packages", WRONG, f"{said}, and {source} asks for {one.specifier}", todo)
    if not wrong:
        yield Finding("packages", OK, f"{NAME} {installed}, and {len(wanted)} others as {source} asks for")


def _copy(root: Path | None) -> Iterator[Finding]:
    """Check that the commands are those of this course folder, where it holds some."""
    here = Path(__file__).resolve().parent
    own = root / "grading" if root is not None else here
    if (own / "__init__.py").is_file() and own.resolve() != here:
        said = f"the commands come from {here.parent}, not from this folder"
        yield Finding("copy", LOOK, said, "to use this folder's: python -m pip install -e .")


def _programs() -> Iterator[Finding]:
    """Check that the programs stand beside this Python, and that a terminal finds them."""
    folders = dict.fromkeys([Path(sysconfig.get_path("scripts")), Path(sys.executable).parent])
    inside = os.pathsep.join(map(str, folders))
    missing = [name for name in PROGRAMS if shutil.which(name, path=inside) is None]
    if missing:
        todo = f"python -m pip install --force-reinstall --no-deps {_package_of(missing[0])}"
        yield Finding(
            "programs", WRONG, f"{', '.join(missing)}: not found beside this Python ({inside})", todo
        )
    else:
        yield Finding("programs", OK, f"{', '.join(PROGRAMS)} stand in {next(iter(folders))}")
    activate = r".venv\Scripts\activate" if sys.platform == "win32" else "source .venv/bin/activate"
    for name in ("grading", "jupyter"):
        found = shutil.which(name)
        if found is None:
            said = f"a terminal does not find `{name}` by its name alone"
        elif not any(_same(Path(found).parent, folder) for folder in folders):
            said = f"`{name}` in a terminal is another one: {found}"
        else:
            continue
        yield Finding("PATH", LOOK, said, f"in the course folder, in each new terminal: {activate}")
        return
    yield Finding("PATH", OK, "a terminal finds these programs")


def _package_of(program: str) -> str:
    """Return the package that brings a program."""
    return {"jupyter": "jupyter_core", "jupyter-lab": "jupyterlab", "course": "-e .", "grading": "-e ."}.get(
        program, program
    )


def _same(one: Path, other: Path) -> bool:
    """Return whether two paths are one folder."""
    try:
        return one.samefile(other)
    except OSError:
        return False
