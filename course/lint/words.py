"""Word lists of the item-writing rules, and the cutting of texts into words."""

import re
from collections.abc import Iterable

from course.readability import words

ABSOLUTE = frozenset(["always", "never", "only", "all", "none", "every", "completely", "absolutely", "must"])
"""Words that test-wise learners take for a sign of a wrong option."""
HEDGES = frozenset(["usually", "often", "may", "can", "generally"])
"""Words that test-wise learners take for a sign of a right option."""

NEGATION = re.compile(r"\b(not|never|except)\b|\b\w+n['’]t\b|(?<!\bat )\bleast\b", re.IGNORECASE)
"""Words that turn a stem around; "at least" does not."""
NEGATIVE_LEAD = re.compile(
    r"\b(un(fair|fit|helpful|just|like|safe|true|wise)|dis(agree|approve|courage|credit|like|obey|prove|"
    r"regard|respect|trust))(e?s|e?d|ing)?\b",
    re.IGNORECASE,
)
"""Verbs and adjectives with un- or dis- that ask for the opposite."""
CAPITALS = re.compile(r"\*\*([A-Z']+)\*\*|__([A-Z']+)__")
"""A word in bold capitals, such as **NOT**."""
DENIAL = re.compile(r"\b(not|never|no|none|nothing|nobody|neither|cannot)\b|\b\w+n['’]t\b", re.IGNORECASE)
"""Words that make an option negative."""

ALL_OF = re.compile(
    r"\b(all|both|any|each) of (the|these|those) (above|below|answers|options|choices)\b|"
    r"\ball of (these|them|those)\b|^(all|both)( are)?( right| correct)?\W*$|"
    r"\bboth \(?[a-d]\)? and \(?[a-d]\)?\b|"
    r"\btodas? las? anteriores\b|\btodos los anteriores\b|\btoutes ces réponses\b|\btous les choix\b|"
    r"\btoutes les réponses\b",
    re.IGNORECASE,
)
NONE_OF = re.compile(
    r"\bnone of (the|these|those) (above|below|answers|options|choices)\b|\bnone of (these|them|those)\b|"
    r"\bneither of the above\b|^none\W*$|\bninguna de las anteriores\b|\bninguno de los anteriores\b|"
    r"\baucune de ces réponses\b|\baucun de ces choix\b",
    re.IGNORECASE,
)
COMBINED = re.compile(
    r"(?<!both )(?<!both \()\b(?-i:[A-D])\)?( and |, | or | & | y | et )\(?(?-i:[A-D])\b", re.I
)
"""Options that join other options: "A and C"."""

OPINION = re.compile(r"\b(best|most|should)\b", re.IGNORECASE)
STANDARD = re.compile(
    r"\bfirst\b|\baccording to\b|\bstandards?\b|\bpolicy\b|\bpost orders\b|\bprocedures?\b|\bthe law\b|"
    r"\b(the|this|your) (course|lesson)('s|’s)?\b",
    re.IGNORECASE,
)
"""What turns an opinion into a question with an answer: an order of steps, or a named standard."""

FORMS = {
    "-ing": re.compile(
        r"(?!(No|Any|Some|Every)thing\b|During\b|Morning\b|Evening\b)\w{2,}ing\b", re.IGNORECASE
    ),
    "to": re.compile(
        r"to (?!(the|a|an|my|your|his|her|its|our|their|this|that|these|those)\b)\w", re.IGNORECASE
    ),
}
"""How an option may open so that only it fits a stem."""

FORCE = re.compile(
    r"(?<!in )\btouch(es|ing|ed)?\b|\bdetain\w*|\bsearch(es|ing|ed)?\b|\brestrain\w*|\barrest\w*|"
    r"\bhandcuff\w*|\bfrisk\w*|\bpat(s|ting)? (him|her|them|you) down\b|\bgrab\w*|"
    r"\bhold(s|ing)? (him|her|them|the (man|woman|person|visitor|boy|girl)) (back|down|there|until|for)\b|"
    r"\bblock(s|ing)? (his|her|their) (way|path|exit)\b|\bsei[zs](e|es|ed|ing)\b",
    re.IGNORECASE,
)
"""Acts that the law and site policy decide on."""
LAW = re.compile(r"\b(unlawful|illegal|legal|law|laws|police|trespass\w*|warrant|custody)\b", re.IGNORECASE)

OPPOSITES = tuple(
    frozenset(pair.split("/"))
    for pair in re.findall(
        r"\S+",
        """
        accept/refuse allow/forbid allow/stop always/never answer/ignore approach/avoid ask/tell
        before/after calm/angry close/open early/late far/near fast/slow firm/soft first/last friendly/stern
        give/take hard/easy help/ignore hide/show inside/outside leave/stay less/more listen/talk loud/quiet
        lower/raise many/few move/stand private/public right/wrong safe/unsafe short/long speak/wait
        start/stop strict/lenient together/apart trust/distrust with/without work/rest
        """,
    )
)

_COMMON = frozenset(
    re.findall(
        r"\S+",
        """
        a about after again all also am an and any are as at away back be because been before being both but
        by can could did do does doing down each else even every few first for from get give go goes had has
        have he her here hers him his how i if in into is it its just let like made make many may me more
        most much must my no nor not now of off on one only or other our out over own say says said she
        should show so some such take tell than that the their them then there these they this those through
        to too two under until up us use very was we well were what when where which while who why will with
        would you your yours according answer answers course fit fits lesson officer officers next what's
        that's it's isn't don't
        """,
    )
)
"""Words that carry no cue: function words, and the course's own frame words."""


def content(text: str) -> frozenset[str]:
    """Return the words of a text that carry meaning, in small letters and without endings in s."""
    return frozenset(singular(word) for word in lowered(text) if word not in _COMMON and len(word) > 2)


def singular(word: str) -> str:
    """Return a word without a possessive or plural ending."""
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )


def lowered(text: str) -> list[str]:
    """Return the words of a text in small letters, with straight apostrophes."""
    return [word.lower().replace("’", "'") for word in words(text)]


def has_any(text: str, listed: Iterable[str]) -> bool:
    """Return whether one of the listed words stands in the text."""
    return not frozenset(listed).isdisjoint(lowered(text))


def runs(sequence: list[str], length: int) -> frozenset[tuple[str, ...]]:
    """Return every run of `length` neighbouring words."""
    return frozenset(tuple(sequence[at : at + length]) for at in range(len(sequence) - length + 1))


def jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Return the shared part of two sets, from 0 to 1; 0.0 where both are empty (Jaccard 1901)."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0
