"""The real course with its simulated class: nbgrader agrees, and nothing leaks before it is released."""

import base64
import codecs
import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from course.bank import load_course
from course.model import Course
from grading import gradebook, records
from grading.autograde import autograde
from grading.places import Places, find_places
from grading.ratings import read_ratings
from grading.sample import (
    BEFORE,
    DUE,
    FINAL,
    GRADED,
    WAITING,
    SampleError,
    fill_in,
    hand_in,
    make_sample,
    sample_work,
    take_in,
)
from grading.tables import connected
from grading.workflow import release

REPOSITORY = Path(__file__).resolve().parent.parent
VANILLA = """
c = get_config()
c.CourseDirectory.course_id = "vanilla"
c.CourseDirectory.root = {root!r}
c.ClearSolutions.text_stub = "(Your text appears here while you write in the box above.)"
"""


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(REPOSITORY)


def course_copy(root: Path) -> Path:
    """Copy the course into a folder, and return it."""
    for name in ("course", "notebooks", "source"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    return root


@pytest.fixture
def sample_folder(tmp_path, monkeypatch) -> Path:
    """A copy of the course, as it is before the sample class is made."""
    monkeypatch.setenv("COURSE_CLASS", "sample")
    return course_copy(tmp_path / "course-folder")


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Iterator[Places]:
    """A copy of the course in which the sample class has been made."""
    root = course_copy(tmp_path_factory.mktemp("sample") / "course-folder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CLASS", "sample")
        places = find_places(root)
        assert make_sample(places, lambda text: None)
        yield places


def test_without_an_exchange_as_on_windows_nobodys_work_is_late_for_it_or_left_behind(
    sample_folder, course, monkeypatch
):
    places = find_places(sample_folder)
    assignments = {one.id: one for one in course.assignments}
    for name in (BEFORE, GRADED):
        release(places, name, exchange=False)
        works = sample_work(course, assignments[name], sample_folder)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", "win32")
            hand_in(places, name, works)
            take_in(places, name)
        autograde(places, name)
        with connected(places) as connection:
            record = records.assignment(connection, name)
        told = {student: one.timestamp for student, one in record.submissions.items()}
        assert told == {work.student.id: work.handed_in for work in works}
    assert len(told) == 22


def scores(places: Places, assignment: str = GRADED) -> dict[str, dict[str, tuple[float | None, bool]]]:
    with connected(places) as connection:
        record = records.assignment(connection, assignment)
    assert record is not None
    return {
        student: {cell.name: (cell.auto_score, cell.needs_manual) for cell in one.cells}
        for student, one in record.submissions.items()
    }


def test_the_sample_class_is_whole_labelled_and_made_once(sample):
    with connected(sample) as connection:
        people = records.students(connection)
        record = records.assignment(connection, GRADED)
    assert len(people) == 24
    assert all(person.last_name == "(simulated)" for person in people.values())
    assert len(record.submissions) == 22
    late = [student for student, one in record.submissions.items() if one.late > 0]
    assert len(late) == 3
    # The last four, and of the others the two who wrote too little to match an exemplar.
    assert 4 <= sum(one.needs_manual for one in record.submissions.values()) <= 6
    for name in (BEFORE, GRADED, FINAL):
        assert len(list((sample.work / "feedback").glob(f"*/{name}/*.html"))) == 22
    assert make_sample(sample, lambda text: None) is False


def test_two_graders_have_rated_the_reflections_and_what_they_gave_stands_in_the_gradebook(sample):
    ratings = read_ratings(sample, GRADED)
    assert {one.rater for one in ratings} == {"Sam (simulated)", "Kim (simulated)"}
    assert len({one.student for one in ratings}) == len(ratings) / 2 == 15
    first = {one.student: one for one in ratings if one.rater == "Sam (simulated)"}
    with connected(sample) as connection:
        record = records.assignment(connection, GRADED)
    for student, one in first.items():
        cell = record.submissions[student].notebooks[GRADED].cells["two-jobs-encounter"]
        # Levels sum up to 12, and the text is worth 3 points.
        assert cell.manual_score == pytest.approx(sum(one.levels.values()) / 4) and not cell.needs_manual
        assert "encounter: " in cell.manual_comment and "Next, " in cell.manual_comment


def test_the_class_has_grown_between_what_was_asked_before_the_course_and_the_final(sample):
    with connected(sample) as connection:
        before, final = (records.assignment(connection, name) for name in (BEFORE, FINAL))
    (asked,) = before.notebooks.values()
    assert len(asked.items) == 8 and not before.counts
    assert not any(one.needs_manual for one in final.submissions.values())

    def share(record, students):
        scores = [
            record.submissions[student].notebooks[record.name].cells[item.cell].score / item.points
            for student in students
            for item in asked.items
        ]
        return sum(scores) / len(scores)

    both = sorted(set(before.submissions) & set(final.submissions))
    assert len(both) >= 20  # others are absent the first time than the last
    assert set(before.submissions) != set(final.submissions)
    assert share(final, both) - share(before, both) > 0.1


def test_a_visitor_is_in_time_and_the_simulated_late_stay_late(sample):
    def seconds():
        with connected(sample) as connection:
            found = {name: records.assignment(connection, name) for name in DUE}
        late = {
            name: {one.student: one.late for one in record.submissions.values() if one.late}
            for name, record in found.items()
        }
        return late, [one.due for one in found.values()]

    now = datetime.now(UTC).replace(tzinfo=None)
    late, dates = seconds()
    for name in (BEFORE, GRADED, FINAL):
        assert len(late[name]) == 3 and all(20 * 3600 <= one <= 70 * 3600 for one in late[name].values())
    assert all(now + timedelta(days=7) < date < now + timedelta(days=15) for date in dates)
    # Months later the demo is started again.
    with gradebook.opened(sample) as book:
        book.update_or_create_assignment(GRADED, duedate=now - timedelta(days=90))
        book.update_or_create_assignment(WAITING, duedate=now + timedelta(days=1))
    make_sample(sample, lambda text: None)
    assert seconds() == (late, dates)


def test_among_the_work_that_waits_some_is_late_once_it_is_graded(sample, tmp_path):
    root = tmp_path / "course-folder"
    shutil.copytree(sample.root, root)
    places = find_places(root)
    take_in(places, WAITING)
    run = autograde(places, WAITING)
    assert {one.before for one in run.students} == {None}
    with connected(places) as connection:
        submissions = records.assignment(connection, WAITING).submissions.values()
    late = [one.late for one in submissions if one.late]
    assert len(submissions) == 22
    assert len(late) == 3 and all(20 * 3600 <= one <= 70 * 3600 for one in late)


def test_nbgrader_running_the_notebooks_gives_the_same_score_in_every_row(sample, tmp_path):
    """24 submissions, graded by nbgrader's default preprocessors, which execute, and by reading."""
    vanilla = tmp_path / "vanilla"
    for step in ("source", "submitted"):
        shutil.copytree(sample.step(step), vanilla / step)
    two_more(vanilla / "submitted")
    run_nbgrader(vanilla, GRADED)
    assert not (vanilla / "source" / "nbgrader_config.py").exists()
    theirs = scores(find_places(vanilla))
    ours = scores(sample)
    ours.update(grade_two_more(sample, vanilla))
    assert len(theirs) == 24
    # A person has scored most reflections in the sample since; what the program gave is compared.
    for student, rows in theirs.items():
        assert {name: row[0] for name, row in rows.items()} == {n: r[0] for n, r in ours[student].items()}, (
            student
        )
    assert all_rows(graded_anew(vanilla, tmp_path / "ours")) == all_rows(find_places(vanilla))


def graded_anew(vanilla: Path, root: Path) -> Places:
    """Return a folder in which we have released and graded what nbgrader has, and no person has graded."""
    shutil.copytree(vanilla / "source", root / "source")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    places = find_places(root)
    release(places, GRADED, exchange=False)
    shutil.copytree(vanilla / "submitted", places.step("submitted"))
    assert {one.state for one in autograde(places, GRADED).students} == {"graded"}
    return places


def all_rows(places: Places) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table of a gradebook, with names in place of row ids and courses."""
    cell = "n.name, b.name, b.type"
    of_cell = "JOIN base_cell b ON b.id = t.{} JOIN notebook n ON n.id = b.notebook_id"
    of_student = (
        "JOIN submitted_notebook s ON s.id = t.notebook_id "
        "JOIN submitted_assignment a ON a.id = s.assignment_id "
    )
    queries = {
        "student": "SELECT id, first_name, last_name, email, lms_user_id FROM student",
        "assignment": "SELECT name, duedate FROM assignment",
        "notebook": "SELECT name, kernelspec FROM notebook",
        "base_cell": f"SELECT {cell} FROM base_cell t {of_cell.format('id')}",
        "grade_cells": f"SELECT {cell}, max_score, cell_type FROM grade_cells t {of_cell.format('id')}",
        "solution_cells": f"SELECT {cell} FROM solution_cells t {of_cell.format('id')}",
        "task_cells": f"SELECT {cell}, max_score, cell_type FROM task_cells t {of_cell.format('id')}",
        "source_cell": "SELECT name, cell_type, locked, source, checksum FROM source_cell",
        "submitted_assignment": "SELECT student_id, timestamp, extension FROM submitted_assignment",
        "submitted_notebook": (
            "SELECT a.student_id, n.name, t.flagged, t.late_submission_penalty FROM submitted_notebook t "
            "JOIN submitted_assignment a ON a.id = t.assignment_id JOIN notebook n ON n.id = t.notebook_id"
        ),
        "grade": (
            f"SELECT a.student_id, {cell}, t.auto_score, t.manual_score, t.extra_credit, "
            f"t.needs_manual_grade FROM grade t {of_cell.format('cell_id')} {of_student}"
        ),
        "comment": (
            f"SELECT a.student_id, {cell}, t.auto_comment, t.manual_comment FROM comment t "
            f"{of_cell.format('cell_id')} {of_student}"
        ),
        "alembic_version": "SELECT version_num FROM alembic_version",
    }
    with contextlib.closing(sqlite3.connect(places.gradebook)) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert names == {*queries, "course"}
        return {name: sorted(database.execute(query), key=repr) for name, query in queries.items()}


def run_nbgrader(vanilla: Path, assignment: str) -> None:
    """Grade what is in submitted/ with nbgrader's own commands and default steps, which execute."""
    (vanilla / "nbgrader_config.py").write_text(VANILLA.format(root=str(vanilla)), encoding="utf-8")
    scripts = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
    }
    for command in (["generate_assignment", assignment], ["autograde", assignment]):
        subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=vanilla,
            env=environment,
            check=True,
            capture_output=True,
        )


