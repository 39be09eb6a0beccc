"""`grading regrade`: shown before it is written, recorded with its reason, and completed after a kill."""

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, TEXT, answered
from click.testing import CliRunner
from test_autograde import add_code_task

from grading import regrade
from grading.cli import main
from grading.feedback import write_feedback
from grading.gradebook import GradebookError, locked
from grading.regrade_record import past_records
from grading.results import GradingError
from grading.status import course_status

OLD, NEW = 'key=[\\"c\\"]', 'key=[\\"a\\"]'
REASON = "the article says a (Übung 3)"


@pytest.fixture
def wrong_key(classroom):
    """Four students graded with the key c, where a is right: two lose by it, one gains, one left it blank."""
    for student, answer in (("ana", "c"), ("ben", "a"), ("cyd", "c"), ("dee", None)):
        classroom.hand_in(student, answered(classroom.released, {**HONEST, SINGLE: answer}, TEXT))
    classroom.grade()
    correct(classroom)
    return classroom


def correct(classroom, old=OLD, new=NEW):
    path = classroom.root / "source" / CHECK / f"{CHECK}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def grading(classroom, *arguments):
    return CliRunner().invoke(main, ["--root", str(classroom.root), *arguments])


def said(result):
    return " ".join(result.output.split())


def files(classroom):
    """Everything in the work folder but the empty lock files, byte for byte."""
    work = classroom.places.work
    return {
        path.relative_to(work): path.read_bytes()
        for path in work.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def scores(classroom):
    return {student: classroom.record(student).score for student in ("ana", "ben", "cyd", "dee")}


def only_record(classroom):
    (record,), damaged = past_records(classroom.places, CHECK)
    assert damaged == []
    return record


def next_step(classroom):
    return next(one.next_step for one in course_status(classroom.places) if one.name == CHECK)


def test_a_dry_run_shows_the_keys_and_who_changes_by_how_much_and_writes_nothing(wrong_key):
    before = files(wrong_key)
    result = grading(wrong_key, "regrade", CHECK, "--dry-run")
    assert result.exit_code == 0, result.output
    told = said(result)
    assert f"question was is now ────────────────────────── {SINGLE} c a" in re.sub("─+", "─" * 26, told)
    assert "ana 5 3 -2 ben 3 5 +2 cyd 5 3 -2" in told and "dee" not in told
    assert "3 of 4 students change: 1 up, 2 down; from -2 to +2, on average -0.67 points." in told
    assert told.endswith("Nothing was written.")
    assert files(wrong_key) == before


def test_no_more_than_twenty_are_listed_unless_one_asks_for_all(classroom):
    for number in range(23):
        classroom.hand_in(f"s{number:02d}", answered(classroom.released, HONEST))
    classroom.grade()
    correct(classroom)
    told = said(grading(classroom, "regrade", CHECK, "--dry-run"))
    assert "s19 5 3 -2" in told and "s20" not in told and "... and 3 more: --all lists everybody." in told
    told = said(grading(classroom, "regrade", CHECK, "--dry-run", "--all"))
    assert "s22 5 3 -2" in told and "more" not in told


def test_where_no_key_is_corrected_it_says_so_and_writes_nothing(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    classroom.grade()
    before = files(classroom)
    result = grading(classroom, "regrade", CHECK, "--yes", "--reason", "none")
    assert result.exit_code == 0 and "are those that count already" in result.output
    assert "Nothing was written." in result.output
    classroom.hand_in("ana", answered(classroom.released, {SINGLE: "a"}))
    before = files(classroom)
    result = grading(classroom, "regrade", CHECK, "--yes", "--reason", "none")
    assert "1 score would change all the same" in said(result)
    assert f"run grading autograde {CHECK}" in said(result)
    assert files(classroom) == before


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
def test_what_is_written_is_recorded_with_its_reason_and_the_old_scores(wrong_key, workers):
    result = grading(wrong_key, "regrade", CHECK, "--yes", "--reason", f" {REASON} ", *workers)
    assert result.exit_code == 0, result.output
    assert scores(wrong_key) == {"ana": 3.0, "ben": 5.0, "cyd": 3.0, "dee": 3.0}
    (path,) = (wrong_key.places.work / "regrades").iterdir()
    data = json.loads(path.read_text(encoding="utf-8"))
    change = {"item": SINGLE, "old_key": ["c"], "new_key": ["a"]}
    change |= {"old_mode": "all-or-nothing", "new_mode": "all-or-nothing"}
    assert (data["assignment"], data["reason"], data["key_changes"]) == (CHECK, REASON, [change])
    assert data["who"] and data["finished"] >= data["begun"] and data["begun"].endswith("+00:00")
    rest = {"by_hand": {}, "newer": False}
    assert data["students"] == {
        "ana": {"old": 5.0, "new": 3.0, "items": {SINGLE: [2.0, 0.0]}, **rest},
        "ben": {"old": 3.0, "new": 5.0, "items": {SINGLE: [0.0, 2.0]}, **rest},
        "cyd": {"old": 5.0, "new": 3.0, "items": {SINGLE: [2.0, 0.0]}, **rest},
    }
    told = said(result)
    assert "3 students changed. The reason is kept: the article says a (Übung 3)" in told
    assert str(path) in "".join(result.output.split("\n"))
    if wrong_key.places.gradebook is None:
        assert data["backup"] is None and "backup" not in told
    else:
        assert data["backup"] in told
        backup = sqlite3.connect(wrong_key.places.work / "backups" / data["backup"])
        assert backup.execute("select sum(auto_score) from grade").fetchone() == (16.0,)
        backup.close()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert grading(wrong_key, "regrade", CHECK, "--dry-run").output.count("count already") == 1


@pytest.mark.sqlite_file("backups are copies of it")
def test_one_backup_is_made_for_one_regrade(wrong_key):
    folder = wrong_key.places.work / "backups"
    before = len(list(folder.iterdir()))
    grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON)
    assert len(list(folder.iterdir())) == before + 1


def test_past_regrades_are_told_in_words_with_their_reasons(wrong_key):
    assert "Nothing was regraded yet." in grading(wrong_key, "regrade", "--list").output
    grading(wrong_key, "regrade", CHECK, "--yes", "--reason", "\x1b[31mwrong\n  key")
    correct(wrong_key, NEW, OLD)
    grading(wrong_key, "regrade", CHECK, "--yes", "--reason", "back again")
    result = grading(wrong_key, "regrade", CHECK, "--list")
    assert result.exit_code == 0 and "\x1b" not in result.output
    lines = [one for one in result.output.splitlines() if not one.startswith("- the gradebook before it: ")]
    assert re.fullmatch(rf"{CHECK}, \d{{4}}-\d\d-\d\d \d\d:\d\d UTC, by \S+: \\x1b\[31mwrong key", lines[0])
    assert lines[1:3] == [
        f"- {SINGLE}: c is now a",
        "- 3 students changed; from -2 to +2, on average -0.67 points",
    ]
    assert lines[3].endswith(": back again") and lines[4] == f"- {SINGLE}: a is now c"
    assert grading(wrong_key, "regrade", "--list").output == result.output
    both = json.loads(grading(wrong_key, "regrade", "--list", "--json").output)["regrades"]
    assert [one["reason"] for one in both] == ["\\x1b[31mwrong key", "back again"]


def test_a_damaged_record_is_named_and_the_others_are_listed(wrong_key):
    grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON)
    folder = wrong_key.places.work / "regrades"
    for number, text in enumerate(["{", "[]", '{"assignment": 5}', '"x"']):
        (folder / f"{CHECK}-20260101T00000{number}.000000Z.json").write_text(text, encoding="utf-8")
    (folder / "notes.json").write_text("mine", encoding="utf-8")
    result = grading(wrong_key, "regrade", "--list")
    assert result.exit_code == 1 and REASON in result.output
    assert said(result).count("cannot be read as a record of a regrade") == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([CHECK], "nobody can be asked here: look with --dry-run, or write with --yes and --reason"),
        ([CHECK, "--json"], "nobody can be asked here"),
        ([CHECK, "--yes"], "say why: --reason"),
        ([CHECK, "--yes", "--reason", "  "], "say why: --reason"),
        ([CHECK, "--yes", "--dry-run"], "leave out --yes"),
        ([], "Missing argument 'ASSIGNMENT'"),
        (["check-greting"], f"did you mean {CHECK}?"),
        ([CHECK, "--dry-run", "--workers", "2", "--scheduler", "tcp://x"], "give one of them"),
    ],
)
def test_wrong_use_is_answered_with_advice_and_writes_nothing(wrong_key, arguments, told):
    before = files(wrong_key)
    result = grading(wrong_key, "regrade", *arguments)
    assert result.exit_code == 2 and told in said(result)
    assert files(wrong_key) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminal to pretend")
