"""The reflection: a text area that edits the Markdown cell right below its own cell."""

from typing import Any

import anywidget
import traitlets

from course.widgets import front_end, state
from course.widgets.state import Notice


class Reflection(anywidget.AnyWidget):
    """One prompt on screen. The text is not here: it is the source of the Markdown cell `course.prompt`."""

    _esm = front_end.ESM
    _css = front_end.CSS

    kind = traitlets.Unicode("text").tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    words: traitlets.List[Any] = traitlets.List().tag(sync=True)
    stub = traitlets.Unicode().tag(sync=True)
    rule = traitlets.Unicode().tag(sync=True)
    own_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        """Show a prompt."""
        super().__init__(**traits)
        self.own_id = self.model_id


def reflect(prompt_id: str) -> Reflection | Notice:
    """Show a text area for the Markdown cell right below; typing there by hand is the same."""
    if state.kernel.data is None:
        return Notice(state.NOT_READY)
    prompt = state.find_prompt(prompt_id)
    if prompt is None:
        return Notice(f'There is no prompt "{prompt_id}" in this notebook. {state.FRESH_COPY}')
    return Reflection(
        prompt=prompt_id,
        text=prompt["text"],
        words=prompt["words"],
        stub=prompt["stub"],
        rule=prompt.get("rule", ""),
    )