THIRTY = " ".join(["greeted"] * 30)


def changed(notebook: dict[str, Any], how: str) -> dict[str, Any]:
    """Return a released check whose text cell was dealt with in one way."""
    cells = notebook["cells"]
    cell = next(cell for cell in cells if "prompt" in cell["metadata"].get("course", {}))
    if how == "deleted":
        cells.remove(cell)
    elif how != "untouched":
        cell["source"] = THIRTY.removesuffix(" greeted") if how == "too short" else THIRTY
    if how in ("code", "raw"):
        cell |= {"cell_type": how} | ({"outputs": [], "execution_count": None} if how == "code" else {})
    if how == "two texts":
        cells.append({**cell, "id": "another", "source": f"{THIRTY} twice"})
    return notebook


@pytest.mark.slow
def test_nbgrader_running_a_check_gives_the_same_points_for_a_texts_length(course, tmp_path, monkeypatch):
    """Words are counted by a grade cell that nbgrader executes, and by reading; every row is the same."""
    monkeypatch.delenv("COURSE_CLASS", raising=False)
    ours, vanilla = tmp_path / "ours", tmp_path / "vanilla"
    for name in ("course", "source"):
        shutil.copytree(REPOSITORY / name, ours / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "nbgrader_config.py", ours)
    places = find_places(ours)
    release(places, WAITING, exchange=False)
    released = (ours / "release" / WAITING / f"{WAITING}.ipynb").read_text(encoding="utf-8")
    expected = {
        "long enough": 1.0,
        "too short": 0.0,
        "untouched": 0.0,
        "deleted": 0.0,
        "code": 1.0,
        "raw": 1.0,
        "two texts": 0.0,
    }
    handed_in = {how.replace(" ", "-"): changed(json.loads(released), how) for how in expected}
    assignment = next(one for one in course.assignments if one.id == WAITING)
    works = sample_work(course, assignment, REPOSITORY)
    for habit, points in (("on time", 1.0), ("short", 0.0)):
        work = next(work for work in works if work.student.habit == habit)
        handed_in[work.student.id] = fill_in(json.loads(released), work)
        expected[work.student.id] = points
    for student, notebook in handed_in.items():
        folder = vanilla / "submitted" / student / WAITING
        folder.mkdir(parents=True)
        (folder / f"{WAITING}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    shutil.copytree(vanilla / "submitted", places.step("submitted"), dirs_exist_ok=True)
    shutil.copytree(REPOSITORY / "source" / WAITING, vanilla / "source" / WAITING)
    run_nbgrader(vanilla, WAITING)
    autograde(places, WAITING)
    theirs, read = scores(find_places(vanilla), WAITING), scores(places, WAITING)
    assert len(theirs) == len(expected) == 9
    assert {student: {name: row[0] for name, row in rows.items()} for student, rows in read.items()} == {
        student: {name: row[0] for name, row in rows.items()} for student, rows in theirs.items()
    }
    assert {student: rows["first-contact-only-you-written"][0] for student, rows in read.items()} == {
        how.replace(" ", "-"): points for how, points in expected.items()
    }


def two_more(submitted: Path) -> None:
    """Add a blank submission and one with everything ticked, to make 24."""
    for name, change in (("blank", None), ("ticks", "all")):
        folder = submitted / name / GRADED
        shutil.copytree(next(submitted.glob("sim01/*")), folder)
        path = folder / f"{GRADED}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        options = {i.id: [o.id for o in i.options] for i in load_course(REPOSITORY).items("graded")}
        for cell in notebook["cells"]:
            item = cell["metadata"].get("course", {}).get("item")
            if item:
                literal = "None" if change is None else json.dumps(options[item])
                if change == "all" and len(options[item]) == 3:
                    literal = json.dumps(options[item][0])
                cell["source"] = f'from course import ask\nask("{item}", answer={literal})'
        path.write_text(json.dumps(notebook), encoding="utf-8")


def grade_two_more(sample: Places, vanilla: Path) -> dict[str, dict[str, tuple[float | None, bool]]]:
    """Grade the two extra submissions by reading, in the sample class."""
    for name in ("blank", "ticks"):
        shutil.copytree(vanilla / "submitted" / name, sample.step("submitted") / name)
    autograde(sample, GRADED, only=("blank", "ticks"))
    found = scores(sample)
    return {name: found[name] for name in ("blank", "ticks")}


def codings(text: str) -> Iterator[bytes]:
    """Yield a secret as it might be hidden: plain, JSON-escaped, base64, hex, rot13, reversed, hashed."""
    raw = text.encode("utf-8")
    yield raw
    yield json.dumps(text)[1:-1].encode("ascii")
    for shift in range(3):  # base64 of a longer text that holds this one, at each of the three alignments
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4 if shift else 0 : -4]
    yield raw.hex().encode()
    yield codecs.encode(text, "rot13").encode("utf-8")
    yield text[::-1].encode("utf-8")
    for name in ("md5", "sha1", "sha256", "sha512"):
        yield hashlib.new(name, raw).hexdigest().encode()
    yield zlib.compress(raw)[2:12]


