"""Names as different systems write them: tidied for showing, folded for comparing."""

import unicodedata
from functools import cache


@cache
def tidy(name: str) -> str:
    """Return a name in composed characters (macOS writes them apart) and single blanks."""
    return " ".join(unicodedata.normalize("NFC", name).split())


@cache
def folded(id_: str) -> str:
    """Return an id as a system sees it that knows no case in folder names; every other sign counts."""
    return unicodedata.normalize("NFC", tidy(id_).casefold())


_ACCENTED = ("LATIN ", "GREEK ", "CYRILLIC ")
_APOSTROPHES = "'\u2019\u02bc`"


@cache
def compared(name: str) -> str:
    """Return the words of a name for comparing, without case, punctuation and accents.

    A mark is an accent on Latin, Greek and Cyrillic letters only; elsewhere it can be a vowel.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    kept: list[str] = []
    accented = False
    for sign in apart:
        category = unicodedata.category(sign)
        if category[0] == "M":
            kept.append("" if accented else sign)
        elif category != "Cf" and sign not in _APOSTROPHES:
            accented = unicodedata.name(sign, "").startswith(_ACCENTED)
            kept.append(sign if sign.isalnum() else " ")
    return " ".join("".join(kept).split())


def canvas_name(name: str) -> str:
    """Return a name as Canvas writes it into a file name: small letters without blanks."""
    return "".join(sign for sign in name.casefold() if sign.isalnum() or unicodedata.category(sign)[0] == "M")
