"""The widgets in JupyterLab and Notebook 7, clicked in a real browser."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from lab import OpenNotebook, Server, wait_until
from playwright.sync_api import Locator, Page, Route, expect
from sample_notebook import STUB, code, markdown, sample_notebook

pytestmark = pytest.mark.browser

GATE, SIGNS, GRADED = (
    "What should you do first?",
    "Which signs show that you listen?",
    "Who decides on entry?",
)
SAVED = "Your answer is recorded and saved."

Opened = Callable[..., OpenNotebook]


@pytest.fixture
def opened(server: Server, page: Page, request: pytest.FixtureRequest) -> Opened:
    """Write a notebook for this test and open it; runs all cells unless told otherwise."""

    def open_it(front_end: str, *extra: dict[str, Any], run: bool = True, first: Any = None) -> OpenNotebook:
        notebook = sample_notebook(*extra)
        if first:
            notebook["cells"].insert(0, first)
        name = f"{request.node.originalname}-{front_end}.ipynb"
        server.write(name, notebook)
        open_notebook = OpenNotebook(page, server, front_end, name)
        if run:
            open_notebook.run_all()
        return open_notebook

    return open_it


def status(group: Locator) -> Locator:
    return group.get_by_role("status").last


def choose(notebook: OpenNotebook, stem: str, option: str) -> Locator:
    """Choose an option, and return the question."""
    group = notebook.question(stem)
    group.get_by_label(option).check()
    return group


def cell_on_disk(notebook: OpenNotebook, cell_id: str) -> dict[str, Any]:
    return next(cell for cell in notebook.cells() if cell["id"] == cell_id)


def dialogs(notebook: OpenNotebook) -> list[str]:
    return notebook.page.locator(".jp-Dialog").all_inner_texts()


def test_an_answer_is_on_disk_at_once_and_comes_back_after_restart_and_reopening(
    front_end: str, opened: Opened
) -> None:
    notebook = opened(front_end, code("echo", "from course import recorded\nprint(recorded('sample-gate'))",
                                      tags=["raises-exception"]), run=False)  # fmt: skip
    time.sleep(0.5)
    assert not notebook.is_dirty()
    notebook.run_all()
    clicked = time.monotonic()
    group = choose(notebook, GATE, "Greet the visitor.")
    notebook.wait_for_source("sample-gate", 'ask("sample-gate", answer="a")', 1.5)
    assert time.monotonic() - clicked < 1.5
    expect(status(group)).to_have_text(SAVED)
    choose(notebook, SIGNS, "You repeat the main point.")
    choose(notebook, SIGNS, "You nod.")
    text = notebook.page.get_by_role("textbox", name="Think of a busy shift")
    text.fill("I would talk\nmore slowly.")
    notebook.wait_for_source("sample-signs", 'answer=["a", "c"]')
    notebook.wait_for_source("answer-shift", "I would talk\nmore slowly.")
    expect(notebook.page.locator(".course-text")).to_contain_text("5 words. Aim for 3 to 6.")
    expect(notebook.page.locator(".jp-MarkdownOutput").last).to_contain_text("I would talk more slowly.")

    for again in (notebook.restart_and_run_all, lambda: (notebook.open(), notebook.restart_and_run_all())):
        again()
        expect(group.get_by_label("Greet the visitor.")).to_be_checked()
        expect(notebook.question(SIGNS).get_by_role("checkbox", checked=True)).to_have_count(2)
        expect(text).to_have_value("I would talk\nmore slowly.")
        expect(status(group)).to_have_text(SAVED)
        expect(notebook.page.locator(".jp-OutputArea-output pre").last).to_have_text("a\n")
    group.get_by_role("button", name="Clear my answer").click()
    notebook.wait_for_source("sample-gate", "answer=None")
    expect(status(group)).to_have_text("Your answer is cleared and saved.")
    assert dialogs(notebook) == []


def test_no_key_pressed_in_a_widget_reaches_the_notebook(front_end: str, opened: Opened) -> None:
    notebook = opened(front_end)
    page = notebook.page
    group = choose(notebook, GATE, "Ask for")
    expect(status(group)).to_have_text(SAVED)

    def state() -> Any:
        return notebook.context(
            "[[...context.model.cells].map((cell) => [cell.id, cell.type, cell.executionCount]),"
            " panel.content.activeCellIndex, panel.content.mode]"
        )

    keys = ["a", "b", "x", "d", "d", "m", "z", "0", "0", "Delete", "ArrowDown", "ArrowUp", "j",
            "Shift+Enter", "Control+Enter", "Alt+Enter", "Escape", "Control+Shift+c"]  # fmt: skip
    controls = page.locator(".course-widget").locator("input, button:visible, textarea")
    for control in [group.get_by_role("radio").last, group.get_by_role("button").first,
                    notebook.question(SIGNS).get_by_role("checkbox").first, controls.last]:  # fmt: skip
        control.focus()
        before = state()
        for key in keys:
            control.focus()
            page.keyboard.press(key)
        assert state() == before
        assert page.locator(".jp-Dialog, .lm-CommandPalette:visible").count() == 0

    notebook.question(GRADED).get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(notebook.question(GRADED).get_by_role("radio").nth(1)).to_be_checked()
    text = page.get_by_role("textbox", name="Think of a busy shift")
    text.fill("one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    notebook.wait_for_source("answer-shift", "one\ntwo")
    notebook.type_source("title", "# Changed by hand, so that no widget saves it")
    page.keyboard.press("Control+s")
    notebook.wait_for_source("title", "# Changed by hand")


def test_practice_gives_reasons_and_graded_work_gives_none(opened: Opened) -> None:
    notebook = opened("notebook7")
    group = notebook.question(GATE)
    verdict = group.get_by_role("status").first
    group.get_by_role("button", name="Check my answer").click()
    expect(verdict).to_have_text("Choose an answer first.")
    choose(notebook, GATE, "Ask for")
    group.get_by_role("button", name="Check my answer").click()
    expect(verdict).to_have_text("✗ Not right. Read the reason below each choice.")
    expect(group).to_contain_text("✓ Right. A greeting tells the visitor that you have seen them.")
    expect(group).to_contain_text("✗ Not right. Asking for papers comes later.")
    group.get_by_role("button", name="Try again").click()
    expect(verdict).to_have_text("")
    expect(group).not_to_contain_text("Asking for papers")
    expect(group.get_by_label("Ask for")).to_be_checked()
    choose(notebook, GATE, "Greet the visitor.")
    group.get_by_role("button", name="Check my answer").click()
    expect(verdict).to_have_text("✓ Right. The reasons stand below each choice.")

    signs = choose(notebook, SIGNS, "You nod.")
    signs.get_by_role("button", name="Check my answer").click()
    expect(signs.get_by_role("status").first).to_contain_text("◐ Partly right.")

    graded = choose(notebook, GRADED, "The site policy")
    expect(graded.get_by_role("status")).to_have_text(SAVED)
    expect(graded.get_by_role("button")).to_have_text(["Clear my answer"])
    expect(graded.locator("legend")).to_be_visible()  # no cell above shows this stem
    assert group.locator("legend.course-unseen").count() == 1
    expect(group.get_by_text("<b>now</b>")).to_be_visible()  # text is text, never markup


@pytest.mark.parametrize("width", [1280, 375])
def test_a_choice_moves_nothing_on_the_page(width: int, front_end: str, opened: Opened) -> None:
    notebook = opened(front_end)
    page = notebook.page
    if front_end == "lab":
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": width, "height": 2600})
    time.sleep(1)
    page.mouse.move(2, 2)
    notebook.watch_moves()
    for stem, options in {
        GATE: ["Ask for", "Greet"],
        SIGNS: ["You nod.", "You look"],
        GRADED: ["The w"],
    }.items():
        for option in options:
            group = choose(notebook, stem, option)
            expect(status(group)).to_have_text(SAVED)
            assert notebook.moves() == [], option
        group.get_by_role("button", name="Clear my answer").click()
        expect(status(group)).to_have_text("Your answer is cleared and saved.")
        assert notebook.moves() == []
    group = notebook.question(GATE)
    group.get_by_role("button", name="Check my answer").click()
    assert notebook.moves() != []  # a line more: what moves is seen
    choose(notebook, GATE, "Ask for")
    expect(status(group)).to_have_text(SAVED)
    assert notebook.moves() == []
    group.get_by_role("button", name="Check my answer").click()
    expect(group).to_contain_text("Asking for papers comes later.")
    assert notebook.moves() != []
    choose(notebook, GATE, "Greet")
    expect(group.get_by_role("status").first).to_have_text("✓ Right. The reasons stand below each choice.")
    assert notebook.moves() == []


def test_a_double_click_counts_as_one_click(opened: Opened) -> None:
    notebook = opened("notebook7")
    group = choose(notebook, GATE, "Ask for")
    group.get_by_role("button", name="Check my answer").dblclick()
    expect(group).to_contain_text("✗ Not right. Asking for papers comes later.")


def test_a_literal_typed_by_hand_is_followed(opened: Opened) -> None:
    notebook = opened("notebook7")
    group = notebook.question(GATE)
    notebook.type_source("sample-gate", "ask(\n    'sample-gate',\n    answer='c',\n)")
    expect(group.get_by_label("Wait in silence")).to_be_checked()
    expect(status(group)).to_have_text(
        "Your answer is recorded. Press Ctrl+S to save the notebook (Mac: Cmd+S)."
    )
    notebook.type_source("sample-gate", 'ask("sample-gate", answer="z")')
    expect(status(group)).to_contain_text("is not one of the choices")
    expect(group.get_by_role("radio", checked=True)).to_have_count(0)
    assert notebook.context("context.model.cells.get(3).sharedModel.getSource()").endswith('"z")')
    notebook.type_source("sample-gate", 'ask("sample-gate")')
    choose(notebook, GATE, "Greet the visitor.")
    notebook.wait_for_source("sample-gate", 'ask("sample-gate", answer="a")')
    notebook.type_source("sample-gate", "1 + 1")
    choose(notebook, GATE, "Ask for")
    expect(status(group)).to_contain_text("Not saved: the cell of this question was changed.")
    expect(status(group)).to_contain_text('Type ask("sample-gate", answer="b") in it')
    notebook.type_source("answer-shift", "By hand.")
    text = notebook.page.get_by_role("textbox", name="Think of a busy shift")
    expect(text).to_have_value("By hand.")
    text.fill("")
    notebook.wait_for_source("answer-shift", STUB)


def test_the_widgets_are_accessible_and_fit_a_phone(opened: Opened) -> None:
    notebook = opened("notebook7")
    page = notebook.page
    group = choose(notebook, GATE, "Ask for")
    group.get_by_role("button", name="Check my answer").click()
    page.set_viewport_size({"width": 320, "height": 2600})  # all of it in view, to be measured
    expect(status(group)).to_have_text(SAVED)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate("(t) => jupyterapp.commands.execute('apputils:change-theme', { theme: t })", theme)
        time.sleep(1)
        wrong, measured = notebook.accessibility(".course-widget")
        assert wrong == []
        assert measured >= 25
    boxes = page.locator(".course-widget").evaluate_all("all => all.map(e => [e.clientWidth, e.scrollWidth])")
    assert all(0 < content <= width for width, content in boxes)
    targets = page.locator(".course-option label, .course-widget button:visible")
    sizes = targets.evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")
    assert min(sizes) >= 24


def test_two_tabs_take_turns_and_a_stale_one_says_that_it_is_not_saved(
    front_end: str, opened: Opened, server: Server
) -> None:
    first = opened(front_end)
    choose(first, GATE, "Greet the visitor.")
    first.wait_for_source("sample-gate", 'answer="a"')
    expect(status(first.question(GATE))).to_have_text(SAVED)
    second = OpenNotebook(first.page.context.new_page(), server, front_end, first.name)
    choose(second, GATE, "Ask for")  # the kernel is alive, so the widgets are there without running
    second.wait_for_source("sample-gate", 'answer="b"')
    expect(status(second.question(GATE))).to_have_text(SAVED)
    choose(first, GRADED, "The weather")
    first.wait_for_source("sample-graded", 'answer="c"')
    assert 'answer="b"' in first.source("sample-gate")
    expect(first.question(GATE).get_by_label("Ask for")).to_be_checked()
    second.run_all()  # its outputs are not saved, so it cannot simply take the newer file
    choose(second, GATE, "Wait in silence")
    expect(status(second.question(GATE))).to_contain_text(
        "NOT saved: this notebook was changed in another tab"
    )
    assert 'answer="b"' in first.source("sample-gate")
    assert dialogs(first) + dialogs(second) == []
    second.page.keyboard.press("Control+s")
    second.page.locator(".jp-Dialog").get_by_role("button", name="Revert").click()
    expect(status(second.question(GATE))).to_have_text(SAVED)
    expect(second.question(GATE).get_by_label("Ask for")).to_be_checked()


def test_two_notebooks_on_one_kernel_never_write_into_each_other(opened: Opened, server: Server) -> None:
    first = opened("lab")
    other = server.write("other.ipynb", sample_notebook())
    kernel = first.context("context.sessionContext.session.kernel.id")
    first.page.evaluate(
        "(id) => jupyterapp.commands.execute('docmanager:open',"
        " { path: 'other.ipynb', factory: 'Notebook', kernel: { id } })",
        kernel,
    )
    wait_until(lambda: first.context("context.path") == "other.ipynb", "the second notebook is in front")
    first.wait_idle()
    first.run_all()
    group = first.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").get_by_role("group", name=GATE)
    group.get_by_label("Ask for").check()
    expect(status(group)).to_contain_text("two notebooks share one kernel")
    expect(status(group)).to_contain_text('Type answer="b" in its cell')
    time.sleep(0.7)
    assert "answer=None" in first.source("sample-gate")
    assert 'answer="b"' not in other.read_text(encoding="utf-8")


def test_a_copied_cell_gets_the_same_answer_until_it_is_run_and_then_a_warning(opened: Opened) -> None:
    notebook = opened("notebook7")
    notebook.activate("sample-gate")
    notebook.command("notebook:copy-cell")
    notebook.command("notebook:paste-cell-below")

    def literals() -> list[str]:
        sources = ["".join(cell["source"]) for cell in notebook.cells()]
        return [source[-11:] for source in sources if 'ask("sample-gate"' in source]

    groups = notebook.question(GATE)
    expect(groups).to_have_count(2)
    groups.last.get_by_label("Ask for").check()
    wait_until(lambda: literals() == ['answer="b")'] * 2, "both copies hold the answer")
    notebook.run_all()
    groups.last.get_by_label("Wait in silence").check()
    wait_until(lambda: literals() == ['answer="b")', 'answer="c")'], "each copy holds its own answer")
    expect(status(groups.first)).to_contain_text("stands twice in this notebook, with different answers")


def test_a_text_cell_turned_into_code_or_raw_text_is_mended_and_typing_goes_on_in_the_box(
    front_end: str, opened: Opened
) -> None:
    notebook = opened(front_end)
    page, keyboard = notebook.page, notebook.page.keyboard
    text = page.get_by_role("textbox", name="Think of a busy shift")
    text.fill("one two")
    notebook.wait_for_source("answer-shift", "one two")
    before = cell_on_disk(notebook, "answer-shift")
    for key in ("y", "r"):
        page.locator(".jp-MarkdownOutput").filter(has_text="one two").click()
        keyboard.press(key)
        expect(text).to_be_focused()
        keyboard.type(f" {key}es")
        notebook.wait_for_source("answer-shift", f" {key}es")
        expect(page.locator(".course-status").last).to_have_text("Your text is recorded and saved.")
    expect(text).to_have_value("one two yes res")
    assert cell_on_disk(notebook, "answer-shift") == {**before, "source": ["one two yes res"]}

    # Damaged in a program without the widget, it is mended when the notebook is opened and run here.
    cells = notebook.cells()
    damaged = next(cell for cell in cells if cell["id"] == "answer-shift")
    damaged.update(cell_type="code", outputs=[], execution_count=None)
    notebook.server.write(notebook.name, {**sample_notebook(), "cells": cells})
    notebook.open().restart_and_run_all()
    expect(text).to_have_value("one two yes res")
    page.keyboard.press("Control+s")
    wait_until(lambda: not notebook.is_dirty(), "the notebook is saved")
    assert cell_on_disk(notebook, "answer-shift") == {**before, "source": ["one two yes res"]}
    assert dialogs(notebook) == []


@pytest.mark.parametrize("place", ["Home", "End"])
def test_what_is_typed_in_the_text_cell_itself_takes_the_place_of_its_hint(
    place: str, front_end: str, opened: Opened
) -> None:
    notebook = opened(front_end)
    page = notebook.page
    page.locator(".jp-MarkdownOutput").filter(has_text=STUB).dblclick()
    page.keyboard.press("Enter")
    expect(page.locator(".jp-MarkdownCell .cm-content:focus")).to_have_text(STUB)
    page.keyboard.press(place)
    page.keyboard.type("I would wait.", delay=40)
    text = page.get_by_role("textbox", name="Think of a busy shift")
    expect(text).to_have_value("I would wait.")
    page.keyboard.press("Control+s")
    notebook.wait_for_source("answer-shift", "I would wait.")
    assert notebook.source("answer-shift") == "I would wait."
    expect(page.locator(".course-text")).to_contain_text("3 words.")


def test_a_text_cell_that_is_gone_can_be_put_back_with_the_text(front_end: str, opened: Opened) -> None:
    notebook = opened(front_end)
    text = notebook.page.get_by_role("textbox", name="Think of a busy shift")
    text.fill("one two")
    notebook.wait_for_source("answer-shift", "one two")
    notebook.context(
        "context.model.sharedModel.deleteCell("
        "[...context.model.cells].findIndex((cell) => cell.id === 'answer-shift'))"
    )
    line = notebook.page.locator(".course-status").last
    expect(line).to_have_text("NOT kept: the text cell below is gone. Put it back, then go on writing.")
    notebook.page.get_by_role("button", name="Put the text cell back").click()
    expect(line).to_have_text("Your text is recorded and saved.")
    notebook.page.keyboard.type(" three")

    def kept() -> list[Any]:
        cells = notebook.cells()
        place = [cell["id"] for cell in cells].index("reflect-shift")
        return cells[place + 1 : place + 2]

    wait_until(lambda: [cell["source"] for cell in kept()] == [["one two three"]], "the text is on disk")
    assert [(cell["cell_type"], cell["metadata"]["course"]) for cell in kept()] == [
        ("markdown", {"prompt": "sample-shift"})
    ]
    expect(notebook.page.get_by_role("button", name="Put the text cell back")).to_have_count(0)


def test_a_text_cell_split_in_two_is_told_until_one_half_is_emptied(opened: Opened) -> None:
    notebook = opened("notebook7", markdown("answer-more", "Second half.", course={"prompt": "sample-shift"}))
    text = notebook.page.get_by_role("textbox", name="Think of a busy shift")
    line = notebook.page.locator(".course-status").last
    expect(text).to_have_value("Second half.")  # the first cell holds no text
    notebook.type_source("answer-shift", "First half.")
    expect(text).to_have_value("First half.")
    expect(line).to_contain_text("Your text stands in two cells of this notebook, and they differ.")
    text.fill("First half. Second half.")
    notebook.type_source("answer-more", "")
    expect(line).to_have_text("Your text is recorded and saved.")
    assert "".join(cell_on_disk(notebook, "answer-shift")["source"]) == "First half. Second half."


def test_a_box_that_may_stay_empty_asks_for_no_least_number_of_words(opened: Opened) -> None:
    free = 'Reflection(prompt="sample-shift", text="Anything missing?", words=[0, 80], stub="None")'
    notebook = opened("notebook7", first=code("free", f"from course.widgets import Reflection\n{free}"))
    box = notebook.page.locator(".course-text").first
    box.get_by_role("textbox", name="Anything missing?").fill("one two")
    expect(box).to_contain_text("2 words. Up to 80 are fine.")


def test_an_instructor_copy_stores_nothing(opened: Opened) -> None:
    notebook = opened("notebook7", code("grade", "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS"))
    group = choose(notebook, GATE, "Greet the visitor.")
    notebook.page.get_by_role("textbox", name="Think of a busy shift").fill("A try.")
    expect(status(group)).to_have_text("Instructor copy: a choice made here is not stored.")
    notebook.page.keyboard.press("Control+s")
    wait_until(lambda: not notebook.is_dirty(), "the notebook is saved")
    assert "answer=None" in notebook.source("sample-gate")
    assert notebook.source("answer-shift") == STUB


@pytest.mark.parametrize(
    "document",
    ["undefined", "({model: {cells: {length: 0}, sharedModel: {}}, save() { throw Error('no file'); }})"],
    ids=["no document", "an empty stand-in for the document"],
)
def test_an_editor_that_hides_its_document_says_what_to_type_and_keeps_the_answer(
    document: str, opened: Opened
) -> None:
    patch = (
        "from course.widgets import Question, Reflection\n"
        "for view in (Question, Reflection):\n"
        f"    view._esm = view._esm.replace('model.widget_manager?.context', {json.dumps(document)})"
    )
    notebook = opened("notebook7", first=code("patch", patch))
    group = choose(notebook, GATE, "Wait in silence")
    expect(status(group)).to_contain_text('Run this cell again, or type answer="c" in it')
    expect(notebook.page.get_by_role("textbox", name="Think of a busy shift")).to_have_count(0)
    expect(notebook.page.locator(".course-status").last).to_contain_text("Write in the text cell right below")
    notebook.activate("sample-gate")
    notebook.command("notebook:run-cell")
    expect(status(group)).to_have_text("Your answer stands in the cell. Save the notebook to keep it.")
    source = notebook.context("context.model.cells.get(4).sharedModel.getSource()")
    assert source.endswith('ask("sample-gate", answer="c")')


def test_a_change_during_a_slow_save_is_saved_too_and_a_dead_kernel_does_not_matter(
    opened: Opened, page: Page
) -> None:
    page.add_init_script(
        "const send = window.fetch; window.fetch = async (request, options) => {"
        " if ((request.method ?? options?.method) === 'PUT') await new Promise((go) => setTimeout(go, 1000));"
        " return send(request, options); };"
    )
    notebook = opened("notebook7")
    notebook.context("context.sessionContext.shutdown()")
    group = choose(notebook, GATE, "Greet the visitor.")
    time.sleep(0.8)
    expect(status(group)).to_have_text("Saving…")
    choose(notebook, GATE, "Ask for")
    choose(notebook, GRADED, "The weather")
    notebook.wait_for_source("sample-gate", 'answer="b"', 6)
    notebook.wait_for_source("sample-graded", 'answer="c"', 6)
    expect(status(group)).to_have_text(SAVED)
    assert dialogs(notebook) == []


def test_a_lost_server_is_said_and_the_answer_is_saved_once_it_is_back(
    opened: Opened, server: Server
) -> None:
    notebook = opened("notebook7")
    group = choose(notebook, GATE, "Greet the visitor.")
    expect(status(group)).to_have_text(SAVED)
    server.stop()
    choose(notebook, GATE, "Ask for")
    expect(status(group)).to_contain_text("NOT saved: the notebook server does not answer.")
    assert dialogs(notebook) == []
    server.start()
    notebook.wait_for_source("sample-gate", 'answer="b"', 20)
    expect(status(group)).to_have_text(SAVED)


@pytest.mark.parametrize(
    "said, told",
    [
        (
            "Unexpected error while saving file: n.ipynb [Errno 28] No space left on device: '/a'",
            "the disk is full.",
        ),
        ("Permission denied: n.ipynb", "this notebook may only be read, not changed."),
        ("The format is too new", "The format is too new."),
    ],
)
def test_a_save_that_the_server_refuses_is_told_without_paths_and_numbers(
    said: str, told: str, opened: Opened
) -> None:
    notebook = opened("notebook7")

    def refuse(route: Route) -> None:
        if route.request.method == "PUT":
            route.fulfill(status=500, json={"message": said})
        else:
            route.continue_()

    notebook.page.route("**/api/contents/**", refuse)
    group = choose(notebook, GATE, "Ask for")
    expect(status(group)).to_have_text(
        f"NOT saved: {told} Press Ctrl+S to try again. If that fails too, copy your answer and tell your "
        "instructor."
    )
    notebook.page.locator(".jp-Dialog").get_by_role("button").last.click()
    notebook.page.unroute("**/api/contents/**")
    group.get_by_role("radio").last.focus()
    notebook.page.keyboard.press("Control+s")
    expect(status(group)).to_have_text(SAVED)
