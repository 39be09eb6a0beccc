"""What a class answered, as values: states and points as the gradebook and the graded copies tell them."""

import json
import math

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, TEXT, answered

from grading.responses import read_responses
from grading.results import GradingError
from grading.tables import connected


def read(classroom, assignment=CHECK):
    with connected(classroom.places) as connection:
        return read_responses(classroom.places, connection, assignment)


@pytest.fixture
def graded(classroom):
    """Ana is right, Ben has half of one, Cem is wrong, Dee left it blank, Eve's answer cannot be read."""
    released = classroom.released
    unreadable = json.dumps(answered(released, HONEST)).replace('answer=\\"c\\"', "answer=chr(99)")
    for student, work in {
        "ana": answered(released, HONEST, TEXT),
        "ben": answered(released, {SINGLE: "c", MULTIPLE: ["a"]}),
        "cem": answered(released, {SINGLE: "a", MULTIPLE: ["b"]}),
        "dee": released,
        "eve": unreadable,
        "fay": b'{"cells": [',
    }.items():
        classroom.hand_in(student, work)
    classroom.grade()
    return classroom


def test_right_partly_wrong_unanswered_and_unreadable_are_told_apart(graded):
    found = read(graded)
    states = {student: [one.state for one in row.values()] for student, row in found.answers.items()}
    assert states == {
        "ana": ["right", "right"],
        "ben": ["right", "partly"],
        "cem": ["wrong", "wrong"],
        "dee": ["unanswered", "unanswered"],
        "eve": ["unreadable", "right"],
        "fay": ["unreadable", "unreadable"],
    }
    assert found.answers["ben"][MULTIPLE].chosen == ("a",)
    assert found.answers["fay"][SINGLE].chosen == ()


def test_credit_is_a_share_of_the_points_and_unknown_where_an_answer_cannot_be_read(graded):
    students, items, credit = read(graded).credit()
    assert (students, items) == (["ana", "ben", "cem", "dee", "eve", "fay"], [SINGLE, MULTIPLE])
    assert credit[:4].tolist() == [[1, 1], [1, 0.5], [0, 0], [0, 0]]
    assert math.isnan(credit[4, 0]) and credit[4, 1] == 1
    assert all(math.isnan(one) for one in credit[5])


def test_a_score_that_a_person_entered_counts_even_where_the_answer_cannot_be_read(graded):
    most = next(item.points for item in read(graded).items if item.id == SINGLE)
    graded.grade_by_hand("eve", SINGLE, most)
    found = read(graded)
    assert found.answers["eve"][SINGLE].state == "unreadable" and found.answers["eve"][SINGLE].by_hand
    assert found.credit()[2][4, 0] == 1


def test_a_reflection_has_its_text_and_no_score_until_a_person_has_read_it(graded):
    before = read(graded).texts["ana"][PROMPT]
    assert (before.state, before.text, before.score) == ("answered", TEXT, None)
    graded.grade_by_hand("ana", PROMPT, 1.0, "Thank you.")
    after = read(graded).texts["ana"][PROMPT]
    assert (after.score, after.comment) == (1.0, "Thank you.")


def test_items_know_what_the_course_text_says_of_them(graded):
    single = read(graded).items[0]
    assert single.key == ("c",) and set(single.misconceptions) == set(single.options) - {"c"}
    assert single.lesson and single.objective and single.texts["c"]


def test_a_student_whose_copy_is_gone_is_named_with_what_to_do(graded):
    (graded.folder("autograded", "ana") / f"{CHECK}.ipynb").unlink()
    found = read(graded)
    assert "ana" not in found.answers and "run: grading autograde" in found.unread["ana"]
    assert "ana" in found.submissions


def test_an_assignment_that_the_gradebook_does_not_know_is_refused(graded):
    with pytest.raises(GradingError, match="run: grading release nothing"):
        read(graded, "nothing")
