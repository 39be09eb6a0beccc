"""What a grade cell can know of a text: read from the notebook's file, told only while nbgrader runs it."""

import json
from pathlib import Path
from typing import Any

import pytest

from course.widgets import NotAnswered, Notice, Reflection, reflect, setup, state, written

STUB = "Write it above."
THREE = "One two three."
DATA: dict[str, Any] = {
    "notebook": "check-gate",
    "seed": 1,
    "graded": 1,
    "items": [],
    "prompts": [{"id": "gate-post", "text": "Tell.", "words": [3, 9], "stub": STUB, "rule": "1 point."}],
}


@pytest.fixture(autouse=True)
def graded(kernel: state.Kernel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kernel has run the set-up cell of a notebook in this folder, while nbgrader grades it."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.chdir(tmp_path)
    setup(DATA)


def cell(source: Any, kind: str = "markdown", prompt: Any = "gate-post") -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {"course": {"prompt": prompt}}, "source": source}


def save(*cells: Any) -> None:
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    Path("check-gate.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (THREE, 3),
        (["One two\r\n", "three four"], 4),
        ("- *één* 二 3\n\n— …", 3),
    ],
)
def test_the_words_of_the_saved_text_are_counted_from_the_least_number_on(source: Any, words: int) -> None:
    save(cell("something else", prompt="gate-other"), cell(source))
    assert written("gate-post") == words


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
def test_a_text_counts_in_any_kind_of_cell(kind: str) -> None:
    save(cell(THREE, kind))
    assert written("gate-post") == 3


def test_two_cells_with_one_text_are_one_text_and_an_untouched_copy_is_none() -> None:
    save(cell(THREE), cell(STUB), cell(THREE), cell(""))
    assert written("gate-post") == 3


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([cell("One two.")], "Your text has 2 words. It counts from 3 words on."),
        ([cell("One.")], "Your text has 1 word. It counts from 3 words on."),
        ([cell(f" {STUB}\n")], "Your text is not written yet. It counts from 3 words on."),
        ([cell(" ")], "Your text is not written yet. It counts from 3 words on."),
        ([cell([5, None])], "Your text is not written yet. It counts from 3 words on."),
        (
            [cell(THREE), cell("One two four.")],
            "Your text stands in two cells, and they differ. Keep one of them.",
        ),
        (
            [cell(THREE, prompt="gate-other"), {"cell_type": "markdown"}, 5],
            "The cell for your text is missing. Choose Run > Run All Cells, and put it back.",
        ),
    ],
)  # fmt: skip
def test_what_earns_nothing_is_said_in_one_sentence_while_nbgrader_runs_and_is_0_words_otherwise(
    cells: list[Any], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(*cells)
    with pytest.raises(NotAnswered) as refusal:
        written("gate-post")
    assert str(refusal.value) == sentence
    monkeypatch.delenv("NBGRADER_EXECUTION")
    assert written("gate-post") == 0


def test_a_renamed_notebook_a_broken_one_and_an_unknown_prompt_are_told_apart() -> None:
    with pytest.raises(NotAnswered, match=r'must be called "check-gate\.ipynb"'):
        written("gate-post")
    for broken in (b"{", b"\xff", b"[" * 100_000):
        Path("check-gate.ipynb").write_bytes(broken)
        with pytest.raises(NotAnswered, match=r"check-gate\.ipynb cannot be read"):
            written("gate-post")
    for other in (b"[]", b'{"cells": 5}'):
        Path("check-gate.ipynb").write_bytes(other)
        with pytest.raises(NotAnswered, match="cell for your text is missing"):
            written("gate-post")
    with pytest.raises(NotAnswered, match='no prompt "nowhere"'):
        written("nowhere")


def test_the_text_box_is_told_what_the_length_earns() -> None:
    widget = reflect("gate-post")
    assert isinstance(widget, Reflection)
    assert (widget.words, widget.rule) == ([3, 9], "1 point.")
    assert isinstance(reflect("nowhere"), Notice)
