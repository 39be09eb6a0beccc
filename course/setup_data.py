"""What a notebook's set-up cell tells the widgets: questions as data, with keys in practice only."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import takewhile
from typing import Any

from course.model import Course, Item, Lesson, Prompt, Scenario
from course.scoring import RULES

STUB = "(Your text appears here while you write in the box above.)"
"""What an unanswered reflection cell holds."""
STARTING_POINT = (
    "They show where you start, so that you can see at the end how far you have come. **They do not count "
    "toward your grade.** Some ask what the course says, which you have not read yet. So it is fine not to "
    "know: choose what seems right to you."
)
"""What students are told about an assignment that asks the anchor items."""


def setup_data(
    course: Course,
    name: str,
    items: Iterable[Item],
    prompts: Iterable[Prompt],
    *,
    graded: bool,
    anchors: bool = False,
) -> dict[str, Any]:
    """Return what `ask` and `reflect` need to show the questions; no key or rationale where `graded`.

    Only text, numbers, lists and dictionaries, so that the JSON text is a Python literal too. The entry
    `anchors` tells graders that the final asks these items again, and that the points do not count.
    """
    return {
        "notebook": name,
        "seed": course.seed,
        "graded": int(graded),
        **({"anchors": 1} if anchors else {}),
        "items": [_item_data(item, graded=graded, counts=not anchors) for item in items],
        "prompts": [_prompt_data(prompt) for prompt in prompts],
    }


def _prompt_data(prompt: Prompt) -> dict[str, Any]:
    """Return one prompt as set-up data; `rule` says what its length earns."""
    data = {"id": prompt.id, "text": prompt.text, "words": list(prompt.words), "stub": STUB}
    return data | ({"rule": length_rule(prompt)} if prompt.by_length else {})


def _item_data(item: Item, *, graded: bool, counts: bool) -> dict[str, Any]:
    """Return one item as set-up data."""
    data: dict[str, Any] = {"id": item.id, "kind": item.kind}
    if item.vignette:
        data["vignette"] = item.vignette
    data |= {
        "stem": item.stem,
        "rule": rule(item, counts=counts),
        "options": [[option.id, option.text] for option in item.options],
    }
    if not graded:
        data |= {
            "key": list(item.key),
            "rationales": {option.id: option.rationale for option in item.options},
        }
    return data


def scenario_data(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as set-up data."""
    return {
        "id": scenario.id,
        "title": scenario.title,
        "intro": scenario.intro,
        "start": scenario.start,
        "nodes": [
            {"id": node.id, "text": node.text, "choices": [asdict(choice) for choice in node.choices]}
            for node in scenario.nodes
        ],
        "endings": [asdict(ending) for ending in scenario.endings],
        "models": [{**asdict(model), "path": list(model.path)} for model in scenario.models],
    }


def review_data(course: Course, lesson: Lesson, count: int) -> dict[str, Any]:
    """Return what the review needs: how many questions to draw, and from which notebooks beside it."""
    earlier = takewhile(lambda entry: entry[1].slug != lesson.slug, enumerate(course.lessons))
    names = [
        notebook_name(number, one) for number, one in earlier if any(i.pool == "practice" for i in one.items)
    ]
    return {"id": f"{lesson.slug}-draw", "count": count, "notebooks": names}


def notebook_name(number: int, lesson: Lesson) -> str:
    """Return the file name of a lesson's notebook; `number` is its place in the course, from 0."""
    return f"{number:02d}-{lesson.slug}.ipynb"


def rule(item: Item, *, counts: bool = True) -> str:
    """Return how to answer and what it earns, in words; `counts` is false where points do not matter."""
    how = "Choose one answer." if item.kind == "single" else "Choose all answers that apply."
    if item.pool == "practice" or not counts:
        return how
    return f"{how} {_points(item.points)}." + ("" if item.kind == "single" else f" {RULES[item.credit]}")


def writing_rule(prompt: Prompt) -> str:
    """Return how much to write and what it earns, in words."""
    low, high = prompt.words
    length = f"About {low} to {high} words." if low else f"Up to {high} words."
    if prompt.pool == "practice":
        return length
    return f"{length} {length_rule(prompt) if prompt.by_length else f'{_points(prompt.points)}.'}"


def length_rule(prompt: Prompt) -> str:
    """Return in words what a prompt's length earns."""
    return (
        f"{_points(prompt.points)} for writing at least {prompt.words[0]} words. Nobody scores what you say."
    )


def _points(points: float) -> str:
    """Return points as people write them."""
    return f"{points:g} point{'' if points == 1 else 's'}"
