"""`course demo`: starts, says where to click, serves the class, and leaves nothing running."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from course.demo import DemoError, free_port, wait_for_end

REPOSITORY = Path(__file__).resolve().parent.parent


def test_a_taken_port_is_refused_in_words():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"port {port} is in use - choose another with --port"):
            free_port(port)


def test_no_wait_for_the_server_is_without_end_since_windows_hears_no_ctrl_c_in_such_a_wait():
    waits = []

    class Server:
        def wait(self, timeout=None):
            waits.append(timeout)
            if len(waits) < 3:
                raise subprocess.TimeoutExpired("jupyterlab", timeout)

    wait_for_end(Server())
    assert len(waits) == 3 and all(0 < one <= 1 for one in waits)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo") / "a folder with spaces"
    for name in ("course", "notebooks", "source", "release"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    return root


def start(root: Path, port: int) -> subprocess.Popen:
    """Start the demo without its own programs on PATH, as `.venv/bin/course` is started."""
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if p != scripts)
    command = [sys.executable, "-m", "course", "demo", "--no-browser", "--port", str(port)]
    return subprocess.Popen(
        command,
        cwd=root,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def fetch(port: int, token: str, assignment: str) -> None:
    """Do what the button Fetch of the Assignment List does."""
    wanted = {"course_id": "safe-and-welcome-sample", "assignment_id": assignment}
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    address = f"http://127.0.0.1:{port}/assignments/fetch"
    request = urllib.request.Request(address, json.dumps(wanted).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def read_until(process: subprocess.Popen, text: str) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(said)


@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal that Ctrl-C sends elsewhere")
@pytest.mark.parametrize("ending", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_the_demo_serves_the_graded_class_and_stops_whole(copy, ending):
    port = free_port(None)
    demo = start(copy, port)
    try:
        said = read_until(demo, "As a grader")
        assert "COURSE_CLASS" in said and "grading status" in said
        token = re.search(r"token=([\w-]+)", said)[1]
        assert f"http://127.0.0.1:{port}/lab/tree/grading/work/sample/try-it/00-start.ipynb" in said
        assert "Nbgrader ▸ Formgrader" in said and "Nbgrader ▸ Assignment List" in said
        address = f"http://127.0.0.1:{port}/formgrader/api/submissions/check-two-jobs?token={token}"
        with urllib.request.urlopen(address) as answer:
            assert answer.read().count(b'"autograded": true') == 22
        address = f"http://127.0.0.1:{port}/api/contents/grading/work/sample/try-it?token={token}"
        with urllib.request.urlopen(address) as answer:
            assert b"01-two-jobs.ipynb" in answer.read()
        address = f"http://127.0.0.1:{port}/lab/api/workspaces/default?token={token}"
        with urllib.request.urlopen(address) as answer:
            assert json.load(answer)["data"] == {}  # no tab of the user's own, and none of an earlier demo
        tabs = {"data": {"layout-restorer:data": {"main": {}}}, "metadata": {"id": "default"}}
        headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(address, json.dumps(tabs).encode(), headers, method="PUT")
        urllib.request.urlopen(request).close()
        assert list((copy / "grading/work/sample/jupyter/workspaces").iterdir())
        fetch(port, token, "check-two-jobs")
        assert (copy / "grading/work/sample/try-it/check-two-jobs/check-two-jobs.ipynb").is_file()
    finally:
        demo.send_signal(ending)
        rest = demo.communicate(timeout=30)[0]
    assert demo.returncode == 0
    assert "Stopped." in rest
    assert "Traceback" not in said + rest
    time.sleep(0.2)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
