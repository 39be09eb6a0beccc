"""The comments of a lesson: taken out of what students read, with the claims that they tag."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from course.model import CLAIM_ID, Place
from course.reading import Problem

FENCE = re.compile(r"^\s*(```+|~~~+)")
"""A line that opens or closes a stretch of code, in which nothing is a comment."""
_TAG = re.compile(r"\s*claims?\s*[:=]\s*(.*)|\s*claims?\s+([\s\S]*)", re.IGNORECASE | re.DOTALL)
_FEW = 2
"""Words beside claim ids that make a comment look like a tag and not like a remark."""


def without_comments(
    lines: Sequence[str], first: int, path: str, tagged: dict[str, int], problems: list[Problem]
) -> Iterator[tuple[int, str]]:
    """Yield numbered lines without HTML comments, noting in `tagged` the first line of each claim."""
    opened, comment, code = 0, "", ""
    for number, line in enumerate(lines, first):
        fence = FENCE.match(line)
        if fence and not opened:
            code = "" if code and line.strip().startswith(code) else code or fence[1]
        kept, rest = "", line
        while rest:
            if opened:
                inside, closed, rest = rest.partition("-->")
                comment += inside
                if closed:
                    _note(comment, opened, path, tagged, problems)
                    opened = 0
                else:
                    comment += "\n"
            else:
                before, start, rest = (rest, "", "") if code else rest.partition("<!--")
                kept += before
                opened, comment = (number, "") if start else (0, comment)
        if kept.strip() or not line.strip():
            yield number, kept.rstrip()
    if opened:
        problems.append(Problem(Place(path, opened), "a comment is not closed", "end it with -->"))


def _note(comment: str, number: int, path: str, tagged: dict[str, int], problems: list[Problem]) -> None:
    """Record the claims that a comment tags, or what keeps it from being a tag."""
    found = _TAG.fullmatch(comment)
    words = [word for word in re.split(r"[,;\s]+", comment.strip()) if word]
    ids = [word for word in words if CLAIM_ID.fullmatch(word.upper())]
    if found and (found[1] is not None or len(ids) == len(words) - 1):
        place = Place(path, number)
        named = [word for word in re.split(r"[,;\s]+", (found[1] or found[2] or "").strip()) if word]
        for word in named:
            if CLAIM_ID.fullmatch(word.upper()):
                tagged.setdefault(word.upper(), number)
            elif word != "and":
                problems.append(
                    Problem(place, f"'{word}' is not a claim id", "write ids such as S0-01, S1-04")
                )
        if not named:
            problems.append(Problem(place, "the tag names no claim", "write <!-- claims: S0-01 -->"))
        return
    head = re.match(r"\s*([a-z]+)\s*:", comment, re.IGNORECASE)
    if head and get_close_matches(head[1].lower(), ["claims"], cutoff=0.65):
        what = f"unknown tag '{head[1]}'"
        problems.append(Problem(Place(path, number), what, "did you mean 'claims'?"))
    elif ids and len(words) - len(ids) <= _FEW:
        what = f"a comment with {ids[0]} does not say that it tags claims"
        remedy = f"write <!-- claims: {', '.join(ids)} -->"
        problems.append(Problem(Place(path, number), what, remedy))
