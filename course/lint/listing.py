"""A check's outcome as lines for people and as JSON for machines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from course.lint import Report
from course.lint.rules import RULES, Finding
from course.model import Course
from course.reading import Problem


def lines(course: Course, report: Report, *, name_unsigned: bool = False) -> Iterator[str]:
    """Yield the lines that say what was found, waived and left unjudged; the last is the sum."""
    for title, findings in (("Errors", report.errors), ("Warnings", report.warnings)):
        if findings:
            yield f"{title}:"
            yield from map(str, findings)
            yield ""
    if report.waived:
        yield "Let stand by the author:"
        yield from (f"{waived.finding}; waived: {waived.reason}" for waived in report.waived)
        yield ""
    if name_unsigned:
        yield "Not yet signed by a reader:"
        yield from (
            f"{entry.item.place}: {entry.rule} {entry.item.id} - {RULES[entry.rule].title}; "
            f'then add reviewed = ["{entry.rule} NAME YEAR-MONTH-DAY"]'
            for entry in report.unsigned
        )
        yield ""
    if report.unsigned:
        counts = Counter(entry.rule for entry in report.unsigned)
        shown = ", ".join(f"{rule} on {count} items" for rule, count in sorted(counts.items()))
        yield f"Not yet signed by a reader: {shown} (`course check --unsigned` lists them)."
    for rule, why in report.not_judged:
        yield f"Not judged: {rule} ({why})."
    pools = [f"{sum(1 for _ in course.items(pool))} {pool} items" for pool in ("practice", "graded")]
    found = [
        f"{len(findings)} {name}{'' if len(findings) == 1 else 's'}"
        for findings, name in ((report.errors, "error"), (report.warnings, "warning"))
        if findings
    ]
    yield f"{len(course.lessons)} lessons, {', '.join(pools)}: {' and '.join(found) or 'no problems found'}."


def rule_lines() -> Iterator[str]:
    """Yield the table of rules: id, level, what it asks, how it is judged."""
    for rule in RULES.values():
        yield f"{rule.id}  {rule.level:<3}  {rule.title}: {rule.judged}."
    yield ""
    yield "Items of kind multiple: L-02, L-03, L-16 say how; L-17, L-20 to L-23 count single items only."
    yield 'E error, W warning, H signed by a reader in the item: reviewed = ["L-25 NAME 2026-11-22"].'
    yield 'One item may break a rule for a reason: waive = { "L-31" = "the reason" }.'


def as_data(report: Report) -> dict[str, Any]:
    """Return the outcome as plain data: the shape is documented by its keys, lines count from 1."""
    return {
        "errors": len(report.errors),
        "warnings": len(report.warnings),
        "findings": [_finding(finding) for finding in report.findings],
        "waived": [{**_finding(waived.finding), "reason": waived.reason} for waived in report.waived],
        "unsigned": [
            {
                "rule": entry.rule,
                "item": entry.item.id,
                "path": entry.item.place.path,
                "line": entry.item.place.line,
            }
            for entry in report.unsigned
        ],
        "not_judged": [{"rule": rule, "why": why} for rule, why in report.not_judged],
    }


def unread(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the outcome as plain data where the files could not be read: no rule was judged."""
    findings = [
        {
            "rule": "reading",
            "level": "E",
            "path": problem.place.path,
            "line": problem.place.line,
            "item": None,
            "what": problem.what,
            "remedy": problem.remedy,
        }
        for problem in problems
    ]
    why = "the files have to be read without problems first"
    return {
        "errors": len(findings),
        "warnings": 0,
        "findings": findings,
        "waived": [],
        "unsigned": [],
        "not_judged": [{"rule": "all", "why": why}],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data."""
    return {
        "rule": finding.rule,
        "level": finding.level,
        "path": finding.place.path,
        "line": finding.place.line,
        "item": finding.item or None,
        "what": finding.what,
        "remedy": finding.remedy,
    }
