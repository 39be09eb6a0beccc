"""Every rule for one item fires on the item that breaks it, alone; so do waivers and sign-offs."""

from collections import Counter
from dataclasses import replace

import pytest
from clean_course import CLEAN, FOURTH, SECOND, TICKS, WHY, changed, course, fired, reworded

from course.lint import lint, patterns
from course.lint.items import item_findings
from course.lint.rules import RULES
from course.model import Term


def test_the_clean_items_break_nothing():
    assert fired(CLEAN, SECOND) == []
    assert fired(TICKS) == []


BROKEN = {
    "a single item with two keys": (
        "L-02",
        "E",
        replace(changed(CLEAN, "a", misconception=None), key=("a", "b")),
    ),
    "a multiple item with one key": (
        "L-02",
        "E",
        replace(
            changed(TICKS, "d", misconception="MIS-03"), key=("b",), stem="Which acts should come first?"
        ),
    ),
    "a stem that names another number of keys": (
        "L-02",
        "E",
        replace(TICKS, stem="Which three acts should come first?"),
    ),
    "two options": ("L-03", "E", replace(CLEAN, options=CLEAN.options[:2])),
    "four options in a single item": ("L-03", "W", replace(CLEAN, options=(*CLEAN.options, FOURTH))),
    "one option inside another": ("L-04", "E", reworded(CLEAN, a="Greet him, and offer to show the way in.")),
    "two options alike but for marks": (
        "L-04",
        "E",
        reworded(CLEAN, c="Wait until he asks a clear question!"),
    ),
    "a rationale of fourteen words": (
        "L-05",
        "E",
        changed(
            CLEAN,
            "b",
            rationale="one two three four five six seven eight nine ten eleven twelve thirteen four",
        ),
    ),
    "a rationale of forty-six words": ("L-05", "E", changed(CLEAN, "a", rationale=" ".join(["word"] * 46))),
    "the same rationale twice": ("L-05", "E", changed(CLEAN, "c", rationale=WHY["a"])),
    "a wrong option without a misconception": ("L-06", "E", changed(CLEAN, "a", misconception=None)),
    "a key with a misconception": ("L-06", "E", changed(CLEAN, "b", misconception="MIS-04")),
    "one misconception twice": ("L-07", "E", changed(CLEAN, "c", misconception="MIS-01")),
    "no claim": ("L-08", "E", replace(CLEAN, claims=())),
    "a claim of a later lesson": ("L-08", "E", replace(CLEAN, claims=("S0-01", "S1-01"))),
    "all of the above": ("L-10", "E", reworded(CLEAN, c="Do all of the above, one by one.")),
    "both A and B": ("L-10", "E", reworded(CLEAN, c="It should be both A and B in turn.")),
    "none of the above": ("L-11", "E", reworded(CLEAN, c="Say that none of the above will do.")),
    "A and C": ("L-11", "E", reworded(CLEAN, c="Do what is said in A and C above.")),
    "a negative stem": ("L-12", "W", replace(CLEAN, stem="What should the officer not do first?")),
    "a stem with un-": ("L-12", "W", replace(CLEAN, stem="What is unsafe, according to the lesson?")),
    "a negative stem and option": (
        "L-13",
        "E",
        reworded(
            replace(CLEAN, stem="What should the officer **NOT** do first?"),
            c="Do not ask what he is up to here.",
        ),
    ),
    "an option twice as long": ("L-16", "W", reworded(CLEAN, a="Wait until he asks." + " Wait." * 6)),
    "keys a third longer than the rest": (
        "L-16",
        "W",
        reworded(
            CLEAN,
            a="Wait until he asks for it.",
            b="Greet him and offer your help soon.",
            c="Ask what business he has.",
        ),
    ),
    "question words in the key alone": (
        "L-18",
        "W",
        reworded(CLEAN, b="Greet him and show him the wall map."),
    ),
    "one option without a capital": ("L-19", "W", reworded(CLEAN, a="wait until he asks a clear question.")),
    "one option without a point": ("L-19", "W", reworded(CLEAN, a="Wait until he asks a clear question")),
    "an article before a gap": (
        "L-19",
        "W",
        reworded(
            replace(CLEAN, stem="What should come first, an ____, please?"),
            a="Wait until he asks.",
            b="Open hand and a hello.",
            c="Question on business.",
        ),
    ),
    "a key alone with -ing": ("L-19", "W", reworded(CLEAN, b="Greeting him and showing the way.")),
    "a stem without a question mark": (
        "L-24",
        "W",
        replace(CLEAN, stem="Say what the officer should do first."),
    ),
    "a stem of twenty-six words": (
        "L-24",
        "W",
        replace(CLEAN, stem="What should he do first? " * 5 + "Why?"),
    ),
    "a vignette of sixty-one words": ("L-24", "W", replace(CLEAN, vignette="He looks up. " * 20 + "He.")),
    "a text of grade above nine": (
        "L-26",
        "E",
        replace(
            CLEAN, vignette="International security organizations require considerable preparation. " * 3
        ),
    ),
    "sentences of more than fifteen words": (
        "L-26",
        "W",
        replace(CLEAN, vignette=" ".join(["he looks up and on and"] * 9) + " he does."),
    ),
    "two rare words": (
        "L-27",
        "W",
        replace(CLEAN, vignette="A man drops his lanyard next to the turnstile."),
    ),
    "a question of opinion": ("L-31", "W", replace(CLEAN, stem="What is the best act for the officer?")),
    "a question of would": ("L-33", "W", replace(CLEAN, stem="What would you do first?")),
    "a key that tells to detain": ("L-35", "E", reworded(CLEAN, b="Detain him and show him to the exit.")),
    "a scene near the law": (
        "L-35",
        "E",
        replace(CLEAN, vignette="A man says that he has called the police."),
    ),
    "a waiver of an unknown rule": ("R-01", "E", replace(CLEAN, waived={"L-99": "why"})),
    "a waiver of a rule for the whole bank": ("R-01", "E", replace(CLEAN, waived={"L-17": "why"})),
    "a sign-off of an unknown rule": ("R-01", "E", replace(CLEAN, reviewed=("L-99 A. Reader 2026-11-22",))),
    "a sign-off of a rule no person judges": (
        "R-01",
        "E",
        replace(CLEAN, reviewed=("L-05 A. Reader 2026-11-22",)),
    ),
    "a sign-off without a day": ("R-01", "E", replace(CLEAN, reviewed=("L-25 A. Reader",))),
    "a waiver nobody needs": ("R-02", "W", replace(CLEAN, waived={"L-16": "why"})),
    "a waiver of a check that was signed": ("R-02", "W", replace(CLEAN, waived={"L-25": "why"})),
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_rule_fires_alone_on(name):
    rule, level, item = BROKEN[name]
    assert fired(item) == [(rule, level)]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("L-10", "Todas las anteriores."),
        ("L-10", "Toutes ces réponses."),
        ("L-10", "All of these"),
        ("L-11", "Ninguna de las anteriores."),
        ("L-11", "Aucune de ces réponses."),
        ("L-11", "None of these"),
        ("L-11", "B, C"),
    ],
)
def test_options_about_the_others_are_found_in_three_languages(rule, text):
    found = {finding.rule for finding in item_findings(reworded(CLEAN, c=text), course())}
    assert found & {"L-10", "L-11"} == {rule}


