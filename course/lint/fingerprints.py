"""Digests of an article's runs of words: enough to find copied wording, without the article itself."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from hashlib import blake2b

RUN = 7
"""Words in a row that make wording copied. Articles by one writer on one theme share none by chance."""
SIZE = 8
"""Bytes of a digest: among the course's runs, a match by chance is expected once in 10^11 checks."""
FILE = "course/article-fingerprints.txt"
"""Where a course keeps the fingerprints of its articles."""
_HEAD = f"""\
# One digest of {SIZE} bytes (BLAKE2b) for each run of {RUN} words of each source article. With these,
# `course check` finds copied wording where the articles themselves are not at hand.
# Made by `course check --articles FOLDER --remember`; articles that FOLDER does not hold stay as they are.
"""
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_PER_LINE = 6

Fingerprints = Mapping[str, frozenset[bytes]]
"""Article -> the digests of its runs."""


class FingerprintError(ValueError):
    """A file of fingerprints is not as `course check --remember` writes it; says in which line."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is not a line of fingerprints")
        self.line = line


def fingerprints(articles: Mapping[str, str]) -> Fingerprints:
    """Return the fingerprints of articles by name."""
    return {
        name: frozenset(digest for _, digest in _runs([word for word, _ in _words(text)]))
        for name, text in articles.items()
    }


def written(prints: Fingerprints) -> str:
    """Return fingerprints as the text of a file, the same for the same articles."""
    parts = [_HEAD]
    for name in sorted(prints):
        digests = sorted(digest.hex() for digest in prints[name])
        rows = [" ".join(digests[at : at + _PER_LINE]) for at in range(0, len(digests), _PER_LINE)]
        parts.append("\n".join([f"[{name}]", *rows, ""]))
    return "\n".join(parts)


def parsed(text: str) -> Fingerprints:
    """Return the fingerprints that a file's text holds.

    Raises
    ------
    FingerprintError : for a line that is neither a comment, nor a name in brackets, nor digests.
    """
    found: dict[str, set[bytes]] = {}
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.fullmatch(r"\[(.+)\]", line)
        if heading:
            name = heading[1]
            found.setdefault(name, set())
        elif line.strip() and not line.startswith("#"):
            digests = line.split()
            if not name or not all(re.fullmatch(f"[0-9a-f]{{{2 * SIZE}}}", digest) for digest in digests):
                raise FingerprintError(number)
            found[name].update(map(bytes.fromhex, digests))
    return {name: frozenset(digests) for name, digests in found.items()}


def copied(text: str, prints: Fingerprints) -> Iterator[tuple[int, str, str]]:
    """Yield each run of `RUN` words or more that also stands in an article, the longest at each spot once.

    Yields
    ------
    Its line in the text, counted from 0; its words in small letters; the article's name.
    """
    found = _words(text)
    breaks = [match.start() for match in re.finditer("\n", text.lower())]
    begun, end, holder = -1, -1, ""
    for at, digest in _runs([word for word, _ in found]):
        if begun >= 0 and at == end - RUN + 1 and digest in prints[holder]:
            end += 1
            continue
        name = next((name for name, digests in prints.items() if digest in digests), "")
        if not name:
            continue
        if begun >= 0:
            yield bisect_right(breaks, found[begun][1]), _said(found, begun, end), holder
        begun, end, holder = at, at + RUN, name
    if begun >= 0:
        yield bisect_right(breaks, found[begun][1]), _said(found, begun, end), holder


def _said(found: list[tuple[str, int]], begun: int, end: int) -> str:
    """Return the words of a run."""
    return " ".join(word for word, _ in found[begun:end])


def _words(text: str) -> list[tuple[str, int]]:
    """Return the words of a text in small letters, with straight apostrophes, each with where it starts."""
    plain = text.lower().replace("’", "'")
    return [(match[0], match.start()) for match in _WORD.finditer(plain)]


def _runs(sequence: list[str]) -> Iterator[tuple[int, bytes]]:
    """Yield the number of the first word and the digest of every run."""
    for at in range(len(sequence) - RUN + 1):
        run = " ".join(sequence[at : at + RUN]).encode("utf-8")
        yield at, blake2b(run, digest_size=SIZE).digest()
