"""The rules by number: what each asks for, how it is judged, and what a finding of it looks like."""

from dataclasses import dataclass
from typing import Literal

from course.model import Item, Place

Level = Literal["E", "W"]
Scope = Literal["reading", "item", "bank", "text", "scenario", "human", "elsewhere", "record", "assignment"]
"""Who judges a rule: the reader of the files, one item by itself, a whole pool, all text, a scenario, a
person, another command, the bookkeeping of waivers and sign-offs, or the plan of assignments."""


@dataclass(frozen=True)
class Rule:
    """One rule. `level` is E, W, E/W or H as in the table that `course check --rules` prints."""

    id: str
    level: str
    scope: Scope
    title: str
    judged: str


@dataclass(frozen=True, order=True)
class Finding:
    """One place where a rule is not kept. `item` is the id of the item it is about, or empty."""

    place: Place
    rule: str
    level: Level
    what: str
    remedy: str
    item: str = ""

    def __str__(self) -> str:
        """Return ``path:line: rule what - remedy``."""
        return f"{self.place}: {self.rule} {self.what} - {self.remedy}"


def about(item: Item, rule: str, level: Level, what: str, remedy: str) -> Finding:
    """Return a finding about one item."""
    return Finding(item.place, rule, level, f"{item.id}: {what}", remedy, item.id)


SMALLEST_BANK = 12
"""Items a pool must hold before shares and patterns across it are judged."""

