"""Faults while grading: afterwards every score is the old or the new one, and a second run completes."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from classroom import CHECK, HONEST, PROMPT, SINGLE, TEXT, answered

from grading import backups, gradebook, tables
from grading.autograde import TOGETHER
from grading.gradebook import GradebookError
from grading.status import course_status

STUDENTS = [f"s{number:02d}" for number in range(40)]
RIGHT, WRONG = 5.0, 3.0
KILLS = int(os.environ.get("COURSE_KILLS", "6"))
"""How often grading is killed at a random moment; `make faults` does it 200 times."""

RUN = """
import pathlib, sys
from grading.autograde import autograde
from grading.places import find_places
places = find_places(pathlib.Path(sys.argv[1]))
print("ready", flush=True)
autograde(places, sys.argv[2])
"""


def hand_in(classroom, answers, students=STUDENTS):
    notebook = answered(classroom.released, answers, TEXT)
    for student in students:
        classroom.hand_in(student, notebook)


def scores(classroom):
    """Return the automatic points of every student that has rows, read without any code of ours."""
    query = (
        "SELECT a.student_id, sum(g.auto_score), count(*) FROM grade g "
        "JOIN submitted_notebook n ON n.id = g.notebook_id "
        "JOIN submitted_assignment a ON a.id = n.assignment_id GROUP BY a.student_id"
    )
    with classroom.raw() as database:
        if classroom.places.gradebook is not None:
            assert database.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        rows = database.exec_driver_sql(query).all()
    assert {count for _, _, count in rows} <= {3}, "a student is stored whole or not at all"
    return {student: score for student, score, _ in rows}


def stale(classroom):
    (check,) = [one for one in course_status(classroom.places) if one.name == CHECK]
    return check.stale


@pytest.mark.timeout(1200)
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is not on Windows")
def test_a_run_killed_at_any_moment_leaves_old_or_new_scores_and_status_tells_which(classroom):
    chance = random.Random(2026)
    hand_in(classroom, HONEST)
    classroom.grade()
    classroom.grade_by_hand("s03", PROMPT, 4.0, "Good.")
    old, new = RIGHT, WRONG
    killed = partial = 0
    within = 0.4
    while killed < KILLS:
        hand_in(classroom, {**HONEST, SINGLE: "a" if new == WRONG else "c"})
        command = [sys.executable, "-c", RUN, str(classroom.root), CHECK]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert run.stdout.readline() == b"ready\n"
        time.sleep(chance.random() * within)
        run.send_signal(signal.SIGKILL)
        run.stdout.close()
        died = run.wait() == -signal.SIGKILL
        killed += died
        # Seconds; so that few runs are over before they are killed, on a quick machine and on a slow one.
        within *= 1.02 if died else 0.8
        found = scores(classroom)
        assert set(found) == set(STUDENTS) and set(found.values()) <= {old, new}
        done = sum(score == new for score in found.values())
        partial += 0 < done < len(STUDENTS)
        # Those whose new score is kept and whose copy was still to be written count as not done.
        assert len(STUDENTS) - done <= stale(classroom) <= len(STUDENTS) - done + TOGETHER
        results = classroom.grade().students
        assert {one.score for one in results if one.student != "s03"} == {new}
        assert set(scores(classroom).values()) == {new} and stale(classroom) == 0
        assert [cell.manual_score for cell in classroom.record("s03").cells if cell.name == PROMPT] == [4.0]
        left = [
            path for path in classroom.places.work.rglob("*") if path.name.endswith((".part", "-journal"))
        ]
        assert not left
        old, new = new, old
    print(f"killed {killed} runs, {partial} of them among the students")


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes cannot be limited on Windows")
@pytest.mark.sqlite_file("its size is limited, as on a full disk")
def test_a_full_disk_stops_the_run_in_words_and_a_second_run_completes(classroom):
    many = [f"s{number:03d}" for number in range(80)]
    hand_in(classroom, HONEST, many)
    size = classroom.places.gradebook.stat().st_size + 32 * 1024
    code = (
        "import resource, signal, sys\n"
        "from grading.cli import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, resource.RLIM_INFINITY))\n"
        "main()\n"
    )
    command = [sys.executable, "-c", code, "--root", str(classroom.root), "autograde", CHECK]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 1 and "Traceback" not in run.stderr
    told = " ".join((run.stdout + run.stderr).split())
    assert "make room on the disk and run the command again" in told
    assert 0 < len(scores(classroom)) < len(many) and set(scores(classroom).values()) == {RIGHT}
    assert {one.score for one in classroom.grade().students} == {RIGHT}
    assert scores(classroom) == dict.fromkeys(many, RIGHT)


def test_a_gradebook_that_another_program_keeps_locked_stops_the_run_once(classroom, monkeypatch):
    hand_in(classroom, HONEST)
    monkeypatch.setattr(tables, "BUSY_SECONDS", 0.2)
    begun = time.monotonic()
    with classroom.raw() as other:
        on_file = classroom.places.gradebook is not None
        other.exec_driver_sql("UPDATE student SET email = ''" if on_file else "LOCK TABLE grade")
        with pytest.raises(GradebookError, match="another program keeps it open for writing; close it"):
            classroom.grade()
    assert time.monotonic() - begun < 10, "it does not wait anew for every student"
    assert scores(classroom) == {}
    assert {one.score for one in classroom.grade().students} == {RIGHT}


def test_a_gradebook_that_another_program_lets_nobody_read_is_not_called_foreign(classroom, monkeypatch):
    if classroom.places.gradebook is None:
        pytest.skip("a database server always lets others read")
    hand_in(classroom, HONEST)
    for module in (tables, backups):
        monkeypatch.setattr(module, "BUSY_SECONDS", 0.2)
    with closing(sqlite3.connect(classroom.places.gradebook, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for act in (lambda: course_status(classroom.places), classroom.grade):
            with pytest.raises(GradebookError, match="another program keeps it open for writing") as told:
                act()
            assert "restore" not in str(told.value)
        other.execute("ROLLBACK")
    assert {one.score for one in classroom.grade().students} == {RIGHT}


@pytest.mark.parametrize("version", ["50a4d84c131a", "ffffffffffff"])
def test_a_gradebook_of_another_version_is_refused_with_advice_and_left_alone(classroom, version):
    hand_in(classroom, HONEST)
    with classroom.raw() as database:
        database.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    book = classroom.places.gradebook
    before = book and book.read_bytes()
    with pytest.raises(GradebookError, match=f"version {version}, .* run: nbgrader db upgrade"):
        classroom.grade()
    assert (book and book.read_bytes()) == before
    assert scores(classroom) == {}


@pytest.mark.sqlite_file("an empty file is no database")
def test_a_file_that_is_no_gradebook_is_refused_in_words(classroom):
    classroom.places.gradebook.write_bytes(b"")
    with pytest.raises(GradebookError, match="it is no gradebook of nbgrader's"):
        classroom.grade()


@pytest.mark.sqlite_file("backups are copies of it")
def test_a_clock_that_was_set_back_still_gets_its_backup(classroom, monkeypatch):
    hand_in(classroom, HONEST)
    first = backups.back_up(classroom.places)

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(UTC) - timedelta(days=1)

    monkeypatch.setattr(backups, "datetime", Yesterday)
    for _ in range(12):
        copy = backups.back_up(classroom.places)
        assert copy is not None and copy.is_file() and copy.name < first.name
    assert first.is_file()


@pytest.mark.parametrize("left", [b"", b'{"cells": [', b"\0" * 4096])
def test_copies_that_a_power_cut_left_empty_or_torn_are_made_again_and_no_score_changes(classroom, left):
    hand_in(classroom, HONEST)
    classroom.grade()
    classroom.grade_by_hand("s03", PROMPT, 4.0, "Good.")
    whole = {path: path.read_bytes() for path in classroom.places.step("autograded").rglob("*.ipynb")}
    for path in whole:
        path.write_bytes(left)
        path.with_name(f".{path.name}.part").write_bytes(left)
    assert stale(classroom) == len(STUDENTS)
    run = classroom.grade()
    assert not any(one.changed for one in run.students)
    assert {path: path.read_bytes() for path in whole} == whole
    assert classroom.record("s03").score == RIGHT + 4.0
    assert not list(classroom.places.work.rglob("*.part"))


@pytest.mark.sqlite_file("it is deleted")
def test_a_gradebook_that_was_deleted_is_not_begun_anew_over_its_backups(classroom):
    hand_in(classroom, HONEST)
    classroom.grade()
    classroom.places.gradebook.unlink()
    with pytest.raises(GradebookError, match="there is no gradebook yet - run: grading release"):
        classroom.grade()
    with pytest.raises(GradebookError, match=r"the gradebook is gone, .* restore gradebook-\d{8}T"):
        backups.refuse_lost(classroom.places)


def test_two_runs_at_once_give_the_scores_of_one(classroom):
    hand_in(classroom, HONEST)
    command = [sys.executable, "-c", RUN, str(classroom.root), CHECK]
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert scores(classroom) == dict.fromkeys(STUDENTS, RIGHT)


def test_the_lock_is_free_again_when_its_holder_was_killed(classroom):
    code = "import pathlib, sys, time\nfrom grading.gradebook import locked\n"
    code += "from grading.places import find_places\n"
    code += "with locked(find_places(pathlib.Path(sys.argv[1]))): print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code, str(classroom.root)], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    with (
        pytest.raises(GradebookError, match="another run of grading is writing"),
        gradebook.locked(classroom.places, wait=0.1),
    ):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with gradebook.locked(classroom.places, wait=5):
        pass
