"""When a person is asked: for a changed answer or text, for code that did not run, and for nothing else."""

import json

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, TEXT, answered

from grading.released import ReleasedNotebook, StoredCell
from grading.rows import CellRows, NotebookRows
from grading.verdict import with_others_failed


def graded_by_hand(classroom, cell, answers, text=TEXT):
    """Hand in, grade, and give 1.5 points by hand."""
    classroom.hand_in("ana", answered(classroom.released, answers, text))
    classroom.grade()
    classroom.grade_by_hand("ana", cell, 1.5)


def asked_again(classroom, cell, answers, text=TEXT):
    """Hand in once more, grade, and tell whether the cell waits for a person."""
    classroom.hand_in("ana", answered(classroom.released, answers, text))
    classroom.grade()
    return classroom.rows("ana")[cell][1]


@pytest.mark.parametrize(
    ("cell", "first", "second"),
    [
        (SINGLE, {SINGLE: "a"}, {SINGLE: "b"}),
        (SINGLE, {SINGLE: "a"}, {}),
        (SINGLE, {}, {SINGLE: "a"}),
        (MULTIPLE, {MULTIPLE: ["b"]}, {MULTIPLE: ["b", "c"]}),
    ],
)
def test_another_wrong_answer_is_shown_to_the_person_who_scored_the_first(classroom, cell, first, second):
    graded_by_hand(classroom, cell, first)
    before = classroom.rows("ana")[cell][0]
    assert not asked_again(classroom, cell, first)
    assert asked_again(classroom, cell, second)
    # Both earn nothing by the key, so the score alone would not tell them apart.
    assert before == classroom.rows("ana")[cell][0] == 0.0


LONG = "w" * 25_000


def test_a_reflection_longer_than_the_copy_keeps_is_asked_for_once_and_again_when_its_end_changes(classroom):
    graded_by_hand(classroom, PROMPT, HONEST, LONG + " end")
    assert not asked_again(classroom, PROMPT, HONEST, LONG + " end")
    assert asked_again(classroom, PROMPT, HONEST, LONG + " other end")


def test_a_copy_without_digests_as_older_versions_made_it_is_enough_for_texts_kept_whole(classroom):
    graded_by_hand(classroom, PROMPT, HONEST)
    path = classroom.folder("autograded", "ana") / f"{CHECK}.ipynb"
    copy = json.loads(path.read_text(encoding="utf-8"))
    del copy["metadata"]["grading"]["texts"][PROMPT]["sha256"]
    path.write_text(json.dumps(copy), encoding="utf-8")
    assert not asked_again(classroom, PROMPT, HONEST)


def test_code_that_could_not_be_run_earns_0_is_flagged_and_waits_for_a_person():
    cells = [
        StoredCell("double", "code", "", locked=False, solution=True),
        StoredCell("test-double", "code", "", locked=True, points=4.0),
    ]
    released = ReleasedNotebook(CHECK, (), (), ("double", "test-double"), {one.name: one for one in cells})
    read = {SINGLE: CellRows(2.0, False, None)}
    found = with_others_failed(released, NotebookRows(read, None), "its kernel died")
    waits = CellRows(0.0, True, "Not readable: it could not be run: its kernel died")
    assert found == NotebookRows({**read, "test-double": waits}, True)
