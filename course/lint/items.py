"""Rules that one item can break by itself: its parts, its options and its wording."""

import re
from collections.abc import Iterator, Sequence
from statistics import mean

from course.lint import words as lists
from course.lint.rules import Finding, about
from course.model import Course, Item, Option
from course.readability import sentences, words

RATIONALE = (15, 45)
"""Words a rationale holds, from and to."""
LONGEST_STEM, LONGEST_VIGNETTE = 25, 60
"""Words."""
SPREAD, KEY_EXCESS = 1.5, 1.25
"""Longest option over shortest; keys over wrong options: characters."""
NUMBERS = {"two": 2, "three": 3, "2": 2, "3": 3}


def item_findings(item: Item, course: Course) -> Iterator[Finding]:
    """Yield what one item breaks, rule by rule."""
    yield from _parts(item)
    yield from _rationales(item)
    yield from _misconceptions(item)
    yield from _claims(item, course)
    yield from _joined(item)
    yield from _negative(item)
    yield from _lengths(item)
    yield from _repeats(item)
    yield from _grammar(item)
    yield from _question(item)
    yield from _policy(item)


def _parts(item: Item) -> Iterator[Finding]:
    """L-02, L-03, L-04: how many keys and options there are, and whether they differ."""
    keys, wrong, options = len(item.keys), len(item.distractors), len(item.options)
    if item.kind == "single" and keys != 1:
        yield about(item, "L-02", "E", f"has {keys} keys", "name one option in key")
    if item.kind == "multiple" and (keys < 2 or wrong < 1):
        yield about(
            item,
            "L-02",
            "E",
            f"has {keys} right and {wrong} wrong options",
            'give it two keys or more and a wrong option, or make it kind = "single"',
        )
    said = re.search(r"\bwhich (two|three|[23])\b", _asking(item), re.IGNORECASE)
    if item.kind == "multiple" and said and NUMBERS[said[1].lower()] != keys:
        yield about(
            item, "L-02", "E", f"the stem says '{said[0]}' but there are {keys} keys", "make the two agree"
        )
    if options not in (3, 4):
        yield about(item, "L-03", "E", f"has {options} options", "write three options")
    elif options == 4 and item.kind == "single":
        yield about(item, "L-03", "W", "has four options", "drop the wrong option that fewest would choose")
    texts = [lists.lowered(option.text) for option in item.options]
    for n, one in enumerate(texts):
        for m, other in enumerate(texts):
            if n != m and _holds(other, one) and not (one == other and n > m):
                what = "say the same" if one == other else "stand one inside the other"
                ids = f"options {item.options[n].id} and {item.options[m].id}"
                yield about(item, "L-04", "E", f"{ids} {what}", "word them so that each says something else")


