"""`grading doctor`: each thing it looks for is broken for real and found; it writes nothing, never fails."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from classroom import CHECK, HONEST, TEXT, answered
from click.testing import CliRunner
from test_restore import damaged, other_version

from course.bank import load_course
from course.build import derived_files
from course.build import write as write_notebooks
from grading import (
    backups,
    doctor,
    doctor_course,
    doctor_gradebook,
    doctor_jupyter,
    doctor_programs,
    doctor_settings,
    doctor_work,
)
from grading.cli import main
from grading.finding import LOOK, OK, WRONG, chmod
from grading.gradebook import locked
from grading.regrade_record import Record, now, write_record

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


@pytest.fixture
def graded(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    return classroom


@pytest.fixture
def in_order(classroom, monkeypatch):
    """A class whose notebooks are built, in a terminal that finds this Python's programs."""
    write_notebooks(classroom.root, derived_files(load_course(classroom.root)))
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    return classroom


def found(findings):
    """Return check -> state, the worst of each check."""
    order = [OK, LOOK, WRONG]
    states = {}
    for one in findings:
        states[one.check] = max(states.get(one.check, OK), one.state, key=order.index)
        assert bool(one.todo) is (one.state != OK), one
    return states


def only(findings, state):
    (one,) = [one for one in findings if one.state == state]
    return one


def configure(classroom, *lines):
    path = classroom.root / "nbgrader_config.py"
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *lines, ""]), encoding="utf-8")


