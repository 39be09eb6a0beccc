"""Hostile work in the formgrader, in a real browser: what comes alive in nbgrader's own stays text in ours.

Both servers show the very same graded copies, made by nbgrader's own autograder, which runs students' code
and keeps their cells.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from classroom import CHECK, TEXT, Classroom, answered
from playwright.sync_api import Browser

from grading.autograde import autograde
from grading.gradebook import opened
from grading.places import find_places

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="makes folder names that Windows does not know"),
]
REPOSITORY = Path(__file__).resolve().parents[2]
VANILLA = """
c = get_config()
c.CourseDirectory.course_id = "vanilla"
c.CourseDirectory.root = {root!r}
"""
STUDENT = "<img src=x onerror=fired('id')>"
NAME = "<img src=x onerror=fired('name')>"
MARKDOWN = {
    "img": "<img src=x onerror=\"fired('img')\">",
    "script": "<script>fired('script')</script>",
    "iframe": "<iframe srcdoc=\"<script>fired('iframe')</script>\"></iframe>",
    "svg": "<svg onload=\"fired('svg')\"></svg>",
    "details": "<details open ontoggle=\"fired('details')\">x</details>",
    "css": "<style>@keyframes k {}</style><b style='animation: k 1s' onanimationstart=\"fired('css')\">x</b>",
    "form": "<button form=f id=press>x</button><form id=f action=\"javascript:fired('form')\"></form>",
    "link": "<a href=\"javascript:fired('link')\">x</a>",
}
CODE = {
    "html": "from IPython.display import HTML\nHTML(\"<img src=x onerror=fired('html')>\")",
    "javascript": "from IPython.display import Javascript\nJavascript(\"fired('javascript')\")",
}
ALIVE = {*MARKDOWN, *CODE, "id", "name", "url", "path"}
"""Everything that fires in nbgrader's own formgrader."""


def hostile(notebook, trap):
    """Return the notebook with a cell for each attack, as a student could hand it in."""
    made = answered(notebook, {}, TEXT)
    path = f"![x](/formgrader?path={quote(str(trap))})"
    for name, source in {**MARKDOWN, "path": path}.items():
        made["cells"].append({"cell_type": "markdown", "id": name, "metadata": {}, "source": source})
    for name, source in CODE.items():
        cell = {"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": []}
        made["cells"].append({**cell, "execution_count": None})
    return made


@pytest.fixture
def vanilla(classroom: Classroom, tmp_path: Path) -> Path:
    """A course folder of nbgrader's own with the hostile work graded by nbgrader's own autograder."""
    root = tmp_path / "vanilla"
    shutil.copytree(classroom.root / "source", root / "source")
    trap = root / "submitted" / "mal" / CHECK
    for student in ("mal", STUDENT):
        folder = root / "submitted" / student / CHECK
        folder.mkdir(parents=True)
        work = hostile(classroom.released, root / "autograded" / "mal" / CHECK)
        (folder / f"{CHECK}.ipynb").write_text(json.dumps(work), encoding="utf-8")
        (folder / "timestamp.txt").write_text("2026-03-02 09:30:00 UTC", encoding="utf-8")
    owned = tmp_path / "owned"
    (trap / "nbgrader_config.py").write_text(f"open({str(owned)!r}, 'w').close()\n", encoding="utf-8")
    (root / "nbgrader_config.py").write_text(VANILLA.format(root=str(root)), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    for command in (["generate_assignment", CHECK], ["autograde", CHECK]):
        run = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
    with opened(find_places(root)) as book:
        for student in ("mal", STUDENT):
            book.update_or_create_student(student, first_name=NAME, last_name=NAME)
    return root


@pytest.fixture
def ours(vanilla: Path, classroom: Classroom) -> Path:
    """The same graded copies and gradebook in a course folder with our settings, and one copy of our own."""
    work = classroom.root / "grading" / "work"
    for name in ("submitted", "autograded"):
        shutil.copytree(vanilla / name, work / name)
    shutil.copy(vanilla / "gradebook.db", work / "gradebook.db")
    shutil.copytree(work / "submitted" / "mal", work / "submitted" / "eve")
    autograde(classroom.places, CHECK, only=["eve"])
    return classroom.root


def fired(root: Path, home: Path, browser: Browser, students: list[str]) -> tuple[set[str], list[str]]:
    """Return what came alive of a formgrader's pages, in browser or server, and the texts on them."""
    (home / "config").mkdir(parents=True)
    owned = root.parent / "owned"
    owned.unlink(missing_ok=True)
    with opened(find_places(root)) as book:
        ids = [book.find_submission_notebook(CHECK, CHECK, student).id for student in students]
    paths = [f"submissions/{id_}/" for id_ in ids]
    paths += [f"gradebook/{CHECK}/{CHECK}", f"manage_submissions/{CHECK}", "manage_students"]
    paths += [f"manage_students/{quote(STUDENT, safe='')}/{CHECK}"]
    script = "<script>fired('url')</script>"
    paths += [f"gradebook/{quote(script, safe='')}"]
    alive: set[str] = set()
    texts: list[str] = []
    for address in serving(root, home):
        profile = browser.new_context()
        page = profile.new_page()
        page.expose_function("fired", lambda name: alive.add(name))
        page.goto(f"{address}/formgrader/manage_assignments?token=secret")
        for path in paths:
            page.goto(f"{address}/formgrader/{path}")
            page.wait_for_timeout(800)
            page.evaluate(
                """() => document.querySelectorAll('#press, a[href^="javascript:"]')
                    .forEach((one) => one.click())"""
            )
            page.wait_for_timeout(200)
            texts.append(page.inner_text("body"))
        profile.close()
    return alive | ({"path"} if owned.exists() else set()), texts


def serving(root: Path, home: Path) -> Iterator[str]:
    """Give the address of a Jupyter server on a course folder, which ends afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "HOME": str(home), "JUPYTER_TOKEN": "secret", "PYTHONPATH": str(REPOSITORY)}
    environment |= {"JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_RUNTIME_DIR": str(home / "runtime")}
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", f"--port={port}", "--allow-root"]
    address = f"http://127.0.0.1:{port}"
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}/formgrader/api/status?token=secret", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            server.terminate()
            server.wait(20)


@pytest.mark.timeout(600)
def test_what_comes_alive_in_nbgraders_formgrader_stays_text_in_ours(vanilla, ours, tmp_path, browser):
    assert fired(vanilla, tmp_path / "home-1", browser, ["mal", STUDENT])[0] == ALIVE
    alive, texts = fired(ours, tmp_path / "home-2", browser, ["mal", STUDENT, "eve"])
    assert alive == set()
    # The pages are there, with every attack to be read as text.
    for text in texts[:2]:
        assert "onerror=\"fired('img')\"" in text and "fired('iframe')" in text
    assert TEXT in texts[2] and "fired" not in texts[2]
    assert NAME in texts[5]
