"""A parsed notebook to answers, by reading alone: nothing in it is run, trusted or followed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from course.scoring import Answer
from grading.answer_cells import ASKED, Given, TooMuchCodeError, Unreadable, given_answers
from grading.notebook_json import cells, has_text, source_of
from grading.untrusted import plain

FORMER_STUBS = ("Write your answer here.",)
"""What untouched reflections held in notebooks released earlier, which may still be handed in."""

State = Literal["answered", "unanswered", "unreadable"]


@dataclass(frozen=True)
class Question:
    """What the reader must know of an item: its id, how many answers it takes, and the ids it offers."""

    id: str
    kind: Literal["single", "multiple"]
    options: tuple[str, ...]


@dataclass(frozen=True)
class ItemReading:
    """What was found for one item. `answer` is set where answered, `reason` where unreadable."""

    id: str
    state: State
    answer: Answer = None
    reason: str = ""


@dataclass(frozen=True)
class TextReading:
    """What was found for one reflection. `text` is as typed, with line feeds only; all where two differ."""

    id: str
    state: State
    text: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Readings:
    """All that was read from one notebook, by question id in the order asked for."""

    items: Mapping[str, ItemReading] = field(default_factory=dict)
    texts: Mapping[str, TextReading] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[str, str]:
        """Return the reason of each unreadable question by its id."""
        both: list[ItemReading | TextReading] = [*self.items.values(), *self.texts.values()]
        return {reading.id: reading.reason for reading in both if reading.state == "unreadable"}


def read_answers(
    notebook: Mapping[str, Any], questions: Sequence[Question], prompts: Mapping[str, str]
) -> Readings:
    """Return what the notebook answers to each question and prompt; never raises on any parsed notebook.

    Parameters
    ----------
    notebook : as `notebook_json.parse_notebook` gives it.
    questions : the items of the assignment.
    prompts : reflection id -> the text that an untouched answer cell holds.
    """
    known = {question.id: question for question in questions}
    texts: dict[str, list[str | Unreadable]] = {id_: [] for id_ in prompts}
    code: list[str] = []
    for cell in cells(notebook):
        if cell.get("cell_type") == "code":
            code.append(source_of(cell))
        ids = prompt_ids(cell) & texts.keys()
        for id_ in ids:
            if len(ids) > 1:
                texts[id_].append(Unreadable("a cell carries the marks of two questions"))
            elif has_text(cell):
                texts[id_].append(source_of(cell))
            else:
                texts[id_].append(Unreadable("its answer cell holds no text"))
    return Readings(
        items={id_: _settle_item(known[id_], answers) for id_, answers in _found(code, known).items()},
        texts={id_: _settle_text(id_, copies, prompts[id_]) for id_, copies in texts.items()},
    )


def notebook_names(notebook: Mapping[str, Any]) -> set[str]:
    """Return the assignment names in set-up cells: how a renamed notebook is recognised."""
    names: set[str] = set()
    for cell in cells(notebook):
        source = source_of(cell)
        if cell.get("cell_type") == "code" and _SETUP.search(source):
            names.update(_NOTEBOOK.findall(source)[:1])
    return names


def asked_ids(cell: Mapping[str, Any]) -> set[str]:
    """Return the ids that a code cell seems to ask for, whatever they are."""
    return set(ASKED.findall(source_of(cell))) if cell.get("cell_type") == "code" else set()


_SETUP = re.compile(r"^setup\s*\(", re.MULTILINE)
_NOTEBOOK = re.compile(r'"notebook"\s*:\s*"([^"\\]{1,128})"')


def _found(sources: Iterable[str], known: Mapping[str, Question]) -> dict[str, list[Answer | Unreadable]]:
    """Return what the code cells of a notebook answer to each question, call by call."""
    found: dict[str, list[Answer | Unreadable]] = {id_: [] for id_ in known}
    try:
        for id_, given in given_answers(sources):
            if id_ in known:
                found[id_].append(_fitting(given, known[id_]))
    except TooMuchCodeError:
        reason = "the notebook holds more code that calls ask than is read"
        return {id_: [Unreadable(reason)] for id_ in known}
    return found


def _fitting(given: Given, question: Question) -> Answer | Unreadable:
    """Return an answer as it counts for a question, or why it cannot count."""
    if isinstance(given, Unreadable) or not given:
        return given or None
    if isinstance(given, str) and question.kind == "multiple":
        return Unreadable('the answer is one letter where a list is asked for, such as ["a"]')
    if not isinstance(given, str) and question.kind == "single":
        return Unreadable('the answer is a list where one letter is asked for, such as "a"')
    unknown = [one for one in ([given] if isinstance(given, str) else given) if one not in question.options]
    if unknown:
        said = plain(unknown[0], 20).strip()
        subject = f"the answer {said}" if said else "an empty answer"
        return Unreadable(f"{subject} is not an option (the options are {', '.join(question.options)})")
    return given if isinstance(given, str) else list(given)


def prompt_ids(cell: Mapping[str, Any]) -> set[str]:
    """Return the reflection ids that a cell carries, as our mark or as nbgrader's."""
    metadata = cell.get("metadata")
    found: set[str] = set()
    if isinstance(metadata, dict):
        for name, key in (("course", "prompt"), ("nbgrader", "grade_id")):
            table = metadata.get(name)
            value = table.get(key) if isinstance(table, dict) else None
            if isinstance(value, str):
                found.add(value)
    return found


def _settle_item(question: Question, answers: Sequence[Answer | Unreadable]) -> ItemReading:
    """Return the one reading of all cells that ask the same question."""
    if not answers:
        return ItemReading(question.id, "unreadable", reason="its cell is missing from the notebook")
    bad = [answer for answer in answers if isinstance(answer, Unreadable)]
    if bad:
        return ItemReading(question.id, "unreadable", reason=bad[0].reason)
    given = [answer for answer in answers if answer is not None and not isinstance(answer, Unreadable)]
    if not given:
        return ItemReading(question.id, "unanswered")
    if any(answer != given[0] for answer in given):
        return ItemReading(
            question.id, "unreadable", reason="its cell stands there twice, with different answers"
        )
    return ItemReading(question.id, "answered", answer=given[0])


def _settle_text(id_: str, copies: Sequence[str | Unreadable], stub: str) -> TextReading:
    """Return the one reading of all cells that hold the same reflection."""
    if not copies:
        return TextReading(id_, "unreadable", reason="its answer cell is missing from the notebook")
    bad = [copy for copy in copies if isinstance(copy, Unreadable)]
    if bad:
        return TextReading(id_, "unreadable", reason=bad[0].reason)
    texts = [copy for copy in copies if isinstance(copy, str)]
    untouched = {stub.strip(), *FORMER_STUBS}
    written = [text for text in texts if text.strip() and text.strip() not in untouched]
    if not written:
        # Untouched and emptied differ for nbgrader: only an untouched cell is "No response".
        return TextReading(id_, "unanswered", text=stub if texts[0].strip() in untouched else texts[0])
    different = list(dict.fromkeys(written))
    if len(different) > 1:
        return TextReading(
            id_,
            "unreadable",
            text="\n\n[another cell:]\n\n".join(different),
            reason="its answer cell stands there twice, with two texts",
        )
    return TextReading(id_, "answered", text=written[0])
