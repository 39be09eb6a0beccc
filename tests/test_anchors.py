"""What is asked before the course: it counts for nothing, and tells no key before the final asks it again."""

import copy
import csv
import json
import re
import shutil
from itertools import product
from pathlib import Path

import pytest
from classroom import PLACES, TIME, Classroom, answered, make_course

from course.notebook import dumps
from grading import outdated
from grading.anchors import uncounted, why_no_key
from grading.autograde import autograde
from grading.exports.marks import read_marks
from grading.feedback import write_feedback
from grading.gradebook import opened
from grading.places import find_places
from grading.records import assignment
from grading.results import GradingError
from grading.status import course_status
from grading.student_reports import write_student_reports
from grading.tables import connected
from grading.workflow import release

BEFORE, FINAL = "before", "final"
ONE, TWO = "greeting-later", "greeting-again"
KEYS = {ONE: "a", TWO: "b"}
SETTINGS = '[[assignment]]\nid = "before"\ntitle = "Before you start"\nanchors = true\n\n'


def with_anchors(root: Path) -> None:
    """Give the small course two anchors in half 2, and an assignment that asks them before the course."""
    shutil.copytree(PLACES / "tests" / "sample" / "course", root / "course")
    graded = root / "course/lessons/greeting/graded.toml"
    text = graded.read_text(encoding="utf-8")
    start, end = text.index(f'[[item]]\nid = "{ONE}"'), text.index("[[prompt]]")
    block = text[start:end].replace(f'id = "{ONE}"', f'id = "{ONE}"\ntags = ["anchor"]')
    second = block.replace(ONE, TWO).replace("When does a greeting come?", "Who greets the other one?")
    for old, new in (('key = "a"', 'key = "b"'), ("First.", "He does."), ("Last.", "You do.")):
        second = second.replace(old, new, 1)
    first = 'misconception = "MIS-03"\n'
    assert second.count(first) == 1
    second = second.replace(first, "").replace('set."\n', f'set."\n{first}')
    graded.write_text(text[:start] + block + second + text[end:], encoding="utf-8")
    settings = root / "course/course.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[[assignment]]\n", f"{SETTINGS}[[assignment]]\n", 1), encoding="utf-8")


@pytest.fixture(scope="module")
def one_released(tmp_path_factory):
    """The small course with anchors; what is asked before it is released, and the final is not."""
    root = tmp_path_factory.mktemp("anchors") / "course-folder"
    root.mkdir()
    with_anchors(root)
    make_course(root, keep=True)
    release(find_places(root), BEFORE)
    return root


@pytest.fixture(scope="module")
def released(one_released, tmp_path_factory):
    """The same with the final released, too."""
    root = tmp_path_factory.mktemp("anchors") / "course-folder"
    shutil.copytree(one_released, root)
    release(find_places(root), FINAL)
    return root


@pytest.fixture
def room(released, tmp_path):
    root = tmp_path / "course-folder"
    shutil.copytree(released, root)
    return Classroom(root)


def notebook(room, name):
    return json.loads((room.root / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))


def hand_in(room, name, student, answers):
    folder = room.folder("submitted", student, name)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(answered(notebook(room, name), answers))
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    (folder / "timestamp.txt").write_text(TIME, encoding="utf-8")
    autograde(room.places, name)


def page(room, student, **choices):
    write_feedback(room.places, BEFORE, only=[student], **choices)
    return (room.folder("feedback", student, BEFORE) / f"{BEFORE}.html").read_text(encoding="utf-8")


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))


def test_the_gradebook_itself_says_that_it_does_not_count(room):
    hand_in(room, BEFORE, "ana", KEYS)
    with connected(room.places) as connection:
        before, final = (assignment(connection, name) for name in (BEFORE, FINAL))
        assert list(uncounted(connection).values()) == [BEFORE]
    assert (before.counts, final.counts) == (False, True)
    assert before.submissions["ana"].score == before.points == 4


