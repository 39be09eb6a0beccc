"""Students' reports: what they say, what they keep to themselves, on one sheet and in plain words."""

import json
import math
import re
import sys
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, TEXT, answered
from click.testing import CliRunner
from made_class import answer, item, made_class, rated
from test_pdf import sheets

from course import readability
from course.bank import load_course
from course.model import Misconception
from grading import student_reports
from grading.bankkeys import Bank, LessonGuide, read_bank
from grading.cli import main
from grading.course_report import Line, TextLine, course_page, together
from grading.feedback_page import Page, render
from grading.forget import forget
from grading.gradebook import locked, opened
from grading.released import KeyedItem
from grading.reports.pdf import PdfError, pdf_of
from grading.responses import PromptInfo, Response, TextResponse, item_info
from grading.rubric import RubricRow
from grading.student_report import Growth, Margin, growth_of, margin_of, sheet_of
from grading.student_reports import render_course
from grading.submission import Question
from grading.text_report import quote_and_step
from grading.untrusted import shown_name

COURSE = Path(__file__).resolve().parent.parent
SURE = Margin(1.2)
BANK = Bank(
    course="A course",
    contact="the front office",
    misconceptions={
        f"MIS-0{n}": Misconception(f"MIS-0{n}", f"Wrong {n}.", f"True {n}.", ()) for n in range(4)
    },
    lessons={"one": LessonGuide("Lesson one", {"one-goal": "Greet first."}, {"S0-01": "The door"})},
    lesson_of={"check": "one"},
    review="Review",
)
# With 6 patterns of 5 questions, from all right to none, four times each, all numbers are small fractions:
# alpha = 5/4 (1 - (35/36)/(35/12)) = 5/6; s² of the sums = 35/12 · 24/23 = 70/23;
# SEM = √(70/23 · 1/6) = 0.7122.
PATTERNS = np.array([[1.0] * (5 - wrong) + [0.0] * wrong for wrong in range(6)] * 4)


def sheet(items, chosen, *, margin=SURE, before=None, show_key=False, prompts=(), texts=None, bank=BANK):
    answers = {one.id: answer(one, choice) for one, choice in zip(items, chosen, strict=True)}
    told = texts or {}
    return sheet_of(
        "check", items, answers, prompts, told, bank=bank, margin=margin, before=before, show_key=show_key
    )


def words_of(html):
    """Return what stands on a page's first sheet, a paragraph a line."""
    body = html.partition("</section>")[0].partition("<body>")[2]
    lines = re.sub(r"</?(p|h\d|li|td|th|tr|br)\b[^>]*>", "\n", body)
    return re.sub(r"\s*\n\s*", "\n", unescape(re.sub(r"<[^>]+>", "", lines))).strip()


def test_the_likely_range_is_one_standard_error_of_measurement_below_and_above():
    assert margin_of(PATTERNS).points == pytest.approx(0.7122, abs=1e-4)
    assert margin_of(2 * PATTERNS).points == pytest.approx(1.4244, abs=1e-4)
    asked = sheet([item(n) for n in range(5)], "aaabb", margin=margin_of(2 * PATTERNS)).questions
    assert (asked.score, asked.points, asked.low, asked.high) == (6.0, 10.0, 4.5, 7.5)
    best = sheet([item(n) for n in range(5)], "aaaaa", margin=margin_of(2 * PATTERNS)).questions
    assert (best.low, best.high) == (8.5, 10.0)


def test_students_whose_answers_could_not_all_be_read_do_not_count_for_the_range():
    holes = np.vstack([PATTERNS, np.full((3, 5), math.nan)])
    assert margin_of(holes).points == margin_of(PATTERNS).points


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (PATTERNS[:19], "too few people have handed in"),
        (PATTERNS[:, :4], "a part this short cannot say"),
        (np.zeros((0, 5)), "too few people have handed in"),
        (np.ones((24, 5)), "the answers of your class do not tell"),
    ],
)
def test_no_range_is_told_where_nobody_can_know_it_and_the_reason_is(points, why):
    found = margin_of(points)
    assert math.isnan(found.points) and found.reason.startswith(why)
    asked = sheet([item(0)], "a", margin=found).questions
    assert not asked.ranged and asked.why_no_range == found.reason


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("aaaa", "All of your answers are right."),
        ("aaab", "Most of your answers are right."),
        ("aabb", "Half of your answers are right."),
        ("abbb", "Some of your answers are right."),
        ("bbbb", "None of your answers is fully right yet."),
        ("a", "Your answer is right."),
    ],
)
def test_the_result_is_told_in_words_too(chosen, words):
    assert sheet([item(n) for n in range(len(chosen))], chosen).questions.words == words


