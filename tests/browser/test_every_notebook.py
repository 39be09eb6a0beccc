"""Every lesson, check and final opened in JupyterLab, run, answered by clicks, run again without error."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from lab import REPOSITORY, OpenNotebook, Server, wait_until
from playwright.sync_api import Browser

from course.bank import load_course

pytestmark = pytest.mark.browser
NOTEBOOKS = sorted([*REPOSITORY.glob("notebooks/*.ipynb"), *REPOSITORY.glob("release/*/*.ipynb")])
KEYS = {item.id: item.key for item in load_course(REPOSITORY).items()}
TEXT = "A visitor asked me the way. I showed her, and I kept the door in view."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server whose folder holds every notebook of the course."""
    server = Server(tmp_path_factory.mktemp("desk"))
    for path in NOTEBOOKS:
        shutil.copy(path, server.folder / path.name)
    yield server
    server.stop()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_runs_and_takes_every_answer(path: Path, desk: Server, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    try:
        notebook = OpenNotebook(page, desk, "lab", path.name)
        notebook.run_all()
        items, prompts = placed(notebook.cells(), "item"), placed(notebook.cells(), "prompt")
        for item in items:
            for option in KEYS[item]:
                page.locator(f"[data-course-item='{item}'] input[value='{option}']").click()
        for prompt in prompts:
            page.locator(f"[data-course-item='{prompt}'] textarea").fill(TEXT)
        wait_until(lambda: answered(notebook, items, prompts), "every answer is in the file", 20)
        notebook.run_all()
        page.keyboard.press("Control+s")
        notebook.wait_idle()
        assert errors(notebook) == []
        for item in items:
            question = page.locator(f"[data-course-item='{item}']")
            check = question.get_by_role("button", name="Check my answer")
            if check.count():  # practice
                check.click()
                assert "✓ Right." in question.locator(".course-verdict").inner_text()
    finally:
        page.close()


def placed(cells: list[dict[str, Any]], kind: str) -> list[str]:
    """Return the ids of the questions of a kind, in order."""
    return [cell["metadata"]["course"][kind] for cell in cells if kind in cell["metadata"].get("course", {})]


def answered(notebook: OpenNotebook, items: list[str], prompts: list[str]) -> bool:
    """Tell whether the file holds the key of every item and the text of every prompt."""
    sources = {cell["id"]: "".join(cell["source"]) for cell in notebook.cells()}
    literals = {
        item: json.dumps(KEYS[item][0] if len(KEYS[item]) == 1 else list(KEYS[item])) for item in items
    }
    right = all(f"answer={literals[item]})" in sources[f"ask-{item}"] for item in items)
    return right and all(sources[f"answer-{prompt}"] == TEXT for prompt in prompts)


def errors(notebook: OpenNotebook) -> list[Any]:
    """Return every error and every line on stderr that the open notebook shows."""
    found: list[Any] = notebook.context(
        """panel.content.widgets.flatMap((cell) => cell.model.type !== "code" ? [] :
            Array.from({ length: cell.model.outputs.length }, (_, n) => cell.model.outputs.get(n).toJSON()))
            .filter((output) => output.output_type === "error" || output.name === "stderr")"""
    )
    return found
