"""The record of ratings, and the rules of who reads which reflection and what counts."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from course.model import Criterion, Rubric
from grading.booking import entry_for
from grading.journal import add_line, read_lines
from grading.places import Places
from grading.rating_rules import (
    Agreement,
    Standing,
    agreements,
    apart,
    capped,
    in_order,
    role,
    scored_twice,
    standing,
    text_name,
)
from grading.ratings import (
    Rating,
    add_rating,
    rater_file,
    rater_problem,
    raters,
    read_ratings,
    same_rater,
    stored_seed,
    text_mark,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALL = {"encounter": 2, "ideas": 2, "own-part": 1, "next-time": 3}
CLASS = [f"student-{number}" for number in range(100)]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    steps = {name: f"work/{name}" for name in ("source", "release", "submitted", "autograded", "feedback")}
    return Places(
        tmp_path, None, "c", "sqlite:///x", "{nbgrader_step}/{student_id}/{assignment_id}", steps, None
    )


def rated(rater="Ann", minutes=0, levels=ALL, text="t1", **more):
    time = NOON + timedelta(minutes=minutes)
    levels = dict(levels)
    done = len(levels) == 4
    given = {"comment": "", "done": done, "begun": time, "finished": time if done else None, **more}
    return Rating("check", "prompt", "ana", rater, levels, time=time, text=text, **given)


# --- The record


def test_the_newest_of_each_rater_prompt_and_student_is_read_and_says_when_it_was_begun_and_finished(places):
    add_rating(places, rated(minutes=0, levels={"encounter": 1}))
    add_rating(places, rated(minutes=1, comment="Go on. “…”\nA line \u2028 more"))
    add_rating(places, rated(minutes=9, levels={**ALL, "ideas": 0}, unsafe=True))
    add_rating(places, rated("Ben", minutes=3))
    ann, ben = read_ratings(places, "check")
    assert (ann.rater, ann.levels["ideas"], ann.unsafe, ann.done, ann.lines) == ("Ann", 0, True, True, 3)
    assert (ann.begun, ann.finished) == (NOON, NOON + timedelta(minutes=1))
    assert ann.time == NOON + timedelta(minutes=9) and ben.rater == "Ben"


def test_another_text_begins_anew(places):
    add_rating(places, rated(minutes=0))
    add_rating(places, rated(minutes=5, text="t2", levels={"encounter": 1}))
    (one,) = read_ratings(places, "check")
    assert (one.begun, one.finished, one.lines) == (NOON + timedelta(minutes=5), None, 2)


def test_a_torn_last_line_loses_nothing_else_and_swallows_nothing(places):
    add_rating(places, rated(minutes=0))
    path = rater_file(places, "check", "Ann")
    whole = path.read_bytes()
    for length in (1, 2, 17, len(whole) // 2, len(whole) - 2, len(whole) - 1):
        path.write_bytes(whole + whole[:length])
        assert read_ratings(places, "check")[0].levels == ALL
        add_rating(places, rated(minutes=2, levels={**ALL, "ideas": 0}))
        assert read_ratings(places, "check")[0].levels == {**ALL, "ideas": 0}


@pytest.mark.parametrize(
    "foreign",
    [
        b"\xff\xfe\x00",
        b"[1]",
        b"null",
        b'{"kind": "rating"}',
        b'{"kind": "practice", "levels": {}}',
        b"[" * 100_000,
        json.dumps({"kind": "rating", "prompt": "prompt", "student": "ana", "rater": "Ann", "comment": "",
                    "text": "", "time": "yesterday", "levels": {}}).encode(),
        json.dumps({"kind": "rating", "prompt": "prompt", "student": "ana", "rater": "Ann", "comment": "",
                    "text": "", "time": "2026-03-02T12:00:00+00:00", "levels": {"ideas": True}}).encode(),
        json.dumps({"kind": "rating", "prompt": "prompt", "student": "ana", "rater": "Ann", "comment": "",
                    "text": "", "time": "0001-01-01T00:00:00+14:00", "levels": {}}).encode(),
    ],
)  # fmt: skip
def test_a_line_that_is_no_rating_is_passed_over(places, foreign):
    add_rating(places, rated())
    with rater_file(places, "check", "Ann").open("ab") as file:
        file.write(foreign + b"\n")
    add_rating(places, rated("Ben"))
    assert [one.rater for one in read_ratings(places, "check")] == ["Ann", "Ben"]


def test_writers_at_once_lose_no_line(places):
    def write(rater):
        for number in range(15):
            add_rating(places, rated(rater, minutes=number, comment="x" * 3000))

    # Two of them are the same grader in two windows.
    writers = [threading.Thread(target=write, args=[rater]) for rater in ("Ann", "Ann", "Ben")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert {one.rater: one.lines for one in read_ratings(places, "check")} == {"Ann": 30, "Ben": 15}
    assert len(read_lines(rater_file(places, "check", "Ann"), "rating")) == 30


def test_any_name_of_a_rater_has_a_file_of_its_own(places):
    names = ["Ann", "ann", "ANN", "../../x", "con", "Ünal", "名", "a/b", "a\\b", ".", "x" * 80]
    paths = {rater_file(places, "check", name) for name in names}
    assert len(paths) == len(names)
    assert all(path.parent == places.work / "ratings" / "check" for path in paths)
    assert len({path.name.lower() for path in paths}) == len(names)


def test_names_that_are_none_are_refused(places):
    assert rater_problem("") and rater_problem("  ") and rater_problem("a" * 81) and rater_problem("a\nb")
    assert not rater_problem("Ann Lee") and not rater_problem("علی\u200cرضا") and rater_problem("\u200c")
    with pytest.raises(LookupError):
        rater_file(places, "../check", "Ann")


def test_capitals_and_spaces_make_no_other_rater(places):
    add_rating(places, rated("Ann Lee"))
    add_line(places.work / "ratings" / "check" / "odd.jsonl", {"rater": 3})
    assert raters(places) == ["Ann Lee"]
    assert same_rater(" ann  lee ", raters(places)) == "Ann Lee"
    assert same_rater(" Ben  Lee", raters(places)) == "Ben Lee"


def test_no_ratings_are_none(places):
    assert read_ratings(places, "check") == []


def test_the_seed_is_drawn_once(places):
    assert stored_seed(places, "check") == stored_seed(places, "check") != stored_seed(places, "final")


def test_a_line_that_cannot_be_written_is_said(places):
    path = rater_file(places, "check", "Ann")
    path.mkdir(parents=True)
    with pytest.raises(Exception, match=r"cannot be written .* the page keeps what you entered"):
        add_line(path, {})


# --- Order and sample


def test_each_rater_has_an_order_that_late_work_does_not_turn_over():
    ann, ben = (in_order(CLASS, "seed", "prompt", rater) for rater in ("Ann", "Ben"))
    assert sorted(ann) == sorted(ben) == sorted(CLASS) and len({tuple(ann), tuple(ben), tuple(CLASS)}) == 3
    assert in_order(CLASS, "other", "prompt", "Ann") != ann
    later = in_order([*CLASS, "late"], "seed", "prompt", "Ann")
    assert [one for one in later if one != "late"] == ann


@pytest.mark.parametrize(
    ("many", "twice"), [(0, 0), (1, 1), (20, 20), (21, 5), (25, 5), (26, 6), (30, 6), (100, 20)]
)
def test_all_of_twenty_and_a_fifth_to_a_quarter_of_more_are_scored_twice(many, twice):
    chosen = scored_twice(CLASS[:many], "seed", "prompt")
    assert len(chosen) == twice and chosen <= set(CLASS[:many])
    assert chosen == scored_twice(list(reversed(CLASS[:many])), "seed", "prompt")


def test_a_texts_name_does_not_tell_whose_it_is():
    name = text_name("seed", "prompt", "ana")
    assert name == text_name("seed", "prompt", "ana") != text_name("other", "prompt", "ana")
    assert "ana" not in name and len({text_name("seed", "prompt", one) for one in CLASS}) == 100


# --- What counts


def stands(*ratings, twice=False, mark="t1", after=60):
    return standing(ratings, mark, twice=twice, now=NOON + timedelta(minutes=after))


def test_without_a_finished_rating_nothing_counts():
    where = stands(rated(levels={"encounter": 3}), after=5)
    assert (where.needs, where.levels, where.busy) == ("first", {}, {"Ann"})
    assert stands(rated(levels={"encounter": 3}), after=120).busy == set()


def test_the_first_reader_counts_and_a_second_is_asked_for_in_the_sample_alone():
    where = stands(rated(comment="Good."))
    assert (where.needs, where.levels, where.comment) == ("", ALL, "Good.")
    assert stands(rated(), twice=True).needs == "second"


def test_with_a_gap_of_1_the_first_score_stands():
    second = rated("Ben", 5, {**ALL, "ideas": 3, "own-part": 0}, comment="Mine.")
    where = stands(second, rated(comment="First."), twice=True)
    assert (where.needs, where.gaps, where.levels, where.comment) == ("", [], ALL, "First.")


def test_with_a_gap_of_2_a_third_grader_decides_that_criterion_and_no_other():
    first, second = rated(comment="First."), rated("Ben", 5, {**ALL, "ideas": 0})
    where = stands(first, second, twice=True)
    assert (where.needs, where.gaps, where.levels) == ("third", ["ideas"], ALL)
    third = rated("Cleo", 9, {"encounter": 0, "ideas": 1, "own-part": 0, "next-time": 0}, comment="Third.")
    where = stands(first, second, third, twice=True)
    assert (where.needs, where.levels) == ("", {**ALL, "ideas": 1})
    assert where.comment == "Third."


def test_a_third_reader_whom_nobody_needed_decides_nothing():
    third = rated("Cleo", 9, {**ALL, "ideas": 0}, comment="Third.")
    where = stands(rated(comment="First."), rated("Ben", 5), third)
    assert (where.needs, where.levels, where.comment) == ("", ALL, "First.")


def test_who_finished_first_is_first_whatever_is_changed_later():
    ann = rated(minutes=30, finished=NOON, begun=NOON)
    ben = rated("Ben", 5, {**ALL, "ideas": 3})
    assert [one.rater for one in stands(ben, ann).readers] == ["Ann", "Ben"]


def test_a_rating_of_an_earlier_text_does_not_count_and_is_asked_for_again():
    where = stands(rated(), mark="t2")
    assert (where.needs, where.levels) == ("first", {})
    assert role(where, "Ann") == "changed" and role(where, "Ben") == "first"


def test_roles_say_whose_turn_it_is():
    assert role(stands(), "Ann") == "first"
    half = stands(rated(levels={"ideas": 1}), after=5)
    assert role(half, "Ann") == "begun" and role(half, "Ben") == "busy"
    assert role(stands(rated(levels={"ideas": 1}), after=120), "Ann") == "begun"
    once = stands(rated())
    assert role(once, "Ann") == "done" and role(once, "Ben") == "others"
    sampled = stands(rated(), twice=True)
    assert role(sampled, "Ann") == "done" and role(sampled, "Ben") == "second"
    gap = stands(rated(), rated("Ben", 5, {**ALL, "ideas": 0}))
    assert [role(gap, name) for name in ("Ann", "Ben", "Cleo")] == ["done", "done", "third"]


def test_an_unsafe_plan_gets_0_for_next_time_alone_and_is_known_whoever_saw_it():
    assert capped(ALL, unsafe=True, criteria=list(ALL)) == {**ALL, "next-time": 0}
    assert capped(ALL, unsafe=False, criteria=list(ALL)) == ALL
    assert capped({"plan": 3}, unsafe=True, criteria=["plan"]) == {"plan": 3}
    assert stands(rated(), rated("Ben", 5, unsafe=True)).unsafe
    assert stands(rated(), rated("Ben", 5, levels={"encounter": 1}, unsafe=True)).unsafe  # not yet finished


@pytest.mark.parametrize(
    "levels", [{"encounter": 2}, {"encounter": 3, "plan": 0}, {"encounter": 2, "way": 1}, {}]
)
def test_levels_that_the_rubric_of_today_does_not_have_make_no_points(levels):
    three = tuple(Criterion(id_, id_, "", ("none", "some", "much")) for id_ in ("encounter", "plan"))
    rubric = Rubric("short", "Short", three, ())
    assert entry_for(Standing(levels={"encounter": 2, "plan": 1}), rubric, 4.0).points == 3.0
    assert entry_for(Standing(levels=levels), rubric, 4.0) is None


def test_gaps_are_counted_on_what_both_have_scored():
    assert apart({"a": 0, "b": 3, "c": 1}, {"a": 2, "b": 2}) == ["a"]


@pytest.mark.parametrize(
    ("scores", "exact", "adjacent", "passed"),
    [(4, 3, 4, True), (4, 2, 4, False), (4, 4, 3, False), (8, 6, 8, True), (8, 5, 8, False),
     (12, 9, 12, True), (12, 8, 12, False), (16, 12, 16, True), (20, 14, 19, True), (20, 14, 18, False),
     (20, 13, 20, False), (0, 0, 0, False)],
)  # fmt: skip
def test_calibration_passes_as_the_table_for_graders_says(scores, exact, adjacent, passed):
    assert Agreement("ideas", scores, exact, adjacent).passed is passed


def test_agreement_is_counted_by_criterion():
    pairs = [({"a": 1, "b": 3}, {"a": 1, "b": 1}), ({"a": 2, "b": 0}, {"a": 1, "b": 0})]
    assert agreements(pairs) == [Agreement("a", 2, 1, 2), Agreement("b", 2, 1, 1)]


def test_a_text_is_known_by_its_letters():
    assert text_mark("a") == text_mark("a") != text_mark("a ")
    assert text_mark("\ud800")
