"""What grading costs, as ratios to nbgrader on the same files in one run; every side is a whole process.

Run it with `make bench`, with nothing else running; `--full` lets nbgrader grade all submissions that we
grade, which takes some ten minutes; without it nbgrader grades a few, and the rest is reckoned from its time
for each one more. Everything happens in a folder of its own.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dask_cluster import DaskCluster, wait_for_workers

from grading.autograde import released_record
from grading.copies import base_notebook, students_with_work
from grading.crew import read_here
from grading.gradedcopy import template, with_answer
from grading.places import find_places
from grading.released import setup_data
from grading.student_work import Job
from grading.submission import asked_ids
from grading.tables import connected

REPOSITORY = Path(__file__).resolve().parent.parent
ASSIGNMENT = "final"
CLASS = 200
FEW, SOME = 2, 8
"""How many submissions nbgrader grades, twice, to tell its start from its time for each one more."""
MEMORY = (500, 5000)
GRADING = [sys.executable, "-m", "grading"]
NBGRADER = [sys.executable, "-m", "nbgrader"]
WATCH = """
import json, os, subprocess, sys, time
begun = time.perf_counter()
process = subprocess.Popen(sys.argv[2:])
_, status, used = os.wait4(process.pid, 0)
wall = time.perf_counter() - begun
figures = [wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)]
with open(sys.argv[1], "w") as file:
    json.dump(figures, file)
