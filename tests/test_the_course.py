"""The course itself: its size, its two forms, and what stands where."""

import tomllib
from collections import Counter
from dataclasses import replace

import pytest

from course.bank import load_course
from course.build import derived_files
from course.model import BLOOM, Box, Slot


@pytest.fixture(scope="module")
def course(request):
    return load_course(request.config.rootpath)


def test_the_bank_is_as_large_and_as_demanding_as_promised(course):
    graded, practice = list(course.items("graded")), list(course.items("practice"))
    assert len(graded) == 66 and len(practice) >= 44
    assert sum(item.kind == "multiple" for item in graded) >= 66 / 5
    assert sum(BLOOM.index(item.bloom) >= BLOOM.index("apply") for item in graded) >= 33
    assert all(option.misconception for item in graded + practice for option in item.distractors)


def test_the_halves_are_matched_in_lesson_objective_kind_and_level(course):
    def blueprint(half):
        return Counter(
            (item.lesson, item.objective, item.kind) for item in course.items("graded") if item.half == half
        )

    def levels(half):
        return Counter((item.lesson, item.bloom) for item in course.items("graded") if item.half == half)

    assert blueprint(1) == blueprint(2)
    assert sum(blueprint(1).values()) == 33
    different = sum((levels(1) - levels(2)).values())
    assert different <= 3, "nearly the same levels in each lesson"


def test_no_student_meets_a_graded_item_twice_but_anchors_and_the_next_class_gets_the_other_half(course):
    other = replace(course, form="B")
    for form in (course, other):
        met = Counter(item.id for assignment in form.assignments for item in form.assigned_items(assignment))
        assert len(met) == 66 and set(met.values()) == {1, 2}
        twice = {item for item, times in met.items() if times == 2}
        before, final = form.assignments[0], form.assignments[-1]
        assert twice == {item.id for item in form.assigned_items(before)}
        assert twice < {item.id for item in form.assigned_items(final)}
    for assignment in course.assignments:
        mine = {item.id for item in course.assigned_items(assignment)}
        theirs = {item.id for item in other.assigned_items(assignment)}
        assert len(mine) == len(theirs) and not mine & theirs
    assert set(derived_files(course)) == set(derived_files(other))


def test_each_half_has_eight_anchors_matched_in_lesson_and_objective_that_ask_for_most_wrong_ideas(course):
    tagged = [item for item in course.items("graded") if item.anchor]
    halves = [[item for item in tagged if item.half == half] for half in (1, 2)]
    places = [Counter((item.lesson, item.objective) for item in half) for half in halves]
    assert len(halves[0]) == 8 and places[0] == places[1]
    assert {lesson for lesson, _ in places[0]} == {one.slug for one in course.lessons if one.article}
    for half in halves:
        assert {(item.kind, item.credit, item.points) for item in half} == {("single", "all-or-nothing", 2)}
        assert len({option.misconception for item in half for option in item.distractors}) >= 12


def test_what_is_asked_before_the_course_says_that_it_does_not_count_and_tells_no_points(course):
    for form in ("A", "B"):
        text = derived_files(replace(course, form=form))["source/before/before.ipynb"]
        assert "8 questions. They show where you start" in text
        assert "**They do not count toward your grade.**" in text and "fine not to know" in text
        assert text.count('\\"rule\\": \\"Choose one answer.\\"') == 8
        assert "points." not in text


def test_every_teaching_lesson_has_its_parts(course):
    teaching = [lesson for lesson in course.lessons if lesson.article]
    assert [lesson.article for lesson in teaching] == ["S1", "S3", "S2", "S0", "S4"]
    assert 200 <= sum(lesson.minutes for lesson in course.lessons) <= 280
    for lesson in teaching:
        boxes = Counter(part.name for part in lesson.parts if isinstance(part, Box))
        placed = [part for part in lesson.parts if isinstance(part, Slot)]
        own = {item.id for item in lesson.items}
        asked = [part.target for part in placed if part.verb == "ask"]
        assert boxes["good"] >= 1 and boxes["bad"] >= 1 and boxes["scene"] >= 1 and boxes["key-points"] == 1
        assert boxes["argued"] >= 1 and boxes["research"] >= 1 and boxes["policy"] >= 1
        assert boxes["instructor"] >= 2
        assert asked[0] not in own, "a lesson opens with a question from an earlier one"
        assert sum(part.verb == "reflect" for part in placed) == 3
        assert 2 <= len(lesson.objectives) <= 4


def test_reflections_with_a_rubric_stay_below_a_fifth_of_the_points(course):
    scored = 0
    for assignment in course.assignments:
        prompts = course.assigned_prompts(assignment)
        points = sum(item.points for item in course.assigned_items(assignment))
        written = sum(prompt.points for prompt in prompts)
        scored += any(prompt.rubric for prompt in prompts)
        assert written <= (points + written) / 5
    assert scored == 3


@pytest.mark.parametrize(
    ("prompt", "at_each_level"),
    [("two-jobs-encounter", 2), ("calm-under-tension-encounter", 1), ("two-jobs-final-reflection", 1)],
)
def test_every_exemplar_quotes_its_own_text_and_adds_up(course, request, prompt, at_each_level):
    folder = request.config.rootpath / "course" / "rubrics" / "exemplars"
    rubric = course.rubrics[0]
    highest = rubric.highest
    assert list(highest.values()) == [3, 3, 3, 3]
    entries = tomllib.loads((folder / f"{prompt}.toml").read_text(encoding="utf-8"))["exemplar"]
    assert len(entries) == 4 * at_each_level
    for entry in entries:
        assert set(entry["scores"]) == set(highest) == {note["criterion"] for note in entry["note"]}
        assert 120 <= len(entry["text"].split()) <= 200
        for note in entry["note"]:
            assert note["quote"] in entry["text"]
            assert note["level"] == entry["scores"][note["criterion"]] <= highest[note["criterion"]]
    for criterion in ("ideas", "own-part"):
        levels = Counter(entry["scores"][criterion] for entry in entries)
        assert levels == dict.fromkeys(range(4), at_each_level)


def test_every_prompt_with_a_rubric_has_exemplars(course, request):
    folder = request.config.rootpath / "course" / "rubrics" / "exemplars"
    scored = {prompt.id for lesson in course.lessons for prompt in lesson.prompts if prompt.rubric}
    assert {path.stem for path in folder.glob("*.toml")} == scored


def test_every_claim_is_asked_for_by_an_item(course):
    asked = {claim for item in course.items() for claim in item.claims}
    assert [claim.id for claim in course.claims if claim.id not in asked] == []


def test_the_glossary_is_large_and_shown_where_it_is_needed(course):
    assert len(course.glossary) >= 60
    assert len({term.term.lower() for term in course.glossary}) == len(course.glossary)
    text = derived_files(course)["notebooks/04-calm-under-tension.ipynb"]
    for term in course.glossary:
        if term.lesson == "calm-under-tension":
            assert f"**{term.term}**" in text
