"""What must never reach a student: looked for in the instructor's notebook and in every file to release."""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grading.notebook_json import cells, source_of
from grading.released import setup_data
from grading.submission import asked_ids, prompt_ids

_MARKS = re.compile(r"(BEGIN|END) (HIDDEN TESTS|SOLUTION|MARK SCHEME)")
_PACKED = {".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".xz", ".bz2", ".zst", ".pkl", ".pickle"}
"""Files whose inside cannot be looked at without unpacking them, or running them."""
MOST_BYTES = 10_000_000
"""Files beside a notebook are looked at up to this size."""
_KEYED = re.compile(r"\bscore\s*\([^)]*\bkey\s*=", re.DOTALL)


def stored_answers(notebook: Mapping[str, Any]) -> list[str]:
    """Return the ids of questions that hold an answer; a notebook to release must hold none."""
    found = _stored_texts(notebook)
    for cell in cells(notebook):
        if not asked_ids(cell):
            continue
        try:
            calls = [node for node in ast.walk(ast.parse(source_of(cell))) if isinstance(node, ast.Call)]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            found += sorted(asked_ids(cell))
            continue
        for call in calls:
            given = [*call.args[1:], *(word.value for word in call.keywords if word.arg == "answer")]
            if any(not (isinstance(one, ast.Constant) and one.value is None) for one in given):
                found += sorted(asked_ids(cell))
    return sorted(set(found))


def _stored_texts(notebook: Mapping[str, Any]) -> list[str]:
    """Return the ids of prompts that hold a text which nbgrader, not knowing their cell, does not clear."""
    prompts = setup_data(source_of(cell) for cell in cells(notebook)).get("prompts", ())
    stubs = {one.get("id"): one.get("stub") for one in prompts if isinstance(one, dict) and "rule" in one}
    return [
        id_
        for cell in cells(notebook)
        for id_ in prompt_ids(cell) & stubs.keys()
        if source_of(cell).strip() not in ("", stubs[id_])
    ]


def notebook_leaks(notebook: Mapping[str, Any], rationales: Iterable[str] = ()) -> list[str]:
    """Return every leak in a notebook that is about to be released, in words; empty where it is clean.

    `rationales` are texts of the bank that explain right and wrong options of this assignment.
    """
    found = [f"the question {id_} holds an answer" for id_ in stored_answers(notebook)]
    sources = [source_of(cell) for cell in cells(notebook)]
    everything = json.dumps(notebook, ensure_ascii=False)
    if _MARKS.search(everything):
        found.append("a hidden test, solution or mark scheme is still in it")
    if any(_KEYED.search(source) for source in sources):
        found.append("a score(...) call with its key is in it")
    for item in setup_data(sources).get("items", ()):
        told = sorted({"key", "rationales", "rationale"} & item.keys()) if isinstance(item, dict) else []
        if told:
            found.append(f"the set-up data of {item.get('id')} holds its {' and '.join(told)}")
    told = [text for text in rationales if len(text) > 20 and _quoted(text) in everything]
    if told:
        found.append(f"{len(told)} of the bank's rationales stand in it, such as {told[0][:50]!r}")
    if any(cell.get("outputs") for cell in cells(notebook)):
        found.append("saved outputs are in it")
    return found


def folder_leaks(folder: Path, rationales: Iterable[str] = ()) -> list[str]:
    """Return ``file: leak`` for every file below a folder that is about to be released.

    What cannot be looked at counts as a leak.
    """
    found = []
    texts = list(rationales)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        ending = path.suffix.lower()
        if path.is_symlink():
            found.append(f"{name}: is a link")
        elif not path.is_file():
            continue
        elif ending == ".ipynb":
            notebook = json.loads(path.read_text(encoding="utf-8"))
            found += [f"{name}: {leak}" for leak in notebook_leaks(notebook, texts)]
        elif ending in {".db", ".sqlite", ".toml"}:
            found.append(f"{name}: a bank or a gradebook does not go to students")
        elif ending in _PACKED:
            found.append(f"{name}: what is packed in it cannot be looked at (put its files there unpacked)")
        elif path.stat().st_size > MOST_BYTES:
            found.append(
                f"{name}: is too large to look at (more than {MOST_BYTES / 1e6:g} MB; make it smaller, or "
                "hand it out by other means)"
            )
        else:
            text = path.read_bytes().decode("utf-8", "replace")
            if _MARKS.search(text) or any(len(one) > 20 and one in text for one in texts):
                found.append(f"{name}: a hidden test, solution or rationale is in it")
    return found


def _quoted(text: str) -> str:
    """Return a text as it stands inside JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
