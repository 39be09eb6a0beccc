"""Two graders at once on the reflections page, by keyboard, in a real browser, while the server is killed."""

import shutil
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from classroom import CHECK, HONEST, PROMPT, Classroom, answered
from course_server import Server
from lab import wait_until
from playwright.sync_api import Browser, Page, Route, expect

from grading.gradebook import locked
from grading.lab.board import board, task_of
from grading.ratings import read_ratings
from grading.tables import connected

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        sys.platform == "win32", reason="kills the server, and names a folder as no Windows does"
    ),
]
REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 25_000
"""Milliseconds; a busy machine is slow, and a page that is stuck is stuck for ever."""
HOSTILE = "<img src=x onerror=fired('id')>"
ATTACK = (
    "<script>fired('script')</script><img src=x onerror=\"fired('img')\"> [x](javascript:fired('link')) "
    "</div><svg onload=\"fired('svg')\">\n\n![x](/formgrader) &lt;b&gt; \u202e"
)


@pytest.fixture
def room(classroom: Classroom) -> Classroom:
    """A class with the course's own rubric; one text attacks, and so does its writer's id."""
    shutil.copy(
        REPOSITORY / "course/rubrics/reflection.toml", classroom.root / "course/rubrics/reflection.toml"
    )
    exemplars = REPOSITORY / "course/rubrics/exemplars/two-jobs-encounter.toml"
    entries = tomllib.loads(exemplars.read_text(encoding="utf-8"))["exemplar"]
    texts = {"ana": entries[0]["text"], "ben": entries[1]["text"], "mal": ATTACK}
    for student, text in texts.items():
        classroom.hand_in(student, answered(classroom.released, HONEST, text))
    classroom.grade()
    engine = sa.create_engine(classroom.places.db_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE student SET id = :new WHERE id = 'mal'"), {"new": HOSTILE})
        change = "UPDATE submitted_assignment SET student_id = :new WHERE student_id = 'mal'"
        connection.execute(sa.text(change), {"new": HOSTILE})
    engine.dispose()
    autograded = classroom.places.step("autograded")
    (autograded / "mal").rename(autograded / HOSTILE)
    return classroom


@pytest.fixture
def jupyter(room: Classroom, tmp_path: Path) -> Iterator[Server]:
    made = Server(room.root, tmp_path / "home")
    yield made
    made.kill()


@pytest.fixture
def fired() -> Iterator[list[str]]:
    """What an attack or a mistake in the page's program leaves; nothing may."""
    found: list[str] = []
    yield found
    assert found == []


def come(browser: Browser, server: Server, rater: str, fired: list[str]) -> Page:
    """Open the page as a grader who has not been there before."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.expose_function("fired", lambda name: fired.append(name))
    page.on("pageerror", lambda error: fired.append(str(error)))
    page.goto(f"{server.address}/grading/reflections?token=secret")
    expect(page.get_by_label("Your name", exact=True)).to_be_focused(timeout=PATIENCE)
    page.keyboard.type(rater)
    page.keyboard.press("Enter")
    saved(page, "Everything is saved")
    return page


def turn_to(page: Page, start: str) -> None:
    """Go through the texts by keyboard until one begins as asked."""
    for key in "kkkjjj":
        if page.locator("#text").inner_text().startswith(start):
            return
        page.keyboard.press(key)
    raise AssertionError(f"no text begins with {start}")


def saved(page: Page, words: str) -> None:
    expect(page.locator("#status")).to_contain_text(words, timeout=PATIENCE)


def lose_answers(page: Page) -> None:
    """Let the first save that follows reach the server, none after it, and no answer come back."""
    reached: list[bool] = []

    def lose(route: Route) -> None:
        if not reached:
            reached.append(route.fetch().ok)
        route.abort()

    page.route("**/save", lose)


def levels(room: Classroom) -> dict[tuple[str, str], str]:
    """Rater and student -> the levels in the rubric's order."""
    order = ("encounter", "ideas", "own-part", "next-time")
    return {
        (one.rater, one.student): "".join(str(one.levels.get(name, "-")) for name in order)
        for one in read_ratings(room.places, CHECK)
    }


@pytest.mark.timeout(240)
def test_nothing_that_two_graders_typed_is_lost(room, jupyter, fired, browser):
    assert jupyter.get("/grading/reflections") == 302
    assert jupyter.get("/grading/api/reflections") == 403
    ann, ben = (come(browser, jupyter, rater, fired) for rater in ("Ann", "Ben"))
    refused = ann.request.post(f"{jupyter.address}/grading/api/reflections/save", data={"rater": "Ann"})
    assert refused.status == 403  # no XSRF token

    # The usual text and all levels on one screen.
    turn_to(ann, "I have no post yet")
    hidden = """(name) => document.querySelector(name).scrollHeight
        - document.querySelector(name).clientHeight"""
    assert [ann.evaluate(hidden, name) for name in ("#text", ".scoring", "html")] == [0, 0, 0]
    report = Axe().run(ann, options={"resultTypes": ["violations"]}).response
    assert [(rule["id"], node["html"]) for rule in report["violations"] for node in rule["nodes"]] == []

    # Both score at the same time; what one has begun is left to that one.
    ann.keyboard.press("2")
    saved(ann, "3 levels are missing")
    turn_to(ben, "Working at the front desk")
    for key in "1001":
        ben.keyboard.press(key)
    saved(ben, "The gradebook has the points")
    turn_to(ben, "I have no post yet")
    expect(ben.locator("#chip")).to_have_text("Another grader is at it", timeout=PATIENCE)
    for key in "212":
        ann.keyboard.press(key)
    saved(ann, "The gradebook has the points")

    # A comment full of shortcuts, and a reload before it was sent.
    ann.keyboard.press("4")
    ann.keyboard.press("c")
    ann.keyboard.type(" 0 u n j <b>")
    ann.reload()
    saved(ann, "Saved at")
    turn_to(ann, "I have no post yet")
    assert ann.locator("#comment").input_value().endswith(" 0 u n j <b>")
    assert levels(room) == {("Ann", "ana"): "2212", ("Ben", "ben"): "1001"}

    # The server dies. Ann stays on the page, Ben closes it.
    jupyter.kill()
    turn_to(ann, "Working at the front desk")
    for key in "10":
        ann.keyboard.press(key)
    saved(ann, "the server does not answer")
    turn_to(ben, "I have no post yet")
    for key in "0212":
        ben.keyboard.press(key)
    ben.keyboard.press("c")
    ben.keyboard.type("Ben's own.")
    saved(ben, "Not saved yet")
    ben.close()
    jupyter.start()
    ann.keyboard.press("0")
    ann.keyboard.press("2")
    saved(ann, "Saved at")
    ben = ben.context.new_page()
    ben.goto(f"{jupyter.address}/grading/reflections")
    saved(ben, "Saved at")
    wait_until(lambda: len(levels(room)) == 4, "both have come through")
    assert levels(room)["Ann", "ben"] == "1002" and levels(room)["Ben", "ana"] == "0212"

    # The attack is text, and so is the name of its writer, who is named nowhere before that is asked.
    turn_to(ann, "<script>")
    assert "onerror" in ann.locator("#text").inner_text() and "\u202e" not in ann.content()
    assert HOSTILE not in ann.content() and "ana" not in ann.url + ann.title()
    ann.keyboard.press("w")
    expect(ann.locator("#about")).to_have_text(HOSTILE, timeout=PATIENCE)
    ann.keyboard.press("u")
    saved(ann, "3 levels are missing")
    expect(ann.locator("#open-unsafe")).to_have_text("Unsafe plans (1)", timeout=PATIENCE)

    # The way there from the formgrader.
    ann.goto(f"{jupyter.address}/formgrader/manage_students")
    ann.get_by_role("link", name="Reflections").click()
    saved(ann, "Everything is saved")
    cells = {name: {c.name: c for c in room.record(name).cells}[PROMPT] for name in ("ana", "ben")}
    # 7 and 2 of 12 levels, of 6 points. Ben's 0 is 2 below Ann's 2, so a third reader is awaited.
    assert (cells["ana"].manual_score, cells["ana"].needs_manual) == (3.5, True)
    assert (cells["ben"].manual_score, cells["ben"].needs_manual) == (1.0, False)
    assert cells["ana"].manual_comment.startswith(
        "encounter: 2\nideas: 2\nown-part: 1\nnext-time: 2\n\nGoal: "
    )
    with connected(room.places) as connection:
        where = board(connection, room.places, task_of(room.places, CHECK, PROMPT)).standings
    assert (where["ana"].needs, where["ana"].gaps, where["ben"].needs) == ("third", ["encounter"], "")


@pytest.mark.timeout(120)
def test_a_change_counts_though_its_answer_was_lost_or_the_clock_was_set_back(room, jupyter, fired, browser):
    ann = come(browser, jupyter, "Ann", fired)
    turn_to(ann, "I have no post yet")
    # The server keeps the level, but its answer never comes; then the tab is closed within a comment.
    lose_answers(ann)
    ann.keyboard.press("2")
    saved(ann, "the server does not answer")
    assert levels(room) == {("Ann", "ana"): "2---"}
    ann.keyboard.press("c")
    ann.keyboard.type("Half a word")
    ann.close()
    ann = ann.context.new_page()
    ann.on("pageerror", lambda error: fired.append(str(error)))
    ann.clock.install(time=datetime.now(UTC) + timedelta(hours=1))
    ann.goto(f"{jupyter.address}/grading/reflections")
    saved(ann, "3 levels are missing")
    turn_to(ann, "I have no post yet")
    ann.keyboard.press("1")
    saved(ann, "2 levels are missing")

    # An hour back, as where a clock that was wrong is set right; then the page is loaded again.
    ann.clock.set_system_time(datetime.now(UTC))
    ann.reload()
    saved(ann, "Everything is saved")
    turn_to(ann, "I have no post yet")
    for key in "12":
        ann.keyboard.press(key)
    saved(ann, "The gradebook has the points")
    assert levels(room) == {("Ann", "ana"): "2112"}
    assert [one.comment for one in read_ratings(room.places, CHECK)] == ["Half a word"]


@pytest.mark.timeout(120)
def test_a_duplicate_of_a_tab_asks_before_it_replaces_what_the_first_one_sent(room, jupyter, fired, browser):
    ann = come(browser, jupyter, "Ann", fired)
    turn_to(ann, "I have no post yet")
    ann.keyboard.press("2")
    saved(ann, "3 levels are missing")
    with ann.context.expect_page() as opened:
        ann.evaluate("open(location.href)")  # with a copy of the tab's storage, as a duplicate has
    twin = opened.value
    saved(twin, "Everything is saved")
    turn_to(twin, "I have no post yet")
    ann.keyboard.press("1")
    saved(ann, "2 levels are missing")
    twin.keyboard.press("0")
    saved(twin, "choose which to keep")
    assert levels(room) == {("Ann", "ana"): "21--"}
    twin.get_by_role("button", name="Take the other").click()
    saved(twin, "The other window’s scores stand here now")
    twin.close()

    # A reload is no duplicate: what was sent before is this tab's own word, though no answer came.
    lose_answers(ann)
    ann.keyboard.press("3")
    saved(ann, "the server does not answer")
    ann.reload()
    saved(ann, "the server does not answer")
    turn_to(ann, "I have no post yet")
    ann.keyboard.press("1")
    ann.unroute("**/save")
    saved(ann, "The gradebook has the points")
    assert levels(room) == {("Ann", "ana"): "2131"}


@pytest.mark.timeout(120)
def test_the_page_says_why_the_gradebook_has_not_all_points_yet(room, jupyter, fired, browser):
    ann = come(browser, jupyter, "Ann", fired)
    with locked(room.places):
        turn_to(ann, "I have no post yet")
        for key in "2212":
            ann.keyboard.press(key)
        saved(ann, "another run of grading is writing")
        ann.reload()
        saved(ann, "another run of grading is writing")
    saved(ann, "The gradebook has the points")
    assert {c.name: c.manual_score for c in room.record("ana").cells}[PROMPT] == 3.5