"""
"""Runs a command from a small process: a child's peak of memory begins with that of what started it."""


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of processor with children, and the peak memory of one process in MB."""

    wall: float
    processor: float
    memory: float


def cost(command: Sequence[str], folder: Path) -> Cost:
    """Run a command to its end; it must succeed or find something to look at."""
    scripts = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
    }
    with tempfile.TemporaryDirectory() as told, tempfile.TemporaryFile() as output:
        figures = Path(told, "figures.json")
        watched = [sys.executable, "-c", WATCH, str(figures), *command]
        subprocess.run(watched, cwd=folder, env=environment, stdout=output, stderr=output, check=True)
        wall, processor, memory, left = json.loads(figures.read_text(encoding="utf-8"))
        if left > 1:
            output.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {output.read().decode('utf-8', 'replace')[-2000:]}")
    return Cost(wall, processor, memory)


def make_folder(root: Path) -> Path:
    """Make a course folder with the assignment released, its exchange left out."""
    root.mkdir(parents=True)
    for name in ("course", "source"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    cost([*GRADING, "release", ASSIGNMENT, "--no-exchange"], root)
    return root


def hand_in(root: Path, students: range) -> None:
    """Put submissions in place whose answers come from the student's number alone."""
    released = json.loads((root / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in released["cells"] if cell["cell_type"] == "code"]
    items = {item["id"]: item for item in setup_data(sources)["items"]}
    for number in students:
        chance = random.Random(number)
        folder = root / "grading" / "work" / "submitted" / f"s{number:05d}" / ASSIGNMENT
        folder.mkdir(parents=True)
        notebook = {**released, "cells": [answered(cell, items, chance) for cell in released["cells"]]}
        text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (folder / f"{ASSIGNMENT}.ipynb").write_text(text, encoding="utf-8", newline="\n")
        (folder / "timestamp.txt").write_text("2026-03-02 10:00:00.000000 UTC", encoding="utf-8")


def answered(cell: dict, items: dict, chance: random.Random) -> dict:
    """Return a cell as a student leaves it: one question in 30 blank, the others answered by chance."""
    if "prompt" in cell["metadata"].get("course", {}):
        return {
            **cell,
            "source": ["At the gate I said stop, and the visitor went pale. A nod would do. "] * 6,
        }
    asked = asked_ids(cell)
    if not asked or chance.random() < 1 / 30:
        return cell
    item = items[asked.pop()]
    options = [option for option, _ in item["options"]]
    answer = chance.choice(options) if item["kind"] == "single" else sorted(chance.sample(options, 2))
    source = with_answer("".join(cell["source"]), answer).splitlines(keepends=True)
    shown = {"data": {"text/plain": ["Question()"]}, "metadata": {}, "output_type": "display_data"}
    return {**cell, "source": source, "outputs": [shown]}


def vanilla(root: Path, made: Path, count: int) -> Path:
    """Make a folder for nbgrader alone, its preprocessors left at their defaults, with the first students."""
    made.mkdir()
    shutil.copytree(root / "source" / ASSIGNMENT, made / "source" / ASSIGNMENT)
    for number in range(count):
        student = f"s{number:05d}"
        shutil.copytree(root / "grading" / "work" / "submitted" / student, made / "submitted" / student)
    (made / "nbgrader_config.py").write_text(
        "get_config().CourseDirectory.course_id = 'vanilla'\n", encoding="utf-8"
    )
    cost([*NBGRADER, "generate_assignment", ASSIGNMENT], made)
    return made


def floor(root: Path, students: int) -> float:
    """Return the seconds of processor for the least that grading one submission can be.

    Its JSON is read, a copy is written, and as many rows as nbgrader keeps are added in one transaction.
    """
    database = sqlite3.connect(root / "floor.db", isolation_level=None)
    database.execute("CREATE TABLE row (id TEXT PRIMARY KEY, cell TEXT, score REAL, UNIQUE (cell, id))")
    begun = time.process_time()
    for number in range(students):
        folder = root / "grading" / "work" / "submitted" / f"s{number:05d}" / ASSIGNMENT
        notebook = json.loads((folder / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
        (root / "floor.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        rows = [(uuid.uuid4().hex, f"cell-{cell}", 1.0) for cell in range(36)]
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO row VALUES (?, ?, ?)", rows)
        database.execute("COMMIT")
    return (time.process_time() - begun) / students


def reckoned(few: Cost, some: Cost, count: int) -> float:
    """Return the seconds for `count` submissions, from the times of two smaller numbers of them."""
    return few.wall + (some.wall - few.wall) / (SOME - FEW) * (count - FEW)


def grade_again(root: Path, *options: str) -> Cost:
    """Grade as if for the first time: the gradebook as after the release, and no graded copies."""
    work = root / "grading" / "work"
    shutil.rmtree(work / "autograded", ignore_errors=True)
    shutil.copy(root / "released.db", work / "gradebook.db")
    return cost([*GRADING, "autograde", ASSIGNMENT, *options], root)


def main() -> None:
    """Print what grading costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="let nbgrader grade every submission, too")
    full = parser.parse_args().full
    with tempfile.TemporaryDirectory() as folder:
        root = make_folder(Path(folder) / "course-folder")
        shutil.copy(root / "grading" / "work" / "gradebook.db", root / "released.db")
        hand_in(root, range(CLASS))
        speed(root, Path(folder), full=full)
        growth(root)


def speed(root: Path, folder: Path, *, full: bool) -> None:
    """Print how much faster grading and feedback are than nbgrader's."""
    helped = min(cost([*GRADING, "--help"], root).wall for _ in range(5))
    print(f"grading --help: {helped:.2f} s", flush=True)
    ours = min((grade_again(root) for _ in range(3)), key=lambda one: one.wall)
    pages = min((cost([*GRADING, "feedback", ASSIGNMENT], root) for _ in range(3)), key=lambda one: one.wall)
    reports = cost([*GRADING, "report", ASSIGNMENT], root)
    print(f"report, {CLASS} students' pages and PDFs and the class report: {reports.wall:.1f} s", flush=True)
    sizes = [CLASS] if full else [FEW, SOME]
    folders = [vanilla(root, folder / f"vanilla-{size}", size) for size in sizes]
    graded = [cost([*NBGRADER, "autograde", ASSIGNMENT], one) for one in folders]
    written = [cost([*NBGRADER, "generate_feedback", ASSIGNMENT], one) for one in folders]
    how = "measured" if full else f"reckoned from {FEW} and {SOME}"
    for what, we, they in (("autograde", ours, graded), ("feedback", pages, written)):
        seconds = they[0].wall if full else reckoned(*they, CLASS)
        print(
            f"{what}, {CLASS} submissions of the {ASSIGNMENT}: {we.wall:.2f} s, nbgrader {seconds:.0f} s "
            f"({how}): {seconds / we.wall:.0f} times faster",
            flush=True,
        )


def clustered(root: Path) -> Cost:
    """Grade with a Dask cluster of two workers, each a process; its start is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        made = DaskCluster(Path(folder), environment={"PYTHONPATH": str(REPOSITORY)})
        try:
            wait_for_workers(made.address, 2)
            return grade_again(root, "--scheduler", made.address)
        finally:
            made.stop()


def print_bound(root: Path, whole: Cost) -> None:
    """Print what part of a run can be shared out: the reading; the writing is one process's."""
    places = find_places(root)
    with connected(places) as connection:
        record = released_record(connection, ASSIGNMENT, with_submissions=False)
    templates = {
        name: template(base_notebook(places, ASSIGNMENT, name), released)
        for name, released in record.notebooks.items()
    }
    job = Job(places.step("submitted"), ASSIGNMENT, record.notebooks, templates)
    students = students_with_work(places, ASSIGNMENT)
    reading = time.process_time()
    for _ in read_here(job, students):
        pass
    read = time.process_time() - reading
    share = read / whole.processor
    print(
        f"what bounds it: reading, which workers share, is {share:.0%} of the processor time of a run; start "
        f"and one writer are the rest: two workers can be {1 / (1 - share / 2):.2f} times as fast at most"
    )


def growth(root: Path) -> None:
    """Print the cost of each further submission, what the least would be, and how time and memory grow."""
    hand_in(root, range(CLASS, MEMORY[0]))
    small = grade_again(root)
    report = cost([*GRADING, "report", ASSIGNMENT, "--class-only"], root)
    print(f"class report of {MEMORY[0]} students: {report.wall:.1f} s", flush=True)
    least = floor(root, CLASS)
    hand_in(root, range(MEMORY[0], MEMORY[1]))
    large = grade_again(root)
    marginal = (large.processor - small.processor) / (MEMORY[1] - MEMORY[0])
    print(
        f"each further submission: {marginal * 1000:.1f} ms of processor, {marginal / least:.1f} times the "
        f"least ({least * 1000:.1f} ms: read it, write a copy, its rows in one transaction)"
    )
    print(
        f"{MEMORY[1]} submissions against {MEMORY[0]}: {large.wall / small.wall:.1f} times the time, "
        f"{large.memory / small.memory:.2f} times the memory ({large.memory:.0f} MB)"
    )
    for crew, again in (
        ("--workers 2", grade_again(root, "--workers", "2")),
        ("2 Dask workers", clustered(root)),
    ):
        print(f"{crew}, {MEMORY[1]} submissions: {large.wall / again.wall:.2f} times as fast as one process")
    print_bound(root, large)


if __name__ == "__main__":
    main()