def test_the_page_counts_what_was_right_and_tells_it_of_no_question(room):
    hand_in(room, BEFORE, "ana", {ONE: "a", TWO: "c"})
    html = page(room, "ana")
    text = text_of(html)
    assert "1 of 2 questions right" in text
    assert "This shows where you started. It does not count toward your grade." in text
    assert "Which answers were right, you learn at the end of the course." in text
    assert text.count("● Answered") == 4 and text.count("● Your choice.") == 2
    for told in ("point", "✓", "✗", "◐", 'class="good"', 'class="bad"', "points good", "points bad"):
        assert told not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL).replace('"points"', ""), (
            told
        )


def test_pages_with_the_same_count_differ_in_nothing_but_the_choices(room):
    """Also not in the digest in the page's head, whose few possible values a student could try."""
    hand_in(room, BEFORE, "ana", {ONE: "a", TWO: "c"})
    hand_in(room, BEFORE, "ben", {ONE: "b", TWO: "b"})
    pages = [page(room, student).replace(student, "") for student in ("ana", "ben")]
    told = [
        re.sub(r'<li class="chosen">|<li>|<p class="mark"><span>● Your choice.</span></p>\n', "", one)
        for one in pages
    ]
    assert told[0] == told[1]


def test_a_question_without_an_answer_is_named_since_that_tells_no_key(room):
    hand_in(room, BEFORE, "ana", {ONE: "a"})
    text = text_of(page(room, "ana"))
    assert "Question 1 ● Answered" in text and "Question 2 ○ Not answered" in text


def test_no_digest_can_be_tried_for_the_scores_of_single_questions(room):
    hand_in(room, BEFORE, "ana", {ONE: "a", TWO: "c"})
    with connected(room.places) as connection:
        record = assignment(connection, BEFORE)
    (made,) = record.notebooks.values()
    digests = set()
    for first, second in product((0.0, 2.0), repeat=2):
        one = copy.deepcopy(record.submissions["ana"])
        cells = one.notebooks[BEFORE].cells
        for name, score in ((ONE, first), (TWO, second)):
            object.__setattr__(cells[name], "auto_score", score)
        digests.add((one.score, outdated.page_digest(record, one, made, show_key=False)))
    assert len(digests) == 3  # the totals 0, 2 and 4


def test_the_key_waits_until_everybody_has_a_grade_in_the_final(room):
    hand_in(room, BEFORE, "ana", KEYS)
    hand_in(room, BEFORE, "ben", {})
    for student, told in ((None, "2 students have no grade there yet: ana, ben"), ("ana", "1 student has")):
        if student:
            hand_in(room, FINAL, student, KEYS)
        with pytest.raises(GradingError, match=f"before: final asks these questions again, and {told}"):
            write_feedback(room.places, BEFORE, show_key=True)
        assert not room.places.step("feedback").exists()
    text = text_of(page(room, "ana", show_key=True, anyway=True))
    assert "2 of 2 questions right" in text and text.count("✓ Right answer.") == 2
    hand_in(room, FINAL, "ben", {ONE: "b"})
    text = text_of(page(room, "ben", show_key=True))
    assert "It does not count toward your grade. Your goals" in text
    assert "0 of 2 questions right" in text and text.count("✓ Right answer.") == 2
    assert "point" not in text


def test_the_key_of_a_check_and_of_the_final_is_no_matter_of_this(room):
    hand_in(room, FINAL, "ana", KEYS)
    assert {one.state for one in write_feedback(room.places, FINAL, show_key=True)} == {"made"}


def test_the_page_of_the_final_says_how_the_same_questions_went_before(room):
    hand_in(room, BEFORE, "ana", {ONE: "a", TWO: "c"})
    for student in ("ana", "ben"):
        hand_in(room, FINAL, student, KEYS)
    write_feedback(room.places, FINAL)
    ana, ben = (
        text_of((room.folder("feedback", student, FINAL) / f"{FINAL}.html").read_text(encoding="utf-8"))
        for student in ("ana", "ben")
    )
    assert (
        "2 questions were asked before the course and again now. 1 answer was not right then and is right"
        in ana
    )
    assert "Before the course 1 of 2 Now 2 of 2" in ana
    assert "before the course" not in ben


def test_without_a_final_in_the_gradebook_the_key_waits(one_released):
    with connected(find_places(one_released)) as connection:
        told = why_no_key(connection, assignment(connection, BEFORE))
    assert told == (
        "before: the final asks these questions again and is not released yet - "
        "leave out --show-key until then"
    )


