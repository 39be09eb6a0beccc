"""`grading restore`: what the backups hold, and going back to one without losing what is there now."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from classroom import CHECK, HONEST, PROMPT, SINGLE, TEXT, answered
from click.testing import CliRunner

from grading import backups, restore
from grading.bookfile import look_at
from grading.cli import main
from grading.gradebook import GradebookError, locked, opened
from grading.restore_console import age
from grading.status import course_status

pytestmark = pytest.mark.sqlite_file("backups are copies of it")


@pytest.fixture
def graded(classroom):
    """A class of two that was graded, then got a score by hand, then a third student: three backups."""
    for student in ("ana", "ben"):
        classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    classroom.grade_by_hand("ana", PROMPT, 4.5, "Well seen.")
    classroom.hand_in("cyd", answered(classroom.released, {SINGLE: "a"}, TEXT))
    classroom.grade()
    classroom.grade()
    return classroom


def grading(classroom, *arguments):
    return CliRunner().invoke(main, ["--root", str(classroom.root), *map(str, arguments)])


def said(result):
    return " ".join(result.output.split())


def names(classroom):
    return [path.name for path in backups.all_backups(classroom.places)]


def rows(path):
    """Every score in a gradebook file."""
    with closing(sqlite3.connect(path)) as book:
        query = """select submitted_assignment.student_id, base_cell.name, auto_score, manual_score from grade
            join base_cell on base_cell.id = cell_id
            join submitted_notebook on submitted_notebook.id = grade.notebook_id
            join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id"""
        return set(book.execute(query))


def test_the_list_says_how_old_how_large_and_what_is_in_each(graded):
    first, second, third = names(graded)
    result = grading(graded, "restore")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith(f"{third}  made just now, ") and lines[0].endswith(" kB, whole")
    assert lines[1] == f"    {CHECK} 3 graded"
    assert lines[2].startswith(second) and lines[3] == f"    {CHECK} 2 graded"
    assert lines[4].startswith(first) and lines[5] == "    nothing graded"
    assert "The gradebook now" in lines[6] and lines[6].endswith(f"{CHECK} 3 graded")
    data = json.loads(grading(graded, "restore", "--json").output)
    assert [one["name"] for one in data["backups"]] == [third, second, first]
    assert [one["graded"] for one in data["backups"]] == [{CHECK: 3}, {CHECK: 2}, {CHECK: 0}]
    assert data["gradebook"]["problem"] == "" and data["gradebook"]["students"] == 3


def test_a_restore_brings_back_every_score_and_keeps_what_was_there(graded):
    now = rows(graded.places.gradebook)
    with_hand = rows(graded.places.work / "backups" / names(graded)[1])
    result = grading(graded, "restore", names(graded)[1])
    assert result.exit_code == 0
    assert rows(graded.places.gradebook) == with_hand != now
    kept = names(graded)[-1]
    assert rows(graded.places.work / "backups" / kept) == now
    told = said(result)
    assert f"{CHECK}: 2 (was 3) graded, 1 scores given by hand, 0 totals differ" in told
    assert f"to have it back: grading restore {kept}" in told
    assert f"counts again after: grading autograde {CHECK}" in told
    assert grading(graded, "restore", kept).exit_code == 0
    assert rows(graded.places.gradebook) == now
    assert not list(graded.places.work.glob(".*"))


def test_work_that_came_after_the_backup_waits_to_be_graded_again(graded):
    again = "2026-03-05 10:00:00.000000 UTC"
    graded.hand_in("ana", answered(graded.released, {SINGLE: "c"}, TEXT), time=again)
    graded.grade()
    assert waiting(graded) == 0
    grading(graded, "restore", names(graded)[-1])
    assert waiting(graded) == 1
    graded.grade()
    assert waiting(graded) == 0


def waiting(classroom):
    return next(one.stale for one in course_status(classroom.places) if one.name == CHECK)


def test_scores_that_differ_are_counted(graded):
    graded.grade_by_hand("ana", PROMPT, 6)
    graded.grade_by_hand("ben", PROMPT, 1)
    data = json.loads(grading(graded, "restore", names(graded)[-1], "--json").output)
    assert data["changes"] == {CHECK: {"graded": [3, 3], "by_hand": [2, 1], "differ": 2}}
    assert data["damaged"] is False and data["kept"].endswith(names(graded)[-1])


def test_a_backup_is_found_by_a_part_of_its_name_and_by_a_path(graded, tmp_path):
    second = names(graded)[1]
    assert restore.find_backup(graded.places, second[:-5]).name == second
    outside = tmp_path / "from-a-stick.db"
    shutil.copy(graded.places.work / "backups" / second, outside)
    assert grading(graded, "restore", outside).exit_code == 0
    assert len(rows(graded.places.gradebook)) == 6


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nope", "nope: there is no such backup - see the list: grading restore"),
        ("gradebook-", "3 backups have this in their name"),
        ("../gradebook.db", "there is no such backup"),
    ],
)
def test_a_name_that_fits_none_or_several_is_refused(graded, name, told):
    before = graded.places.gradebook.read_bytes()
    result = grading(graded, "restore", name)
    assert result.exit_code == 1 and told in said(result)
    assert graded.places.gradebook.read_bytes() == before


def test_the_gradebook_itself_is_no_backup(graded):
    result = grading(graded, "restore", graded.places.gradebook)
    assert result.exit_code == 1 and "this is the gradebook itself" in said(result)


def other_version(path):
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("update alembic_version set version_num = '50a4d84c131a'")


def no_version(path):
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("delete from alembic_version")


def another_program(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("create table recipes (name)")


def only_the_mark(path):
    another_program(path)
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("create table alembic_version (version_num)")
        book.execute("insert into alembic_version values ('e43177bfe90b')")


def damaged(path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + os.urandom(len(whole) // 2))


DAMAGE = [
    (damaged, "is damaged"),
    (lambda path: path.write_bytes(path.read_bytes()[:20000]), "is damaged"),
    (lambda path: path.write_bytes(b"not a database" * 100), "is damaged, or no gradebook at all"),
    (lambda path: path.write_bytes(b""), "is no gradebook of nbgrader's"),
    (another_program, "is no gradebook of nbgrader's"),
    (only_the_mark, "is no gradebook of nbgrader's"),
    (no_version, "is no gradebook of nbgrader's"),
    (other_version, "has tables of version 50a4d84c131a"),
]


@pytest.mark.parametrize(("make", "told"), DAMAGE)
def test_a_damaged_or_foreign_file_is_named_in_the_list_and_refused_with_one_message(graded, make, told):
    path = graded.places.work / "backups" / names(graded)[1]
    make(path)
    left = path.read_bytes()
    listed = grading(graded, "restore")
    assert listed.exit_code == 1 and f"NO USE, it {told}" in said(listed)
    assert said(listed).count("whole") == 2
    before = (graded.places.gradebook.read_bytes(), names(graded))
    result = grading(graded, "restore", path.name)
    assert result.exit_code == 1 and told in said(result)
    assert "nothing was changed - choose another from the list: grading restore" in said(result)
    assert len(result.output.splitlines()) == 1
    assert (graded.places.gradebook.read_bytes(), names(graded)) == before
    assert path.read_bytes() == left


def test_a_gradebook_that_is_gone_comes_back(graded):
    whole = rows(graded.places.work / "backups" / names(graded)[-1])
    graded.places.gradebook.unlink()
    listed = grading(graded, "restore")
    assert "the gradebook is not there" in said(listed) and listed.exit_code == 1
    assert f"run: grading restore {names(graded)[-1]}" in said(grading(graded, "status"))
    result = grading(graded, "restore", names(graded)[-1])
    assert result.exit_code == 0 and f"{CHECK}: 3 graded, 1 scores given by hand" in said(result)
    assert rows(graded.places.gradebook) == whole
    assert grading(graded, "status").exit_code == 0


@pytest.mark.parametrize(
    "make", [damaged, another_program, lambda path: path.write_bytes(b"not a database" * 100)]
)
def test_a_damaged_gradebook_is_kept_aside_byte_for_byte_and_replaced(graded, make):
    make(graded.places.gradebook)
    left = graded.places.gradebook.read_bytes()
    before = names(graded)
    beside = graded.places.gradebook.with_name("gradebook.db-journal")
    beside.write_bytes(b"left by a killed program")
    result = grading(graded, "restore", before[-1])
    assert result.exit_code == 0, result.output
    assert "What stood there was damaged; it is kept as" in said(result)
    (aside,) = (graded.places.work / "backups").glob("damaged-*.db")
    assert aside.read_bytes() == left
    assert not beside.exists() and aside.with_name(aside.name + "-journal").exists()
    assert len(rows(graded.places.gradebook)) == 9 and names(graded) == before
    assert grading(graded, "status").exit_code == 0


@pytest.mark.parametrize("ending", restore.BESIDE)
def test_what_sqlite_left_beside_a_damaged_gradebook_is_gone_before_the_new_one_is_opened(
    graded, monkeypatch, ending
):
    graded.places.gradebook.write_bytes(b"not a database" * 100)
    beside = graded.places.gradebook.with_name(graded.places.gradebook.name + ending)
    beside.write_bytes(b"left by a killed program")
    there = []
    monkeypatch.setattr(restore, "standings", lambda path: there.append(beside.exists()) or {})
    restore.restore(graded.places, names(graded)[-1])
    assert there == [False]


def test_a_gradebook_that_sqlite_finds_damaged_is_not_kept_as_a_backup(graded):
    # Its header counts free pages that are not there, which alone the looking-through finds.
    data = bytearray(graded.places.gradebook.read_bytes())
    data[36:40] = (255).to_bytes(4, "big")
    graded.places.gradebook.write_bytes(data)
    before = names(graded)
    with pytest.raises(GradebookError, match="it is damaged"):
        backups.back_up(graded.places)
    assert names(graded) == before


def test_the_backup_that_is_chosen_survives_the_clearing_out_of_old_ones(graded):
    for _ in range(8):
        backups.back_up(graded.places)
    second = names(graded)[1]
    result = grading(graded, "restore", second)
    assert result.exit_code == 0 and len(rows(graded.places.gradebook)) == 6


def test_an_open_program_sees_the_restored_scores_and_does_not_write_into_the_past(graded):
    with opened(graded.places) as book:
        assert len(book.assignment_submissions(CHECK)) == 3
        book.db.remove()
        assert grading(graded, "restore", names(graded)[1]).exit_code == 0
        assert len(book.assignment_submissions(CHECK)) == 2
        book.find_grade(PROMPT, CHECK, CHECK, "ben").manual_score = 3.0
        book.db.commit()
    assert graded.record("ben").score == 8.0


def test_a_program_that_is_writing_is_waited_for_and_then_named(graded, monkeypatch):
    monkeypatch.setattr(restore, "BUSY_SECONDS", 0.5)
    monkeypatch.setattr(backups, "BUSY_SECONDS", 0.5)
    before = rows(graded.places.gradebook)
    with closing(sqlite3.connect(graded.places.gradebook, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(
            GradebookError, match="another program is using the gradebook; nothing was changed"
        ):
            restore.restore(graded.places, names(graded)[1])
        other.execute("rollback")
    assert rows(graded.places.gradebook) == before
    restore.restore(graded.places, names(graded)[1])


def test_a_run_of_grading_is_waited_for_and_then_named(graded):
    with locked(graded.places):
        result = grading(graded, "restore", names(graded)[1], "--wait", "0.1")
    assert result.exit_code == 1 and "another run of grading is writing" in said(result)


KILLED = """
import os, signal, sys
from pathlib import Path
from grading import restore
from grading.places import find_places

