"""Feedback pages: everything a student may know, nothing before it is released, and no hostile text alive."""

import json
import re
import sys
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from classroom import CHECK, HONEST, HOSTILE_TEXT, MULTIPLE, PROMPT, SINGLE, TEXT, answered

from course.bank import load_course
from grading import copy_record, feedback, gradebook
from grading.feedback import write_feedback
from grading.feedback_words import late_words
from grading.gradebook import opened
from grading.reports import inline, markdown, number, typed
from grading.results import GradingError


class Page(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        self.text += data


def page_of(classroom, student, **choices):
    write_feedback(classroom.places, CHECK, only=[student], **choices)
    path = classroom.folder("feedback", student) / f"{CHECK}.html"
    return path.read_text(encoding="utf-8")


def handed_in(classroom, student="ana", answers=HONEST, text=TEXT):
    classroom.hand_in(student, answered(classroom.released, answers, text))
    classroom.grade()


def test_a_page_says_what_was_chosen_what_it_earned_and_what_is_still_open(classroom):
    handed_in(classroom, answers={SINGLE: "a", MULTIPLE: ["a"]})
    text = re.sub(r"\s+", " ", Page(page_of(classroom, "ana")).text)
    for expected in (
        "Feedback · A small course Check: Greeting For ana.",
        "Handed in 2026-03-02 09:30 UTC.",
        "1.5 of 11 points so far",
        "Which word opens a talk?",
        "✗ Not right. 0 of 2 points.",
        "At a glance Part Result Points Question 1 ✗ Not right 0 of 2 Question 2 ◐ Partly right 1.5 of 3",
        "Stop <b>now</b> & wait. ● Your choice.",
        "◐ Partly right. 1.5 of 3 points.",
        "Not graded yet; up to 6 points.",
        TEXT,
    ):
        assert expected in text, expected


def test_without_show_key_no_page_holds_a_key_a_rationale_or_a_test(classroom):
    handed_in(classroom, answers={SINGLE: "a"})
    html = page_of(classroom, "ana")
    for secret in ("RATIONALE", "HIDDEN", "score(", "✓ Right.", "✗ Not right.</span>"):
        assert secret not in html


def test_without_show_key_the_page_of_a_wrong_answer_is_the_same_whichever_option_is_right(classroom):
    handed_in(classroom, answers={SINGLE: "a", MULTIPLE: ["b"]})
    plain, told = page_of(classroom, "ana"), page_of(classroom, "ana", show_key=True)
    path = classroom.root / "source" / CHECK / f"{CHECK}.ipynb"
    text = path.read_text(encoding="utf-8")
    for old, new in (('key=[\\"c\\"]', 'key=[\\"b\\"]'), ('key=[\\"a\\", \\"d\\"]', 'key=[\\"c\\"]')):
        assert text.count(old) == 1
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    classroom.grade(corrected=True)
    assert page_of(classroom, "ana") == plain
    assert page_of(classroom, "ana", show_key=True) != told


def test_show_key_marks_the_right_options_and_gives_the_banks_reasons(classroom):
    handed_in(classroom, answers={SINGLE: "a", MULTIPLE: ["a", "d"]})
    text = Page(page_of(classroom, "ana", show_key=True)).text
    assert "RATIONALE-A An order closes the talk" in text
    assert (text.count("✓ Right answer."), text.count("✓ Right.")) == (3, 1)
    assert "✗ Not right." in text


PART = "You have a part of the points: a right answer is not ticked, or one is ticked that is not right."
RULE = "Right ticks earn points, wrong ticks take them back, never below 0."


@pytest.mark.parametrize(
    ("ticked", "points", "without", "with_key"),
    [
        (["a", "d"], 3, "", ""),
        (
            ["a"],
            1.5,
            PART,
            "You ticked 1 of the 2 right answers: 1/2 × 3 points = 1.5 points.",
        ),
        (
            ["a", "b", "d"],
            1.5,
            PART,
            "You ticked 2 of the 2 right answers, and 1 of the 2 others: "
            "(2/2 − 1/2) × 3 points = 1.5 points.",
        ),
        (
            ["a", "b", "c"],
            0,
            "You have none of the points: wrong ticks took back all that right ticks earned.",
            "You ticked 1 of the 2 right answers, and 2 of the 2 others: "
            "(1/2 − 2/2) × 3 points is below 0, so 0 points.",
        ),
        (None, 0, "", ""),
    ],
)
def test_how_several_answers_make_the_points_is_told_in_words(classroom, ticked, points, without, with_key):
    handed_in(classroom, answers={SINGLE: "c", MULTIPLE: ticked})
    assert classroom.rows("ana")[MULTIPLE][0] == points
    for told, shown in ((without, False), (with_key, True)):
        text = re.sub(r"\s+", " ", Page(page_of(classroom, "ana", show_key=shown)).text)
        assert f"{RULE} {told} Reflection".replace("  ", " ") in text
        assert text.count(RULE) == 1


def test_points_that_a_person_has_set_are_not_explained_by_the_rule(classroom):
    handed_in(classroom, answers={MULTIPLE: ["a"]})
    classroom.grade_by_hand("ana", MULTIPLE, 3)
    text = Page(page_of(classroom, "ana", show_key=True)).text
    assert f"{RULE} Here a person has set the points." in text and "You ticked" not in text


def test_the_order_of_the_choices_is_the_authors_and_the_page_says_so(classroom):
    handed_in(classroom)
    text = re.sub(r"\s+", " ", Page(page_of(classroom, "ana")).text)
    assert "answer choices stand in the order in which they were written" in text
    places = [text.index(option) for option in ("A nod.", "A sign.", "A camera.", "A word.")]
    assert places == sorted(places)


def test_nothing_of_what_only_the_notebook_needs_is_on_the_page(classroom):
    handed_in(classroom)
    text = Page(page_of(classroom, "ana")).text
    assert "No answer choices below" not in text and "Run All Cells" not in text


def test_a_rationale_written_for_another_key_is_left_out(classroom):
    handed_in(classroom)
    path = classroom.root / "course" / "lessons" / "greeting" / "graded.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('key = "c"', 'key = "b"', 1), encoding="utf-8")
    text = Page(page_of(classroom, "ana", show_key=True)).text
    assert "RATIONALE-A" not in text and "RATIONALE-D" in text


def test_a_graders_score_comment_and_rubric_levels_are_shown(classroom):
    handed_in(classroom)
    rubric = load_course(classroom.root).rubrics[0]
    first = rubric.criteria[0]
    comment = f"Clear and *honest*. <script>x</script>\n{first.id}: 2\n[link](http://x.y)"
    classroom.grade_by_hand("ana", PROMPT, 4.5, comment)
    html = page_of(classroom, "ana")
    page = Page(html)
    assert "4.5 of 6 points." in page.text and "9.5 of 11 points" in page.text
    assert "so far" not in page.text
    assert first.levels[2] in page.text and f"2 of {len(first.levels) - 1}" in page.text
    assert "<em>honest</em>" in html and "&lt;script&gt;" in html
    assert "a" not in page.tags


def test_hostile_names_answers_and_reflections_stay_text(classroom):
    nasty = '"><img src=x onerror=alert(1)> {{ 7*7 }} \x1b[31m'
    classroom.hand_in("mal", answered(classroom.released, HONEST, HOSTILE_TEXT))
    classroom.grade()
    with opened(classroom.places) as book:
        book.update_or_create_student("mal", first_name=nasty, last_name="</title><script>alert(2)</script>")
    html = page_of(classroom, "mal")
    page = Page(html)
    assert not {"script", "img", "iframe", "a", "link", "object", "svg"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert "{{ 7*7 }}" in page.text and "\x1b" not in html and "\u202e" not in html


def test_a_page_needs_nothing_else_and_can_be_read_by_everybody(classroom):
    handed_in(classroom)
    html = page_of(classroom, "ana")
    page = Page(html)
    assert ("html", "lang", "en") in page.attributes
    assert ("meta", "name", "viewport") in page.attributes
    assert "default-src 'none'" in html
    headings = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1 and headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))
    assert page.tags.count("main") == 1
    labels = {value for _, key, value in page.attributes if key == "aria-labelledby"}
    assert labels <= {value for _, key, value in page.attributes if key == "id"}