def _holds(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    """Return whether the words of one option stand in a row within another."""
    return bool(shorter) and f" {' '.join(shorter)} " in f" {' '.join(longer)} "


def _rationales(item: Item) -> Iterator[Finding]:
    """L-05: every option says why, briefly and in words of its own."""
    low, high = RATIONALE
    seen: dict[tuple[str, ...], str] = {}
    for option in item.options:
        text = tuple(lists.lowered(option.rationale))
        if not low <= len(text) <= high:
            what = f"the rationale of option {option.id} has {len(text)} words"
            yield about(item, "L-05", "E", what, f"write {low} to {high} words")
        if text in seen:
            what = f"options {seen[text]} and {option.id} have the same rationale"
            yield about(item, "L-05", "E", what, "say for each option why it is right or wrong")
        seen.setdefault(text, option.id)


def _misconceptions(item: Item) -> Iterator[Finding]:
    """L-06, L-07: each wrong option rests on one wrong idea, and on another than its neighbours."""
    seen: dict[str, str] = {}
    for option in item.distractors:
        if option.misconception is None:
            what = f"the wrong option {option.id} names no misconception"
            yield about(item, "L-06", "E", what, "name one of misconceptions.toml, or add one there")
        elif option.misconception in seen:
            what = f"options {seen[option.misconception]} and {option.id} both rest on {option.misconception}"
            yield about(item, "L-07", "E", what, "let one of them rest on another wrong idea")
        else:
            seen[option.misconception] = option.id
    for option in item.keys:
        if option.misconception is not None:
            what = f"the right option {option.id} names a misconception"
            yield about(item, "L-06", "E", what, "remove the line, or correct the key")


def _claims(item: Item, course: Course) -> Iterator[Finding]:
    """L-08: an item asks for what this lesson or an earlier one teaches."""
    if not item.claims:
        yield about(item, "L-08", "E", "names no claim", "name the rows of claims.csv that it asks for")
    order = {lesson.slug: number for number, lesson in enumerate(course.lessons)}
    home = {claim.id: claim.lesson for claim in course.claims}
    for claim in item.claims:
        if order.get(home.get(claim, ""), -1) > order.get(item.lesson, len(order)):
            what = f"the claim {claim} belongs to the later lesson {home[claim]}"
            yield about(item, "L-08", "E", what, "name a claim of this or an earlier lesson")


def _joined(item: Item) -> Iterator[Finding]:
    """L-10, L-11: no option speaks about the other options."""
    for option in item.options:
        if lists.ALL_OF.search(option.text):
            what = f"option {option.id} means all of the options"
            yield about(
                item, "L-10", "E", what, 'write a wrong idea in its place, or make it kind = "multiple"'
            )
        elif lists.NONE_OF.search(option.text) or lists.COMBINED.search(option.text):
            what = f"option {option.id} means none, or joins other options"
            yield about(item, "L-11", "E", what, "write an option that stands by itself")


def is_negative(item: Item) -> bool:
    """Return whether the asking sentence asks for what is not so, in capitals or not."""
    asking = _asking(item)
    return bool(lists.NEGATION.search(asking) or lists.NEGATIVE_LEAD.search(asking))


def _negative(item: Item) -> Iterator[Finding]:
    """L-12, L-13: negative stems, and negative options below them."""
    if not is_negative(item):
        return
    plain = lists.CAPITALS.sub("", _asking(item))
    word = lists.NEGATION.search(plain) or lists.NEGATIVE_LEAD.search(plain)
    if word:
        remedy = f"ask for what is right, or write **{word[0].upper()}**"
        yield about(item, "L-12", "W", f"the stem is negative ('{word[0]}')", remedy)
    for option in item.options:
        denied = lists.DENIAL.search(option.text)
        if denied:
            what = f"the stem is negative and so is option {option.id} ('{denied[0]}')"
            yield about(item, "L-13", "E", what, "turn the stem or the option around")


def _lengths(item: Item) -> Iterator[Finding]:
    """L-16: no option stands out by its length."""
    sizes = [len(option.text) for option in item.options]
    if max(sizes) > SPREAD * min(sizes):
        what = f"the longest option has {max(sizes)} characters, the shortest {min(sizes)}"
        yield about(item, "L-16", "W", what, f"make the longest at most {SPREAD} times the shortest")
    if item.keys and item.distractors:
        keys = mean(len(option.text) for option in item.keys)
        others = mean(len(option.text) for option in item.distractors)
        if keys > KEY_EXCESS * others:
            what = f"keys have {keys:.0f} characters, wrong options {others:.0f}"
            yield about(
                item, "L-16", "W", what, f"bring keys to at most {KEY_EXCESS} times the wrong options"
            )


def _repeats(item: Item) -> Iterator[Finding]:
    """L-18: the question's words point to no option; judged for each key of a multiple item."""
    asked = lists.content(item.question)
    most = max((len(asked & lists.content(option.text)) for option in item.distractors), default=0)
    for option in item.keys:
        shared = asked & lists.content(option.text)
        if len(shared) >= most + 2:
            what = f"the key {option.id} alone repeats words of the question ({', '.join(sorted(shared))})"
            yield about(
                item, "L-18", "W", what, "say it in other words, or let a wrong option repeat them too"
            )


def _grammar(item: Item) -> Iterator[Finding]:
    """L-19: all options fit the stem in the same way."""
    texts = [re.sub(r"^[\"'“‘(*_`]+", "", option.text) for option in item.options]
    if len({text[:1].isupper() for text in texts if text[:1].isalpha()}) > 1:
        yield about(item, "L-19", "W", "some options start with a capital, some do not", "start all alike")
    ends = {bool(re.search(r"[.!?…][\"'”’)*_`]*$", option.text)) for option in item.options}
    if len(ends) > 1:
        yield about(item, "L-19", "W", "some options end with a point, some do not", "end all alike")
    gap = re.search(r"\b(a|an) (_{2,}|\.{3}|…)", item.stem, re.IGNORECASE)
    if gap and len({text[:1].lower() in "aeiou" for text in texts}) > 1:
        yield about(item, "L-19", "W", f"'{gap[1]}' before the gap fits some options only", "write a/an")
    for form, opening in lists.FORMS.items():
        fits = [option.id for option, text in zip(item.options, texts, strict=True) if opening.match(text)]
        odd = fits if len(fits) == 1 else [o.id for o in item.options if o.id not in fits]
        if len(odd) == 1 and odd[0] in item.key and len(item.key) == 1:
            what = f"the key {odd[0]} alone {'starts' if odd == fits else 'does not start'} with {form}"
            yield about(item, "L-19", "W", what, "give all options the same form")


def _question(item: Item) -> Iterator[Finding]:
    """L-24, L-31, L-33: the stem asks one short question that has an answer."""
    if not re.search(r"\?[\"'”’)*_]*$", item.stem):
        yield about(item, "L-24", "W", "the stem does not end with '?'", "ask a question")
    for name, text, most in (
        ("stem", item.stem, LONGEST_STEM),
        ("vignette", item.vignette, LONGEST_VIGNETTE),
    ):
        count = len(words(text))
        if count > most:
            yield about(item, "L-24", "W", f"the {name} has {count} words", f"bring it to {most} or fewer")
    opinion = [
        word
        for word in lists.OPINION.findall(_asking(item))
        if not (item.vignette and word.lower() == "should")
    ]
    if opinion and not lists.STANDARD.search(item.stem):
        what = f"'{opinion[0]}' asks for an opinion"
        yield about(
            item, "L-31", "W", what, "ask what comes first, or name the lesson or policy that decides"
        )
    asking = _asking(item)
    if (
        item.vignette
        and re.search(r"\bwould (you|the officer|he|she|they|[A-Z]\w+)\b", asking)
        and "should" not in asking
    ):
        yield about(item, "L-33", "W", "asks what someone would do", "ask what the officer should do")


def _policy(item: Item) -> Iterator[Finding]:
    """L-35: what law and site policy decide is marked as such."""
    if "local-policy" in item.tags:
        return
    for option in item.keys:
        act = _forced(option)
        if act:
            what = f"the key {option.id} tells an officer to use force or search ('{act}')"
            yield about(item, "L-35", "E", what, 'add tags = ["local-policy"], or write another key')
            return
    scene = "\n".join([item.vignette, *(option.text for option in item.options)]) if item.vignette else ""
    near = lists.FORCE.search(scene) or lists.LAW.search(scene)
    if near:
        what = f"the scene comes near what law and site policy decide ('{near[0]}')"
        yield about(item, "L-35", "E", what, 'add tags = ["local-policy"]')


def _forced(option: Option) -> str:
    """Return the word by which a key asks for force or a search; nothing where it says not to."""
    for act in lists.FORCE.finditer(option.text):
        before = lists.lowered(option.text[: act.start()])[-3:]
        if not any(
            word in {"not", "never", "without", "cannot", "no"} or word.endswith("n't") for word in before
        ):
            return act[0]
    return ""


def _asking(item: Item) -> str:
    """Return the last sentence of the stem, which asks."""
    return (sentences(item.stem) or [""])[-1]
