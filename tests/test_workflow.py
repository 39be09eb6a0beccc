"""Release and feedback's way back: leaks are refused, a second release is safe, students lose nothing."""

import json
import shutil
import sys

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, TEXT, answered, cell_of

from grading import leaks
from grading.gradebook import GradebookError, opened
from grading.places import PlaceError, find_places, find_root, private_folder
from grading.status import course_status
from grading.steps import WorkflowError
from grading.workflow import release

NOTEBOOK = f"{CHECK}.ipynb"
exchange = pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange does not run on Windows")


def source(classroom):
    return classroom.root / "source" / CHECK / NOTEBOOK


def change(classroom, old, new):
    text = source(classroom).read_text(encoding="utf-8")
    assert old in text
    source(classroom).write_text(text.replace(old, new), encoding="utf-8")


def outbound(classroom):
    return classroom.places.exchange / classroom.places.course_id / "outbound" / CHECK / NOTEBOOK


def state(classroom):
    """Everything a release may change, as it stands."""
    with opened(classroom.places) as book:
        cells = book.find_notebook(CHECK, CHECK).source_cells
        stored = sorted((cell.name, cell.source, cell.checksum) for cell in cells)
    sent = outbound(classroom).read_bytes() if outbound(classroom).exists() else None
    return stored, (classroom.root / "release" / CHECK / NOTEBOOK).read_bytes(), sent


def test_what_students_get_holds_no_key_no_rationale_and_no_hidden_test(classroom):
    text = json.dumps(classroom.released)
    for secret in ("HIDDEN", "RATIONALE-", "key=", '\\"key\\"', "score("):
        assert secret not in text
    assert 'ask(\\"greeting-single\\", answer=None)' in text
    assert not any(cell.get("outputs") for cell in classroom.released["cells"])


@exchange
def test_a_release_reaches_the_exchange_which_no_student_can_rename(classroom):
    release(classroom.places, CHECK)
    assert outbound(classroom).read_bytes() == (classroom.root / "release" / CHECK / NOTEBOOK).read_bytes()
    assert classroom.places.exchange.stat().st_mode & 0o7777 == 0o1777


def test_releasing_again_says_that_nothing_changed_and_changes_nothing(classroom):
    release(classroom.places, CHECK)
    before = state(classroom)
    done = release(classroom.places, CHECK)
    assert "was up to date" in done.done[0]
    assert (done.items, done.prompts, done.points, done.files) == (2, 1, 11.0, (NOTEBOOK,))
    assert state(classroom) == before


def test_a_changed_text_replaces_the_old_version_and_says_so(classroom):
    release(classroom.places, CHECK)
    change(classroom, "Which word opens a talk?", "Which word opens a good talk?")
    done = release(classroom.places, CHECK)
    assert "was replaced" in done.done[0]
    assert "Which word opens a good talk?" in json.dumps(classroom.released)
    if sys.platform != "win32":
        assert "students who fetched the old one keep it" in done.done[1]


def test_before_anybody_is_graded_a_new_key_is_taken_and_told(classroom):
    change(classroom, 'key=[\\"c\\"]', 'key=[\\"a\\"]')
    assert release(classroom.places, CHECK).warnings == ("the key of greeting-single was c and is a now",)
    classroom.hand_in("ana", answered(classroom.released, {SINGLE: "a"}))
    assert classroom.grade().students[0].score == 2.0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('key=[\\"c\\"]', 'key=[\\"a\\"]', f"to correct it run: grading regrade {CHECK}"),
        ('"grade_id": "greeting-single"', '"grade_id": "other"', "questions were added or removed"),
        ('"points": 2', '"points": 3', "the points of greeting-single were 2.0 at release"),
    ],
)
def test_once_somebody_is_graded_keys_and_questions_stay_and_so_does_the_release(classroom, old, new, told):
    release(classroom.places, CHECK)
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    classroom.grade()
    before = state(classroom)
    change(classroom, old, new)
    with pytest.raises(WorkflowError, match="^" + "".join(f"(?=.*{part})" for part in (told, CHECK))):
        release(classroom.places, CHECK)
    assert state(classroom) == before


def as_code(classroom):
    """Make the reflection a question that is answered in code."""
    nb = json.loads(source(classroom).read_text(encoding="utf-8"))
    cell = next(
        cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == PROMPT
    )
    cell.update(cell_type="code", outputs=[], execution_count=None)
    source(classroom).write_text(json.dumps(nb), encoding="utf-8")


