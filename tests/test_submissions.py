"""Every case in submissions/, graded between two honest students: score, reason, neighbours, machine."""

import ast
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from classroom import PLACES
from corpus import (
    ASSIGNMENT,
    FOLDER,
    ITEMS,
    NOTEBOOK,
    PLAN,
    SOURCE,
    STORY,
    STUDENT,
    TIME,
    all_cases,
    honest_bytes,
    lay_out,
)
from watch import watching

from grading import records
from grading.autograde import autograde
from grading.crew import processes
from grading.feedback import write_feedback
from grading.formgrader import safe_api
from grading.places import find_places
from grading.steps import course_directory, nbgrader_config
from grading.tables import connected
from grading.workflow import release

SECONDS = 2.0
MOST_MEMORY = 150 * 1024 * 1024
"""Most bytes that grading the three students may add to this process."""
NEIGHBOURS = ("anna", "zoe")
HONEST_ROWS = {
    "gate-word": (2.0, False, None),
    "gate-signs": (3.0, False, None),
    "gate-log": (4.0, False, None),
    "gate-story": (None, True, None),
    "gate-plan-written": (1.0, False, None),
}
CELLS = {PLAN: "gate-plan-written"}
CASES = all_cases()


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course of the one assignment, released, with two honest students; and their graded copies."""
    root = tmp_path_factory.mktemp("corpus") / "course-folder"
    (root / "source" / ASSIGNMENT).mkdir(parents=True)
    shutil.copy(SOURCE, root / "source" / ASSIGNMENT)
    shutil.copy(PLACES / "nbgrader_config.py", root)
    places = find_places(root)
    release(places, ASSIGNMENT, exchange=False)
    for student in NEIGHBOURS:
        folder = places.path("submitted", student, ASSIGNMENT)
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).write_bytes(honest_bytes())
        (folder / "timestamp.txt").write_text(TIME, encoding="utf-8")
    # The first run also loads what is loaded once.
    graded = shutil.copytree(root, root.with_name("graded"))
    autograde(find_places(graded), ASSIGNMENT)
    return root, copies(find_places(graded))


def copies(places):
    """The neighbours' graded copies."""
    folder = places.step("autograded")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for student in NEIGHBOURS
        for path in sorted((folder / student).rglob("*"))
        if path.is_file()
    }


def record(places):
    with connected(places) as connection:
        return records.assignment(connection, ASSIGNMENT).submissions


def rows(one):
    return {cell.name: (cell.auto_score, cell.needs_manual, cell.auto_comment) for cell in one.cells}


