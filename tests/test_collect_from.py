"""Collecting from what Moodle, Canvas and people hand over: nothing is unpacked, guessed or left unsaid."""

import json
import os
import socket
import stat
import sys
import time
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from classroom import CHECK, HONEST, SINGLE, TEXT, answered
from deliveries import NOTEBOOK, enrol, put, states, submitted, zipped

from grading import records
from grading.collecting import CollectError
from grading.console import describe_collected
from grading.lms import collect_from
from grading.records import StudentRecord
from grading.roster import Label, Roster
from grading.tables import connected
from grading.untrusted import RefusedError, list_folder
from grading.workflow import collect, release


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
    results = collect(classroom.places, CHECK, source, new_students=True)
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
    results = {one.student: one for one in collect(classroom.places, CHECK, source, new_students=True)}
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
    with connected(classroom.places) as connection:
        record = records.assignment(connection, CHECK)
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
    results = collect(classroom.places, CHECK, root, new_students=True)
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
            "./zoe.ipynb": nb,
            "dee\\x.ipynb": nb,
            "dee/../../zoe.ipynb": nb,
            "C:/ana.ipynb": nb,
            "a<b>/x.ipynb": nb,
            "__MACOSX/ana/._x.ipynb": "x",
            "con/x.ipynb": nb,
            "x\x1b[2J/x.ipynb": nb,
        },
    )
    results = collect(classroom.places, CHECK, source)
    students = classroom.places.step("submitted")
    assert {path.name for path in students.iterdir()} == {"dee", "zoe"}
    assert {one.student for one in results if one.state == "taken"} == {"dee", "zoe"}
    assert len([one for one in results if one.troubled]) == 8
    outside = [one.found for one in results if one.why.startswith("has an absolute path or one with ..")]
    assert len(outside) == 5 and "dee .. .. zoe.ipynb" in outside
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
    assert results[0].why == "is damaged: download or pack the ZIP file again"
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


def test_where_there_is_a_class_list_nobody_becomes_a_new_student_unasked(classroom, tmp_path):
    enrol(classroom, ("s1001", "Ana", "Lopez", None), ("mk-ben", "Ben", "Kane", None))
    nb = answered(classroom.released, HONEST)
    source = zipped(
        tmp_path / "class.zip",
        {
            "s1001.ipynb": nb,
            "mk_ben.ipynb": nb,
            "Anna Lopes_7_assignsubmission_file_/x.ipynb": nb,
            "Zoe Quist_8_assignsubmission_file_/x.ipynb": nb,
        },
    )
    results = collect(classroom.places, CHECK, source)
    assert {(one.student, one.state, one.why) for one in results} == {
        ("s1001", "taken", ""),
        ("mk_ben", "refused", "mk_ben is not in the gradebook: did you mean mk-ben (Ben Kane)?"),
        ("anna-lopes", "refused", "Anna Lopes is not in the gradebook: did you mean s1001 (Ana Lopez)?"),
        ("zoe-quist", "refused", "Zoe Quist is not in the gradebook"),
    }
    assert [path.name for path in classroom.places.step("submitted").iterdir()] == ["s1001"]
    assert describe_collected(results)[-2:] == [
        "3 names are not in the gradebook: say who they are in a table (--ids), or take them as new students "
        "(--new-students).",
        "3 refused, 1 taken.",
    ]
    ids = tmp_path / "ids.csv"
    ids.write_text("mk_ben,mk-ben\nZoe Quist,zq\n", encoding="utf-8")
    told = {one.student: one.state for one in collect(classroom.places, CHECK, source, ids)}
    assert told == {"s1001": "unchanged", "mk-ben": "taken", "anna-lopes": "refused", "zq": "refused"}
    results = collect(classroom.places, CHECK, source, ids, new_students=True)
    assert {one.student for one in results if one.newcomer} == {"anna-lopes", "zq"}
    assert describe_collected(results)[-1] == "2 taken, 2 unchanged; 2 new student ids."


def test_without_a_class_list_everybody_is_taken_and_the_new_ids_are_counted(classroom, tmp_path):
    nb = answered(classroom.released, HONEST)
    results = collect(classroom.places, CHECK, zipped(tmp_path / "c.zip", {"ana.ipynb": nb, "ben.ipynb": nb}))
    assert describe_collected(results) == ["2 taken; 2 new student ids."]


