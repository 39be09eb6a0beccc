"""`grading status`: what it counts, what it says comes next, and that the two agree."""

import json

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, TEXT, answered
from click.testing import CliRunner

from grading.cli import main
from grading.gradebook import opened
from grading.live import PERSON, WAITING, next_step
from grading.status import course_status


@pytest.fixture
def grading(classroom):
    def run(*arguments):
        return CliRunner().invoke(main, ["--root", str(classroom.root), *map(str, arguments)])

    return run


def status(classroom):
    return next(one for one in course_status(classroom.places) if one.name == CHECK)


def change_key(classroom, old='key=[\\"c\\"]', new='key=[\\"a\\"]'):
    path = classroom.root / "source" / CHECK / f"{CHECK}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_assignments_stand_in_the_order_of_the_course_and_those_of_ones_own_after_them(classroom):
    own = classroom.root / "source" / "a-task-of-my-own"
    own.mkdir()
    (own / "task.ipynb").write_text("{}", encoding="utf-8")
    settings = classroom.root / "course" / "course.toml"
    head, *tables = settings.read_text(encoding="utf-8").split("[[assignment]]")
    settings.write_text("[[assignment]]".join([head, *(table + "\n" for table in reversed(tables))]), "utf-8")
    named = [one.name for one in course_status(classroom.places)]
    assert named == ["final", CHECK, "a-task-of-my-own"]
    settings.write_text("not = [toml", encoding="utf-8")
    assert [one.name for one in course_status(classroom.places)] == ["a-task-of-my-own", CHECK, "final"]


def test_a_flag_that_stands_alone_is_not_called_grading_by_hand(classroom, grading):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    classroom.hand_in("ben", answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    with opened(classroom.places) as book:
        book.find_submission_notebook(CHECK, CHECK, "ana").flagged = True
        book.db.commit()
    one = status(classroom)
    assert (one.needs_manual, one.flagged) == (1, 1)
    assert one.next_step == (
        "score what 1 student wrote (page Reflections), look at 1 flagged (ana) and take the flag off in the "
        "formgrader"
    )
    classroom.grade_by_hand("ben", PROMPT, 4)
    one = status(classroom)
    assert (one.needs_manual, one.flagged) == (0, 1)
    assert one.next_step == "look at 1 flagged (ana) and take the flag off in the formgrader"
    assert f"{CHECK}: next: {one.next_step}" in grading("status").output


def test_what_is_no_reflection_is_not_looked_for_on_the_page_of_reflections(classroom):
    classroom.hand_in("cyd", answered(classroom.released, {SINGLE: "z", MULTIPLE: ["a", "d"]}))
    classroom.grade()
    with opened(classroom.places) as book:
        book.find_submission_notebook(CHECK, CHECK, "cyd").flagged = False
        book.db.commit()
    one = status(classroom)
    assert (one.needs_manual, one.texts) == (1, 0)
    assert one.next_step == "grade 1 by hand in the formgrader"
    assert next_step(one, {PERSON: 1, WAITING: 0}, False).href == f"formgrader/gradebook/{CHECK}"


def test_an_unreadable_answer_that_a_person_has_scored_is_nothing_to_do_any_more(classroom, grading):
    classroom.hand_in("cyd", answered(classroom.released, {SINGLE: "z", MULTIPLE: ["a", "d"]}))
    classroom.hand_in("dee", b"{")
    run = grading("autograde", CHECK)
    assert run.exit_code == 1 and "cyd" in run.output and "dee" in run.output
    assert status(classroom).unreadable == 2
    classroom.grade_by_hand("cyd", SINGLE, 2)
    for cell in (SINGLE, MULTIPLE, PROMPT):
        classroom.grade_by_hand("dee", cell, 1)
    assert status(classroom).unreadable == 0
    run = grading("autograde", CHECK)
    assert run.exit_code == 0, run.output
    assert "is not an option" not in run.output and "dee" not in run.output
    grading("feedback", CHECK)
    page = (classroom.folder("feedback", "cyd") / f"{CHECK}.html").read_text(encoding="utf-8")
    assert "The program could not read your answer: the answer z is not an option" in page
    assert "A person has scored it." in page and "Please talk to" not in page


def test_a_corrected_key_that_does_not_count_yet_is_named_by_status_and_autograde(classroom, grading):
    change_key(classroom)
    assert status(classroom).next_step == f"grading release {CHECK}"
    grading("release", CHECK, "--no-exchange")
    classroom.hand_in("ana", answered(classroom.released, {SINGLE: "a"}))
    classroom.grade()
    change_key(classroom, 'key=[\\"a\\"]', 'key=[\\"b\\"]')
    told = (
        f"{CHECK}: the key of {SINGLE} differs in source/ from what was released, which counts until you "
        f"run: grading regrade {CHECK}"
    )
    assert told in grading("status").output
    assert status(classroom).next_step == f"grading regrade {CHECK}"
    assert told in grading("autograde", CHECK).output
    assert json.loads(grading("autograde", CHECK, "--json").output)["changed_keys"] == [SINGLE]
    assert "differs in source/" not in grading("autograde", CHECK, "--corrected-key").output
    assert "differs in source/" not in grading("status").output + grading("autograde", CHECK).output


def test_a_source_that_cannot_be_compared_stops_no_status(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    classroom.grade()
    (classroom.root / "source" / CHECK / f"{CHECK}.ipynb").write_text("{", encoding="utf-8")
    assert status(classroom).changed_keys == []


def test_one_of_a_thing_is_told_in_the_singular(classroom, grading):
    assert (
        f"{CHECK}: 2 questions, 1 reflection, 11 points." in grading("release", CHECK, "--no-exchange").output
    )
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    assert "1 graded; 0 scores changed; 1 needs a person." in grading("autograde", CHECK).output
    classroom.hand_in("ana", answered(classroom.released, {}, TEXT))
    classroom.hand_in("ben", answered(classroom.released, {}, TEXT))
    assert "2 graded; 1 score changed; 2 need a person." in grading("autograde", CHECK).output
