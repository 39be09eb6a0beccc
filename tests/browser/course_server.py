"""A Jupyter server on a course folder, for tests of the pages that instructors and graders see."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from lab import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]


class Server:
    """A Jupyter server on a course folder that can be killed and started again at the same address."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home = root, home
        (home / "config").mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        names = {"HOME": self.home, "JUPYTER_CONFIG_DIR": self.home / "config"}
        names |= {"JUPYTER_RUNTIME_DIR": self.home / "runtime", "PYTHONPATH": REPOSITORY}
        environment = {
            **os.environ,
            "JUPYTER_TOKEN": "secret",
            **{name: str(at) for name, at in names.items()},
        }
        options = ["--no-browser", f"--port={self.port}", "--ServerApp.port_retries=0", "--allow-root"]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyter", "server", *options],
                cwd=self.root,
                env=environment,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: self.get("/grading/api/reflections?token=secret") == 200, "the server answers", 90)

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return 302 if "/login" in answer.url else int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
