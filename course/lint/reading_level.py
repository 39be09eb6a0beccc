"""L-26 and L-27: how hard items, lessons and scenarios are to read, and which words are not common."""

import heapq
import re
from collections.abc import Iterator
from functools import cache

from spellchecker import SpellChecker

from course.lint import words as lists
from course.lint.rules import Finding, Level, about
from course.model import Box, Course, Item, Lesson, Place, Prose
from course.readability import LANGUAGES, Reading, blocks, read, sentences, words

HARD_STOP, TARGET = 9.0, 8.0
"""Flesch-Kincaid grades above which a text is an error, and a warning."""
LONGEST_MEAN = 15.0
"""Words of a sentence, on average over a text."""
COMMONEST = 10_000
"""Words taken as known: about where everyday speech ends and trade or book words begin."""
UNKNOWN = 1
"""Words outside that an item may hold."""
WORD_LISTS = ("en", "es", "fr")
"""Languages with a list of common words (pyspellchecker counts them in film subtitles)."""


def grade_findings(item: Item) -> Iterator[Finding]:
    """L-26 for an item: vignette, stem and options as one text, each option a sentence."""
    reading = sum((read(text) for text in _texts(item)), Reading(0, 0, 0))
    for level, what, remedy in _judged(reading):
        yield about(item, "L-26", level, what, remedy)


def word_findings(item: Item, language: str, known: frozenset[str]) -> Iterator[Finding]:
    """L-27: words that a reader may not know; `known` holds the glossary's words in small letters."""
    unknown = unknown_words("\n".join(_texts(item)), language, known)
    if len(unknown) > UNKNOWN:
        what = f"{len(unknown)} words may not be known ({', '.join(unknown)})"
        yield about(item, "L-27", "W", what, "use common words, or explain them in glossary.toml")


def lesson_findings(lesson: Lesson) -> Iterator[Finding]:
    """L-26 for what students read of a lesson; the hardest paragraph is named."""
    total = Reading(0, 0, 0)
    hardest: tuple[float, str, int] = (0.0, "", 1)
    for part in lesson.parts:
        if isinstance(part, Prose) or (isinstance(part, Box) and part.name != "instructor"):
            total += read(part.text)
            for block in blocks(part.text):
                reading = read(block)
                # The formula means little for a few words: one long name alone can be "grade 12".
                if reading.words >= 20:
                    hardest = max(hardest, (reading.grade, block, part.line))
    for level, what, remedy in _judged(total):
        grade, block, line = hardest
        start = " ".join(block.split()[:6])
        where = f"; the hardest paragraph (grade {grade:.1f}) starts '{start}'" if block else ""
        yield Finding(Place(lesson.place.path, line), "L-26", level, f"the lesson: {what}{where}", remedy)
    if lesson.scenario:
        scenario = lesson.scenario
        told = [scenario.intro, *(ending.text for ending in scenario.endings)]
        for node in scenario.nodes:
            told += [
                node.text,
                *(text for choice in node.choices for text in (choice.text, choice.consequence)),
            ]
        reading = sum((read(text) for text in told), Reading(0, 0, 0))
        for level, what, remedy in _judged(reading):
            yield Finding(scenario.place, "L-26", level, f"the scenario: {what}", remedy)


def _judged(reading: Reading) -> Iterator[tuple[Level, str, str]]:
    """Yield level, what and remedy for a text that is too hard."""
    remedy = "use shorter words and sentences"
    if reading.grade > HARD_STOP:
        yield "E", f"reading grade {reading.grade:.1f}, above {HARD_STOP:g}", remedy
    elif reading.grade > TARGET:
        yield "W", f"reading grade {reading.grade:.1f}, above {TARGET:g}", remedy
    if reading.mean_sentence > LONGEST_MEAN:
        what = f"sentences have {reading.mean_sentence:.1f} words on average"
        yield "W", what, f"cut long ones until the average is {LONGEST_MEAN:g}"


def _texts(item: Item) -> list[str]:
    """Return what a student reads of an item."""
    return [text for text in (item.vignette, item.stem, *(option.text for option in item.options)) if text]


def unknown_words(text: str, language: str, known: frozenset[str]) -> list[str]:
    """Return the words that are neither common nor known, in order, each once.

    A word that stands only in capitals inside its sentences is taken for a name; endings such as -s, -ed,
    -ing and -ly are cut off before a word counts as unknown.
    """
    found: dict[str, None] = {}
    common = commonest(language)
    for sentence in (sentence for block in blocks(text) for sentence in sentences(block)):
        for number, word in enumerate(words(sentence)):
            plain = word.lower().replace("’", "'")
            name = word[0].isupper() and (number > 0 or not re.search(rf"\b{re.escape(plain)}\b", text))
            if not name and not word[0].isdigit() and not _is_known(plain, common, known):
                found[plain] = None
    return list(found)


def _is_known(word: str, common: frozenset[str], known: frozenset[str]) -> bool:
    """Return whether a word, or the word it is made from, is common or in the glossary."""
    return any(form in common or form in known for form in _forms(word))


def _forms(word: str) -> Iterator[str]:
    """Yield a word and what it may be made from: turnstiles, turnstile."""
    word = word.removesuffix("'s")
    yield word
    yield lists.singular(word)
    for ending, replacements in {
        "ing": ("", "e"),
        "ed": ("", "e"),
        "es": ("",),
        "er": ("", "e"),
        "est": ("", "e"),
        "ly": ("", "le"),
        "ied": ("y",),
        "ier": ("y",),
        "iest": ("y",),
        "ily": ("y",),
    }.items():
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word.removesuffix(ending)
            yield from (stem + replacement for replacement in replacements)
            if stem[-1] == stem[-2]:
                yield stem[:-1]
    if word.startswith("un") and len(word) > 5:
        yield word[2:]


@cache
def commonest(language: str) -> frozenset[str]:
    """Return the commonest words of a language in small letters.

    Raises
    ------
    ValueError : for a language that is not in `WORD_LISTS`.
    """
    if language not in WORD_LISTS:
        raise ValueError(f"no list of common words for the language {language!r}")
    counts = SpellChecker(language=language).word_frequency.dictionary
    return frozenset(heapq.nsmallest(COMMONEST, counts, key=lambda word: (-counts[word], word)))


def glossary_words(course: Course) -> frozenset[str]:
    """Return every word of the glossary's terms in small letters."""
    return frozenset(word for term in course.glossary for word in lists.lowered(term.term))


def can_grade(course: Course) -> bool:
    """Return whether the reading grade is made for the course's language."""
    return course.language.split("-")[0] in LANGUAGES