@pytest.mark.parametrize(
    "item",
    [
        replace(CLEAN, stem="What should the officer **NOT** do first?"),
        replace(CLEAN, stem="At least, what should the officer do first?"),
        replace(CLEAN, stem="He did not see you. What should you do first?"),
        replace(CLEAN, stem="What is best, by the standard of this lesson?"),
        replace(reworded(CLEAN, b="Detain him and show him to the exit."), tags=("local-policy",)),
        replace(reworded(CLEAN, b="Never touch him; show him the exit."), vignette=""),
        reworded(CLEAN, b="Stay in touch with him on the way."),
        replace(CLEAN, vignette="Kofi drops his lanyard. Ana sees it."),
        changed(CLEAN, "a", rationale=" ".join(["word"] * 15)),
        changed(CLEAN, "a", rationale=" ".join(["word"] * 45)),
        replace(TICKS, options=TICKS.options[1:]),
    ],
    ids=lambda item: item.stem[:30],
)
def test_no_rule_fires_just_inside_its_limit(item):
    assert fired(item) == []


def test_a_word_of_the_glossary_is_known():
    item = BROKEN["two rare words"][2]
    assert fired(item, glossary=(Term("Lanyard", "A cord for a badge.", "greeting"),)) == []


def test_a_finding_says_where_what_and_what_to_do():
    found = lint(course(BROKEN["no claim"][2])).findings
    assert [str(finding) for finding in found] == [
        "course/lessons/greeting/practice.toml:4: L-08 greeting-desk: names no claim - "
        "name the rows of claims.csv that it asks for"
    ]


