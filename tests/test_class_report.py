"""The class report as values: expected numbers are worked out by hand from a few students."""

import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from made_class import TIME, item, large_class, made_class, rated

from course.model import Criterion, Misconception, Rubric
from grading.bankkeys import Bank, LessonGuide
from grading.keys import KeyChange
from grading.ratings import Rating
from grading.records import StudentRecord
from grading.regrade_record import Record, Rescored
from grading.reports.class_build import Sources, class_report
from grading.reports.class_items import score_groups
from grading.reports.class_values import Cut
from grading.reports.class_words import figure, in_short, percent, trust
from grading.responses import PromptInfo

ITEMS = [item(1), item(2), item(3)]
ROWS = {"ana": ["a", "a", "a"], "ben": ["a", "a", "b"], "cem": ["a", "b", "c"], "dee": [None, "b", "b"]}
RUBRIC = Rubric("reflection", "Reflection", (Criterion("own-part", "Own part", "", ("", "", "", "")),), ())
BANK = Bank(
    rubrics={"reflection": RUBRIC},
    misconceptions={"MIS-01": Misconception("MIS-01", "Waiting is polite.", "Go to them.", ())},
    lessons={"one": LessonGuide("Lesson one", {"one-goal": "Greet a visitor."}, {}, 40, {"one-goal": 3})},
)
PROMPT = PromptInfo("encounter", 3.0, "Tell about one encounter.", rubric="reflection")


def report_of(found, **given):
    return class_report(Sources(found, BANK, TIME, **given))[0]


def test_mean_spread_reliability_and_error_are_in_questions():
    rows = {f"{student}-{copy}": row for student, row in ROWS.items() for copy in range(5)}
    told = report_of(made_class(ITEMS, rows)).summary
    assert (told.mean, round(told.spread, 4)) == (1.5, 1.1471)  # of 3, 2, 1 and 0; the root of 25/19
    # Variances with n are 3/16, 1/4 and 3/16 of the items and 5/4 of the total: 3/2 (1 - 1/2).
    assert round(told.reliability.value, 9) == 0.75
    assert round(told.error, 4) == 0.5735  # half of the spread
    assert told.scores == [5, 5, 5, 5]


def test_so_few_students_do_not_tell_how_far_a_score_can_be_trusted():
    rows = {f"s{number}": list(ROWS.values())[number % 4] for number in range(19)}
    told = report_of(made_class(ITEMS, rows))
    assert told.summary.reliability.reason == "too few students, 20 are needed"
    assert math.isnan(told.summary.error) and "cannot be told here" in trust(told)


def test_a_question_has_its_share_right_with_wilsons_interval_and_its_choices():
    first = report_of(made_class(ITEMS, ROWS)).items[0]
    assert (first.right.count, first.right.of) == (3, 4)
    assert (round(first.right.low, 4), round(first.right.high, 4)) == (0.3006, 0.9544)
    assert [(one.id, one.chosen.count) for one in first.options] == [("a", 3), ("b", 0), ("c", 0)]
    assert (first.blank, first.unreadable) == (1, 0)


def test_below_30_students_correlations_are_not_told_and_the_rules_that_stay_silent_are_named():
    told = report_of(made_class(ITEMS, ROWS))
    assert {one.rest.reason for one in told.items} == {"too few (30 needed)"}
    assert told.silent == {"key check": 30, "negative item": 30, "weak item": 30, "unused wrong answer": 75}
    assert not any(one.flags for one in told.items)


def turned(count):
    """Half a class that is right in all but the first question, whose key is then chosen by the others."""
    strong, weak = ["b", "a", "a", "a", "a"], ["a", "b", "b", "b", "b"]
    rows = {f"s{number}": strong if number % 2 else weak for number in range(count)}
    return made_class([item(number) for number in range(1, 6)], rows)


def test_a_wrong_key_is_seen_from_30_students_on_and_not_before():
    assert [flag.name for flag in report_of(turned(30)).items[0].flags] == ["key check", "negative item"]
    assert not report_of(turned(29)).items[0].flags


