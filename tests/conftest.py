"""Fixtures shared by all tests: the repository, a small course to break, and a class to grade.

`pytest --gradebook postgres` runs every test that has a class, with its gradebook on a PostgreSQL server.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from classroom import CHECK, Classroom, make_course
from postgres_server import Server, missing
from xdist.scheduler import LoadScopeScheduling

from course.widgets import state
from grading.places import Places, find_places
from grading.workflow import release

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE = Path(__file__).resolve().parent / "sample"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--gradebook",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="where the gradebook of the class is that tests grade; postgres runs no other tests",
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Keep a file's tests in one process, and so all that drive a browser: several at once starve each other.

    The marks of `--dist loadgroup` would say the same, but pytest-xdist 3.8 loses them under pytest 9.2.
    """

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return "browser" if file.startswith("tests/browser/") else file

    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a server, leave out what has no class, and skip what is about SQLite's file, with the reason."""
    if config.getoption("--gradebook") != "postgres":
        return
    chosen = [
        item
        for item in items
        if isinstance(item, pytest.Function)
        and "classroom" in item.fixturenames
        and item.function.__module__ == item.module.__name__  # not those that another file runs again
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
    for item in items:
        for mark in item.iter_markers("sqlite_file"):
            item.add_marker(pytest.mark.skip(reason=f"SQLite's file: {mark.args[0]}"))


@pytest.fixture
def repository() -> Path:
    """The repository that holds this test suite."""
    return REPOSITORY


@pytest.fixture
def small_course(tmp_path: Path) -> Path:
    """A root folder with a copy of the two-lesson course in tests/sample, free to be changed."""
    shutil.copytree(SAMPLE / "course", tmp_path / "course")
    return tmp_path


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> state.Kernel:
    """A kernel in which nothing has run yet."""
    fresh = state.Kernel()
    monkeypatch.setattr(state, "kernel", fresh)
    return fresh


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course with its check released, made once for all tests."""
    return _released(tmp_path_factory)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, started once for all tests that ask for it."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    # Not below pytest's folder, into which no other account may look.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    made = Server(folder)
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def released_on_server(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course with its check released into a database, which every test gets a copy of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_GRADEBOOK", server.make("released"))
        return _released(tmp_path_factory)


def _released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the small course's check is released."""
    root = tmp_path_factory.mktemp("released") / "course-folder"
    root.mkdir()
    make_course(root)
    release(find_places(root), CHECK)
    return root


@pytest.fixture
def classroom_on_server(
    server: Server, released_on_server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Classroom]:
    """A class whose gradebook is a database of its own."""
    address = server.make(like="released")
    monkeypatch.setenv("COURSE_GRADEBOOK", address)
    shutil.copytree(released_on_server, tmp_path / "course-folder")
    yield Classroom(tmp_path / "course-folder")
    server.drop(address)


@pytest.fixture
def classroom(request: pytest.FixtureRequest, tmp_path: Path) -> Classroom:
    """A class of one's own, with the check released and nothing handed in."""
    if request.config.getoption("--gradebook") == "postgres":
        made: Classroom = request.getfixturevalue("classroom_on_server")
        return made
    root = tmp_path / "course-folder"
    shutil.copytree(request.getfixturevalue("released_course"), root)
    return Classroom(root)


@pytest.fixture
def fresh_gradebook(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Places], None]:
    """Takes a class its gradebook: the file goes, or its address is that of an empty database from now on."""

    def take(places: Places) -> None:
        if places.gradebook is None:
            monkeypatch.setenv("COURSE_GRADEBOOK", request.getfixturevalue("server").make())
        else:
            places.gradebook.unlink()

    return take
