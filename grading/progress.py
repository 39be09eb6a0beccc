"""A progress bar for long runs, only where a person watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from grading.untrusted import printable


@contextmanager
def bar(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that takes student, done and total."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda student, done, total: None
        return
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda student, done, total: progress.update(
            task, description=printable(student, 40), completed=done, total=total
        )
