"""The question: radio buttons or check boxes that edit the `answer=` literal of their own cell."""

import json
import re
from typing import Any

import anywidget
import traitlets
from IPython.core.getipython import get_ipython

from course.arrangement import display_order
from course.widgets import front_end, state
from course.widgets.state import Answer, Notice


class Question(anywidget.AnyWidget):
    """One question on screen.

    The front end compares the choice with `key` itself and writes the notebook document itself, so that a
    busy or dead kernel loses nothing. `key` and `rationales` are empty in graded work. `pending` is set by
    the front end when it cannot write the document (see `ask`).
    """

    _esm = front_end.ESM
    _css = front_end.CSS

    kind = traitlets.Unicode().tag(sync=True)
    item = traitlets.Unicode().tag(sync=True)
    vignette = traitlets.Unicode().tag(sync=True)
    stem = traitlets.Unicode().tag(sync=True)
    rule = traitlets.Unicode().tag(sync=True)
    options: traitlets.List[Any] = traitlets.List().tag(sync=True)
    key: traitlets.List[Any] = traitlets.List().tag(sync=True)
    rationales = traitlets.Dict().tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    checked = traitlets.Bool(False).tag(sync=True)
    pending = traitlets.Bool(False).tag(sync=True)
    own_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, typed: object = None, **traits: Any) -> None:
        """Show a question; `typed` is the answer that stands in the cell, readable or not."""
        super().__init__(**traits)
        self.typed = typed
        self.own_id = self.model_id


def ask(item_id: str, answer: Answer = None) -> Question | Notice:
    """Show a question with its recorded answer: an option id, or for `multiple` a list of them.

    Clicking changes the `answer` of this very call in the notebook. In an editor that does not let a widget
    do that, the click waits in the kernel and running the cell again rewrites it. An answer that is not one
    of the choices stays as it is typed and is explained in the widget.
    """
    if state.kernel.data is None:
        return Notice(state.NOT_READY)
    found = state.find_item(item_id)
    if found is None:
        return Notice(f'There is no question "{item_id}" in this notebook. {state.FRESH_COPY}')
    number, item = found
    answer = take_pending("ask", item_id, answer)
    state.kernel.answers[item_id] = answer
    problem = state.problem_with(item, number, answer)
    texts = {option[0]: option[1] for option in item["options"]}
    seed = state.kernel.data["seed"]
    order = display_order(list(texts), seed=seed, user=state.learner(), item_id=item_id)
    question = Question(
        typed=answer,
        kind=item["kind"],
        item=item_id,
        vignette=item.get("vignette", ""),
        stem=item["stem"],
        rule=item["rule"],
        options=[[option, texts[option]] for option in order],
        key=item.get("key", []),
        rationales=dict(item.get("rationales", ())),
        answer=None if problem else answer,
        problem=problem,
    )
    state.kernel.live[item_id] = question
    return question


def take_pending(function: str, item_id: str, answer: Answer) -> Answer:
    """Return the choice made in an editor that could not write it, and ask that editor to rewrite the cell.

    `function` is what the running cell calls: ask, scenario or review.

    A literal that changed since the choice was shown was typed by hand, later, and wins.
    """
    before = state.kernel.live.get(item_id)
    shell = get_ipython()
    if before is None or not before.pending or before.typed != answer or before.answer == answer or not shell:
        return answer
    parent: dict[str, Any] = shell.get_parent() if hasattr(shell, "get_parent") else {}
    source = parent.get("content", {}).get("code", "")
    rewritten = with_answer(source, item_id, before.answer, function)
    if rewritten != source:
        shell.set_next_input(rewritten, replace=True)
        answer = before.answer
    return answer


def with_answer(source: str, item_id: str, answer: Answer, function: str = "ask") -> str:
    """Return the source of a cell with another answer in its call of `function`, or unchanged without one."""
    called = rf'(\b{function}\(\s*["\']{re.escape(item_id)}["\']\s*)'
    call = rf"{called}(?:,\s*(?:answer\s*=\s*)?[^()]*?)?(\s*,?\s*\))"
    literal = "None" if answer is None else json.dumps(answer)
    return re.sub(call, lambda match: f"{match[1].rstrip()}, answer={literal})", source, count=1)
