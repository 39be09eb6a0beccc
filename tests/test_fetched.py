"""Who has fetched an assignment: the plug-in leaves a mark, and only a mark of one's own is believed."""

import os
import sys
from dataclasses import replace

import pytest
from classroom import CHECK, HONEST, answered
from click.testing import CliRunner

import grading.fetched
from grading.cli import main
from grading.fetched import fetched, forget_marks, leave_mark
from grading.forget import forget
from grading.gradebook import opened
from grading.watching import Watch
from grading.workflow import collect

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the exchange does not run on Windows")


@pytest.fixture
def inbound(classroom):
    folder = classroom.places.exchange / classroom.places.course_id / "inbound"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def told(classroom):
    now = Watch(classroom.places).look()
    return {student: cells[CHECK].state for student, cells in now.cells.items() if CHECK in cells}


@pytest.mark.timeout(300)
def test_nbgraders_own_fetch_with_our_plugin_shows_the_student_as_fetched(classroom, inbound, tmp_path):
    home = tmp_path / "home"
    nbgrader = classroom.students_nbgrader(
        home, "c.ExchangeFactory.fetch_assignment = 'grading.plugins.MarkedFetch'"
    )
    first = nbgrader("fetch_assignment", CHECK, "--student", "ana")
    assert first.returncode == 0, first.stderr.decode()
    assert (home / CHECK / f"{CHECK}.ipynb").is_file()
    assert told(classroom) == {"ana": "fetched"}
    assert "c.ExchangeFactory.fetch_assignment" in (classroom.root / "nbgrader_config.py").read_text("utf-8")
    again = nbgrader("fetch_assignment", CHECK, "--student", "ana")
    assert again.returncode != 0 and len(list(inbound.iterdir())) == 1


def test_a_mark_is_no_submission_and_gives_way_to_one(classroom, inbound):
    leave_mark(inbound, CHECK, "ana")
    assert collect(classroom.places, CHECK) == []
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    assert told(classroom) == {"ana": "collected"}
    classroom.grade()
    assert told(classroom) == {"ana": "graded"}


def test_a_watch_sees_a_new_mark_and_counts_everybody_once(classroom, inbound):
    with opened(classroom.places) as book:
        for student in ("ana", "ben", "cyd"):
            book.update_or_create_student(student)
    watch = Watch(classroom.places)
    watch.look()
    for student in ("ana", "ana", "ben"):
        leave_mark(inbound, CHECK, student)
    (column,) = [one for one in watch.look().columns if one.name == CHECK]
    assert {state: count for state, count in column.counts.items() if count} == {"nothing": 1, "fetched": 2}
    shown = CliRunner().invoke(main, ["--root", str(classroom.root), "status", "--students"]).output
    assert [line.split()[1] for line in shown.splitlines() if line.split()[:1] in (["ana"], ["cyd"])] == [
        "fetched",
        "-",
    ]


def test_a_mark_of_another_account_a_link_or_an_odd_name_is_not_believed(classroom, inbound, monkeypatch):
    leave_mark(inbound, CHECK, "ana")
    leave_mark(inbound, CHECK, "ben")
    leave_mark(inbound, CHECK, "=cmd")
    (inbound / f"fetched={CHECK}=cyd=abc").symlink_to(inbound)
    (inbound / f"fetched={CHECK}=dee=abc").mkdir()
    (inbound / "fetched=").touch()
    real, mine = grading.fetched.list_folder, os.getuid()

    def owned(*given, **more):
        return [
            replace(entry, owner=mine + 1 if "=ben=" in entry.name else entry.owner)
            for entry in real(*given, **more)
        ]

    monkeypatch.setattr("grading.fetched.list_folder", owned)
    monkeypatch.setattr("grading.inbound._owner", lambda number: None if number == mine else "mallory")
    assert {name: list(marks) for name, marks in fetched(classroom.places, inbound).items()} == {
        CHECK: ["ana"]
    }


def test_forgetting_a_student_takes_the_marks_too_and_nobody_elses(classroom, inbound):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    for student in ("ana", "ana", "ben"):
        leave_mark(inbound, CHECK, student)
    forget(classroom.places, "ana", sure=True)
    assert told(classroom) == {"ben": "fetched"}
    assert forget_marks(inbound, "ana") == 0


def test_fetching_goes_well_where_no_mark_can_be_left(tmp_path):
    leave_mark(tmp_path / "gone", CHECK, "ana")
    assert list(tmp_path.iterdir()) == []


def test_whoever_tries_an_assignment_without_being_in_the_class_list_is_no_student(classroom, inbound):
    leave_mark(inbound, CHECK, "teacher")
    assert told(classroom) == {"teacher": "fetched"}  # without a class list everybody counts
    with opened(classroom.places) as book:
        book.update_or_create_student("ana")
    leave_mark(inbound, CHECK, "ana")
    now = Watch(classroom.places).look()
    assert set(now.people) == {"ana"} and told(classroom) == {"ana": "fetched"}
    assert list(now.remarks) == ["Also fetched by, and not in the class list: teacher."]
