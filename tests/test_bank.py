"""Reading the course: every kind of wrong input gets path:line, what is wrong and what to do."""

from pathlib import Path

import pytest

from course.bank import load_course
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


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        (PRACTICE, "bloom =", "blom =", f"{PRACTICE}:9: unknown key 'blom' - did you mean 'bloom'?"),
        (PRACTICE, "words = ", "wrods = ", f"{PRACTICE}:32: unknown key 'wrods' - did you mean 'words'?"),
        (
            PRACTICE,
            'stem = "What should',
            '# stem = "What should',
            f"{PRACTICE}:1: the key 'stem' is missing",
        ),
        (
            PRACTICE,
            'id = "greeting-mine"',
            'id = "greeting-door"',
            f"{PRACTICE}:30: the question id 'greeting-door'",
        ),
        (
            GRADED,
            'id = "greeting-single"',
            'id = "greeting-door"',
            f"{GRADED}:2: the question id 'greeting-door'",
        ),
        (PRACTICE, 'key = "b"', 'key = "x"', f"{PRACTICE}:6: the key 'x' is not an option"),
        (PRACTICE, 'key = "b"', 'key = ["b"]', f"{PRACTICE}:6: a single item has one key in quotes"),
        (GRADED, 'key = ["a", "d"]', 'key = "a"', f"{GRADED}:33: a multiple item has a list of keys"),
        (GRADED, 'key = ["a", "d"]', 'key = ["a", "b", "c", "d"]', f"{GRADED}:33: every option is a key"),
        (
            GRADED,
            'key = ["a", "d"]',
            'key = ["a", "a"]',
            f"{GRADED}:33: the key is empty or names an option twice",
        ),
        (
            PRACTICE,
            'rationale = "A greeting',
            '# "A greeting',
            f"{PRACTICE}:18: the key 'rationale' is missing",
        ),
        (PRACTICE, 'id = "c"', 'id = "a"', f"{PRACTICE}:24: the option id 'a' is used twice"),
        (PRACTICE, 'kind = "single"', 'kind = "singel"', f"{PRACTICE}:3: 'kind' has the value 'singel'"),
        (PRACTICE, "version = 1", 'version = "1"', f"{PRACTICE}:10: 'version' should be a whole number"),
        (PRACTICE, "version = 1", 'credit = "half"\nversion = 1', f"{PRACTICE}:10: unknown credit 'half'"),
        (
            PRACTICE,
            "version = 1",
            "version = 1\nhalf = 1",
            f"{PRACTICE}:11: practice items belong to no half",
        ),
        (GRADED, "half = 1", "", f"{GRADED}:2: the key 'half' is missing"),
        (
            PRACTICE,
            '"greeting-door"',
            '"door"',
            f"{PRACTICE}:2: the id 'door' does not start with its lesson",
        ),
        (PRACTICE, '"greeting-door"', '"Greeting door"', f"{PRACTICE}:2: 'id': "),
        (
            PRACTICE,
            '"greeting-first"',
            '"greeting-frist"',
            f"{PRACTICE}:2: unknown objective 'greeting-frist'",
        ),
        (PRACTICE, '["S0-01"]', '["S9-99"]', f"{PRACTICE}:2: unknown claim 'S9-99'"),
        (PRACTICE, '"MIS-01"', '"MIS-77"', f"{PRACTICE}:2: unknown misconception 'MIS-77'"),
        (GRADED, 'rubric = "reflection"\n', "", f"{GRADED}:92: says neither rubric nor credit"),
        (
            GRADED,
            'rubric = "reflection"',
            'rubric = "reflection"\ncredit = "completion"',
            f"{GRADED}:92: has a rubric and credit for completion - keep one of the two",
        ),
        (
            GRADED,
            'words = [40, 120]\nrubric = "reflection"',
            'words = [0, 120]\ncredit = "completion"',
            f"{GRADED}:94: no words at all would earn the credit - write it as words = [30, 100]",
        ),
        (
            PRACTICE,
            "words = [20, 60]",
            'words = [20, 60]\ncredit = "completion"',
            f"{PRACTICE}:33: a practice prompt earns nothing, since lessons are not handed in - remove the line",
        ),
        (
            PRACTICE,
            "words = [20, 60]",
            "words = [20, 60]\npoints = 2",
            f"{PRACTICE}:33: a practice prompt earns nothing, since lessons are not handed in - remove the line",
        ),
        (
            PRACTICE,
            "words = [20, 60]",
            "words = [60, 20]",
            f"{PRACTICE}:32: the word range is not from low to high",
        ),
        (GRADED, 'rubric = "reflection"', 'rubric = "reflexion"', f"{GRADED}:92: unknown rubric 'reflexion'"),
        (PRACTICE, "[[item]]", "[[items]]", f"{PRACTICE}:1: unknown key 'items' - did you mean 'item'?"),
        (PRACTICE, 'text = "Greet her."', 'text = "Greet her.', f"{PRACTICE}:20: is not valid TOML"),
        (
            LESSON,
            "{{ask greeting-door}}",
            "{{ask greeting-dor}}",
            f"{LESSON}:21: unknown item 'greeting-dor'",
        ),
        (LESSON, "{{ask greeting-door}}", "{{asks greeting-door}}", f"{LESSON}:21: unknown word 'asks'"),
        (LESSON, "{{ask greeting-door}}", "{{ask greeting-door", f"{LESSON}:21: the braces are not closed"),
        (LESSON, "{{ask greeting-door}}", "{{ask}}", f"{LESSON}:21: 'ask' takes 1 word(s) after it"),
        (
            LESSON,
            "{{ask greeting-door}}",
            "{{ask greeting-single}}",
            f"{LESSON}:21: 'greeting-single' is graded",
        ),
        (LESSON, "{{ask greeting-door}}", "{{scenario}}", f"{LESSON}:21: this lesson has no scenario.toml"),
        (
            LESSON,
            "{{ask greeting-door}}",
            "{{review many}}",
            f"{LESSON}:21: 'many' is not a number of questions",
        ),
        (
            LESSON,
            "{{reflect greeting-mine}}",
            "{{ask greeting-mine}}",
            f"{LESSON}:25: 'greeting-mine' is not for ask",
        ),
        (
            LESSON,
            "{{reflect greeting-mine}}",
            "",
            f"{PRACTICE}:30: 'greeting-mine' is not placed in the lesson",
        ),
        (LESSON, "## Reflect", "{{ask greeting-door}}", f"{LESSON}:23: 'greeting-door' is placed twice"),
        (LESSON, "::: good", "::: goood", f"{LESSON}:13: unknown block 'goood' - did you mean 'good'?"),
        (
            LESSON,
            "says the officer.\n:::",
            "says the officer.",
            f"{LESSON}:13: the block 'good' is not closed",
        ),
        (
            LESSON,
            "for the instructor.\n:::",
            "for it.",
            f"{LESSON}:20: a question cannot stand inside a block",
        ),
        (LESSON, "## Reflect", ":::", f"{LESSON}:23: this ::: closes nothing"),
        (LESSON, "## Reflect", "```\ncode", f"{LESSON}:23: the code fence is not closed"),
        (LESSON, "S0-02 -->", "S0-02", f"{LESSON}:11: a comment is not closed"),
        (LESSON, "S0-02 -->", "S0-92 -->", f"{LESSON}:11: unknown claim 'S0-92' - did you mean"),
        (LESSON, "claims:", "clams:", f"{LESSON}:11: unknown tag 'clams' - did you mean 'claims'?"),
        (LESSON, "S0-02 -->", "two -->", f"{LESSON}:11: 'two' is not a claim id"),
        (LESSON, "## Reflect", "# Reflect", f"{LESSON}:23: a lesson has one title"),
        (LESSON, "+++\ntitle", "title", f"{LESSON}:1: the front matter is missing"),
        (LESSON, 'visitor first."\n+++', 'visitor first."', f"{LESSON}:1: the front matter is not closed"),
        (
            LESSON,
            "minutes = 10",
            "minuts = 10",
            f"{LESSON}:3: unknown key 'minuts' - did you mean 'minutes'?",
        ),
        (
            "course/course.toml",
            '"greeting", "h',
            '"greting", "h',
            "course/course.toml:6: the folder lessons/greeting",
        ),
        (
            "course/course.toml",
            '["greeting", ',
            '["greeting", "greeting", ',
            "course/course.toml:6: the lesson id",
        ),
        (
            "course/course.toml",
            'lesson = "greeting"',
            'lesson = "x"',
            "course/course.toml:11: unknown lesson 'x'",
        ),
        ("course/course.toml", 'form = "A"', 'form = "C"', "course/course.toml:4: 'form' has the value 'C'"),
        (
            "course/claims.csv",
            "claim_id",
            "id",
            "course/claims.csv:1: the column names are not the expected ones",
        ),
        (
            "course/claims.csv",
            '"A greeting is noticed, and it costs nothing."',
            "A, b",
            "course/claims.csv:2: has 8",
        ),
        (
            "course/glossary.toml",
            '"handover"\nmean',
            '"handover"\nmaen',
            "course/glossary.toml:3: unknown key",
        ),
        (
            "course/glossary.toml",
            'lesson = "handover"',
            'lesson = "x"',
            "course/glossary.toml:4: unknown lesson",
        ),
        (
            "course/rubrics/reflection.toml",
            "rules",
            "rulez",
            "course/rubrics/reflection.toml:3: unknown key 'rulez'",
        ),
        (
            "course/misconceptions.toml",
            "truth",
            "thruth",
            "course/misconceptions.toml:4: unknown key 'thruth'",
        ),
    ],
)
def test_wrong_input_is_named_with_its_place_and_a_remedy(small_course, path, old, new, expected):
    edit(small_course, path, old, new)
    found = problems(small_course)
    assert any(line.startswith(expected) for line in found), found
    assert all(" - " in line for line in found)


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


ASSIGNMENT = '\n[[assignment]]\nid = "{id}"\ntitle = "T"\n{lesson}weight = 0\n'


@pytest.mark.parametrize(
    ("id_", "lesson", "expected"),
    [
        ("final", "", "course/course.toml:20: the assignment id 'final' is used twice"),
        (
            "extra",
            'lesson = "greeting"\n',
            "course/course.toml:20: 'extra' asks the same questions",
        ),
        ("extra", "", "course/course.toml:20: 'extra' asks the same questions as 'final'"),
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
        f"{PRACTICE}:20: is not valid TOML: Illegal character '\\n'"
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