def test_a_pass_mark_is_told_with_how_it_was_set_and_only_where_there_is_one():
    several = item(2, ["a", "b"], options=("a", "b", "c", "d"))
    items = [item(0), item(1), several]
    assert sheet(items, ["a", "a", ["a"]]).mark is None
    marked = replace(BANK, pass_marks={"check": (2.5, "By three judges, 2026-03-01")})
    mark = sheet(items, ["a", "a", ["a"]], bank=marked).mark
    assert (mark.questions, mark.reached, mark.passed) == (2.5, 2.5, True)
    assert not sheet(items, ["a", "a", None], bank=marked).mark.passed
    page = full_page("final")
    told = words_of(render(replace(page, sheet=replace(page.sheet, mark=mark))))
    assert "✓ You passed. The pass mark is 2.5 of 33 questions, and you have 2.5." in told
    assert "How the pass mark was set: By three judges, 2026-03-01." in told
    assert "pass mark" not in words_of(render(page))


def test_goals_count_right_and_partly_right_answers_and_name_what_was_not_asked():
    several = item(2, ["a", "b"], options=("a", "b", "c", "d"))
    guide = LessonGuide("Lesson one", {"one-goal": "Greet first.", "other": "Listen."})
    bank = Bank(lessons={"one": guide}, lesson_of={"check": "one"})
    first, second = sheet([item(0), item(1), several], ["a", "b", ["a"]], bank=bank).goals
    assert (first.text, first.right, first.partly, first.asked) == ("Greet first.", 1, 1, 3)
    assert (second.text, second.asked) == ("Listen.", 0)


def test_wrong_ideas_stand_with_the_truth_and_where_to_read_the_commonest_first_three_at_most():
    rests = [("MIS-01", 0), ("MIS-02", 1), ("MIS-02", 2), ("MIS-03", 3), ("MIS-00", 4)]
    items = [item(n, misconceptions={"b": code}, claims=("S0-01",)) for code, n in rests]
    ideas = sheet(items, "bbbbb").ideas
    assert [(one.wrong, one.times) for one in ideas] == [("Wrong 2.", 2), ("Wrong 1.", 1), ("Wrong 3.", 1)]
    assert (ideas[0].truth, ideas[0].lesson, ideas[0].section) == ("True 2.", "Lesson one", "The door")


def test_a_wrong_idea_points_to_where_its_truth_is_taught_and_to_no_lesson_still_to_come():
    codes = {"MIS-01": ("S1-01",), "MIS-02": ("S2-01",), "MIS-03": ("S3-01",)}
    bank = Bank(
        misconceptions={code: Misconception(code, code, "True.", stated) for code, stated in codes.items()},
        lessons={
            "one": LessonGuide("One", {}, {"S1-01": "Of one"}),
            "two": LessonGuide("Two", {}, {"S2-01": "Of two", "S0-09": "Of the question"}),
            "three": LessonGuide("Three", {}, {"S3-01": "Of three"}),
        },
    )
    items = [
        item(n, lesson="two", claims=("S0-09",), misconceptions={"b": code}) for n, code in enumerate(codes)
    ]
    told = {one.wrong: (one.lesson, one.section) for one in sheet(items, "bbb", bank=bank).ideas}
    assert told == {
        "MIS-01": ("One", "Of one"),
        "MIS-02": ("Two", "Of two"),
        "MIS-03": ("Two", "Of the question"),
    }
    last = item(3, lesson="three", misconceptions={})
    told = {one.wrong: one.section for one in sheet([*items, last], "bbba", bank=bank).ideas}
    assert told["MIS-03"] == "Of three"


def test_among_several_ticks_no_idea_tells_which_is_wrong_until_keys_are_shown():
    several = item(0, ["a", "b"], options=("a", "b", "c", "d"))
    assert sheet([several], [["a", "c"]]).ideas == []
    assert [one.wrong for one in sheet([several], [["a", "c"]], show_key=True).ideas] == ["Wrong 2."]


