"""Waivers and sign-offs: which findings an author lets stand, and which human checks are still open."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course.lint.rules import RULES, Finding, about
from course.model import Course, Item

SIGNED = re.compile(r"(\S+)\s+(\S.*\S|\S)\s+(\d{4}-\d\d-\d\d)")
"""A sign-off: the rule, who checked, and the day."""


@dataclass(frozen=True)
class Waived:
    """A finding that the author lets stand, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class Unsigned:
    """A human check of one item that nobody has signed."""

    rule: str
    item: Item


def human_rules(item: Item) -> Iterator[str]:
    """Yield the ids of the rules that a reader judges for this item; L-32 needs a vignette."""
    for rule in RULES.values():
        if rule.scope == "human" and (rule.id != "L-32" or item.vignette):
            yield rule.id


def signed(item: Item) -> frozenset[str]:
    """Return the ids of the rules signed off in an item."""
    matches = (SIGNED.fullmatch(entry.strip()) for entry in item.reviewed)
    return frozenset(match[1] for match in matches if match)


def unsigned(course: Course) -> list[Unsigned]:
    """Return every open human check, item by item."""
    return [
        Unsigned(rule, item)
        for item in course.items()
        for rule in human_rules(item)
        if rule not in signed(item) and rule not in item.waived
    ]


def record_findings(item: Item) -> Iterator[Finding]:
    """R-01: what a waiver or sign-off says wrongly."""
    for rule, reason in item.waived.items():
        known = RULES.get(rule)
        if known is None:
            yield about(item, "R-01", "E", f"waive names '{rule}'", "see `course check --rules`")
        elif known.scope not in {"item", "human"} and rule not in {"L-26", "L-29"}:
            what = f"waive names {rule}, which no single item can break"
            yield about(item, "R-01", "E", what, "remove it, and mend what the finding names")
        elif not reason.strip():
            yield about(item, "R-01", "E", f"waive gives no reason for {rule}", "say why it may stand")
    for entry in item.reviewed:
        match = SIGNED.fullmatch(entry.strip())
        if match is None:
            what = f"the sign-off '{entry}' is not in order"
            yield about(item, "R-01", "E", what, 'write it as "L-25 NAME 2026-11-22"')
        elif match[1] not in RULES:
            yield about(item, "R-01", "E", f"the sign-off names '{match[1]}'", "see `course check --rules`")
        elif RULES[match[1]].scope != "human":
            what = f"{match[1]} is not judged by a reader"
            yield about(item, "R-01", "E", what, "sign off rules of level H only")


def waive(
    course: Course, findings: Sequence[Finding], unchecked: frozenset[str]
) -> tuple[list[Finding], list[Waived]]:
    """Return the findings that stand, with R-02 for waivers nobody needs, and those waived.

    `unchecked` holds the rules that were not judged this time: whether they need a waiver is not known.
    """
    items = {item.id: item for item in course.items()}
    kept, waived = [], []
    needed = set()
    for finding in findings:
        reason = items[finding.item].waived.get(finding.rule, "") if finding.item in items else ""
        if reason.strip() and finding.rule != "R-01":
            waived.append(Waived(finding, reason.strip()))
            needed.add((finding.item, finding.rule))
        else:
            kept.append(finding)
    for item in items.values():
        for rule, reason in item.waived.items():
            known = RULES.get(rule)
            if known is None or not reason.strip() or rule in unchecked or (item.id, rule) in needed:
                continue
            spare = (
                known.scope in {"item", "text"} or rule in signed(item) or rule not in set(human_rules(item))
            )
            if spare and known.scope in {"item", "human", "text"}:
                what = f"waives {rule}, but keeps it"
                kept.append(about(item, "R-02", "W", what, "remove the waiver"))
    return kept, waived