def test_a_weak_question_is_only_watched_below_100_students():
    def class_of(count):
        rows = {f"s{n}": ["a" if n % 4 < 2 else "b", *["a" if n % 2 else "b"] * 4] for n in range(count)}
        return made_class([item(number) for number in range(1, 6)], rows)

    for count, surely in ((40, False), (100, True)):
        told = [flag for flag in report_of(class_of(count)).items[0].flags if flag.name == "weak item"]
        assert [flag.surely for flag in told] == [surely]


def test_a_question_is_hard_after_teaching_in_a_class_of_any_size():
    rows = {f"s{number}": ["b", "a"] for number in range(4)}
    # 0 of 4: the upper limit is 0.4899; 4 of 4 is never flagged for being easy.
    first, second = report_of(made_class(ITEMS[:2], rows)).items
    assert [flag.name for flag in first.flags] == ["hard after teaching"] and not second.flags


def test_wrong_ideas_count_answers_that_could_have_shown_them():
    rows = {**ROWS, "eve": ["?", "a", "a"]}
    told = report_of(made_class([replace(ITEMS[0], lesson="two"), *ITEMS[1:]], rows)).ideas
    assert told.lessons == ["Lesson one", "two"]
    waiting, away = told.rows
    assert (waiting.code, waiting.wrong, waiting.alive) == ("MIS-01", "Waiting is polite.", True)
    # b was chosen 4 times in questions 2 and 3 of five students, never in question 1 of the four read there.
    assert [(one.count, one.of) for one in (*waiting.cells, waiting.all)] == [(4, 10), (0, 4), (4, 14)]
    assert (away.code, away.all.count, away.all.of, away.alive) == ("MIS-02", 1, 14, False)


def test_objectives_tell_what_is_taught_practised_asked_and_right():
    (goal,) = report_of(made_class(ITEMS, ROWS)).goals
    assert (goal.text, goal.lesson, goal.practice, goal.asked) == ("Greet a visitor.", "Lesson one", 3, 3)
    assert (goal.right.count, goal.right.of) == (6, 12)


def test_the_next_session_begins_with_the_wrong_idea_that_is_alive():
    told = report_of(made_class(ITEMS, ROWS)).reteach
    assert [(one.what, one.minutes) for one in told] == [("Waiting is polite.", 20), ("Greet a visitor.", 20)]
    assert told[0].say == "Go to them." and "4 of 12 answers" in told[0].why
    assert "questions 2, 3" in told[0].why and told[1].why == "6 of 12 answers right"


def test_growth_counts_only_students_who_answered_both_times():
    anchors = [replace(one, tags=("anchor",)) for one in ITEMS[1:]]
    before = made_class(anchors, {"ana": ["b", "a"], "ben": ["b", "b"], "zoe": ["a", "a"]}, name="before")
    told = report_of(made_class(ITEMS, ROWS), before=before).growth
    assert [(one.number, one.before.count, one.after.count, one.before.of) for one in told] == [
        (2, 0, 2, 2),
        (3, 1, 1, 2),
    ]


def test_a_question_that_nearly_all_knew_before_tells_no_growth():
    rows = {f"s{number}": ["a", "b", "b"] for number in range(40)}
    before = made_class(ITEMS[:1], {student: ["a"] for student in rows}, name="before")
    told = report_of(made_class(ITEMS, rows), before=before)
    # 40 of 40: the lower limit is 0.9124.
    assert told.growth[0].known_before and told.items[0].has("no news")


def test_students_to_talk_to_have_their_reasons_and_are_not_in_the_report():
    people = {name: StudentRecord(name, name.title()) for name in [*ROWS, "eve", "fay", "gus"]}
    unsafe = Rating("check", "encounter", "ana", "Rater", {}, "", TIME, done=False, unsafe=True)
    found = made_class(ITEMS, ROWS, people=people, unread={"fay": "the graded copy is missing"})
    _, talks = class_report(
        Sources(found, BANK, TIME, ratings=[unsafe], cut=Cut(2.5, "Three judges, provisional."))
    )
    assert {one.name: one.reasons for one in talks} == {
        "Ana": ["the plan in encounter is marked as unsafe or unlawful"],
        "Ben": ["2 of 3 questions right, below the pass mark of 2.5"],
        "Cem": ["1 of 3 questions right"],
        "Dee": ["0 of 3 questions right"],
        "Eve": ["handed in nothing"],
        "Fay": ["the work cannot be read"],
        "Gus": ["handed in nothing"],
    }


