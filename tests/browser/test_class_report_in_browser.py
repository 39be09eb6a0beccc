"""The class report in a real browser: accessible in light and dark, and nothing runs over a phone's edge."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from made_class import TIME, item, large_class, made_class, rated
from playwright.sync_api import Browser

from grading.bankkeys import Bank
from grading.reports.class_build import Sources, class_report
from grading.reports.class_page import render, render_talks
from grading.responses import PromptInfo

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_report_is_accessible_on_a_screen_and_on_a_phone(browser: Browser, tmp_path: Path, theme):
    items = [item(number) for number in range(1, 9)]
    rows = large_class(items, 110)
    prompt = PromptInfo("encounter", 3.0, "Tell about one encounter.")
    texts = {student: {"encounter": rated({"own-part": 2})} for student in rows}
    before = made_class(items[:4], large_class(items[:4], 60, seed=2), name="before")
    found = made_class(items, rows, prompts=[prompt], texts=texts)
    report, talks = class_report(Sources(found, Bank(), TIME, before=before))
    asked: list[str] = []
    for name, text in (("report", render(report)), ("talks", render_talks(report, talks))):
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
        for width in (1280, 390) if theme == "light" else (390,):
            profile = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
            page = profile.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.goto((tmp_path / f"{name}.html").as_uri())
            found_wrong = Axe().run(page).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found_wrong] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            profile.close()
    assert {url.rpartition("/")[2] for url in asked} == {"report.html", "talks.html"}
