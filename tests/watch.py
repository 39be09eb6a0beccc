"""What a piece of code does to the machine, as Python's audit events tell: writes, processes, code run."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PROCESS = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.startfile/2",
    "pty.spawn",
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "urllib.Request",
    "ctypes.dlopen",
}
# Event -> which of its arguments are paths, and which the folders that these are relative to.
_CHANGES = {
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.mkdir": ((0, 2),),
    "os.link": ((0, 2), (1, 3)),
    "os.symlink": ((1, 2),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
    "os.truncate": ((0, None),),
    "os.setxattr": ((0, None),),
    "os.mkfifo": ((0, None),),
    "sqlite3.connect": ((0, None),),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass
class Seen:
    """What happened while watching; paths are absolute."""

    processes: list[str] = field(default_factory=list)
    changed: set[Path] = field(default_factory=set)
    read: set[Path] = field(default_factory=set)
    ran: list[str] = field(default_factory=list)
    """Names of code that was run and comes from no file: text given to exec or eval."""

    def changed_outside(self, folder: Path) -> list[str]:
        """Return what was written, made, renamed or removed anywhere else than below a folder."""
        return sorted(str(path) for path in self.changed if not path.is_relative_to(folder))


_FOLDERS_NAMED = Path("/proc/self/fd").exists()
"""Whether the system tells the path of an open folder: Linux does."""
_watching: list[Seen] = []
_installed = False


@contextmanager
def watching() -> Iterator[Seen]:
    """Yield what this process does until the block ends. A hook of Python's cannot be taken out again."""
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True
    seen = Seen()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _watching:
        return
    seen = _watching[-1]
    if event == "open":
        path, mode, flags = args
        if isinstance(path, int) or path is None:
            return
        writes = bool(flags & _WRITING) if isinstance(flags, int) else False
        writes = writes or bool(isinstance(mode, str) and set(mode) & set("wax+"))
        # `open` does not say what its path is relative to; the reader opens by name, below a folder.
        (seen.changed if writes else seen.read).add(_absolute(path, None))
    elif event in _CHANGES:
        for place, folder in _CHANGES[event]:
            below = folder is not None and args[folder] != -1
            if not isinstance(args[place], int) and (_FOLDERS_NAMED or not below):
                seen.changed.add(_absolute(args[place], args[folder] if folder is not None else None))
    elif event in _PROCESS:
        seen.processes.append(f"{event} {args[:2]!r}")
    elif event == "exec":
        name = args[0].co_filename
        if name.startswith("<") and not name.startswith("<frozen"):
            seen.ran.append(name)


def _absolute(path: Any, folder: Any) -> Path:
    """Return a path as it was meant; `folder` is an open folder's number, or -1 for none."""
    found = Path(os.fsdecode(path))
    if isinstance(folder, int) and folder >= 0 and not found.is_absolute():
        return Path(f"/proc/self/fd/{folder}").readlink() / found
    return found.absolute()