def test_an_answer_that_cannot_be_read_takes_no_other_figure_away():
    rows = {**ROWS, "eve": ["?", "a", "a"]}
    told = report_of(made_class(ITEMS, rows))
    assert (told.summary.counted, told.summary.mean) == (4, 1.5)
    assert [one.right.of for one in told.items] == [4, 5, 5] and told.items[0].unreadable == 1
    assert told.notes == [
        "1 student has an answer that could not be read. They count for their other questions, but not for "
        "mean, spread and reliability."
    ]


def test_a_question_that_nobodys_answer_can_be_read_to_leaves_the_others_their_figures():
    told = report_of(made_class(ITEMS, {student: [row[0], row[1], "?"] for student, row in ROWS.items()}))
    assert (told.summary.counted, told.summary.questions, told.summary.mean) == (4, 2, 1.25)
    assert told.items[2].right.of == 0


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ({"ana": ["a", "a", "a"]}, "too few students, 20 are needed"),
        ({f"s{number}": ["a", "a", "a"] for number in range(20)}, "all totals are equal"),
    ],
)
def test_a_class_of_one_and_a_class_that_is_all_right_have_no_reliability_but_a_reason(rows, why):
    told = report_of(made_class(ITEMS, rows))
    assert told.summary.reliability.reason == why
    assert trust(told) == f"How far a score can be trusted cannot be told here: {why}."


def read_twice(pairs):
    """Texts with two finished readings each, by level on the one criterion."""
    ratings = []
    for number, levels in enumerate(pairs):
        for rater, level in zip(("First", "Second"), levels, strict=True):
            time = TIME + timedelta(minutes=number + (rater == "Second"))
            one = Rating("check", "encounter", f"s{number}", rater, {"own-part": level}, "", time, done=True)
            ratings.append(replace(one, begun=time, finished=time, text="the same"))
    return ratings


PAIRS = [(0, 0), (1, 1), (1, 1), (2, 2), (2, 2), (2, 2), (3, 3), (3, 3), (3, 3), (1, 2), (2, 1), (0, 2)]


def test_two_readers_agree_in_counts_and_coefficients_and_a_third_is_asked_for():
    found = made_class([], {f"s{number}": [] for number in range(12)}, prompts=[PROMPT])
    (part,) = report_of(found, ratings=read_twice(PAIRS)).prompts
    (row,) = part.agreement
    assert (row.exact.count, row.adjacent.count, row.texts, part.third) == (9, 11, 12, 1)
    assert row.table == [[1, 0, 1, 0], [0, 2, 1, 0], [0, 1, 3, 0], [0, 0, 0, 3]]
    # Disagreement 1 + 1 + 4 = 6 of 12; by chance, with readers' counts 2 3 4 3 and 1 3 5 3, 272 of 144.
    assert round(row.kappa.value, 4) == round(1 - (6 / 12) / (272 / 144), 4)


def test_coefficients_of_agreement_are_not_told_of_fewer_than_10_texts():
    found = made_class([], {f"s{number}": [] for number in range(9)}, prompts=[PROMPT])
    (row,) = report_of(found, ratings=read_twice(PAIRS[:9])).prompts[0].agreement
    assert row.exact.count == 9 and figure(row.alpha) == figure(row.kappa) == "too few (10 texts needed)"


