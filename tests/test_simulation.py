"""The simulated class: the same each time, plainly labelled, and as able as it is said to be."""

from collections import Counter
from datetime import datetime

import pytest

from course.bank import load_course
from grading.sample import fill_in
from grading.simulation import (
    FAMILY_NAME,
    GROWTH,
    SimulatedStudent,
    SimulatedWork,
    simulate_class,
    simulate_work,
)

DUE = datetime(2026, 3, 6, 17, 0)
TEXTS = {"greeting-encounter": ["One text that is long enough to be cut short. " * 8]}


@pytest.fixture
def check(small_course):
    course = load_course(small_course)
    return course.assigned_items(course.assignments[0]), course.assigned_prompts(course.assignments[0])


def work(student, check, seed=1):
    return simulate_work(student, *check, TEXTS, due=DUE, seed=seed)


def able(ability, number=0, habit="on time"):
    return SimulatedStudent(f"sim{number:02d}", "Ada", ability, habit)


def test_a_class_of_24_holds_every_habit_and_distinct_ids():
    students = simulate_class(20261)
    assert len({student.id for student in students}) == 24
    assert Counter(student.habit for student in students) == {
        "on time": 14,
        "late": 3,
        "half done": 3,
        "absent": 2,
        "short": 2,
    }
    assert FAMILY_NAME == "(simulated)"


def test_the_same_seed_gives_the_same_class_and_work_and_another_seed_does_not(check):
    assert simulate_class(5) == simulate_class(5) != simulate_class(6)
    assert [work(s, check) for s in simulate_class(5)] == [work(s, check) for s in simulate_class(5)]


def test_before_the_course_each_is_less_able_by_the_stated_amount_and_others_are_late():
    after = simulate_class(5)
    before = simulate_class(5, occasion="before", taught=False)
    assert {round(b.ability - a.ability, 9) for a, b in zip(after, before, strict=True)} == {-GROWTH}
    assert [one.id for one in after] == [one.id for one in before]
    habits = [[one.habit for one in students] for students in (after, before)]
    assert habits[0] != habits[1] and Counter(habits[0]) == Counter(habits[1])


def test_the_able_answer_rightly_and_the_unable_by_luck(check):
    best = [work(able(60, n), check) for n in range(40)]
    assert all(one.answers == {"greeting-single": "c", "greeting-multiple": ["a", "d"]} for one in best)
    worst = [work(able(-60, n), check).answers["greeting-single"] for n in range(600)]
    assert 150 < worst.count("c") < 250  # a third of 600, give or take four standard errors


def test_absent_late_and_half_done_mean_what_they_say(check):
    assert work(able(1, habit="absent"), check) is None
    assert work(able(1, habit="late"), check).handed_in > DUE
    assert work(able(1), check).handed_in < DUE
    half = work(able(1, habit="half done"), check)
    assert half.answers["greeting-multiple"] is None and half.reflections == {}
    assert len(work(able(1, habit="short"), check).reflections["greeting-encounter"]) < 200


def test_a_text_that_earns_by_its_length_is_long_enough_unless_its_writer_writes_little(small_course):
    graded = small_course / "course/lessons/greeting/graded.toml"
    text = graded.read_text(encoding="utf-8").replace('rubric = "reflection"', 'credit = "completion"')
    graded.write_text(text, encoding="utf-8")
    course = load_course(small_course)
    check = course.assigned_items(course.assignments[0]), course.assigned_prompts(course.assignments[0])
    assert check[1][0].words == (40, 120)

    def words(habit):
        made = simulate_work(able(1, habit=habit), *check, {}, due=DUE, seed=1)
        return len(made.reflections.get("greeting-encounter", "").split())

    assert 40 <= words("on time") <= 60
    assert words("short") == 20
    assert words("half done") == 0


def test_answers_are_written_where_the_widgets_write_them():
    cells = [
        {
            "metadata": {"course": {"item": "x-one"}},
            "source": ["from course import ask\n", 'ask("x-one", answer=None)'],
        },
        {"metadata": {"course": {"item": "x-two"}}, "source": 'ask("x-two", answer=None)'},
        {"metadata": {"course": {"prompt": "x-tell"}}, "source": "(Your text appears here.)"},
        {"metadata": {}, "source": "answer=None"},
    ]
    done = SimulatedWork(able(0), DUE, {"x-one": ["a", "c"], "x-two": "b"}, {"x-tell": "I said hello."})
    sources = [cell["source"] for cell in fill_in({"cells": cells}, done)["cells"]]
    assert sources == [
        'from course import ask\nask("x-one", answer=["a", "c"])',
        'ask("x-two", answer="b")',
        "I said hello.",
        "answer=None",
    ]
