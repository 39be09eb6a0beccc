"""The whole road in a browser: fetch, answer, reopen, validate, submit; then collect, grade, feedback."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab import REPOSITORY, OpenNotebook, Server, wait_until
from playwright.sync_api import Locator, Page, expect

from course.bank import load_course
from course.model import Item

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Check:
    """A check with one text; `row` is the cell with its points, `earned` what it gets without a person."""

    id: str
    prompt: str
    row: str
    text: str
    earned: float | None


SHORT = (
    "At the gate — a\u00a0man had no badge. I told him why we ask ✓ and then I showed him the desk. "
    "He said: 'Nobody told me that before!' 2"
)
"""29 words: a break that looks like a space is one, and a sign of its own is no word."""
CHECKS = {
    "lab": Check(
        "check-two-jobs",
        "two-jobs-encounter",
        "two-jobs-encounter",
        "At the gate a man had no badge. I told him why we ask, and then I showed him the desk.",
        None,
    ),
    "notebook7": Check(
        "check-first-contact",
        "first-contact-only-you",
        "first-contact-only-you-written",
        f"{SHORT} days later.",
        1.0,
    ),
}
"""The check that is done in each front end: one whose text a person grades, one that earns by its length."""


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

    def scores(self, assignment: str, student: str) -> dict[str, float]:
        """Return the stored automatic score of each graded cell."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.root}/grading/work/gradebook.db") as book:
            notebook = book.find_submission(assignment, student).notebooks[0]
            return {grade.name: grade.auto_score for grade in notebook.grades}


def items_of(check: Check) -> tuple[Item, ...]:
    course = load_course(REPOSITORY)
    return course.assigned_items(next(a for a in course.assignments if a.id == check.id))


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


def by_mouse(notebook: OpenNotebook, item: Item) -> None:
    """Click the first option of an item, right or not, and wait until the widget says it is saved."""
    host = host_of(notebook, item)
    first = item.options[0]
    host.get_by_text(first.text, exact=True).click()
    expect(host.get_by_label(first.text, exact=True)).to_be_checked()
    saved(notebook, item, [first.id])


def by_keyboard(notebook: OpenNotebook, item: Item, options: list[str]) -> None:
    """Tab to an item and choose with Space and arrows only, ending with exactly these options."""
    host, keyboard = host_of(notebook, item), notebook.page.keyboard
    inputs = host.locator("input")
    tab_to(notebook.page, host)
    if item.kind == "single":
        wanted = host.locator(f"input[value='{options[0]}']")
        for _ in range(inputs.count()):
            if not wanted.is_checked():
                keyboard.press("ArrowDown")
        expect(wanted).to_be_checked()
    else:
        for number in range(inputs.count()):
            box = inputs.nth(number)
            expect(box).to_be_focused()
            if box.is_checked() != (box.get_attribute("value") in options):
                keyboard.press("Space")
            if number < inputs.count() - 1:
                keyboard.press("Tab")
    saved(notebook, item, options)