def test_what_could_not_be_read_is_told_with_whom_to_talk_to(classroom):
    classroom.hand_in("cyd", answered(classroom.released, {SINGLE: "z"}))
    classroom.hand_in("dee", b"{")
    classroom.grade()
    text = Page(page_of(classroom, "cyd")).text
    assert "Your answer could not be read: the answer z is not an option" in text
    assert "Please talk to the front office." in text
    assert "– Not read. 0 of 2 points." in text
    assert "Your newest file could not be read:" in Page(page_of(classroom, "dee")).text


def test_the_page_tells_of_the_graded_file_not_of_one_that_came_later(classroom):
    handed_in(classroom, text="First thoughts.")
    classroom.hand_in(
        "ana", answered(classroom.released, {}, "Second thoughts."), time="2026-03-09 10:00:00 UTC"
    )
    text = Page(page_of(classroom, "ana")).text
    assert "First thoughts." in text and "Second thoughts." not in text


def test_a_page_waits_for_a_run_and_tells_what_the_run_left(classroom, monkeypatch):
    handed_in(classroom, answers={SINGLE: "a"})
    better = answered(classroom.released, HONEST, TEXT)
    classroom.hand_in("ana", better, time="2026-03-09 10:00:00 UTC")
    hold = gradebook.locked

    def held_by_a_run_first(places, wait):
        monkeypatch.setattr(gradebook, "locked", hold)
        classroom.grade()
        return hold(places, wait)

    monkeypatch.setattr(gradebook, "locked", held_by_a_run_first)
    text = re.sub(r"\s+", " ", Page(page_of(classroom, "ana")).text)
    assert "Handed in 2026-03-09 10:00 UTC." in text
    assert "5 of 11 points so far" in text and "✓ Right. 2 of 2 points." in text