def secrets_of(course: Course) -> dict[str, set[bytes]]:
    """Return item id -> what no student may find: rationales and the key, plain, coded and hashed."""
    found: dict[str, set[bytes]] = {}
    for item in course.items("graded"):
        texts = [option.rationale for option in item.options]
        key = json.dumps(list(item.key))
        texts += [f"key={key}", f'"key": {key}', f"answer={key}"]
        found[item.id] = {coded for text in texts for coded in codings(text)}
        for joined in (f"{item.id}:{','.join(item.key)}", f"{item.id}{''.join(item.key)}"):
            found[item.id] |= {
                hashlib.new(n, joined.encode()).hexdigest().encode() for n in ("md5", "sha1", "sha256")
            }
    return found


def leaks(folder: Path, secrets: dict[str, set[bytes]], held: set[str] | None = None) -> list[str]:
    """Return what leaks from the files below a folder; `held` limits the keys to the items a file asks."""
    found = []
    for path in (p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        for item, coded in secrets.items():
            if item.encode() in data or held is None:
                found += [f"{path.name}: {item}: {one[:40]!r}" for one in coded if one in data]
        found += [
            f"{path.name}: {mark}"
            for mark in ("BEGIN HIDDEN TESTS", "course.scoring")
            if mark.encode() in data
        ]
    return found


def test_the_leak_scan_finds_what_it_looks_for(course, tmp_path):
    secrets = secrets_of(course)
    item = next(course.items("graded"))
    for number, coded in enumerate(secrets[item.id]):
        (tmp_path / f"{number}.txt").write_bytes(b"x" + item.id.encode() + b" " + coded + b"y")
    assert len({line.split(":")[0] for line in leaks(tmp_path, secrets)}) == len(secrets[item.id])
    assert leaks(REPOSITORY / "source", secrets)


def test_no_released_file_holds_a_key_a_rationale_or_a_hidden_test(course, tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_CLASS", raising=False)
    for name in ("course", "source"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "nbgrader_config.py", tmp_path)
    places = find_places(tmp_path)
    for assignment in course.assignments:
        release(places, assignment.id, exchange=False)
        made = tmp_path / "release" / assignment.id / f"{assignment.id}.ipynb"
        kept = REPOSITORY / "release" / assignment.id / f"{assignment.id}.ipynb"
        assert made.read_bytes() == kept.read_bytes(), (
            f"release/{assignment.id} is out of date: grading release"
        )
    secrets = secrets_of(course)
    assert leaks(tmp_path / "release", secrets) == []
    assert sorted(p.name for p in (REPOSITORY / "release").iterdir()) == sorted(
        a.id for a in course.assignments
    )


def test_no_lesson_notebook_holds_a_graded_question(course):
    secrets = secrets_of(course)
    assert leaks(REPOSITORY / "notebooks", secrets) == []
    text = "".join(p.read_text(encoding="utf-8") for p in (REPOSITORY / "notebooks").glob("*.ipynb"))
    assert [item.id for item in course.items("graded") if item.id in text or item.stem in text] == []


def test_no_feedback_page_or_exchange_file_tells_a_key_before_it_is_released(course, sample):
    secrets = secrets_of(course)
    assert leaks(sample.work / "feedback", secrets) == []
    for folder in ("outbound", "feedback"):
        assert leaks(sample.exchange / sample.course_id / folder, secrets) == []


def test_a_class_that_only_bears_the_name_is_never_cleared(sample, tmp_path, monkeypatch):
    root = tmp_path / "course-folder"
    for name in ("course", "source"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    monkeypatch.setenv("COURSE_CLASS", "sample")
    book = root / "grading/work/sample/gradebook.db"
    book.parent.mkdir(parents=True)
    book.write_bytes(b"somebody's class")
    with pytest.raises(SampleError, match="holds a class that is not the sample"):
        make_sample(find_places(root), lambda text: None)
    assert book.read_bytes() == b"somebody's class"


def test_the_sample_leaves_the_release_of_a_real_class_alone(sample):
    assert not (sample.root / "release").exists()
    assert (sample.work / "release" / GRADED / f"{GRADED}.ipynb").is_file()


def test_settings_that_name_another_class_are_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_CLASS", raising=False)
    shutil.copy(REPOSITORY / "nbgrader_config.py", tmp_path)
    with pytest.raises(SampleError, match="does not follow COURSE_CLASS"):
        make_sample(find_places(tmp_path), lambda text: None)
