"""Nothing is left out of an assignment without a word, and errors stop a build; starting a lesson."""

import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from clean_course import CLEAN, course, lesson
from click.testing import CliRunner

from course.cli import main
from course.lint import lint
from course.model import Assignment, Place

CHECK = Assignment("check", "Check", "greeting", Place("course/course.toml", 9))
FINAL = Assignment("final", "Final", None, Place("course/course.toml", 14))
GRADED = replace(
    CLEAN, pool="graded", half=1, place=Place("course/lessons/greeting/graded.toml", 2), id="greeting-graded"
)
SETTINGS = "course/course.toml"
PRACTICE = "course/lessons/greeting/practice.toml"


def left_out(*items, assignments, form="A"):
    """What A-01 and A-02 say."""
    lessons = (lesson(items), lesson(slug="handover"))
    report = lint(course(lessons=lessons, assignments=assignments, form=form))
    return [str(finding) for finding in report.findings if finding.rule.startswith("A-")]


def run(root: Path, *arguments: str):
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_all_is_well_where_both_halves_are_asked():
    assert left_out(GRADED, replace(GRADED, id="greeting-two", half=2), assignments=(CHECK, FINAL)) == []


def test_a_check_of_a_lesson_without_graded_questions_is_named():
    assert left_out(CLEAN, assignments=(CHECK,)) == [
        "course/course.toml:9: A-01 'check' asks nothing, so no notebook is made for it - "
        "write questions with half = 1 in course/lessons/greeting/graded.toml, or remove the assignment"
    ]


def test_a_check_whose_half_is_empty_is_named_with_the_form():
    assert left_out(GRADED, assignments=(CHECK, FINAL), form="B") == [
        "course/course.toml:9: A-01 'check' asks nothing, so no notebook is made for it - "
        "form B asks what has half = 2: give that to half of the questions in "
        "course/lessons/greeting/graded.toml"
    ]


def test_a_final_without_questions_is_named():
    assert left_out(GRADED, assignments=(CHECK, FINAL)) == [
        "course/course.toml:14: A-01 'final' asks nothing, so no notebook is made for it - "
        "form A puts graded questions with half = 2 here: write some, or remove it"
    ]


def test_graded_questions_without_an_assignment_are_named():
    other = replace(GRADED, id="greeting-two", half=2, place=Place("course/lessons/greeting/graded.toml", 40))
    assert left_out(GRADED, assignments=()) == [
        "course/lessons/greeting/graded.toml:2: A-02 1 graded question is in no assignment under form A, "
        "first 'greeting-graded' - add an [[assignment]] with lesson = \"greeting\" to course/course.toml"
    ]
    assert left_out(GRADED, other, assignments=(CHECK,)) == [
        "course/lessons/greeting/graded.toml:40: A-02 1 graded question is in no assignment under form A, "
        "first 'greeting-two' - add one without a lesson, the final, to course/course.toml"
    ]


def test_a_build_says_which_check_it_could_not_make_and_builds_the_rest(small_course):
    edit(small_course, SETTINGS, 'lesson = "greeting"', 'lesson = "handover"')
    built = run(small_course, "build")
    assert built.exit_code == 0
    assert "course/course.toml:8: A-01 'check-greeting' asks nothing" not in built.stdout
    assert "course/course.toml:9: A-01 'check-greeting' asks nothing" in built.stderr
    assert "A-02 3 graded questions are in no assignment" in built.stderr
    assert built.stdout.splitlines()[-1].startswith("3 notebooks, 3 changed, all as the text says. ")
    assert built.stdout.splitlines()[-1].endswith("warnings: `course check` lists them.")


def test_a_build_writes_nothing_while_a_rule_is_broken_that_is_an_error(small_course):
    edit(small_course, PRACTICE, 'misconception = "MIS-01"\n', "")
    told = run(small_course, "build")
    assert told.exit_code == 1
    assert (
        f"{PRACTICE}:2: L-06 greeting-door: the wrong option a names no misconception - "
        "name one of misconceptions.toml, or add one there\n"
    ) in told.stderr
    assert told.stdout == (
        "1 error found. Nothing was written: mend this first, then run `course build` again. "
        "Where a rule does not fit a question, waive it there: `course check --rules` says how.\n"
    )
    assert not (small_course / "notebooks").exists()


