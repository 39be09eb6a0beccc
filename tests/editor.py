"""An editor that hides its notebook from widgets, as the kernel sees it while a cell runs."""

from typing import Any, Self

import pytest

from course.widgets import question as question_module


class Editor:
    """The editor's side of a running cell: its source, and the text that the kernel asks to put there."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.rewritten: str | None = None

    @classmethod
    def running(cls, source: str, monkeypatch: pytest.MonkeyPatch) -> Self:
        """Return an editor in which a cell with this source runs from now on."""
        editor = cls(source)
        monkeypatch.setattr(question_module, "get_ipython", lambda: editor)
        return editor

    def get_parent(self) -> dict[str, Any]:
        return {"content": {"code": self.source}}

    def set_next_input(self, text: str, replace: bool = False) -> None:
        assert replace
        self.rewritten = text
