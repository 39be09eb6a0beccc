"""Collecting: from an exchange where anybody may write, and from what Moodle, Canvas and people hand over."""

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from classroom import CHECK, HONEST, SINGLE, TEXT, answered

from grading import records, untrusted
from grading.collecting import CollectError, place
from grading.copies import students_with_work
from grading.gradebook import opened
from grading.handedin import parse_time
from grading.lms import Label, collect_from, parse_label, read_ids, student_of
from grading.records import StudentRecord
from grading.untrusted import RefusedError, list_folder, name_problem, plain, printable, read_file, utc
from grading.workflow import collect, release

NOTEBOOK = f"{CHECK}.ipynb"
exchange = pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange does not run on Windows")
EARLY, LATE = "2026-03-01 08:00:00.000000 UTC", "2026-03-02 08:00:00.000000 UTC"


@pytest.fixture
def inbound(classroom):
    release(classroom.places, CHECK)
    return classroom.places.exchange / classroom.places.course_id / "inbound"


def send(inbound, student, notebook, time=EARLY, secret="s" * 64, assignment=CHECK, end="abc123"):
    """Do what `nbgrader submit` does."""
    folder = inbound / f"{student}+{assignment}+{time}+{end}"
    folder.mkdir()
    data = json.dumps(notebook) if isinstance(notebook, dict) else notebook
    if data is not None:
        (folder / NOTEBOOK).write_text(data, encoding="utf-8")
    (folder / "timestamp.txt").write_text(time, encoding="utf-8")
    if secret:
        (folder / "submission_secret.txt").write_text(secret, encoding="utf-8")
    return folder


def states(results):
    return {(one.student or one.found): one.state for one in results}


def submitted(classroom, student):
    return (classroom.folder("submitted", student) / NOTEBOOK).read_text(encoding="utf-8")


@exchange
@pytest.mark.timeout(300)
def test_what_nbgraders_own_submit_sends_is_taken_with_its_time_and_secret(classroom, inbound, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    env = {**os.environ, "HOME": str(home), "COURSE_EXCHANGE": str(classroom.places.exchange)}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    (home / "nbgrader_config.py").write_text(
        "import os\nc = get_config()\nc.CourseDirectory.course_id = 'safe-and-welcome'\n"
        "c.Exchange.root = os.environ['COURSE_EXCHANGE']\n",
        encoding="utf-8",
    )
    for command in (["fetch_assignment", CHECK], ["submit", CHECK, "--student", "ana"]):
        run = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command], cwd=home, env=env, capture_output=True, check=False
        )
        assert run.returncode == 0, run.stderr.decode()
    (result,) = collect(classroom.places, CHECK)
    assert (result.student, result.state) == ("ana", "taken")
    folder = classroom.folder("submitted", "ana")
    assert {path.name for path in folder.iterdir()} == {NOTEBOOK, "timestamp.txt", "submission_secret.txt"}
    (sent,) = inbound.iterdir()
    assert (folder / "timestamp.txt").read_text() == (sent / "timestamp.txt").read_text()
    assert classroom.grade().students[0].state == "graded"


@exchange
def test_the_newest_submission_counts_and_collecting_again_takes_only_what_is_newer(classroom, inbound):
    send(inbound, "ana", answered(classroom.released, {SINGLE: "a"}), EARLY)
    assert states(collect(classroom.places, CHECK)) == {"ana": "taken"}
    send(inbound, "ana", answered(classroom.released, {SINGLE: "c"}), LATE)
    assert states(collect(classroom.places, CHECK)) == {"ana": "updated"}
    assert states(collect(classroom.places, CHECK)) == {"ana": "unchanged"}
    assert '\\"c\\"' in submitted(classroom, "ana")


