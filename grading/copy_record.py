"""What a graded copy keeps of what was read, in its metadata; each part is checked when it is read back."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from grading.submission import ItemReading, Readings, TextReading

TEXT_LIMIT = 20_000
"""Most characters of a reflection in the copy; the browser that shows it is the grader's."""
RECORD = "grading"
"""Where the copy's metadata keeps what was read."""


@dataclass(frozen=True)
class Marks:
    """What a graded copy was made from: digests of the key and of the submission."""

    key: str
    handed_in: str


def marked(copy: dict[str, Any], marks: Marks) -> dict[str, Any]:
    """Return the copy with its marks in its record."""
    metadata = copy["metadata"]
    return {**copy, "metadata": {**metadata, RECORD: {**metadata[RECORD], **asdict(marks)}}}


def record(readings: Readings, reason: str = "") -> dict[str, Any]:
    """Return readings as JSON for the copy's metadata."""
    return {
        "file_reason": reason,
        "items": {
            id_: {"state": one.state, "answer": one.answer, "reason": one.reason}
            for id_, one in readings.items.items()
        },
        "texts": {
            id_: {
                "state": one.state,
                "text": one.text[:TEXT_LIMIT],
                "sha256": text_digest(one.text),
                "reason": one.reason,
            }
            for id_, one in readings.texts.items()
        },
    }


def recorded(notebook: Any) -> tuple[Readings, str] | None:
    """Return the readings and the whole file's reason kept in a copy.

    None where it is not a copy of ours, or where any part of the record is not as `record` writes it.
    """
    kept = _inner(_inner(notebook, "metadata"), RECORD)
    items, texts, reason = _inner(kept, "items"), _inner(kept, "texts"), _inner(kept, "file_reason")
    if not (isinstance(items, dict) and isinstance(texts, dict) and isinstance(reason, str)):
        return None
    if not all(_is_reading(one) and _is_answer(one.get("answer")) for one in items.values()):
        return None
    if not all(_is_reading(one) and isinstance(one.get("text"), str) for one in texts.values()):
        return None
    return Readings(
        {id_: ItemReading(id_, one["state"], one["answer"], one["reason"]) for id_, one in items.items()},
        {id_: TextReading(id_, one["state"], one["text"], one["reason"]) for id_, one in texts.items()},
    ), reason


def recorded_digests(notebook: Any) -> dict[str, str]:
    """Return the digest of each full text that a copy was made of, as far as the copy tells."""
    texts = _inner(_inner(_inner(notebook, "metadata"), RECORD), "texts")
    digests = {id_: _inner(one, "sha256") for id_, one in texts.items()} if isinstance(texts, dict) else {}
    return {id_: digest for id_, digest in digests.items() if isinstance(digest, str)}


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text: the record keeps only the beginning of a very long one."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _inner(table: Any, name: str) -> Any:
    """Return a value of a JSON table; None where there is none, or no table."""
    return table.get(name) if isinstance(table, dict) else None


def _is_reading(one: Any) -> bool:
    """Return whether a value has what a recorded item and a recorded text have in common."""
    return (
        isinstance(one, dict)
        and one.get("state") in ("answered", "unanswered", "unreadable")
        and isinstance(one.get("reason"), str)
    )


def _is_answer(value: Any) -> bool:
    """Return whether a JSON value is an answer: none, one option, or several."""
    several = isinstance(value, list) and all(isinstance(option, str) for option in value)
    return value is None or isinstance(value, str) or several
