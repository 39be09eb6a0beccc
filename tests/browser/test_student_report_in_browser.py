"""A student's report in a real browser: accessible, on a phone too, and on one printed sheet."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from test_student_report import full_course, full_page

from grading.feedback_page import render
from grading.student_reports import render_course

pytestmark = pytest.mark.browser


def test_a_report_is_accessible_on_a_screen_and_a_phone_and_prints_on_one_sheet(browser: Browser, tmp_path):
    pages = {"final": render(full_page("final")), "course": render_course(full_course())}
    asked: list[str] = []
    for name, text in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_text(text, encoding="utf-8")
        for theme, width in (("light", 1280), ("dark", 320)):
            profile = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
            page = profile.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.goto(path.as_uri())
            found = Axe().run(page).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if theme == "light":
                for paper in ("A4", "Letter"):
                    printed = page.pdf(format=paper)
                    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, (name, paper)
            profile.close()
    assert {url.rpartition("/")[2] for url in asked} == {"final.html", "course.html"}
