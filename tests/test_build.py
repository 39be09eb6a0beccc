"""Building notebooks: the notebook contract, stable bytes, and what is left alone."""

import ast
import base64
import hashlib
import json
import shutil
from pathlib import Path

import nbformat
import pytest

from course.bank import load_course
from course.build import compare, derived_files, write


def notebook(root: Path, path: str) -> dict:
    return json.loads(derived_files(load_course(root))[path])


def source(cell: dict) -> str:
    return "".join(cell["source"])


def cells(root: Path, path: str = "source/check-greeting/check-greeting.ipynb") -> list[dict]:
    return notebook(root, path)["cells"]


def cell(found: list[dict], key: str, id_: str) -> dict:
    return next(c for c in found if c["metadata"].get("course", {}).get(key) == id_)


def test_every_notebook_is_valid_nbformat(small_course):
    for text in derived_files(load_course(small_course)).values():
        nbformat.validate(nbformat.reads(text, as_version=4))
        assert text.endswith("}\n") and "\r" not in text


def test_a_quiz_cell_is_one_call_with_an_empty_answer(small_course):
    quiz = cell(cells(small_course), "item", "greeting-single")
    assert source(quiz) == 'from course import ask\nask("greeting-single", answer=None)'
    assert quiz["metadata"] == {
        "course": {"item": "greeting-single"},
        "deletable": False,
        "editable": False,
        "jupyter": {"source_hidden": True},
    }


def test_the_set_up_cell_is_collapsed_locked_data_without_key_or_rationale(small_course):
    first = cell(cells(small_course), "setup", "check-greeting")
    assert first["metadata"]["nbgrader"]["locked"] and first["metadata"]["jupyter"]["source_hidden"]
    call = ast.parse(source(first)).body[-1].value
    data = ast.literal_eval(call.args[0])
    assert data["items"][0] == {
        "id": "greeting-single",
        "kind": "single",
        "stem": "Which word opens a talk?",
        "rule": "Choose one answer. 2 points.",
        "options": [["a", "Stop <b>now</b> & `wait`."], ["b", "“Badge?” no…"], ["c", "Good 朝."]],
    }
    assert data["items"][1]["rule"] == (
        "Choose all answers that apply. 3 points. "
        "Right ticks earn points, wrong ticks take them back, never below 0."
    )
    assert data["prompts"][0]["words"] == [40, 120]


def test_a_practice_notebook_holds_key_and_rationales(small_course):
    first = cell(cells(small_course, "notebooks/00-greeting.ipynb"), "setup", "greeting")
    data = ast.literal_eval(ast.parse(source(first)).body[-1].value.args[0])
    assert data["items"][0]["key"] == ["b"]
    assert data["items"][0]["rationales"]["b"].startswith("A greeting tells her")
    assert "nbgrader" not in json.dumps(cells(small_course, "notebooks/00-greeting.ipynb"))


def test_instructor_notes_and_claim_tags_never_reach_a_notebook(small_course):
    for text in derived_files(load_course(small_course)).values():
        for secret in ["Secret note", "instructor", "S0-01", "claims:", "MIS-01"]:
            assert secret not in text


def test_each_item_has_one_locked_grade_cell_at_the_end_with_its_points(small_course):
    found = cells(small_course)
    grade_cells = [
        c for c in found if c["metadata"].get("nbgrader", {}).get("grade") and c["cell_type"] == "code"
    ]
    assert found[-3:-1] == grade_cells
    assert [c["metadata"]["nbgrader"]["grade_id"] for c in grade_cells] == [
        "greeting-single",
        "greeting-multiple",
    ]
    assert [c["metadata"]["nbgrader"]["points"] for c in grade_cells] == [2, 3]
    assert all(c["metadata"]["tags"] == ["raises-exception"] for c in grade_cells)
    visible, hidden = source(grade_cells[1]).split("### BEGIN HIDDEN TESTS\n")
    assert '"d"' not in visible and 'recorded("greeting-multiple")' in visible
    assert 'key=["a", "d"]' in hidden
    assert all(c["metadata"]["jupyter"]["source_hidden"] for c in grade_cells)
    assert found[-4]["metadata"]["jp-MarkdownHeadingCollapsed"] is True
    # Run All unfolds what its last cell is in, so that cell stands outside the fold.
    assert found[-1]["id"] == "hand-in" and source(found[-1]).startswith("## ")