QUIET_CHANGES = [
    (lambda room: change(room, '"points": 6', '"points": 2'), f"the points of {PROMPT} were 6 and are 2 now"),
    (lambda room: change(room, "A camera.", "A smile."), f"the text of option c of {MULTIPLE} is another"),
    (as_code, f"the cell {PROMPT} is of another kind now"),
]


@pytest.mark.parametrize(("make", "told"), QUIET_CHANGES)
def test_once_somebody_is_graded_the_worth_and_meaning_of_a_question_stay(classroom, make, told):
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    classroom.grade()
    before = state(classroom)
    make(classroom)
    with pytest.raises(WorkflowError, match=f"{told}.*but 1 submissions are graded"):
        release(classroom.places, CHECK)
    assert state(classroom) == before


@pytest.mark.parametrize(("make", "told"), QUIET_CHANGES)
def test_before_anybody_is_graded_such_a_change_is_taken_and_told(classroom, make, told):
    make(classroom)
    (warning,) = release(classroom.places, CHECK, exchange=False).warnings
    assert warning.startswith(told)


def test_stored_answers_are_refused_before_anything_is_made(classroom):
    before = state(classroom)
    nb = json.loads(source(classroom).read_text(encoding="utf-8"))
    cell_of(nb, MULTIPLE)["source"] = 'from course import ask\nask("greeting-multiple", answer=["a", "d"])'
    source(classroom).write_text(json.dumps(nb), encoding="utf-8")
    with pytest.raises(WorkflowError, match="it holds answers"):
        release(classroom.places, CHECK)
    assert state(classroom) == before


@pytest.mark.parametrize(
    ("cell", "leak"),
    [
        ("from course.scoring import score\nscore('all-or-nothing', key=['c'])", "a score"),
        (
            "# RATIONALE-C A greeting opens a talk, since it asks for nothing and shows the person was seen.",
            "rationale",
        ),
        ('setup({"items": [{"id": "x", "key": ["a"], "rationales": {}}]})', "holds its key and rationales"),
    ],
)
def test_a_leak_in_a_plain_cell_is_refused_and_the_old_release_stays(classroom, cell, leak):
    before = state(classroom)
    nb = json.loads(source(classroom).read_text(encoding="utf-8"))
    extra = {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": None}
    nb["cells"].insert(1, {**extra, "source": cell})
    source(classroom).write_text(json.dumps(nb), encoding="utf-8")
    with pytest.raises(WorkflowError, match=leak):
        release(classroom.places, CHECK)
    assert state(classroom) == before


def test_a_leak_in_a_file_beside_the_notebook_is_refused(classroom):
    (source(classroom).parent / "notes.txt").write_text("### BEGIN HIDDEN TESTS", encoding="utf-8")
    (source(classroom).parent / "bank.toml").write_text("x = 1", encoding="utf-8")
    with pytest.raises(WorkflowError, match=r"bank\.toml: a bank or a gradebook.*notes\.txt: a hidden test"):
        release(classroom.places, CHECK)


def test_a_hidden_test_that_nbgrader_leaves_in_is_found(classroom):
    nb = json.loads(source(classroom).read_text(encoding="utf-8"))
    assert "a hidden test, solution or mark scheme is still in it" in leaks.notebook_leaks(nb)


def test_nbgraders_own_refusal_is_told_in_words_and_the_release_stays(classroom):
    before = state(classroom)
    nb = json.loads(source(classroom).read_text(encoding="utf-8"))
    nb["cells"].append(json.loads(json.dumps(cell_of(nb, SINGLE) | {"id": "y"})))
    nb["cells"][-1]["metadata"]["nbgrader"] = {"grade_id": SINGLE, "grade": False, "locked": True}
    nb["cells"][-1]["metadata"]["nbgrader"] |= {"schema_version": 3, "solution": False, "task": False}
    source(classroom).write_text(json.dumps(nb), encoding="utf-8")
    with pytest.raises(WorkflowError, match=f"{CHECK} is not released: nbgrader says"):
        release(classroom.places, CHECK)
    assert state(classroom) == before
    assert not (classroom.places.work / "draft").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 5}'])
def test_a_source_that_is_no_notebook_is_named(classroom, text):
    source(classroom).write_text(text, encoding="utf-8")
    with pytest.raises(WorkflowError, match=NOTEBOOK):
        release(classroom.places, CHECK)


def test_an_unknown_assignment_is_answered_with_the_nearest_name(classroom):
    with pytest.raises(WorkflowError, match=f"did you mean {CHECK}"):
        release(classroom.places, "check-greting")
    with pytest.raises(WorkflowError, match="there are: check-greeting, final"):
        release(classroom.places, "zzz")


