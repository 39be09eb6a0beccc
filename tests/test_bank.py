"""Reading the course: what is kept, what refers to what, and that one problem hides no other."""

from pathlib import Path

import pytest

from course.bank import load_course
from course.model import Prose
from course.reading import CourseError

LESSON = "course/lessons/greeting/lesson.md"
PRACTICE = "course/lessons/greeting/practice.toml"
GRADED = "course/lessons/greeting/graded.toml"


def problems(root: Path) -> list[str]:
    with pytest.raises(CourseError) as caught:
        load_course(root)
    return [str(problem) for problem in caught.value.problems]


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_small_course_reads_as_written(small_course):
    course = load_course(small_course)
    assert [lesson.slug for lesson in course.lessons] == ["greeting", "handover"]
    item = next(item for item in course.items("graded") if item.id == "greeting-multiple")
    assert (item.key, item.points, item.credit, item.half) == (("a", "d"), 3, "right-minus-wrong", 1)
    assert [option.misconception for option in item.distractors] == ["MIS-03", "MIS-01"]
    assert str(item.place) == f"{GRADED}:30"
    assert course.lesson("greeting").tagged == {"S0-01": 11, "S0-02": 11}


def test_form_b_swaps_check_and_final(small_course):
    def ids(course, number):
        return [item.id for item in course.assigned_items(course.assignments[number])]

    course = load_course(small_course)
    assert ids(course, 0) == ["greeting-single", "greeting-multiple"]
    assert ids(course, 1) == ["greeting-later"]
    edit(small_course, "course/course.toml", 'form = "A"', 'form = "B"')
    course = load_course(small_course)
    assert ids(course, 0) == ["greeting-later"]
    assert ids(course, 1) == ["greeting-single", "greeting-multiple"]