def everything(folder):
    return {
        path.relative_to(folder): (
            path.stat().st_mode,
            path.stat().st_mtime,
            path.is_file() and path.read_bytes(),
        )
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


# The whole


def test_a_class_in_order_gets_no_word_of_warning(in_order, graded):
    result = CliRunner().invoke(main, ["--root", str(graded.root), "doctor"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert all(line.startswith("+ ok  ") for line in lines[:-2]), result.output
    assert lines[-2] == f"{len(lines) - 2} in order." and lines[-1] == "Next: grading status"
    for check in ("Python", "packages", "kernel", "settings", "exchange", "gradebook", "backups", "disk"):
        assert any(line.startswith(f"+ ok     {check}: ") for line in lines), check


def test_in_a_fresh_folder_it_says_what_to_do_first_warns_of_nothing_and_leaves_no_trace(
    in_order, fresh_gradebook
):
    fresh_gradebook(in_order.places)
    shutil.rmtree(in_order.root / "grading")
    before = everything(in_order.root)
    result = doctor.examine(in_order.root)
    assert set(found(result.findings).values()) == {OK}
    assert result.step == f"grading release {CHECK} (to look around first: course demo)"
    assert everything(in_order.root) == before


@pytest.mark.sqlite_file("a backup of it is damaged")
def test_nothing_is_written_whatever_is_found(graded):
    configure(graded, "c.Execute.skip_cells_with_tag = 'skip-execution'")
    (graded.places.work / "draft").mkdir()
    damaged(graded.places.work / "backups" / backups.all_backups(graded.places)[-1].name)
    before = everything(graded.root)
    assert doctor.examine(graded.root).wrong
    assert everything(graded.root) == before


def test_it_takes_a_few_seconds_at_most(graded):
    begin = time.process_time()
    doctor.examine(graded.root)
    assert time.process_time() - begin < 5


@pytest.mark.sqlite_file("it is deleted")
def test_something_wrong_ends_with_status_1_and_json_tells_the_same(graded):
    graded.places.gradebook.unlink()
    result = CliRunner().invoke(main, ["--root", str(graded.root), "doctor"])
    newest = backups.all_backups(graded.places)[-1].name
    assert result.exit_code == 1
    assert f"! wrong  gradebook: {graded.places.gradebook} is gone, with 1 backup of it left" in result.output
    assert f"           do: grading restore {newest}" in result.output
    assert "1 wrong, " in result.output and "Next:" not in result.output
    data = json.loads(CliRunner().invoke(main, ["--root", str(graded.root), "doctor", "--json"]).output)
    (one,) = [one for one in data["checks"] if one["state"] == "wrong"]
    assert (one["check"], one["todo"], data["next"]) == ("gradebook", f"grading restore {newest}", "")
    graded.places.gradebook.mkdir()
    one = only(doctor_gradebook.the_gradebook(graded.places), WRONG)
    assert one.said.endswith("gradebook.db is no file")
    assert one.todo == f"move it away; then run: grading restore {newest}"


def test_a_check_that_fails_itself_is_told_and_stops_no_other(graded, monkeypatch):
    def fails(places):
        yield from ()
        raise ValueError("odd \x1b[31m")

    monkeypatch.setattr(doctor_course, "disk", fails)
    monkeypatch.setattr(doctor_programs, "_python", lambda asked: 1 / 0)
    result = doctor.examine(graded.root)
    said = [one.said for one in result.findings if one.check in ("disk", "programs")]
    assert said == [
        "could not be checked (ZeroDivisionError: division by zero)",
        "could not be checked (ValueError: odd \\x1b[31m)",
    ]
    assert found(result.findings)["clock"] == OK and not result.wrong


def test_outside_a_course_folder_the_machine_is_checked_all_the_same(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "grading", "doctor"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert "+ ok     kernel: " in run.stdout and "! wrong  course folder: " in run.stdout
    assert found(doctor.examine(tmp_path, named=True).findings)["course folder"] == WRONG


# Programs


def test_a_python_or_a_package_of_another_version_is_found(graded):
    text = """[project]
name = "safe-and-welcome"
requires-python = ">=3.99"
dependencies = ["click>=99", "no-such-package-anywhere>=1", "rich>=1", 'odd>=1; sys_platform == "none"']
"""
    (graded.root / "pyproject.toml").write_text(text, encoding="utf-8")
    listed = list(doctor_programs.programs(graded.root))
    assert found(listed)["Python"] == WRONG
    said = [one.said for one in listed if one.check == "packages"]
    assert len(said) == 2 and said[0].endswith("is installed, and pyproject.toml asks for >=99")
    assert said[1] == "no-such-package-anywhere is not installed, and pyproject.toml asks for >=1"
    todo = [one.todo for one in listed if one.check == "packages"]
    assert todo[0] == 'python -m pip install "click>=99"'
    (graded.root / "pyproject.toml").write_text("[project]\nname = 'mine'\n", encoding="utf-8")
    assert found(doctor_programs.programs(graded.root))["packages"] == OK


def test_commands_of_another_folder_are_found(graded):
    (graded.root / "grading" / "__init__.py").write_text("", encoding="utf-8")
    assert found(doctor_programs.programs(graded.root))["copy"] == LOOK


def test_missing_programs_are_found(graded, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor_programs.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    one = only(doctor_programs.programs(graded.root), WRONG)
    assert one.check == "programs" and one.said.startswith("course, grading, jupyter, jupyter-lab, nbgrader")


def test_a_terminal_that_finds_no_or_other_programs_is_found(graded, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    one = only(doctor_programs.programs(graded.root), LOOK)
    assert one.said == "a terminal does not find `grading` by its name alone" and "activate" in one.todo
    other = tmp_path / ("grading.bat" if sys.platform == "win32" else "grading")
    other.write_text("#!/bin/sh\n", encoding="utf-8")
    other.chmod(0o755)
    one = only(doctor_programs.programs(graded.root), LOOK)
    assert one.said.startswith("`grading` in a terminal is another one: ")


@pytest.fixture
def jupyter_folder(tmp_path, monkeypatch):
    """A folder whose Jupyter configuration and data come before those of the machine."""
    folder = tmp_path / "jupyter"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(folder))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    return folder


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")


@pytest.mark.parametrize("name", ["jupyter_server_config.json", "jupyter_server_config.d/x.json"])
def test_a_server_extension_that_was_turned_off_is_found(jupyter_folder, name):
    off = {"nbgrader.server_extensions.formgrader": False}
    write(jupyter_folder / name, {"ServerApp": {"jpserver_extensions": off}})
    one = only(doctor_jupyter.jupyter(), WRONG)
    assert one.said == "the formgrader is turned off (nbgrader.server_extensions.formgrader)"
    assert one.todo == f"take the line with this name out of {jupyter_folder / name}"


def test_a_server_extension_that_nobody_turned_on_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor_jupyter, "jupyter_config_path", lambda: [str(tmp_path)])
    write(tmp_path / "jupyter_server_config.json", {"ServerApp": []})
    said = [one.todo for one in doctor_jupyter.jupyter() if one.check == "server extensions"]
    assert len(said) == 4 and said[1].startswith("jupyter server extension enable --sys-prefix nbgrader.")


@pytest.mark.parametrize(
    "off", [{"@jupyter/nbgrader": True}, {"@jupyter/nbgrader:assignment-list": True}, ["@jupyter/nbgrader"]]
)
def test_a_lab_extension_that_was_turned_off_is_found(jupyter_folder, off):
    write(jupyter_folder / "labconfig" / "page_config.json", {"disabledExtensions": off})
    one = only(doctor_jupyter.jupyter(), WRONG)
    assert one.said.startswith("nbgrader's menu is turned off (@jupyter/nbgrader")
    assert one.todo == f"take it out of {jupyter_folder / 'labconfig' / 'page_config.json'}"
    write(jupyter_folder / "labconfig" / "page_config.json", "{")
    assert found(doctor_jupyter.jupyter())["lab extensions"] == OK


def test_lab_extensions_that_are_not_there_are_found(monkeypatch):
    monkeypatch.setattr(doctor_jupyter, "jupyter_path", lambda name: [])
    listed = [one for one in doctor_jupyter.jupyter() if one.state == WRONG]
    assert [one.check for one in listed] == ["lab extensions"] * 3
    assert listed[1].said == "what shows the questions is not installed (anywidget)"
    assert listed[1].todo == "python -m pip install --force-reinstall anywidget"


@pytest.mark.parametrize(
    ("program", "told"),
    [("no-such-python", "which does not run"), ("echo", "in which the course is not installed")],
)
def test_a_kernel_of_another_environment_is_found(jupyter_folder, program, told):
    if program == "echo" and shutil.which("echo") is None:
        pytest.skip("needs the program echo")
    spec = {"argv": [program, "-m", "x", "{connection_file}"], "display_name": "Mine", "language": "python"}
    write(jupyter_folder / "kernels" / "python3" / "kernel.json", spec)
    one = only(doctor_jupyter.jupyter(), WRONG)
    assert one.check == "kernel" and told in one.said
    assert one.todo == "python -m ipykernel install --sys-prefix --name python3"


# Settings


@pytest.mark.parametrize(
    "name",
    [
        "Execute.skip_cells_with_tag",
        "Autograde.autograde_preprocessors",
        "Autograde.sanitize_preprocessors",
        "GenerateFeedback.preprocessors",
        "ExchangeFactory.collect",
        "ExchangeFactory.release_feedback",
        "ZipCollectApp.extractor_plugin",
        "ExportApp.plugin_class",
        "ClearSolutions.text_stub",
    ],
)
def test_each_safety_setting_that_was_changed_is_named_with_what_to_put_back(classroom, name):
    _, listed = doctor_settings.read_settings(classroom.root)
    assert set(found(listed).values()) == {OK}
    wanted, otherwise = doctor_settings.SAFE[name]
    configure(classroom, f"c.{name} = {[] if isinstance(wanted, list) else 'other'!r}")
    _, listed = doctor_settings.read_settings(classroom.root)
    one = only(listed, WRONG)
    assert one.said.startswith(f"{name} is ") and otherwise in one.said
    assert f"c.{name}" in one.todo and repr(wanted[0] if isinstance(wanted, list) else wanted) in one.todo
    configure(classroom, one.todo.partition(": ")[2] if isinstance(wanted, str) else f"c.{name} = {wanted!r}")
    assert set(found(doctor_settings.read_settings(classroom.root)[1]).values()) == {OK}


def test_settings_that_do_not_protect_the_formgrader_are_found(classroom, jupyter_folder):
    path = classroom.root / "nbgrader_config.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    protect()\n", "    pass\n"), encoding="utf-8")
    one = only(doctor_settings.read_settings(classroom.root)[1], WRONG)
    assert one.check == "formgrader" and "put the last lines" in one.todo
    extension = {"ServerApp": {"jpserver_extensions": {"grading.formgrader": True}}}
    write(jupyter_folder / "jupyter_server_config.json", extension)
    assert found(doctor_settings.read_settings(classroom.root)[1])["formgrader"] == OK


def test_reading_the_settings_leaves_the_formgrader_of_this_process_alone(classroom):
    from grading import formgrader

    before = (formgrader.protect, sys.modules.get(doctor_settings.FORMGRADER))
    doctor_settings.read_settings(classroom.root)
    assert (formgrader.protect, sys.modules.get(doctor_settings.FORMGRADER)) == before


def test_settings_that_cannot_be_read_are_found_and_the_machine_is_checked_all_the_same(classroom):
    configure(classroom, "c.X = (")
    listed = doctor.examine(classroom.root).findings
    one = only([one for one in listed if one.check == "settings"], WRONG)
    assert "nbgrader_config.py: cannot be read" in one.said and one.todo == "correct the file"
    assert found(listed)["kernel"] == OK


def test_an_empty_course_id_fetching_without_a_mark_and_open_folders_are_worth_a_look(classroom):
    configure(
        classroom,
        "c.CourseDirectory.course_id = ''",
        "c.CourseDirectory.feedback_directory = 'pages'",
        "del c.ExchangeFactory.fetch_assignment",
    )
    _, listed = doctor_settings.read_settings(classroom.root)
    looks = [one.said for one in listed if one.state == LOOK]
    assert "course_id is empty" in looks[0] and "nobody is shown as having fetched" in looks[1]
    assert "feedback stand outside" in looks[2]


# The course folder


@posix
def test_student_data_open_to_others_is_found(graded):
    graded.places.work.chmod(0o755)
    listed = doctor.examine(graded.root).findings
    one = only([one for one in listed if one.check == "student data"], LOOK)
    assert "was open to other accounts (mode 755); reading the settings closed it" in one.said
    path = graded.root / "nbgrader_config.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace("private.chmod(0o700)", "pass"), encoding="utf-8"
    )
    graded.places.work.chmod(0o750)
    one = only(doctor_course.student_data(graded.places), WRONG)
    assert one.said.endswith("get in (mode 750)") and one.todo == f"chmod 700 {graded.places.work}"


def test_what_was_not_looked_at_is_not_called_in_order(graded, monkeypatch):
    monkeypatch.setattr(doctor_course, "WINDOWS", True)
    (one,) = doctor_course.student_data(graded.places)
    assert one.state == OK and one.said.endswith("under Security, say who else may read it")


@pytest.mark.sqlite_file("who may read it")
@posix
def test_a_gradebook_kept_elsewhere_must_be_closed_too(graded, monkeypatch, tmp_path):
    book = tmp_path / "elsewhere.db"
    shutil.copy(graded.places.gradebook, book)
    book.chmod(0o644)
    monkeypatch.setenv("COURSE_GRADEBOOK", f"sqlite:///{book}")
    assert only(doctor_course.student_data(graded.places), WRONG).todo == f"chmod 600 {book}"


def test_a_folder_that_cannot_be_written_is_found(graded, monkeypatch):
    submitted = graded.places.step("submitted")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != submitted)
    assert only(doctor_course.student_data(graded.places), WRONG).todo == f"chmod u+w {submitted}"


