"""The grading command as people meet it: exit status, words, JSON, and no traceback on wrong use."""

import errno
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from classroom import CHECK, HONEST, SINGLE, TEXT, answered
from click.testing import CliRunner

from grading.cli import main
from grading.command import attempt
from grading.console import table
from grading.gradebook import locked
from grading.status import course_status

COMMANDS = ["release", "collect", "autograde", "feedback", "status", "forget", "regrade", "restore", "doctor"]


@pytest.fixture
def grading(classroom):
    def run(*arguments):
        return CliRunner().invoke(main, ["--root", str(classroom.root), *map(str, arguments)])

    return run


@pytest.fixture
def handed_in(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    classroom.hand_in("cyd", answered(classroom.released, {SINGLE: "z"}))
    return classroom


def test_a_week_goes_through_from_release_to_feedback(classroom, grading, tmp_path):
    assert grading("release", CHECK, "--no-exchange").exit_code == 0
    (tmp_path / "in").mkdir()
    nb = answered(classroom.released, HONEST, TEXT)
    (tmp_path / "in" / "ana.ipynb").write_text(json.dumps(nb), encoding="utf-8")
    collected = grading("collect", CHECK, "--from", tmp_path / "in")
    assert collected.exit_code == 0 and "1 taken; 1 new student id." in collected.output
    assert f"next: grading autograde {CHECK}" in grading("status").output
    graded = grading("autograde", CHECK)
    assert graded.exit_code == 0 and "1 graded; 0 scores changed; 1 needs a person." in graded.output
    assert "next: score what 1 student wrote (page Reflections) in the formgrader" in grading("status").output
    classroom.grade_by_hand("ana", "greeting-encounter", 5)
    assert f"next: grading feedback {CHECK} --release" in grading("status").output
    assert grading("feedback", CHECK).exit_code == 0
    status = grading("status")
    assert f"{CHECK}: done" in status.output and "final: next: grading release final" in status.output


def test_what_needs_a_look_is_listed_and_ends_with_status_1(handed_in, grading):
    result = grading("autograde", CHECK)
    assert result.exit_code == 1
    assert "cyd" in result.output and "is not an option" in result.output
    assert "ana" not in result.output
    assert "ana" in grading("autograde", CHECK, "--all").output


def test_a_dry_run_writes_nothing_and_says_so(handed_in, grading):
    result = grading("autograde", CHECK, "--dry-run")
    assert "Nothing was written" in result.output
    assert not handed_in.places.step("autograded").exists()


def test_late_work_is_named_in_the_status(handed_in, grading):
    from grading.gradebook import opened

    with opened(handed_in.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-01 09:30:00 UTC")
    grading("autograde", CHECK)
    assert f"Late in {CHECK}: ana (1 day), cyd (1 day)" in grading("status").output


def next_step(grading):
    (found,) = [one for one in json.loads(grading("status", "--json").output) if one["name"] == CHECK]
    return found["stale"], found["next_step"]


def test_work_newer_than_its_scores_is_noticed_though_no_time_says_so(classroom, grading):
    folder = classroom.hand_in("ana", answered(classroom.released, {SINGLE: "a"}), time=None)
    grading("autograde", CHECK)
    grading("feedback", CHECK)
    assert next_step(grading) == (0, "done")
    classroom.hand_in("ana", answered(classroom.released, HONEST), time=None)
    assert next_step(grading) == (1, f"grading autograde {CHECK}")
    grading("autograde", CHECK)
    assert next_step(grading)[0] == 0
    (folder / f"{CHECK}.ipynb").rename(folder / "mine.ipynb")
    assert next_step(grading)[0] == 1


def test_a_newer_file_that_cannot_be_read_is_graded_once_and_then_waits_for_a_person(classroom, grading):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    grading("autograde", CHECK)
    classroom.hand_in("ana", b"{", time="2026-03-04 10:00:00 UTC")
    assert next_step(grading) == (1, f"grading autograde {CHECK}")
    grading("autograde", CHECK)
    assert next_step(grading) == (0, "look at 1 flagged (ana) and take the flag off in the formgrader")


def test_a_corrected_run_that_was_cut_off_is_noticed(classroom, grading, monkeypatch):
    monkeypatch.setattr("grading.autograde.TOGETHER", 1)
    for student in ("ana", "ben"):
        classroom.hand_in(student, answered(classroom.released, {SINGLE: "a"}))
    classroom.grade()
    path = classroom.root / "source" / CHECK / f"{CHECK}.ipynb"
    text = path.read_text(encoding="utf-8").replace('key=[\\"c\\"]', 'key=[\\"a\\"]')
    path.write_text(text, encoding="utf-8")

    def cut_off(student, done, total):
        if student == "ben":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classroom.grade(corrected=True, progress=cut_off)
    assert [classroom.record(student).score for student in ("ana", "ben")] == [2.0, 0.0]
    assert next_step(grading) == (1, f"grading autograde {CHECK}")
    grading("autograde", CHECK)
    assert [classroom.record(student).score for student in ("ana", "ben")] == [2.0, 2.0]
    assert next_step(grading)[0] == 0


def test_work_left_aside_by_a_killed_collection_is_counted_and_graded(classroom, grading):
    folder = classroom.hand_in("ana", answered(classroom.released, HONEST))
    folder.rename(folder.with_name(f".{CHECK}.old"))
    assert next_step(grading) == (1, f"grading autograde {CHECK}")
    assert not folder.exists()
    grading("autograde", CHECK)
    assert (classroom.record("ana").score, folder.is_dir()) == (5.0, True)


def test_a_folder_of_submissions_that_cannot_be_listed_is_told(classroom, grading):
    assert next_step(grading) == (0, f"grading collect {CHECK}")
    submitted = classroom.places.step("submitted")
    submitted.parent.mkdir(parents=True, exist_ok=True)
    submitted.write_text("", encoding="utf-8")
    for command in (["status"], ["autograde", CHECK]):
        result = grading(*command)
        assert result.exit_code == 1 and "make it a folder that you may read" in " ".join(
            result.output.split()
        )


def test_every_command_prints_json_on_request(handed_in, grading, tmp_path):
    released = json.loads(grading("release", CHECK, "--no-exchange", "--json").output)
    assert (released["assignment"], released["items"]) == (CHECK, 2)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ben.ipynb").write_text(json.dumps(handed_in.released), encoding="utf-8")
    (taken,) = json.loads(grading("collect", CHECK, "--from", tmp_path / "in", "--json").output)
    assert (taken["student"], taken["state"]) == ("ben", "taken")
    run = json.loads(grading("autograde", CHECK, "--json").output)
    assert [one["student"] for one in run["students"]] == ["ana", "ben", "cyd"]
    assert run["students"][2]["outcomes"][SINGLE] == "unreadable"
    pages = json.loads(grading("feedback", CHECK, "--json").output)
    assert {one["state"] for one in pages} == {"made"}
    status = {one["name"]: one for one in json.loads(grading("status", "--json").output)}
    assert (status[CHECK]["graded"], status[CHECK]["unreadable"], status["final"]["released"]) == (
        3,
        1,
        False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_to_paste(command, grading):
    result = grading(command, "--help")
    assert result.exit_code == 0 and f"Example: grading {command}" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["autograde", "check-greting"], "did you mean check-greeting?"),
        (["release", "zzz"], "there are: check-greeting, final"),
        (["feedback", "x\x1b[2J"], "x\\x1b[2J"),
        (["collect"], "Missing argument"),
        (["collect", CHECK, "--from", "no-such-file"], "does not exist"),
        (["collect", CHECK, "--ids", __file__], "--ids and --new-students go with --from"),
        (["collect", CHECK, "--from", ".", "--before-due"], "are for the exchange"),
        (["autograde", CHECK, "--execute", "--dry-run"], "leave out --execute"),
        (["autograde", CHECK, "--corrected-key", "--student", "ana"], "leave out --student"),
        (["autograde", CHECK, "--wait", "-1"], "--wait"),
        (["grade"], "No such command"),
    ],
)
def test_wrong_use_ends_with_status_2_and_a_sentence(grading, arguments, told):
    result = grading(*arguments)
    assert result.exit_code == 2 and told in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["autograde", "final"], "run: grading release final"),
        (["feedback", "final"], "run: grading release final"),
        (["collect", "final"], "run: grading release final"),
        (["autograde", CHECK, "--student", "zoe"], "zoe: nothing handed in"),
        (["collect", CHECK, "--from", __file__], "neither a folder nor a ZIP file"),
    ],
)
def test_a_step_that_cannot_be_done_ends_with_status_1_and_what_to_run(grading, arguments, told):
    result = grading(*arguments)
    assert result.exit_code == 1 and told in result.output.replace("\n", " ")


