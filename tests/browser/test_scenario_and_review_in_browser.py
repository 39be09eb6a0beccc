"""The scenario and the review in a real browser: played by keyboard, reopened, replayed, drawn again."""

import time
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import OpenNotebook, Server, wait_until
from playwright.sync_api import Locator, Page, expect
from sample_notebook import LOCKED, code, markdown, sample_notebook

pytestmark = pytest.mark.browser


def choice(id_: str, text: str, consequence: str, leads_to: str) -> dict[str, str]:
    return {"id": id_, "text": text, "consequence": consequence, "next": leads_to}


STORY: dict[str, Any] = {
    "id": "gate-story",
    "title": "Trouble at the gate",
    "intro": "You stand at a gate.",
    "start": "line",
    "nodes": [
        {"id": "line", "text": "Two people argue in the line.", "choices": [
            choice("a", "Walk over and ask.", "They turn to you.", "talk"),
            choice("b", "Shout from `afar`.", "They shout <b>back</b>.", "talk")]},
        {"id": "talk", "text": "Both speak at once.", "choices": [
            choice("a", "Hear one, then the other.", "Each gets a turn.", "close"),
            choice("b", "Judge at once.", "One of them leaves.", "close")]},
        {"id": "close", "text": "The line waits.", "choices": [
            choice("a", "Give the rule and its reason.", "They nod.", "peace"),
            choice("b", "Walk away.", "It starts again.", "grumbling")]},
    ],
    "endings": [
        {"id": "peace", "title": "Both go in", "text": "The line moves.", "rank": "best"},
        {"id": "grumbling", "title": "In, but cross", "text": "The line mutters.", "rank": "poor"},
    ],
    "models": [
        {"rank": "best", "title": "Early", "path": ["line:a", "talk:a", "close:a"], "text": "It came early."},
        {"rank": "worst", "title": "Loud", "path": ["line:b", "talk:b", "close:b"], "text": "It was loud."},
    ],
}  # fmt: skip
LESSONS = ["01-gate.ipynb", "02-door.ipynb"]


def set_up(cells: list[dict[str, Any]], **data: Any) -> dict[str, Any]:
    """Return a notebook with a set-up cell for some data, and cells after it."""
    table = {"notebook": "n", "seed": 11, "graded": 0, "items": [], "prompts": [], **data}
    notebook = sample_notebook()
    notebook["cells"] = [code("setup", f"from course import setup\n\nsetup({table!r})", **LOCKED), *cells]
    return notebook


def widget_cell(function: str, id_: str) -> dict[str, Any]:
    source = f'from course import {function}\n{function}("{id_}", answer=None)'
    return code(id_, source, course={function: id_}, **LOCKED)


def item(id_: str) -> dict[str, Any]:
    return {
        "id": id_, "kind": "single", "vignette": f"The scene of {id_}.", "stem": f"What about {id_}?",
        "rule": "Choose one answer.", "options": [["a", "The good way"], ["b", "The bad way"]], "key": ["a"],
        "rationales": {"a": "It helps.", "b": "It harms."},
    }  # fmt: skip


