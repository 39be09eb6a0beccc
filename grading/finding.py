"""What one check of `grading doctor` found: ok, worth a look, or wrong, and what to do about it."""

import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

OK, LOOK, WRONG = "ok", "look", "wrong"


@dataclass(frozen=True)
class Finding:
    """What one check found: its name, ok, look or wrong, what is so, and what to do where it is not ok."""

    check: str
    state: str
    said: str
    todo: str = ""


def chmod(mode: str, *paths: Path) -> str:
    """Return the command that changes who may do what with files, fit to be pasted whatever their names.

    Windows has no such modes; there all that keeps an account from its own files is the mark "read-only".
    """
    if sys.platform == "win32":
        return "; ".join(f'attrib -R "{path}"' for path in paths)
    return f"chmod {mode} {shlex.join(map(str, paths))}"


def lines(found: Iterable[Finding]) -> Iterator[str]:
    """Yield one line for each finding, and one with what to do where it is not in order."""
    signs = {OK: "+ ok   ", LOOK: "? look ", WRONG: "! wrong"}
    for one in found:
        yield f"{signs[one.state]}  {one.check}: {one.said}"
        if one.todo:
            yield f"           do: {one.todo}"


def summary(found: Iterable[Finding]) -> str:
    """Return how many checks found what."""
    states = [one.state for one in found]
    told = [
        (states.count(WRONG), "wrong"),
        (states.count(LOOK), "to look at"),
        (states.count(OK), "in order"),
    ]
    return ", ".join(f"{count} {what}" for count, what in told if count) + "."
