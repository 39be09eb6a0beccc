"""Append-only files of JSON lines: a line is on the disk before anybody is told so, and none is ever changed.

A crash can tear no more than the last line, and what is no JSON object is passed over.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from grading.gradebook import GradebookError
from grading.places import private_folder

WAIT_SECONDS = 10.0
"""How long a line waits for another one to be written."""


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file, whatever else is in it."""
    try:
        data = path.read_bytes()
    except OSError:
        return
    for line in data.split(b"\n"):
        try:
            made = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(made, dict):
            yield made


def read_lines(path: Path, kind: str) -> list[dict[str, Any]]:
    """Return the objects of one kind in a file, oldest first; none where there is no file."""
    return [line for line in lines(path) if line.get("kind") == kind]


def add_line(path: Path, line: Mapping[str, Any]) -> None:
    """Put one object at the end of a file; when this returns it is on the disk.

    Raises
    ------
    GradebookError : the file cannot be written.
    """
    data = json.dumps(line, ensure_ascii=True) + "\n"
    with alone(path.parent):
        try:
            # What a crash tore off must not swallow the line after it.
            append(path, data if _is_whole(path) else "\n" + data)
        except OSError as error:
            raise GradebookError(
                f"{path}: cannot be written ({error.strerror or error}) - make room on the disk, or open the "
                "folder for your account; the page keeps what you entered and sends it again"
            ) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is made where it is not there.

    Raises
    ------
    GradebookError : another program holds it for longer than `WAIT_SECONDS`.
    """
    private_folder(folder.parent)
    private_folder(folder)
    try:
        with FileLock(folder / "record.lock", timeout=WAIT_SECONDS):
            yield
    except Timeout:
        raise GradebookError(f"{folder}: another program keeps it locked - end that program") from None


def append(path: Path, data: str) -> None:
    """Append to a file and wait until the disk has it; the caller holds the folder's lock."""
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _is_whole(path: Path) -> bool:
    """Return whether a file ends with a whole line."""
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
    except FileNotFoundError:
        return True
