"""Who reads the work: the scores are the same whoever does, and a reader that dies loses nothing."""

import multiprocessing
import os
import signal
import sys

import pytest
from classroom import CHECK, HONEST, SINGLE, TEXT, answered
from dask_cluster import DaskCluster, wait_for_workers
from test_autograde import add_code_task, with_code

from grading.crew import cluster, processes
from grading.results import GradingError

STUDENTS = 40


@pytest.fixture
def full(classroom):
    """A class in which every fourth student is wrong, one file is cut off and one folder holds nothing."""
    right = answered(classroom.released, HONEST, TEXT)
    wrong = answered(classroom.released, {**HONEST, SINGLE: "a"}, TEXT)
    for number in range(STUDENTS):
        classroom.hand_in(f"s{number:02d}", wrong if number % 4 == 0 else right)
    classroom.hand_in("s05", b'{"cells": [')
    (classroom.folder("submitted", "s06") / f"{CHECK}.ipynb").unlink()
    return classroom


def expected(number):
    return 0.0 if number in (5, 6) else 3.0 if number % 4 == 0 else 5.0


def scores(run):
    return {one.student: one.score for one in run.students}


EXPECTED = {f"s{number:02d}": expected(number) for number in range(STUDENTS)}


def graded_files(classroom):
    folder = classroom.places.step("autograded")
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.ipynb")}


def test_two_processes_give_the_same_rows_and_files_as_one(full):
    assert scores(full.grade()) == EXPECTED
    rows = {student: full.rows(student) for student in EXPECTED}
    files = graded_files(full)
    run = full.grade(crew=processes(2))
    assert scores(run) == EXPECTED and not any(one.changed for one in run.students)
    assert {student: full.rows(student) for student in EXPECTED} == rows
    assert graded_files(full) == files and len(files) == STUDENTS


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is not on Windows")
def test_a_process_that_is_killed_loses_no_student(full):
    killed = []

    def kill_one(student, done, total):
        if done == 3 and not killed:
            victim = multiprocessing.active_children()[0].pid
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    assert scores(full.grade(crew=processes(2), progress=kill_one)) == EXPECTED
    assert len(killed) == 1


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_several_processes_run_code_side_by_side(classroom):
    add_code_task(classroom)
    for student, code in (
        ("ana", "def double(x):\n    return x + x"),
        ("ben", "def double(x):\n    return 7"),
    ):
        classroom.hand_in(student, with_code(answered(classroom.released, HONEST, TEXT), code))
    run = classroom.grade(execute=True, crew=processes(2))
    assert scores(run) == {"ana": 9.0, "ben": 5.0}
    assert not list(classroom.places.work.glob("draft*"))


@pytest.fixture
def dask(tmp_path):
    pytest.importorskip("distributed")
    made = DaskCluster(tmp_path)
    yield made
    made.stop()


@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is not on Windows")
def test_a_cluster_gives_the_same_scores_and_may_lose_a_worker_or_its_scheduler(full, dask, monkeypatch):
    monkeypatch.setattr("grading.crew.CHUNK", 1)  # so that most of the work is still ahead
    wait_for_workers(dask.address, 2)
    assert scores(full.grade(crew=cluster(dask.address))) == EXPECTED

    def kill(process):
        def once(student, done, total):
            if done == 2 and process.poll() is None:
                process.kill()
                process.wait()

        return once

    assert scores(full.grade(crew=cluster(dask.address), progress=kill(dask.workers[0]))) == EXPECTED
    assert scores(full.grade(crew=cluster(dask.address), progress=kill(dask.scheduler))) == EXPECTED


@pytest.mark.timeout(120)
def test_a_cluster_that_is_not_there_or_has_no_worker_is_refused_and_nothing_is_graded(full, tmp_path):
    pytest.importorskip("distributed")
    with pytest.raises(GradingError, match="no Dask scheduler answers there"):
        full.grade(crew=cluster("tcp://127.0.0.1:9", timeout=2))
    alone = DaskCluster(tmp_path, workers=0)
    try:
        with pytest.raises(GradingError, match="the scheduler has no worker - start one with: dask worker"):
            full.grade(crew=cluster(alone.address))
    finally:
        alone.stop()
    assert not full.places.step("autograded").exists()