@exchange
def test_before_due_prefers_what_came_in_time(classroom, inbound):
    with opened(classroom.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-01 12:00:00 UTC")
    send(inbound, "ana", answered(classroom.released, {SINGLE: "a"}), EARLY)
    send(inbound, "ana", answered(classroom.released, {SINGLE: "c"}), LATE)
    send(inbound, "ben", answered(classroom.released, {SINGLE: "c"}), LATE)
    assert states(collect(classroom.places, CHECK)) == {"ana": "taken", "ben": "taken"}
    assert '\\"c\\"' in submitted(classroom, "ana")
    assert states(collect(classroom.places, CHECK, before_due=True)) == {"ana": "updated", "ben": "unchanged"}
    assert '\\"a\\"' in submitted(classroom, "ana")


@exchange
def test_no_bad_folder_stops_the_honest(classroom, inbound, tmp_path):
    secret = tmp_path / "key.ipynb"
    secret.write_text(json.dumps(answered(classroom.released, HONEST)), encoding="utf-8")
    send(inbound, "aaa", answered(classroom.released, HONEST))
    send(inbound, "zzz", answered(classroom.released, HONEST))
    (inbound / f"x+{CHECK}+garbage").mkdir()
    (inbound / f"x+{CHECK}+2026-01-01 10:00:00 999999999999").mkdir()
    (inbound / f"x+{CHECK}+").mkdir()
    (inbound / f"dangling+{CHECK}+{EARLY}+z").symlink_to(tmp_path / "nowhere")
    (inbound / f"folder-link+{CHECK}+{EARLY}+z").symlink_to(tmp_path)
    (inbound / f"file+{CHECK}+{EARLY}+z").write_text("x")
    os.mkfifo(inbound / f"fifo+{CHECK}+{EARLY}+z")
    send(inbound, "<img src=x onerror=alert(1)>", classroom.released)
    send(inbound, "..", classroom.released)
    send(inbound, "=cmd|calc,9\n8", classroom.released)
    send(inbound, "link", None).joinpath(NOTEBOOK).symlink_to(secret)
    os.mkfifo(send(inbound, "pipe", None) / NOTEBOOK)
    (send(inbound, "dir", None) / NOTEBOOK).mkdir()
    send(inbound, "none", None)
    with (send(inbound, "huge", None) / NOTEBOOK).open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    loop = send(inbound, "loop", answered(classroom.released, HONEST))
    (loop / "loop").symlink_to(".")
    (loop / "submitted").symlink_to(classroom.places.root)
    crowd = send(inbound, "crowd", answered(classroom.released, HONEST))
    for number in range(600):
        (crowd / f"{number}.txt").write_text("")
    results = collect(classroom.places, CHECK)
    taken = {one.student for one in results if one.state == "taken"}
    assert taken == {"aaa", "zzz", "loop"}
    refused = [one for one in results if one.state == "refused"]
    assert len(refused) == 16
    assert all(one.why for one in refused)
    why = {one.student: one.why for one in refused if one.student}
    assert why["link"] == f"{NOTEBOOK} is a link, and links are not followed"
    assert why["none"] == "it holds no notebook"
    assert why["crowd"] == "it holds more than 500 files"
    assert not [one for one in results if any(sign in one.found for sign in "<>\n\x1b")]
    assert {path.name for path in classroom.places.step("submitted").iterdir()} == taken
    assert {path.name for path in classroom.folder("submitted", "loop").iterdir()} == {
        NOTEBOOK,
        "timestamp.txt",
        "submission_secret.txt",
    }


@exchange
def test_a_bad_newest_submission_falls_back_to_the_one_before_and_is_listed(classroom, inbound):
    send(inbound, "ana", answered(classroom.released, HONEST), EARLY)
    send(inbound, "ana", None, LATE)
    assert [(one.state, one.why) for one in collect(classroom.places, CHECK)] == [
        ("taken", ""),
        ("refused", "it holds no notebook"),
    ]


@exchange
def test_a_folder_of_another_account_cannot_speak_for_a_student(classroom, inbound, monkeypatch):
    send(inbound, "games", answered(classroom.released, HONEST), EARLY)
    forged = send(inbound, "games", classroom.released, LATE)
    mine = os.getuid()
    real = list_folder

    def owned(root, parts=(), most=2000):
        return [
            replace(entry, owner=mine + 1 if entry.name == forged.name else entry.owner)
            for entry in real(root, parts, most)
        ]

    monkeypatch.setattr("grading.exchange.list_folder", owned)
    monkeypatch.setattr("grading.exchange._owner", lambda number: None if number == mine else "mallory")
    results = collect(classroom.places, CHECK)
    assert {(one.state, one.why) for one in results} == {
        ("taken", ""),
        ("refused", "it says it is from games, but mallory put it there"),
    }
    assert '\\"c\\"' in submitted(classroom, "games")
    with (classroom.root / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("\nc.ExchangeCollect.check_owner = False\n")
    assert states(collect(classroom.places, CHECK)) == {"games": "updated"}


@exchange
def test_a_time_in_the_future_is_replaced_by_the_time_of_arrival(classroom, inbound):
    send(inbound, "ana", classroom.released, "2099-01-01 00:00:00.000000 UTC")
    (result,) = collect(classroom.places, CHECK)
    now = datetime.now(UTC).replace(tzinfo=None)
    assert now - timedelta(minutes=5) < result.time <= now
    assert result.why == "it says 2099-01-01 00:00, which is in the future"
    assert states(collect(classroom.places, CHECK)) == {"ana": "unchanged"}


@exchange
def test_a_folder_that_came_after_the_due_date_but_says_before_is_told(classroom, inbound, monkeypatch):
    with opened(classroom.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-01 12:00:00 UTC")
    came = {
        "ana": datetime(2026, 3, 1, 12, 1, tzinfo=UTC),
        "ben": datetime(2026, 3, 1, 12, 1, tzinfo=UTC),
        "cyd": datetime(2026, 3, 1, 11, 59, tzinfo=UTC),
        "dee": datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
    }
    send(inbound, "ana", classroom.released, EARLY)
    send(inbound, "ben", classroom.released, "2026-03-01 11:59:50.000000 UTC")
    send(inbound, "cyd", classroom.released, EARLY)
    send(inbound, "dee", classroom.released, LATE)

    def dated(root, parts=(), most=2000):
        return [
            replace(entry, arrived=came[entry.name.split("+")[0]].timestamp()) if "+" in entry.name else entry
            for entry in list_folder(root, parts, most)
        ]

    monkeypatch.setattr("grading.exchange.list_folder", dated)
    results = collect(classroom.places, CHECK)
    assert {one.student: one.why for one in results} == {
        "ana": "arrived 2026-03-01 12:01, says 2026-03-01 08:00",
        "ben": "",
        "cyd": "",
        "dee": "",
    }


@exchange
def test_touching_a_folder_back_in_time_does_not_hide_when_it_arrived(classroom, inbound):
    folder = send(inbound, "ana", classroom.released)
    os.utime(folder, (1, 1))
    (entry,) = list_folder(inbound)
    assert entry.changed == 1
    assert abs(entry.arrived - datetime.now(UTC).timestamp()) < 300


@exchange
def test_a_missing_or_odd_time_file_does_not_change_the_time(classroom, inbound):
    for student, text in (("ana", None), ("ben", "yesterday-ish"), ("cyd", "2025-09-01 00:00:00 UTC")):
        path = send(inbound, student, classroom.released) / "timestamp.txt"
        path.unlink() if text is None else path.write_text(text)
    collect(classroom.places, CHECK)
    for student in ("ana", "ben", "cyd"):
        assert (classroom.folder("submitted", student) / "timestamp.txt").read_text() == EARLY


@exchange
def test_other_files_are_left_out_unless_asked_for(classroom, inbound):
    folder = send(inbound, "ana", classroom.released)
    (folder / "ipykernel_launcher.py").write_text("x")
    (folder / "data").mkdir()
    (folder / "data" / "plan.csv").write_text("a,b")
    (result,) = collect(classroom.places, CHECK)
    assert result.why == "left out: ipykernel_launcher.py"
    folder = send(inbound, "ana", classroom.released, LATE)
    (folder / "data").mkdir()
    (folder / "data" / "plan.csv").write_text("a,b")
    collect(classroom.places, CHECK, with_files=True)
    assert (classroom.folder("submitted", "ana") / "data" / "plan.csv").read_text() == "a,b"


@exchange
def test_without_an_exchange_the_remedy_is_told(classroom, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_EXCHANGE", str(tmp_path / "nowhere"))
    with pytest.raises(CollectError, match="run: grading release"):
        collect(classroom.places, CHECK)


def test_a_collection_killed_between_two_renames_is_mended(classroom):
    args = (classroom.places, CHECK, "ana", {NOTEBOOK: b"one"}, None)
    assert place(*args) == "taken"
    final = classroom.folder("submitted", "ana")
    final.rename(final.with_name(f".{CHECK}.old"))
    (final.with_name(f".{CHECK}.new")).mkdir()
    assert place(*args) == "unchanged"
    assert [path.name for path in final.parent.iterdir()] == [CHECK]


def test_when_the_new_cannot_be_put_in_place_the_old_stands_again(classroom, monkeypatch):
    place(classroom.places, CHECK, "ana", {NOTEBOOK: b"one"}, None)
    real = Path.rename

    def held_open(self, target):
        if self.name.endswith(".new"):
            raise PermissionError(13, "held open by another program")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", held_open)
    with pytest.raises(RefusedError, match="held open by another program"):
        place(classroom.places, CHECK, "ana", {NOTEBOOK: b"two"}, None)
    assert submitted(classroom, "ana") == "one"


def test_work_that_killed_runs_left_aside_is_put_back_for_everybody(classroom):
    for student in ("ana", "ben"):
        place(classroom.places, CHECK, student, {NOTEBOOK: b"one"}, None)
    aside = classroom.folder("submitted", "ana").with_name(f".{CHECK}.old")
    classroom.folder("submitted", "ana").rename(aside)
    assert students_with_work(classroom.places, CHECK, mend=True) == ["ana", "ben"]
    assert submitted(classroom, "ana") == submitted(classroom, "ben") == "one"
    assert not aside.exists()


# --- from a folder or a ZIP file


def put(root, name, data):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data) if isinstance(data, dict) else data, encoding="utf-8")


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (2026, 3, 1, 9, 0, 0))
            archive.writestr(info, json.dumps(data) if isinstance(data, dict) else data)
    return path


def enrol(classroom, *people):
    with opened(classroom.places) as book:
        for id_, first, last, lms in people:
            book.add_student(id_, first_name=first, last_name=last, lms_user_id=lms)


def test_a_moodle_zip_is_matched_by_name_and_every_file_is_accounted_for(classroom, tmp_path):
    enrol(classroom, ("al77", "Ana María", "López", None), ("bk12", "Ben", "O'Kane, Jr.", None))
    nb = answered(classroom.released, HONEST)
    source = zipped(
        tmp_path / "moodle.zip",
        {
            "Ana Maria Lopez_12345_assignsubmission_file_/my check (final).ipynb": nb,
            "Ana Maria Lopez_12345_assignsubmission_file_/notes.pdf": "x",
            "O'Kane, Jr. Ben_22_assignsubmission_file/check.ipynb": nb,
            "New Person_33_assignsubmission_file_/check-greeting.ipynb": nb,
            "Wrong One_44_assignsubmission_file_/lesson.ipynb": {"nbformat": 4, "metadata": {}, "cells": []},
            "Cut Off_55_assignsubmission_file_/check.ipynb": '{"cells": [',
        },
    )
    results = collect(classroom.places, CHECK, source)
    assert {(one.student, one.state) for one in results} == {
        ("al77", "taken"),
        ("bk12", "taken"),
        ("new-person", "taken"),
        ("cut-off", "taken"),
        (None, "skipped"),
    }
    assert [one.why for one in results if one.student == "new-person"] == ["new student id"]
    assert len(results) == 6
    grades = {one.student: (one.state, one.score) for one in classroom.grade().students}
    assert grades == {
        "al77": ("graded", 5.0),
        "bk12": ("graded", 5.0),
        "new-person": ("graded", 5.0),
        "cut-off": ("unreadable", 0.0),
    }


def test_a_canvas_zip_is_matched_by_number_or_name_and_lateness_is_told(classroom, tmp_path):
    enrol(classroom, ("ana", "Ana", "López", "77"), ("ben", "Ben", "Kane", None))
    nb = answered(classroom.released, HONEST)
    source = zipped(
        tmp_path / "canvas.zip",
        {
            "lopezana_77_901_check-greeting.ipynb": nb,
            "kaneben_LATE_78_902_check-greeting-1.ipynb": nb,
            "somebody_79_903_check-greeting.ipynb": nb,
        },
    )
    results = {one.student: one for one in collect(classroom.places, CHECK, source)}
    assert {student: one.why for student, one in results.items()} == {
        "ana": "",
        "ben": "the platform marked it late",
        "somebody": "new student id",
    }


def test_plain_files_and_folders_are_named_by_the_student(classroom, tmp_path):
    nb = answered(classroom.released, HONEST)
    put(tmp_path / "in", "ana.ipynb", nb)
    put(tmp_path / "in", "ben/whatever.ipynb", nb)
    put(tmp_path / "in", f"cyd/{CHECK}/{NOTEBOOK}", nb)
    put(tmp_path / "in", NOTEBOOK, nb)
    results = collect(classroom.places, CHECK, tmp_path / "in")
    assert states(results) == {
        "ana": "taken",
        "ben": "taken",
        "cyd": "taken",
        "check-greeting.ipynb": "refused",
    }
    assert [one.why for one in results if one.troubled] == ["its name says no student"]
    assert "unchanged" in states(collect(classroom.places, CHECK, tmp_path / "in")).values()


def test_a_folder_that_wraps_everything_is_looked_through(classroom, tmp_path):
    nb = answered(classroom.released, HONEST)
    files = {"class of 2026/ana/x.ipynb": nb, "class of 2026/ben/x.ipynb": nb}
    assert states(collect(classroom.places, CHECK, zipped(tmp_path / "w.zip", files))) == {
        "ana": "taken",
        "ben": "taken",
    }
    alone = zipped(tmp_path / "alone.zip", {"dee/x.ipynb": nb})
    assert states(collect(classroom.places, CHECK, alone)) == {"dee": "taken"}


def test_a_folder_inside_a_students_folder_names_nobody(classroom, tmp_path):
    nb = answered(classroom.released, HONEST)
    alone = zipped(tmp_path / "alone.zip", {f"ana/work/{NOTEBOOK}": nb})
    assert states(collect(classroom.places, CHECK, alone)) == {"ana": "taken"}
    enrol(classroom, ("ben", "Ben", "Kane", None), ("cyd", "Cyd", "Moss", None))
    both = {"class/ben/cyd/x.ipynb": nb, "class/cyd/moss_1_2_x.ipynb": nb, "readme.txt": "x"}
    results = collect(classroom.places, CHECK, zipped(tmp_path / "both.zip", both))
    assert states(results) == {"ben": "taken", "cyd": "taken", "readme.txt": "skipped"}
    single = zipped(tmp_path / "single.zip", {"ben/one/x.ipynb": nb, "ben/two/notes.txt": "x"})
    assert states(collect(classroom.places, CHECK, single))["ben"] == "unchanged"


def test_ids_that_differ_only_in_case_are_refused_both(classroom, tmp_path):
    nb = answered(classroom.released, HONEST)
    files = {"Ana.ipynb": nb, "ana.ipynb": nb, "ben.ipynb": nb}
    results = collect(classroom.places, CHECK, zipped(tmp_path / "case.zip", files))
    assert states(results) == {"Ana": "refused", "ana": "refused", "ben": "taken"}
    assert "Ana stands here in two spellings" in results[0].why


def test_two_notebooks_of_one_assignment_both_come_in_place_under_their_released_names(classroom, tmp_path):
    release(classroom.places, CHECK)
    with opened(classroom.places) as book:
        record = records.assignment(book, CHECK)
    one = answered(classroom.released, HONEST)
    two = json.loads(json.dumps(one).replace(CHECK, "second"))
    record = replace(
        record, notebooks={**record.notebooks, "second": replace(record.notebooks[CHECK], name="second")}
    )
    source = zipped(tmp_path / "two.zip", {"ana/b.ipynb": two, "ana/a.ipynb": one, "ana/copy.ipynb": one})
    (result,) = collect_from(classroom.places, record, source, {}, {})
    assert (result.student, result.state) == ("ana", "taken")
    assert result.why == "new student id; some files are there more than once"
    folder = classroom.folder("submitted", "ana")
    assert json.loads((folder / NOTEBOOK).read_text(encoding="utf-8")) == one
    assert json.loads((folder / "second.ipynb").read_text(encoding="utf-8")) == two


def test_what_is_ambiguous_is_listed_and_not_guessed(classroom, tmp_path):
    enrol(
        classroom, ("al1", "Ana", "Lopez", None), ("al2", "Ana", "Lopez", None), ("ben", "Ben", "Kane", None)
    )
    one, two = answered(classroom.released, HONEST), answered(classroom.released, {SINGLE: "a"})
    root = tmp_path / "in"
    put(root, "Ana Lopez_1_assignsubmission_file_/a.ipynb", one)
    put(root, "Ben Kane_2_assignsubmission_file_/first.ipynb", one)
    put(root, "Ben Kane_2_assignsubmission_file_/second.ipynb", two)
    put(root, "Same Name_3_assignsubmission_file_/a.ipynb", one)
    put(root, "Same Name_4_assignsubmission_file_/a.ipynb", one)
    put(root, "Twice Sent_5_assignsubmission_file_/a.ipynb", one)
    put(root, "Twice Sent_5_assignsubmission_file_/b.ipynb", one)
    results = collect(classroom.places, CHECK, root)
    assert {(one.student, one.state) for one in results} == {
        (None, "refused"),
        ("ben", "refused"),
        ("same-name", "refused"),
        ("twice-sent", "taken"),
    }
    told = " ".join(one.why for one in results)
    assert "Ana Lopez could be al1, al2: say which with --ids" in told
    assert "2 different notebooks of check-greeting" in told
    assert "2 different people come out as same-name" in told
    ids = tmp_path / "ids.csv"
    ids.write_text("Ana Lopez,al2\n\nBen Kane,ben\n", encoding="utf-8-sig")
    assert ("al2", "taken") in {(o.student, o.state) for o in collect(classroom.places, CHECK, root, ids)}


def test_names_in_a_zip_lead_nowhere(classroom, tmp_path):
    nb = answered(classroom.released, HONEST)
    source = zipped(
        tmp_path / "slip.zip",
        {
            "../../../../tmp/evil.ipynb": nb,
            "/etc/ana.ipynb": nb,
            "..\\..\\ben.ipynb": nb,
            "a<b>/x.ipynb": nb,
            "__MACOSX/ana/._x.ipynb": "x",
            "con/x.ipynb": nb,
            "x\x1b[2J/x.ipynb": nb,
        },
    )
    results = collect(classroom.places, CHECK, source)
    students = classroom.places.step("submitted")
    assert {path.name for path in students.iterdir()} == {
        one.student for one in results if one.state == "taken"
    }
    assert {path.name for path in students.iterdir()} <= {"tmp", "etc", "ben", "evil", "ana"}
    assert len([one for one in results if one.troubled]) == 3
    assert not any("\x1b" in one.found + one.why for one in results)


def test_bombs_encryption_and_broken_archives_are_refused(classroom, tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ana.ipynb", b"0" * 50_000_000)
    (result,) = collect(classroom.places, CHECK, bomb)
    assert "too large (47.7 MB; the limit is 10 MB)" in result.why
    lying = bomb.read_bytes().replace((50_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    (tmp_path / "lying.zip").write_bytes(lying)
    (result,) = collect(classroom.places, CHECK, tmp_path / "lying.zip")
    assert result.state == "refused"
    locked = zipped(tmp_path / "locked.zip", {"ana.ipynb": classroom.released}).read_bytes()
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place_ = locked.index(mark) + (6 if mark[2] == 3 else 8)
        locked = locked[:place_] + b"\x01" + locked[place_ + 1 :]
    (tmp_path / "locked.zip").write_bytes(locked)
    (result,) = collect(classroom.places, CHECK, tmp_path / "locked.zip")
    assert result.why == "is encrypted"
    (tmp_path / "no.zip").write_bytes(b"not a zip")
    with pytest.raises(CollectError, match="neither a folder nor a ZIP file"):
        collect(classroom.places, CHECK, tmp_path / "no.zip")


def test_a_damaged_file_in_a_zip_is_listed_and_stops_nobody(classroom, tmp_path):
    source = tmp_path / "class.zip"
    data = json.dumps(answered(classroom.released, HONEST))
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in ("ana", "bad", "zoe"):
            archive.writestr(f"{student}.ipynb", data)
        start = archive.getinfo("bad.ipynb").header_offset + 30 + len("bad.ipynb")
    whole = source.read_bytes()
    source.write_bytes(whole[:start] + b"\xff" * 20 + whole[start + 20 :])
    results = collect(classroom.places, CHECK, source)
    assert states(results) == {"ana": "taken", "zoe": "taken", "bad.ipynb": "refused"}
    assert results[0].why == "cannot be unpacked (error)"
    source.write_bytes(whole.replace(b"PK\x01\x02", b"XXXX", 1))
    with pytest.raises(CollectError, match="is a damaged ZIP file - download it again"):
        collect(classroom.places, CHECK, source)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_cannot_be_unpacked_in_steps_are_not_unpacked(classroom, tmp_path, method):
    source = tmp_path / "odd.zip"
    with zipfile.ZipFile(source, "w", method) as archive:
        archive.writestr("ana.ipynb", json.dumps(classroom.released))
    (result,) = collect(classroom.places, CHECK, source)
    assert result.why == "is packed in an unusual way: download it again as a usual ZIP file"


def test_a_zip_file_is_opened_once_however_many_files_it_holds(classroom, tmp_path, monkeypatch):
    source = zipped(tmp_path / "many.zip", {f"s{number}.ipynb": classroom.released for number in range(5)})
    opened_ = []

    class Counted(zipfile.ZipFile):
        def __init__(self, file):
            opened_.append(file)
            super().__init__(file)

    monkeypatch.setattr("grading.archive.zipfile.ZipFile", Counted)
    assert len(collect(classroom.places, CHECK, source)) == 5
    assert opened_ == [source]


@pytest.mark.parametrize(
    ("parts", "label"),
    [
        (["Ana_Maria Lopez_9_assignsubmission_file_", "x.ipynb"], Label("Ana_Maria Lopez", "moodle", "9")),
        (["Ana Lopez_9_assignsubmission_file_x.ipynb"], Label("Ana Lopez", "moodle", "9")),
        (["lopezana_7_8_x.ipynb"], Label("lopezana", "canvas", "7")),
        (["lopezana_LATE_7_8_x_y.ipynb"], Label("lopezana", "canvas", "7", True)),
        (["ana", "deep", "x.ipynb"], Label("ana", "folder")),
        (["ana", CHECK, "x.ipynb"], Label("ana", "folder")),
        (["a_b_c.ipynb"], Label("a_b_c", "file")),
        ([NOTEBOOK], None),
    ],
)
def test_paths_name_students_as_the_platforms_write_them(parts, label):
    assert parse_label(parts, CHECK) == label


def test_the_instructors_table_decides_before_anything_else(tmp_path):
    people = {"ana": StudentRecord("ana", "Ana", "Lopez")}
    assert student_of(Label("Ana Lopez", "moodle"), people, {"ana LOPEZ": "x1"}) == (
        "x1",
        "taken for ana LOPEZ",
    )
    assert student_of(Label("Ana Lopez", "moodle"), people, {}) == ("ana", "")
    with pytest.raises(RefusedError, match="give another with --ids"):
        student_of(Label("Bad", "moodle"), {}, {"bad": "a/b"})
    table = tmp_path / "ids.csv"
    for text, told in (
        ("a,b,c", "has not two columns"),
        ("a", "has not two"),
        ("a,1\na,2", "stands there twice"),
        ("Ana López,1\nana lopez,2", r":2: ana lopez and Ana López differ only in accents"),
    ):
        table.write_text(text, encoding="utf-8")
        with pytest.raises(CollectError, match=told):
            read_ids(table)
    table.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CollectError, match="save it as CSV in UTF-8"):
        read_ids(table)


def test_in_a_student_id_every_sign_counts_but_case():
    people = {"s-12-3": StudentRecord("s-12-3", None, None)}
    assert student_of(Label("s-1-23", "file"), people, {}) == ("s-1-23", "")
    assert student_of(Label("s123", "folder"), people, {}) == ("s123", "")
    assert student_of(Label("S-12-3", "folder"), people, {}) == ("s-12-3", "taken for s-12-3")
    assert student_of(Label("s-12-3", "file"), people, {}) == ("s-12-3", "")


def test_vowel_signs_make_a_name_and_accents_do_not():
    people = {
        "st1": StudentRecord("st1", "राम", "शर्मा"),
        "st2": StudentRecord("st2", "José", "Ñandú"),
        "st3": StudentRecord("st3", "Алёна", "Королёва"),
    }
    assert student_of(Label("राम शर्मा", "moodle", "9"), people, {}) == ("st1", "")
    assert student_of(Label("रमा शर्मा", "moodle", "9"), people, {}) == ("रमा-शर्मा", "")
    assert student_of(Label("Jose Nandu", "moodle", "9"), people, {}) == ("st2", "taken for José Ñandú")
    assert student_of(Label("Jose\u0301 N\u0303andu\u0301", "moodle", "9"), people, {}) == ("st2", "")
    assert student_of(Label("Королева Алена", "moodle", "9"), people, {})[0] == "st3"
    assert student_of(Label("nandujose", "canvas", "9"), people, {}) == ("st2", "taken for José Ñandú")


def test_names_that_differ_in_blanks_are_different_people():
    ids = {"Ana-Maria Lopez": "s1", "Anamaria Lopez": "s2"}
    assert student_of(Label("Ana-Maria Lopez", "moodle", "1"), {}, ids) == ("s1", "")
    assert student_of(Label("Anamaria Lopez", "moodle", "2"), {}, ids) == ("s2", "")
    assert student_of(Label("Ana Maria Lopez", "moodle", "3"), {}, ids) == ("s1", "taken for Ana-Maria Lopez")
    with pytest.raises(RefusedError, match="anamarialopez could be s1, s2: say which with --ids"):
        student_of(Label("anamarialopez", "canvas", "4"), {}, ids)
    assert (
        student_of(Label("--", "moodle", "5"), {}, {"..": "s3", "-": "s4", "x": "s5", "--": "s6"})[0] == "s6"
    )


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-22 08:00:35.123456 UTC", datetime(2026, 11, 22, 8, 0, 35, 123456)),
        ("2026-11-01 10:00:00 +0200", datetime(2026, 11, 1, 8)),
        ("2026-11-01T10:00:00-03:30", datetime(2026, 11, 1, 13, 30)),
        ("2026-07-01 10:00:00 Europe/Berlin", datetime(2026, 7, 1, 8)),
        ("2026-07-01 10:00:00", datetime(2026, 7, 1, 10)),
        ("2026-07-01 10:00:00 PDT", None),
        ("2026-07-01 10:00:00 ../../etc/passwd", None),
        ("0001-01-01 00:00:00 +0200", None),
        ("yesterday", None),
    ],
)
def test_times_are_read_with_their_zone_or_not_at_all(text, time):
    assert parse_time(text) == time


@pytest.mark.parametrize("name", ["ana", "o'neil", "ana.b@x.org", "7", "Ñandú", "a b", "x,y", "ana+lab"])
def test_usual_student_ids_are_possible(name):
    assert name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    ["", " a", "a/b", "a\\b", "..", ".a", "a.", "-a", "=1", "+1", "@x", "a\nb", "a\u202eb", "<b>", "nul"],
)
def test_names_that_cannot_be_a_folder_or_a_table_cell_are_refused(name):
    assert name_problem(name)