RULES = {
    rule.id: rule
    for rule in (
        Rule(
            "L-01", "E", "reading", "Ids once, every key known", "while reading; the language is the course's"
        ),
        Rule(
            "L-02",
            "E",
            "item",
            "One key; multiple: two or more and a wrong option",
            "a stem that says 'which two' has two keys",
        ),
        Rule("L-03", "E/W", "item", "Three options", "single: 4 warns, else error; multiple: 3 or 4"),
        Rule(
            "L-04",
            "E",
            "item",
            "Options differ and none holds another",
            "not the same words, nor a run of them",
        ),
        Rule("L-05", "E", "item", "A rationale on every option", "15 to 45 words, no two the same"),
        Rule("L-06", "E", "item", "Each wrong option names one misconception", "and no key does"),
        Rule(
            "L-07",
            "E",
            "item",
            "The wrong options of an item rest on different misconceptions",
            "no two with the same id",
        ),
        Rule("L-08", "E", "item", "Claims of this or an earlier lesson", "at least one"),
        Rule("L-09", "E", "reading", "An objective of the lesson and a Bloom level", "while reading"),
        Rule("L-10", "E", "item", "No 'all of the above'", "also 'both A and B'; English, Spanish, French"),
        Rule("L-11", "E", "item", "No 'none of the above', no joined options", "English, Spanish, French"),
        Rule(
            "L-12",
            "W",
            "item",
            "No negative stem",
            "in the asking sentence; bold capitals are allowed, on 5 % of a pool",
        ),
        Rule("L-13", "E", "item", "No double negative", "negative stem and negative option"),
        Rule(
            "L-14",
            "W",
            "bank",
            "Absolute words do not mark wrong options",
            "share of wrong options with one at most 10 points above keys",
        ),
        Rule(
            "L-15",
            "W",
            "bank",
            "Hedges do not mark keys",
            "share of keys with one at most 10 points above wrong options",
        ),
        Rule(
            "L-16",
            "W",
            "item",
            "Options of like length",
            "longest at most 1.5 times the shortest; mean of the keys at most 1.25 times that of the others",
        ),
        Rule(
            "L-17",
            "E",
            "bank",
            "The key is not the longest, nor the shortest",
            "single items where it alone is: at most the 95 % limit of chance",
        ),
        Rule(
            "L-18",
            "W",
            "item",
            "No stem word in the key alone",
            "a key shares 2 more words with the question than any wrong option does",
        ),
        Rule(
            "L-19",
            "W",
            "item",
            "No cue of grammar",
            "same start case and end point; a/an before a gap; not the key alone with -ing or to",
        ),
        Rule(
            "L-20",
            "W",
            "bank",
            "The key is not where the options meet",
            "single items where it shares most words with the others: at most the 95 % limit of chance",
        ),
        Rule("L-21", "W", "bank", "Opposites do not give the key away", "at most 20 % of single items"),
        Rule(
            "L-22",
            "E/W",
            "bank",
            "Printed keys stand evenly",
            "single items: chi-square, p < .05 is an error; a place outside 25 to 42 % warns",
        ),
        Rule("L-23", "W", "bank", "No long runs of one letter", "at most 3 in a row as printed"),
        Rule("L-24", "W", "item", "The stem asks", "ends with '?', at most 25 words; vignette at most 60"),
        Rule("L-25", "H", "human", "Can be answered before the options are seen", "a second reader"),
        Rule(
            "L-26",
            "E/W",
            "text",
            "Easy to read",
            "Flesch-Kincaid grade: above 9 error, above 8 warning; sentences of 15 words on average",
        ),
        Rule("L-27", "W", "item", "Known words", "at most 1 outside the 10,000 commonest and the glossary"),
        Rule(
            "L-28",
            "E",
            "item",
            "No near-duplicates",
            "shared three-word runs (Jaccard) below .50 across pools, below .65 within one",
        ),
        Rule(
            "L-29",
            "E/W",
            "text",
            "Own wording",
            "no run of 7 words of an article; with --articles 5 or 6 warn, parts of names not counted",
        ),
        Rule(
            "L-30",
            "W",
            "item",
            "No question gives another away",
            "a key of 4 or more content words, all in one stem",
        ),
        Rule(
            "L-31",
            "W",
            "item",
            "No question of opinion",
            "best, most, should only with 'first' or a named standard; after a vignette should is free",
        ),
        Rule("L-32", "H", "human", "The vignette is needed", "blind readers try it without; items with one"),
        Rule("L-33", "W", "item", "Asks what one should do, not would do", "items with a vignette"),
        Rule("L-34", "H", "human", "No absurd option", "a second reader"),
        Rule(
            "L-35",
            "E",
            "item",
            "Touching, detaining, searching are for site policy",
            "such a key, such a scene and every scenario carry the tag local-policy",
        ),
        Rule("L-36", "H", "human", "Fair to all", "no group as a sign of threat; names mixed"),
        Rule(
            "L-37",
            "E",
            "bank",
            "The blueprint is met",
            "graded pool: 2 items an objective and cluster, a stated misconception 3 times, none above 15 %",
        ),
        Rule(
            "L-38",
            "W",
            "bank",
            "Enough thinking",
            "graded pool: half apply or above, a quarter remember at most",
        ),
        Rule("L-39", "E", "elsewhere", "Languages agree", "one language: nothing to compare"),
        Rule(
            "L-40", "E", "elsewhere", "No key in what students get", "`grading release` scans every release"
        ),
        Rule("S-01", "E", "scenario", "No dead end", "every node has choices, every choice leads somewhere"),
        Rule("S-02", "E", "scenario", "All can be reached", "every node and ending, from the start"),
        Rule("S-03", "E", "scenario", "Every path ends", "from each node an ending can be reached"),
        Rule("S-04", "E", "scenario", "Three to five decisions", "on each path from the start to an ending"),
        Rule("S-05", "E", "scenario", "One best and one worst ending", "exactly one of each rank"),
        Rule(
            "S-06",
            "E",
            "scenario",
            "The models are paths",
            "one best, one worst, from the start to that ending",
        ),
        Rule("S-07", "W", "scenario", "A node decides", "at least two choices"),
        Rule(
            "R-01", "E", "record", "Waivers and sign-offs name rules", "with a reason, or a name and a date"
        ),
        Rule("R-02", "W", "record", "No waiver without need", "the rule is not kept without it"),
        Rule("A-01", "W", "assignment", "An assignment asks something", "under the form of this class"),
        Rule("A-02", "W", "assignment", "A graded question is asked", "in a check or the final"),
        Rule("A-03", "E", "assignment", "An anchor has one answer and is graded", "by its tag"),
        Rule(
            "A-04",
            "W",
            "assignment",
            "Anchors are spread evenly",
            "8 in each half, of 5 lessons or more; where there are any",
        ),
        Rule(
            "A-05",
            "W",
            "assignment",
            "Anchors are asked before the course and in the final",
            "by a first assignment with anchors = true that asks nothing else, and a final",
        ),
    )
}
"""Every rule by its id. L rules follow the item-writing literature (Haladyna, Downing and Rodriguez 2002 and
later work); numbers without a source there are this project's."""
