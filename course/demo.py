"""Opens the course with the simulated class: makes it, starts JupyterLab, says where to click, stops all."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console

SAMPLE = "sample"
DESK = Path("grading") / "work" / SAMPLE / "try-it"
"""Where lessons are opened: copies, so that trying an answer changes no file that is built."""
JUPYTER = DESK.parent / "jupyter"
"""JupyterLab's settings for the demo only."""
WORKSPACES = JUPYTER / "workspaces"
"""Which tabs are open; JupyterLab keeps those of the user's own work elsewhere."""
SECOND_TERMINAL = (
    f"$env:COURSE_CLASS='{SAMPLE}'; .venv\\Scripts\\grading status"
    if sys.platform == "win32"
    else f"COURSE_CLASS={SAMPLE} .venv/bin/grading status"
)
"""How to try the commands on the simulated class; the work of one assignment waits to be collected."""
START_SECONDS = 90
LISTEN_SECONDS = 0.5


class DemoError(Exception):
    """The demo cannot start; the message says what to do."""


def free_port(wanted: int | None) -> int:
    """Return a port of this machine that nothing listens on: `wanted`, or the first free one from 8888.

    Raises
    ------
    DemoError : the wanted port is taken, or none of a hundred is free.
    """
    for port in [wanted] if wanted else range(8888, 8988):
        with socket.socket() as probe:
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    if wanted:
        raise DemoError(f"port {wanted} is in use - choose another with --port, or leave the option out")
    raise DemoError("no free port from 8888 to 8987 - close a Jupyter server, or name a port with --port")


def environment(root: Path) -> dict[str, str]:
    """Return the environment of what the demo starts: the sample class, this Python's programs on PATH.

    nbgrader's Assignment List looks for its settings in the folder it fetches to; the configuration path
    lets it find the course's own there too.
    """
    folders = {
        "PATH": [sysconfig.get_path("scripts")],
        "JUPYTER_CONFIG_PATH": [str(root / JUPYTER), str(root)],
    }
    joined = {
        name: os.pathsep.join([*first, *filter(None, [os.environ.get(name)])])
        for name, first in folders.items()
    }
    workspaces = str(root / WORKSPACES)
    own = {"COURSE_CLASS": SAMPLE, "PYTHONUTF8": "1", "JUPYTERLAB_WORKSPACES_DIR": workspaces}
    return {**os.environ, **joined, **own}


def lay_out(root: Path) -> Path:
    """Copy the lessons that are not yet on the desk, so that answers are kept; return its path.

    No tab is open at first, whatever was open in the demo before.
    """
    desk = root / DESK
    desk.mkdir(parents=True, exist_ok=True)
    settings = root / JUPYTER / "labconfig" / "page_config.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    # Without this, a question about Jupyter news covers the first lesson.
    quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    settings.write_text(json.dumps(quiet), encoding="utf-8")
    shutil.rmtree(root / WORKSPACES, ignore_errors=True)
    for lesson in sorted((root / "notebooks").glob("*.ipynb")):
        copy = desk / lesson.name
        if not copy.exists():
            shutil.copyfile(lesson, copy)
    return DESK


def run(root: Path, port: int | None, *, browser: bool, console: Console) -> None:
    """Make the sample class, serve the course until Ctrl-C, and stop everything that was started.

    Raises
    ------
    DemoError : the class cannot be made or the server does not start; nothing is left running.
    """
    chosen = free_port(port)
    made = subprocess.run(
        [sys.executable, "-m", "grading", "sample"], cwd=root, env=environment(root), check=False
    )
    if made.returncode:
        raise DemoError(
            "the sample class could not be made - see the message above, then run `course demo` again"
        )
    desk = lay_out(root)
    token = secrets.token_urlsafe(24)
    base = f"http://127.0.0.1:{chosen}"
    log = root / DESK.parent / "jupyter.log"
    console.print("Starting JupyterLab ...")
    with serving(root, chosen, token, desk, log) as server:
        wait_until_up(server, f"{base}/api/status?token={token}", log)
        address = f"{base}/lab/tree/{desk.as_posix()}/00-start.ipynb?token={token}"
        tell(console, address, f"{base}/formgrader?token={token}")
        if browser:
            webbrowser.open(address)
        try:
            wait_for_end(server)
        except KeyboardInterrupt:
            console.print("\nStopping JupyterLab and its kernels ...")
    console.print("Stopped.")


@contextmanager
def serving(root: Path, port: int, token: str, desk: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run JupyterLab in a process group of its own and stop it, kernels included, at the end."""
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{desk.as_posix()}/00-start.ipynb",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
    # Its own group: Ctrl-C reaches this program only, which then stops the server in an orderly way.
    apart = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    # SIGHUP comes when the terminal window is closed; Windows has none.
    numbers = [signal.SIGTERM, *filter(None, [getattr(signal, "SIGHUP", None)])]
    previous = {number: signal.signal(number, _interrupt) for number in numbers}
    with log.open("wb") as sink:
        server = subprocess.Popen(
            command,
            cwd=root,
            env={**environment(root), "JUPYTER_TOKEN": token},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            **apart,
        )
        try:
            yield server
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            server.terminate()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Treat a request to end as Ctrl-C, so that the server is stopped too."""
    raise KeyboardInterrupt


def wait_until_up(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Return once the server answers.

    Raises
    ------
    DemoError : it ended, or did not answer in time; the message names its log.
    """
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise DemoError(f"JupyterLab ended at once - its own words are in {log}")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server on this machine
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise DemoError(
        f"JupyterLab did not answer within {START_SECONDS} s - see {log}, then run `course demo` again"
    )


def wait_for_end(server: "subprocess.Popen[bytes]") -> None:
    """Return once the server has ended; Ctrl-C is heard within `LISTEN_SECONDS`, on Windows too."""
    while True:
        # Windows hears no Ctrl-C during a wait without end, only after it.
        with suppress(subprocess.TimeoutExpired):
            server.wait(LISTEN_SECONDS)
            return


def tell(console: Console, address: str, formgrader: str) -> None:
    """Say where to click."""
    console.print()
    console.print("[bold]Safe and Welcome is open.[/bold] Ctrl-C here stops it.")
    console.print()
    for label, text in (
        ("Open", address),
        ("Lessons", "the course starts in the tab 00-start.ipynb; the others are in the list on the left"),
        ("The class", "menu Nbgrader ▸ Formgrader, then Reflections or Class now (24 simulated students)"),
        ("or directly", formgrader),
        ("As a student", "menu Nbgrader ▸ Assignment List"),
        ("As a grader", f"in a second terminal: {SECOND_TERMINAL}"),
    ):
        console.print(f"  {label:<13}", end="")
        console.print(text, markup=False, soft_wrap=True)
    console.print()
