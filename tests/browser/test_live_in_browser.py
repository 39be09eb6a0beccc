"""Class now, the page on which an instructor follows a class, in a real browser."""

import json
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from classroom import CHECK, HONEST, PROMPT, TEXT, answered
from course_server import Server
from playwright.sync_api import Browser, expect

from grading.gradebook import opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform == "win32", reason="kills the server as Windows cannot"),
]
ATTACK = "<img src=x onerror=document.title='fired'>"


def test_an_instructor_follows_a_class_without_a_shell(browser: Browser, classroom, tmp_path):
    with opened(classroom.places) as book:
        book.update_or_create_student("ana", first_name=ATTACK, last_name="\u202eX" * 60)
        for student in ("ben", "cyd"):
            book.update_or_create_student(student)
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    server = Server(classroom.root, tmp_path / "home")
    try:
        assert server.get("/grading/api/live") == 403  # nobody without the token
        assert server.get("/grading/live") == 302
        for scheme in ("dark", "light"):
            context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
            page = context.new_page()
            page.goto(f"{server.address}/grading/live?token=secret")
            row = page.locator("table.students tr", has_text="ana")
            expect(row).to_contain_text("needs a person", timeout=20_000)
            found = Axe().run(page).response["violations"]
            assert not found, json.dumps(found, indent=1)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.title() == "Class now" and page.locator("main img").count() == 0
        page.set_viewport_size({"width": 1280, "height": 800})
        step = page.locator("td.step a").first
        expect(step).to_have_text("Score what 1 student wrote")
        assert step.get_attribute("href") == "/grading/reflections"
        page.select_option("#show", "none")
        expect(page.locator("#count")).to_have_text("2 of 3 students")
        page.select_option("#show", "open")
        expect(page.locator("#count")).to_have_text("1 of 3 students")
        classroom.grade_by_hand("ana", PROMPT, 4)
        # Nobody reloads the page.
        expect(page.locator("#count")).to_have_text("0 of 3 students", timeout=25_000)
        expect(step).to_have_text("Make the feedback pages and hand them back")
        step.click()
        expect(page.get_by_role("link", name=CHECK)).to_be_visible()
        page.get_by_role("link", name="Class now").click()
        expect(page.locator("#students")).to_contain_text("ben", timeout=20_000)
        server.kill()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as if one came back to it
        expect(page.locator("#problem")).to_contain_text("the server does not answer", timeout=25_000)
        expect(page.locator("#problem")).to_contain_text("What stands here was seen before.")
        expect(page.locator("#students")).to_contain_text("ben")
    finally:
        server.kill()
