"""The gradebook as records: what nbgrader's tables hold, added up as nbgrader adds it up."""

from datetime import datetime, timedelta

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, STUB, TEXT, answered

from grading import gradebook, records
from grading.released import StoredCell, key_call, released_notebook, setup_data
from grading.stored_rows import seconds_late
from grading.tables import connected


def test_a_released_assignment_knows_its_items_keys_and_prompts(classroom):
    with connected(classroom.places) as connection:
        record = records.assignment(connection, CHECK)
        assert records.assignment_names(connection) == [CHECK]
        assert records.assignment(connection, "nothing") is None
    notebook = record.notebooks[CHECK]
    single, multiple = notebook.items
    assert (single.id, single.key, single.points, single.mode) == (SINGLE, ("c",), 2.0, "all-or-nothing")
    assert (multiple.id, multiple.key, multiple.mode) == (MULTIPLE, ("a", "d"), "right-minus-wrong")
    assert (single.question.kind, multiple.question.kind) == ("single", "multiple")
    assert multiple.texts == {"a": "A nod.", "b": "A sign.", "c": "A camera.", "d": "A word."}
    assert single.stem == "Which word opens a talk?"
    (prompt,) = notebook.prompts
    assert (prompt.id, prompt.points, prompt.stub) == (PROMPT, 6.0, STUB)
    assert (record.points, record.others, notebook.others) == (11.0, [], ())


def test_scores_add_up_as_nbgraders_own_do(classroom):
    for student, answers in (("ana", HONEST), ("ben", {SINGLE: "c"}), ("cyd", {})):
        classroom.hand_in(student, answered(classroom.released, answers, TEXT))
    classroom.grade()
    classroom.grade_by_hand("ana", PROMPT, 4.5, "Good.")
    with gradebook.opened(classroom.places) as book:
        book.find_grade(SINGLE, CHECK, CHECK, "ben").extra_credit = 0.5
        book.find_grade(MULTIPLE, CHECK, CHECK, "ben").manual_score = 1.0
        book.db.commit()
        theirs = {one.student.id: (one.score, one.max_score) for one in book.assignment_submissions(CHECK)}
    with connected(classroom.places) as connection:
        ours = records.assignment(connection, CHECK).submissions
    assert {student: (one.score, one.points) for student, one in ours.items()} == theirs
    assert theirs == {"ana": (9.5, 11.0), "ben": (3.5, 11.0), "cyd": (0.0, 11.0)}
    assert ours["ana"].notebooks[CHECK].cells[PROMPT].comment == "Good."
    assert [one.needs_manual for one in ours.values()] == [False, True, True]


def test_students_are_shown_by_name_or_else_by_id(classroom):
    with gradebook.opened(classroom.places) as book:
        book.add_student("ana", first_name="Ana", last_name="López", email="a@x.org", lms_user_id="77")
        book.add_student("ben")
    with connected(classroom.places) as connection:
        people = records.students(connection)
    assert (people["ana"].shown, people["ana"].lms_id, people["ben"].shown) == ("Ana López", "77", "ben")


def test_lateness_counts_extensions_and_needs_two_dates():
    day, hour = datetime(2026, 3, 1), timedelta(hours=1)
    assert seconds_late(day + hour, day, None) == 3600
    assert seconds_late(day + hour, day, 2 * hour) == 0
    assert seconds_late(day - hour, day, None) == 0
    assert seconds_late(None, day, None) == seconds_late(day, None, hour) == 0


GOOD = 'recorded("x")\nscore("all-or-nothing", points=2, options=["a", "b"], key=["a"], answer=answer)'


def test_a_grade_cell_is_parsed_and_never_run():
    call, asked = key_call(GOOD)
    assert (call["mode"], call["options"], call["key"], asked) == ("all-or-nothing", ["a", "b"], ["a"], "x")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("all-or-nothing", "another-mode"),
        ('key=["a"]', "key=[]"),
        ('key=["a"]', 'key=["z"]'),
        ('key=["a"]', "key=open('x')"),
        ('key=["a"]', 'key="a"'),
        ('options=["a", "b"], ', ""),
        ("score(", "other("),
        ("recorded", "recorded("),
        ('"all-or-nothing", ', ""),
        ("score(", "score(1) or score("),
    ],
)
def test_a_cell_that_is_not_ours_is_no_item(old, new):
    assert key_call(GOOD.replace(old, new)) == (None, None)


def test_cells_of_other_kinds_are_told_apart():
    stored = [
        StoredCell("item", "code", GOOD, True, 2.0),
        StoredCell("test", "code", "assert f(1) == 2", True, 3.0),
        StoredCell("answer", "code", "def f(x): ...", False, None, solution=True),
        StoredCell("by-hand", "code", "x", False, 1.0, solution=True),
        StoredCell("essay", "markdown", "Write.", False, 1.0, solution=True),
        StoredCell("task", "markdown", "Do.", True, 1.0, task=True),
        StoredCell("text", "markdown", "Read.", True),
    ]
    notebook = released_notebook("nb", stored)
    assert [item.id for item in notebook.items] == ["x"]
    assert [prompt.id for prompt in notebook.prompts] == ["essay"]
    assert notebook.others == ("answer", "by-hand", "task", "test")


def test_an_odd_escape_in_an_instructors_cell_is_no_news_at_each_command():
    odd = 'if re.match("\\d", "1"):\n    pass\n'
    assert key_call(odd + GOOD) == key_call(GOOD)
    assert setup_data([odd + 'setup({"seed": 7})']) == {"seed": 7}


@pytest.mark.parametrize("source", ["setup(", "setup(x)", "setup()", "setup([1])", "x = 1", "setup({f: 1})"])
def test_set_up_data_that_is_no_plain_data_is_none(source):
    assert setup_data([source]) == {}


def test_without_set_up_data_the_kind_follows_from_the_key():
    two = GOOD.replace('key=["a"]', 'key=["a", "b"]')
    kinds = [
        released_notebook("nb", [StoredCell("c", "code", text, True, 1.0)]).items[0].question.kind
        for text in (GOOD, two, GOOD.replace("all-or-nothing", "right-minus-wrong"))
    ]
    assert kinds == ["single", "multiple", "multiple"]
