"""The whole road in a browser: fetch, answer, reopen, validate, submit; then collect, grade, feedback."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab import FRONT_ENDS, REPOSITORY, OpenNotebook, Server, wait_until
from playwright.sync_api import Locator, Page, expect

from course.bank import load_course
from course.model import Item

pytestmark = pytest.mark.browser
ASSIGNMENT = "check-two-jobs"
REFLECTION = "At the gate a man had no badge. I told him why we ask, and then I showed him the desk."


class Class:
    """An instructor's copy of this repository, with an exchange of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "course-folder"
        for name in ("course", "source", "nbgrader_config.py"):
            path = REPOSITORY / name
            if path.is_dir():
                shutil.copytree(path, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, self.root / name)
        self.exchange = folder / "exchange"
        self.exchange.mkdir()

    def grading(self, *arguments: str) -> str:
        """Run a `grading` command as the instructor; return what it printed."""
        environment = {**os.environ, "COURSE_EXCHANGE": str(self.exchange), "PYTHONPATH": str(REPOSITORY)}
        run = subprocess.run(
            [sys.executable, "-m", "grading", *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def scores(self, student: str) -> dict[str, float]:
        """Return the stored automatic score of each graded cell."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.root}/grading/work/gradebook.db") as book:
            notebook = book.find_submission(ASSIGNMENT, student).notebooks[0]
            return {grade.name: grade.auto_score for grade in notebook.grades}


def items_of_the_check() -> tuple[Item, ...]:
    course = load_course(REPOSITORY)
    return course.assigned_items(next(a for a in course.assignments if a.id == ASSIGNMENT))


def plan(items: tuple[Item, ...]) -> dict[str, tuple[list[str], float]]:
    """Return item id -> the options to choose, and the points that choice deserves out of 2.

    Singles in turn right, wrong, right ...; multiples in turn all keys (2), one key of two (1).
    """
    plans: dict[str, tuple[list[str], float]] = {}
    singles = multiples = 0
    for item in items:
        if item.kind == "single":
            plans[item.id] = ([item.keys[0].id], 2.0) if singles % 2 == 0 else ([item.distractors[0].id], 0.0)
            singles += 1
        else:
            assert len(item.keys) == 2
            plans[item.id] = (
                ([o.id for o in item.keys], 2.0) if multiples % 2 == 0 else ([item.keys[0].id], 1.0)
            )
            multiples += 1
    return plans


def host_of(notebook: OpenNotebook, item: Item) -> Locator:
    """Return the quiz cell of an item on the page."""
    ids = [cell["id"] for cell in notebook.cells()]
    return notebook.page.locator(".jp-Notebook .jp-Cell").nth(ids.index(f"ask-{item.id}"))


def choose(page: Page, notebook: OpenNotebook, item: Item, options: list[str], *, keyboard: bool) -> None:
    """Choose options of an item as a student would, and wait until the widget says it is saved."""
    texts = {option.id: option.text for option in item.options}
    host = host_of(notebook, item)
    for option in options:
        box = host.get_by_label(texts[option], exact=True)
        box.scroll_into_view_if_needed()
        if not keyboard:
            host.get_by_text(texts[option], exact=True).click()
        elif item.kind == "multiple":
            box.focus()
            page.keyboard.press("Space")
        else:
            radios = host.get_by_role("radio")
            radios.first.focus()
            page.keyboard.press("Space")
            for _ in range(radios.count()):
                if box.is_checked():
                    break
                page.keyboard.press("ArrowDown")
        expect(box).to_be_checked()
    literal = json.dumps(options[0] if item.kind == "single" else sorted(options))
    notebook.wait_for_source(f"ask-{item.id}", f"answer={literal}")
    expect(host.get_by_role("status")).to_contain_text("recorded and saved")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_what_a_student_clicks_is_what_the_student_is_graded_on(front_end, tmp_path, browser):
    room = Class(tmp_path)
    room.grading("release", ASSIGNMENT)
    server = Server(tmp_path / "student")
    (server.folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'safe-and-welcome'\n"
        f"c.CourseDirectory.student_id = 'ana'\nc.Exchange.root = {str(room.exchange)!r}\n",
        encoding="utf-8",
    )
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        fetch(page, server, front_end)
        answer(page, server, front_end)
        submit(page, server, front_end)
    finally:
        server.stop()
    items = items_of_the_check()
    room.grading("collect", ASSIGNMENT)
    room.grading("autograde", ASSIGNMENT)
    deserved = {id_: points for id_, (_, points) in plan(items).items()}
    stored = room.scores("ana")
    reflections = set(stored) - set(deserved)
    assert {name: stored[name] for name in deserved} == deserved
    assert [stored[name] for name in reflections] == [None]
    room.grading("feedback", ASSIGNMENT)
    pages = list((room.root / "grading/work/feedback/ana" / ASSIGNMENT).glob("*.html"))
    assert len(pages) == 1
    html = pages[0].read_text(encoding="utf-8")
    assert "I told him why we ask" in html
    for item in items:
        for option in item.options:
            assert option.rationale not in html


def assignment_list(page: Page, server: Server, front_end: str) -> None:
    """Open the Assignment List as a student does: from the menu Nbgrader."""
    where = "lab" if front_end == "lab" else "tree"
    page.goto(f"http://127.0.0.1:{server.port}/{where}?token={server.token}")
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Assignment List").click()


def fetch(page: Page, server: Server, front_end: str) -> None:
    """Fetch the assignment from the list."""
    assignment_list(page, server, front_end)
    page.get_by_role("button", name="Fetch", exact=True).first.click(timeout=60_000)
    notebook = server.folder / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    wait_until(notebook.exists, "the assignment is fetched", 30)


def answer(page: Page, server: Server, front_end: str) -> None:
    """Answer by mouse and by keyboard, reopen, restart, run all, and validate."""
    items, plans = items_of_the_check(), plan(items_of_the_check())
    notebook = OpenNotebook(page, server, front_end, f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
    expect(page.locator(".jp-RenderedMarkdown").get_by_text("No answer choices below?").first).to_be_visible()
    notebook.run_all()
    half = len(items) // 2
    for number, item in enumerate(items):
        choose(page, notebook, item, plans[item.id][0], keyboard=number >= half)
    box = page.locator(".jp-OutputArea textarea").first
    box.scroll_into_view_if_needed()
    box.fill(REFLECTION)
    notebook.wait_for_source("answer-two-jobs-encounter", REFLECTION)
    notebook.open()
    notebook.run_all()
    chosen(notebook, items, plans)
    notebook.restart_and_run_all()
    chosen(notebook, items, plans)
    assert page.locator(".jp-Dialog").count() == 0
    page.get_by_role("button", name="Validate").click()
    expect(page.locator(".jp-Dialog")).to_contain_text("Success", timeout=60_000)
    page.locator(".jp-Dialog").get_by_role("button").last.click()


def chosen(
    notebook: OpenNotebook, items: tuple[Item, ...], plans: dict[str, tuple[list[str], float]]
) -> None:
    """Check that the widgets show the answers that were given."""
    for item in items:
        host = host_of(notebook, item)
        for option in item.options:
            box = host.get_by_label(option.text, exact=True)
            box.scroll_into_view_if_needed()
            expect(box).to_be_checked(checked=option.id in plans[item.id][0])


def submit(page: Page, server: Server, front_end: str) -> None:
    """Submit from the list."""
    assignment_list(page, server, front_end)
    page.get_by_role("button", name="Submit", exact=True).first.click(timeout=60_000)
    expect(
        page.locator("#submitted_assignments_list, .jp-Dialog, #submitted_assignments").first
    ).to_contain_text(ASSIGNMENT, timeout=30_000)
