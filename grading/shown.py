"""What the grading page shows of a notebook: text, answers, marks, and outputs as text or plain pictures."""

import math
import re
from typing import Any

from grading.gradedcopy import inert
from grading.notebook_json import cells
from grading.untrusted import printable, visible

_PICTURES = {"image/png", "image/jpeg"}
_HINT = re.compile(r"\n*^\*No answer choices below\?[^\n]*\*[ \t]*$", re.MULTILINE)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


def shown_notebook(notebook: Any) -> dict[str, Any]:
    """Return what the grading page shows of a notebook: text, answers, marks, and outputs as text."""
    found: list[dict[str, Any]] = []
    for cell in cells(notebook) if isinstance(notebook, dict) else ():
        metadata = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
        ours = metadata.get("course") if isinstance(metadata.get("course"), dict) else {}
        if ours and ours.keys() & {"setup", "reflect", "item"}:
            continue  # what only the student's screen needs; the answer read stands below each question
        source = cell.get("source", "")
        text = visible("".join(source) if isinstance(source, list) else str(source))
        kept: dict[str, Any] = {"id": f"cell-{len(found)}", "metadata": {}}
        marks = _marks(metadata.get("nbgrader"))
        if marks:
            kept["metadata"]["nbgrader"] = marks
        else:
            text = without_hint(text)
        if cell.get("cell_type") == "code":
            kept |= {"cell_type": "code", "source": text, "execution_count": None}
            kept["outputs"] = [shown for output in _list(cell.get("outputs")) if (shown := _output(output))]
        else:
            kept |= {
                "cell_type": "markdown",
                "source": text if cell.get("cell_type") == "markdown" else inert(text),
            }
        found.append(kept)
    language = {"name": "python", "pygments_lexer": "ipython3"}
    return {"cells": found, "metadata": {"language_info": language}, "nbformat": 4, "nbformat_minor": 5}


def without_hint(source: str) -> str:
    """Return a cell's text without the line that helps a student whose choices do not show."""
    return _HINT.sub("", source)


def _marks(marks: Any) -> dict[str, Any]:
    """Return the nbgrader marks that the page's template writes into HTML, checked."""
    if not isinstance(marks, dict) or not re.fullmatch(
        r"[A-Za-z0-9_-]{1,128}", str(marks.get("grade_id", ""))
    ):
        return {}
    kept: dict[str, Any] = {name: marks.get(name) is True for name in ("grade", "solution", "locked", "task")}
    points = marks.get("points")
    kept |= {"grade_id": marks["grade_id"], "schema_version": 3}
    kept["points"] = points if is_number(points) else 0
    return kept


def _output(output: Any) -> dict[str, Any] | None:
    """Return an output as text or as a picture without a program in it, or None."""
    if not isinstance(output, dict):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        return {"output_type": "stream", "name": "stdout", "text": _text(output.get("text"))}
    if kind == "error":
        trace = [_text(line) for line in _list(output.get("traceback"))]
        name, value = printable(_text(output.get("ename"))), printable(_text(output.get("evalue")), 500)
        return {"output_type": "error", "ename": name, "evalue": value, "traceback": trace}
    data = output.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(data, dict):
        return None
    kept = {
        name: _text(data[name])
        for name in (*_PICTURES, "text/plain")
        if name in data and (name == "text/plain" or _BASE64.fullmatch(_text(data[name])))
    }
    return {"output_type": "display_data", "data": kept, "metadata": {}} if kept else None


def _text(value: Any) -> str:
    """Return a JSON text, which may be a list of lines."""
    return visible("".join(str(line) for line in value) if isinstance(value, list) else str(value or ""))


def _list(value: Any) -> list[Any]:
    """Return a list, empty where there is none."""
    return value if isinstance(value, list) else []


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # JSON knows whole numbers that no float can hold
        return False
