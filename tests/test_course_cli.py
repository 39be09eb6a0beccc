"""The `course` command, run as an instructor runs it."""

import subprocess
import sys
from pathlib import Path

import pytest


def course(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "course", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_new_makes_a_lesson_that_checks_and_builds(small_course):
    made = course(small_course, "new", 'Lost & "found"')
    assert made.returncode == 0, made.stderr
    assert (small_course / "course/lessons/lost-found/lesson.md").exists()
    text = (small_course / "course/course.toml").read_text(encoding="utf-8")
    assert 'lessons = ["greeting", "handover", "lost-found"]' in text
    built = course(small_course, "build")
    assert built.returncode == 0, built.stderr
    assert (small_course / "notebooks/02-lost-found.ipynb").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["new", "Greeting"], "there is a lesson folder course/lessons/greeting already"),
        (["new", "!!!"], "has no letters or digits"),
        (["nwe"], "No such command 'nwe'"),
        (["build", "--chek"], "No such option"),
    ],
)
def test_wrong_use_ends_with_status_2_and_no_traceback(small_course, arguments, message):
    run = course(small_course, *arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_outside_a_course_the_command_says_so(tmp_path):
    run = course(tmp_path, "check")
    assert run.returncode == 2
    told = " ".join(run.stderr.split())
    assert f"no course found: there is no course/course.toml in {tmp_path} or above it" in told
    assert "go to the folder of your course first, or name it with --root" in told


def test_the_command_works_from_a_folder_inside_the_course(small_course):
    assert course(small_course / "course" / "lessons", "build").returncode == 0
    assert (small_course / "notebooks").is_dir()


def test_nothing_is_written_when_there_is_a_problem(small_course):
    lesson = small_course / "course/lessons/greeting/lesson.md"
    lesson.write_text(lesson.read_text(encoding="utf-8") + "\n::: good\nopen\n", encoding="utf-8")
    run = course(small_course, "build")
    assert run.returncode == 1
    assert "course/lessons/greeting/lesson.md:27: the block 'good' is not closed" in run.stderr
    assert not (small_course / "notebooks").exists()


def test_build_check_lists_what_differs_and_writes_nothing(small_course):
    run = course(small_course, "build", "--check")
    assert run.returncode == 1
    assert "notebooks/00-greeting.ipynb: is missing - run `course build`" in run.stderr
    assert not (small_course / "notebooks").exists()
    assert course(small_course, "build").returncode == 0
    assert course(small_course, "build", "--check").returncode == 0


def test_a_title_with_accents_gets_plain_letters(small_course):
    assert course(small_course, "new", "Ärger am Tor").returncode == 0
    assert (small_course / "course/lessons/arger-am-tor/lesson.md").exists()


def test_new_says_what_is_wrong_with_the_course_and_writes_nothing(small_course):
    (small_course / "course/course.toml").write_bytes(b'title = "\xe9"')
    run = course(small_course, "new", "Lost and found")
    assert run.returncode == 1
    assert "course/course.toml:1: is not UTF-8 text" in run.stderr and "Traceback" not in run.stderr
    assert not (small_course / "course/lessons/lost-and-found").exists()


def test_a_preview_of_no_lesson_and_a_page_nowhere_say_what_to_do(small_course):
    told = course(small_course, "preview", "greting")
    assert told.returncode == 2
    assert "there is no lesson 'greting' - did you mean 'greeting'?" in told.stderr
    (small_course / "taken").write_text("a file", encoding="utf-8")
    told = course(small_course, "preview", "--output", "taken/here")
    assert told.returncode == 2
    words = " ".join(told.stderr.replace("│", " ").split())
    assert "cannot write taken" in words and "- name another place" in words


def test_reading_problems_stop_a_build_with_their_number(small_course):
    path = small_course / "course/lessons/greeting/practice.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("bloom", "blom"), encoding="utf-8")
    told = course(small_course, "build")
    assert (
        told.stdout == "1 error found. Nothing was written: mend this first, then run `course build` again.\n"
    )
    told = course(small_course, "coverage")
    assert told.stderr.endswith("1 problem found. Nothing was written.\n")
