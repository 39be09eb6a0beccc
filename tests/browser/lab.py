"""A real Jupyter server and a real Chromium, for tests that click.

`Server` runs JupyterLab, which also serves Notebook 7. `OpenNotebook` is one notebook on one browser page.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

FRONT_ENDS = ("lab", "notebook7")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")
REPOSITORY = Path(__file__).resolve().parents[2]

JUMP_SECONDS = 6

NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """Return the first true value of `condition`; fail in words after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain until {what}")


class Server:
    """A Jupyter server of its own: own port, token, settings and folder; nothing of the user's is read."""

    def __init__(self, home: Path) -> None:
        """Start the server; `home` is an empty folder that it may fill."""
        self.folder = home / "notebooks"
        self.folder.mkdir(parents=True)
        self._home = home
        self._log = home / "server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token = secrets.token_hex(16)
        self._settings()
        self.start()

    def _settings(self) -> None:
        plugin = self._home / "settings" / "@jupyterlab" / "apputils-extension"
        plugin.mkdir(parents=True)
        (plugin / "notification.jupyterlab-settings").write_text(json.dumps(NO_NEWS), encoding="utf-8")

    def start(self) -> None:
        """Start the server process, again after `stop` on the same port."""
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": str(self.folder),
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "IdentityProvider.token": self.token,
            "LabApp.expose_app_in_browser": True,
            "JupyterNotebookApp.expose_app_in_browser": True,
        }
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(REPOSITORY), *filter(None, [environment.get("PYTHONPATH")])]
        )
        for name, folder in {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }.items():
            environment[name] = str(self._home / folder)
        command = [sys.executable, "-m", "jupyterlab"]
        command += [f"--{name}={value}" for name, value in options.items()]
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command, env=environment, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(self._answers, f"the server answers (see {self._log})", 60)

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(self._log.read_text(encoding="utf-8"))
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api?token={self.token}", timeout=2):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server and its kernels."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def url(self, front_end: str, name: str) -> str:
        """Return the address that opens a notebook, in JupyterLab in a workspace without other tabs."""
        place = f"lab/workspaces/{secrets.token_hex(4)}/tree" if front_end == "lab" else "notebooks"
        return f"http://127.0.0.1:{self.port}/{place}/{name}?token={self.token}"

    def write(self, name: str, notebook: dict[str, Any]) -> Path:
        """Put a notebook into the server's folder."""
        path = self.folder / name
        path.write_text(json.dumps(notebook, indent=1), encoding="utf-8", newline="\n")
        return path