@pytest.mark.parametrize(("answers", "written"), [(["", REASON, "n"], False), ([REASON, "y"], True)])
def test_a_person_is_asked_for_the_reason_and_then_for_a_yes(wrong_key, answers, written):
    import pty

    mine, theirs = pty.openpty()
    before = files(wrong_key)
    command = [sys.executable, "-m", "grading", "regrade", CHECK]
    environment = {**os.environ, "PYTHONUTF8": "1", "TERM": "dumb"}
    run = subprocess.Popen(
        command, cwd=wrong_key.root, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    output, seen = "", 0
    while True:
        try:
            data = os.read(mine, 4096)
        except OSError:
            break
        if not data:
            break
        output += data.decode("utf-8", "replace")
        if answers and re.search(r"(scores\)|\[y/N\]): $", output[seen:]):
            seen = len(output)
            os.write(mine, f"{answers.pop(0)}\n".encode())
    os.close(mine)
    assert run.wait(timeout=60) == 0 and answers == []
    assert output.index("3 of 4 students change") < output.index("Why is this done?")
    assert output.index("Why is this done?") < output.index("Write these scores?")
    assert (files(wrong_key) == before) is not written
    if written:
        assert only_record(wrong_key).reason == REASON


KILLED = """
import os, signal, sys
from pathlib import Path
from grading import autograde, regrade
from grading.places import find_places

autograde.TOGETHER = 1
places = find_places(Path(sys.argv[1]))

def stop(student, done, total):
    if done == {done}:
        os.kill(os.getpid(), signal.SIGKILL)

plan = regrade.plan(places, {check!r})
regrade.carry_out(places, plan, "first reason", progress=stop)
"""


def kill_after(classroom, done):
    program = KILLED.format(done=done, check=CHECK)
    run = subprocess.run(
        [sys.executable, "-c", program, str(classroom.root)], capture_output=True, check=False
    )
    assert run.returncode == -signal.SIGKILL, run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is not on Windows")
@pytest.mark.parametrize(
    ("done", "after"),
    [
        (0, {"ana": 5.0, "ben": 3.0, "cyd": 5.0, "dee": 3.0}),
        (2, {"ana": 3.0, "ben": 5.0, "cyd": 5.0, "dee": 3.0}),
        (4, {"ana": 3.0, "ben": 5.0, "cyd": 3.0, "dee": 3.0}),
    ],
)
def test_a_killed_regrade_is_completed_and_recorded_whole_by_running_it_again(wrong_key, done, after):
    kill_after(wrong_key, done)
    assert scores(wrong_key) == after
    listed = grading(wrong_key, "regrade", "--list").output
    assert f"was cut off; to complete it, run: grading regrade {CHECK}" in listed
    assert next_step(wrong_key) == f"grading regrade {CHECK}"
    first = only_record(wrong_key)
    result = grading(wrong_key, "regrade", CHECK, "--yes")
    assert result.exit_code == 0, result.output
    told = said(result)
    assert "was cut off (reason: first reason). This one completes it" in told
    assert ("ana 5 3 -2" in told, "cyd 5 3 -2" in told) == (done == 0, done < 4)
    assert "3 students changed" in told
    record = only_record(wrong_key)
    assert (record.reason, record.begun, record.backup) == ("first reason", first.begun, first.backup)
    assert record.finished is not None and [one.item for one in record.key_changes] == [SINGLE]
    kept = {student: (one.old, one.new, one.items) for student, one in record.students.items()}
    assert kept == {
        "ana": (5.0, 3.0, {SINGLE: (2.0, 0.0)}),
        "ben": (3.0, 5.0, {SINGLE: (0.0, 2.0)}),
        "cyd": (5.0, 3.0, {SINGLE: (2.0, 0.0)}),
    }
    assert len(list((wrong_key.places.work / "regrades").iterdir())) == 1
    assert "are those that count already" in grading(wrong_key, "regrade", CHECK, "--dry-run").output


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is not on Windows")
def test_a_regrade_that_was_killed_and_taken_back_leaves_a_record_that_says_so(wrong_key):
    kill_after(wrong_key, 2)
    correct(wrong_key, NEW, OLD)
    result = grading(wrong_key, "regrade", CHECK, "--yes", "--reason", "it was right after all")
    assert result.exit_code == 0
    assert scores(wrong_key) == {"ana": 5.0, "ben": 3.0, "cyd": 5.0, "dee": 3.0}
    record = only_record(wrong_key)
    assert (record.students, record.reason, record.key_changes) == ({}, "it was right after all", ())


def test_a_score_given_by_hand_stays_and_is_named(wrong_key):
    wrong_key.grade_by_hand("ana", SINGLE, 1)
    told = said(grading(wrong_key, "regrade", CHECK, "--dry-run"))
    assert "1 student has a score given by hand in a corrected question; it stays: ana." in told
    assert "2 of 4 students change" in told
    grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON)
    assert wrong_key.record("ana").score == 4.0
    assert "ana" not in only_record(wrong_key).students


