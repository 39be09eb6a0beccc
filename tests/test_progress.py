"""How far long commands are: told for each step or student, shown only where a person watches."""

import io
import json

import pytest
import rich.console
from classroom import CHECK, HONEST, answered
from click.testing import CliRunner

from grading import restore
from grading.cli import main
from grading.exports.run import Wish, export
from grading.feedback import write_feedback
from grading.progress import bar
from grading.workflow import collect, release


@pytest.fixture
def told():
    """A list, and a function that puts into it what it is told."""
    kept = []
    return kept, lambda what, done, total: kept.append((what, done, total))


def test_each_long_step_tells_who_is_worked_on_and_how_many_there_are(classroom, told, tmp_path):
    kept, progress = told
    (tmp_path / "in").mkdir()
    for student in ("ana", "ben"):
        text = json.dumps(answered(classroom.released, HONEST))
        (tmp_path / "in" / f"{student}.ipynb").write_text(text, encoding="utf-8")
    collect(classroom.places, CHECK, tmp_path / "in", progress=progress)
    assert kept == [("ana", 0, 2), ("ben", 1, 2)]
    classroom.grade()
    del kept[:]
    write_feedback(classroom.places, CHECK, progress=progress)
    assert kept == [("ana", 0, 2), ("ben", 1, 2)]
    del kept[:]
    export(classroom.places, [CHECK], Wish(), progress)
    assert kept == [("ana", 0, 2), ("ben", 1, 2)]
    del kept[:]
    if classroom.places.gradebook is not None:  # on a server, backups are its own
        restore.looked_through(classroom.places, progress)
        assert kept and all(total == len(kept) for _, _, total in kept)
        del kept[:]
    release(classroom.places, CHECK, exchange=False, progress=progress)
    assert [done for _, done, _ in kept] == [0, 1, 2, 3] and kept[-1] == ("handing out", 3, 4)


def test_a_person_sees_a_bar_that_is_gone_afterwards_and_a_hostile_name_stays_text(monkeypatch):
    screen = io.StringIO()
    real = rich.console.Console
    made = lambda **given: real(file=screen, force_terminal=True, width=80)  # noqa: E731
    monkeypatch.setattr(rich.console, "Console", made)
    with bar(False, "collecting") as progress:
        progress("[red]ana\x1b[2J", 1, 2)
    shown = screen.getvalue()
    assert "collecting" in shown and "1/2" in shown
    assert "[red]ana\\x1b[2J" in shown and "\x1b[2J" not in shown
    assert shown.endswith("\x1b[2K")  # cleared


def test_nothing_of_it_is_printed_into_a_file_or_beside_json(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    run = ["--root", str(classroom.root)]
    more = [["restore"]] if classroom.places.gradebook else []  # on a server, backups are its own
    for command in (["autograde", CHECK], ["feedback", CHECK], ["export"], *more):
        result = CliRunner().invoke(main, [*run, *command, "--json"])
        assert json.loads(result.stdout) is not None and result.stderr == "", command
        assert "━" not in CliRunner().invoke(main, [*run, *command]).output
