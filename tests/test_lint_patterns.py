"""Rules for a whole bank: a clean bank of fifteen items is changed one item at a time, up to each limit."""

from collections import Counter
from dataclasses import replace

import pytest
from clean_course import CLEAN, FOURTH, changed, course, reworded

from course.lint import lint, patterns
from course.model import Claim, Place

SCENES = (
    "A boy at the station drops a red balloon",
    "Two nurses argue about a parked bike",
    "The singer's mother asks for a chair",
    "Someone left soup on the museum bench",
    "A tourist holds the city map upside down",
    "Rain comes through the roof of the hall",
    "An old dog sleeps in front of gate four",
    "The new cook cannot find the back door",
    "Three students carry a long table outside",
    "A driver sounds his horn at the barrier",
    "The lift is stuck with a class inside it",
    "Your radio is silent since the last round",
    "A baker brings bread for the night team",
    "Four fans sing on the stairs of the stand",
    "A pilot lost her bag in the waiting room",
)
"""Fifteen questions without a shared run of three words."""


@pytest.fixture
def even_letters(monkeypatch):
    """Keys stand at A, B, C, A, B, C... on paper."""
    monkeypatch.setattr(patterns, "key_position", lambda item, seed: int(item.id[-2:]) % 3)


def bank():
    """Fifteen graded items that break nothing: ten misconceptions three times each, in pairs that vary."""
    items = []
    for n, scene in enumerate(SCENES):
        codes = f"MIS-{n % 10 + 1:02}", f"MIS-{(n + 5) % 10 + 1:02}"
        items.append(
            replace(
                CLEAN,
                id=f"greeting-{n:02}",
                vignette=f"{scene}.",
                stem=f"What should you do first about number {n}?",
                pool="graded",
                half=1 + n % 2,
                place=Place("course/lessons/greeting/graded.toml", 10 * n + 1),
                options=(
                    replace(CLEAN.options[0], text="Wait until he asks for it.", misconception=codes[0]),
                    replace(CLEAN.options[1], text="Greet and show the way in."),
                    replace(CLEAN.options[2], text="Tell them to move on soon.", misconception=codes[1]),
                ),
            )
        )
    return items


@pytest.fixture
def bank_fired(even_letters):
    """The rules that fire on a bank whose first `count` items were changed by a function."""

    def run(change=None, count=15, **more):
        items = bank()
        items[:count] = [change(item) if change else item for item in items[:count]]
        return sorted((f.rule, f.level, str(f.place)) for f in lint(course(*items, **more)).findings)

    return run


AT_SETTINGS = "course/course.toml:1"


def test_the_clean_bank_breaks_nothing(bank_fired):
    used = Counter(o.misconception for item in bank() for o in item.distractors)
    assert set(used.values()) == {3}
    assert bank_fired() == []


PATTERNS = [
    # 5 % of 15 stems is none
    ("L-12", 0, lambda item: replace(item, stem=item.stem.replace("you do", "you **NOT** do"))),
    # 3 of 30 wrong options are 10 points above no key, 4 are 13
    ("L-14", 3, lambda item: reworded(item, a="Wait until he asks for all.")),
    # 1 of 15 keys is 7 points above no wrong option, 2 are 13
    ("L-15", 1, lambda item: reworded(item, b="You can show them in here.")),
    # chance gives 8 of 15
    ("L-17", 8, lambda item: reworded(item, b="Greet and show the way in now.")),
    ("L-17", 8, lambda item: reworded(item, b="Greet and show the way.")),
    (
        "L-20",
        8,
        lambda item: reworded(item, a="Wait until you greet them.", b="Greet and move in so soon."),
    ),
    # 20 % of 15 are 3
    (
        "L-21",
        3,
        lambda item: reworded(item, a="Ignore her until she asks.", b="Greet and help them right."),
    ),
]
"""Rule, how many of fifteen items may be changed so, and the change."""
NAMES = ["L-12", "L-14", "L-15", "L-17 longest", "L-17 shortest", "L-20", "L-21"]


@pytest.mark.parametrize(("rule", "allowed", "change"), PATTERNS, ids=NAMES)
def test_a_pattern_across_the_bank_is_reported_once(bank_fired, rule, allowed, change):
    assert bank_fired(change, allowed) == []
    assert [(r, place) for r, _, place in bank_fired(change, allowed + 1)] == [(rule, AT_SETTINGS)]
    assert [(r, place) for r, _, place in bank_fired(change, 15)] == [(rule, AT_SETTINGS)]


@pytest.mark.parametrize(
    ("items", "limit"), [(66, 28), (46, 21), (36, 17), (30, 14), (12, 7)], ids=lambda value: str(value)
)
def test_the_limit_of_chance_is_the_tables(items, limit):
    assert patterns.chance_limit([3] * items) == limit


