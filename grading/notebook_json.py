"""A file's bytes to a notebook: strict JSON, UTF-8, format 4, within limits, or a reason in words."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

FILE_LIMIT = 10 * 1024 * 1024
"""Most bytes of a submitted notebook; ours are below 0.1 MB."""
MOST_CELLS = 5000
MOST_PARTS = 200_000
"""Most lists and tables in a file: they cost far more memory and time than their letters. Ours have 800."""
MOST_TEXTS = 500_000
"""Most texts in a file, for the same reason: short ones cost ten times their letters. Ours have 4000."""

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
_OTHER_KINDS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or a document of a word processor"),
    (b"\x1f\x8b", "a packed file"),
    (b"version https://git-lfs", "a pointer to a file that was not uploaded"),
    (b"<", "a web page or another document"),
)
"""How files begin that are handed in under a notebook's name."""


class UnreadableError(Exception):
    """A file that is no notebook we can read, with the reason in words."""


class _NotStrictError(ValueError):
    """JSON that some programs read and others do not."""


def parse_notebook(data: bytes) -> dict[str, Any]:
    """Return the notebook in a file's bytes, as strict JSON of notebook format 4.

    Raises
    ------
    UnreadableError : for every other file, with a reason that says what the student can do about it.
    """
    if not data.strip():
        raise UnreadableError("the file is empty")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("the file is in UTF-16, not UTF-8: another program than Jupyter saved it")
    if data.startswith(b"\xef\xbb\xbf"):
        raise UnreadableError("the file starts with a byte-order mark: another program than Jupyter saved it")
    head = data[:256].lstrip()
    for beginning, kind in _OTHER_KINDS:
        if head.startswith(beginning):
            raise UnreadableError(f"the file is {kind}, not JSON as a notebook is")
    if data.count(b"[") + data.count(b"{") > MOST_PARTS:
        raise UnreadableError(f"the file has over {MOST_PARTS} lists and tables, too many for a notebook")
    if data.count(b'"') - data.count(b'\\"') > 2 * MOST_TEXTS:
        raise UnreadableError(f"the file has over {MOST_TEXTS} texts, too many for a notebook")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"the file is not UTF-8 text (byte {error.start})") from None
    try:
        notebook = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg:
            raise UnreadableError("the file stops in the middle: saving or uploading was cut off") from None
        raise UnreadableError(f"the file is not JSON (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise UnreadableError("the file is nested too deeply for a notebook") from None
    except _NotStrictError as error:
        raise UnreadableError(f"the file is not JSON ({error})") from None
    except ValueError:
        # The one thing left: Python refuses to make a number of thousands of digits.
        raise UnreadableError("the file holds a number with too many digits") from None
    if not isinstance(notebook, dict) or type(notebook.get("nbformat")) is not int:  # True is no format
        raise UnreadableError("the file is JSON, but not a notebook")
    if notebook["nbformat"] != 4:
        # Format 3 keeps cells elsewhere and has no metadata of ours: it cannot come from a release.
        found = str(notebook["nbformat"])[:10]
        raise UnreadableError(
            f"the notebook has format {found}, not 4: open it in JupyterLab and save it again"
        )
    if not isinstance(notebook.get("cells"), list):
        raise UnreadableError("the notebook has no list of cells")
    if len(notebook["cells"]) > MOST_CELLS:
        raise UnreadableError(f"the notebook has more than {MOST_CELLS} cells")
    return notebook


def cells(notebook: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the cells that are tables at all."""
    listed = notebook.get("cells")
    for cell in listed if isinstance(listed, list) else ():
        if isinstance(cell, dict):
            yield cell


def has_text(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell's source is a text or a list of texts, as the format wants it."""
    return _joined(cell) is not None


def source_of(cell: Mapping[str, Any]) -> str:
    """Return a cell's source as one text with line feeds; empty where it is no text (see `has_text`)."""
    text = _joined(cell) or ""
    if not text.isascii() and _HALF_A_PAIR.search(text):
        # JSON may hold halves of surrogate pairs, which no file can be written with.
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _joined(cell: Mapping[str, Any]) -> str | None:
    """Return a cell's source as one text as it stands; None where it is no text."""
    source = cell.get("source")
    if not isinstance(source, list):
        return source if isinstance(source, str) else None
    try:
        return "".join(source)
    except TypeError:  # one of them is no text
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, refusing a key given twice: programs disagree on which one counts."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise _NotStrictError("a key is given twice")
    return table


def _no_constant(name: str) -> None:
    raise _NotStrictError(f"{name} is not JSON")