def test_a_copy_that_nbgrader_made_is_read_as_well(classroom):
    handed_in(classroom)
    path = classroom.folder("autograded", "ana") / f"{CHECK}.ipynb"
    copy = json.loads(path.read_text(encoding="utf-8"))
    del copy["metadata"]["grading"]
    path.write_text(json.dumps(copy), encoding="utf-8")
    assert "✓ Right. 2 of 2 points." in Page(page_of(classroom, "ana")).text


def test_a_student_without_a_graded_copy_is_listed_and_stops_nobody(classroom):
    handed_in(classroom, "ana")
    handed_in(classroom, "ben")
    (classroom.folder("autograded", "ana") / f"{CHECK}.ipynb").unlink()
    ana, ben, zoe = write_feedback(classroom.places, CHECK) + write_feedback(
        classroom.places, CHECK, only=["zoe"]
    )
    assert (ana.state, ben.state, zoe.state) == ("refused", "made", "refused")
    assert ana.why == f"the graded copy is missing - run: grading autograde {CHECK}"
    assert zoe.why == f"has no graded submission of {CHECK}"


def test_an_error_with_one_student_is_listed_and_stops_nobody(classroom, monkeypatch):
    handed_in(classroom, "ana")
    handed_in(classroom, "ben")
    make = feedback.feedback_page

    def trips_over_ana(record, submission, *rest, **choices):
        if submission.student == "ana":
            raise TypeError("odd \x1b[31mpart")
        return make(record, submission, *rest, **choices)

    monkeypatch.setattr(feedback, "feedback_page", trips_over_ana)
    ana, ben = write_feedback(classroom.places, CHECK)
    assert (ana.state, ben.state) == ("refused", "made")
    assert ana.why.startswith("the page was not made: TypeError: odd ") and "\x1b" not in ana.why


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: kept["items"][SINGLE].update(answer=5),
        lambda kept: kept["items"][SINGLE].update(answer=[["a"]]),
        lambda kept: kept["items"][SINGLE].update(state="odd"),
        lambda kept: kept["items"][SINGLE].pop("reason"),
        lambda kept: kept["items"].update({SINGLE: None}),
        lambda kept: kept["texts"][PROMPT].update(text=None),
        lambda kept: kept.update(items=[]),
        lambda kept: kept.update(texts="x"),
        lambda kept: kept.update(file_reason=None),
    ],
)
def test_a_copy_with_an_odd_record_stops_neither_feedback_nor_grading(classroom, damage):
    handed_in(classroom)
    path = classroom.folder("autograded", "ana") / f"{CHECK}.ipynb"
    copy = json.loads(path.read_text(encoding="utf-8"))
    damage(copy["metadata"]["grading"])
    path.write_text(json.dumps(copy), encoding="utf-8")
    assert copy_record.recorded(copy) is None
    # The answers then come from the cells of the copy.
    assert "✓ Right. 2 of 2 points." in Page(page_of(classroom, "ana")).text
    (result,) = classroom.grade().students
    assert (result.state, result.score) == ("graded", 5.0)
    assert copy_record.recorded(json.loads(path.read_text(encoding="utf-8"))) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange does not run on Windows")
