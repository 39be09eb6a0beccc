"""The scenario without a browser: what the kernel shows, keeps and refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from editor import Editor

from course.widgets import Notice, Scenario, scenario, setup, state
from course.widgets.lesson_files import calls, literal_of
from course.widgets.scenario import in_own_order, problem_with_path

STORY: dict[str, Any] = {
    "id": "gate-story",
    "title": "At the gate",
    "intro": "You stand at a gate.",
    "start": "line",
    "nodes": [
        {
            "id": "line",
            "text": "Two people argue.",
            "choices": [
                {"id": "a", "text": "Walk over.", "consequence": "They turn.", "next": "talk"},
                {"id": "b", "text": "Wait.", "consequence": "It gets loud.", "next": "bad"},
                {"id": "c", "text": "Shout.", "consequence": "They shout back.", "next": "bad"},
            ],
        },
        {
            "id": "talk",
            "text": "Both speak.",
            "choices": [
                {"id": "a", "text": "Listen.", "consequence": "They calm down.", "next": "good"},
                {"id": "b", "text": "Judge.", "consequence": "One leaves.", "next": "bad"},
            ],
        },
    ],
    "endings": [
        {"id": "good", "title": "Peace", "text": "All is well.", "rank": "best"},
        {"id": "bad", "title": "Noise", "text": "All is loud.", "rank": "worst"},
    ],
    "models": [
        {"rank": "best", "title": "Early", "path": ["line:a", "talk:a"], "text": "It was early."},
        {"rank": "worst", "title": "Loud", "path": ["line:c"], "text": "It was loud."},
    ],
}
DATA: dict[str, Any] = {
    "notebook": "calm", "seed": 7, "graded": 0, "items": [], "prompts": [], "scenarios": [STORY],
}  # fmt: skip


@pytest.fixture(autouse=True)
def ready(kernel: state.Kernel) -> None:
    """The set-up cell has run."""
    setup(DATA)


def shown(path: Any = None) -> Scenario:
    widget = scenario("gate-story", answer=path)
    assert isinstance(widget, Scenario)
    return widget


def test_a_story_before_the_set_up_says_what_to_run(kernel: state.Kernel) -> None:
    kernel.data = None
    assert "Run > Run All Cells" in repr(scenario("gate-story", answer=None))


def test_an_unknown_story_is_said_in_one_sentence() -> None:
    notice = scenario("<b>", answer=["line:a"])
    assert isinstance(notice, Notice)
    assert "<b>" in repr(notice)
    assert "<b>" not in notice._repr_html_()


def test_a_story_without_a_path_starts_at_its_start() -> None:
    widget = shown()
    assert (widget.kind, widget.item, widget.answer, widget.problem) == ("scenario", "gate-story", None, "")
    assert (widget.pending, widget.shown_until, widget.own_id) == (False, "", widget.model_id)
    assert widget.story["models"] == STORY["models"]


@pytest.mark.parametrize("path", [["line:a"], ["line:a", "talk:b"], ["line:c"]])
def test_a_path_comes_back_in_its_order(path: list[str]) -> None:
    widget = shown(path)
    assert (widget.answer, widget.problem) == (path, "")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("line:a", "are not a list of texts"),
        (["line:a", 3], "are not a list of texts"),
        ({"line:a"}, "are not a list of texts"),
        (["talk:a"], 'Step 1 typed in this cell, "talk:a", does not fit the story'),
        (["line:a", "line:a"], 'Step 2 typed in this cell, "line:a", does not fit'),
        (["line:z"], "Step 1"),
        (["line"], "Step 1"),
        (["line:b", "talk:a"], "Step 2"),
        (["line:a", "talk:a", "good:a"], "Step 3"),
        (["talk:a", "line:a"], "Step 1"),
    ],
)
def test_a_path_that_cannot_be_walked_is_explained_and_not_shown(path: Any, what: str) -> None:
    widget = shown(path)
    assert widget.answer is None
    assert what in widget.problem
    assert widget.problem.endswith("Choose below to start the story again.")
    assert widget.typed == path


def test_the_choices_stand_in_an_order_of_ones_own_and_none_is_lost() -> None:
    first = set()
    for number in range(60):
        story = in_own_order(STORY, seed=1, user=f"student{number}")
        assert [node["id"] for node in story["nodes"]] == ["line", "talk"]
        assert sorted(choice["id"] for choice in story["nodes"][0]["choices"]) == ["a", "b", "c"]
        first.add(story["nodes"][0]["choices"][0]["id"])
    assert first == {"a", "b", "c"}
    assert in_own_order(STORY, seed=1, user="ana") == in_own_order(STORY, seed=1, user="ana")


def test_steps_that_an_editor_could_not_write_are_written_by_running_the_cell_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = shown()
    before.pending, before.answer = True, ["line:a", "talk:b"]
    source = 'from course import scenario\nscenario("gate-story", answer=None)'
    editor = Editor.running(source, monkeypatch)
    assert shown().answer == ["line:a", "talk:b"]
    assert editor.rewritten == source.replace("None", '["line:a", "talk:b"]')


def test_every_path_of_the_course_story_can_be_walked(repository: Path) -> None:
    stories = list(_stories(repository))
    assert [story["id"] for story in stories] == ["calm-under-tension-gate"]
    for story in stories:
        following = {
            f"{node['id']}:{choice['id']}": choice["next"]
            for node in story["nodes"]
            for choice in node["choices"]
        }
        paths = [[step] for step in following if step.startswith(f"{story['start']}:")]
        ends = 0
        while paths:
            path = paths.pop()
            assert problem_with_path(story, path) == ""
            onward = [step for step in following if step.startswith(f"{following[path[-1]]}:")]
            paths += [[*path, step] for step in onward]
            ends += not onward
        assert ends > 5
        for model in story["models"]:
            assert problem_with_path(story, model["path"]) == ""
            assert problem_with_path(story, [*model["path"], "more:a"]) != ""


def _stories(repository: Path) -> Any:
    """Yield the scenarios in the set-up cells of the lessons."""
    for path in sorted((repository / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for call in calls("".join(cell["source"]), "setup", 10**6):
                yield from literal_of(call.args[0]).get("scenarios", [])
