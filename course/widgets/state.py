"""What one kernel knows of its notebook: the set-up data and the answers given.

No widget library is imported here. One kernel serves one notebook; running the set-up cell of another
notebook in the same kernel replaces the data.
"""

import getpass
import html
import os
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict, cast

from course.widgets import curly_quotes

Answer = str | list[str] | None
"""An option id, or for `multiple` a list of them; None is blank."""

NOT_READY = "This question is not ready. Choose Run > Run All Cells in the menu at the top."
FRESH_COPY = "Open a fresh copy of the notebook, or tell your instructor."


class ItemData(TypedDict):
    """One question as the set-up cell stores it; `key` and `rationales` are there in practice only."""

    id: str
    kind: str
    stem: str
    rule: str
    options: list[list[str]]
    vignette: NotRequired[str]
    key: NotRequired[list[str]]
    rationales: NotRequired[dict[str, str]]


class PromptData(TypedDict):
    """One reflection as the set-up cell stores it; `words` is the asked range.

    `rule` says what its length earns, where nothing else does.
    """

    id: str
    text: str
    words: list[int]
    stub: str
    rule: NotRequired[str]


class NotebookData(TypedDict):
    """The argument of `setup`: everything the widgets of one notebook need to be shown.

    `scenarios` and `reviews` are described in the modules of these names.
    """

    notebook: str
    seed: int
    graded: int
    items: list[ItemData]
    prompts: list[PromptData]
    scenarios: NotRequired[list[dict[str, Any]]]
    reviews: NotRequired[list[dict[str, Any]]]


class NotAnswered(Exception):  # noqa: N818 - read by students, in words
    """Raised by a grade cell when there is nothing to score; shown as one line without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython, and so nbgrader's Validate button, shows instead of a traceback."""
        return [str(self)]


@dataclass(frozen=True)
class Notice:
    """One sentence shown as the output of a cell, in place of a widget."""

    text: str

    def __repr__(self) -> str:
        """Return the sentence, for front ends without HTML."""
        return self.text

    def _repr_html_(self) -> str:
        """Return the sentence as HTML; ids typed into the cell may hold anything, so it is escaped."""
        style = "border-inline-start: 4px solid currentColor; padding: 4px 12px; margin: 4px 0"
        return f'<p role="note" style="{style}">{html.escape(self.text)}</p>'


@dataclass
class Kernel:
    """The state of one kernel: set-up data, the latest answer of each question, and the live widgets."""

    data: NotebookData | None = None
    answers: dict[str, object] = field(default_factory=dict)
    live: dict[str, Any] = field(default_factory=dict)


kernel = Kernel()


def setup(data: dict[str, Any]) -> None:
    """Take the questions of this notebook; called by the set-up cell.

    Raises ValueError, in one sentence, when the data is not what the set-up cell was built with.
    """
    missing = NotebookData.__required_keys__ - set(data)
    if missing:
        raise ValueError(f"The set-up cell was changed: {', '.join(sorted(missing))} missing. {FRESH_COPY}")
    if kernel.data is not None and kernel.data["notebook"] != data["notebook"]:
        kernel.live.clear()
    kernel.data = cast(NotebookData, data)
    curly_quotes.watch()


def find_item(item_id: str) -> tuple[int, ItemData] | None:
    """Return a question with its position counted from 1, or None if this notebook has no such question."""
    items = kernel.data["items"] if kernel.data else []
    return next(((n, item) for n, item in enumerate(items, 1) if item["id"] == item_id), None)


def find_prompt(prompt_id: str) -> PromptData | None:
    """Return a reflection, or None if this notebook has no such prompt."""
    prompts = kernel.data["prompts"] if kernel.data else []
    return next((prompt for prompt in prompts if prompt["id"] == prompt_id), None)


def find_part(part: Literal["scenarios", "reviews"], part_id: str) -> dict[str, Any] | None:
    """Return a scenario or a review as the set-up cell stores it, or None if this notebook has none such."""
    listed = kernel.data.get(part, []) if kernel.data else []
    return next((one for one in listed if one["id"] == part_id), None)


def is_blank(answer: object) -> bool:
    """Tell whether an answer is no answer: None, or no box ticked."""
    return answer is None or answer == []


def problem_with(item: ItemData, number: int, answer: object) -> str:
    """Return what is wrong with an answer typed by hand, in one sentence, or an empty string."""
    if is_blank(answer):
        return ""
    ids = sorted(option[0] for option in item["options"])
    if item["kind"] == "multiple":
        if not isinstance(answer, list) or not all(isinstance(one, str) for one in answer):
            return f'Question {number} takes a list: type answer=["{ids[0]}", "{ids[1]}"], or choose below.'
        unknown = sorted(set(answer) - set(ids))
    else:
        if not isinstance(answer, str):
            return f'Question {number} takes one choice: type answer="{ids[0]}", or choose below.'
        unknown = [] if answer in ids else [answer]
    if unknown:
        choices = ", ".join(ids)
        return f'Question {number} has no choice "{unknown[0]}": type one of {choices}, or choose below.'
    return ""


def checking() -> bool:
    """Tell whether nbgrader runs this notebook, to validate it or to grade it; it says so to the kernel.

    Only then does a grade cell say that something is missing: in an open notebook that would soon be untrue.
    """
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def recorded(item_id: str) -> Answer:
    """Return the answer passed to the latest `ask` of this question in this kernel.

    Where there is none, or it is not one of the choices, raises NotAnswered while nbgrader validates or
    grades, and returns None otherwise.
    """
    try:
        return _recorded(item_id)
    except NotAnswered:
        if checking():
            raise
        return None


def _recorded(item_id: str) -> Answer:
    """Return the answer; raises NotAnswered, and says why there is none."""
    found = find_item(item_id)
    if found is None:
        raise NotAnswered(f'There is no question "{item_id}" in this notebook. {FRESH_COPY}')
    number, item = found
    if item_id not in kernel.answers:
        raise NotAnswered(f"Question {number} has not been run yet. Choose Run > Run All Cells.")
    answer = kernel.answers[item_id]
    if is_blank(answer):
        raise NotAnswered(f"Question {number} has no answer yet.")
    problem = problem_with(item, number, answer)
    if problem:
        raise NotAnswered(problem)
    return cast("Answer", answer)


def learner() -> str:
    """Return the name that the order of choices depends on: the JupyterHub user, else the login name."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container whose user id has no name
        return ""