def stop(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[3] == "before":
    restore._write_into = stop
else:
    restore._compared = stop
restore.restore(find_places(Path(sys.argv[1])), sys.argv[2])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is not on Windows")
@pytest.mark.parametrize(("moment", "expected"), [("before", 9), ("after", 6)])
def test_a_restore_that_is_killed_leaves_the_old_or_the_new_gradebook_whole(graded, moment, expected):
    command = [sys.executable, "-c", KILLED, str(graded.root), names(graded)[1], moment]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert look_at(graded.places.gradebook).problem == ""
    assert len(rows(graded.places.gradebook)) == expected
    assert grading(graded, "restore", names(graded)[1]).exit_code == 0
    assert not list(graded.places.work.glob(".*"))


def test_a_gradebook_on_a_server_is_left_to_its_own_programs(graded, monkeypatch):
    monkeypatch.setenv("COURSE_GRADEBOOK", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    for arguments in (["restore"], ["restore", "x"]):
        result = grading(graded, *arguments)
        assert result.exit_code == 1 and "pg_dump" in result.output and "pg_restore" in result.output
        assert len(result.output.splitlines()) == 1


def test_without_backups_it_says_when_one_is_made(classroom):
    for path in backups.all_backups(classroom.places):
        path.unlink()
    result = grading(classroom, "restore")
    assert result.exit_code == 0 and "There are no backups yet" in result.output


def test_looking_at_a_file_writes_nothing_and_can_be_cut_short(graded):
    path = graded.places.gradebook
    before = (path.read_bytes(), sorted(one.name for one in path.parent.iterdir()))
    whole = look_at(path)
    assert (whole.problem, whole.graded, whole.students, whole.unfinished) == ("", {CHECK: 3}, 3, False)
    with closing(sqlite3.connect(path)) as book, book:
        rows_ = [(f"x{number}", "y" * 100) for number in range(200_000)]
        book.executemany("insert into student (id, first_name) values (?, ?)", rows_)
    short = look_at(path, seconds=0)
    assert (short.problem, short.unfinished) == ("", True)
    assert sorted(one.name for one in path.parent.iterdir()) == before[1]
    assert look_at(path.parent).problem == "is no file"


def test_ages_are_told_in_words():
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    told = [age(now - timedelta(minutes=one), now) for one in (-5, 0, 1, 59, 60, 3000)]
    assert told == ["in the future", "just now", "1 minute ago", "59 minutes ago", "1 hour ago", "2 days ago"]
