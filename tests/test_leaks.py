"""Files that lie beside a notebook: what cannot be looked at does not go to students."""

import pickle
import zipfile

import pytest
from classroom import CHECK

from grading import leaks
from grading.steps import WorkflowError
from grading.workflow import release


@pytest.mark.parametrize(
    "name", ["a.zip", "a.tar.gz", "a.7z", "a.tar", "a.xz", "a.bz2", "a.pkl", "deep/A.ZIP"]
)
def test_a_packed_file_is_refused_unopened(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"anything")
    assert leaks.folder_leaks(tmp_path) == [
        f"{name}: what is packed in it cannot be looked at (put its files there unpacked)"
    ]


def test_a_file_too_large_to_look_at_is_refused_and_one_of_just_that_size_is_read(tmp_path):
    (tmp_path / "full.txt").write_bytes(b"x" * 9_999_984 + b"BEGIN SOLUTION\n\n")
    (tmp_path / "more.txt").write_bytes(b"x" * 10_000_001)
    assert leaks.folder_leaks(tmp_path) == [
        "full.txt: a hidden test, solution or rationale is in it",
        "more.txt: is too large to look at (more than 10 MB; make it smaller, or hand it out by other means)",
    ]


def test_ordinary_files_pass_and_a_gradebook_is_known_in_capitals_too(tmp_path):
    (tmp_path / "floor plan.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "words.csv").write_text("word,meaning\n", encoding="utf-8")
    assert leaks.folder_leaks(tmp_path) == []
    (tmp_path / "GRADEBOOK.DB").write_bytes(b"")
    assert leaks.folder_leaks(tmp_path) == ["GRADEBOOK.DB: a bank or a gradebook does not go to students"]


def test_nothing_is_released_while_an_archive_lies_beside_the_notebook(classroom):
    folder = classroom.root / "source" / CHECK
    with zipfile.ZipFile(folder / "key.zip", "w") as archive:
        archive.writestr("key.txt", "the answers")
    (folder / "key.pkl").write_bytes(pickle.dumps("the answers"))
    with pytest.raises(
        WorkflowError, match=r"not released: key\.pkl: what is packed.*; key\.zip: what is packed"
    ):
        release(classroom.places, CHECK)
    assert not list((classroom.root / "release").rglob("key.*"))