def test_texts_are_counted_by_level_with_those_left_empty():
    texts = {
        "ana": {"encounter": rated({"own-part": 2})},
        "ben": {"encounter": rated({"own-part": 2})},
        "cem": {"encounter": rated({"own-part": 0})},
        "dee": {"encounter": replace(rated({}), state="unanswered", text="", words=0, score=None)},
    }
    (part,) = report_of(made_class(ITEMS, ROWS, prompts=[PROMPT], texts=texts)).prompts
    assert [row.levels for row in part.criteria] == [[1, 0, 2, 0]]
    assert (part.written, part.graded, part.missing) == (3, 3, 1)
    assert round(part.mean, 4) == 1.3333  # 2, 2 and 0 points of 3


def test_regrades_stand_in_the_record_and_with_their_question():
    change = KeyChange("item-2", ("b",), ("a",), "all-or-nothing", "all-or-nothing")
    scores = {"ana": Rescored(2.0, 4.0), "ben": Rescored(4.0, 4.0), "cem": Rescored(1.0)}
    regrade = Record("check", TIME, "rosa", "The key was wrong.", None, [change], scores, {}, TIME)
    told = report_of(made_class(ITEMS, ROWS), regrades=[regrade], damaged=[Path("check-x.json")])
    (row,) = told.audit.rescorings
    assert (row.who, row.changes, row.changed) == ("rosa", ["item-2: key b became a"], 1)
    assert told.items[1].history == ["2026-03-02: key b became a"] and told.audit.damaged == ["check-x.json"]


def test_students_are_grouped_by_score_in_thirds_and_from_100_on_in_fifths():
    assert [len(group) for group in score_groups(list(range(30)))] == [10, 10, 10]
    assert [len(group) for group in score_groups(list(range(100)))] == [20] * 5
    assert score_groups([3.0] * 50) == [] and score_groups(list(range(19))) == []


def test_students_with_one_total_are_never_in_two_groups():
    totals = [1.0] * 12 + [2.0] * 6 + [3.0] * 12
    groups = [{totals[place] for place in group} for group in score_groups(totals)]
    assert groups == [{1.0, 2.0}, {3.0}]


def test_the_scale_of_the_rasch_model_is_shown_from_100_students_on():
    items = [item(number) for number in range(1, 9)]
    rows = large_class(items, 100)
    told = report_of(made_class(items, rows)).rasch
    assert told is not None and len(told.abilities) == 100 and set(told.difficulties) == set(range(1, 9))
    assert abs(sum(told.difficulties.values())) < 1e-6
    rows.popitem()
    assert report_of(made_class(items, rows)).rasch is None


def test_the_beginning_says_what_matters_most():
    assert in_short(report_of(made_class(ITEMS, ROWS))) == [
        "4 of 4 students handed in.",
        "On average, 1.5 of 3 questions are right.",
        "No question stands out, but with so few students most signs stay silent.",
        "1 wrong idea is still alive: MIS-01.",
    ]


def test_a_pass_mark_that_nobody_can_reach_is_told():
    told = report_of(made_class(ITEMS, ROWS), cut=Cut(4, "A guess."))
    assert told.notes == [
        "The pass mark of 4 is above the 3 questions asked, so nobody can reach it. Correct pass_mark in "
        "course/course.toml."
    ]


def test_an_answer_that_hardly_anybody_chooses_is_named_from_75_students_on():
    for count, flags in ((74, []), (75, ["unused wrong answer"])):
        rows = {f"s{number}": ["b" if number % 3 else "a", "a"] for number in range(count)}
        first = report_of(made_class([item(1, key="a", misconceptions={}), item(2)], rows)).items[0]
        # c: 0 of 74 has an upper limit of 0.0494, so that the number alone keeps it silent.
        assert [flag.name for flag in first.flags if flag.name == "unused wrong answer"] == flags


def test_an_assignment_without_questions_says_so():
    told = report_of(made_class([], {"ana": []}))
    assert told.notes == [
        "This assignment asks no question that can be graded by reading, so there are no statistics."
    ]


def test_a_share_is_never_rounded_to_none_or_all():
    assert [percent(one) for one in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        "0%",
        "under 1%",
        "50%",
        "over 99%",
        "100%",
    ]