def test_an_answer_that_a_person_gave_points_rests_on_no_wrong_idea():
    one = item(0)
    taken = Response("wrong", ("b",), 2.0, 2.0, by_hand=True)
    found = sheet_of("check", [one], {one.id: taken}, (), {}, bank=BANK, margin=SURE)
    assert found.ideas == [] and found.questions.right == 1


def test_growth_counts_the_questions_asked_both_times_and_leaves_out_the_unreadable():
    items = [item(n) for n in range(5)]
    now = {one.id: answer(one, choice) for one, choice in zip(items, "aabba", strict=True)}
    then = {one.id: answer(one, choice) for one, choice in zip(items[:4], ["b", "a", "a", "?"], strict=True)}
    grown = growth_of(items, now, then)
    assert (grown.before, grown.now, grown.asked, grown.gained, grown.lost) == (2, 2, 3, 1, 1)
    assert growth_of(items, now, {}) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TextResponse("unanswered", "", 0, 0.0, 12.0), "You wrote nothing here."),
        (TextResponse("answered", "At the gate.", 3, 9.0, 12.0), "A person has read it and set the points."),
        (
            TextResponse("answered", "A.", 1, 9.0, 12.0, comment="So clear.\nGo on."),
            "Comment: So clear. Go on.",
        ),
    ],
)
def test_the_sheet_tells_what_each_text_earned_that_counts_in_the_total(text, told):
    prompts = [PromptInfo("gate", 12.0, "Tell of a gate.")]
    made = sheet([item(0)], "a", prompts=prompts, texts={"gate": text})
    words = words_of(render(replace(full_page("final"), sheet=made)))
    assert f"Your text: {text.score:g} of 12 points\n{told}" in words


def test_a_long_quote_and_step_are_cut_to_what_the_sheet_has_room_for():
    comment = "> " + "I said stop. " * 300 + "\n\nNext, " + "x" * 5000
    text = TextResponse("answered", "At the gate.", 3, 9.0, 12.0, comment=comment)
    made = sheet([item(0)], "a", prompts=[PromptInfo("gate", 12.0, "Tell.")], texts={"gate": text})
    (read,) = made.reflections
    assert read.quote.startswith("I said stop.") and read.quote.endswith(". I said …")
    assert max(len(read.quote), len(read.step)) <= 282 and read.step.startswith("Next, xxx")


@pytest.mark.parametrize(
    ("comment", "quote", "step"),
    [
        ("> I said stop.\n\nClear.\nNext, add her side.", "I said stop.", "Next, add her side."),
        ("“I said stop.”\nnext time: when and where?", "I said stop.", "next time: when and where?"),
        (
            "Goal: a plan. You did: “I told him so.”. Next, try: one action, with when and where.",
            "I told him so.",
            "Next, try: one action, with when and where.",
        ),
        ("Goal: a plan. You did: “…”. What comes next?", "", ""),
        ('Well done, "really".', "", ""),
        (">\n> \nNextdoor", "", ""),
        ("", "", ""),
    ],
)
def test_a_graders_quote_and_step_are_known_by_how_they_begin(comment, quote, step):
    assert quote_and_step(comment) == (quote, step)


def test_without_a_step_by_the_grader_the_weakest_criterion_says_what_one_level_more_is():
    bank = read_bank(COURSE)
    rubric = bank.rubrics["reflection"]
    rows = [
        RubricRow(one.id, one.title, level, 3, "")
        for one, level in zip(rubric.criteria, (2, 1, 3, 1), strict=True)
    ]
    text = TextResponse("answered", "x", 130, 2.0, 3.0, rows, "Good.")
    prompt = PromptInfo("p", 3.0, "Tell.", rubric="reflection")
    told = sheet([], [], prompts=[prompt], texts={"p": text}, bank=bank).reflections[0].step
    assert told == (
        "In your next text, work on “Course ideas”. This is what one level more looks like: "
        f"{rubric.criteria[1].levels[2]}"
    )