@pytest.mark.parametrize(
    "name",
    ["Com1.x", "a*", "a[b]", "{x}", "a|b", 'a"b', "a:b", "x" * 65],
)
def test_names_that_cannot_be_a_pattern_or_a_file_on_windows_are_refused(name):
    assert name_problem(name)


def test_shown_names_hold_no_command_for_a_terminal_or_a_page():
    assert printable("a\x1b[31m\u202eb\n") == "a\\x1b[31m\\u202eb\\n"
    assert printable("x" * 200) == "x" * 100 + "…"
    assert plain("<script>`[x](y)`</script>") == "?script???x??y????script?"


@pytest.fixture(params=[True, False], ids=["as on Linux", "as on Windows"])
def anchored(request, monkeypatch):
    """Both ways to open a file: relative to an open folder, and by looking first (Windows)."""
    if request.param and not untrusted._ANCHORED:
        pytest.skip("this system cannot open relative to a folder")
    monkeypatch.setattr(untrusted, "_ANCHORED", request.param)


def test_files_are_read_within_limits_only(tmp_path, anchored):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_bytes(b"1")
    assert read_file(tmp_path, ["a"], 5) == b"12345"
    assert read_file(tmp_path, ["d", "x"], 5) == b"1"
    for parts, limit, told in (
        (["a"], 4, "too large"),
        (["b"], 5, "is missing"),
        (["c", "a"], 5, "is missing"),
        (["a", "a"], 5, "is a link or not a folder"),
        (["d"], 5, "regular file"),
    ):
        with pytest.raises(RefusedError, match=told):
            read_file(tmp_path, parts, limit)
    first = list_folder(tmp_path)[0]
    assert (first.name, first.kind, first.size) == ("a", "file", 5)
    with pytest.raises(RefusedError, match="more than 1 files"):
        list_folder(tmp_path, most=1)
    with pytest.raises(RefusedError, match="is missing"):
        list_folder(tmp_path / "nowhere")


