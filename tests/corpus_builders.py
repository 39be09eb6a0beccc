"""Submissions that git cannot hold, or only as large files: each is made when its case runs."""

import json
import os
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NAME = "check-gate.ipynb"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """Where a case goes, and what a student might point at."""

    folder: Path
    neighbour: Path
    key: Path
    honest: bytes

    def make(self) -> Path:
        """Return the path of the notebook in a folder made for it."""
        self.folder.mkdir(parents=True)
        return self.folder / NAME

    def hand_in(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Put the honest notebook in place after a change."""
        notebook = json.loads(self.honest)
        change(notebook)
        self.make().write_text(json.dumps(notebook), encoding="utf-8")


def _cell(notebook: dict[str, Any], id_: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["id"] == id_)


def _with_metadata(honest: bytes, text: bytes) -> bytes:
    """Return the honest notebook with JSON text in its metadata."""
    return honest.replace(b'"nbformat_minor": 5', b'"nbformat_minor": 5, "x": ' + text)


def a_million_brackets(place: Place) -> None:
    place.make().write_bytes(b"[" * 1_000_000)


def a_hundred_thousand_tables(place: Place) -> None:
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    place.make().write_bytes(_with_metadata(place.honest, deep))


def a_number_of_5000_digits(place: Place) -> None:
    place.make().write_bytes(place.honest.replace(b'"nbformat": 4', b'"nbformat": ' + b"4" * 5000))


def ten_megabytes_and_a_byte(place: Place) -> None:
    place.make().write_bytes(place.honest + b" " * (10 * MEGABYTE + 1 - len(place.honest)))


def two_hundred_megabytes(place: Place) -> None:
    with place.make().open("wb") as file:
        file.truncate(200 * MEGABYTE)


def nine_megabytes_of_output(place: Place) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "I will ask. " * 750_000}
    place.hand_in(lambda nb: _cell(nb, "ask-gate-word").update(outputs=[output]))


def millions_of_empty_lists(place: Place) -> None:
    place.make().write_bytes(_with_metadata(place.honest, b"[" + b"[]," * 3_000_000 + b"1]"))


def a_hundred_thousand_keys(place: Place) -> None:
    keys = json.dumps({f"key {number}": {} for number in range(100_000)}).encode()
    place.make().write_bytes(_with_metadata(place.honest, keys))


def a_million_short_texts(place: Place) -> None:
    place.make().write_bytes(_with_metadata(place.honest, b"[" + b'"ab",' * 1_000_000 + b"1]"))


def a_million_words_of_three_letters(place: Place) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [x + y + z for x in letters for y in letters for z in letters] * 60
    cells = [{"cell_type": "code", "source": "é " + " ".join(words[at::1030])} for at in range(1030)]
    place.hand_in(lambda nb: nb["cells"].extend(cells))


def a_hundred_thousand_cells(place: Place) -> None:
    ask = '{"cell_type":"code","source":"ask(\\"gate-word\\",answer=\\"c\\")"}'
    text = '{"nbformat":4,"cells":[' + ",".join([ask] * 100_000) + "]}"
    place.make().write_text(text, encoding="utf-8")


def a_flood_of_calls(place: Place) -> None:
    call = 'ask("gate-word", answer="c")\n#'
    flood = {"cell_type": "code", "source": call + "a\n" * 1000}
    place.hand_in(lambda nb: nb["cells"].extend([flood] * 2500))


def a_hundred_thousand_calls(place: Place) -> None:
    calls = 'ask("gate-word", answer="c")\n' * 100_000
    place.hand_in(lambda nb: _cell(nb, "ask-gate-word").update(source=calls))


def a_megabyte_of_code(place: Place) -> None:
    code = 'ask("gate-word", answer=' + "-" * 500_000 + "[" * 100_000 + "a." * 125_000
    place.hand_in(lambda nb: _cell(nb, "ask-gate-word").update(source=code))


def a_reflection_of_nine_megabytes(place: Place) -> None:
    place.hand_in(lambda nb: _cell(nb, "answer-gate-story").update(source="I waited. " * 900_000))


def a_plan_of_nine_megabytes(place: Place) -> None:
    place.hand_in(lambda nb: _cell(nb, "answer-gate-plan").update(source="a " * 4_500_000))


def a_reflection_with_a_smile(place: Place) -> None:
    text = "\N{SLIGHTLY SMILING FACE} I waited. " + "a " * 4_500_000
    place.hand_in(lambda nb: _cell(nb, "answer-gate-story").update(source=text))


def a_reflection_of_backticks(place: Place) -> None:
    place.hand_in(lambda nb: _cell(nb, "answer-gate-story").update(source="`" * 1_000_000))


def link_to_a_neighbour(place: Place) -> None:
    place.make().symlink_to(place.neighbour)


def link_to_the_key(place: Place) -> None:
    place.make().symlink_to(place.key)


def dangling_link(place: Place) -> None:
    place.make().symlink_to("nowhere.ipynb")


def link_to_itself(place: Place) -> None:
    place.make().symlink_to(NAME)


def link_to_an_endless_device(place: Place) -> None:
    place.make().symlink_to("/dev/zero")


def pipe(place: Place) -> None:
    os.mkfifo(place.make())


def socket_file(place: Place) -> None:
    here = Path.cwd()
    os.chdir(place.make().parent)  # a socket's path may only be short
    try:
        with closing(socket.socket(socket.AF_UNIX)) as one:
            one.bind(NAME)
    finally:
        os.chdir(here)


def folder_in_place_of_the_notebook(place: Place) -> None:
    place.make().mkdir()
    (place.folder / NAME / NAME).write_bytes(place.honest)


def not_permitted(place: Place) -> None:
    path = place.make()
    path.write_bytes(place.honest)
    _forbid(path)


def folder_not_permitted(place: Place) -> None:
    place.make().write_bytes(place.honest)
    _forbid(place.folder)


def _forbid(path: Path) -> None:
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("to the system's administrator every file is open")


def folder_is_a_link(place: Place) -> None:
    place.folder.parent.mkdir()
    place.folder.symlink_to(place.neighbour.parent)


def student_is_a_link(place: Place) -> None:
    place.folder.parent.symlink_to(place.neighbour.parent.parent)


def folder_is_a_file(place: Place) -> None:
    place.folder.parent.mkdir()
    place.folder.write_bytes(place.honest)


def folder_is_a_pipe(place: Place) -> None:
    place.folder.parent.mkdir()
    os.mkfifo(place.folder)


def nested_folder(place: Place) -> None:
    path = place.make()
    (path.parent / "check-gate").mkdir()
    (path.parent / "check-gate" / NAME).write_bytes(place.honest)


def empty_folder(place: Place) -> None:
    place.make()


def only_a_time(place: Place) -> None:
    place.make().with_name("timestamp.txt").write_text("2026-03-02 09:30:00 UTC", encoding="utf-8")


def too_many_files(place: Place) -> None:
    path = place.make()
    path.write_bytes(place.honest)
    for number in range(3000):
        path.with_name(f"{number}.txt").touch()


def ten_large_notebooks(place: Place) -> None:
    path = place.make()
    data = b'{"nbformat": 4, "cells": [], "x": [' + b"[]," * 3_000_000 + b"1]}"
    for number in range(10):
        path.with_name(f"{number}.ipynb").write_bytes(data)


def twelve_notebooks(place: Place) -> None:
    path = place.make()
    for number in range(12):
        path.with_name(f"{number}.ipynb").write_bytes(place.honest)


def links_under_other_names(place: Place) -> None:
    path = place.make()
    for number in range(3):
        path.with_name(f"{number}.ipynb").symlink_to(place.key)


def hard_link_to_a_neighbour(place: Place) -> None:
    place.make().hardlink_to(place.neighbour)


def answers_in_a_copy(place: Place) -> None:
    def untouch(notebook: dict[str, Any]) -> None:
        for cell in notebook["cells"]:
            if cell["id"].startswith("ask-"):
                item = cell["id"].removeprefix("ask-")
                cell["source"] = f'from course import ask\nask("{item}", answer=None)'
            elif cell["id"].startswith("answer-"):
                cell["source"] = "Write your answer here."

    place.hand_in(untouch)
    (place.folder / "check-gate-Copy1.ipynb").write_bytes(place.honest)


def two_notebooks_under_other_names(place: Place) -> None:
    path = place.make()
    for name in ("first.ipynb", "last.ipynb"):
        path.with_name(name).write_bytes(place.honest)


def right_name_beside_another(place: Place) -> None:
    path = place.make()
    path.write_bytes(place.honest)
    path.with_name("check-gate (1).ipynb").write_bytes(place.honest.replace(b'\\"c\\"', b'\\"a\\"'))


def broken_beside_a_good_one(place: Place) -> None:
    path = place.make()
    path.write_bytes(b"")
    path.with_name("check-gate (1).ipynb").write_bytes(place.honest)


def time_is_a_link(place: Place) -> None:
    path = place.make()
    path.write_bytes(place.honest)
    path.with_name("timestamp.txt").symlink_to(place.key)


def time_is_a_pipe(place: Place) -> None:
    path = place.make()
    path.write_bytes(place.honest)
    os.mkfifo(path.with_name("timestamp.txt"))


def secret_is_a_link(place: Place) -> None:
    path = place.make()
    path.write_bytes(place.honest)
    path.with_name("timestamp.txt").write_text("2026-03-02 09:30:00 UTC", encoding="utf-8")
    path.with_name("submission_secret.txt").symlink_to(place.key)


def a_student_whose_name_is_no_text(place: Place) -> str:
    student = os.fsdecode(b"mal\xfflory")
    folder = place.folder.parent.with_name(student) / place.folder.name
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(place.honest)
    return student
