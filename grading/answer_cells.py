"""Code cells to the answers given in them: the calls of `ask`, parsed and never run."""

import ast
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache

CELL_LIMIT = 4096
"""Most characters of a cell that holds an answer; ours have about 80. Bounds what the parser may meet."""
CODE_LIMIT = 16 * CELL_LIMIT
"""Most characters of code that is parsed in one notebook; ours have about 5000."""
_CODE = "the answer is program code, not a letter in quotes"
_NO_LETTER = "the answer is a number or another value, not a letter in quotes"

_CURLY = "“”„‟‘’‚‛"
_STRAIGHT = str.maketrans(_CURLY, '"' * 4 + "'" * 4)
# The word's beginning is looked at last: a pattern that starts with plain letters is found much faster.
_OTHER_QUOTES = "«»‹›´`′″〝〞＂＇"
_OTHER_SIGNS = str.maketrans({**dict.fromkeys(_OTHER_QUOTES, '"'), "،": ",", "、": ","})
ASKED = re.compile(
    rf"""ask(?<!\wask)\s*\(\s*(?:item_id\s*=\s*)?["'{_CURLY}]([A-Za-z0-9_-]{{1,128}})["'{_CURLY}]"""
)
"""A call of `ask` as it looks where nobody plays, with the question's id."""
_NAME = re.compile(r"ask(?<!\wask)(?!\w)")
_WORD = re.compile(r"\b\w{3}\b")


class Unreadable:
    """An answer that could not be read, with the reason in words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class TooMuchCodeError(Exception):
    """The notebook holds more code that calls `ask` than is parsed."""


Given = str | tuple[str, ...] | Unreadable | None
"""What a call holds as its answer; several letters are sorted and without repeats."""


def given_answers(sources: Iterable[str]) -> Iterator[tuple[str, Given]]:
    """Yield question id and answer of every call of `ask` in the code cells of one notebook.

    Where a cell cannot be parsed, each question that it seems to ask is unreadable.

    Raises
    ------
    TooMuchCodeError : what is not parsed may hold another answer to any question.
    """
    left = CODE_LIMIT
    for source in sources:
        calls: tuple[tuple[str, Given], ...] | None = None
        reason = f"its cell is longer than {CELL_LIMIT} characters"
        if len(source) <= CELL_LIMIT:
            if not _may_ask(source):
                continue
            left -= len(source)
            if left < 0:
                raise TooMuchCodeError
            calls = _calls(source)
            reason = "" if calls is not None else _why_not(source)
        if calls is None:
            seen = source if len(source) > CELL_LIMIT else f"{source}\n{_with_plain_signs(source)}"
            calls = tuple((id_, Unreadable(reason)) for id_ in set(ASKED.findall(seen)))
        yield from calls


def _may_ask(source: str) -> bool:
    """Return whether code may call `ask`; only then it is parsed."""
    if source.isascii():
        return _NAME.search(source) is not None
    # Python takes letters of other widths and styles in a name for the plain ones.
    return any(unicodedata.normalize("NFKC", word) == "ask" for word in set(_WORD.findall(source)))


@lru_cache(maxsize=512)
def _calls(source: str) -> tuple[tuple[str, Given], ...] | None:
    """Return question id and answer of each call of `ask` in a cell; None where it is not Python.

    A whole class gives few different answers to a question, so most cells were met before.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in a student's text are not our news
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    alone = {id(statement.value) for statement in tree.body if isinstance(statement, ast.Expr | ast.Assign)}
    inside = Unreadable("the call of ask stands inside other code")
    found: list[tuple[str, Given]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_ask(node.func):
            found += [(id_, _given(node) if id(node) in alone else inside) for id_ in _asked(node)]
    return tuple(found)


def _why_not(source: str) -> str:
    """Return why a cell that is not Python cannot be read, with what to do where that is clear."""
    straight = source.translate(_STRAIGHT)
    if straight != source and _calls(straight) is not None:
        return (
            "its cell has curly quotes, as phones and word processors make them: "
            'type straight ones, as in answer="a", and hand in again'
        )
    plainer = _with_plain_signs(source)
    if plainer != source and _calls(plainer) is not None:
        odd = next(sign for sign in source if _with_plain_signs(sign) != sign)
        named = unicodedata.name(odd, "one that cannot be seen").lower()
        return (
            f"its cell is not valid Python because of a sign in it ({named}): "
            "type the line anew, with plain signs only, and hand in again"
        )
    return "its cell is not valid Python, so the answer cannot be read"


def _with_plain_signs(source: str) -> str:
    """Return code without unseen signs, and with the signs of other keyboards as Python knows them."""
    return "".join(sign if sign.isascii() else _plain_sign(sign) for sign in source.translate(_OTHER_SIGNS))


@lru_cache(maxsize=4096)
def _plain_sign(sign: str) -> str:
    """Return the sign that Python knows in place of one from another keyboard; letters stay as they are."""
    kind = unicodedata.category(sign)
    if kind == "Cf":
        return ""
    other = unicodedata.normalize("NFKC", sign)
    return other if kind[0] in "PSZ" and other.isascii() else sign


def _is_ask(function: ast.expr) -> bool:
    """Return whether an expression is ``ask`` or ``course.ask``."""
    return (isinstance(function, ast.Name) and function.id == "ask") or (
        isinstance(function, ast.Attribute) and function.attr == "ask"
    )


def _ids(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that name its question: one, unless somebody plays."""
    return [*call.args[:1], *(word.value for word in call.keywords if word.arg == "item_id")]


def _asked(call: ast.Call) -> set[str]:
    """Return the question ids that a call names as plain text."""
    named = [one.value for one in _ids(call) if isinstance(one, ast.Constant)]
    return {id_ for id_ in named if isinstance(id_, str)}


def _given(call: ast.Call) -> Given:
    """Return the answer that stands in a call of ask, or why it is none."""
    answers = [*call.args[1:], *(word.value for word in call.keywords if word.arg == "answer")]
    odd = {word.arg for word in call.keywords} - {"answer", "item_id"}
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    if len(_ids(call)) != 1 or len(answers) > 1 or odd or starred:
        return Unreadable("the call of ask has arguments it does not know")
    node = answers[0] if answers else ast.Constant(None)
    if isinstance(node, ast.Constant):
        if node.value is None or node.value == "":
            return None
        return node.value if isinstance(node.value, str) else Unreadable(_NO_LETTER)
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return Unreadable(_CODE)
    parts = [part.value for part in node.elts if isinstance(part, ast.Constant)]
    if len(parts) != len(node.elts):
        return Unreadable(_CODE)
    if not isinstance(node, ast.List):
        return Unreadable("the answer is in round or curly brackets, where a list has square ones")
    chosen = {part for part in parts if isinstance(part, str)}
    whole = all(isinstance(part, str) for part in parts)
    return tuple(sorted(chosen)) if whole else Unreadable(_NO_LETTER)