def test_work_that_cannot_be_read_any_more_keeps_its_score_and_is_listed(wrong_key):
    (wrong_key.folder("submitted", "ana") / f"{CHECK}.ipynb").write_bytes(b"{")
    for path in wrong_key.folder("submitted", "cyd").iterdir():
        path.unlink()
    wrong_key.folder("submitted", "cyd").rmdir()
    result = grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON)
    assert result.exit_code == 1
    assert re.search(r"ana: keeps the old scores: the file stops in the middle", said(result))
    assert "cyd: keeps the old scores: the files are no longer there" in said(result)
    assert scores(wrong_key) == {"ana": 5.0, "ben": 5.0, "cyd": 5.0, "dee": 3.0}
    assert set(only_record(wrong_key).left) == {"ana", "cyd"}


def test_newer_work_among_those_who_change_is_told(wrong_key):
    wrong_key.hand_in("ana", answered(wrong_key.released, {SINGLE: "a"}, TEXT))
    wrong_key.hand_in("eve", answered(wrong_key.released, HONEST))
    told = said(grading(wrong_key, "regrade", CHECK, "--dry-run"))
    assert "ana 5 2 -3 newer work, too ben 3 5 +2 cyd" in told
    assert "1 student among them handed in newer work since the last grading" in told
    assert "1 student gets a first score." in told
    grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON)
    record = only_record(wrong_key)
    assert {student: one.newer for student, one in record.students.items()} == {
        "ana": True,
        "ben": False,
        "cyd": False,
    }
    assert record.students["ana"].items == {MULTIPLE: (3.0, 0.0)}