class NoBrowserError(Exception):
    """There is no Chromium, Chrome or Edge on this machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run this machine's Chromium, else Chrome, Edge, or the Chromium that Playwright has installed.

    Raises NoBrowserError where there is none.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    ways: list[dict[str, Any]] = [{"executable_path": program}] if program else []
    ways += [{"channel": "chrome"}, {"channel": "msedge"}, {}]
    with sync_playwright() as playwright:
        for way in ways:
            try:
                browser = playwright.chromium.launch(args=["--no-sandbox"], **way)
            except PlaywrightError:
                continue
            yield browser
            browser.close()
            return
    raise NoBrowserError("install Chromium, Chrome or Edge to run the browser tests")


class OpenNotebook:
    """One notebook open in JupyterLab or Notebook 7."""

    def __init__(self, page: Page, server: Server, front_end: str, name: str) -> None:
        """Open the notebook and wait until its kernel is idle."""
        self.page, self.server, self.front_end, self.name = page, server, front_end, name
        self.path = server.folder / name
        self.open()

    def open(self) -> Self:
        """Load the page, again when it is open already."""
        self.page.goto(self.server.url(self.front_end, self.name))
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        self.wait_idle()
        return self

    def context(self, expression: str) -> Any:
        """Return the value of a JavaScript expression over `context`, the open document, and its `panel`."""
        return self.page.evaluate(
            """(expression) => {
                const shell = window.jupyterapp.shell;
                const panels = [...shell.widgets("main")].filter((one) => one.context?.sessionContext);
                const panel = panels.find((one) => one === shell.currentWidget) ?? panels[0];
                if (!panel) return null;
                return new Function("context", "panel", `return ${expression}`)(panel.context, panel);
            }""",
            expression,
        )

    def wait_idle(self) -> None:
        """Wait until the kernel has nothing left to do."""
        status = "context.sessionContext.session?.kernel?.status"
        wait_until(lambda: self.context(status) == "idle", "the kernel is idle", 60)

    def command(self, command: str) -> None:
        """Run a command of the application and wait until the kernel is idle."""
        self.page.evaluate("(id) => { window.jupyterapp.commands.execute(id); }", command)
        time.sleep(0.2)
        self.wait_idle()

    def run_all(self) -> None:
        """Choose Run > Run All Cells."""
        code = "panel.content.widgets.filter((cell) => cell.model.type === 'code')"
        # A new kernel counts from 1 again, so the old counts must go to see when all cells have run.
        self.context(f"{code}.forEach((cell) => {{ cell.model.executionCount = null; }})")
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        all_have_run = f"{code}.every((cell) => cell.model.executionCount)"
        wait_until(lambda: self.context(all_have_run), "all cells have run", 60)
        self.wait_idle()
        self._wait_for_jump()

    def _wait_for_jump(self) -> None:
        """Give the editor time to jump to the last cell, as JupyterLab does some time after Run All Cells.

        A jump between the press and the release of a mouse button loses the click. Where the notebook is
        scrolled by the page, as in Notebook 7, there may be none.
        """
        place = """(() => {
            const node = panel.content.widgets.at(-1).node, room = panel.content.node.getBoundingClientRect();
            const { top, bottom } = node.getBoundingClientRect();
            return node.isConnected && top < room.bottom && bottom > room.top ? `${top} ${bottom}` : null;
        })()"""
        end = time.monotonic() + JUMP_SECONDS
        while time.monotonic() < end:
            before = self.context(place)
            time.sleep(0.2)
            if before is not None and before == self.context(place):
                return

    def restart_and_run_all(self) -> None:
        """Restart the kernel without asking, then run all cells."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('kernelmenu:restart'); }")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        time.sleep(1)
        self.wait_idle()
        self.run_all()

    def question(self, text: str) -> Locator:
        """Return the group of a question by its name, the stem."""
        return self.page.get_by_role("group", name=text)

    def cells(self) -> list[dict[str, Any]]:
        """Return the cells on disk; jupyter_server rewrites in place, so an empty file is read again."""

        def read() -> Any:
            try:
                return json.loads(self.path.read_text(encoding="utf-8"))
            except json.JSONDecodeError:
                return None

        cells: list[dict[str, Any]] = wait_until(read, "the notebook on disk is whole")["cells"]
        return cells

    def source(self, cell_id: str) -> str:
        """Return the source of one cell on disk."""
        return next("".join(cell["source"]) for cell in self.cells() if cell["id"] == cell_id)

    def wait_for_source(self, cell_id: str, text: str, seconds: float = 5) -> None:
        """Wait until the source of a cell on disk holds a text."""
        wait_until(lambda: text in self.source(cell_id), f"{cell_id} holds {text!r}", seconds)

    def type_source(self, cell_id: str, text: str) -> None:
        """Change the source of a cell in the open document, as typing in its editor does."""
        cell = f"[...context.model.cells].find((cell) => cell.id === {json.dumps(cell_id)})"
        self.context(f"{cell}.sharedModel.setSource({json.dumps(text)})")

    def activate(self, cell_id: str) -> None:
        """Make a cell the active one."""
        index = f"[...context.model.cells].findIndex((cell) => cell.id === {json.dumps(cell_id)})"
        self.context(f"(panel.content.deselectAll(), panel.content.activeCellIndex = {index})")

    def accessibility(self, selector: str) -> tuple[list[str], int]:
        """Return what axe finds wrong inside a selector, and how many texts it measured the contrast of.

        The body of both front ends has no height and hides its overflow, so that axe takes all text for
        invisible and measures none of it; its overflow is shown first.
        """
        self.page.add_style_tag(content="body { overflow: visible !important; }")
        report = (
            Axe()
            .run(
                self.page,
                context={"include": [[selector]]},
                options={"resultTypes": ["violations", "passes"]},
            )
            .response
        )
        wrong = [f"{rule['id']}: {node['html']}" for rule in report["violations"] for node in rule["nodes"]]
        measured = [len(rule["nodes"]) for rule in report["passes"] if rule["id"] == "color-contrast"]
        return wrong, sum(measured)

    def watch_moves(self) -> None:
        """From now on note what moves in the notebook without being scrolled."""
        self.page.evaluate(
            """() => {
                window.moves = [];
                const element = (node) => (node?.closest ? node : node?.parentElement);
                const inside = ({ node }) => element(node)?.closest(".jp-Notebook");
                const told = ({ node, previousRect, currentRect }) =>
                    `${node.className || node.nodeName}: ${previousRect.y} -> ${currentRect.y}`;
                new PerformanceObserver((list) => {
                    const sources = list.getEntries().flatMap((entry) => entry.sources);
                    moves.push(...sources.filter(inside).map(told));
                }).observe({ type: "layout-shift" });
            }"""
        )

    def moves(self) -> list[str]:
        """Return what has moved since the last call, as soon as nothing moves any more."""
        found: list[str] = []
        while True:
            time.sleep(0.4)
            new = self.page.evaluate("() => moves.splice(0)")
            if not new:
                return found
            found += new

    def is_dirty(self) -> bool:
        """Tell whether the open document has changes that are not saved."""
        return bool(self.context("context.model.dirty"))