def test_a_reflection_is_a_widget_cell_with_its_answer_cell_right_below(small_course):
    found = cells(small_course)
    at = next(n for n, c in enumerate(found) if c["metadata"].get("course", {}).get("reflect"))
    answer = found[at + 1]
    assert answer["metadata"]["course"] == {"prompt": "greeting-encounter"}
    assert answer["metadata"]["nbgrader"] == {
        "grade": True,
        "grade_id": "greeting-encounter",
        "locked": False,
        "points": 6,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    assert "nbgrader" not in found[at]["metadata"]


def test_no_student_file_holds_a_graded_key_or_rationale_in_any_coding(small_course):
    course = load_course(small_course)
    lessons = "".join(text for path, text in derived_files(course).items() if path.startswith("notebooks/"))
    for item in course.items("graded"):
        assert item.id not in lessons
        for secret in [item.stem, *(option.rationale for option in item.options)]:
            raw = secret.encode()
            for coded in [secret, base64.b64encode(raw).decode(), hashlib.sha256(raw).hexdigest(), raw.hex()]:
                assert coded not in lessons


def test_building_twice_gives_the_same_bytes(small_course):
    first = derived_files(load_course(small_course))
    changed, refused = write(small_course, first)
    assert (sorted(changed), refused) == (sorted(first), [])
    assert write(small_course, derived_files(load_course(small_course))) == ([], [])
    assert compare(small_course, first) == []
    for path, text in first.items():
        assert (small_course / path).read_bytes() == text.encode()


def test_a_notebook_edited_by_hand_is_found_and_rebuilt(small_course):
    derived = derived_files(load_course(small_course))
    write(small_course, derived)
    path = small_course / "notebooks/00-greeting.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("noticed", "missed"), encoding="utf-8")
    assert [str(d) for d in compare(small_course, derived)] == [
        "notebooks/00-greeting.ipynb: was changed by hand or is out of date - run `course build`"
    ]
    assert write(small_course, derived)[0] == ["notebooks/00-greeting.ipynb"]
    assert compare(small_course, derived) == []


def test_a_hand_made_notebook_is_never_touched(small_course):
    derived = derived_files(load_course(small_course))
    own = small_course / "source/my-own/my-own.ipynb"
    own.parent.mkdir(parents=True)
    own.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', encoding="utf-8")
    clash = small_course / "notebooks/00-greeting.ipynb"
    clash.parent.mkdir()
    shutil.copy(own, clash)
    changed, refused = write(small_course, derived)
    assert [str(d) for d in refused] == [
        "notebooks/00-greeting.ipynb: a hand-made notebook stands in the way - "
        "it carries no stamp of `course build`: move it away, or rename the lesson"
    ]
    assert "notebooks/00-greeting.ipynb" not in changed
    assert own.read_bytes() == clash.read_bytes()


def test_what_an_earlier_build_left_over_is_removed(small_course):
    write(small_course, derived_files(load_course(small_course)))
    settings = small_course / "course/course.toml"
    text = settings.read_text(encoding="utf-8").replace('["greeting", "handover"]', '["greeting"]')
    settings.write_text(text, encoding="utf-8")
    shutil.rmtree(small_course / "course/lessons/handover")
    (small_course / "course/glossary.toml").write_text("term = []\n", encoding="utf-8")
    derived = derived_files(load_course(small_course))
    assert (
        "notebooks/01-handover.ipynb: is left over from an earlier build - run `course build` to remove it"
        in [str(d) for d in compare(small_course, derived)]
    )
    changed, _ = write(small_course, derived)
    assert changed == ["notebooks/01-handover.ipynb"]
    assert not (small_course / "notebooks/01-handover.ipynb").exists()


def test_the_committed_notebooks_are_what_the_text_yields(repository):
    assert compare(repository, derived_files(load_course(repository))) == []


@pytest.mark.parametrize("path", ["source/check-greeting/check-greeting.ipynb", "source/final/final.ipynb"])
def test_cell_ids_are_unique_and_do_not_move_with_the_prose(small_course, path):
    ids = [c["id"] for c in cells(small_course, path)]
    assert len(set(ids)) == len(ids)


def test_a_copy_of_a_built_notebook_is_kept_and_named(small_course):
    derived = derived_files(load_course(small_course))
    write(small_course, derived)
    mine = small_course / "source/my-check/my-check.ipynb"
    mine.parent.mkdir()
    shutil.copy(small_course / "source/check-greeting/check-greeting.ipynb", mine)
    answered = small_course / "notebooks/00-greeting-Copy1.ipynb"
    shutil.copy(small_course / "notebooks/00-greeting.ipynb", answered)
    before = mine.read_bytes(), answered.read_bytes()
    changed, refused = write(small_course, derived)
    assert changed == []
    assert [d.path for d in refused] == [
        "notebooks/00-greeting-Copy1.ipynb",
        "source/my-check/my-check.ipynb",
    ]
    assert str(refused[1]) == (
        "source/my-check/my-check.ipynb: is a copy of a built notebook, or a built one that was edited - "
        'take "course" out of its notebook metadata to keep it as your own, or move it away'
    )
    assert (mine.read_bytes(), answered.read_bytes()) == before


def test_a_left_over_notebook_that_was_edited_is_kept(small_course):
    write(small_course, derived_files(load_course(small_course)))
    old = small_course / "notebooks/00-greeting.ipynb"
    old.write_text(old.read_text(encoding="utf-8").replace("noticed", "seen"), encoding="utf-8")
    changed, refused = write(small_course, {})
    assert "notebooks/00-greeting.ipynb" not in changed
    assert [d.path for d in refused] == ["notebooks/00-greeting.ipynb"]
