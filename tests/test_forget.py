"""`grading forget`: a student made by mistake goes, nothing is lost, and nobody else is touched."""

import json
from datetime import UTC, datetime

import pytest
from classroom import CHECK, HONEST, PROMPT, TEXT, answered
from click.testing import CliRunner
from deliveries import EARLY, exchange, put, send

from grading import records
from grading.cli import main
from grading.forget import forget
from grading.gradebook import opened
from grading.ratings import Rating, add_rating, read_ratings
from grading.steps import WorkflowError
from grading.tables import connected
from grading.workflow import collect, release


def people(classroom):
    with connected(classroom.places) as connection:
        return set(records.students(connection))


def kept(classroom):
    (folder,) = (classroom.places.work / "forgotten").iterdir()
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def mistaken(classroom, tmp_path):
    """A class in which `ana-lopes` is ana, taken for somebody else."""
    for student in ("ana", "ana-lopes", "ben"):
        put(tmp_path / "in", f"{student}.ipynb", answered(classroom.released, HONEST, TEXT))
    collect(classroom.places, CHECK, tmp_path / "in")
    return classroom


def test_before_grading_a_mistaken_student_goes_without_a_question(mistaken):
    done = forget(mistaken.places, "ana-lopes")
    assert (done.steps, done.scores, done.waiting) == (["submitted"], {}, 0)
    assert kept(mistaken) == {f"submitted/{CHECK}/{CHECK}.ipynb", f"submitted/{CHECK}/timestamp.txt"}
    assert {one.student for one in mistaken.grade().students} == {"ana", "ben"}


def test_a_student_with_scores_goes_only_when_one_is_sure_and_all_of_it_is_kept(mistaken):
    mistaken.grade()
    mistaken.grade_by_hand("ana-lopes", PROMPT, 4.5, "Well seen.")
    before = {student: mistaken.rows(student) for student in ("ana", "ben")}
    told = (
        rf"ana-lopes has scores \({CHECK}: 9.5 of 11, 1 given by hand\).*run: grading forget ana-lopes --yes"
    )
    with pytest.raises(WorkflowError, match=told):
        forget(mistaken.places, "ana-lopes")
    assert mistaken.folder("autograded", "ana-lopes").is_dir() and "ana-lopes" in people(mistaken)
    backups = set((mistaken.places.work / "backups").glob("*"))
    done = forget(mistaken.places, "ana-lopes", sure=True)
    assert done.steps == ["submitted", "autograded"]
    assert people(mistaken) == {"ana", "ben"}
    assert {student: mistaken.rows(student) for student in ("ana", "ben")} == before
    whole = json.loads((done.folder / "gradebook.json").read_text(encoding="utf-8"))
    cell = whole["submissions"][CHECK]["notebooks"][CHECK]["cells"][PROMPT]
    assert (cell["manual_score"], cell["manual_comment"]) == (4.5, "Well seen.")
    assert f"autograded/{CHECK}/{CHECK}.ipynb" in kept(mistaken)
    made = set((mistaken.places.work / "backups").glob("*")) - backups
    assert bool(made) is (mistaken.places.gradebook is not None)
    assert {one.student for one in mistaken.grade().students} == {"ana", "ben"}


def test_a_student_of_the_class_list_without_any_work_can_go_too(classroom):
    with opened(classroom.places) as book:
        book.add_student("ana", first_name="Ana")
    assert forget(classroom.places, "ana").steps == []
    assert people(classroom) == set()
    assert kept(classroom) == {"gradebook.json"}


def test_an_id_that_no_folder_can_bear_goes_out_of_the_gradebook(classroom):
    with opened(classroom.places) as book:
        book.add_student("a:b/../<img>", first_name="Ana")
    done = forget(classroom.places, "a:b/../<img>")
    assert done.folder.name.endswith("-a_b_____img_") and done.folder.parent.name == "forgotten"
    assert people(classroom) == set()


def test_nobody_of_that_name_is_said_with_who_may_be_meant(mistaken):
    mistaken.grade()
    with pytest.raises(
        WorkflowError, match=r"ana_lopes: there is no such student - did you mean ana-lopes\?"
    ):
        forget(mistaken.places, "ana_lopes")
    for odd in ("..", ".", "", "a/b", "\x1b[2J"):
        with pytest.raises(WorkflowError, match="there is no such student"):
            forget(mistaken.places, odd)
    assert not (mistaken.places.work / "forgotten").exists()


@exchange
def test_what_still_waits_in_the_exchange_is_told(classroom):
    release(classroom.places, CHECK)
    inbound = classroom.places.exchange / classroom.places.course_id / "inbound"
    send(inbound, "ana", answered(classroom.released, HONEST), EARLY)
    collect(classroom.places, CHECK)
    run = CliRunner().invoke(main, ["--root", str(classroom.root), "forget", "ana"])
    assert run.exit_code == 0, run.output
    assert "ana is taken out of the class. Everything is kept in " in run.output
    assert "the exchange still holds 1 submission under this id" in run.output
    listed = json.loads(
        CliRunner().invoke(main, ["--root", str(classroom.root), "collect", CHECK, "--json"]).output
    )
    assert [(one["student"], one["state"]) for one in listed] == [("ana", "taken")]


def test_a_folder_held_open_leaves_the_gradebook_as_it_was(mistaken, monkeypatch):
    mistaken.grade()
    real = type(mistaken.root).rename

    def held_open(self, target):
        if self.name == "ana-lopes" and self.parent.name == "autograded":
            raise PermissionError(13, "held open by another program")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(type(mistaken.root), "rename", held_open)
        with pytest.raises(WorkflowError, match=r"held open by another program.*the gradebook is as it was"):
            forget(mistaken.places, "ana-lopes", sure=True)
    assert "ana-lopes" in people(mistaken)
    assert forget(mistaken.places, "ana-lopes", sure=True).steps == ["autograded"]
    assert people(mistaken) == {"ana", "ben"}


def test_what_graders_rated_goes_with_the_student_and_is_kept_and_the_others_stays(mistaken):
    mistaken.grade()
    for student in ("ana", "ana-lopes"):
        for level in (1, 2):
            levels, time = {"encounter": level}, datetime(2026, 3, 3, 9, level, tzinfo=UTC)
            add_rating(mistaken.places, Rating(CHECK, PROMPT, student, "Kim", levels, "", time, False))
    done = forget(mistaken.places, "ana-lopes", sure=True)
    assert [one.student for one in read_ratings(mistaken.places, CHECK)] == ["ana"]
    lines = json.loads((done.folder / "ratings.json").read_text(encoding="utf-8"))
    assert [line["levels"]["encounter"] for line in lines] == [1, 2]
    # The same id may come back, as somebody else.
    again = Rating(CHECK, PROMPT, "ana-lopes", "Kim", {}, "", datetime(2026, 3, 4, tzinfo=UTC), False)
    add_rating(mistaken.places, again)
    found = {one.student: one.levels for one in read_ratings(mistaken.places, CHECK)}
    assert found == {"ana": {"encounter": 2}, "ana-lopes": {}}