class Vanishing:
    """Entries as os.scandir gives them, with a name that is gone and one that cannot be looked at."""

    def __init__(self, real):
        self.real = real

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.real.close()

    def __iter__(self):
        for entry in self.real:
            yield Gone(entry.name) if entry.name in ("gone", "odd") else entry


class Gone:
    def __init__(self, name):
        self.name = name

    def stat(self, *, follow_symlinks):
        raise FileNotFoundError(2, "gone") if self.name == "gone" else OSError(5, "I/O error")


def test_a_name_that_vanishes_or_cannot_be_looked_at_hides_no_other(tmp_path, anchored, monkeypatch):
    for name in ("ana", "gone", "odd", "zoe"):
        (tmp_path / name).write_bytes(b"x")
    real = os.scandir
    monkeypatch.setattr("grading.untrusted.os.scandir", lambda place: Vanishing(real(place)))
    found = [(entry.name, entry.kind) for entry in list_folder(tmp_path)]
    assert found == [("ana", "file"), ("odd", "special"), ("zoe", "file")]


def test_a_time_that_no_calendar_holds_is_no_time():
    assert utc(0) == datetime(1970, 1, 1)
    for seconds in (1e18, -1e18, float("nan"), float("inf")):
        assert utc(seconds) is None


@exchange
def test_an_absurd_file_time_does_not_stop_collecting(classroom, inbound, tmp_path, monkeypatch):
    send(inbound, "ana", classroom.released, "2099-01-01 00:00:00.000000 UTC")
    put(tmp_path / "in", "ben.ipynb", classroom.released)

    def absurd(root, parts=(), most=2000):
        return [replace(entry, changed=1e18) for entry in list_folder(root, parts, most)]

    monkeypatch.setattr("grading.exchange.list_folder", absurd)
    monkeypatch.setattr("grading.archive.list_folder", absurd)
    assert states(collect(classroom.places, CHECK)) == {"ana": "taken"}
    assert states(collect(classroom.places, CHECK, tmp_path / "in")) == {"ben": "taken"}
    assert not (classroom.folder("submitted", "ben") / "timestamp.txt").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows needs a privilege to make links")