def test_hints_are_given_for_a_few_unknown_names_and_not_for_a_whole_class():
    people = {"ana": StudentRecord("ana")}
    roster = Roster(people, {})
    assert roster.nearest("anna") == people["ana"]
    assert roster.nearest("somebody else") is None
    for _ in range(100):
        roster.nearest("anna")
    assert roster.nearest("anna") is None


def test_work_without_a_notebook_is_listed_as_refused_and_other_files_are_summed_up(classroom, tmp_path):
    enrol(classroom, ("ana", None, None, None), ("ben", None, None, None))
    nb = answered(classroom.released, HONEST)
    inner = zipped(tmp_path / "inner.zip", {f"{number}.ipynb": nb for number in range(9)})
    files = {
        "Ana Lopez_1_assignsubmission_file_/work.zip": inner.read_bytes(),
        "kaneben_7_8_essay.pdf": "x",
        "ben/data.csv": "x",
        "ana/x.ipynb": nb,
        **{f"ana/data/{number}.csv": "x" for number in range(8)},
        "unknown/readme.txt": "x",
        "readme.txt": "x",
    }
    results = collect(classroom.places, CHECK, zipped(tmp_path / "class.zip", files))
    told = [(one.found, one.state, one.why) for one in results if one.state != "taken"]
    alone = "is no notebook, and there is none with it: ask for one"
    assert {one.found: one.student for one in results if one.troubled} == {
        "Ana Lopez_1_assignsubmission_file_ work.zip": None,
        "ben data.csv": "ben",
        "kaneben_7_8_essay.pdf": None,
    }
    assert sorted(told) == [
        ("Ana Lopez_1_assignsubmission_file_ work.zip", "refused", alone),
        *((f"ana data {number}.csv", "skipped", "is not a notebook") for number in range(5)),
        ("ana data 5.csv", "skipped", "and 2 more like it: no notebooks"),
        ("ben data.csv", "refused", alone),
        ("kaneben_7_8_essay.pdf", "refused", alone),
        ("readme.txt", "skipped", "is not a notebook"),
        ("unknown readme.txt", "skipped", "is not a notebook"),
    ]


def test_what_editors_and_systems_leave_behind_is_not_work(classroom, tmp_path):
    old, new = answered(classroom.released, {SINGLE: "a"}), answered(classroom.released, HONEST)
    files = {
        f"ana/{NOTEBOOK}": new,
        f"ana/.ipynb_checkpoints/{CHECK}-checkpoint.ipynb": old,
        f"__MACOSX/ana/._{NOTEBOOK}": "x",
        f"ana/__pycache__/{NOTEBOOK}": old,
        "ana/.DS_Store": "x",
    }
    for source in (zipped(tmp_path / "litter.zip", files), unpacked(tmp_path / "litter", files)):
        (result,) = collect(classroom.places, CHECK, source)
        assert (result.student, result.troubled) == ("ana", False)
        assert '\\"c\\"' in submitted(classroom, "ana")


def unpacked(root, files):
    for name, data in files.items():
        put(root, name, data)
    return root


def test_odd_names_in_a_zip_lead_nowhere_and_collide_with_nobody(classroom, tmp_path):
    nb = answered(classroom.released, HONEST)
    source = tmp_path / "odd.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(source, "w") as archive:
        warnings.simplefilter("ignore")  # zipfile warns of the name that is there twice
        for name, data in (
            ("zoe/x.ipynb", nb),
            ("twice/x.ipynb", nb),
            ("twice/x.ipynb", nb),
            ("other/x.ipynb", nb),
            ("other/x.ipynb", answered(classroom.released, {SINGLE: "a"})),
            ("Case/x.ipynb", nb),
            ("case/x.ipynb", nb),
            ("CON.nb/x.ipynb", nb),
            ("ben/aux.ipynb", nb),
            ("cyd/x.ipynb:stream", nb),
            ("dee:stream/x.ipynb", nb),
            ("C:\\Windows\\x.ipynb", nb),
            ("e" * 65_000 + ".ipynb", nb),
            ("fay/" + "y" * 65_000 + ".ipynb", nb),
            ("\u202egod/x.ipynb", nb),
            ("../x.ipynb", nb),
            ("//host/share/x.ipynb", nb),
        ):
            archive.writestr(name, json.dumps(data))
    results = collect(classroom.places, CHECK, source)
    taken = {one.student for one in results if one.state == "taken"}
    assert taken == {"zoe", "twice", "ben", "fay"}
    assert {path.name for path in classroom.places.step("submitted").iterdir()} == taken
    for student in taken:
        names = {path.name for path in classroom.folder("submitted", student).iterdir()}
        assert names == {NOTEBOOK, "timestamp.txt"}
    refused = [one for one in results if one.state == "refused"]
    assert len(refused) == 10
    assert all(one.why for one in refused)
    assert max(len(one.found) for one in results) < 200


