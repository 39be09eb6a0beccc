"""What students and platforms deliver: folders in an exchange, and folders and ZIP files by hand."""

import json
import sys
import zipfile
from dataclasses import replace
from datetime import UTC

import pytest
from classroom import CHECK

from grading.gradebook import opened
from grading.handedin import parse_time
from grading.untrusted import list_folder

NOTEBOOK = f"{CHECK}.ipynb"
exchange = pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange does not run on Windows")
EARLY, LATE = "2026-03-01 08:00:00.000000 UTC", "2026-03-02 08:00:00.000000 UTC"


def send(inbound, student, notebook, time=EARLY, secret="s" * 64, assignment=CHECK, end="abc123"):
    """Do what `nbgrader submit` does."""
    folder = inbound / f"{student}+{assignment}+{time}+{end}"
    folder.mkdir()
    data = json.dumps(notebook) if isinstance(notebook, dict) else notebook
    if data is not None:
        (folder / NOTEBOOK).write_text(data, encoding="utf-8")
    (folder / "timestamp.txt").write_text(time, encoding="utf-8")
    if secret:
        (folder / "submission_secret.txt").write_text(secret, encoding="utf-8")
    return folder


def punctual(root, parts=(), most=2000):
    """List a folder as if each submission had arrived at the time in its name."""
    entries = []
    for entry in list_folder(root, parts, most):
        said = parse_time(entry.name.split("+")[2]) if entry.name.count("+") > 1 else None
        arrived = said.replace(tzinfo=UTC).timestamp() if said and said.year < 2099 else entry.arrived
        entries.append(replace(entry, arrived=arrived))
    return entries


def states(results):
    return {(one.student or one.found): one.state for one in results}


def submitted(classroom, student):
    return (classroom.folder("submitted", student) / NOTEBOOK).read_text(encoding="utf-8")


def put(root, name, data):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data) if isinstance(data, dict) else data
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (2026, 3, 1, 9, 0, 0))
            archive.writestr(info, json.dumps(data) if isinstance(data, dict) else data)
    return path


def enrol(classroom, *people):
    with opened(classroom.places) as book:
        for id_, first, last, lms in people:
            book.add_student(id_, first_name=first, last_name=last, lms_user_id=lms)
