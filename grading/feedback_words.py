"""How a feedback page says things: what came of an answer or a text, how points were made, how late it is."""

from collections.abc import Collection

from course.scoring import RULES
from grading.records import CellRecord
from grading.released import KeyedItem, ReleasedPrompt, words_in
from grading.reports import counted
from grading.submission import TextReading


def late_words(seconds: float) -> str:
    """Return how late something was, in words; empty where it was in time.

    Examples
    --------
    >>> late_words(90), late_words(7260), late_words(200000)
    ('2 minutes', '2 hours 1 minute', '2 days 7 hours')
    """
    if seconds <= 0:
        return ""
    minutes = max(1, round(seconds / 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    named = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(named[:2])


def explained(item: KeyedItem, chosen: Collection[str], score: float, settled: bool, show_key: bool) -> str:
    """Return how several answers make the points; without the key, no more than the points tell."""
    if item.question.kind == "single":
        return ""
    rule = RULES[item.mode]
    if settled:
        return f"{rule} Here a person has set the points."
    if item.mode != "right-minus-wrong" or not chosen or score >= item.points:
        return rule
    if not show_key:
        lost = "a right answer is not ticked, or one is ticked that is not right"
        took = "wrong ticks took back all that right ticks earned"
        return f"{rule} You have {'a part' if score else 'none'} of the points: {lost if score else took}."
    wrong = [option for option in item.options if option not in item.key]
    hits, misses = len(set(item.key) & set(chosen)), len(set(wrong) & set(chosen))
    ticked = f"You ticked {hits} of the {counted(len(item.key), 'right answer')}"
    share = f"{hits}/{len(item.key)}"
    if misses:
        ticked += f", and {misses} of the {counted(len(wrong), 'other')}"
        share = f"({share} \N{MINUS SIGN} {misses}/{len(wrong)})"
    most, earned = counted(item.points, "point"), counted(score, "point")
    result = f"= {earned}" if hits * len(wrong) >= misses * len(item.key) else f"is below 0, so {earned}"
    return f"{rule} {ticked}: {share} \N{MULTIPLICATION SIGN} {most} {result}."


def verdict_words(state: str, score: float, points: float, unreadable: bool, silent: bool) -> str:
    """Return the outcome in words with a sign, so that colour never says it alone.

    Where the same question is still to be asked (`silent`), it is not told whether the answer was right.
    """
    if silent:
        return "– Not read." if unreadable else "○ Not answered." if state == "unanswered" else "● Answered."
    if score >= points:
        return "✓ Right."
    if score > 0:
        return "◐ Partly right."
    if unreadable:
        return "– Not read."
    return "○ Not answered." if state == "unanswered" else "✗ Not right."


def text_result(prompt: ReleasedPrompt, reading: TextReading, row: CellRecord | None) -> str:
    """Return what came of a reflection, in few words."""
    if row is None or row.needs_manual:
        return "Not graded yet"
    outcome = prompt.outcome(reading)
    told = {"complete": "✓ Long enough", "too short": "✗ Too short", "unanswered": "○ Not answered"}
    # A person's points need not follow the length.
    return "Graded" if row.manual_score is not None else told.get(outcome, "Graded")


def length_words(prompt: ReleasedPrompt, reading: TextReading) -> str:
    """Return how many words a student wrote, and what was asked for where it is more."""
    outcome = prompt.outcome(reading)
    words = words_in(reading)
    wrote = f"you wrote {words} word{'' if words == 1 else 's'}"
    return {"complete": wrote, "too short": f"{wrote}, and it takes {prompt.least}"}.get(outcome, "")
