"""Feedback that no longer says what the gradebook says: seen in the status, told when it is replaced."""

import json
import re

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, TEXT, answered
from click.testing import CliRunner

from grading.cli import main
from grading.feedback import write_feedback
from grading.gradebook import opened
from grading.outdated import HEAD, shown_digest
from grading.status import course_status


@pytest.fixture
def given(classroom):
    """Two students, graded to the end, with their pages."""
    for student in ("ana", "ben"):
        classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    for student in ("ana", "ben"):
        classroom.grade_by_hand(student, PROMPT, 5, "Clear.")
    write_feedback(classroom.places, CHECK)
    return classroom


def status(classroom):
    return next(one for one in course_status(classroom.places) if one.name == CHECK)


def page(classroom, student):
    return classroom.folder("feedback", student) / f"{CHECK}.html"


def grading(classroom, *arguments):
    return CliRunner().invoke(main, ["--root", str(classroom.root), *arguments])


def test_pages_that_say_what_the_gradebook_says_are_not_out_of_date_with_or_without_the_key(given):
    assert (status(given).outdated, status(given).next_step) == (0, "done")
    write_feedback(given.places, CHECK, show_key=True)
    assert (status(given).outdated, status(given).next_step) == (0, "done")
    given.grade()
    assert status(given).outdated == 0


def change(classroom, **values):
    with opened(classroom.places) as book:
        submission = book.find_submission(CHECK, "ana")
        for name, value in values.items():
            if name == "penalty":
                submission.notebooks[0].late_submission_penalty = value
            elif name == "extra":
                book.find_grade(SINGLE, CHECK, CHECK, "ana").extra_credit = value
        book.db.commit()


def hand_in_the_same_again(classroom):
    path = classroom.folder("submitted", "ana") / "timestamp.txt"
    path.write_text("2026-03-03 00:00:00 UTC", encoding="utf-8")
    classroom.grade()


@pytest.mark.parametrize(
    "make",
    [
        lambda classroom: classroom.grade_by_hand("ana", PROMPT, 4),
        lambda classroom: classroom.grade_by_hand("ana", PROMPT, 5, "Clear, and kind."),
        lambda classroom: classroom.grade_by_hand("ana", MULTIPLE, 1),
        lambda classroom: change(classroom, extra=0.5),
        lambda classroom: change(classroom, penalty=1.0),
        hand_in_the_same_again,
    ],
    ids=["score", "comment", "score of a question", "extra credit", "penalty", "time"],
)
def test_a_change_in_the_gradebook_makes_one_page_out_of_date_and_the_next_step_is_to_give_it_again(
    given, make
):
    make(given)
    one = status(given)
    assert (one.outdated, one.next_step) == (1, f"grading feedback {CHECK} --release")
    said = " ".join(grading(given, "status").output.split())
    assert f"{CHECK}: 1 feedback page says something else than the gradebook by now" in said
    told = grading(given, "feedback", CHECK)
    assert "For 1 student the page replaces one that was given already and said something else" in told.output
    assert status(given).outdated == 0
    assert "replaces" not in grading(given, "feedback", CHECK).output


def test_a_name_that_was_added_is_no_reason_to_give_a_page_again(given):
    with opened(given.places) as book:
        book.update_or_create_student("ana", first_name="Ana")
    assert status(given).outdated == 0


def test_a_corrected_key_makes_those_pages_out_of_date_that_show_it_or_another_score(given):
    write_feedback(given.places, CHECK, only=["ben"], show_key=True)
    path = given.root / "source" / CHECK / f"{CHECK}.ipynb"
    text = path.read_text(encoding="utf-8")
    # Ana keeps her two points with the wider key; Ben's page shows the old one.
    old, new = 'key=[\\"a\\", \\"d\\"]', 'key=[\\"a\\"]'
    assert text.count(old) == 1
    given.hand_in("ana", answered(given.released, {**HONEST, MULTIPLE: ["b"]}, TEXT))
    given.grade()
    given.grade_by_hand("ana", PROMPT, 5, "Clear.")
    write_feedback(given.places, CHECK, only=["ana"])
    path.write_text(text.replace(old, new), encoding="utf-8")
    given.grade(corrected=True)
    assert status(given).outdated == 1
    results = {one.student: one.replaces for one in write_feedback(given.places, CHECK)}
    assert results == {"ana": False, "ben": True}


def test_a_page_of_an_earlier_version_counts_as_out_of_date(given):
    html = page(given, "ana").read_text(encoding="utf-8")
    page(given, "ana").write_text(re.sub(r'<meta name="gradebook".*\n', "", html), encoding="utf-8")
    assert status(given).outdated == 1
    made = json.loads(grading(given, "feedback", CHECK, "--json").output)
    assert [one["replaces"] for one in made] == [True, False]


def test_only_the_head_of_a_page_is_read(given):
    whole = page(given, "ana").read_bytes()
    digest = shown_digest(page(given, "ana"))
    assert digest and digest.encode() in whole[:HEAD]
    page(given, "ana").write_bytes(whole[:HEAD] + b"x" * 50_000_000)
    assert shown_digest(page(given, "ana")) == digest
    page(given, "ben").write_bytes(b" " * HEAD + whole)
    assert shown_digest(page(given, "ben")) == ""
    page(given, "ben").unlink()
    assert shown_digest(page(given, "ben")) is None
    page(given, "ben").mkdir()
    assert shown_digest(page(given, "ben")) is None


def test_the_digest_of_a_page_without_the_key_tells_nothing_of_it(given):
    digests = [shown_digest(page(given, "ana"))]
    path = given.root / "source" / CHECK / f"{CHECK}.ipynb"
    given.hand_in("ana", answered(given.released, {}, TEXT))
    for old, new in (("c", "c"), ("c", "b")):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f'key=[\\"{old}\\"]', f'key=[\\"{new}\\"]'), encoding="utf-8")
        given.grade(corrected=True)
        write_feedback(given.places, CHECK, only=["ana"])
        digests.append(shown_digest(page(given, "ana")))
    assert digests[0] != digests[1] == digests[2]