def test_no_link_is_followed_at_any_step(tmp_path, anchored):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_bytes(b"secret")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "y").symlink_to("x")
    os.mkfifo(tmp_path / "real" / "pipe")
    for parts in (["link", "x"], ["real", "y"], ["real", "pipe"], ["real", "..", "link", "x"]):
        with pytest.raises(RefusedError):
            read_file(tmp_path, parts, 100)
    with pytest.raises(RefusedError):
        list_folder(tmp_path, ["link"])
    kinds = {entry.name: entry.kind for entry in list_folder(tmp_path, ["real"])}
    assert kinds == {"pipe": "special", "x": "file", "y": "link"}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_that_another_account_made_is_refused_for_real(classroom, inbound):
    import pwd

    other = pwd.getpwnam("nobody")
    os.chown(send(inbound, "ana", classroom.released), other.pw_uid, -1)
    os.chown(send(inbound, "nobody", classroom.released), other.pw_uid, -1)
    os.chown(send(inbound, "ben", classroom.released), 54321, -1)
    assert {(one.student, one.state, one.why) for one in collect(classroom.places, CHECK)} == {
        (None, "refused", "it says it is from ana, but nobody put it there"),
        (None, "refused", "it says it is from ben, but account 54321 put it there"),
        ("nobody", "taken", ""),
    }


def test_reflections_survive_the_road(classroom, tmp_path):
    put(tmp_path / "in", "ana.ipynb", answered(classroom.released, HONEST, TEXT))
    collect(classroom.places, CHECK, tmp_path / "in")
    assert TEXT in submitted(classroom, "ana")


def test_a_folder_that_cannot_be_replaced_is_listed_and_stops_nobody(classroom, tmp_path, monkeypatch):
    for student in ("ana", "ben"):
        put(tmp_path / "in", f"{student}.ipynb", answered(classroom.released, HONEST))
    real = Path.rename

    def held_open(self, target):
        if "ana" in str(self):
            raise PermissionError(13, "held open by another program")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", held_open)
    results = collect(classroom.places, CHECK, tmp_path / "in")
    assert states(results) == {"ana": "refused", "ben": "taken"}
    assert results[0].why == "cannot be put in place (held open by another program)"