@pytest.mark.sqlite_file("it is deleted")
def test_a_missing_gradebook_is_status_1_with_the_command_to_run(handed_in, grading):
    handed_in.places.gradebook.unlink()
    result = grading("autograde", CHECK)
    assert result.exit_code == 1 and "grading release" in result.output
    assert grading("status").exit_code == 0


def test_a_second_run_at_the_same_time_is_refused_in_words(handed_in, grading):
    with locked(handed_in.places):
        for command in (["autograde", CHECK], ["collect", CHECK], ["release", CHECK], ["feedback", CHECK]):
            result = grading(*command, "--wait", "0.1")
            assert result.exit_code == 1 and "another run of grading is writing" in result.output


def test_a_full_disk_is_one_sentence(handed_in, grading, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "backups")

    monkeypatch.setattr("grading.backups.back_up", full)
    result = grading("autograde", CHECK)
    assert result.exit_code == 1
    assert "backups: No space left on device - make room on the disk and run" in result.output


def test_broken_settings_are_wrong_use(classroom, grading):
    with (classroom.root / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("\nc.X = (\n")
    result = grading("status")
    assert result.exit_code == 2 and "cannot be read" in result.output


def test_without_a_course_folder_it_says_where_to_go(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "grading", "status"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2 and "go to the course folder, or name it with --root" in run.stderr


def test_hostile_text_reaches_no_terminal_as_a_command(classroom, grading):
    folder = classroom.places.step("submitted") / "x\x1b[31m[red]" / CHECK
    if sys.platform != "win32":
        folder.mkdir(parents=True)
    nb = answered(classroom.released, {SINGLE: "\x1b[2J[bold]z"})
    classroom.hand_in("ana", nb)
    for command in (["autograde", CHECK], ["autograde", CHECK, "--json"], ["status"], ["feedback", CHECK]):
        assert "\x1b" not in grading(*command).output
    assert grading("autograde", CHECK).exit_code == 1


def test_the_help_is_quick_and_loads_neither_nbgrader_nor_a_database():
    heavy = ("nbgrader", "sqlalchemy", "nbformat")
    code = f"import sys, grading.cli; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_folder_without_a_notebook_is_told_and_not_passed_over(grading, tmp_path):
    grading("release", CHECK, "--no-exchange")
    (tmp_path / "wrong").mkdir()
    result = grading("collect", CHECK, "--from", tmp_path / "wrong")
    assert result.exit_code == 1
    assert "holds no notebook, so nothing was collected - is it the right folder" in result.output


def test_a_long_id_leaves_room_for_the_reason_and_loses_no_letter(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    table("check: graded", ("student", "state", "what"), [("x" * 200, "skipped", "the file is no notebook")])
    told = capsys.readouterr().out
    assert "the file is no notebook" in told and told.count("x") == 200
    table(
        "check: graded", ("student", "state", "what"), [("officer-number-0123456789", "skipped", "no " * 60)]
    )
    assert "officer-number-0123456789" in capsys.readouterr().out


def test_where_no_exchange_runs_the_next_step_names_the_platforms_file(classroom):
    alone = replace(classroom.places, exchange=None)
    (found,) = [one for one in course_status(alone) if one.name == CHECK]
    assert found.next_step == f"grading collect {CHECK} --from FOLDER-OR-ZIP"


def test_a_full_disk_is_told_in_words_also_where_no_file_is_named(capsys):
    def write():
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(SystemExit) as stopped:
        attempt(write)
    assert stopped.value.code == 1
    told = " ".join(capsys.readouterr().err.split())
    assert told == "No space left on device - make room on the disk and run the command again"
