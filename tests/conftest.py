"""Fixtures shared by all tests: the repository, and a small course to break."""

import shutil
from pathlib import Path

import pytest

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
