"""How the class report says figures: in counts where the class is small, never more exact than it is."""

import math
import re

from grading.reports import counted
from grading.reports.class_values import ClassReport, Estimate, Share
from grading.untrusted import visible

LIKELY = 0.70
"""A reliability below: no decision about a person should rest on one score."""
SHORT = 20
"""With fewer questions a check is feedback alone."""


def percent(share: float) -> str:
    """Return a share in whole per cent, never 0 or 100 where it is not exactly that."""
    if math.isnan(share):
        return "–"
    if 0 < share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 1 else f"{share:.0%}"


def amount(value: float) -> str:
    """Return a number with one decimal at most; a dash where it is undefined."""
    return "–" if math.isnan(value) else f"{value:.1f}".removesuffix(".0")


def count(value: Share) -> str:
    """Return a share as counts."""
    return f"{amount(value.count)} of {value.of}"


def share(value: Share, *, few: bool) -> str:
    """Return a share: counts in a small class, else per cent."""
    return count(value) if few or not value.of else percent(value.share)


def between(value: Share | Estimate) -> str:
    """Return an interval of a share in per cent; empty where there is none."""
    if math.isnan(value.low) or math.isnan(value.high):
        return ""
    return f"{100 * value.low:.0f}–{100 * value.high:.0f}%"


def figure(value: Estimate) -> str:
    """Return a coefficient with its interval, or why there is none."""
    if not value.known:
        return value.reason or "–"
    told = _decimal(value.value)
    return f"{told} ({_decimal(value.low)} to {_decimal(value.high)})" if value.has_interval else told


def _decimal(value: float) -> str:
    """Return a coefficient with two decimals and a true minus sign."""
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def beginning(text: str, most: int = 80) -> str:
    """Return how a question begins, on one line, without the signs of Markdown."""
    plain = visible(" ".join(re.sub(r"[*_`#>]", "", text).split()))
    return plain if len(plain) <= most else plain[:most].rsplit(" ", 1)[0] + " …"


def in_short(report: ClassReport) -> list[str]:
    """Return what matters most, in sentences."""
    one = report.summary
    told = [f"{one.handed_in} of {one.students} {_students(one.students)} handed in."]
    if one.questions and one.counted:
        asked = counted(one.questions, "question is", "questions are")
        told.append(f"On average, {amount(one.mean)} of {asked} right.")
    if report.cut is not None and one.counted:
        told.append(f"The pass mark is {amount(report.cut.questions)} questions.")
    flagged = [str(item.number) for item in report.items if item.to_look_at]
    if flagged:
        told.append(
            f"{'Question' if len(flagged) == 1 else 'Questions'} {', '.join(flagged)} "
            f"{'needs' if len(flagged) == 1 else 'need'} a look."
        )
    elif report.items and one.counted:
        few = "key check" in report.silent
        told.append(
            "No question stands out, but with so few students most signs stay silent."
            if few
            else "No question needs a look."
        )
    unused = sum(any(flag.minor for flag in item.flags) for item in report.items)
    if unused:
        told.append(
            f"{unused} {'has' if unused == 1 else 'have'} a wrong answer that hardly anybody chooses."
        )
    alive = [row.code for row in report.ideas.rows if row.alive] if report.ideas else []
    if alive:
        listed = ", ".join(alive)
        told.append(
            f"{len(alive)} wrong {'idea is' if len(alive) == 1 else 'ideas are'} still alive: {listed}."
        )
    if one.waiting:
        told.append(
            f"{one.waiting} {'submission waits' if one.waiting == 1 else 'submissions wait'} for a person to "
            "grade something."
        )
    return told


def trust(report: ClassReport) -> str:
    """Return in plain words how far a single score can be trusted."""
    one = report.summary
    if not one.reliability.known:
        return f"How far a score can be trusted cannot be told here: {one.reliability.reason}."
    told = f"One student's score may be off by about {amount(one.error)} either way." if one.error > 0 else ""
    if one.questions < SHORT:
        return f"{told} A check this short is feedback. It decides nothing about a person.".strip()
    if one.reliability.value < LIKELY:
        return f"{told} That is too much for a decision about a person on this score alone.".strip()
    return told


def bars(report: ClassReport) -> list[tuple[str, int]]:
    """Return the scores that somebody has, with how many have them."""
    one = report.summary
    return [
        (
            f"{place * one.step}" if one.step == 1 else f"{place * one.step} to {(place + 1) * one.step - 1}",
            students,
        )
        for place, students in enumerate(one.scores)
        if students
    ]


def _students(number: int) -> str:
    """Return the word in the form that fits the number."""
    return "student" if number == 1 else "students"
