"""The scenario: a branching story whose path is the `answer=` literal of its own cell.

In the set-up data a scenario has "id", "title", "intro", "start", "nodes" (the moments in which the learner
decides: "id", "text", "choices" with "id", "text", "consequence", "next"), "endings" ("id", "title", "text",
"rank") and "models" ("rank", "title", "path", "text"). A path is a list of ``node:choice``, in order.
"""

from typing import Any

import anywidget
import traitlets

from course.arrangement import display_order
from course.widgets import front_end, state
from course.widgets.question import take_pending
from course.widgets.state import Notice


class Scenario(anywidget.AnyWidget):
    """One story on screen. The front end walks it and writes the path into the notebook by itself.

    `shown_until` is the path, joined by spaces, whose last consequence is on screen and not yet passed.
    """

    _esm = front_end.ESM
    _css = front_end.CSS

    kind = traitlets.Unicode("scenario").tag(sync=True)
    item = traitlets.Unicode().tag(sync=True)
    story = traitlets.Dict().tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    shown_until = traitlets.Unicode().tag(sync=True)
    pending = traitlets.Bool(False).tag(sync=True)
    own_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, typed: object = None, **traits: Any) -> None:
        """Show a story; `typed` is the path that stands in the cell, readable or not."""
        super().__init__(**traits)
        self.typed = typed
        self.own_id = self.model_id


def scenario(scenario_id: str, answer: list[str] | None = None) -> Scenario | Notice:
    """Show a branching story at the place where the recorded path has led.

    A path that cannot be walked stays as it is typed and is explained in the widget.
    """
    if state.kernel.data is None:
        return Notice(state.NOT_READY)
    story = state.find_part("scenarios", scenario_id)
    if story is None:
        return Notice(f'There is no scenario "{scenario_id}" in this notebook. {state.FRESH_COPY}')
    path: Any = take_pending("scenario", scenario_id, answer)
    problem = problem_with_path(story, path)
    widget = Scenario(
        typed=path,
        item=scenario_id,
        story=in_own_order(story, seed=state.kernel.data["seed"], user=state.learner()),
        answer=None if problem or state.is_blank(path) else path,
        problem=problem,
    )
    state.kernel.live[scenario_id] = widget
    return widget


def problem_with_path(story: dict[str, Any], path: object) -> str:
    """Return what is wrong with a path typed by hand, in one sentence, or an empty string."""
    if state.is_blank(path):
        return ""
    start_again = "Choose below to start the story again."
    if not isinstance(path, list) or not all(isinstance(step, str) for step in path):
        return f"The steps typed in this cell are not a list of texts. {start_again}"
    following = {
        node["id"]: {choice["id"]: choice["next"] for choice in node["choices"]} for node in story["nodes"]
    }
    at = story["start"]
    for number, step in enumerate(path, 1):
        node, _, choice = step.partition(":")
        if node != at or choice not in following.get(at, {}):
            return f'Step {number} typed in this cell, "{step}", does not fit the story. {start_again}'
        at = following[at][choice]
    return ""


def in_own_order(story: dict[str, Any], *, seed: int, user: str) -> dict[str, Any]:
    """Return the story with the choices of each moment in the order one learner sees them."""

    def ordered(node: dict[str, Any]) -> list[dict[str, Any]]:
        choices = {choice["id"]: choice for choice in node["choices"]}
        place = f"{story['id']}:{node['id']}"
        order = display_order(list(choices), seed=seed, user=user, item_id=place)
        return [choices[id_] for id_ in order]

    return {**story, "nodes": [{**node, "choices": ordered(node)} for node in story["nodes"]]}