def test_without_an_exchange_the_folder_to_hand_out_is_named(classroom):
    with (classroom.root / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("\nc.CourseDirectory.course_id = ''\n")
    assert "give students the folder" in release(classroom.places, CHECK).done[1]
    assert len(release(classroom.places, CHECK, exchange=False).done) == 1


@exchange
def test_an_exchange_that_cannot_be_made_is_told_in_words(classroom, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("COURSE_EXCHANGE", str(tmp_path / "file" / "exchange"))
    with pytest.raises(WorkflowError, match="set COURSE_EXCHANGE"):
        release(classroom.places, CHECK)


def test_a_release_works_without_the_programs_folder_on_the_path(classroom, fresh_gradebook, monkeypatch):
    """nbgrader starts `alembic` by its bare name when it makes a gradebook."""
    monkeypatch.setenv("PATH", "")
    shutil.rmtree(classroom.root / "release")
    fresh_gradebook(classroom.places)
    (found,) = [one for one in course_status(classroom.places) if one.name == CHECK]
    assert found.next_step == f"grading release {CHECK}"
    assert "was made" in release(classroom.places, CHECK).done[0]
    with opened(classroom.places) as book:
        from sqlalchemy import text

        assert len(book.db.execute(text("select version_num from alembic_version")).all()) == 1


def test_the_course_folder_is_found_from_inside_it_and_its_absence_is_told(classroom, tmp_path):
    assert find_root(classroom.root / "source" / CHECK) == classroom.root
    with pytest.raises(PlaceError, match="go to the course folder"):
        find_root(tmp_path)


@pytest.mark.parametrize(
    ("line", "told"),
    [("c.X = (", "cannot be read"), ("c.CourseDirectory.directory_structure = 'x'", "leave it")],
)
def test_settings_that_cannot_work_are_told_with_their_file(classroom, line, told):
    with (classroom.root / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write(f"\n{line}\n")
    with pytest.raises(PlaceError, match=told):
        find_places(classroom.root)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_student_data_is_closed_to_other_accounts_whoever_made_its_folder_first(classroom, monkeypatch):
    def mode(folder):
        return folder.stat().st_mode & 0o777

    work = classroom.root / "grading" / "work"
    shutil.rmtree(work)
    monkeypatch.setenv("COURSE_CLASS", "sample")
    assert classroom.places.work == work / "sample"
    assert (mode(work), mode(work / "sample")) == (0o700, 0o700)
    work.chmod(0o755)
    (work / "sample" / "backups").mkdir(mode=0o755)
    assert mode(private_folder(classroom.places.work / "backups")) == 0o700
    assert mode(work) == 0o700
    classroom.root.chmod(0o755)
    assert mode(private_folder(classroom.root)) == 0o755


@exchange
def test_feedback_goes_back_through_the_exchange_to_whom_it_belongs(classroom):
    from nbgrader.utils import notebook_hash

    from grading.feedback import write_feedback

    secrets = {"ana": "a" * 64, "ben": "b" * 64, "cyd": "same" * 16, "dee": "same" * 16, "eve": None}
    for student, secret in secrets.items():
        folder = classroom.hand_in(student, answered(classroom.released, HONEST, f"{TEXT} {student}"))
        if secret:
            (folder / "submission_secret.txt").write_text(secret, encoding="utf-8")
    classroom.grade()
    results = {one.student: one for one in write_feedback(classroom.places, CHECK, release=True)}
    assert {student: one.state for student, one in results.items()} == {
        "ana": "released",
        "ben": "released",
        "cyd": "refused",
        "dee": "refused",
        "eve": "made",
    }
    folder = classroom.places.exchange / classroom.places.course_id / "feedback"
    pages = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
    for student in ("ana", "ben"):
        assert f"{TEXT} {student}" in pages.pop(notebook_hash(secret=secrets[student], notebook_id=CHECK))
    assert pages == {}


@pytest.mark.sqlite_file("it is deleted")
def test_a_lost_gradebook_is_named_with_its_backup_and_never_replaced_by_an_empty_one(classroom):
    release(classroom.places, CHECK)
    release(classroom.places, CHECK)
    book = classroom.places.gradebook
    book.unlink()
    for step in (lambda: release(classroom.places, CHECK), lambda: course_status(classroom.places)):
        with pytest.raises(
            GradebookError, match=r"the gradebook is gone, .* run: grading restore gradebook-"
        ):
            step()
    assert not book.exists()