def test_a_link_in_a_zip_and_what_a_cloud_leaves_are_refused_and_name_the_student(classroom, tmp_path):
    enrol(classroom, *((student, None, None, None) for student in ("ana", "ben", "cyd", "dee", "zoe")))
    nb = answered(classroom.released, HONEST)
    collect(classroom.places, CHECK, zipped(tmp_path / "first.zip", {"ben/x.ipynb": nb}))
    source = zipped(
        tmp_path / "class.zip",
        {
            "ana/x.ipynb": nb,
            "cyd/.check-greeting.ipynb.icloud": "bplist00",
            "dee/x.ipynb": b"0" * 11_000_000,
            "zoe/x.ipynb": nb,
        },
    )
    with zipfile.ZipFile(source, "a") as archive:
        link = zipfile.ZipInfo("ben/x.ipynb")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "../ana/x.ipynb")
    results = collect(classroom.places, CHECK, source)
    assert states(results) == {
        "ana": "taken",
        "ben": "refused",
        "cyd": "refused",
        "dee": "refused",
        "zoe": "taken",
    }
    why = {one.student: one.why for one in results if one.troubled}
    assert why["ben"] == "is a link, and links are not followed"
    assert why["cyd"] == "is no notebook, and there is none with it: ask for one"
    assert why["dee"].startswith("is too large")
    assert json.loads(submitted(classroom, "ben")) == nb


@pytest.mark.slow
def test_a_hundred_thousand_entries_of_one_student_stop_nobody(classroom, tmp_path):
    nb = json.dumps(answered(classroom.released, HONEST))
    source = tmp_path / "flood.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for number in range(100_000):
            archive.writestr(f"eve/{number}.{'ipynb' if number % 2 else 'txt'}", "")
        archive.writestr("ana/x.ipynb", nb)
    results = collect(classroom.places, CHECK, source)
    assert [one.student for one in results if one.state == "taken"] == ["ana"]
    (refused,) = [one for one in results if one.state == "refused"]
    assert refused.why == "comes with more than 500 notebooks under one name: keep the one that counts"
    assert len(results) < 20
    with zipfile.ZipFile(source, "a") as archive:
        for number in range(100_000):
            archive.writestr(f"mal/{number}", "")
    with pytest.raises(CollectError, match="holds more than 200000 files - split it"):
        collect(classroom.places, CHECK, source)


def test_no_student_fills_the_memory(classroom, tmp_path, monkeypatch):
    monkeypatch.setattr("grading.lms.BYTES_OF_ONE", 100_000)
    nb = answered(classroom.released, HONEST, "x" * 20_000)
    files = {f"eve/{number}.ipynb": nb for number in range(40)}
    results = collect(classroom.places, CHECK, zipped(tmp_path / "big.zip", {**files, "ana.ipynb": nb}))
    assert {one.student for one in results if one.state == "taken"} == {"ana", "eve"}
    assert {one.why for one in results if one.state == "refused"} == {"comes after too much under one name"}


