"""L-29: whether the course's wording is its own, against the source articles or their fingerprints."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from course.lint.fingerprints import RUN, Fingerprints, copied
from course.lint.rules import Finding
from course.model import Box, Course, Place, Prose
from course.readability import sentences, words

CLOSE = 5
"""Words in a row that may be copied or chance, below `RUN`."""

Run = tuple[str, ...]
Stretch = tuple[Place, str, str]
"""Where a text begins, the id of the item it belongs to (or nothing), and the text."""


def read_articles(folder: Path) -> dict[str, str]:
    """Return file name -> text of every .txt and .md article in a folder.

    Raises
    ------
    ValueError : where the folder holds none.
    """
    found = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir())
        if path.suffix in {".txt", ".md"}
    }
    if not found:
        raise ValueError(f"{folder} holds no .txt or .md file")
    return found


def copied_findings(
    course: Course, prints: Fingerprints, files: Mapping[str, str] | None = None
) -> Iterator[Finding]:
    """Yield each run of `RUN` words or more that also stands in an article, once at each spot.

    `files` holds path -> text of the course's files, which are judged whole and with their lines; without
    them the texts of `course` are judged.
    """
    owners = _owners(course)
    stretches: Iterable[Stretch] = _wording(course)
    if files is not None:
        stretches = [(Place(path), "", text) for path, text in files.items()]
    for place, item, text in stretches:
        for offset, run, name in copied(text, prints):
            here = Place(place.path, place.line + offset)
            about = item or _owner(owners.get(place.path, []), here.line)
            what = f"shares {len(run.split())} words in a row with {name}: '{run}'"
            what = f"{about}: {what}" if about else what
            yield Finding(here, "L-29", "E", what, "say it in your own words", about)


def _owners(course: Course) -> dict[str, list[tuple[int, str]]]:
    """Return for each file of questions the lines where one begins, and the item's id or nothing."""
    found: dict[str, list[tuple[int, str]]] = {}
    for lesson in course.lessons:
        for item in lesson.items:
            found.setdefault(item.place.path, []).append((item.place.line, item.id))
        for prompt in lesson.prompts:
            found.setdefault(prompt.place.path, []).append((prompt.place.line, ""))
    return {path: sorted(starts) for path, starts in found.items()}


def _owner(starts: list[tuple[int, str]], line: int) -> str:
    """Return the item that a line belongs to, or nothing."""
    number = bisect_right([start for start, _ in starts], line)
    return starts[number - 1][1] if number else ""


def close_findings(course: Course, articles: Mapping[str, str]) -> Iterator[Finding]:
    """Yield each run that is shorter than `RUN` and may be copied or chance; parts of names do not count."""
    source: dict[Run, str] = {}
    bodies = {name: _plain(words(text)) for name, text in articles.items()}
    for name, body in bodies.items():
        for at in range(len(body) - CLOSE + 1):
            source.setdefault(tuple(body[at : at + CLOSE]), name)
    joined = {name: f" {' '.join(body)} " for name, body in bodies.items()}
    for place, item, text in _wording(course):
        for run, count, name in shared_runs(text, source, joined):
            if len(run.split()) < RUN:
                what = f"shares {count} words in a row with {name}: '{run}'"
                what = f"{item}: {what}" if item else what
                yield Finding(place, "L-29", "W", what, "say it in your own words", item)


def _plain(found: list[str]) -> list[str]:
    """Return words in small letters with straight apostrophes."""
    return [word.lower().replace("’", "'") for word in found]


def shared_runs(
    text: str, source: Mapping[Run, str], bodies: Mapping[str, str]
) -> Iterator[tuple[str, int, str]]:
    """Yield each shared run of a text as its words, how many of them count, and the article's name.

    Parts of names do not count: a word with a capital that does not open a sentence.

    Parameters
    ----------
    source : run of `CLOSE` words -> an article that holds it.
    bodies : article -> its words, joined and bounded by spaces.
    """
    shown: list[str] = []
    named: list[bool] = []
    for sentence in sentences(text):
        for number, word in enumerate(words(sentence)):
            shown.append(word)
            named.append(word[0].isupper() and number > 0 and word != "I")
    plain = _plain(shown)
    at = 0
    while at <= len(plain) - CLOSE:
        name = source.get(tuple(plain[at : at + CLOSE]))
        if name is None:
            at += 1
            continue
        end, holder = at + CLOSE, name
        for article, body in bodies.items():
            last = at + CLOSE
            while last <= len(plain) and f" {' '.join(plain[at:last])} " in body:
                last += 1
            if last - 1 > end:
                end, holder = last - 1, article
        count = sum(not name for name in named[at:end])
        if count >= CLOSE:
            yield " ".join(shown[at:end]), count, holder
        at = end - CLOSE + 2


def _wording(course: Course) -> Iterator[Stretch]:
    """Yield all that was written for the course."""
    for lesson in course.lessons:
        path = lesson.place.path
        yield lesson.place, "", "\n".join([lesson.title, *lesson.objectives.values()])
        for part in lesson.parts:
            if isinstance(part, Prose | Box):
                for block in part.text.split("\n\n"):
                    yield Place(path, part.line), "", block
        for item in lesson.items:
            for option in item.options:
                yield item.place, item.id, option.text
                yield item.place, item.id, option.rationale
            yield item.place, item.id, item.vignette
            yield item.place, item.id, item.stem
        for prompt in lesson.prompts:
            yield prompt.place, "", prompt.text
        if lesson.scenario:
            scenario = lesson.scenario
            told = [
                scenario.intro,
                *(end.text for end in scenario.endings),
                *(m.text for m in scenario.models),
            ]
            for node in scenario.nodes:
                told += [node.text, *(t for c in node.choices for t in (c.text, c.consequence))]
            for text in told:
                yield scenario.place, "", text
    for term in course.glossary:
        yield Place("course/glossary.toml"), "", term.meaning
    for misconception in course.misconceptions:
        yield Place("course/misconceptions.toml"), "", misconception.wrong
        yield Place("course/misconceptions.toml"), "", misconception.truth
    for claim in course.claims:
        yield Place("course/claims.csv"), "", claim.text
