"""Credit: what an answer earns, with expected numbers written by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.scoring import MODES, RULES, completion, count_words, rubric_points, score

OPTIONS = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("mode", "key", "answer", "expected"),
    [
        ("all-or-nothing", ["b"], "b", 6),
        ("all-or-nothing", ["b"], "a", 0),
        ("all-or-nothing", ["b"], None, 0),
        ("all-or-nothing", ["a", "c"], ["c", "a"], 6),
        ("all-or-nothing", ["a", "c"], ["a"], 0),
        ("all-or-nothing", ["a", "c"], [], 0),
        ("right-minus-wrong", ["a", "c"], ["a", "c"], 6),
        ("right-minus-wrong", ["a", "c"], ["a"], 3),
        ("right-minus-wrong", ["a", "c"], ["a", "b"], 0),
        ("right-minus-wrong", ["a", "c"], ["a", "b", "c"], 3),
        ("right-minus-wrong", ["a", "c"], ["a", "b", "c", "d"], 0),
        ("right-minus-wrong", ["a", "c"], ["b", "d"], 0),
        ("right-minus-wrong", ["a", "b", "c"], ["a"], 2),
        ("right-minus-wrong", ["d"], ["d", "a"], 4),
        ("right-minus-wrong", ["a", "c"], [], 0),
    ],
)
def test_each_mode_gives_the_documented_points(mode, key, answer, expected):
    assert score(mode, points=6, options=OPTIONS, key=key, answer=answer) == pytest.approx(expected)


@given(
    mode=st.sampled_from(sorted(MODES)),
    key=st.sets(st.sampled_from(OPTIONS), min_size=1, max_size=3),
    answer=st.none() | st.lists(st.sampled_from(OPTIONS), unique=True),
    points=st.floats(0.5, 100),
)
def test_points_stay_in_range_and_only_the_whole_key_earns_all(mode, key, answer, points):
    earned = score(mode, points=points, options=OPTIONS, key=sorted(key), answer=answer)
    assert 0 <= earned <= points
    assert (earned == points) == (set(answer or []) == key)


@pytest.mark.parametrize("mode", sorted(MODES))
def test_blank_and_ticking_everything_earn_nothing(mode):
    assert score(mode, points=2, options=OPTIONS, key=["a", "b", "c"], answer=None) == 0
    assert score(mode, points=2, options=OPTIONS, key=["a", "b", "c"], answer=OPTIONS) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "half"}, "unknown credit mode 'half'"),
        ({"key": []}, "at least one keyed option"),
        ({"key": ["z"]}, "not among the options"),
        ({"answer": "z"}, "not among the options"),
    ],
)
def test_wrong_use_is_refused_with_a_reason(change, message):
    call = {"mode": "all-or-nothing", "points": 1, "options": OPTIONS, "key": ["a"], "answer": "a"} | change
    with pytest.raises(ValueError, match=message):
        score(call.pop("mode"), **call)


def test_every_mode_has_a_rule_for_students():
    assert set(RULES) == set(MODES)


def test_rubric_levels_become_points_in_proportion():
    highest = {"encounter": 3, "plan": 3}
    assert rubric_points({"encounter": 3, "plan": 3}, highest=highest, points=3) == 3
    assert rubric_points({"encounter": 0, "plan": 0}, highest=highest, points=3) == 0
    assert rubric_points({"encounter": 2, "plan": 1}, highest=highest, points=3) == 1.5


@pytest.mark.parametrize(
    "levels", [{"encounter": 4, "plan": 0}, {"encounter": -1, "plan": 0}, {"encounter": 1}]
)
def test_rubric_levels_out_of_range_or_missing_are_refused(levels):
    with pytest.raises(ValueError, match=r"encounter|give one level"):
        rubric_points(levels, highest={"encounter": 3, "plan": 3}, points=3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" \n\t", 0),
        ("one", 1),
        ("It's 9 a.m. - hello!", 4),
        ("- *One*\n- two--three\n\n***", 2),
        ("朝 の\u3000門 ½ Ⅷ", 5),
        ("no\u00a0break\u202fthin\ufeffmark\u2028line", 5),
        ("zero\u200bwidth", 1),
        ("— … 😀 ✓ &", 0),
    ],
)
def test_words_stand_between_spaces_and_hold_a_letter_or_a_number(text, words):
    assert count_words(text) == words


def test_a_text_earns_all_or_nothing_by_its_length():
    assert [completion(n, least=30, points=2) for n in (0, 29, 30, 400)] == [0, 0, 2, 2]