def tab_to(page: Page, host: Locator) -> None:
    """Press Tab until the focus is on a choice of a question, which a learner must be able to reach so."""
    for _ in range(60):
        if host.locator("input:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError("the question cannot be reached with the Tab key")


def saved(notebook: OpenNotebook, item: Item, options: list[str]) -> None:
    """Wait until the file holds the answer, and check that the widget says so."""
    literal = json.dumps(options[0] if item.kind == "single" else sorted(options))
    notebook.wait_for_source(f"ask-{item.id}", f"answer={literal}")
    expect(host_of(notebook, item).locator(".course-status")).to_have_text(
        "Your answer is recorded and saved."
    )


@pytest.mark.parametrize("front_end", ["lab", pytest.param("notebook7", marks=pytest.mark.slow)])
def test_what_a_student_clicks_is_what_the_student_is_graded_on(front_end, tmp_path, browser):
    check = CHECKS[front_end]
    room = Class(tmp_path)
    room.grading("release", check.id)
    server = Server(tmp_path / "student")
    (server.folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'safe-and-welcome'\n"
        f"c.CourseDirectory.student_id = 'ana'\nc.Exchange.root = {str(room.exchange)!r}\n"
        f"c.ExchangeFactory.fetch_assignment = 'grading.plugins.MarkedFetch'\n",
        encoding="utf-8",
    )
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        fetch(page, server, front_end, check)
        marks = f"fetched={check.id}=ana=*"
        wait_until(lambda: list(room.exchange.rglob(marks)), "it is marked as fetched", 10)
        answer(page, server, front_end, check)
        submit(page, server, front_end, check)
        grade(room, check)
        fetch_feedback(page, server, front_end, check)
    finally:
        server.stop()


def grade(room: Class, check: Check) -> None:
    """Collect, grade and give feedback; the scores are what the clicks deserve, and no reason is told."""
    items = items_of(check)
    room.grading("collect", check.id)
    room.grading("autograde", check.id)
    deserved = {id_: points for id_, (_, points) in plan(items).items()}
    assert 0.0 in deserved.values() and 1.0 in deserved.values() and 2.0 in deserved.values()
    stored = room.scores(check.id, "ana")
    assert stored == {**deserved, check.row: check.earned}
    room.grading("feedback", check.id, "--release")
    pages = list((room.root / "grading/work/feedback/ana" / check.id).glob("*.html"))
    assert len(pages) == 1
    html = pages[0].read_text(encoding="utf-8")
    assert check.text.replace("'", "&#39;") in html
    assert [o.rationale for item in items for o in item.options if o.rationale in html] == []


def fetch_feedback(page: Page, server: Server, front_end: str, check: Check) -> None:
    """Fetch the feedback from the list, so that it is in the student's own folder."""
    assignment_list(page, server, front_end)
    page.get_by_role("button", name="Fetch Feedback").first.click(timeout=60_000)
    folder = server.folder / check.id / "feedback"
    wait_until(lambda: list(folder.rglob(f"{check.id}.html")), "the feedback is fetched", 30)


def assignment_list(page: Page, server: Server, front_end: str) -> None:
    """Open the Assignment List as a student does: from the menu Nbgrader."""
    where = "lab" if front_end == "lab" else "tree"
    page.goto(f"http://127.0.0.1:{server.port}/{where}?token={server.token}")
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Assignment List").click()


def fetch(page: Page, server: Server, front_end: str, check: Check) -> None:
    """Fetch the assignment from the list."""
    assignment_list(page, server, front_end)
    page.get_by_role("button", name="Fetch", exact=True).first.click(timeout=60_000)
    notebook = server.folder / check.id / f"{check.id}.ipynb"
    wait_until(notebook.exists, "the assignment is fetched", 30)


def answer(page: Page, server: Server, front_end: str, check: Check) -> None:
    """Answer by mouse and by keyboard, reopen, restart, run all, and validate."""
    items, plans = items_of(check), plan(items_of(check))
    notebook = OpenNotebook(page, server, front_end, f"{check.id}/{check.id}.ipynb")
    expect(page.locator(".jp-RenderedMarkdown").get_by_text("No answer choices below?").first).to_be_visible()
    notebook.run_all()
    for item in items:
        by_mouse(notebook, item)
    host_of(notebook, items[0]).locator("input:checked").focus()
    for item in items:
        by_keyboard(notebook, item, plans[item.id][0])
    box = page.locator(".jp-OutputArea textarea").first
    box.scroll_into_view_if_needed()
    if check.earned:
        box.fill(SHORT)
        expect(page.locator(".course-text .course-rule")).to_contain_text("29 words. Aim for 30 to 100.")
        # At once, so that the save of the button and the one of the box meet.
        validate(page, "Your text has 29 words. It counts from 30 words on.")
        box.fill(check.text)
        expect(page.locator(".course-text .course-rule")).to_contain_text("31 words: long enough.")
    box.fill(check.text)
    notebook.wait_for_source(f"answer-{check.prompt}", check.text)
    notebook.open()
    notebook.run_all()
    chosen(notebook, items, plans)
    notebook.restart_and_run_all()
    chosen(notebook, items, plans)
    assert page.locator(".jp-Dialog").count() == 0
    said = [cell["outputs"] for cell in notebook.cells() if cell["id"].startswith("grade-")]
    assert said and not any(said), "the cells for grading say nothing in Run All"
    expect(page.get_by_text("cells hidden")).to_be_visible()
    validate(page, "Success")


def validate(page: Page, words: str) -> None:
    """Click the button Validate, and read what it says."""
    page.get_by_role("button", name="Validate").click()
    expect(page.locator(".jp-Dialog")).to_contain_text(words, timeout=60_000)
    page.locator(".jp-Dialog").get_by_role("button").last.click()
    expect(page.locator(".jp-Dialog")).to_have_count(0)


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


def submit(page: Page, server: Server, front_end: str, check: Check) -> None:
    """Submit from the list."""
    assignment_list(page, server, front_end)
    page.get_by_role("button", name="Submit", exact=True).first.click(timeout=60_000)
    expect(
        page.locator("#submitted_assignments_list, .jp-Dialog, #submitted_assignments").first
    ).to_contain_text(check.id, timeout=30_000)