@posix
def test_what_to_type_holds_for_a_folder_with_blanks_in_its_name(tmp_path):
    folder = tmp_path / "my course"
    folder.mkdir(mode=0o500)
    subprocess.run(chmod("u+w", folder), shell=True, check=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_windows_is_told_a_command_that_it_has(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert chmod("u+rw", Path("C")) == 'attrib -R "C"'
    assert chmod("u+rwX", Path("C"), Path("D")) == 'attrib -R "C"; attrib -R "D"'


@posix
@pytest.mark.parametrize(
    ("mode", "state", "told"),
    [
        (0o1777, OK, "mode 1777"),
        (0o777, WRONG, "without the sticky bit"),
        (0o755, LOOK, "cannot hand in"),
        (None, WRONG, "is not there"),
        ("file", WRONG, "is no folder"),
    ],
)
def test_a_shared_exchange_of_the_wrong_kind_is_found(graded, monkeypatch, tmp_path, mode, state, told):
    folder = tmp_path / "exchange"
    monkeypatch.setenv("COURSE_EXCHANGE", str(folder))
    if mode == "file":
        folder.write_text("", encoding="utf-8")
    elif mode is not None:
        folder.mkdir()
        folder.chmod(mode)
    (one,) = doctor_course.exchange(graded.places)
    assert one.state == state and told in one.said
    assert state == OK or ("move what is there" if mode == "file" else f"chmod 1777 {folder}") in one.todo


@posix
def test_an_exchange_that_one_may_not_write_and_no_exchange_at_all_are_told(graded, monkeypatch, tmp_path):
    assert found(doctor_course.exchange(graded.places)) == {"exchange": OK}
    monkeypatch.setenv("COURSE_EXCHANGE", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "you may not write here" in only(doctor_course.exchange(graded.places), WRONG).said
    configure(graded, "c.Exchange.root = ''")
    assert found(doctor_course.exchange(graded.places)) == {"exchange": OK}


@posix
def test_keys_that_students_with_accounts_could_read_are_found(graded, monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "exchange").mkdir()
        (folder / "exchange").chmod(0o1777)
        shutil.copytree(graded.root, folder / "course-folder")
        monkeypatch.setenv("COURSE_EXCHANGE", str(folder / "exchange"))
        places = doctor_settings.read_settings(folder / "course-folder")[0]
        one = only(doctor_course.exchange(places), WRONG)
        assert one.check == "keys" and one.todo == f"chmod 700 {places.root}"
        places.root.chmod(0o700)
        assert found(doctor_course.exchange(places)) == {"exchange": OK}


@pytest.mark.parametrize(("free", "state"), [(10**6, WRONG), (10**9, LOOK), (10**10, OK)])
def test_a_disk_that_is_nearly_full_is_found(graded, monkeypatch, free, state):
    usage = shutil.disk_usage(graded.root)._replace(free=free)
    monkeypatch.setattr(doctor_course.shutil, "disk_usage", lambda path: usage)
    assert found(doctor_course.disk(graded.places)) == {"disk": state}


def test_a_clock_that_cannot_be_right_is_found(graded, monkeypatch):
    assert found(doctor_course.clock(graded.places)) == {"clock": OK}
    configure(graded, "c.Exchange.timezone = 'Nowhere/Land'")
    assert "'Nowhere/Land', which nobody knows" in only(doctor_course.clock(graded.places), WRONG).said
    monkeypatch.setenv("TZ", "Europe/Atlantis")
    assert "TZ names Europe/Atlantis" in only(doctor_course.clock(graded.places), WRONG).said
    path = graded.root / "nbgrader_config.py"
    os.utime(path, (time.time() + 7200, time.time() + 7200))
    one = only(doctor_course.clock(graded.places), WRONG)
    assert "120 minutes newer" in one.said and "set the clock" in one.todo


@pytest.mark.parametrize("zone", ["Europe/Vienna", "UTC", "CET-1CEST", ":America/New_York", ""])
def test_time_zones_that_are_known_are_no_matter(graded, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    assert found(doctor_course.clock(graded.places)) == {"clock": OK}


# The gradebook


@pytest.mark.sqlite_file("its size, and whether it is whole")
def test_a_gradebook_in_order_is_described(graded):
    one, lock = doctor_gradebook.the_gradebook(graded.places)
    assert one.state == OK and one.said.endswith(f"kB, whole; 1 student; {CHECK} 1 graded")
    assert (lock.state, lock.said) == (OK, "free")


@pytest.mark.sqlite_file("it is damaged")
@pytest.mark.parametrize(
    ("make", "told"), [(damaged, "is damaged"), (other_version, "has tables of version")]
)
def test_a_gradebook_that_is_no_use_is_found_with_the_newest_good_backup(graded, make, told):
    for _ in range(2):
        backups.back_up(graded.places)
    make(graded.places.gradebook)
    first, second, third = backups.all_backups(graded.places)
    damaged(third)
    one = only(doctor_gradebook.the_gradebook(graded.places), WRONG)
    assert told in one.said and one.todo == f"grading restore {second.name}"
    for path in (first, second):
        damaged(path)
    assert "no backup is whole" in only(doctor_gradebook.the_gradebook(graded.places), WRONG).todo
    assert found(doctor.examine(graded.root).findings)["gradebook"] == WRONG


@pytest.mark.sqlite_file("another program locks it")
def test_a_run_of_grading_or_another_program_that_holds_the_gradebook_is_found(graded):
    with locked(graded.places):
        one = only(doctor_gradebook.the_gradebook(graded.places), LOOK)
    assert one.said == "a run of grading is going on"
    with closing(sqlite3.connect(graded.places.gradebook, isolation_level=None)) as other:
        other.execute("begin immediate")
        one = only(doctor_gradebook.the_gradebook(graded.places), LOOK)
    assert one.said == "another program is writing to it (database is locked)" and "JupyterLab" in one.todo


@pytest.mark.sqlite_file("the journal beside it")
def test_what_a_killed_program_left_beside_the_gradebook_is_found_and_not_touched(graded):
    beside = graded.places.gradebook.with_name("gradebook.db-journal")
    beside.write_bytes(b"x" * 600)
    result = doctor.examine(graded.root)
    one = only([one for one in result.findings if one.check == "gradebook"], LOOK)
    assert "was killed while it wrote" in one.said and beside.read_bytes() == b"x" * 600


@pytest.mark.sqlite_file("who may write it")
def test_a_gradebook_that_may_not_be_written_is_found(graded, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "gradebook.db")
    one = only(doctor_gradebook.the_gradebook(graded.places), WRONG)
    assert one.check == "gradebook lock" and "you may not write it" in one.said


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql+psycopg://me:s3cret@127.0.0.1:1/class", "127.0.0.1, database class"),
        ("mysql+pymysql://me:s3cret@127.0.0.1:1/class", "127.0.0.1, database class"),
        ("no address", "no address of a database"),
    ],
)
def test_a_database_server_that_does_not_answer_is_found_without_showing_the_password(
    graded, monkeypatch, address, told
):
    monkeypatch.setenv("COURSE_GRADEBOOK", address)
    begin = time.monotonic()
    result = doctor.examine(graded.root)
    assert time.monotonic() - begin < 30
    one = only([one for one in result.findings if one.check == "gradebook"], WRONG)
    assert told in one.said and "s3cret" not in str(result)
    assert found(result.findings)["backups"] == OK


def test_a_server_that_is_silent_is_given_up_on_after_seconds(graded, monkeypatch):
    monkeypatch.setenv("COURSE_GRADEBOOK", "postgresql+psycopg://me@db.example/class")
    assert doctor_gradebook.hurried(graded.places).db_url.endswith("?connect_timeout=3")
    monkeypatch.setenv("COURSE_GRADEBOOK", "postgresql+psycopg://me@db.example/class?connect_timeout=9")
    assert doctor_gradebook.hurried(graded.places).db_url.endswith("?connect_timeout=9")


@pytest.mark.sqlite_file("backups are copies of it")
def test_backups_that_are_missing_damaged_old_or_from_the_future_are_found(graded):
    (newest,) = backups.all_backups(graded.places)
    assert found(doctor_gradebook.the_backups(graded.places)) == {"backups": OK}
    later = time.time() + 3 * 86400
    os.utime(graded.places.gradebook, (later, later))
    one = only(doctor_gradebook.the_backups(graded.places), LOOK)
    assert "what was entered in the gradebook since then is in no backup" in one.said
    future = newest.with_name("gradebook-20990101T000000.000000.db")
    shutil.copy(newest, future)
    assert "the clock was set back" in only(doctor_gradebook.the_backups(graded.places), LOOK).said
    damaged(future)
    assert "but it is damaged" in only(doctor_gradebook.the_backups(graded.places), WRONG).said
    shutil.rmtree(newest.parent)
    assert only(doctor_gradebook.the_backups(graded.places), LOOK).said == "there is none yet"


# Assignments and left-overs


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("step", "old", "new"),
    [
        ("source", 'key=[\\"c\\"]', 'key=[\\"a\\"]'),
        ("source", "Which word opens a talk?", "Which word ends a talk?"),
        ("source", "# Check: Greeting", "# Another title"),
        ("release", "# Check: Greeting", "# Another title"),
    ],
)
def test_a_release_that_is_not_what_source_says_is_found(graded, step, old, new):
    assert found(doctor_work.assignments(graded.places))["assignments"] == OK
    edit(graded.root / step / CHECK / f"{CHECK}.ipynb", old, new)
    listed = list(doctor_work.assignments(graded.places))
    one = only([one for one in listed if one.check == "assignments"], LOOK)
    assert one.said == f"{CHECK}: source/ was changed since it was released"
    assert f"grading release {CHECK}" in one.todo and f"grading regrade {CHECK}" in one.todo


def test_keys_that_got_into_release_are_found(graded):
    name = f"{CHECK}.ipynb"
    shutil.copy(graded.root / "source" / CHECK / name, graded.root / "release" / CHECK / name)
    listed = list(doctor_work.assignments(graded.places))
    one = only(listed, WRONG)
    assert one.said.startswith(f"{CHECK}: release/ holds what students must not get ({name}: ")
    assert one.todo == f"hand none of it out; grading release {CHECK}"


def test_a_course_text_that_is_not_built_and_a_release_that_is_gone_are_found(graded):
    edit(
        graded.root / "course" / "lessons" / "greeting" / "graded.toml",
        "Which word opens",
        "Which words open",
    )
    shutil.rmtree(graded.root / "release")
    listed = list(doctor_work.assignments(graded.places))
    assert found(listed) == {"course text": LOOK, "assignments": LOOK}
    assert listed[0].todo == "course build"
    shutil.rmtree(graded.root / "source")
    assert only(doctor_work.assignments(graded.places), WRONG).todo == "course build"


@pytest.mark.parametrize(
    "left",
    [
        "draft",
        "backups/gradebook.part",
        pytest.param(
            ".gradebook.db.restored.part", marks=pytest.mark.sqlite_file("grading restore wrote it")
        ),
        ".seen-0a1b",
        f"submitted/ana/.{CHECK}.old",
        f"submitted/ana/.{CHECK}.new",
        f"autograded/ana/{CHECK}/.{CHECK}.ipynb.part",
        f"feedback/ana/{CHECK}/.{CHECK}.html.part",
        f"../../source/{CHECK}/{CHECK}.ipynb.part",
    ],
)
def test_what_a_killed_run_left_is_found(graded, left):
    assert found(doctor_work.left_overs(graded.places)) == {"left-overs": OK}
    path = graded.places.work / left
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir() if path.suffix in ("", ".old", ".new") and "seen" not in left else path.write_text(
        "", "utf-8"
    )
    one = only(doctor_work.left_overs(graded.places), LOOK)
    assert one.said.startswith("1 file of a killed run, such as ") and path.name in one.said


def test_hidden_files_of_a_student_are_no_left_overs(graded):
    folder = graded.folder("submitted", "ana")
    for name in (".ipynb_checkpoints.old", ".notes.new", ".x.part"):
        (folder / name).write_text("", encoding="utf-8")
    assert found(doctor_work.left_overs(graded.places)) == {"left-overs": OK}


def test_a_regrade_that_was_cut_off_is_found(graded):
    write_record(graded.places, Record(CHECK, now(), "me", "wrong key", None, (), {}))
    assert only(doctor_work.left_overs(graded.places), LOOK).todo == f"grading regrade {CHECK}"
