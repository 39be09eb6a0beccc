"""A Dask cluster on this machine: a scheduler and workers, each a process of its own."""

import json
import os
import subprocess
import sys
import time


class DaskCluster:
    """A scheduler and workers, each a process of its own, as they would be on several machines."""

    def __init__(self, folder, workers=2, environment=None):
        self.environment = {**os.environ, "DASK_DISTRIBUTED__DASHBOARD__LINK": "", **(environment or {})}
        told = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
        self.scheduler = self._start("scheduler", *options)
        while not (told.exists() and told.read_text()):
            time.sleep(0.1)
        self.address = json.loads(told.read_text())["address"]
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
        self.workers = [self._start("worker", self.address, *options) for _ in range(workers)]

    def _start(self, kind, *options):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", kind, *options],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self):
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


def wait_for_workers(address, count):
    from distributed import Client

    with Client(address, timeout=20) as client:
        client.wait_for_workers(count, timeout=60)
