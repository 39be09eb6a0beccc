"""The review: practice questions drawn from the lessons' notebooks in the same folder, those missed first.

In the set-up data a review has "id", "count" (questions in a round) and "notebooks" (file names). The
questions of a round and what was chosen are the `answer=` literal of its own cell (see `rounds.py`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course.arrangement import display_order
from course.widgets import front_end, state
from course.widgets.lesson_files import Lessons, Practice, read_lessons
from course.widgets.question import take_pending
from course.widgets.rounds import Round, draw, parse_round, told
from course.widgets.state import Notice

UNREADABLE = "The round typed in this cell cannot be read. Answer a question here to replace it."


@dataclass(frozen=True)
class Plan:
    """What a review draws from: set-up data, and the folder, seed and learner that the draw depends on."""

    id: str
    count: int
    notebooks: tuple[str, ...]
    folder: Path
    seed: int
    user: str

    def lessons(self) -> Lessons:
        """Read the lessons as they are on disk now."""
        return read_lessons(self.folder, self.notebooks)

    def next_round(self, lessons: Lessons, last: Round | None) -> tuple[list[str], str]:
        """Return the literal of the round after `last` and why its questions were drawn."""
        questions = lessons.questions
        drawn = draw(questions, last, review_id=self.id, count=self.count, seed=self.seed, user=self.user)
        return drawn, told(questions, last, drawn)

    def pool(self, lessons: Lessons) -> dict[str, Any]:
        """Return what the front end needs of each question, its options in this learner's order."""
        return {id_: self._shown(practice) for id_, practice in lessons.questions.items()}

    def _shown(self, practice: Practice) -> dict[str, Any]:
        item = practice.item
        texts = {option[0]: option[1] for option in item["options"]}
        order = display_order(list(texts), seed=self.seed, user=self.user, item_id=item["id"])
        options = [[option, texts[option]] for option in order]
        return {**item, "options": options, "lesson": practice.lesson, "file": practice.file}


class Review(anywidget.AnyWidget):
    """One review on screen: a question at a time, then the result.

    `pool` holds every practice question found, so that the front end can show any stored round; `offer` is
    the first round, shown where the cell holds none. A later round is drawn on request: the front end sends
    ``{"draw": literal of the last round}`` and gets ``{"drawn": literal, "told": why}``. `place` is the
    question on screen, from 0, or -1 for the result; `checked` lists the questions whose reasons are shown.
    """

    _esm = front_end.ESM
    _css = front_end.CSS

    kind = traitlets.Unicode("review").tag(sync=True)
    item = traitlets.Unicode().tag(sync=True)
    pool = traitlets.Dict().tag(sync=True)
    left_out: traitlets.List[Any] = traitlets.List().tag(sync=True)
    offer: traitlets.List[Any] = traitlets.List().tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    place = traitlets.Int(None, allow_none=True).tag(sync=True)
    checked: traitlets.List[Any] = traitlets.List().tag(sync=True)
    pending = traitlets.Bool(False).tag(sync=True)
    own_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, plan: Plan, typed: object = None, **traits: Any) -> None:
        """Show a review; `typed` is what stands in the cell, readable or not."""
        super().__init__(**traits)
        self.plan = plan
        self.typed = typed
        self.own_id = self.model_id
        self.on_msg(self._on_request)

    def _on_request(self, _widget: object, content: Any, _buffers: object) -> None:
        """Draw the round after the one that the front end names; the lessons are read anew."""
        if not isinstance(content, dict) or "draw" not in content:
            return
        lessons = self.plan.lessons()
        drawn, why = self.plan.next_round(lessons, parse_round(content["draw"]))
        with self.hold_sync():
            self.pool = {**self.pool, **self.plan.pool(lessons)}
            self.left_out = list(lessons.left_out)
        self.send({"drawn": drawn, "told": why})


def review(review_id: str, answer: list[str] | None = None) -> Review | Notice:
    """Show the recorded round of a review, or draw the first one.

    A round that cannot be read stays as it is typed and is explained in the widget.
    """
    if state.kernel.data is None:
        return Notice(state.NOT_READY)
    data = state.find_part("reviews", review_id)
    if data is None:
        return Notice(f'There is no review "{review_id}" in this notebook. {state.FRESH_COPY}')
    plan = Plan(
        id=review_id,
        count=data["count"],
        notebooks=tuple(data["notebooks"]),
        folder=Path.cwd(),
        seed=state.kernel.data["seed"],
        user=state.learner(),
    )
    lessons = plan.lessons()
    if not lessons.questions:
        return Notice(
            "There is nothing to draw from: no lesson notebook with questions was found beside this one. Put "
            f"this notebook into the folder with {', '.join(plan.notebooks)}. Then choose Run > Run All "
            "Cells."
        )
    literal: Any = take_pending("review", review_id, answer)
    problem = "" if state.is_blank(literal) or parse_round(literal) else UNREADABLE
    offer, why = plan.next_round(lessons, None)
    widget = Review(
        plan,
        typed=literal,
        item=review_id,
        pool=plan.pool(lessons),
        left_out=list(lessons.left_out),
        offer=offer,
        told=why,
        answer=None if problem or state.is_blank(literal) else literal,
        problem=problem,
    )
    state.kernel.live[review_id] = widget
    return widget