def test_a_near_duplicate_names_the_first_of_the_two():
    double = replace(SECOND, vignette=CLEAN.vignette)
    report = lint(course(CLEAN, double))
    assert [(f.rule, f.item) for f in report.findings] == [("L-28", "greeting-rain")]
    assert "asks nearly what greeting-desk asks (100% of three-word runs shared" in report.findings[0].what


def test_near_duplicates_are_judged_more_strictly_across_pools():
    # 6 words in common at the front make 4 shared runs; each question adds 1 run of its own: 4 / 6 = .67;
    # with 2 runs more in one: 4 / 7 = .57, which is allowed within a pool only.
    stem = "what comes first at the "
    one = replace(CLEAN, vignette="", stem=stem + "gate now")
    other = replace(SECOND, vignette="", stem=stem + "gate soon here")
    shared = patterns.lists.runs(one.stem.split(), 3) & patterns.lists.runs(other.stem.split(), 3)
    assert len(shared) == 4
    assert [f.rule for f in patterns.pair_findings(course(one, other))] == []
    assert [f.rule for f in patterns.pair_findings(course(one, replace(other, pool="graded")))] == ["L-28"]


def test_a_key_that_stands_in_another_graded_question_is_given_away():
    graded = [replace(item, pool="graded", half=1) for item in (CLEAN, SECOND)]
    graded[0] = reworded(graded[0], b="Greet him, offer help, show the way.")
    graded[1] = replace(
        graded[1], vignette="You greet a man, offer him help and show him the way. A woman calls to you."
    )
    graded[1] = reworded(graded[1], b="Nod to her and go over at once.")
    assert fired(*graded) == [("L-30", "W")]
    assert fired(graded[0], replace(graded[1], pool="practice", half=None)) == []


def test_a_waiver_lets_a_finding_stand_and_lists_it():
    item = replace(BROKEN["a question of opinion"][2], waived={"L-31": "the lesson defines best"})
    report = lint(course(item))
    assert report.findings == ()
    assert [(w.finding.rule, w.finding.item, w.reason) for w in report.waived] == [
        ("L-31", "greeting-desk", "the lesson defines best")
    ]


def test_a_waiver_without_a_reason_waives_nothing():
    item = replace(BROKEN["a question of opinion"][2], waived={"L-31": " "})
    assert fired(item) == [("L-31", "W"), ("R-01", "E")]


def test_a_waiver_of_a_rule_that_was_not_judged_is_no_warning():
    assert fired(replace(CLEAN, waived={"L-29": "a quotation"})) == []


def test_open_human_checks_are_counted_and_a_vignette_adds_one():
    report = lint(course(replace(CLEAN, reviewed=()), replace(SECOND, reviewed=(), vignette="")))
    assert Counter(entry.rule for entry in report.unsigned) == {"L-25": 2, "L-32": 1, "L-34": 2, "L-36": 2}
    assert lint(course(CLEAN)).unsigned == ()


def test_a_waived_human_check_is_not_open():
    item = replace(CLEAN, reviewed=CLEAN.reviewed[1:], waived={"L-25": "an ordering task"})
    report = lint(course(item))
    assert (report.unsigned, report.findings) == ((), ())


def test_every_rule_has_a_test():
    # The rules for banks, stories and texts are tested in the files beside this one.
    elsewhere = {
        "L-14",
        "L-15",
        "L-17",
        "L-20",
        "L-21",
        "L-22",
        "L-23",
        "L-29",
        "L-37",
        "L-38",
        "A-01",
        "A-02",
        "A-03",
        "A-04",
        "A-05",
    }
    elsewhere |= {f"S-0{n}" for n in range(1, 8)}
    tested = {rule for rule, _, _ in BROKEN.values()} | elsewhere | {"L-28", "L-30"}
    assert tested == {
        rule.id for rule in RULES.values() if rule.scope not in {"reading", "human", "elsewhere"}
    }
