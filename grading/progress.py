"""A progress bar for long runs, only where a person watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grading.untrusted import printable

Tell = Callable[[str, int, int], None]
"""Takes what is worked on, how many are done, and how many there are."""


def silent(what: str, done: int, total: int) -> None:
    """Take what a bar takes, and show nothing."""


@contextmanager
def bar(quiet: bool, doing: str = "grading") -> Iterator[Tell]:
    """Yield a function that takes student, done and total; `doing` stands in front of the bar."""
    # Only here: the steps themselves, which run in the server too, need no terminal.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield silent
        return
    columns = (
        TextColumn(doing, markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda student, done, total: progress.update(
            task, description=printable(student, 40), completed=done, total=total
        )
