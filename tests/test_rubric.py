"""Rubric levels in a grader's comment: what is understood, what is asked about, and what waits for it."""

import json
import sys

import pytest
from classroom import CHECK, HONEST, PROMPT, TEXT, answered
from click.testing import CliRunner

from course.model import Criterion, Rubric
from grading.cli import main
from grading.feedback import write_feedback
from grading.rubric import read_rubric, score_doubts
from grading.workflow import release

ALL = "encounter: 2\nideas: 1\nown-part: 2\nnext-time: 2"
NAMES = ("The encounter", "Course ideas", "Own part", "Next time")


@pytest.fixture
def rubric():
    criteria = (
        Criterion(id_, title, "", ("none", "some", "much", "all"))
        for id_, title in zip(("encounter", "ideas", "own-part", "next-time"), NAMES, strict=True)
    )
    return Rubric("reflection", "Reflection", tuple(criteria), ())


def doubts(rubric, comment, given=None, points=3):
    return score_doubts(rubric, read_rubric(rubric, comment), given, points)


def test_lines_that_name_a_level_are_taken_and_the_others_stay_in_the_comment(rubric):
    reading = read_rubric(rubric, f"You saw both sides.\n{ALL}\n\nNext, say one thing you will do.")
    assert [(row.id, row.level, row.highest) for row in reading.rows] == [
        ("encounter", 2, 3),
        ("ideas", 1, 3),
        ("own-part", 2, 3),
        ("next-time", 2, 3),
    ]
    assert reading.rest == "You saw both sides.\n\nNext, say one thing you will do."
    assert reading.doubts == []


def test_names_may_be_titles_in_any_order_with_bullets_and_blanks(rubric):
    reading = read_rubric(rubric, "* Next time = 3\n- OWN PART: 0\n  ideas :1\nThe encounter: 2")
    assert [(row.id, row.level) for row in reading.rows] == [
        ("encounter", 2),
        ("ideas", 1),
        ("own-part", 0),
        ("next-time", 3),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("own-prat: 2", '"own-prat: 2" is not understood: did you mean own-part?'),
        ("own-part 2", '"own-part 2" is no level: write own-part: 0 to 3'),
        ("own-part: 4", '"own-part: 4" is no level: write own-part: 0 to 3'),
        ("own-part: -1", '"own-part: -1" is no level: write own-part: 0 to 3'),
        ("own-part: 1.5", '"own-part: 1.5" is no level: write own-part: 0 to 3'),
        ("own-part: 2/3", '"own-part: 2/3" is no level: write own-part: 0 to 3'),
        ("Own part - 2", '"Own part - 2" is no level: write own-part: 0 to 3'),
        ("Own part (2)", '"Own part (2)" is no level: write own-part: 0 to 3'),
        ("own-part: two", '"own-part: two" is no level: write own-part: 0 to 3'),
        ("own-part: 2, you look at it", '"own-part: 2, you look at it" is no level: write own-part: 0 to 3'),
        ("style: 2", '"style: 2" is not understood'),
    ],
)
def test_a_line_meant_for_a_level_that_is_none_is_asked_about(rubric, line, told):
    comment = ALL.replace("own-part: 2", line)
    assert doubts(rubric, comment, 1.75) == [told, "no level for own-part"]
    assert line in read_rubric(rubric, comment).rest


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "Well told.",
        "Note: 3",
        "We met at 14:30, and 2 people waited.",
        "See lesson 4",
        "Own part: you look at your own share, and that is rare.",
    ],
)
def test_a_comment_without_levels_is_not_asked_about(rubric, comment):
    if comment.startswith("Own part"):
        comment = f"{ALL}\n{comment}"
    assert doubts(rubric, comment, 1.75) == []


def test_a_level_too_few_or_one_named_twice_is_asked_about(rubric):
    assert doubts(rubric, "encounter: 2\nideas: 1", 0.75) == ["no level for own-part, next-time"]
    assert doubts(rubric, f"{ALL}\nideas: 3", 1.75) == ["ideas stands there twice, with 1 and 3"]
    assert doubts(rubric, f"{ALL}\nideas: 1", 1.75) == []


@pytest.mark.parametrize(
    ("given", "points", "told"),
    [
        (1.75, 3, []),
        (3.5, 6, []),
        (1.17, 2, []),  # 7 of 12 of 2 points is 1.1666...
        (1.2, 2, ["levels 7 of 12 make 1.17 points, but 1.2 were entered"]),
        (7, 12, []),
        (1, 3, ["levels 7 of 12 make 1.75 points, but 1 was entered"]),
        (None, 3, ["levels 7 of 12 make 1.75 points, but none were entered"]),
    ],
)
def test_points_that_the_levels_do_not_make_are_asked_about(rubric, given, points, told):
    assert doubts(rubric, ALL, given, points) == told


GOOD = "encounter: 2\nplan: 1"
CLASS = (("ana", 3, GOOD), ("ben", 3, GOOD.replace("plan", "plna")), ("cyd", 2, GOOD))
BEN = f'{PROMPT}: "plna: 1" is not understood: did you mean plan?; no level for plan'
CYD = f"{PROMPT}: levels 3 of 6 make 3 points, but 2 were entered"


@pytest.fixture
def commented(classroom):
    """Three students with a scored reflection; the comments of two are in doubt."""
    for student, _, _ in CLASS:
        folder = classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
        (folder / "submission_secret.txt").write_text(student * 20, encoding="utf-8")
    classroom.grade()
    for student, score, comment in CLASS:
        classroom.grade_by_hand(student, PROMPT, score, comment)
    return classroom


@pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange does not run on Windows")
def test_a_page_whose_comment_is_in_doubt_waits_until_the_grader_insists(commented):
    release(commented.places, CHECK)
    sent = commented.places.exchange / commented.places.course_id / "feedback"
    results = write_feedback(commented.places, CHECK, release=True)
    assert [(one.student, one.state, one.doubts) for one in results] == [
        ("ana", "released", ""),
        ("ben", "waits", BEN),
        ("cyd", "waits", CYD),
    ]
    assert len(list(sent.rglob("*.html"))) == 1
    page = (commented.folder("feedback", "ben") / f"{CHECK}.html").read_text(encoding="utf-8")
    assert "plna: 1" in page  # nothing is lost
    commented.grade_by_hand("cyd", PROMPT, 3)
    results = write_feedback(commented.places, CHECK, release=True, only=["cyd"])
    assert [one.state for one in results] == ["released"]
    results = write_feedback(commented.places, CHECK, release=True, anyway=True)
    assert {one.state for one in results} == {"released"} and not any(one.troubled for one in results)
    assert len(list(sent.rglob("*.html"))) == 3


def test_the_commands_say_for_each_student_what_is_in_doubt(commented):
    def grading(*arguments):
        return CliRunner().invoke(main, ["--root", str(commented.root), *arguments])

    run = grading("feedback", CHECK)
    told = " ".join(run.output.split())
    assert run.exit_code == 1
    assert "2 comments do not fit the rubric: correct them in the formgrader and run this again" in told
    assert f"The pages are in {commented.folder('feedback', 'STUDENT')}." in run.output
    (status,) = [one for one in json.loads(grading("status", "--json").output) if one["name"] == CHECK]
    assert status["rubric"] == {"ben": BEN, "cyd": CYD}
    assert status["next_step"] == "correct 2 comments (ben, cyd) in the formgrader"
    assert f"The rubric in {CHECK}, ben: {BEN}" in grading("status").output
    assert grading("feedback", CHECK, "--anyway").exit_code == 0
