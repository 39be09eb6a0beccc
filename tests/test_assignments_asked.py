"""Nothing is left out of an assignment without a word, and errors stop a build; starting a lesson."""

import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from clean_course import CLEAN, course, fired, lesson
from click.testing import CliRunner

from course.cli import main
from course.lint import lint
from course.model import Assignment, Place, Prompt

CHECK = Assignment("check", "Check", "greeting", Place("course/course.toml", 9))
FINAL = Assignment("final", "Final", None, Place("course/course.toml", 14))
GRADED = replace(
    CLEAN, pool="graded", half=1, place=Place("course/lessons/greeting/graded.toml", 2), id="greeting-graded"
)
SETTINGS = "course/course.toml"
PRACTICE = "course/lessons/greeting/practice.toml"


def left_out(*items, assignments, form="A"):
    """What the rules for assignments say."""
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


BEFORE = Assignment("before", "Before", None, Place("course/course.toml", 4), anchors=True)
HALVES = [
    replace(GRADED, id=f"greeting-{half}-{n}", half=half, tags=("anchor",) if n < 8 else ())
    for half in (1, 2)
    for n in range(9)
]


def test_eight_anchors_in_each_half_asked_before_and_in_the_final_break_no_rule():
    assert left_out(*HALVES, assignments=(BEFORE, CHECK, FINAL)) == []


def test_before_the_course_only_the_anchors_of_the_final_are_asked():
    for form, half in (("A", 2), ("B", 1)):
        made = course(lessons=(lesson(HALVES),), assignments=(BEFORE, CHECK, FINAL), form=form)
        asked = [item.id for item in made.assigned_items(BEFORE)]
        assert asked == [f"greeting-{half}-{n}" for n in range(8)]
        assert set(asked) < {item.id for item in made.assigned_items(FINAL)}
        assert not set(asked) & {item.id for item in made.assigned_items(CHECK)}


def test_an_anchor_in_practice_or_with_several_answers_is_an_error():
    practice = replace(CLEAN, tags=("anchor",))
    assert ("A-03", "E") in fired(practice)
    several = replace(GRADED, tags=("anchor",), kind="multiple", key=("a", "b"))
    assert (
        "course/lessons/greeting/graded.toml:2: A-03 greeting-graded: is tagged as an anchor and takes "
        "several answers - tag a question with one right answer in its place"
    ) in left_out(several, assignments=(BEFORE, CHECK, FINAL))


def test_too_few_anchors_in_a_half_and_in_too_few_lessons_are_named():
    later = replace(GRADED, id="handover-one", half=2, lesson="handover")
    lessons = (lesson(HALVES[1:]), lesson([later], slug="handover"))
    report = lint(course(lessons=lessons, assignments=(BEFORE, CHECK, FINAL)))
    assert [str(finding) for finding in report.findings if finding.rule.startswith("A-")] == [
        "course/course.toml:4: A-04 half 1 of the graded items has 7 anchors, not 8 - "
        'write tags = ["anchor"] in 8 questions of each half',
        "course/course.toml:4: A-04 the anchors of half 2 are of 1 of 2 lessons - "
        "choose some of another lesson: handover",
    ]


def test_anchors_that_are_not_asked_twice_are_named():
    assert left_out(*HALVES, assignments=(CHECK, FINAL)) == [
        "course/lessons/greeting/graded.toml:2: A-05 greeting-1-0: is the first of 16 anchors, and no "
        "assignment asks them before the course - "
        "add an [[assignment]] with anchors = true to course/course.toml"
    ]
    assert left_out(*HALVES, assignments=(BEFORE, CHECK)) == [
        "course/course.toml:4: A-05 'before' asks what the final would ask again, and there is no final - "
        "add an [[assignment]] without a lesson",
        "course/lessons/greeting/graded.toml:2: A-02 9 graded questions are in no assignment under form A, "
        "first 'greeting-2-0' - add one without a lesson, the final, to course/course.toml",
    ]
    assert left_out(*HALVES, assignments=(CHECK, BEFORE, FINAL)) == [
        "course/course.toml:4: A-05 'before' is for before the course and does not stand first - "
        "move it above the other assignments"
    ]


def test_an_assignment_of_anchors_without_any_says_what_to_tag():
    bare = [replace(item, tags=()) for item in HALVES]
    told = left_out(*bare, assignments=(BEFORE, CHECK, FINAL))
    assert (
        "course/course.toml:4: A-01 'before' asks nothing, so no notebook is made for it - "
        'write tags = ["anchor"] in 8 graded questions of each half, or remove it'
    ) in told


def test_nobody_writes_for_what_does_not_count():
    prompt = Prompt(
        "greeting-text",
        "Tell of a greeting.",
        (30, 60),
        1,
        "greeting-first",
        ("S0-01",),
        "graded",
        "greeting",
        Place("course/lessons/greeting/graded.toml", 90),
        assignment="before",
    )
    lessons = (replace(lesson(HALVES), prompts=(prompt,)), lesson(slug="handover"))
    report = lint(course(lessons=lessons, assignments=(BEFORE, CHECK, FINAL)))
    assert [str(finding) for finding in report.findings if finding.rule.startswith("A-")] == [
        "course/lessons/greeting/graded.toml:90: A-05 greeting-text: 'before' does not count, so nobody "
        "should have to write for it - name another assignment, or none"
    ]


def test_anchors_in_the_text_are_read_and_a_lesson_beside_them_is_a_problem(small_course):
    new = '[[assignment]]\nid = "before"\ntitle = "Before"\nanchors = true\n\n[[assignment]]\nid = "check-gr'
    edit(small_course, SETTINGS, '[[assignment]]\nid = "check-gr', new)
    edit(
        small_course,
        "course/lessons/greeting/graded.toml",
        'id = "greeting-later"\n',
        'id = "greeting-later"\ntags = ["anchor"]\n',
    )
    assert run(small_course, "build").exit_code == 0
    assert (small_course / "source/before/before.ipynb").is_file()
    edit(small_course, SETTINGS, "anchors = true\n", 'anchors = true\nlesson = "greeting"\n')
    told = run(small_course, "check")
    assert told.exit_code == 1
    assert (
        "course/course.toml:12: 'before' has anchors = true and a lesson - "
        "remove one of the two lines: anchors are of all lessons"
    ) in told.stderr


def test_a_pass_mark_says_how_it_was_set_and_is_not_for_what_does_not_count(small_course):
    edit(small_course, SETTINGS, 'title = "Final"\n', 'title = "Final"\npass_mark = 2\n')
    assert (
        "course/course.toml:16: 'final' has a pass mark and does not say how it was set - add a line such as "
        'pass_mark_set = "Angoff, five judges, 2026-10-01, standard error 1.2"'
    ) in run(small_course, "check").stderr
    edit(small_course, SETTINGS, "pass_mark = 2\n", 'pass_mark = 2\npass_mark_set = "Three judges"\n')
    assert run(small_course, "check").exit_code == 0
    edit(small_course, SETTINGS, "pass_mark = 2\n", "pass_mark = 2\nanchors = true\n")
    assert (
        "course/course.toml:16: 'final' has a pass mark and does not count - "
        "remove the line: nobody passes or fails before the course"
    ) in run(small_course, "check").stderr