def test_the_limit_of_chance_mixes_numbers_of_options():
    # Chances 1/3 and 1/4: no hit 2/3 * 3/4 = .50, at most one hit 1 - 1/12 = .917, so the limit is 2.
    assert patterns.chance_limit([3, 4]) == 2
    assert patterns.chance_limit([]) == 0


def test_keys_that_stand_unevenly_on_paper_are_an_error(bank_fired, monkeypatch):
    # 10, 3 and 2 of 15: (25 + 4 + 9) / 5 = 7.6, above 5.991
    where = [0, 1, 0, 0, 2, 0, 0, 1, 0, 0, 2, 0, 0, 1, 0]
    monkeypatch.setattr(patterns, "key_position", lambda item, seed: where[int(item.id[-2:])])
    assert bank_fired() == [("L-22", "E", AT_SETTINGS)]


def test_a_place_with_few_keys_only_warns(bank_fired, monkeypatch):
    # 7, 5 and 3 of 15: 8 / 5 = 1.6 is chance, but 47 % and 20 % are outside 25 to 42 %
    where = [0, 1, 2, 0, 1, 0, 0, 1, 2, 0, 1, 0, 0, 1, 2]
    monkeypatch.setattr(patterns, "key_position", lambda item, seed: where[int(item.id[-2:])])
    assert bank_fired() == [("L-22", "W", AT_SETTINGS)]


def test_four_keys_in_a_row_are_reported(bank_fired, monkeypatch):
    # the check of form A holds the even numbers: 00, 02, 04, 06 stand at A
    where = [0, 1, 0, 1, 0, 1, 0, 2, 1, 0, 2, 1, 2, 2, 1]
    monkeypatch.setattr(patterns, "key_position", lambda item, seed: where[int(item.id[-2:])])
    assert bank_fired() == [("L-23", "W", AT_SETTINGS)]


def test_multiple_items_do_not_count_for_length_and_place(bank_fired, monkeypatch):
    monkeypatch.setattr(patterns, "key_position", lambda item, seed: 0)

    def tick(item):
        item = changed(reworded(item, b="Greet and show the way in now."), "c", misconception=None)
        return replace(item, kind="multiple", key=("b", "c"), options=(*item.options, FOURTH))

    rules = {rule for rule, _, _ in bank_fired(tick)}
    assert not rules & {"L-17", "L-20", "L-21", "L-22", "L-23"}


def test_a_blueprint_that_is_not_met_is_an_error(bank_fired):
    assert bank_fired(lambda item: replace(item, objective="other")) == [("L-37", "E", AT_SETTINGS)]
    claims = (*course().claims, Claim("S2-01", "S2", "skill", "K02", "greeting", None, "Nod."))
    assert bank_fired(claims=claims) == [("L-37", "E", AT_SETTINGS)]
    exam = (*course().claims, Claim("S2-01", "S2", "exam", "K15", "greeting", None, "An exam."))
    assert bank_fired(claims=exam) == []


def test_a_misconception_used_twice_or_too_often_is_an_error(bank_fired):
    # MIS-01 moves to MIS-11 in one item: MIS-01 is left with 2
    assert bank_fired(lambda item: changed(item, "a", misconception="MIS-11"), 1) == [
        ("L-37", "E", AT_SETTINGS)
    ]
    # 5 of 30 are 17 %, above 15 %; the codes implied by the sources (ending in i) need no least number
    many = [replace(m, id=f"{m.id}i") for m in course().misconceptions]
    spread = bank_fired(
        lambda item: changed(item, "a", misconception="MIS-11i"), 5, misconceptions=tuple(many)
    )
    assert spread == [("L-37", "E", AT_SETTINGS)]


def test_a_bank_of_recall_is_reported(bank_fired):
    # 4 of 15 remember: 27 %; 8 of 15 below apply: 47 % are left to apply or above
    assert bank_fired(lambda item: replace(item, bloom="remember"), 3) == []
    assert bank_fired(lambda item: replace(item, bloom="remember"), 4) == [("L-38", "W", AT_SETTINGS)]
    assert bank_fired(lambda item: replace(item, bloom="understand"), 7) == []
    assert bank_fired(lambda item: replace(item, bloom="understand"), 8) == [("L-38", "W", AT_SETTINGS)]


def test_a_small_bank_is_not_judged_and_the_report_says_so(even_letters):
    report = lint(course(*[reworded(item, b="Greet and show the way in now.") for item in bank()[:11]]))
    assert report.findings == ()
    assert (
        "L-14, L-15, L-17, L-20 to L-23, L-37, L-38",
        "11 graded items, fewer than 12",
    ) in report.not_judged


def test_places_of_twelve_items_are_not_judged_and_the_report_says_so(bank_fired, monkeypatch):
    where = [0] * 15
    monkeypatch.setattr(patterns, "key_position", lambda item, seed: where[int(item.id[-2:])])
    report = lint(course(*bank()[:14]))
    assert ("L-22", "too few single graded items for a chi-square test") in report.not_judged
    assert "L-22" not in {finding.rule for finding in report.findings}