def test_a_corrected_credit_mode_alone_is_a_correction(classroom):
    classroom.hand_in("ana", answered(classroom.released, {**HONEST, MULTIPLE: ["a"]}, TEXT))
    classroom.grade()
    correct(classroom, 'score(\\"right-minus-wrong\\"', 'score(\\"all-or-nothing\\"')
    plan = regrade.plan(classroom.places, CHECK)
    (change,) = plan.key_changes
    assert (change.item, change.old_mode, change.new_mode) == (
        MULTIPLE,
        "right-minus-wrong",
        "all-or-nothing",
    )
    assert change.old_key == change.new_key
    # One of two right ticks: half of three points, then none.
    assert plan.changes == {"ana": (3.5, 2.0)}


def test_who_hands_in_while_one_is_asked_is_recorded_with_the_others(wrong_key):
    plan = regrade.plan(wrong_key.places, CHECK)
    wrong_key.hand_in("dee", answered(wrong_key.released, {**HONEST, SINGLE: "a"}, TEXT))
    record = regrade.carry_out(wrong_key.places, plan, REASON)
    assert "dee" not in plan.changes and scores(wrong_key)["dee"] == 5.0
    dee = record.students["dee"]
    assert (dee.old, dee.new, dee.newer) == (3.0, 5.0, True)
    assert only_record(wrong_key).students["dee"] == dee


