"""Judges what is written by the rules: items, pools, reading ease, branching, waivers and sign-offs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from course.lint import originality, patterns, reading_level, records
from course.lint.assignments import assignment_findings
from course.lint.blueprint import blueprint_findings
from course.lint.branching import scenario_findings
from course.lint.fingerprints import Fingerprints, fingerprints
from course.lint.items import item_findings
from course.lint.records import Unsigned, Waived
from course.lint.rules import RULES, SMALLEST_BANK, Finding, Rule
from course.model import Course, Pool

__all__ = ["RULES", "Finding", "Report", "Rule", "Unsigned", "Waived", "lint"]


@dataclass(frozen=True)
class Report:
    """What a check found, in order of place. `not_judged` says of each rule left out why it was."""

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    unsigned: tuple[Unsigned, ...]
    not_judged: tuple[tuple[str, str], ...]

    def with_findings(self, *more: Finding) -> "Report":
        """Return the report with more findings."""
        return replace(self, findings=tuple(sorted({*self.findings, *more})))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings that must be mended."""
        return tuple(finding for finding in self.findings if finding.level == "E")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Return the findings to look at."""
        return tuple(finding for finding in self.findings if finding.level == "W")


def lint(
    course: Course,
    articles: Mapping[str, str] | None = None,
    *,
    prints: Fingerprints | None = None,
    files: Mapping[str, str] | None = None,
) -> Report:
    """Return what the course's texts break.

    Parameters
    ----------
    course : as read by `course.bank.load_course`, which judges the rules of scope "reading".
    articles : name -> text of the source articles.
    prints : name -> fingerprints of the source articles, which find copied wording in place of them.
        Without articles and fingerprints L-29 is not judged; an article counts before prints of its name.
    files : path -> text of the course's files, to look for copied wording in all of them and line by line.

    Raises
    ------
    ValueError : where `articles` is given and empty.
    """
    if articles is not None and not articles:
        raise ValueError("no articles to compare with")
    findings: list[Finding] = []
    skipped: list[tuple[str, str]] = []
    graded_language = reading_level.can_grade(course)
    listed_language = course.language.split("-")[0] in reading_level.WORD_LISTS
    known = reading_level.glossary_words(course)
    for item in course.items():
        findings += item_findings(item, course)
        findings += records.record_findings(item)
        if graded_language:
            findings += reading_level.grade_findings(item)
        if listed_language:
            findings += reading_level.word_findings(item, course.language.split("-")[0], known)
    for lesson in course.lessons:
        if graded_language:
            findings += reading_level.lesson_findings(lesson)
        if lesson.scenario:
            findings += scenario_findings(lesson.scenario)
    findings += assignment_findings(course)
    findings += patterns.pair_findings(course)
    pools: tuple[Pool, ...] = ("practice", "graded")
    for pool in pools:
        count = sum(1 for _ in course.items(pool))
        if count >= SMALLEST_BANK:
            findings += patterns.pool_findings(course, pool)
            findings += blueprint_findings(course) if pool == "graded" else ()
        else:
            rules = "L-14, L-15, L-17, L-20 to L-23" + (", L-37, L-38" if pool == "graded" else "")
            skipped.append((rules, f"{count} {pool} items, fewer than {SMALLEST_BANK}"))
        if count >= SMALLEST_BANK and not patterns.positions_can_be_judged(course, pool):
            skipped.append(("L-22", f"too few single {pool} items for a chi-square test"))
    if not graded_language:
        skipped.append(("L-26", f"the formula is for English, the course's language is {course.language}"))
    if not listed_language:
        skipped.append(("L-27", f"no list of common words for the language {course.language}"))
    if articles is not None:
        prints = {**(prints or {}), **fingerprints(articles)}
        findings += originality.close_findings(course, articles)
    if prints is not None:
        findings += originality.copied_findings(course, prints, files)
    else:
        skipped.append(("L-29", "name the folder of source articles with --articles"))
    unchecked = frozenset(rule for rule, _ in skipped)
    kept, waived = records.waive(course, findings, unchecked)
    return Report(
        findings=tuple(sorted(set(kept))),
        waived=tuple(sorted(waived, key=lambda entry: entry.finding)),
        unsigned=tuple(records.unsigned(course)),
        not_judged=tuple(skipped),
    )