def files(folder):
    """Everything below a folder: kind, size, time of change, and target of a link."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_size,
            path.lstat().st_mtime_ns,
            path.readlink() if path.is_symlink() else None,
        )
        for path in sorted(folder.rglob("*"))
    }


class Peak:
    """The most memory this process has held since it was made; Linux alone tells that."""

    def __init__(self):
        self.clear = Path("/proc/self/clear_refs")
        self.start = 0
        try:
            self.clear.write_text("5", encoding="ascii")
            self.start = self.now()
        except OSError:
            pass

    def now(self):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

    def grown(self):
        return self.now() - self.start if self.start else 0


def told(phrases, text):
    """Whether one of the phrases stands in a text."""
    return any(phrase in text for phrase in ([phrases] if isinstance(phrases, str) else phrases))


def test_the_corpus_is_large_and_every_case_says_what_it_is():
    assert len(CASES) >= 120
    for case in CASES:
        assert case.about.endswith(".") and case.name == case.name.lower(), case.name
        assert set(case.outcomes) in ({*ITEMS, STORY, PLAN}, set()), case.name
        unreadable = {id_ for id_, outcome in case.outcomes.items() if outcome == "unreadable"}
        assert not case.outcomes or set(case.reasons) == unreadable, case.name
    assert {path.parent.name for path in FOLDER.glob("*/submission.ipynb")} <= {case.name for case in CASES}


def test_the_watch_sees_what_no_case_may_do(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    with watching() as seen:
        subprocess.run([sys.executable, "-c", ""], check=True)
        (inside / "a").write_text("x", encoding="utf-8")
        outside.mkdir()
        (inside / "a").rename(outside / "b")
        os.close(os.open(outside / "c", os.O_WRONLY | os.O_CREAT))
        exec("1 + 1")
        compile("1 + 1", "<unknown>", "exec", ast.PyCF_ONLY_AST)
    assert len(seen.processes) >= 1 and seen.ran == ["<string>"]
    told = {str(path) for path in (outside, outside / "b", outside / "c")}
    assert told <= set(seen.changed_outside(inside)) and str(inside / "a") not in seen.changed_outside(inside)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_between_two_honest_students(case, released, tmp_path):
    if case.needs and (sys.platform == "win32" or case.needs not in ("posix", sys.platform)):
        pytest.skip(f"needs {case.needs}")
    honest_root, honest_copies = released
    root = tmp_path / "course-folder"
    shutil.copytree(honest_root, root)
    places = find_places(root)
    submitted = places.step("submitted")
    student = lay_out(case, submitted, root / "source" / ASSIGNMENT / NOTEBOOK)
    before = {step: files(places.step(step)) for step in ("submitted", "source", "release")}
    peak = Peak()
    begin = time.process_time()
    with watching() as seen:
        run = autograde(places, ASSIGNMENT)
    seconds = time.process_time() - begin
    grown = peak.grown()

    results = {one.student: one for one in run.students}
    if case.state == "absent":
        assert set(results) == set(NEIGHBOURS)
    else:
        assert set(results) == {*NEIGHBOURS, student}
        check_result(case, results[student])
    stored = record(places)
    if case.state in ("absent", "refused"):
        assert set(stored) == set(NEIGHBOURS)
    else:
        check_rows(case, results[student], stored[student])

    for neighbour in NEIGHBOURS:
        one, result = stored[neighbour], results[neighbour]
        assert (result.state, result.score, result.reasons) == ("graded", 10.0, {})
        assert rows(one) == HONEST_ROWS
        assert (one.timestamp, one.flagged, one.penalty) == (datetime(2026, 3, 2, 9, 30), False, 0.0)
    assert copies(places) == honest_copies
    assert {step: files(places.step(step)) for step in before} == before

    assert not seen.processes
    assert not seen.ran
    assert not seen.changed_outside(root)
    # Names alone are known of what is opened below a folder; nothing but these is opened there.
    opened = {path.name for path in seen.read} & {name.rsplit("/", 1)[-1] for name in case.beside}
    assert opened <= {"nbgrader_config.py", "check-gate.ipynb"}
    assert not list(tmp_path.rglob("EXECUTED")) and not Path("EXECUTED").exists()
    assert seconds < SECONDS
    assert grown < MOST_MEMORY
    shutil.rmtree(root, ignore_errors=True)  # pytest keeps what is left, and some cases are large


@pytest.mark.skipif(sys.platform == "win32", reason="half of the cases need another system")
def test_all_cases_as_one_class_get_the_same_as_alone_twice_and_by_two_workers(released, tmp_path):
    root = shutil.copytree(released[0], tmp_path / "course-folder")
    places = find_places(root)
    expected = {}
    for case in CASES:
        alone = replace(case, student=case.name) if case.student == STUDENT else case
        try:
            student = lay_out(alone, places.step("submitted"), root / "source" / ASSIGNMENT / NOTEBOOK)
        except pytest.skip.Exception:
            shutil.rmtree(places.step("submitted") / alone.student)
            continue
        expected[student] = (case.state, case.score, dict(case.outcomes))
    expected = {student: one for student, one in expected.items() if one[0] != "absent"}
    honest = dict.fromkeys(ITEMS, "right") | {STORY: "answered", PLAN: "complete"}
    expected |= dict.fromkeys(NEIGHBOURS, ("graded", 10.0, honest))
    first = autograde(places, ASSIGNMENT)
    assert {one.student: (one.state, one.score, dict(one.outcomes)) for one in first.students} == expected
    stored = record(places)
    for again in (autograde(places, ASSIGNMENT), autograde(places, ASSIGNMENT, crew=processes(2))):
        assert [(one.student, one.state, one.score, one.reasons) for one in again.students] == [
            (one.student, one.state, one.score, one.reasons) for one in first.students
        ]
        assert record(places) == stored
    hostile = [
        student for student in stored if student.startswith(("reflection-", "plan-", "option-", "name-"))
    ]
    assert len(write_feedback(places, ASSIGNMENT, only=hostile)) == len(hostile) > 60
    for path in places.step("feedback").rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "alert(1)</script>" not in html and "<img src=x" not in html and "<svg onload" not in html
        assert "\x1b" not in html and "\u202e" not in html


@pytest.mark.skipif(sys.platform == "win32", reason="some of the cases need another system")
def test_the_formgrader_shows_the_whole_class_whatever_the_times_of_some(released, tmp_path):
    root = shutil.copytree(released[0], tmp_path / "course-folder")
    places = find_places(root)
    odd = [case for case in CASES if case.name.startswith("time-")]
    for case in odd:
        lay_out(replace(case, student=case.name), places.step("submitted"), SOURCE)
    autograde(places, ASSIGNMENT)
    config = nbgrader_config(places)
    for zone in ("UTC", "Pacific/Kiritimati", "America/New_York"):
        config.NbGraderAPI.timezone = zone
        api = safe_api()(course_directory(config), config=config)
        shown = {one["student"]: one["timestamp"] for one in api.get_submissions(ASSIGNMENT)}
        assert set(shown) == {*NEIGHBOURS, *(case.name for case in odd)}
        assert shown["anna"] == shown["time-with-a-zone"] == "2026-03-02T09:30:00"
        assert shown["time-of-a-path"] is None


def check_result(case, result):
    assert result.state == case.state
    assert result.score == case.score
    assert dict(result.outcomes) == dict(case.outcomes)
    assert set(result.reasons) == set(case.reasons)
    for id_, phrases in case.reasons.items():
        assert told(phrases, result.reasons[id_]), result.reasons[id_]
    assert all(text.isprintable() for text in [*result.reasons.values(), *result.remarks])
    if case.remark:
        assert any(case.remark in remark for remark in result.remarks), result.remarks
    json.dumps(result.__dict__, default=list).encode("utf-8")


def check_rows(case, result, one):
    """The gradebook holds what the run said: the scores, and each reason as the comment of its cell."""
    found = rows(one)
    assert sum(score or 0.0 for score, _, _ in found.values()) == case.score
    assert one.flagged == bool(case.reasons)
    for id_ in (*ITEMS, STORY, PLAN):
        outcome = case.outcomes.get(id_, "unreadable")
        score, waiting, comment = found[CELLS.get(id_, id_)]
        if outcome == "unreadable":
            reason = result.reasons.get(id_, result.reasons.get(NOTEBOOK))
            assert (score, waiting, comment) == (0.0, True, f"Not readable: {reason}")
        elif id_ != STORY:
            assert (waiting, comment) == (False, None)
            assert score > 0 if outcome in ("right", "complete") else score == 0.0
        elif outcome == "answered":
            assert (score, waiting, comment) == (None, True, None)