def test_pages_given_already_are_out_of_date_afterwards_and_the_next_step_says_so(wrong_key):
    for student in ("ana", "ben", "cyd", "dee"):
        wrong_key.grade_by_hand(student, PROMPT, 5)
    write_feedback(wrong_key.places, CHECK)
    told = said(grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON))
    assert "3 feedback pages are out of date now." in told
    assert f"Next: grading feedback {CHECK} --release" in told
    assert next_step(wrong_key) == f"grading feedback {CHECK} --release"
    told = said(grading(wrong_key, "feedback", CHECK))
    assert "For 3 students the page replaces one that was given already" in told
    assert next_step(wrong_key) == "done"


def test_keys_that_change_while_one_is_asked_are_not_written(wrong_key):
    plan = regrade.plan(wrong_key.places, CHECK)
    correct(wrong_key, NEW, 'key=[\\"b\\"]')
    with pytest.raises(GradingError, match="the keys were changed while you were asked"):
        regrade.carry_out(wrong_key.places, plan, REASON)
    assert scores(wrong_key) == {"ana": 5.0, "ben": 3.0, "cyd": 5.0, "dee": 3.0}
    assert past_records(wrong_key.places) == ([], [])


def test_a_second_regrade_at_the_same_time_is_refused(wrong_key):
    with regrade.alone(wrong_key.places):
        result = grading(wrong_key, "regrade", CHECK, "--dry-run")
    assert result.exit_code == 1 and "another regrade is going on" in said(result)


def test_a_regrade_that_could_not_begin_leaves_no_record(wrong_key, monkeypatch):
    with locked(wrong_key.places):
        result = grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON, "--wait", "0.1")
    assert result.exit_code == 1 and "another run of grading is writing" in said(result)
    plan = regrade.plan(wrong_key.places, CHECK)

    def busy(*_, **__):
        raise GradebookError("another run")

    monkeypatch.setattr(regrade, "autograde", busy)
    with pytest.raises(GradebookError):
        regrade.carry_out(wrong_key.places, plan, REASON)
    assert past_records(wrong_key.places) == ([], [])
    assert next_step(wrong_key) == f"grading regrade {CHECK}"


def test_more_than_a_key_cannot_be_corrected_and_nothing_is_written(wrong_key):
    correct(wrong_key, ', \\"b\\", \\"c\\"]', ', \\"c\\"]')
    before = files(wrong_key)
    result = grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON)
    assert result.exit_code == 1 and "only the key and the credit mode can be corrected" in said(result)
    assert files(wrong_key) == before


def test_cells_that_only_running_grades_are_left_to_autograde(classroom):
    add_code_task(classroom)
    classroom.hand_in("ana", classroom.released)
    result = grading(classroom, "regrade", CHECK, "--dry-run")
    assert result.exit_code == 1
    assert f"run: grading autograde {CHECK} --execute --corrected-key" in said(result)


def test_json_says_what_would_change_and_what_did(wrong_key):
    plan = json.loads(grading(wrong_key, "regrade", CHECK, "--dry-run", "--json").output)
    assert plan["changes"][0] == {
        "student": "ana",
        "old": 5.0,
        "new": 3.0,
        "difference": -2.0,
        "newer": False,
    }
    assert (plan["graded"], plan["least"], plan["most"], plan["written"]) == (4, -2.0, 2.0, False)
    assert plan["mean"] == pytest.approx(-0.6667, abs=1e-4)
    done = json.loads(grading(wrong_key, "regrade", CHECK, "--yes", "--reason", REASON, "--json").output)
    assert done["written"] and done["record"]["reason"] == REASON
    assert done["record"]["students"]["ben"]["new"] == 5.0


def test_a_thousand_changes_need_little_time_to_record(classroom):
    from datetime import UTC, datetime

    from grading.regrade_record import Record, Rescored, begun_record, write_record

    students = {f"s{number:04d}": Rescored(5.0, None, {SINGLE: (2.0, None)}) for number in range(5000)}
    record = Record(CHECK, datetime.now(UTC), "me", "x", None, (), students)
    begin = time.perf_counter()
    path = write_record(classroom.places, record)
    assert begun_record(classroom.places, CHECK) == record
    assert time.perf_counter() - begin < 5 and path.stat().st_size < 1_000_000
