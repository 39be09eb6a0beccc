"""nbgrader's own pages and commands under our settings: hostile work stays text, and no key gets out."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from classroom import CHECK, HONEST, HOSTILE_TEXT, MULTIPLE, PROMPT, SINGLE, TEXT, answered

from grading.formgrader import safe_exporter
from grading.gradebook import opened
from grading.places import find_places
from grading.shown import shown_notebook

NASTY = "<img src=x onerror=alert(1)>"


def page(notebook, resources=None):
    from nbgrader.server_extensions.formgrader.handlers import template_path
    from traitlets.config import Config

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [template_path]
    path = notebook if isinstance(notebook, Path) else None
    assert path is not None
    defaults = {"index": 0, "total": 1, "base_url": "", "submission_id": "x", "notebook_path": "x"}
    return safe_exporter(config).from_filename(str(path), resources={**defaults, **(resources or {})})[0]


def cell(kind, source, **more):
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, "id": NASTY, **extra, **more}


@pytest.fixture
def hostile(tmp_path):
    """A notebook such as nbgrader's own autograder would leave it: everything of the student's is in it."""
    marks = {"grade_id": '"><script>1</script>', "grade": True, "solution": True, "points": NASTY}
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": NASTY, "text/plain": NASTY}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/javascript": "alert(1)"}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": f"<svg>{NASTY}</svg>"}},
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"image/png": f'" onerror="alert(1)">{NASTY}'},
        },
        {"output_type": "stream", "name": NASTY, "text": f"\x1b[31m{NASTY}"},
        {"output_type": "error", "ename": NASTY, "evalue": NASTY, "traceback": [NASTY]},
        {"output_type": NASTY},
        7,
    ]
    cells = [
        cell(
            "markdown",
            f"{NASTY}\n\n![x](/formgrader?path=course)\n\n[l](javascript:alert(1))\n\n<https://x.y>",
        ),
        cell("raw", NASTY, metadata={"format": "text/html", "raw_mimetype": "text/html"}),
        cell("code", f"x = '{NASTY}'", outputs=outputs, metadata={"tags": [NASTY], "nbgrader": marks}),
        cell("markdown", "![a](attachment:b)", attachments={"b": {"image/svg+xml": NASTY}}),
        cell("heading", NASTY),
        "no cell",
    ]
    path = tmp_path / "hostile.ipynb"
    language = {"name": NASTY, "pygments_lexer": NASTY}
    data = {"cells": cells, "metadata": {"language_info": language, "title": NASTY}, "nbformat": 4}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_nothing_of_a_hostile_notebook_comes_alive_on_the_grading_page(hostile):
    names = {
        "student": NASTY,
        "last_name": NASTY,
        "first_name": NASTY,
        "notebook_id": NASTY,
        "assignment_id": NASTY,
    }
    html = page(hostile, names)
    body = html[html.index("<body") :]
    for alive in (
        "<img",
        "<svg",
        "<iframe",
        'href="javascript',
        'href="https://x.y"',
        "celltag_",
        "<script>1",
    ):
        assert alive not in body, alive
    assert "&lt;img src=x onerror=alert(1)&gt;" in body
    assert "cdnjs" not in html and "https://" not in html.replace("&lt;https://x.y&gt;", "")


def test_a_picture_that_is_one_is_shown_and_text_stays_readable(tmp_path):
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
    output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": png, "text/plain": "fig"}}
    path = tmp_path / "x.ipynb"
    cells = [
        cell("markdown", "Some *plain* text, `code`, and 1 < 2."),
        cell("code", "plot()", outputs=[output]),
    ]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}), encoding="utf-8")
    html = page(path)
    assert f"data:image/png;base64,{png}" in html
    assert "<em>plain</em>" in html and "<code>code</code>" in html and "1 &lt; 2" in html


@pytest.mark.parametrize(
    "value", [None, 5, [], {"cells": 3}, {"cells": [{"cell_type": []}]}, {"cells": [{"source": 4}]}]
)
def test_any_json_is_shown_as_some_notebook(value):
    assert shown_notebook(value)["nbformat"] == 4


def test_points_that_no_float_can_hold_do_not_stop_the_grading_page():
    marks = {"grade_id": "x", "grade": True, "points": 10**400}
    (shown,) = shown_notebook({"cells": [cell("code", "1", metadata={"nbgrader": marks})]})["cells"]
    assert shown["metadata"]["nbgrader"]["points"] == 0


class Server:
    """A real Jupyter server on the course folder."""

    def __init__(self, root, home):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = {**os.environ, "HOME": str(home), "JUPYTER_TOKEN": "secret", "JUPYTER_CONFIG_DIR": str(home)}
        self.log = (home / "log").open("w")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyter",
                "server",
                "--no-browser",
                f"--port={self.port}",
                "--allow-root",
            ],
            cwd=root,
            env=env,
            stdout=self.log,
            stderr=self.log,
        )

    def __call__(self, path, method="GET", body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else body.encode(),
            headers={"Authorization": "token secret"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return (
                    answer.status,
                    answer.read().decode("utf-8", "replace"),
                    dict(answer.headers),
                    answer.url,
                )
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode("utf-8", "replace"), dict(error.headers), error.url

    def wait(self):
        for _ in range(120):
            try:
                if self("/formgrader/api/status")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.5)
        raise AssertionError("the server did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="stops the server with a signal")
def test_the_real_formgrader_is_safe_with_our_settings_alone(classroom, tmp_path):
    classroom.hand_in("mal", answered(classroom.released, HONEST, HOSTILE_TEXT))
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT), time="yesterday-ish")
    classroom.grade()
    evil = classroom.places.step("submitted") / NASTY / CHECK
    evil.mkdir(parents=True)
    (evil / f"{CHECK}.ipynb").write_text("{}")
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "nbgrader_config.py").write_text(f"open({str(tmp_path / 'owned')!r}, 'w').close()\n")
    (classroom.folder("autograded", "mal") / "x.html").write_text("<script>alert(1)</script>")
    with opened(classroom.places) as book:
        book.update_or_create_student("mal", first_name=NASTY, last_name="Mal")
        id_ = book.find_submission_notebook(CHECK, CHECK, "mal").id
        grade = book.find_grade(PROMPT, CHECK, CHECK, "mal").id
    home = tmp_path / "home"
    home.mkdir()
    server = Server(classroom.root, home)
    try:
        server.wait()
        _, _, headers, url = server(f"/formgrader?path={trap}")
        assert url.endswith("/formgrader/manage_assignments") and not (tmp_path / "owned").exists()
        assert "img-src data:" in headers["Content-Security-Policy"]
        _, html, headers, _ = server(f"/formgrader/submissions/{id_}/")
        body = html[html.index("<body") :]
        assert "img-src data:" in headers["Content-Security-Policy"]
        assert "No answer choices below?" not in html and "Which word opens a talk?" in html
        assert "<img" not in body and "<script>fetch" not in body and "onerror=alert(1)&gt;" in body
        _, html, _, _ = server("/formgrader/gradebook/%3Cscript%3Ealert(9)%3C%2Fscript%3E")
        assert "<script>alert(9)" not in html
        _, html, headers, _ = server(f"/formgrader/submissions/{id_}/x.html")
        assert headers["Content-Disposition"] == "attachment"
        assert headers["Content-Type"] == "application/octet-stream"
        _, text, _, _ = server(f"/formgrader/api/submissions/{CHECK}")
        assert {one["student"] for one in json.loads(text)} == {"ana", "mal"}
        for body, status in (
            ('{"manual_score": 7}', 400),
            ('{"manual_score": NaN}', 400),
            ('{"manual_score": "x"}', 400),
            ('{"manual_score": true}', 400),
            (f'{{"manual_score": 1{"0" * 400}}}', 400),
            ('{"extra_credit": "Infinity"}', 400),
            ('{"extra_credit": Infinity}', 400),
            ('{"extra_credit": "1e999"}', 400),
            ('{"extra_credit": "NaN"}', 400),
            ('{"extra_credit": -1}', 400),
            ('{"manual_score": "4.5", "extra_credit": null}', 200),
        ):
            assert server(f"/formgrader/api/grade/{grade}", "PUT", body)[0] == status, body
        assert classroom.record("mal").score == 9.5
        classroom.grade_by_hand("mal", PROMPT, 1.5)
        _, text, _, _ = server(f"/formgrader/api/grade/{grade}")
        assert json.loads(text)["manual_score"] == 1.5
        for button, told in (
            (f"/formgrader/api/submission/{CHECK}/ana/autograde", "1 graded; 0 scores changed"),
            (f"/formgrader/api/assignment/{CHECK}/generate_feedback", "2 made"),
            (f"/formgrader/api/assignment/{CHECK}/assign", "was up to date"),
            (f"/formgrader/api/assignment/{CHECK}/collect", "Nothing is waiting."),
        ):
            _, text, _, _ = server(button, "POST", "")
            answer = json.loads(text)
            assert answer["success"] and told in answer["log"], text
        answer = json.loads(server("/formgrader/api/assignment/final/collect", "POST", "")[1])
        assert not answer["success"] and "run: grading release final" in answer["error"]
    finally:
        server.stop()
    page_ = (classroom.folder("feedback", "mal") / f"{CHECK}.html").read_text(encoding="utf-8")
    assert "HIDDEN" not in page_


def nbgrader(root, *command):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(300)
def test_nbgraders_own_commands_are_safe_under_our_settings(classroom):
    wrong = answered(classroom.released, {SINGLE: "a", MULTIPLE: ["b"]}, TEXT)
    for one in wrong["cells"]:
        one["metadata"].setdefault("tags", []).append("skip-execution")
    folder = classroom.hand_in("a-shadow", wrong)
    for name in ("ipykernel_launcher.py", "course.py", "IPython.py", "random.py"):
        (folder / name).write_text("raise SystemExit('shadowed')", encoding="utf-8")
    copied = answered(classroom.released, HONEST, TEXT)
    reflection = next(c for c in copied["cells"] if "prompt" in c["metadata"].get("course", {}))
    copied["cells"].append({**reflection, "id": "copy"})
    classroom.hand_in("b-copied", copied)
    forged = answered(classroom.released, {SINGLE: "a"}, TEXT)
    for one in forged["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"] |= {"grade": False, "points": 0, "schema_version": 99}
    classroom.hand_in("c-forged", forged)
    classroom.hand_in("z-honest", answered(classroom.released, HONEST, TEXT))
    run = nbgrader(classroom.root, "autograde", CHECK)
    assert run.returncode == 0, run.stderr
    scores = {
        student: [classroom.rows(student)[name][0] for name in (SINGLE, MULTIPLE)]
        for student in ("a-shadow", "b-copied", "c-forged", "z-honest")
    }
    assert scores == {"a-shadow": [0, 0], "b-copied": [2, 3], "c-forged": [0, 0], "z-honest": [2, 3]}
    run = nbgrader(classroom.root, "generate_feedback", CHECK)
    assert run.returncode == 0, run.stderr
    pages = list(find_places(classroom.root).step("feedback").rglob("*.html"))
    assert len(pages) == 4
    for path in pages:
        html = path.read_text(encoding="utf-8")
        assert "HIDDEN" not in html and "all-or-nothing" not in html and "score(" not in html
        assert "No answer choices below?" not in html and "Which word opens a talk?" in html


def test_the_grading_page_shows_each_answer_once_and_no_program_of_ours(classroom):
    classroom.hand_in("ana", answered(classroom.released, {SINGLE: "c"}, TEXT))
    classroom.grade()
    html = page(classroom.folder("autograded", "ana") / f"{CHECK}.ipynb")
    assert "Which word opens a talk?" in html and TEXT in html
    assert html.count("Answer read") == 2
    for ours in ("No answer choices below?", "import ask", "import reflect", "import setup"):
        assert ours not in html