@pytest.mark.parametrize("path", [LESSON, PRACTICE, "course/course.toml", "course/claims.csv"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", "the file is empty"), (b"ok\n\n\xe9t\xe9", "is not UTF-8 text")],
)
def test_an_empty_or_foreign_file_is_named(small_course, path, content, expected):
    (small_course / path).write_bytes(content)
    line = 3 if content else 1
    assert any(found.startswith(f"{path}:{line}: ") and expected in found for found in problems(small_course))


def test_all_problems_of_all_files_come_at_once(small_course):
    edit(small_course, PRACTICE, "bloom", "blom")
    edit(small_course, GRADED, 'key = "c"', 'key = "x"')
    edit(small_course, LESSON, "::: good", "::: gud")
    (small_course / "course/lessons/handover/lesson.md").unlink()
    text = "\n".join(problems(small_course))
    assert "unknown item" not in text
    for part in ["blom", "the key 'x'", "gud", "handover/lesson.md:1: the file is missing"]:
        assert part in text


def test_a_graded_item_of_an_earlier_lesson_cannot_be_placed_either(small_course):
    path = "course/lessons/handover/lesson.md"
    edit(small_course, path, "{{ask greeting-door}}", "{{ask greeting-single}}")
    assert problems(small_course) == [
        f"{path}:13: 'greeting-single' is graded and cannot stand in a lesson - place a practice one"
    ]


def test_a_question_of_a_later_lesson_cannot_be_placed(small_course):
    edit(small_course, "course/course.toml", '["greeting", "handover"]', '["handover", "greeting"]')
    path = "course/lessons/handover/lesson.md"
    assert problems(small_course) == [
        f"{path}:13: 'greeting-door' belongs to the later lesson greeting - "
        "place a question of this or an earlier lesson"
    ]


ASSIGNMENT = '\n[[assignment]]\nid = "{id}"\ntitle = "T"\n{lesson}'


@pytest.mark.parametrize(
    ("id_", "lesson", "expected"),
    [
        ("final", "", "course/course.toml:18: the assignment id 'final' is used twice"),
        (
            "extra",
            'lesson = "greeting"\n',
            "course/course.toml:18: 'extra' asks the same questions",
        ),
        ("extra", "", "course/course.toml:18: 'extra' asks the same questions as 'final'"),
    ],
)
def test_two_assignments_cannot_share_a_name_or_their_questions(small_course, id_, lesson, expected):
    with (small_course / "course/course.toml").open("a", encoding="utf-8") as settings:
        settings.write(ASSIGNMENT.format(id=id_, lesson=lesson))
    assert any(line.startswith(expected) for line in problems(small_course)), problems(small_course)


def test_a_misconception_code_stands_once(small_course):
    edit(small_course, "course/misconceptions.toml", 'id = "MIS-02"', 'id = "MIS-01"')
    expected = "course/misconceptions.toml:8: the misconception id 'MIS-01' is used twice"
    assert any(line.startswith(expected) for line in problems(small_course))


@pytest.mark.parametrize("points", ["inf", "nan", "0", "-1"])
def test_points_are_a_number_above_nothing(small_course, points):
    edit(small_course, GRADED, "points = 3", f"points = {points}")
    assert any(line.startswith(f"{GRADED}:34: 'points'") for line in problems(small_course))


def test_a_file_that_cannot_be_parsed_is_the_only_problem_named(small_course):
    edit(small_course, PRACTICE, 'text = "Greet her."', 'text = "Greet her.')
    assert [found.partition(" - ")[0] for found in problems(small_course)] == [
        f"{PRACTICE}:20: a text is not closed on its line"
    ]


def test_one_wrong_item_hides_no_other(small_course):
    edit(small_course, GRADED, 'stem = "Which word opens a talk?"', "")
    edit(small_course, GRADED, 'key = ["a", "d"]', 'key = ["a", "z"]')
    assert len(problems(small_course)) == 2


def test_windows_line_ends_and_a_byte_order_mark_read_the_same(small_course):
    before = load_course(small_course)
    for path in [LESSON, PRACTICE, GRADED]:
        raw = (small_course / path).read_bytes()
        (small_course / path).write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    assert load_course(small_course) == before


@pytest.mark.parametrize(
    "tag",
    [
        "claim: S0-01",
        "Claims: s0-01",
        "claims S0-01",
        "claims = S0-01",
        "claims:\n  S0-01\n",
        "CLAIMS:S0-01;",
    ],
)
def test_a_claim_tag_counts_in_any_spelling_that_is_plain(small_course, tag):
    edit(small_course, LESSON, "claims: S0-01, S0-02", tag)
    assert load_course(small_course).lesson("greeting").tagged == {"S0-01": 11}


def test_an_ordinary_comment_is_no_tag_and_reaches_nobody(small_course):
    edit(small_course, LESSON, "claims: S0-01, S0-02", "claims are listed elsewhere, see S0-01 there")
    lesson = load_course(small_course).lesson("greeting")
    assert lesson.tagged == {}
    assert not any("elsewhere" in part.text for part in lesson.parts if isinstance(part, Prose))


def test_a_file_that_is_a_folder_is_named(small_course):
    (small_course / LESSON).unlink()
    (small_course / LESSON).mkdir()
    first = problems(small_course)[0]
    assert first.startswith(f"{LESSON}:1: cannot be read (") and first.endswith(
        "check the file and its permissions"
    )


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("course/misconceptions.toml", "create it; course/README.md says what it holds"),
        (LESSON, "create it, or take 'greeting' off the list in course/course.toml"),
        (
            "course/claims.csv",
            "create it with the line claim_id,article,type,cluster,lesson,misconception,claim, "
            "then a row for each claim",
        ),
    ],
)
def test_a_missing_file_is_the_one_problem_of_its_kind(small_course, path, remedy):
    (small_course / path).unlink()
    found = problems(small_course)
    assert f"{path}:1: the file is missing - {remedy}" in found
    assert not any("unknown claim" in line or "unknown misconception" in line for line in found)


@pytest.mark.parametrize("name", ["lesson.md.txt", "Lesson.md", "lesson.txt", "leson.md"])
def test_a_lesson_under_a_wrong_name_is_named(small_course, name):
    (small_course / LESSON).rename((small_course / LESSON).with_name(name))
    assert f"{LESSON}:1: the file is missing - rename {name} to lesson.md" in problems(small_course)


def test_a_long_list_of_what_may_be_named_is_not_printed(small_course):
    claims = small_course / "course/claims.csv"
    rows = "".join(f"S7-{n:02},S7,claim,K01,greeting,,Text.\n" for n in range(60))
    claims.write_text(claims.read_text(encoding="utf-8").rstrip("\n") + "\n" + rows, encoding="utf-8")
    edit(small_course, LESSON, "S0-02 -->", "X9-XX -->")
    assert problems(small_course) == [f"{LESSON}:11: unknown claim 'X9-XX' - use an existing claim"]


def test_two_assignments_with_the_same_questions_get_a_remedy(small_course):
    with (small_course / "course/course.toml").open("a", encoding="utf-8") as settings:
        settings.write(ASSIGNMENT.format(id="extra", lesson=""))
    assert problems(small_course) == [
        "course/course.toml:18: 'extra' asks the same questions as 'final' - "
        "give each lesson one assignment, and the course one without a lesson, the final"
    ]