def test_only_the_command_that_has_it_advises_the_option_anyway(one_released):
    places = find_places(one_released)
    with pytest.raises(GradingError, match=r"until then, or add --anyway$"):
        write_feedback(places, BEFORE, show_key=True)
    with pytest.raises(GradingError, match=r"leave out --show-key until then$"):
        write_student_reports(places, BEFORE, show_key=True)


def test_no_total_counts_it_unless_it_is_named(room):
    from nbgrader.plugins import CsvExportPlugin

    from grading.plugins import SafeCsv

    hand_in(room, BEFORE, "ana", KEYS)
    hand_in(room, FINAL, "ana", {ONE: "a"})
    _, columns = read_marks(room.places)
    assert [column.name for column in columns] == [FINAL]
    assert [column.name for column in read_marks(room.places, [BEFORE])[1]] == [BEFORE]
    rows = {}
    with opened(room.places) as book:
        for plugin, wanted in ((SafeCsv, []), (SafeCsv, [BEFORE]), (CsvExportPlugin, [])):
            path = room.root / "grades.csv"
            plugin(to=str(path), assignment=wanted).export(book)
            with path.open(encoding="utf-8", newline="") as file:
                rows[plugin, *wanted] = [row["assignment"] for row in csv.DictReader(file)]
    assert rows == {(SafeCsv,): [FINAL], (SafeCsv, BEFORE): [BEFORE], (CsvExportPlugin,): [BEFORE, FINAL]}


def test_the_formgraders_overall_score_leaves_it_out(room):
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    from grading.formgrader import safe_api

    hand_in(room, BEFORE, "ana", KEYS)
    hand_in(room, FINAL, "ana", {ONE: "a"})
    hand_in(room, BEFORE, "ben", {})
    with opened(room.places) as book:
        book.update_or_create_student("cyd")
    config = room.places.config
    found = {}
    for kind in (NbGraderAPI, safe_api()):
        api = kind(CourseDirectory(config=config), config=config)
        found[kind] = {one["id"]: (one["score"], one["max_score"]) for one in api.get_students()}
    ours = safe_api()(CourseDirectory(config=config), config=config)
    assert list(found.values()) == [
        {"ana": (6.0, 8.0), "ben": (0.0, 8.0), "cyd": (0.0, 8.0)},
        {"ana": (2.0, 4.0), "ben": (0.0, 4.0), "cyd": (0.0, 4.0)},
    ]
    one = ours.get_student("ana")
    assert (one["score"], one["max_score"]) == (2.0, 4.0)
    assert ours.get_student("nobody") is None


def test_nbgraders_own_feedback_tells_no_score_of_a_question(room):
    import nbformat
    from nbgrader.preprocessors import GetGrades

    from grading.preprocessors import NoKeys

    hand_in(room, BEFORE, "ana", {ONE: "a", TWO: "c"})
    hand_in(room, FINAL, "ana", {ONE: "a", TWO: "c"})
    graded = {}
    for name in (BEFORE, FINAL):
        path = room.folder("autograded", "ana", name) / f"{name}.ipynb"
        made = nbformat.read(path, as_version=4)
        place = {"notebook": name, "assignment": name, "student": "ana", "db_url": room.places.db_url}
        for step in (GetGrades, NoKeys):
            made, _ = step().preprocess(made, {"nbgrader": place})
        graded[name] = [
            cell.metadata.nbgrader.grade_id
            for cell in made.cells
            if "nbgrader" in cell.metadata and cell.metadata.nbgrader.grade
        ]
        assert "score(" not in dumps(made)
    assert graded == {BEFORE: [], FINAL: [ONE, TWO]}


def test_a_corrected_key_is_named_in_both_assignments_that_ask_the_question(room):
    for name in (BEFORE, FINAL):
        hand_in(room, name, "ana", {ONE: "b", TWO: "b"})
        path = room.root / "source" / name / f"{name}.ipynb"
        old, new = (f'key=[\\"{key}\\"]' for key in "ab")
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
    steps = {one.name: (one.next_step, one.changed_keys) for one in course_status(room.places)}
    assert steps[BEFORE] == (f"grading regrade {BEFORE}", [ONE])
    assert steps[FINAL] == (f"grading regrade {FINAL}", [ONE])
