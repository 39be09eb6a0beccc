"""Curly quotes in an answer typed by hand: told in words before Python complains about a character."""

import re

from IPython.core.getipython import get_ipython

MESSAGE = (
    "This cell has curly quotes (“ ”), as phones and word processors make them. "
    'Type straight ones, as in answer="a", and run it again.'
)
_CURLY = re.compile("[“”„‟‘’‚‛]")
_CALL = re.compile(r"\b(?:ask|reflect|scenario|review)\s*\([^)]*")
_STRING_OR_COMMENT = re.compile(r""""[^"\n]*"|'[^'\n]*'|#.*""")


class CurlyQuotes(Exception):  # noqa: N818 - read by students, in words
    """Raised in place of Python's SyntaxError; shown as one line without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return the line that IPython shows instead of a traceback."""
        return [str(self)]


def has_curly_quotes(source: str) -> bool:
    """Tell whether one of our calls has curly quotes where Python needs straight ones.

    Examples
    --------
    >>> has_curly_quotes('ask("x", answer=“b”)'), has_curly_quotes('ask("x", answer="“b”")')
    (True, False)
    """
    calls = (_STRING_OR_COMMENT.sub("", call) for call in _CALL.findall(source))
    return any(_CURLY.search(call) for call in calls)


def refuse(lines: list[str]) -> list[str]:
    """Return the lines of a cell as they are; raises CurlyQuotes where a call of ours has curly quotes."""
    if has_curly_quotes("".join(lines)):
        raise CurlyQuotes(MESSAGE)
    return lines


refuse.has_side_effects = True  # type: ignore[attr-defined]
"""So that IPython calls it for cells that are run, not while somebody types."""


def watch() -> None:
    """Look at every cell that this kernel runs from now on."""
    shell = get_ipython()
    if shell is not None and refuse not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(refuse)
