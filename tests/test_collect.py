"""Collecting from an exchange where anybody may write, and putting work in place whole."""

import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from classroom import CHECK, HONEST, SINGLE, answered
from deliveries import EARLY, LATE, NOTEBOOK, exchange, punctual, put, send, states, submitted

from grading.collecting import CollectError, place
from grading.console import describe_collected
from grading.copies import students_with_work
from grading.gradebook import opened
from grading.inbound import How
from grading.untrusted import RefusedError, list_folder
from grading.workflow import collect, release


@pytest.fixture
def inbound(classroom, monkeypatch):
    """The folder where submissions wait; they arrive when their names say."""
    release(classroom.places, CHECK)
    monkeypatch.setattr("grading.inbound.list_folder", punctual)
    return classroom.places.exchange / classroom.places.course_id / "inbound"


@exchange
@pytest.mark.timeout(300)
def test_what_nbgraders_own_submit_sends_is_taken_with_its_time_and_secret(classroom, inbound, tmp_path):
    nbgrader = classroom.students_nbgrader(tmp_path / "home")
    for command in (["fetch_assignment", CHECK], ["submit", CHECK, "--student", "ana"]):
        run = nbgrader(*command)
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
    assert states(collect(classroom.places, CHECK, how=How(before_due=True))) == {
        "ana": "updated",
        "ben": "unchanged",
    }
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
    end = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(send(inbound, "socket", None))  # an address may have 107 characters
    end.bind(NOTEBOOK)
    os.chdir(here)
    end.close()
    results = collect(classroom.places, CHECK)
    taken = {one.student for one in results if one.state == "taken"}
    assert taken == {"aaa", "zzz", "loop"}
    refused = [one for one in results if one.state == "refused"]
    assert len(refused) == 17
    assert all(one.why and one.student for one in refused)
    why = {one.student: one.why for one in refused}
    assert why["fifo"] == "it is a special file, not a folder"
    assert why["pipe"] == why["socket"] == f"{NOTEBOOK} is not a regular file"
    assert why["dir"] == "it holds no notebook"
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
    real = punctual

    def owned(root, parts=(), most=2000):
        return [
            replace(entry, owner=mine + 1 if entry.name == forged.name else entry.owner)
            for entry in real(root, parts, most)
        ]

    monkeypatch.setattr("grading.inbound.list_folder", owned)
    monkeypatch.setattr("grading.inbound._owner", lambda number: None if number == mine else "mallory")
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
def test_when_a_folder_came_counts_and_not_what_its_name_says(classroom, inbound, monkeypatch):
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

    monkeypatch.setattr("grading.inbound.list_folder", dated)
    results = collect(classroom.places, CHECK)
    assert {one.student: (f"{one.time:%d %H:%M}", one.why) for one in results} == {
        "ana": ("01 12:01", "arrived 2026-03-01 12:01, says 2026-03-01 08:00"),
        "ben": ("01 11:59", ""),
        "cyd": ("01 11:59", "arrived 2026-03-01 11:59, says 2026-03-01 08:00"),
        "dee": ("03 09:00", "arrived 2026-03-03 09:00, says 2026-03-02 08:00"),
    }
    classroom.grade()
    assert {student: classroom.record(student).late for student in came} == {
        "ana": 60,
        "ben": 0,
        "cyd": 0,
        "dee": 45 * 3600,
    }


