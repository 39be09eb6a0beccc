"""Who reads the students' work: this process, several on this machine, or a Dask cluster.

A crew takes a job and student ids, and gives each student's work once, in any order. It writes nothing; the
one process that holds the gradebook writes, so a reader that dies leaves nothing half done.
"""

import multiprocessing
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from grading.results import GradingError
from grading.student_work import Job, Work, read_work

CHUNK = 8
"""Students read in one go: enough to make a message worth its while, few enough to lose with a worker."""
AHEAD = 3
"""Chunks for each worker that are under way at a time; it bounds the memory for work that waits."""


@dataclass(frozen=True)
class Unread:
    """A student whose work a program error of ours kept from being read."""

    student: str
    error: str


Crew = Callable[[Job, Sequence[str]], Iterator[Work | Unread]]


def read_here(job: Job, students: Sequence[str]) -> Iterator[Work | Unread]:
    """Read in this process, one after the other."""
    for student in students:
        yield _read(job, student)


def processes(count: int) -> Crew:
    """Return a crew of so many processes on this machine; 1 reads in this one.

    Should a process be killed, the students it had are read by the others.
    """
    if count <= 1:
        return read_here

    def crew(job: Job, students: Sequence[str]) -> Iterator[Work | Unread]:
        # Not forked: a fork copies the locks of the progress display's thread as they happen to stand.
        context = multiprocessing.get_context("spawn")
        left = dict.fromkeys(students)
        while left:
            before = len(left)
            try:
                with ProcessPoolExecutor(count, context, _begin, (job,)) as pool:
                    for done in _in_turn(pool, list(left), count):
                        for work in done:
                            del left[work.student]
                            yield work
            except BrokenProcessPool:
                if len(left) == before:
                    break  # nothing at all came back: processes are no use here
        yield from read_here(job, list(left))

    return crew


def cluster(address: str, timeout: float = 10.0) -> Crew:
    """Return a crew of the workers of the Dask cluster at an address, such as ``tcp://10.0.0.5:8786``.

    Its workers must see the submitted files under the same path and have this package installed. Should the
    scheduler or all workers die, the rest is read in this process.

    Raises
    ------
    GradingError : there is no cluster, or a worker does not see the files; nothing was graded.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise GradingError(
            "grading on a cluster needs Dask - "
            "run in the course folder, here and on its workers: "
            'python -m pip install -e ".[cluster]"'
        ) from error

    def crew(job: Job, students: Sequence[str]) -> Iterator[Work | Unread]:
        try:
            client = Client(address, timeout=timeout)
        except (OSError, TimeoutError, ValueError) as error:
            raise GradingError(
                f"{address}: no Dask scheduler answers there ({error}) - start one with: dask scheduler"
            ) from error
        left = dict.fromkeys(students)
        try:
            _check_sight(client, address, job)
            for work in _on_cluster(client, job, list(left)):
                del left[work.student]
                yield work
        except _GoneError:
            yield from read_here(job, list(left))
        finally:
            client.close(timeout=2)

    return crew


class _GoneError(Exception):
    """The cluster is gone."""


def _read(job: Job, student: str) -> Work | Unread:
    """Read one student's work; an error of ours is told, and stops nobody else."""
    try:
        return read_work(job, student)
    except Exception as error:
        return Unread(student, f"{type(error).__name__}: {error}")


def _read_many(job: Job, students: Sequence[str]) -> list[Work | Unread]:
    """Read the work of several students."""
    return [_read(job, student) for student in students]


_job: list[Job] = []


def _begin(job: Job) -> None:
    """Keep the job in a new process, so that it is sent there once; end the process with its parent.

    A pool's processes wait for ever for a parent that was killed.
    """
    _job[:] = [job]
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    """Wait until a process has ended, then end this one."""
    parent.join()
    os._exit(1)


def _read_mine(students: Sequence[str]) -> list[Work | Unread]:
    """Read the work of several students in a process that has the job."""
    return _read_many(_job[0], students)


def _in_turn(pool: ProcessPoolExecutor, students: Sequence[str], count: int) -> Iterator[list[Work | Unread]]:
    """Yield what comes back from a pool, with no more under way than there is room for."""
    waiting = [students[start : start + CHUNK] for start in range(0, len(students), CHUNK)][::-1]
    running: set[Future[list[Work | Unread]]] = set()
    while waiting or running:
        while waiting and len(running) < count * AHEAD:
            running.add(pool.submit(_read_mine, waiting.pop()))
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


def _check_sight(client: Any, address: str, job: Job) -> None:
    """Refuse a cluster in which a worker does not see the files that this machine sees."""
    token = secrets.token_hex(16)
    marker = job.submitted.parent / f".seen-{token}"
    marker.write_text(token, encoding="utf-8")
    try:
        seen = client.run(_sees, str(marker), token)
    except Exception as error:  # whatever a worker without this package raises
        raise GradingError(
            f"{address}: a worker cannot be used ({type(error).__name__}: {error}) - "
            "install the same version of safe-and-welcome on every worker"
        ) from error
    finally:
        marker.unlink(missing_ok=True)
    if not seen:
        raise GradingError(f"{address}: the scheduler has no worker - start one with: dask worker {address}")
    blind = sorted(worker for worker, sees in seen.items() if not sees)
    if blind:
        raise GradingError(
            f"{address}: {', '.join(blind)} does not see {job.submitted} - "
            "make it reachable there under the same path"
        )


def _sees(path: str, token: str) -> bool:
    """Return whether a file can be read here and holds a text."""
    try:
        return Path(path).read_text(encoding="utf-8") == token
    except OSError:
        return False


def _on_cluster(client: Any, job: Job, students: Sequence[str]) -> Iterator[Work | Unread]:
    """Yield the work that a cluster's workers read; a chunk that kills its workers is read here."""
    from distributed import wait as wait_for

    try:
        shared = client.scatter(job, broadcast=True)
        room = AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        waiting = [students[start : start + CHUNK] for start in range(0, len(students), CHUNK)][::-1]
        running: dict[Any, Sequence[str]] = {}
        while waiting or running:
            while waiting and len(running) < room:
                chunk = waiting.pop()
                running[client.submit(_read_many, shared, chunk, pure=False)] = chunk
            try:
                wait_for(list(running), timeout=1, return_when="FIRST_COMPLETED")
            except TimeoutError:
                if client.status not in ("running", "connecting"):
                    raise _GoneError from None
            for future in [one for one in running if one.done()]:
                chunk = running.pop(future)
                if future.status == "finished":
                    yield from future.result()
                elif future.status == "error":
                    yield from _read_many(job, chunk)
                else:
                    raise _GoneError
    except (OSError, TimeoutError, CancelledError) as error:
        raise _GoneError from error