def test_a_waiver_lets_a_build_go_on(small_course):
    edit(small_course, PRACTICE, 'misconception = "MIS-01"\n', "")
    edit(small_course, PRACTICE, "version = 1", 'version = 1\nwaive = { "L-06" = "a slip, not a view" }')
    assert run(small_course, "build").exit_code == 0
    assert (small_course / "notebooks/00-greeting.ipynb").exists()


def test_warnings_do_not_stop_a_build_and_are_counted(small_course):
    built = run(small_course, "build", "--json")
    data = json.loads(built.stdout)
    assert (built.exit_code, data["notebooks"], len(data["changed"]), data["problems"]) == (0, 4, 4, [])
    assert {row["rule"] for row in data["warnings"]} == {"L-16", "L-27"}


def test_a_stopped_build_as_json_lists_what_stopped_it(small_course):
    edit(small_course, PRACTICE, 'misconception = "MIS-01"\n', "")
    data = json.loads(run(small_course, "build", "--json").stdout)
    assert (data["notebooks"], data["changed"]) == (0, [])
    assert [(row["path"], row["line"], row["rule"]) for row in data["problems"]] == [(PRACTICE, 2, "L-06")]
    edit(small_course, PRACTICE, "bloom", "blom")
    data = json.loads(run(small_course, "build", "--json").stdout)
    assert data["problems"][0] == {
        "path": PRACTICE,
        "line": 9,
        "state": "unknown key 'blom'",
        "remedy": "did you mean 'bloom'?",
    }


def test_comparing_asks_no_rules(small_course):
    assert run(small_course, "build").exit_code == 0
    edit(small_course, PRACTICE, 'misconception = "MIS-01"\n', "")
    assert run(small_course, "build", "--check").exit_code == 0
    edit(small_course, PRACTICE, "bloom", "blom")
    told = run(small_course, "build", "--check")
    assert told.exit_code == 1
    assert "unknown key 'blom'" in told.stderr


@pytest.mark.parametrize("title", [["Lost and found"], ["Lost", "and", "found"]])
def test_a_title_may_be_written_with_or_without_quotes(small_course, title):
    assert run(small_course, "new", *title).exit_code == 0
    text = (small_course / "course/lessons/lost-and-found/lesson.md").read_text(encoding="utf-8")
    assert 'title = "Lost and found"' in text
    listed = tomllib.loads((small_course / SETTINGS).read_text(encoding="utf-8"))["lessons"]
    assert listed == ["greeting", "handover", "lost-and-found"]


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("Greeting", "there is a lesson folder course/lessons/greeting already - choose another title"),
        ("朝", "the title '朝' has no letters or digits a-z - give one that has, such as Lost and found"),
        ("Con", "Windows keeps the name 'con' for itself - add a word to the title"),
    ],
)
def test_a_title_that_makes_no_folder_is_refused(small_course, title, message):
    told = run(small_course, "new", title)
    assert told.exit_code == 2
    assert message in " ".join(told.stderr.split())


def test_a_long_title_gives_ids_that_still_fit(small_course):
    title = "What to say when somebody has lost an umbrella in the waiting hall of the station"
    assert run(small_course, "new", title).exit_code == 0
    assert (small_course / "course/lessons/what-to-say-when-somebody-has").is_dir()
    assert run(small_course, "build").exit_code == 0


def test_a_list_saved_by_notepad_takes_a_new_lesson(small_course):
    settings = small_course / SETTINGS
    settings.write_bytes(b"\xef\xbb\xbf" + settings.read_bytes().replace(b"\n", b"\r\n"))
    assert run(small_course, "new", "Lost").exit_code == 0
    assert run(small_course, "build").exit_code == 0


def test_a_new_lesson_breaks_no_rule_in_the_course_itself(repository, tmp_path):
    shutil.copytree(repository / "course", tmp_path / "course", ignore=shutil.ignore_patterns("*.py", "*.js"))
    assert run(tmp_path, "new", "Lost and found").exit_code == 0
    checked = run(tmp_path, "check", "--strict")
    assert checked.exit_code == 0, checked.output