def test_a_zip_that_ends_too_soon_or_lies_about_its_parts_is_refused(classroom, tmp_path):
    nb = json.dumps(answered(classroom.released, HONEST))
    source = zipped(tmp_path / "c.zip", {"ana.ipynb": nb, "ben.ipynb": nb, "zoe.ipynb": nb})
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CollectError, match="is a ZIP file without its end - download it again"):
        collect(classroom.places, CHECK, source)
    # The directory at the end is whole, but the first file is cut out of the middle.
    first = whole.index(b"PK\x03\x04", 4)
    source.write_bytes(whole[:40] + whole[first:])
    results = collect(classroom.places, CHECK, source)
    assert states(results) == {"ana.ipynb": "refused", "ben": "taken", "zoe": "taken"}
    # Two names for one place: an archive in which parts overlap grows without end when it is unpacked.
    second = whole.index(b"PK\x01\x02", whole.index(b"PK\x01\x02") + 4)
    source.write_bytes(whole[: second + 42] + (0).to_bytes(4, "little") + whole[second + 46 :])
    results = collect(classroom.places, CHECK, source)
    assert states(results) == {"ana": "taken", "ben.ipynb": "refused", "zoe": "unchanged"}


@pytest.mark.skipif(sys.platform == "win32", reason="makes what only Unix file systems hold")
def test_nothing_in_a_folder_but_plain_files_is_opened(classroom, tmp_path):
    nb = answered(classroom.released, HONEST)
    root = tmp_path / "in"
    put(root, "ana.ipynb", nb)
    put(root, "zoe/x.ipynb", nb)
    put(tmp_path, "secret/key.ipynb", nb)
    (root / "link.ipynb").symlink_to(tmp_path / "secret" / "key.ipynb")
    (root / "dangling.ipynb").symlink_to(tmp_path / "nowhere")
    (root / "loop").symlink_to(".")
    (root / "folder-link").symlink_to(tmp_path / "secret")
    os.mkfifo(root / "fifo.ipynb")
    here = Path.cwd()
    os.chdir(root)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("socket.ipynb")
    os.chdir(here)
    if os.geteuid() == 0:
        os.mknod(root / "device.ipynb", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    (root / "dir.ipynb").mkdir()
    with (root / "huge.ipynb").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    deep = root / "deep" / "1" / "2" / "3" / "4" / "5" / "6"
    deep.mkdir(parents=True)
    (root / "ana.ipynb").with_name("hard.ipynb").hardlink_to(root / "ana.ipynb")
    results = collect(classroom.places, CHECK, root)
    assert {one.student for one in results if one.state == "taken"} == {"ana", "zoe", "hard"}
    told = {one.found: one.why for one in results if one.state == "refused"}
    link, special = "is a link, and links are not followed", "is not a regular file"
    device = {"device.ipynb": special} if os.geteuid() == 0 else {}
    assert told == {
        "link.ipynb": link,
        "dangling.ipynb": link,
        "fifo.ipynb": special,
        "socket.ipynb": special,
        "huge.ipynb": "is too large (200.0 MB; the limit is 10 MB)",
        "deep 1 2 3 4 5": "stands more than 6 folders deep",
        **device,
    }


def test_an_inner_folder_that_may_not_be_read_hides_no_other(classroom, tmp_path, monkeypatch):
    nb = answered(classroom.released, HONEST)
    for student in ("ana", "shut", "zoe"):
        put(tmp_path / "in", f"{student}/x.ipynb", nb)

    def closed(root, parts=(), most=2000):
        if "shut" in parts:
            raise RefusedError("may not be read by you")
        return list_folder(root, parts, most)

    monkeypatch.setattr("grading.archive.list_folder", closed)
    results = collect(classroom.places, CHECK, tmp_path / "in")
    assert states(results) == {"ana": "taken", "shut": "refused", "zoe": "taken"}
    monkeypatch.setattr("grading.archive.MOST_FILES", 2)
    with pytest.raises(CollectError, match="holds more than 2 files - name a folder"):
        collect(classroom.places, CHECK, tmp_path / "in")


def test_a_class_of_two_thousand_is_matched_in_seconds():
    people = {f"s{n:04d}": StudentRecord(f"s{n:04d}", f"First{n}", f"Last {n}") for n in range(2000)}
    start = time.perf_counter()
    roster = Roster(people, {})
    for number in range(2000):
        assert (
            roster.student(Label(f"Last {number}, First{number}", "moodle", "1")).student == f"s{number:04d}"
        )
    assert time.perf_counter() - start < 10
