"""`nbgrader export` under our settings: a name shifts no column, forges no row and is no formula."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, TEXT, answered

from grading.feedback import write_feedback
from grading.gradebook import opened
from grading.plugins import COLUMNS, SafeCsv, safe_cell

PEOPLE = {
    "ana": ("Ana", "O'Neil, Jr."),
    "ben": ('Ben "B"', "x\ncheck-greeting,,,ben,x,x,x,11.0,0.0,11.0,11.0"),
    "cyd": ("=HYPERLINK(A1)", "@SUM(A1)"),
    "dee": ("+1", "\t=1"),
    "eve": ("-2+3", "\r=1"),
    "fay": ("  =1", "＝1"),
}


@pytest.fixture
def named(classroom):
    """A graded class with odd names."""
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    classroom.grade_by_hand("ana", PROMPT, 4.5)
    with opened(classroom.places) as book:
        for student, (first, last) in PEOPLE.items():
            book.update_or_create_student(student, first_name=first, last_name=last, email="a@x.org")
    return classroom


def nbgrader(classroom, *words):
    """Run a real command of nbgrader's."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=classroom.root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def exported(classroom, *options):
    """Run the real command and return the rows of its file."""
    run = nbgrader(classroom, "export", *options)
    assert run.returncode == 0, run.stderr
    with (classroom.root / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_text_stays_in_its_cell_and_none_is_a_formula(named):
    rows = exported(named)
    assert [len(row) for row in rows] == [len(COLUMNS)] * 6
    by_student = {row["student_id"]: row for row in rows}
    assert set(by_student) == set(PEOPLE)
    assert by_student["ana"]["last_name"] == "O'Neil, Jr."
    assert by_student["ben"]["first_name"] == 'Ben "B"' and by_student["ben"]["last_name"].startswith("x\n")
    for student in ("cyd", "dee", "eve", "fay"):
        for name in ("first_name", "last_name"):
            assert by_student[student][name].startswith("'")
    ana, ben = by_student["ana"], by_student["ben"]
    assert (ana["raw_score"], ana["score"], ana["max_score"]) == ("9.5", "9.5", "11.0")
    assert (ben["score"], ben["timestamp"], ben["email"]) == ("0.0", "", "a@x.org")


@pytest.mark.slow
def test_students_and_assignments_can_be_chosen(named):
    assert [row["student_id"] for row in exported(named, "--student", "['ana']")] == ["ana"]
    assert exported(named, "--assignment", "['final']") == []
    (row,) = exported(named, "--student", "['ana']", "--assignment", f"['{CHECK}']")
    assert row["assignment"] == CHECK


def test_the_numbers_are_those_of_nbgraders_own_export_whose_columns_shift(named, tmp_path):
    from nbgrader.plugins import CsvExportPlugin

    with (named.root / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with opened(named.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-01 09:30:00 UTC")
    named.hand_in("gil", answered(named.released, {MULTIPLE: ["a"]}))
    named.grade()
    tables = {}
    with opened(named.places) as book:
        for plugin, name in ((CsvExportPlugin, "theirs"), (SafeCsv, "ours")):
            plugin(to=str(tmp_path / name)).export(book)
            with (tmp_path / name).open(encoding="utf-8", newline="") as file:
                tables[name] = list(csv.reader(file))
    assert {len(row) for row in tables["ours"]} == {len(COLUMNS)}
    assert {len(row) for row in tables["theirs"]} != {len(COLUMNS)}
    assert len(tables["theirs"]) > len(tables["ours"]) == 8  # a forged row
    gil = {name: next(row for row in rows if row[3] == "gil") for name, rows in tables.items()}
    assert gil["ours"] == gil["theirs"]
    assert gil["ours"][7:] == ["1.5", "1.5", "0.0", "11.0"]


@pytest.mark.parametrize("value", ["Ana", "o'neil", "a=b", "1", "Ñandú", ""])
def test_usual_texts_are_left_as_they_are(value):
    assert safe_cell(value) == value


@pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange does not run on Windows")
def test_nbgraders_own_release_of_feedback_keeps_back_what_ours_does(classroom):
    secrets = {"ana": "A" * 24, "ben": "B" * 24, "cyd": "C" * 24, "dee": "C" * 24}
    for student, secret in secrets.items():
        folder = classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
        (folder / "submission_secret.txt").write_text(secret, encoding="ascii")
    classroom.grade()
    classroom.grade_by_hand("ana", PROMPT, 4, "encounter: 2\nplan: 2")
    classroom.grade_by_hand("ben", PROMPT, 1, "encounter: 2\nplan: 2")
    write_feedback(classroom.places, CHECK)
    run = nbgrader(classroom, "release_feedback", CHECK)
    assert run.returncode == 0, run.stderr
    given = classroom.places.exchange / classroom.places.course_id / "feedback"
    page = classroom.folder("feedback", "ana") / f"{CHECK}.html"
    assert [path.read_bytes() for path in given.glob("*.html")] == [page.read_bytes()]
    assert "ben: waits: " in run.stderr and "levels 4 of 6 make 4 points, but 1 was entered" in run.stderr
    assert "cyd: refused: shares its secret file" in run.stderr


def test_nbgraders_zip_collect_does_nothing_and_names_the_command_to_use(classroom):
    run = nbgrader(classroom, "zip_collect", CHECK)
    assert run.returncode == 1
    assert f"use: grading collect {CHECK} --from FOLDER-OR-ZIP" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (classroom.root / "downloaded").exists() and not classroom.places.step("submitted").exists()
