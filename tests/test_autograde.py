"""Grading by reading: the right scores, the same scores every time, and no student in another's way."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from classroom import (
    CHECK,
    HONEST,
    HOSTILE_TEXT,
    MULTIPLE,
    PROMPT,
    SINGLE,
    STUB,
    TEXT,
    TIME,
    answered,
    cell_of,
)

from grading.backups import back_up, kept_backups
from grading.buttons import Buttons
from grading.gradebook import GradebookError, locked, opened
from grading.gradedcopy import inert
from grading.keys import CorrectionError
from grading.results import GradingError, NeedsExecutionError

NOTEBOOK = f"{CHECK}.ipynb"


def source_notebook(classroom):
    path = classroom.root / "source" / CHECK / NOTEBOOK
    return path, json.loads(path.read_text(encoding="utf-8"))


def set_key(classroom, old, new):
    path, _ = source_notebook(classroom)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def copy_of(classroom, student):
    path = classroom.folder("autograded", student) / NOTEBOOK
    return json.loads(path.read_text(encoding="utf-8"))


def files_of(classroom, step):
    folder = classroom.places.step(step)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def only(run):
    (result,) = run.students
    return result


def test_an_honest_submission_gets_its_points_and_waits_for_the_reflection(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    result = only(classroom.grade())
    assert (result.student, result.state, result.score, result.points) == ("ana", "graded", 5.0, 11.0)
    assert classroom.rows("ana") == {
        SINGLE: (2.0, False, None),
        MULTIPLE: (3.0, False, None),
        PROMPT: (None, True, None),
    }
    record = classroom.record("ana")
    assert record.timestamp == datetime(2026, 3, 2, 9, 30)
    assert (record.flagged, record.late, record.score) == (False, 0.0, 5.0)


def test_a_blank_submission_earns_nothing_and_waits_for_nobody(classroom):
    classroom.hand_in("ben", classroom.released)
    classroom.grade()
    assert classroom.rows("ben") == {
        SINGLE: (0.0, False, None),
        MULTIPLE: (0.0, False, None),
        PROMPT: (0.0, False, "No response."),
    }


def test_the_reason_for_an_unreadable_answer_stands_in_the_gradebook_and_in_the_copy(classroom):
    nb = answered(classroom.released, HONEST, TEXT)
    cell_of(nb, SINGLE)["source"] = 'ask("greeting-single", answer=c)'
    classroom.hand_in("cyd", nb)
    classroom.grade()
    reason = "the answer is program code, not a letter in quotes"
    assert classroom.rows("cyd")[SINGLE] == (0.0, True, f"Not readable: {reason}")
    assert classroom.record("cyd").flagged
    assert reason in json.dumps(copy_of(classroom, "cyd"))


def test_grading_again_changes_nothing_in_any_order(classroom):
    for number in range(6):
        classroom.hand_in(f"s{number}", answered(classroom.released, {SINGLE: "abc"[number % 3]}, TEXT))
    classroom.hand_in("odd", b"{")
    classroom.hand_in("odd-cell", answered(classroom.released, {SINGLE: "z"}))
    classroom.grade()

    def everything():
        with classroom.raw() as book:
            tables = sa.MetaData()
            tables.reflect(book)
            rows = {name: sorted(map(repr, book.execute(t.select()))) for name, t in tables.tables.items()}
        assert len(rows["grade"]) == 24
        return rows, files_of(classroom, "autograded")

    first = everything()
    again = classroom.grade()
    assert everything() == first
    assert not any(one.changed for one in again.students)
    students = [one.student for one in again.students]
    random.Random(3).shuffle(students)
    for student in students:
        classroom.grade(only=[student])
    assert everything() == first


def test_what_a_person_graded_stays_until_the_answer_changes(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    classroom.grade_by_hand("ana", PROMPT, 4.0, "Well seen.")
    classroom.grade()
    assert classroom.rows("ana")[PROMPT] == (None, False, None)
    assert classroom.record("ana").score == 9.0
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT + " And a word."))
    result = only(classroom.grade())
    assert classroom.rows("ana")[PROMPT] == (None, True, None)
    assert (classroom.record("ana").score, result.score, result.needs_manual) == (9.0, 9.0, True)


def test_a_score_entered_while_a_run_is_under_way_is_not_asked_for_again(classroom):
    for student in ("ana", "ben"):
        classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
    classroom.grade()

    def enter(student, done, total):
        if student:
            classroom.grade_by_hand(student, PROMPT, 4.0)

    run = classroom.grade(progress=enter)
    assert [(one.score, one.needs_manual) for one in run.students] == [(9.0, False), (9.0, False)]
    for student in ("ana", "ben"):
        assert classroom.rows(student)[PROMPT] == (None, False, None)


def lower_flag(classroom, student):
    with opened(classroom.places) as book:
        book.find_submission_notebook(CHECK, CHECK, student).flagged = False
        book.db.commit()


def test_a_flag_that_a_grader_lowered_stays_down_until_there_is_news(classroom):
    classroom.hand_in("cyd", answered(classroom.released, {SINGLE: "z"}))
    classroom.grade()
    lower_flag(classroom, "cyd")
    classroom.grade()
    assert not classroom.record("cyd").flagged
    classroom.hand_in("cyd", answered(classroom.released, {SINGLE: "y"}))
    classroom.grade()
    assert classroom.record("cyd").flagged
    classroom.hand_in("cyd", answered(classroom.released, {SINGLE: "c"}))
    classroom.grade()
    assert not classroom.record("cyd").flagged
    assert classroom.rows("cyd")[SINGLE] == (2.0, False, None)
    with classroom.raw() as connection:
        commented = "SELECT name FROM base_cell WHERE id IN (SELECT cell_id FROM comment)"
        # nbgrader keeps none on a test cell, and neither does an answer that can be read again.
        assert connection.execute(sa.text(commented)).scalars().all() == [PROMPT]


def test_a_flag_lowered_on_a_file_that_cannot_be_read_stays_down_until_it_is_another_reason(classroom):
    for cut_off, other in ((b"{", b"%PDF-1.7"), (b"", b"{")):
        classroom.hand_in("dee", cut_off)
        classroom.grade()
        assert classroom.record("dee").flagged
        lower_flag(classroom, "dee")
        classroom.grade()
        assert not classroom.record("dee").flagged
        classroom.hand_in("dee", other)
        classroom.grade()
        assert classroom.record("dee").flagged


def test_a_newer_file_that_cannot_be_read_neither_keeps_nor_drops_scores_in_silence(classroom):
    classroom.hand_in("dee", answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    classroom.hand_in("dee", b"{", time="2026-03-04 10:00:00 UTC")
    for _ in range(2):
        result = only(classroom.grade())
        assert (result.state, result.score, result.before) == ("kept", 5.0, 5.0)
        assert result.reasons == {NOTEBOOK: "the file stops in the middle: saving or uploading was cut off"}
        record = classroom.record("dee")
        assert record.flagged and record.timestamp == datetime(2026, 3, 2, 9, 30)
        text = json.dumps(copy_of(classroom, "dee"))
        assert "What follows is from an earlier file" in text and "cut off" in text
        assert TEXT in text
    classroom.hand_in("dee", answered(classroom.released, {SINGLE: "a"}), time="2026-03-05 10:00:00 UTC")
    result = only(classroom.grade())
    assert (result.state, result.score, result.before, result.changed) == ("graded", 0.0, 5.0, True)
    assert not classroom.record("dee").flagged


def test_a_file_that_could_never_be_read_earns_nothing_and_waits_for_a_person(classroom):
    classroom.hand_in("eve", b"")
    for _ in range(2):
        result = only(classroom.grade())
        assert (result.state, result.score, result.needs_manual) == ("unreadable", 0.0, True)
    row = (0.0, True, "Not readable: the file is empty")
    assert classroom.rows("eve") == {SINGLE: row, MULTIPLE: row, PROMPT: row}
    assert "No answer was read" in json.dumps(copy_of(classroom, "eve"))


def test_a_renamed_notebook_is_found_by_what_it_holds(classroom):
    folder = classroom.hand_in("fay", answered(classroom.released, HONEST), name="My 'answers' & more.ipynb")
    (folder / "other.ipynb").write_text('{"nbformat": 4, "cells": [], "metadata": {}}', encoding="utf-8")
    result = only(classroom.grade())
    assert (result.state, result.score) == ("graded", 5.0)
    assert list(result.remarks) == [
        f"took My ?answers? ? more.ipynb for {NOTEBOOK}: it holds these questions"
    ]


def test_two_renamed_notebooks_are_not_guessed_between(classroom):
    classroom.hand_in("gus", answered(classroom.released, HONEST), name="one.ipynb")
    classroom.hand_in("gus", answered(classroom.released), name="two.ipynb")
    assert only(classroom.grade()).reasons == {
        NOTEBOOK: f"there are 2 notebooks with these questions, none named {NOTEBOOK}"
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows needs a privilege to make links")
def test_links_special_files_and_folders_are_not_opened(classroom, tmp_path):
    secret = tmp_path / "key.ipynb"
    secret.write_text(json.dumps(answered(classroom.released, HONEST, TEXT)), encoding="utf-8")
    for student in ("file-link", "fifo", "folder", "unreadable", "huge"):
        classroom.folder("submitted", student).mkdir(parents=True)
    (classroom.folder("submitted", "file-link") / NOTEBOOK).symlink_to(secret)
    os.mkfifo(classroom.folder("submitted", "fifo") / NOTEBOOK)
    (classroom.folder("submitted", "folder") / NOTEBOOK).mkdir()
    with (classroom.folder("submitted", "huge") / NOTEBOOK).open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    real = tmp_path / "real" / CHECK
    real.mkdir(parents=True)
    shutil.copy(secret, real / NOTEBOOK)
    classroom.places.step("submitted").joinpath("student-link").symlink_to(real.parent)
    classroom.folder("submitted", "assignment-link").parent.mkdir()
    classroom.folder("submitted", "assignment-link").symlink_to(real)
    results = {one.student: one for one in classroom.grade().students}
    assert set(results) >= {"file-link", "fifo", "folder", "huge", "student-link", "assignment-link"}
    assert {one.score for one in results.values()} == {0.0}
    assert {one.state for one in results.values()} == {"unreadable"}
    reasons = {student: next(iter(one.reasons.values())) for student, one in results.items()}
    assert reasons["file-link"] == "the file is a link, and links are not followed"
    assert reasons["fifo"] == "the file is not a regular file"
    assert reasons["huge"] == "the file is too large (200.0 MB; the limit is 10 MB)"
    assert "is a link or not a folder" in reasons["assignment-link"]


def test_an_impossible_student_id_is_listed_and_nothing_is_made_of_it(classroom):
    folder = classroom.places.step("submitted") / "a[b]c" / CHECK
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_text(json.dumps(classroom.released), encoding="utf-8")
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    bad, good = classroom.grade().students
    assert (bad.state, good.state) == ("refused", "graded")
    assert bad.reasons == {"the folder's name": "has characters that no id may have: [ ]"}
    assert not (classroom.places.step("autograded") / "a[b]c").exists()


def test_the_copy_holds_the_answers_and_nothing_else_of_the_students(classroom):
    nb = answered(classroom.released, HONEST, HOSTILE_TEXT)
    answer = next(cell for cell in nb["cells"] if "prompt" in cell["metadata"].get("course", {}))
    answer["attachments"] = {"MINE.png": {"image/png": "MINE"}}
    own = {
        "cell_type": "code",
        "metadata": {"x": "MINE"},
        "source": "print('MINE')",
        "outputs": [{"x": "MINE"}],
    }
    nb["cells"].append(own)
    nb["metadata"]["MINE"] = "MINE"
    folder = classroom.hand_in("mal", nb)
    (folder / "ipykernel_launcher.py").write_text("MINE", encoding="utf-8")
    (folder / "course.py").write_text("MINE", encoding="utf-8")
    classroom.grade()
    assert set(files_of(classroom, "autograded")) == {f"mal/{CHECK}/{NOTEBOOK}", f"mal/{CHECK}/timestamp.txt"}
    copy = copy_of(classroom, "mal")
    assert "MINE" not in json.dumps(copy)
    typed = next(cell for cell in copy["cells"] if "prompt" in cell["metadata"].get("course", {}))
    text = "".join(typed["source"])
    assert text.startswith("`````text\n") and text.endswith("\n`````")
    assert "\x1b" not in text and "\u202e" not in text
    assert "attachments" not in typed


def test_a_fence_cannot_be_closed_from_inside():
    assert inert("a\n```\n# b") == "````text\na\n```\n# b\n````"
    assert inert("````` x") == "``````text\n````` x\n``````"


def test_the_copy_carries_marks_and_scores_as_nbgraders_own_does(classroom):
    classroom.hand_in("ana", answered(classroom.released, {SINGLE: "c"}, TEXT))
    classroom.grade()
    graded = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell
        for cell in copy_of(classroom, "ana")["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade")
    }
    assert set(graded) == {SINGLE, MULTIPLE, PROMPT}
    assert "BEGIN HIDDEN TESTS" in "".join(graded[SINGLE]["source"])
    assert graded[SINGLE]["outputs"][0]["data"] == {"text/plain": ["2.0"]}
    assert graded[MULTIPLE]["outputs"][0]["ename"] == "NotAnswered"
    with opened(classroom.places) as book:
        stored = book.find_source_cell(SINGLE, CHECK, CHECK)
        assert graded[SINGLE]["metadata"]["nbgrader"]["checksum"] == stored.checksum


def test_the_key_is_the_released_one_whatever_the_source_says_today(classroom):
    classroom.hand_in("ana", answered(classroom.released, {SINGLE: "c"}))
    set_key(classroom, 'key=[\\"c\\"]', 'key=[\\"a\\"]')
    assert only(classroom.grade()).score == 2.0


def test_a_corrected_key_is_shown_first_then_stored_and_says_who_changes(classroom):
    classroom.hand_in("ana", answered(classroom.released, {SINGLE: "c"}))
    classroom.hand_in("ben", answered(classroom.released, {SINGLE: "a"}))
    classroom.grade()
    set_key(classroom, 'key=[\\"c\\"]', 'key=[\\"a\\"]')
    preview = classroom.grade(corrected=True, dry_run=True)
    shown = [(one.student, one.before, one.score) for one in preview.students]
    assert shown == [("ana", 2.0, 0.0), ("ben", 0.0, 2.0)]
    assert classroom.record("ana").score == 2.0
    run = classroom.grade(corrected=True)
    assert [(one.item, one.old_key, one.new_key) for one in run.key_changes] == [(SINGLE, ("c",), ("a",))]
    assert [one.student for one in run.students if one.changed] == ["ana", "ben"]
    again = classroom.grade()
    assert [one.score for one in again.students] == [0.0, 2.0] and not again.key_changes


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (', \\"b\\", \\"c\\"]', ', \\"c\\"]', "the options of greeting-single"),
        ('"points": 2', '"points": 4', "the points of greeting-single"),
        ('"grade_id": "greeting-single"', '"grade_id": "other"', "greeting-single is no longer there"),
    ],
)
def test_more_than_a_key_cannot_be_corrected(classroom, old, new, told):
    classroom.hand_in("ana", answered(classroom.released, {SINGLE: "c"}))
    classroom.grade()
    set_key(classroom, old, new)
    with pytest.raises(CorrectionError, match=told):
        classroom.grade(corrected=True)
    assert classroom.record("ana").score == 2.0


@pytest.mark.sqlite_file("it is deleted")
def test_a_missing_gradebook_says_what_to_run(classroom):
    classroom.places.gradebook.unlink()
    with pytest.raises(GradebookError, match="run: grading release"):
        classroom.grade()
    assert not classroom.places.gradebook.exists()


@pytest.mark.sqlite_file("it is damaged")
def test_a_broken_gradebook_says_where_the_backups_are(classroom):
    classroom.hand_in("ana", classroom.released)
    classroom.places.gradebook.write_bytes(b"not a database" * 100)
    with pytest.raises(GradebookError, match="backups"):
        classroom.grade()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mysql+pymysql://u@127.0.0.1:1/x", "driver is missing"),
        ("nosuch+driver://x", "cannot be opened"),
        ("sqlite:////no/such/folder/gradebook.db", "run: grading release"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_in_words(classroom, monkeypatch, address, told):
    monkeypatch.setenv("COURSE_GRADEBOOK", address)
    with pytest.raises(GradebookError, match=told):
        classroom.grade()


def test_an_unreleased_assignment_and_a_missing_release_say_what_to_run(classroom):
    with pytest.raises(GradingError, match="grading release final"):
        from grading.autograde import autograde

        autograde(classroom.places, "final")
    classroom.hand_in("ana", classroom.released)
    shutil.rmtree(classroom.root / "release")
    with pytest.raises(GradingError, match=f"run: grading release {CHECK}"):
        classroom.grade()


def test_a_student_without_a_submission_is_named(classroom):
    with pytest.raises(GradingError, match="zoe: nothing handed in"):
        classroom.grade(only=["zoe"])


def test_scores_of_a_vanished_submission_stay_and_are_reported(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    classroom.grade()
    shutil.rmtree(classroom.folder("submitted", "ana"))
    run = classroom.grade()
    assert (run.students, run.gone) == ((), ("ana",))
    assert classroom.record("ana").score == 5.0


def test_two_runs_at_once_wait_and_then_refuse_in_words(classroom):
    classroom.hand_in("ana", classroom.released)
    with locked(classroom.places), pytest.raises(GradebookError, match="another run of grading is writing"):
        classroom.grade(wait=0.1)


def backups(classroom):
    return sorted(path.name for path in (classroom.places.work / "backups").iterdir())


@pytest.mark.sqlite_file("backups are copies of it")
def test_the_gradebook_is_copied_before_every_run(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    classroom.grade()
    backup = classroom.grade().backup
    with sqlite3.connect(backup) as copy:
        assert copy.execute("select count(*) from submitted_assignment").fetchone() == (1,)
    copy.close()


@pytest.mark.sqlite_file("backups are copies of it")
def test_many_runs_in_a_row_leave_the_backup_from_before_them(classroom):
    folder = classroom.places.work / "backups"
    folder.mkdir(exist_ok=True)
    (folder / "gradebook-20260302T090000.000000.db").write_bytes(b"before")
    (folder / "gradebook-mine.db").write_bytes(b"a person's own")
    for _ in range(40):
        back_up(classroom.places)
    left = backups(classroom)
    assert left[0] == "gradebook-20260302T090000.000000.db" and left[-1] == "gradebook-mine.db"
    assert len(left) < 20


def test_the_newest_ten_and_the_first_of_each_hour_and_day_are_kept():
    runs = [f"gradebook-20260302T{clock}.000000.db" for clock in ("090500", "094000", "100100")]
    runs += [f"gradebook-20260302T1005{second:02d}.000000.db" for second in range(30)]
    assert kept_backups(runs) == {runs[0], runs[2], *runs[-10:]}
    days = [f"gradebook-2026{month:02d}01T{hour}0000.000000.db" for month in (1, 2) for hour in range(10, 24)]
    assert kept_backups(days) == {days[0], *days[4:]}


@pytest.mark.sqlite_file("backups are copies of it")
def test_a_backup_that_cannot_be_made_leaves_no_file_and_stops_the_run(classroom):
    back_up(classroom.places)
    before = backups(classroom)
    book = classroom.places.gradebook
    whole = book.read_bytes()
    book.write_bytes(b"not a database" * 100)
    with pytest.raises(GradebookError, match="cannot be copied"):
        back_up(classroom.places)
    book.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(GradebookError, match="cannot be copied"):
        back_up(classroom.places)
    assert backups(classroom) == before


@pytest.mark.sqlite_file("backups are copies of it")
def test_the_formgraders_button_makes_no_backup_for_each_student(classroom):
    buttons = Buttons()
    buttons.coursedir = SimpleNamespace(root=str(classroom.root))
    for student in ("ana", "ben", "cyd"):
        classroom.hand_in(student, answered(classroom.released, HONEST))
        assert buttons.autograde(CHECK, student)["success"]
    assert len(backups(classroom)) == 1


def test_an_error_in_one_student_leaves_nothing_half_done_and_stops_nobody(classroom, monkeypatch):
    from grading import student_work as module

    for student in ("ana", "ben", "cyd"):
        classroom.hand_in(student, answered(classroom.released, HONEST))
    real = module.graded_copy

    def breaks_for_ben(made, readings, **more):
        if sys._getframe(1).f_locals["student"] == "ben":
            raise RuntimeError("no \x1b[31mpaper")
        return real(made, readings, **more)

    monkeypatch.setattr(module, "graded_copy", breaks_for_ben)
    ana, ben, cyd = classroom.grade().students
    assert (ana.state, cyd.state, ana.score, cyd.score) == ("graded", "graded", 5.0, 5.0)
    assert (ben.state, ben.reasons) == ("failed", {"grading": "RuntimeError: no \\x1b[31mpaper"})
    with opened(classroom.places) as book:
        assert {one.id for one in book.students} == {"ana", "cyd"}


def test_a_copy_that_cannot_be_put_in_place_is_one_students_and_changes_no_others_report(classroom):
    for student, answer in (("ana", "a"), ("ben", "a"), ("cyd", "a")):
        classroom.hand_in(student, answered(classroom.released, {**HONEST, SINGLE: answer}))
    assert [one.before for one in classroom.grade().students] == [None] * 3
    for student in ("ana", "ben", "cyd"):
        classroom.hand_in(student, answered(classroom.released, HONEST))
    shutil.rmtree(classroom.folder("autograded", "ben").parent)
    classroom.folder("autograded", "ben").parent.write_text("in the way", encoding="utf-8")
    ana, ben, cyd = classroom.grade().students
    assert [(one.state, one.before, one.score) for one in (ana, cyd)] == [("graded", 3.0, 5.0)] * 2
    assert ben.state == "failed" and "FileExistsError" in ben.reasons["grading"]
    classroom.folder("autograded", "ben").parent.unlink()
    ana, ben, cyd = classroom.grade().students
    assert (ben.state, ben.score, ana.before, cyd.before) == ("graded", 5.0, 5.0, 5.0)


def test_long_texts_do_not_wait_for_others_in_the_memory(classroom, monkeypatch):
    from grading import autograde as module

    real, together = module._grade, []

    def counted(desk, works):
        together.append(len(works))
        return real(desk, works)

    monkeypatch.setattr(module, "_grade", counted)
    monkeypatch.setattr(module, "MOST_TEXT", 300_000)
    for student in "abcdefgh":
        text = "long " * 100_000 if student in "be" else TEXT
        classroom.hand_in(student, answered(classroom.released, HONEST, text))
    assert {one.score for one in classroom.grade().students} == {5.0}
    assert together == [2, 3, 3]


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is not on Windows")
def test_a_killed_run_loses_nothing_and_is_finished_by_running_it_again(classroom):
    students = [f"s{number:02d}" for number in range(30)]
    for student in students:
        classroom.hand_in(student, answered(classroom.released, HONEST, TEXT))
    code = (
        "import sys, pathlib; from grading.places import find_places;"
        "from grading.autograde import autograde;"
        "autograde(find_places(pathlib.Path(sys.argv[1])), sys.argv[2],"
        "progress=lambda s, done, total: print(done, flush=True))"
    )
    killed = 0
    for stop_at in (3, 11, 19):
        run = subprocess.Popen(
            [sys.executable, "-c", code, str(classroom.root), CHECK], stdout=subprocess.PIPE, text=True
        )
        for line in run.stdout:
            if int(line) == stop_at:
                time.sleep(random.Random(stop_at).random() * 0.02)
                run.send_signal(signal.SIGKILL)
                break
        killed += run.wait() == -signal.SIGKILL
        run.stdout.close()
        with opened(classroom.places) as book:
            for submission in book.db.execute(_rows()).all():
                assert submission == (5.0, 3), "a student is stored whole or not at all"
        for name, data in files_of(classroom, "autograded").items():
            if name.endswith(".ipynb") and "/." not in name:
                json.loads(data)
    assert killed == 3
    results = classroom.grade().students
    assert [(one.student, one.score) for one in results] == [(student, 5.0) for student in students]
    assert not [name for name in files_of(classroom, "autograded") if "/." in name]


def _rows():
    return sa.text(
        "select sum(auto_score), count(*) from grade join submitted_notebook on"
        " grade.notebook_id = submitted_notebook.id group by submitted_notebook.id"
    )


def test_late_work_is_recorded_with_its_seconds_and_any_penalty_that_is_configured(classroom):
    with opened(classroom.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-02 09:00:00 UTC")
    classroom.hand_in("ana", answered(classroom.released, HONEST), time=TIME)
    result = only(classroom.grade())
    record = classroom.record("ana")
    assert (result.late, record.late, record.penalty) == (1800.0, 1800.0, 0.0)
    with (classroom.root / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    classroom.grade()
    record = classroom.record("ana")
    assert (record.penalty, record.score) == (5.0, 0.0)


@pytest.mark.parametrize(("asked", "taken"), [(99.0, 5.0), (-3.0, 0.0), (1.5, 1.5)])
def test_a_penalty_takes_no_more_than_was_earned_and_never_gives(classroom, monkeypatch, asked, taken):
    with opened(classroom.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-02 09:00:00 UTC")
    classroom.hand_in("ana", answered(classroom.released, HONEST), time=TIME)
    plugin = SimpleNamespace(late_submission_penalty=lambda student, score, seconds: asked)
    monkeypatch.setattr("grading.gradebook.late_plugin", lambda places: plugin)
    classroom.grade()
    assert (classroom.record("ana").penalty, classroom.record("ana").score) == (taken, 5.0 - taken)


@pytest.mark.parametrize("text", ["yesterday-ish", "", "\x00", "9" * 2000, "2026-13-45 10:00:00 UTC"])
def test_a_time_that_cannot_be_understood_is_a_remark_and_no_more(classroom, text):
    classroom.hand_in("ana", answered(classroom.released, HONEST), time=text)
    result = only(classroom.grade())
    assert (result.state, result.score) == ("graded", 5.0)
    assert "the time of handing in" in result.remarks[0]
    assert classroom.record("ana").timestamp is None


def test_code_cells_of_an_instructors_own_need_the_word_execute(classroom):
    add_code_task(classroom)
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    with pytest.raises(NeedsExecutionError, match=f"double, test-double - run: .* {CHECK} --execute"):
        classroom.grade()


def add_code_task(classroom):
    """Add a code question with a test to the source, and release it."""
    from grading.workflow import release

    path, nb = source_notebook(classroom)
    marks = {"schema_version": 3, "task": False}
    nb["cells"] += [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "double",
            "metadata": {
                "nbgrader": {**marks, "grade": False, "grade_id": "double", "locked": False, "solution": True}
            },
            "outputs": [],
            "source": "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
        },
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "test-double",
            "metadata": {
                "nbgrader": {
                    **marks,
                    "grade": True,
                    "grade_id": "test-double",
                    "locked": True,
                    "points": 4,
                    "solution": False,
                }
            },
            "outputs": [],
            "source": "assert double(4) == 8",
        },
    ]
    path.write_text(json.dumps(nb), encoding="utf-8")
    release(classroom.places, CHECK)


def with_code(notebook, code, test=None):
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name == "double":
            cell["source"] = code
        if name == "test-double" and test is not None:
            cell["source"] = test
    return notebook


@pytest.mark.timeout(300)
def test_execute_runs_what_needs_running_and_reads_the_rest(classroom):
    add_code_task(classroom)
    right = "def double(x):\n    return x + x"
    nb = with_code(answered(classroom.released, HONEST, TEXT), right)
    classroom.hand_in("ana", nb)
    cheat = with_code(answered(classroom.released, {SINGLE: "a"}, TEXT), "def double(x): return 0", "pass")
    for cell in cheat["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]
    folder = classroom.hand_in("ben", cheat)
    for name in ("ipykernel_launcher.py", "course.py", "json.py"):
        (folder / name).write_text("raise SystemExit('shadowed')", encoding="utf-8")
    killer = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
    classroom.hand_in("cyd", with_code(answered(classroom.released, HONEST), killer))
    deleted = answered(classroom.released, HONEST)
    deleted["cells"] = [
        cell
        for cell in deleted["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") not in ("double", "test-double")
    ]
    classroom.hand_in("dee", deleted)
    results = {one.student: one for one in classroom.grade(execute=True).students}
    assert {student: one.state for student, one in results.items()} == dict.fromkeys(results, "graded")
    rows = {student: classroom.rows(student) for student in results}
    assert rows["ana"]["test-double"][:2] == (4.0, False)
    assert rows["ana"][SINGLE] == (2.0, False, None)
    assert (rows["ben"]["test-double"][0], rows["ben"][SINGLE][0]) == (0.0, 0.0)
    assert rows["dee"]["test-double"][0] == 0.0
    assert rows["cyd"]["test-double"][:2] == (0.0, True) and rows["cyd"][SINGLE][0] == 2.0
    assert "running" in results["cyd"].reasons
    assert results["ana"].score == 9.0
    assert "x + x" in json.dumps(copy_of(classroom, "ana"))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nbgraders_own_autograder_gives_honest_students_the_same_rows(classroom, fresh_gradebook):
    """The one test that runs nbgrader's autograder on our notebooks: kernels, tests and all."""
    submissions = {
        "full": answered(classroom.released, HONEST, TEXT),
        "partly": answered(classroom.released, {SINGLE: "b", MULTIPLE: ["a"]}, TEXT),
        "blank": classroom.released,
        "emptied": answered(classroom.released, {SINGLE: "c"}, ""),
    }
    for student, nb in submissions.items():
        classroom.hand_in(student, nb)
    classroom.grade()
    ours = {student: classroom.rows(student) for student in submissions}
    theirs = classroom.root.parent / "theirs"
    shutil.copytree(classroom.root, theirs)
    for name in ("autograded", "backups"):
        shutil.rmtree(theirs / "grading" / "work" / name, ignore_errors=True)
    other = type(classroom)(theirs)
    fresh_gradebook(other.places)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command in (["generate_assignment", CHECK, "--force"], ["autograde", CHECK]):
        run = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=theirs,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
    assert {student: other.rows(student) for student in submissions} == ours


def test_a_submission_is_graded_in_well_under_a_second(classroom):
    for number in range(40):
        classroom.hand_in(f"s{number:02d}", answered(classroom.released, HONEST, TEXT))
    classroom.grade(only=["s00"])
    begin = time.perf_counter()
    assert len(classroom.grade().students) == 40
    assert time.perf_counter() - begin < 20


def test_stub_is_what_the_release_holds(classroom):
    prompt = next(c for c in classroom.released["cells"] if "prompt" in c["metadata"].get("course", {}))
    assert "".join(prompt["source"]) == STUB