def lesson(title: str, answers: dict[str, str]) -> dict[str, Any]:
    """Return a lesson with a question for each id and the literal of its answer."""
    cells = [markdown("title", f"# {title}")]
    cells += [
        code(id_, f'from course import ask\nask("{id_}", answer={answer})') for id_, answer in answers.items()
    ]
    return set_up(cells, items=[item(id_) for id_ in answers])


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def press(page: Page, name: str) -> None:
    """Go to a button by the Tab key and press it by the Enter key."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if focused(page).startswith(name):
            return page.keyboard.press("Enter")
    raise AssertionError(f"the Tab key does not reach {name!r}, but {focused(page)!r}")


def step(page: Page, box: Locator, name: str, consequence: str) -> None:
    """Take a step of the story by keyboard, hear what comes of it, and go on."""
    press(page, name)
    assert focused(page) == "What comes of it"
    expect(box.locator(".course-told")).to_have_text(consequence)
    assert box.locator(".course-told").get_attribute("role") == "status"
    press(page, "Continue")


def assert_accessible(page: Page, widget: Locator) -> None:
    """Check the widget on screen with axe in both themes, at the width of a phone."""
    page.set_viewport_size({"width": 375, "height": 1200})
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.evaluate("(t) => jupyterapp.commands.execute('apputils:change-theme', { theme: t })", theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        time.sleep(0.5)
        report = Axe().run(page, context={"include": [[".course-widget"]]}).response
        assert [(one["id"], one["nodes"][0]["html"]) for one in report["violations"]] == []
    width, content = widget.evaluate("e => [e.clientWidth, e.scrollWidth]")
    assert 0 < content <= width
    sizes = widget.locator("button:visible, summary:visible, label:visible").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 24
    page.set_viewport_size({"width": 1280, "height": 1600})


def cells_of(notebook: OpenNotebook) -> Any:
    return notebook.context(
        "[...context.model.cells].map((cell) => [cell.id, cell.type, cell.executionCount])"
    )


def test_a_story_is_played_by_keyboard_reopened_and_replayed(
    front_end: str, server: Server, page: Page
) -> None:
    name = f"story-{front_end}.ipynb"
    stem = markdown("stem", "### Trouble at the gate", course={"stem": "gate-story"})
    server.write(name, set_up([stem, widget_cell("scenario", "gate-story")], scenarios=[STORY]))
    notebook = OpenNotebook(page, server, front_end, name)
    notebook.run_all()
    box = page.get_by_role("group", name="Trouble at the gate")
    heading, status = box.get_by_role("heading").first, box.get_by_role("status").last
    expect(heading).to_have_text("Decision 1")
    expect(status).to_have_text("No path yet.")
    expect(box.get_by_role("button", name="Compare")).to_have_count(0)
    before = cells_of(notebook)
    heading.focus()
    for key in ["x", "d", "d", "a", "0", "0", "ArrowDown", "m"]:
        page.keyboard.press(key)
    assert cells_of(notebook) == before

    step(page, box, "Walk over", "They turn to you.")
    assert focused(page) == "Decision 2"
    notebook.wait_for_source("gate-story", 'answer=["line:a"]')
    expect(status).to_have_text("Your path is recorded and saved.")
    expect(box.locator(".course-past")).to_contain_text("Your steps so far: 1")
    expect(box.locator(".course-past li")).to_contain_text("You chose: Walk over and ask.")
    step(page, box, "Hear one", "Each gets a turn.")
    step(page, box, "Give the rule", "They nod.")
    assert focused(page) == "The end: Both go in"
    expect(box).to_contain_text("This is the best way the story can end.")
    press(page, "Compare")
    expect(box.locator("section")).to_have_count(2)
    expect(box.locator("section").first).to_contain_text("Walk over and ask. You did this too.")
    expect(box.locator("section").last).to_contain_text("It was loud.")
    notebook.wait_for_source("gate-story", 'answer=["line:a", "talk:a", "close:a"]')
    expect(status).to_have_text("Your path is recorded and saved.")
    if front_end == "notebook7":
        assert_accessible(page, box)

    notebook.open()
    notebook.restart_and_run_all()
    expect(heading).to_have_text("The end: Both go in")
    expect(status).to_have_text("Your path is recorded and saved.")
    box.get_by_role("button", name="Go back one step").click()
    assert focused(page) == "Decision 3"
    step(page, box, "Walk away", "It starts again.")
    assert focused(page) == "The end: In, but cross"
    expect(box).to_contain_text("This is a poor way to end.")
    notebook.wait_for_source("gate-story", 'answer=["line:a", "talk:a", "close:b"]')
    press(page, "Start again")
    assert focused(page) == "Decision 1"
    notebook.wait_for_source("gate-story", "answer=None")
    expect(status).to_have_text("Your path is cleared and saved.")
    expect(box.get_by_role("button", name="Compare")).to_have_count(0)
    press(page, "Shout")
    expect(box.locator(".course-told")).to_have_text("They shout <b>back</b>.")
    notebook.wait_for_source("gate-story", 'answer=["line:b"]')
    notebook.type_source("gate-story", 'scenario("gate-story", answer=["talk:a", "line:a"])')
    expect(heading).to_have_text("Decision 1")
    expect(status).to_contain_text("do not fit the story. Choose below to start the story again.")
    box.get_by_role("button", name="Walk over").click()
    notebook.wait_for_source("gate-story", 'answer=["line:a"]')
    assert page.locator(".jp-Dialog").count() == 0


@pytest.mark.parametrize("width", [1280, 480])
def test_a_choice_in_a_story_or_a_review_moves_nothing(
    width: int, front_end: str, server: Server, page: Page
) -> None:
    name = f"still-{front_end}-{width}.ipynb"
    server.write("still-lesson.ipynb", lesson("The gate", {"gate-one": '"b"', "gate-two": "None"}))
    cells = [
        widget_cell("scenario", "gate-story"),
        widget_cell("review", "review-draw"),
        markdown("end", "End"),
    ]
    plan = {"id": "review-draw", "count": 2, "notebooks": ["still-lesson.ipynb"]}
    server.write(name, set_up(cells, scenarios=[STORY], reviews=[plan]))
    notebook = OpenNotebook(page, server, front_end, name)
    notebook.run_all()
    if front_end == "lab":
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": width, "height": 2600})
    review = page.get_by_role("group", name="Review questions")
    story = page.get_by_role("group", name="Trouble at the gate")
    heading = story.get_by_role("heading").first
    time.sleep(1)
    page.mouse.move(2, 2)
    notebook.watch_moves()
    for option in ("The bad way", "The good way"):
        review.get_by_label(option).check()
        expect(review.get_by_role("status").last).to_have_text("Your answer is recorded and saved.")
        assert notebook.moves() == []
    review.get_by_role("button", name="Check my answer").click()
    assert notebook.moves() != []  # the reasons open: what moves is seen

    place = heading.bounding_box()
    for number in (1, 2, 3):
        story.locator(".course-choice").first.dblclick()  # nobody loses a story to a double click
        expect(heading).to_have_text("What comes of it")
        expect(story.get_by_role("status").last).to_have_text("Your path is recorded and saved.")
        # The consequence and the buttons take the room of the choices; nothing around them moves.
        inside = ("course-told", "course-actions")
        assert [move for move in notebook.moves() if not move.startswith(inside)] == []
        story.get_by_role("button", name="Continue").click()
        expect(heading).to_contain_text(f"Decision {number + 1}" if number < 3 else "The end: ")
        notebook.moves()
        # The steps so far have grown, below.
        box = heading.bounding_box()
        assert box and place and (box["x"], box["y"]) == (place["x"], place["y"])


def test_a_review_draws_what_was_missed_and_keeps_its_round(server: Server, page: Page) -> None:
    folder = server.folder / "course-notebooks"
    folder.mkdir()
    gate = {"gate-one": '"a"', "gate-two": '"b"', "gate-three": "None"}
    server.write(f"course-notebooks/{LESSONS[0]}", lesson("The gate", gate))
    server.write(f"course-notebooks/{LESSONS[1]}", lesson("The door", {"door-one": '"b"', "door-two": '"a"'}))
    plan = {"id": "review-draw", "count": 3, "notebooks": [*LESSONS, "03-none.ipynb"]}
    name = "course-notebooks/06-review.ipynb"
    server.write(name, set_up([widget_cell("review", "review-draw")], reviews=[plan]))
    notebook = OpenNotebook(page, server, "notebook7", name)
    notebook.run_all()
    box = page.get_by_role("group", name="Review questions")
    heading, status = box.get_by_role("heading").first, box.get_by_role("status").last
    expect(heading).to_have_text("Round 1, question 1 of 3")
    expect(box).to_contain_text("2 missed in the lessons, 1 without an answer so far.")
    expect(box).to_contain_text("Left out: 03-none.ipynb is not in this folder.")
    assert "answer=None" in notebook.source("review-draw")

    stems = []
    for number, option in enumerate(["The bad way", "The good way", "The good way"], 1):
        stems.append(box.locator("legend").inner_text())
        box.get_by_label(option).focus()
        page.keyboard.press("Space")
        expect(status).to_have_text("Your answer is recorded and saved.")
        press(page, "Check my answer")
        verdict = "✓ Right." if option == "The good way" else "✗ Not right."
        expect(box.locator(".course-verdict")).to_contain_text(verdict)
        expect(box.locator(".course-reason").first).to_be_visible()
        expect(box).to_contain_text("This question comes from: The ")
        expect(box.get_by_role("radio", disabled=True)).to_have_count(2)
        assert focused(page) == ("Next question" if number < 3 else "See my result")
        if number == 1:
            assert_accessible(page, box)
            box.get_by_role("button", name="Next question").focus()
        page.keyboard.press("Enter")
    assert {*stems[:2], stems[2]} == {
        "What about gate-two?",
        "What about door-one?",
        "What about gate-three?",
    }
    assert stems[2] == "What about gate-three?"
    missed = stems[0].removeprefix("What about ").removesuffix("?")
    expect(heading).to_have_text("Round 1: 2 of 3 right")
    expect(box.locator("ul").first).to_have_text(
        "The gate (01-gate.ipynb)" if missed == "gate-two" else "The door (02-door.ipynb)"
    )
    assert focused(page) == "Round 1: 2 of 3 right"
    notebook.wait_for_source("review-draw", f'answer=["round:1", "{missed}:b", ')
    stored = notebook.source("review-draw")
    assert_accessible(page, box)

    server.write(f"course-notebooks/{LESSONS[0]}", lesson("The gate", dict.fromkeys(gate, '"b"')))
    notebook.open()
    notebook.restart_and_run_all()
    expect(heading).to_have_text("Round 1: 2 of 3 right")
    assert notebook.source("review-draw") == stored
    box.get_by_role("button", name="Draw new questions").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_text("Round 2, question 1 of 3")
    assert focused(page) == "Round 2, question 1 of 3"
    expect(box).to_contain_text("1 missed in the last round, 1 missed in the lessons")
    expect(box.locator("legend")).to_have_text(f"What about {missed}?")
    notebook.wait_for_source("review-draw", f'answer=["round:2", "{missed}", "gate-one", ')
    expect(box.get_by_role("radio", checked=True)).to_have_count(0)
    expect(status).to_have_text("No answer yet.")
    notebook.type_source("review-draw", 'review("review-draw", answer=["round:2", "x", "x"])')
    expect(status).to_contain_text("The round typed in this cell cannot be read.")
    notebook.type_source("review-draw", 'review("review-draw", answer=["round:7", "door-two:a", "gone:b"])')
    expect(heading).to_have_text("Round 7: 1 of 1 right")
    expect(box).to_contain_text("1 question of this round cannot be shown now.")
    notebook.context("context.sessionContext.shutdown()")
    box.get_by_role("button", name="Look at the questions").click()
    expect(heading).to_have_text("Round 7, question 1 of 1")
    wait_until(lambda: page.locator(".jp-Dialog").count() == 0, "no dialog is open")