def test_there_are_two_next_steps_at_most_and_one_is_always_there():
    text = TextResponse("answered", "x", 130, 2.0, 3.0, (), "Next, add her side.")
    prompt = PromptInfo("p", 3.0, "Tell.")
    full = sheet([item(0)], "b", prompts=[prompt], texts={"p": text})
    assert full.steps == [
        "Read the lesson “Lesson one” again, and do its practice questions.",
        "Next, add her side.",
    ]
    assert sheet([item(0)], "a").steps == ["In two days, open the lesson “Review” and do its ten questions."]


def full_page(assignment, *, show_key=False):
    """A page of the real course on which as much stands as can: every answer wrong, every text at level 1."""
    bank, course = read_bank(COURSE), load_course(COURSE)
    asked = course.assigned_items(next(one for one in course.assignments if one.id == assignment))
    prompts = course.assigned_prompts(next(one for one in course.assignments if one.id == assignment))
    infos = [
        item_info(
            KeyedItem(
                one.id, one.id, one.points, one.credit, (), one.key, Question(one.id, one.kind, ()), one.stem
            ),
            bank,
        )
        for one in asked
    ]
    wrong = {one.id: Response("wrong", (next(iter(one.misconceptions)),), 0.0, one.points) for one in infos}
    rows = [RubricRow(c.id, c.title, 2, 3, c.levels[2]) for c in bank.rubrics["reflection"].criteria]
    comment = "> I said stop, and then I told her why I could not let her pass.\nNext, add what she said."
    texts = {one.id: TextResponse("answered", "x", 150, 2.0, one.points, rows, comment) for one in prompts}
    shown = [PromptInfo(one.id, one.points, one.text, rubric=one.rubric) for one in prompts]
    first = sheet_of(
        assignment, infos, wrong, shown, texts, bank=bank, margin=SURE, before=wrong, show_key=show_key
    )
    return Page(
        title=bank.titles[assignment],
        course=bank.course,
        contact=bank.contact,
        language="en",
        student="Maximiliana Wolfeschlegelsteinhausen-Bergerdorff",
        handed_in="2026-03-02 09:30",
        late="1 day 2 hours",
        score=20.0,
        points=78.0,
        penalty=1.0,
        open=False,
        file_reason="",
        settled=True,
        digest="0" * 64,
        sheet=first,
        made="2026-03-09",
        form="A",
    )


def full_course():
    """The report of the real course, all of it handed in, with as much on it as can stand there."""
    bank, course, final = read_bank(COURSE), load_course(COURSE), full_page("final")
    titles = [bank.titles[one.id] for one in course.assignments if not one.anchors]
    (text,) = [one for one in final.sheet.reflections if one.rows]
    return replace(
        a_course(),
        course=bank.course,
        student=final.student,
        form="A",
        lines=[Line(title, "open", "2026-03-06", final.sheet.questions, 51.5, 78.0) for title in titles],
        goals=[replace(goal, asked=6, right=1, partly=1) for goal in final.sheet.goals],
        ideas=[replace(idea, section=final.sheet.ideas[0].section) for idea in final.sheet.ideas],
        growth=Growth(before=4, now=3, asked=8, gained=2, lost=3),
        texts=[TextLine(title, text.rows) for title in titles],
        steps=[final.sheet.steps[0], "Next, " + "say what she said, " * 12],
    )


@pytest.mark.parametrize("kind", ["check-two-jobs", "final", "course"])
def test_the_fullest_page_is_one_sheet_on_both_papers(kind):
    html = render_course(full_course()) if kind == "course" else render(full_page(kind))
    for paper in ("a4", "letter"):
        made, lacks = pdf_of(html, paper=paper)
        assert (sheets(made), lacks) == (1, "")


def test_a_report_reads_like_a_text_for_the_seventh_grade():
    for html in (render(full_page("final")), render(full_page("check-two-jobs")), render_course(a_course())):
        # Heads and counts in tables are no sentences, and would make the rest look easier than it is.
        said = [line for line in words_of(html).split("\n") if re.search(r"[.?”]$", line)]
        reading = readability.read("\n\n".join(said))
        assert reading.words > 100 and reading.grade <= 7, reading.grade
        assert reading.mean_sentence <= 15


def test_a_report_loads_nothing_and_allows_nothing():
    for html in (render(full_page("final")), render_course(a_course())):
        assert "default-src 'none'; style-src 'unsafe-inline'" in html
        assert not re.search(r"<(script|img|link|iframe|a)\b|\bon\w+=|url\(|@import|https?:", html)