@exchange
def test_in_an_exchange_that_was_moved_the_names_may_tell_the_time(classroom, inbound, monkeypatch):
    with opened(classroom.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-01 12:00:00 UTC")
    send(inbound, "ana", classroom.released, EARLY)
    send(inbound, "ben", classroom.released, LATE)
    monkeypatch.setattr("grading.inbound.list_folder", list_folder)  # they arrive only now
    results = collect(classroom.places, CHECK, how=How(times_in_names=True))
    assert [f"{one.time:%Y-%m-%d %H:%M}" for one in results] == ["2026-03-01 08:00", "2026-03-02 08:00"]
    assert results[0].why.startswith("arrived ") and results[1].why == ""
    with (classroom.root / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("\nc.SafeCollect.times_in_names = True\n")
    assert states(collect(classroom.places, CHECK)) == {"ana": "unchanged", "ben": "unchanged"}


@exchange
def test_a_name_dated_back_does_not_make_late_work_early(classroom, inbound, monkeypatch):
    monkeypatch.setattr("grading.inbound.list_folder", list_folder)
    send(inbound, "ana", classroom.released, EARLY)
    (result,) = collect(classroom.places, CHECK)
    now = datetime.now(UTC).replace(tzinfo=None)
    assert now - timedelta(minutes=5) < result.time <= now
    assert result.why.endswith(", says 2026-03-01 08:00")
    assert len(describe_collected([result])) == 1


@exchange
def test_where_most_arrived_late_it_is_asked_whether_the_exchange_was_moved(classroom, inbound, monkeypatch):
    for student in ("ana", "ben"):
        send(inbound, student, classroom.released, EARLY)
    monkeypatch.setattr("grading.inbound.list_folder", list_folder)
    told = describe_collected(collect(classroom.places, CHECK))
    assert told[0].endswith("Then collect again with --times-in-names.")
    assert told[1] == "2 taken; 2 new student ids."
    again = collect(classroom.places, CHECK, how=How(times_in_names=True))
    assert [(one.state, f"{one.time:%Y-%m-%d %H:%M}") for one in again] == [
        ("updated", "2026-03-01 08:00")
    ] * 2


@exchange
def test_permissions_that_somebody_changes_later_do_not_make_work_late(classroom, inbound, monkeypatch):
    send(inbound, "ana", answered(classroom.released, HONEST), EARLY)
    (first,) = collect(classroom.places, CHECK)
    monkeypatch.setattr("grading.inbound.list_folder", list_folder)  # a system sees a change as an arrival
    (again,) = collect(classroom.places, CHECK)
    assert (again.state, again.time) == ("unchanged", first.time)
    assert (classroom.folder("submitted", "ana") / "timestamp.txt").read_text() == EARLY


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
    assert result.why == "left out: data/, ipykernel_launcher.py"
    folder = send(inbound, "ana", classroom.released, LATE)
    (folder / "data").mkdir()
    (folder / "data" / "plan.csv").write_text("a,b")
    (folder / "a" / "b" / "c" / "d").mkdir(parents=True)
    (folder / "a" / "b" / "c" / "d" / "deep.csv").write_text("a,b")
    (folder / ".ipynb_checkpoints").mkdir()
    (result,) = collect(classroom.places, CHECK, how=How(with_files=True))
    assert (classroom.folder("submitted", "ana") / "data" / "plan.csv").read_text() == "a,b"
    assert result.why == "left out: a/b/c/d/"


@exchange
def test_large_notebooks_beside_the_one_that_counts_do_not_shut_it_out(classroom, inbound, monkeypatch):
    monkeypatch.setattr("grading.exchange.TOTAL_LIMIT", 500_000)
    folder = send(inbound, "ana", answered(classroom.released, HONEST))
    for number in range(4):
        (folder / f"{number}.ipynb").write_bytes(b" " * 200_000)
    (result,) = collect(classroom.places, CHECK)
    assert (result.state, result.why) == ("taken", "left out: 3.ipynb")


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


@exchange
def test_an_absurd_file_time_does_not_stop_collecting(classroom, inbound, tmp_path, monkeypatch):
    send(inbound, "ana", classroom.released, "2099-01-01 00:00:00.000000 UTC")
    put(tmp_path / "in", "ben.ipynb", classroom.released)

    def absurd(root, parts=(), most=2000):
        return [replace(entry, changed=1e18, arrived=1e18) for entry in list_folder(root, parts, most)]

    monkeypatch.setattr("grading.inbound.list_folder", absurd)
    monkeypatch.setattr("grading.archive.list_folder", absurd)
    assert states(collect(classroom.places, CHECK)) == {"ana": "taken"}
    assert states(collect(classroom.places, CHECK, tmp_path / "in")) == {"ben": "taken"}
    assert not (classroom.folder("submitted", "ben") / "timestamp.txt").exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_that_another_account_made_is_refused_for_real(classroom, inbound):
    import pwd

    other = pwd.getpwnam("nobody")
    os.chown(send(inbound, "ana", classroom.released), other.pw_uid, -1)
    given_to(other.pw_uid, send(inbound, "nobody", classroom.released))
    os.chown(send(inbound, "ben", classroom.released), 54321, -1)
    assert {(one.student, one.state, one.why) for one in collect(classroom.places, CHECK)} == {
        ("ana", "refused", "it says it is from ana, but nobody put it there"),
        ("ben", "refused", "it says it is from ben, but account 54321 put it there"),
        ("nobody", "taken", ""),
    }


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give files away")
def test_a_hard_link_to_somebody_elses_file_and_a_device_are_refused(classroom, inbound, tmp_path):
    import pwd

    other = pwd.getpwnam("nobody")
    mine = tmp_path / "mine.ipynb"
    mine.write_text(json.dumps(answered(classroom.released, HONEST)), encoding="utf-8")
    linked = send(inbound, "nobody", classroom.released, LATE)
    given_to(other.pw_uid, linked)
    (linked / NOTEBOOK).unlink()
    (linked / NOTEBOOK).hardlink_to(mine)
    os.mknod(send(inbound, "device", None) / NOTEBOOK, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    assert {(one.student, one.state, one.why) for one in collect(classroom.places, CHECK)} == {
        ("nobody", "refused", f"{NOTEBOOK} belongs to another account than its folder"),
        ("device", "refused", f"{NOTEBOOK} is not a regular file"),
    }


def given_to(account, folder):
    for path in (folder, *folder.iterdir()):
        os.chown(path, account, -1)


@exchange
def test_a_flood_of_folders_hides_no_other_and_is_summed_up(classroom, inbound, monkeypatch):
    send(inbound, "ana", answered(classroom.released, HONEST))
    for number in range(30):
        (inbound / f"x{number}+{CHECK}+garbage").mkdir()
        send(inbound, "eve", None, f"2026-03-01 08:{number:02d}:00.000000 UTC")
    monkeypatch.setattr("grading.inbound._account", lambda number: "mallory")
    results = collect(classroom.places, CHECK)
    assert [one.student for one in results if one.state == "taken"] == ["ana"]
    assert len([one for one in results if "holds no time" in one.why]) == 20
    told = [one.why for one in results]
    assert "and 10 more that mallory put there" in told
    assert "20 older ones were not looked at: 10 could not be taken" in told
    assert len(results) == 1 + 21 + 11


@exchange
def test_a_folder_that_may_not_be_read_hides_no_other(classroom, inbound, monkeypatch):
    for student in ("ana", "shut", "zoe"):
        send(inbound, student, classroom.released)

    def closed(root, parts=(), most=2000):
        if parts and parts[0].startswith("shut+"):
            raise RefusedError("may not be read by you")
        return list_folder(root, parts, most)

    monkeypatch.setattr("grading.exchange.list_folder", closed)
    results = collect(classroom.places, CHECK)
    assert states(results) == {"ana": "taken", "shut": "refused", "zoe": "taken"}
    assert results[1].why == "may not be read by you"


@exchange
@pytest.mark.timeout(300)
def test_nbgraders_own_collect_is_as_safe(classroom, inbound, tmp_path):
    def nbgrader(*command):
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            [sys.executable, "-m", "nbgrader", "collect", *command],
            cwd=classroom.root,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    secret = tmp_path / "key.ipynb"
    secret.write_text(json.dumps(classroom.released), encoding="utf-8")
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    for student in ("ana", "ben"):
        send(inbound, student, answered(classroom.released, {SINGLE: "a"}), now)
    (inbound / f"x+{CHECK}+garbage").mkdir()
    send(inbound, "link", None, now).joinpath(NOTEBOOK).symlink_to(secret)
    run = nbgrader(CHECK, "--student", "ana")
    assert run.returncode == 0, run.stderr
    assert [path.name for path in classroom.places.step("submitted").iterdir()] == ["ana"]
    run = nbgrader(CHECK)
    assert run.returncode == 0, run.stderr
    assert "2 refused, 1 taken, 1 unchanged" in run.stderr
    assert f"{NOTEBOOK} is a link, and links are not followed" in run.stderr
    assert {path.name for path in classroom.places.step("submitted").iterdir()} == {"ana", "ben"}
    soon = f"{datetime.now(UTC) + timedelta(minutes=1):%Y-%m-%d %H:%M:%S.%f} UTC"
    send(inbound, "ana", answered(classroom.released, {SINGLE: "c"}), soon)
    nbgrader(CHECK)
    assert '\\"a\\"' in submitted(classroom, "ana")
    nbgrader(CHECK, "--update")
    assert '\\"c\\"' in submitted(classroom, "ana")
    run = nbgrader("final")
    assert run.returncode == 1 and "run: grading release final" in run.stderr