def test_a_shared_secret_is_noticed_when_pages_are_handed_out_one_by_one(classroom):
    for student, secret in (("ana", "same" * 16), ("eve", "same" * 16), ("ben", None), ("cyd", None)):
        folder = classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
        if secret:
            (folder / "submission_secret.txt").write_text(secret, encoding="utf-8")
    classroom.grade()
    told = {}
    for student in ("ana", "eve", "ben"):
        (one,) = write_feedback(classroom.places, CHECK, only=[student], release=True)
        told[student] = one.state, one.why
    shared = "shares its secret file with another student, so the page would go to both: ask them"
    assert told["ana"] == told["eve"] == ("refused", shared)
    assert told["ben"] == ("made", "did not come through the exchange: send the page by other means")
    assert not list(classroom.places.exchange.rglob("*.html"))


def test_an_assignment_nobody_released_says_what_to_run(classroom):
    with pytest.raises(GradingError, match="run: grading release final"):
        write_feedback(classroom.places, "final")


def test_late_work_and_its_penalty_are_on_the_page(classroom):
    with opened(classroom.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-01 09:30:00 UTC")
    with (classroom.root / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    handed_in(classroom)
    text = Page(page_of(classroom, "ana")).text
    assert "1 day late" in text and "5 points were taken off" in text and "0 of 11 points" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, ""), (0, ""), (1, "1 minute"), (90, "2 minutes"), (3600, "1 hour"), (90000, "1 day 1 hour")],
)
def test_lateness_is_told_in_two_units_at_most(seconds, words):
    assert late_words(seconds) == words


def test_the_filters_escape_what_they_do_not_make():
    assert "<b>" not in markdown("<b>x</b> ![a](b) [c](d) <http://e.f>")
    assert "<img" not in markdown("![a](b)") and "<a " not in markdown("[c](d)\n\n[c]: d")
    assert inline("`a<b` *c*") == "<code>a&lt;b</code> <em>c</em>"
    assert typed("a\nb\n\n<i>") == "<p>a<br />\nb</p>\n<p>&lt;i&gt;</p>\n"
    assert [number(value) for value in (2.0, 1.5, 4 / 3, 0.0, 10.0, 100.0)] == [
        "2",
        "1.5",
        "1.33",
        "0",
        "10",
        "100",
    ]
