"""Fixtures shared by all tests: the repository, and a small course to break."""

import shutil
from pathlib import Path

import pytest
from classroom import CHECK, Classroom, make_course

from course.widgets import state
from grading.places import find_places
from grading.workflow import release

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE = Path(__file__).resolve().parent / "sample"


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
    root = tmp_path_factory.mktemp("released") / "course-folder"
    root.mkdir()
    make_course(root)
    release(find_places(root), CHECK)
    return root


@pytest.fixture
def classroom(released_course: Path, tmp_path: Path) -> Classroom:
    """A class of one's own, with the check released and nothing handed in."""
    root = tmp_path / "course-folder"
    shutil.copytree(released_course, root)
    return Classroom(root)
