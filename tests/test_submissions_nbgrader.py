"""nbgrader's own autograde command on hostile submissions, with our settings: no forgery earns anything."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from classroom import PLACES
from corpus import ASSIGNMENT, NOTEBOOK, SOURCE, all_cases, lay_out

from grading import records
from grading.places import find_places
from grading.tables import connected
from grading.workflow import release

SAME = (
    "honest",
    "copied-with-another-answer",
    "course-marks-removed",
    "extra-grade-cells",
    "marks-of-other-versions",
    "points-raised",
    "shadow-modules",
    "skip-execution-tag",
    "tests-replaced-by-a-number",
)
"""Cases that nbgrader grades like us; each costs a kernel, so these are few."""
STOPPED = ("truncated", "metadata-missing")
"""Cases that it cannot open: it says so, and goes on."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="one run of kernels on one system is enough")
def test_nbgraders_own_command_pays_no_forgery_and_stops_for_nobody(tmp_path):
    root = tmp_path / "course-folder"
    (root / "source" / ASSIGNMENT).mkdir(parents=True)
    shutil.copy(SOURCE, root / "source" / ASSIGNMENT / NOTEBOOK)
    shutil.copy(PLACES / "nbgrader_config.py", root)
    places = find_places(root)
    release(places, ASSIGNMENT, exchange=False)
    cases = {case.name: case for case in all_cases() if case.name in (*SAME, *STOPPED)}
    for case in cases.values():
        lay_out(replace(case, student=case.name), places.step("submitted"), SOURCE)
    programs = str(Path(sys.executable).parent)
    patient = "--ExecutePreprocessor.startup_timeout=300"
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, patient],
        cwd=root,
        env={**os.environ, "PATH": os.pathsep.join([programs, os.environ["PATH"]])},
        capture_output=True,
        text=True,
        check=False,
    )
    with connected(places) as connection:
        found = records.assignment(connection, ASSIGNMENT).submissions
    scores = {name: sum(cell.auto_score or 0.0 for cell in one.cells) for name, one in found.items()}
    assert {name: scores[name] for name in SAME} == {name: cases[name].score for name in SAME}, run.stderr
    for name in STOPPED:
        assert f"There was an error processing assignment '{ASSIGNMENT}' for student '{name}'" in run.stderr
        assert scores[name] == 0.0
    assert not list(root.rglob("EXECUTED"))