def a_course(student="ana"):
    one = made_class([item(n) for n in range(3)], {"ana": "aab", "ben": "bbb"}, name="check")
    texts = {"ana": {"p": rated({"own-part": 2, "ideas": 1})}}
    prompts = [PromptInfo("p", 3.0, "Tell.", objective="one-goal")]
    two = made_class(
        [item(n) for n in range(3, 5)],
        {"ana": "bb"},
        name="final",
        prompts=prompts,
        texts=texts,
    )
    late = made_class([item(9)], {"ben": "a"}, name="later")
    margins = {"check": Margin(3.0), "final": Margin(4.0), "later": Margin(1.0)}
    return course_page(student, [one, two, late], BANK, margins, date(2026, 3, 9))


def test_the_report_of_the_course_adds_up_what_was_handed_in():
    page = a_course()
    assert [(line.state, line.questions and line.questions.right) for line in page.lines] == [
        ("in", 2),
        ("in", 0),
        ("missing", None),
    ]
    asked = page.questions
    # 3 and 4 points of error make 5 together.
    assert (asked.right, asked.asked, asked.score, asked.low, asked.high) == (2, 5, 4.0, 0.0, 9.0)
    assert [(goal.right, goal.asked) for goal in page.goals] == [(2, 5)]
    assert [one.times for one in page.ideas] == [3] and page.criteria == ["own-part", "ideas"]
    assert page.made == "2026-03-09"


def test_the_errors_of_several_parts_add_up_only_where_all_are_known():
    assert together([Margin(3.0), Margin(4.0)]).points == 5.0
    assert together([Margin(3.0), Margin(math.nan, "too few")]).reason == "too few"
    assert together([]).reason == "nothing was answered yet"


def test_a_student_who_has_answered_nothing_still_gets_a_page():
    assert "not yet" in words_of(render_course(a_course("nobody")))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  Ana \n Lopes ", "Ana Lopes"),
        ("e\u0301" + "\u0300" * 30, "e\u0301" + "\u0300" * 3),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("\u200b\u202e", ""),
        ("\u2066", ""),
        ("", ""),
        ("😀", "😀"),
        ("x" * 300, "x" * 300),
    ],
)
def test_names_are_shown_whole_but_for_what_would_run_into_other_lines(name, shown):
    assert shown_name(name) == shown


NAMES = {
    "none": (" ", "\u200b"),
    "long": ("Maximiliana " * 24, "Bergerdorff"),
    "wide": ("X" * 300, ""),
    "rtl": ("محمد", "(2) בן סלאם"),
    "marks": ("Z" + "\u0315\u031b\u0340\u0358" * 40, "o"),
    "faces": ("😀👩🏽‍🚒", "🏳️‍🌈"),
    "tags": ("<script>alert(1)</script>", "</title><img src=x>"),
    "typst": ('#eval("1") $x$ @ref', "\\ `c` *b* // = [x]"),
    "cjk": ("田中 さくら", "김 สม नम"),
}


def test_every_name_makes_a_page_and_an_accessible_pdf_of_one_sheet(classroom):
    for student in NAMES:
        classroom.hand_in(student, answered(classroom.released, {SINGLE: "a", MULTIPLE: ["b"]}, TEXT))
    classroom.grade()
    held = 128 if classroom.places.gradebook is None else 300  # a server holds no more letters of a name
    with opened(classroom.places) as book:
        for student, (first, last) in NAMES.items():
            book.update_or_create_student(student, first_name=first[:held], last_name=last)
    results = student_reports.write_student_reports(classroom.places, CHECK)
    assert {one.student: (one.state, one.why, one.lacks) for one in results} == dict.fromkeys(
        NAMES, ("made", "", "")
    )
    for one in results:
        page, pdf = one.files
        assert (page.name, pdf.name) == (f"{one.student}.html", f"{one.student}.pdf")
        assert sheets(pdf.read_bytes()) == 1
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and "<img" not in text
    told = words_of((page.parent / "none.html").read_text(encoding="utf-8"))
    assert "For none." in told


@pytest.fixture
def grading(classroom):
    def run(*arguments):
        return CliRunner().invoke(main, ["--root", str(classroom.root), *map(str, arguments)])

    return run


