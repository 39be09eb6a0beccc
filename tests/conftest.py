"""Fixtures shared by all tests: the repository, a small course to break, and a class to grade.

`pytest --gradebook postgres` runs every test that has a class, with its gradebook on a PostgreSQL server.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from classroom import CHECK, Classroom, make_course
from postgres_server import Server, missing

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


# Before pytest-xdist reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say which tests stay together; on a server, run only those with a class, and skip what is SQLite's.

    A file's tests stay in one process, and so do all that drive a browser: several browsers at once starve
    each other.
    """
    for item in items:
        group = "browser" if item.get_closest_marker("browser") else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))
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