def test_the_command_writes_reports_of_an_assignment_and_of_the_course(classroom, grading):
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    classroom.hand_in("ben", answered(classroom.released, {SINGLE: "a"}, TEXT))
    classroom.grade()
    classroom.grade_by_hand("ana", PROMPT, 4.5, "> At the gate I said stop.\nNext, greet first.")
    (classroom.folder("autograded", "ben") / f"{CHECK}.ipynb").unlink()
    run = grading("report", CHECK, "--show-key", "--paper", "letter")
    assert run.exit_code == 1 and "ben" in run.output and "the graded copy is missing" in run.output
    folder = classroom.places.work / "reports"
    assert sorted(path.name for path in (folder / CHECK / "students").iterdir()) == ["ana.html", "ana.pdf"]
    text = (folder / CHECK / "students" / "ana.html").read_text(encoding="utf-8")
    told = words_of(text)
    for expected in (
        "You wrote: “At the gate I said stop.”",
        "Next, greet first.",
        "How much of that is luck?",
    ):
        assert expected in told
    assert "RATIONALE-C" in text
    assert sheets((folder / CHECK / "students" / "ana.pdf").read_bytes()) >= 2
    run = grading("report", "--json", "--student", "ana", "--student", "zoe")
    ana, zoe = json.loads(run.output)["students"]
    assert (ana["state"], zoe["state"], zoe["why"]) == ("made", "refused", "has handed in nothing")
    assert [Path(path).name for path in ana["files"]] == ["ana.html", "ana.pdf"]
    course = words_of((folder / "course" / "students" / "ana.html").read_text(encoding="utf-8"))
    assert "Your course so far" in course and "Check: Greeting\n2026-03-02\n2 of 2\n9.5 of 11" in course
    if sys.platform != "win32":
        assert all((folder / name / "students").stat().st_mode & 0o077 == 0 for name in (CHECK, "course"))
    assert grading("report", "--show-key").exit_code == 2


def test_while_pdfs_are_written_other_runs_may_write_and_one_that_fails_is_listed(classroom, monkeypatch):
    for student in ("ana", "ben"):
        classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
    classroom.grade()

    def fails_for_ben(html, path, **choices):
        with locked(classroom.places, 0):
            pass
        if path.stem == "ben":
            raise PdfError("the page cannot become a PDF: so it is")
        return "it is not marked as accessible (ua-1): odd"

    older = classroom.places.work / "reports" / CHECK / "students" / "ben.pdf"
    older.parent.mkdir(parents=True)
    older.write_bytes(b"%PDF of other scores")
    monkeypatch.setattr(student_reports, "write_pdf", fails_for_ben)
    ana, ben = student_reports.write_student_reports(classroom.places, CHECK)
    assert (ana.state, ana.lacks) == ("made", "it is not marked as accessible (ua-1): odd") and ana.troubled
    assert ben.state == "refused"
    assert ben.why == "the page cannot become a PDF: so it is - read ben.html instead"
    assert older.with_suffix(".html").exists() and not older.exists()


def test_a_report_that_is_open_in_another_program_keeps_nobody_elses_back(classroom, monkeypatch):
    for student in ("ana", "ben"):
        classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
    classroom.grade()

    def is_open(html, path, **choices):
        if path.stem == "ana":
            raise PermissionError(13, "Access is denied", str(path))
        return ""

    monkeypatch.setattr(student_reports, "write_pdf", is_open)
    ana, ben = student_reports.write_student_reports(classroom.places, CHECK)
    assert (ana.state, ben.state) == ("refused", "made")
    assert ana.why == "a page or PDF is open in another program: close it there and run the command again"


def test_the_reports_of_a_student_who_is_taken_out_go_with_the_rest(classroom):
    for student in ("ana", "ana-lopes"):
        classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    for one in student_reports.write_student_reports(classroom.places, CHECK):
        assert one.state == "made"
    folder = forget(classroom.places, "ana", sure=True).folder
    kept = sorted(path.name for path in (folder / "reports" / CHECK).iterdir())
    left = sorted(path.name for path in (classroom.places.work / "reports" / CHECK / "students").iterdir())
    assert (kept, left) == (["ana.html", "ana.pdf"], ["ana-lopes.html", "ana-lopes.pdf"])
