"""grading.analysis against numbers worked out by hand, and on input that leaves nothing to say."""

import ast
import copy
import doctest
import importlib
import inspect
import math
import pickle
import sys
from dataclasses import FrozenInstanceError, asdict, fields
from fractions import Fraction
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pytest import approx

import grading.analysis
from grading.analysis import (
    adjacent_agreement,
    angoff_cut_score,
    bootstrap_interval,
    cohen_kappa,
    correlation_interval,
    cronbach_alpha,
    discrimination_index,
    exact_agreement,
    feldt_interval,
    flags,
    gwet_ac,
    icc,
    item_statistics,
    items_needed,
    kr20,
    krippendorff_alpha,
    moodle_statistics,
    option_statistics,
    rasch,
    spearman_brown,
    standard_error_of_measurement,
    wide_table,
    wilson_interval,
)

PACKAGE = Path(grading.analysis.__file__).parent
NAN = math.nan
FOUR = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
"""A perfect Guttman scale of four persons and three items."""


# The package


def test_the_package_needs_nothing_but_numpy_scipy_and_the_standard_library():
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.split(".")[0]
                assert top in {"numpy", "scipy"} | sys.stdlib_module_names or name.startswith(
                    "grading.analysis"
                ), f"{path.name} imports {name}"


def test_every_public_name_is_there_and_documented():
    for name in grading.analysis.__all__:
        assert inspect.getdoc(getattr(grading.analysis, name))
    assert sorted(grading.analysis.__all__) == sorted(set(grading.analysis.__all__))


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_the_examples_in_docstrings_are_true(path):
    name = "grading.analysis" if path.stem == "__init__" else f"grading.analysis.{path.stem}"
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_results_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        cronbach_alpha(FOUR).value = 1.0


# Items


def test_item_statistics_of_a_guttman_scale():
    first, second, third = item_statistics(FOUR)
    assert [s.facility for s in (first, second, third)] == [0.75, 0.5, 0.25]
    # Item 2 and the rest 2, 1, 1, 0: covariance 1/3, variances 1/3 and 2/3.
    assert second.item_rest == approx(math.sqrt(1 / 2))
    # Total 3, 2, 1, 0: covariance 2/3, variance 5/3.
    assert second.item_total == approx((2 / 3) / math.sqrt(1 / 3 * 5 / 3))
    assert second.variance == approx(1 / 3) and second.sd == approx(math.sqrt(1 / 3))
    # Items 1 and 3 alone: variances 1/4 each, total 2, 1, 1, 0 has 2/3: 2 (1 - 1/2 / (2/3)) = 1/2.
    assert second.alpha_if_deleted == approx(0.5)
    assert second.discrimination == 1.0 and second.reason == ""
    assert tuple(second.facility_interval) == tuple(wilson_interval(2, 4))
    assert tuple(second.item_rest_interval) == tuple(correlation_interval(math.sqrt(1 / 2), 4))


def test_partial_credit_is_taken_by_the_max_mark_of_each_item():
    one, two = item_statistics([[2, 10], [1, 5], [0, 0]], max_marks=[2, 10])
    assert one.facility == two.facility == 0.5
    assert one.mean == 1 and two.mean == 5
    assert [one.discrimination, two.discrimination] == [1, 1]


def test_marks_above_one_without_max_marks_have_no_facility():
    for one in item_statistics([[2, 10], [1, 5], [0, 0]]):
        assert math.isnan(one.facility) and math.isnan(one.discrimination)
        assert one.item_rest == approx(1)
        assert one.reason == "the max marks are not known"


def test_an_item_worth_nothing_has_no_facility_and_leaves_the_others_theirs():
    marks = [[1, 0, 2], [1, 0, 1], [0, 0, 0], [0, 0, 1]]
    one, survey, three = item_statistics(marks, max_marks=[1, 0, 2])
    assert (one.facility, three.facility) == (0.5, 0.5)
    assert math.isnan(survey.facility) and math.isnan(survey.discrimination)
    assert survey.reason == "this item is worth no marks" and one.reason == ""
    groups = discrimination_index(marks, max_marks=[1, 0, 2])
    assert groups.values[0] == 1 and groups.reason == "an item worth no marks has no D"
    first, question, _ = moodle_statistics(marks, max_marks=[1, 0, 2]).items
    assert question.reason == "this question is worth no marks"
    assert math.isnan(question.facility) and math.isnan(question.sd)
    assert (question.intended_weight, question.effective_weight) == (0, 0)
    assert first.intended_weight == approx(100 / 3)
    nothing = moodle_statistics([[0], [0], [0]], max_marks=0).items[0]
    assert math.isnan(nothing.facility) and math.isnan(nothing.intended_weight)
    assert math.isnan(angoff_cut_score([[0.5], [0.7]], max_marks=0).share)


def test_a_long_table_goes_into_any_function_once_it_is_wide():
    lines = [("ann", "q1", 1), ("ann", "q2", 1), ("bob", "q1", 0), ("cid", "q1", 1), ("cid", "q2", 0)]
    table = wide_table(*zip(*lines, strict=True))
    marks = [[1, 1], [0, None], [1, 0]]
    assert item_statistics(table)[0].facility == approx(2 / 3)
    assert cronbach_alpha(table, missing="pairwise").n == 3
    assert krippendorff_alpha(table).value == krippendorff_alpha(marks).value
    answers = wide_table(["ann", "bob"], ["q1", "q1"], ["a", "b"])
    assert option_statistics(answers, key=["a"])[0].options[0].count == 1
    assert cronbach_alpha(wide_table([], [], [])).reason == "reliability needs at least 2 items"
    assert np.asarray(table, dtype=float).shape == (3, 2)


def test_tables_may_come_row_by_row():
    assert cronbach_alpha(iter(FOUR)) == cronbach_alpha(FOUR)
    assert kr20(map(iter, FOUR)) == kr20(FOUR)
    assert gwet_ac(iter(FOUR)) == gwet_ac(FOUR)


@pytest.mark.parametrize("level", ["ordinal", "interval"])
def test_measurements_that_are_all_different_take_little_memory(level):
    # 40,000 values: a table of categories x categories would be 12.8 GB.
    units = np.arange(20_000.0)
    assert krippendorff_alpha(np.column_stack([units, units + 0.5]), level=level).value == approx(1)


def test_a_hundred_thousand_persons_are_analysed_at_once(monkeypatch):
    marks = np.tile(np.array(FOUR, dtype=float), (25_000, 1))
    monkeypatch.setattr("grading.analysis.moments.covariance", None)
    # The same four persons over and over: sums of squares grow with n, and n - 1 takes the place of 3.
    assert cronbach_alpha(marks).value == approx(cronbach_alpha(FOUR).value)
    assert item_statistics(marks)[1].alpha_if_deleted == approx(0.5)


def test_an_item_that_all_got_right_is_undefined_in_words():
    constant = item_statistics([[1, 1, 0], [1, 0, 1], [1, 1, 1], [1, 0, 0]])[0]
    assert constant.facility == 1 and constant.facility_interval.high == 1
    assert constant.variance == 0 and constant.discrimination == 0
    assert math.isnan(constant.item_rest) and math.isnan(constant.item_rest_interval.low)
    assert constant.reason == "everyone has the same mark in this item"


def test_constant_decimal_marks_are_constant_in_spite_of_rounding():
    # The mean of three times 0.1 is not 0.1 in binary.
    one = item_statistics([[0.1, 1], [0.1, 0], [0.1, 1]])[0]
    assert one.variance == 0 and math.isnan(one.item_rest)
    assert math.isnan(cronbach_alpha([[0.1, 0.2], [0.2, 0.1], [0.15, 0.15]]).value)


def test_a_missing_mark_leaves_its_person_out_of_correlations_alone():
    scores = [*FOUR, [1, NAN, 1]]
    first, second, third = item_statistics(scores)
    assert [first.n, second.n, third.n] == [5, 4, 5]
    assert first.facility == 0.8 and second.facility == 0.5
    assert first.rest_n == second.rest_n == 4
    assert second.item_rest == approx(math.sqrt(1 / 2))


def test_pairwise_correlations_use_all_marks_that_there_are():
    scores = [[1, 1, NAN], [1, 0, 1], [0, 0, 0], [0, NAN, 1], [1, 1, 1]]
    matrix = pd.DataFrame(scores).cov().to_numpy()
    for j, one in enumerate(item_statistics(scores, missing="pairwise")):
        rest = [m for m in range(3) if m != j]
        expected = matrix[j, rest].sum() / math.sqrt(matrix[j, j] * matrix[np.ix_(rest, rest)].sum())
        assert one.item_rest == approx(expected)


def test_an_item_given_to_nobody_counts_nowhere():
    with_column = [[*row, NAN] for row in FOUR]
    assert cronbach_alpha(with_column) == cronbach_alpha(FOUR)
    without, given = item_statistics(FOUR), item_statistics(with_column)
    assert [s.item_rest for s in given[:3]] == [s.item_rest for s in without]
    assert given[3].n == 0 and given[3].reason == "nobody has a mark in this item"


# Upper and lower groups


def test_the_groups_are_27_per_cent_rounded():
    scores = [[1] * i + [0] * (10 - i) for i in range(11)]
    result = discrimination_index(scores)
    assert result.upper_size == result.lower_size == 3
    # Totals 10, 9, 8 against 2, 1, 0: item 1 is right in all three against two of three.
    assert result.values[0] == approx(1 / 3) and result.values[4] == 1
    assert result.upper[8] == approx(2 / 3) and result.lower[8] == 0


def test_ties_at_the_edge_share_the_places_left():
    # Totals 2, 1, 1, 1, 0 and groups of 2: one place left at the edge for three persons.
    scores = [[1, 1], [1, 0], [1, 0], [0, 1], [0, 0]]
    shared = discrimination_index(scores, share=0.4)
    assert shared.upper_size == shared.lower_size == 2
    assert shared.upper[0] == approx((1 + 2 / 3) / 2) and shared.lower[0] == approx((2 / 3) / 2)
    assert shared.values[0] == approx(0.5)
    included = discrimination_index(scores, share=0.4, ties="include")
    assert included.upper_size == included.lower_size == 4
    assert math.isnan(included.values[0]) and "overlap" in included.reason


def test_ties_of_decimal_totals_are_ties_in_any_order_of_items():
    scores = np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.3, 0.1, 0.2], [1, 1, 1], [0, 0, 0]])
    one, other = discrimination_index(scores, share=0.4), discrimination_index(scores[:, ::-1], share=0.4)
    assert one.values == approx(other.values[::-1])


# Options


CHOICES = [["b"], ["b"], ["b"], ["a"], ["c"], [None]]
REST = [[1, 2], [1, 2], [1, 1], [0, 1], [0, 0], [0, 0]]


def test_options_are_counted_with_those_who_chose_none():
    scores = [[own, rest] for own, rest in REST]
    one = option_statistics([[c[0], "x"] for c in CHOICES], ["b", "x"], scores)[0]
    assert (one.n, one.omits) == (6, 1)
    assert [(o.option, o.key, o.count) for o in one.options] == [
        ("a", False, 1),
        ("b", True, 3),
        ("c", False, 1),
    ]
    assert [o.share for o in one.options] == approx([1 / 6, 1 / 2, 1 / 6])
    # b against the rest 2, 2, 1, 1, 0, 0: covariance 0.4, variances 0.3 and 0.8.
    assert one.options[1].r == approx(0.4 / math.sqrt(0.3 * 0.8))
    # c against the rest: covariance -1/5, variance 1/6.
    assert one.options[2].r == approx(-0.2 / math.sqrt(1 / 6 * 0.8))
    assert [o.functioning for o in one.options] == [False, None, True]


def test_a_distractor_chosen_by_the_good_ones_does_not_function():
    rows = [["a", "k"], ["b", "k"], ["b", "w"], ["b", "w"]]
    found = {o.option: o for o in option_statistics(rows, ["b", "k"])[0].options}
    assert found["a"].r > 0 and found["a"].functioning is False


def test_several_answers_and_several_keys_are_one_item():
    rows = [[["a", "c"]], [("a",)], [{"c", "b"}], [[]]]
    one = option_statistics(rows, [["a", "c"]])[0]
    assert [(o.option, o.key, o.count) for o in one.options] == [
        ("a", True, 2),
        ("b", False, 1),
        ("c", True, 2),
    ]
    assert one.omits == 1


def test_numbers_are_options_and_options_nobody_chose_are_shown():
    one = option_statistics(np.array([[1.0], [2.0], [np.nan]]), [2], options=[[1, 2, 3]])[0]
    assert [(o.option, o.count) for o in one.options] == [(1, 1), (2, 1), (3, 0)]
    assert one.options[2].share == 0 and one.omits == 1


def test_who_was_not_asked_is_outside_the_base():
    rows, scores = [["a", "x"], ["b", "x"], ["", "x"]], [[0, 1], [1, 1], [NAN, 1]]
    one = option_statistics(rows, ["b", "x"], scores)[0]
    assert (one.n, one.omits) == (2, 0) and one.options[0].share == 0.5


# Reliability


def test_alpha_of_a_guttman_scale():
    # Item variances 1/4, 1/3, 1/4 and total 5/3: 3/2 (1 - 5/6 / (5/3)) = 3/4.
    assert cronbach_alpha(FOUR).value == approx(0.75)
    assert float(cronbach_alpha(FOUR)) == approx(0.75)


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [(20, 0.47, 0.86), (30, 0.52, 0.84), (50, 0.57, 0.81), (100, 0.61, 0.78), (200, 0.64, 0.76)],
)
def test_feldts_interval_of_small_classes(n, low, high):
    interval = feldt_interval(0.70, n, 24)
    assert (round(interval.low, 2), round(interval.high, 2)) == (low, high)


@pytest.mark.parametrize(
    ("n", "of_80", "of_50", "of_r", "of_none"),
    [
        (20, (0.58, 0.92), (0.30, 0.70), (-0.22, 0.62), 0.161),
        (30, (0.63, 0.90), (0.33, 0.67), (-0.12, 0.56), 0.114),
        (50, (0.67, 0.89), (0.37, 0.63), (-0.03, 0.49), 0.071),
        (100, (0.71, 0.87), (0.40, 0.60), (0.06, 0.43), 0.037),
        (200, (0.74, 0.85), (0.43, 0.57), (0.12, 0.38), 0.019),
    ],
)
def test_intervals_of_shares_and_correlations_in_small_classes(n, of_80, of_50, of_r, of_none):
    def rounded(interval):
        return tuple(round(limit, 2) for limit in interval)

    assert rounded(wilson_interval(0.8 * n, n)) == of_80
    assert rounded(wilson_interval(0.5 * n, n)) == of_50
    assert rounded(correlation_interval(0.25, n)) == of_r
    none = wilson_interval(0, n)
    assert none.low == 0 and round(none.high, 3) == of_none
    # Whatever the share, the interval of all but those is its mirror.
    assert wilson_interval(n, n).high == 1 and wilson_interval(n, n).low == approx(1 - none.high)


def test_the_confidence_level_is_kept():
    narrow, wide = (
        cronbach_alpha(FOUR, confidence=0.5).interval,
        cronbach_alpha(FOUR, confidence=0.99).interval,
    )
    assert wide.low < narrow.low < 0.75 < narrow.high < wide.high


def test_negative_alpha_is_told_as_it_is():
    assert cronbach_alpha([[1, 0], [0, 1], [1, 0], [1, 1]]).value < 0


def test_pairwise_alpha_uses_everyone():
    result = cronbach_alpha([*FOUR, [1, NAN, 1]], missing="pairwise")
    assert result.n == 5 and cronbach_alpha([*FOUR, [1, NAN, 1]]).n == 4


def test_pairs_that_tell_nothing_are_named():
    nobody_has_both = [[1, NAN], [0, NAN], [NAN, 1], [NAN, 0]]
    assert "some pair of items" in cronbach_alpha(nobody_has_both, missing="pairwise").reason
    # Each pair of items is opposed in other persons: the sum of the covariances is 3/4 - 3 = negative.
    opposed = [[1, 0, NAN], [0, 1, NAN], [1, NAN, 0], [0, NAN, 1], [NAN, 1, 0], [NAN, 0, 1]]
    result = cronbach_alpha(opposed, missing="pairwise")
    assert math.isnan(result.value) and "covariances of pairs" in result.reason
    assert all(math.isnan(one.item_total) for one in item_statistics(opposed, missing="pairwise"))


def test_the_standard_error_of_measurement():
    # Totals 3, 2, 1, 0 with variance 5/3, alpha 3/4.
    assert standard_error_of_measurement(FOUR) == approx(math.sqrt(5 / 3 * 1 / 4))
    assert standard_error_of_measurement(FOUR, reliability=0.91) == approx(math.sqrt(5 / 3 * 0.09))
    assert standard_error_of_measurement(15, 0.84) == approx(6)
    assert math.isnan(standard_error_of_measurement([[1, 1], [1, 1]]))


def test_spearman_brown_forth_and_back():
    assert spearman_brown(0.5) == approx(2 / 3)
    assert spearman_brown(0.8, 0.5) == approx(2 / 3)
    assert items_needed(2 / 3, 20, 0.5) == approx(10)
    # From the mean correlation between items: .08 gives .72 with 30 items, .05 needs 44 for .70.
    assert round(spearman_brown(0.08, 30), 2) == 0.72
    assert round(items_needed(0.05, 1, 0.70)) == 44
    assert math.isnan(items_needed(-0.1, 5, 0.7)) and items_needed(0.5, 5, 1) == math.inf
    assert math.isnan(spearman_brown(-0.6, 3)) and math.isnan(spearman_brown(NAN))


# Moodle


def test_moodles_statistics_of_a_guttman_scale():
    result = moodle_statistics(FOUR)
    second = result.items[1]
    assert [i.facility for i in result.items] == [75, 50, 25]
    assert second.sd == approx(100 * math.sqrt(1 / 3))
    assert second.intended_weight == approx(100 / 3)
    # Covariances with the total: 1/2, 2/3, 1/2.
    roots = [math.sqrt(1 / 2), math.sqrt(2 / 3), math.sqrt(1 / 2)]
    assert [i.effective_weight for i in result.items] == approx([100 * r / sum(roots) for r in roots])
    assert second.discrimination_index == approx(100 * math.sqrt(1 / 2))
    assert [i.discriminative_efficiency for i in result.items] == approx([100, 100, 100])
    assert (result.mean, result.median, result.sd) == approx((1.5, 1.5, math.sqrt(5 / 3)))
    assert result.skewness == approx(0) and result.kurtosis == approx(-1.2)
    assert (result.cic, result.error_ratio) == approx((75, 50))
    assert result.standard_error == approx(math.sqrt(5 / 3) / 2)


def test_the_efficiency_compares_with_the_best_order_possible():
    # Marks 1, 0, 0 and rests 1, 2, 0: covariance 0; in order it would be 1/2.
    item = moodle_statistics([[1, 1], [0, 2], [0, 0]], max_marks=[1, 2]).items[0]
    assert item.discriminative_efficiency == 0 and item.discrimination_index == 0
    # Weights go by max marks.
    assert item.intended_weight == approx(100 / 3)


def test_a_negative_covariance_has_no_effective_weight():
    result = moodle_statistics([[1, 0, 0], [0, 1, 1], [0, 1, 1], [1, 0, 1]])
    assert math.isnan(result.items[0].effective_weight) and "negative" in result.items[0].reason
    assert sum(i.effective_weight for i in result.items[1:]) == approx(100)


# Raters


def test_weights_go_by_the_values_of_levels_so_unused_ones_keep_their_place():
    first, second = [0, 1, 3, 3, 0], [0, 3, 3, 1, 0]
    told = cohen_kappa(first, second, weights="quadratic", categories=[0, 1, 2, 3])
    assert cohen_kappa(first, second, weights="quadratic").value == approx(told.value)
    # Texts have no values: their places count.
    words = {0: "none", 1: "some", 3: "all"}
    texts = [[words[x] for x in ratings] for ratings in (first, second)]
    short = cohen_kappa(*texts, weights="quadratic", categories=["none", "some", "all"])
    long = cohen_kappa(*texts, weights="quadratic", categories=["none", "some", "most", "all"])
    assert long.value == approx(told.value) and short.value != approx(told.value)


def test_pairs_with_a_missing_rating_are_left_out_of_kappa():
    full = cohen_kappa([1, 2, 1, 2], [1, 2, 2, 2])
    assert cohen_kappa([1, 2, None, 1, 2, 1], [1, 2, 2, 2, 2, NAN]) == full and full.n == 4


def test_kappa_of_one_category_is_undefined_and_of_two_different_ones_zero():
    same = cohen_kappa([3, 3, 3], [3, 3, 3], categories=[0, 1, 2, 3])
    assert math.isnan(same.value) and same.reason == "both gave every unit one and the same rating"
    assert cohen_kappa([1, 1, 1], [2, 2, 2]).value == 0


def test_gwets_coefficient_stands_where_kappa_falls():
    # 18 pairs of 20 agree on the same level, and two do not.
    first, second = [1] * 19 + [2], [1] * 18 + [2, 1]
    assert cohen_kappa(first, second).value < 0
    # pi = 38/40, p_e = 2 (38/40)(2/40) = .095, p_a = .9.
    assert gwet_ac(first, second).value == approx((0.9 - 0.095) / (1 - 0.095))
    all_alike = gwet_ac([1] * 5, [1] * 5, categories=[1, 2])
    assert all_alike.value == 1 and gwet_ac([1] * 5, [1] * 5).reason == "there is only one category"


def test_the_number_of_categories_counts_for_gwet():
    first, second = [1, 1, 2, 2], [1, 2, 2, 2]
    # pi = 3/8, 5/8: p_e = 1/(q - 1) * 2 * 15/64.
    assert gwet_ac(first, second).expected == approx(30 / 64)
    assert gwet_ac(first, second, categories=[1, 2, 3, 4]).expected == approx(10 / 64)


def test_krippendorffs_alpha_leaves_out_units_with_one_rating():
    ratings = [[1, 1, NAN], [2, 2, 2], [3, NAN, NAN], [1, 2, 1]]
    result = krippendorff_alpha(ratings)
    assert (result.units, result.ratings) == (3, 8)
    # o_12 + o_21 = 4/2, n_1 = 4, n_2 = 4: 1 - (2/8) / (32/56).
    assert result.value == approx(1 - (2 / 8) / (32 / 56))


def test_raters_and_units_may_stand_either_way():
    ratings = np.array([[1, 1], [2, 2], [3, 1], [3, 3]])
    for function in (krippendorff_alpha, gwet_ac, exact_agreement, adjacent_agreement):
        assert function(ratings) == function(ratings.T, units="columns") == function(*ratings.T.tolist())


def test_ordinal_words_need_their_order():
    words = [["low", "low"], ["mid", "high"], ["high", "high"]]
    order = ["low", "mid", "high"]
    numbers = [[order.index(w) for w in row] for row in words]
    assert krippendorff_alpha(words, level="ordinal", categories=order).value == approx(
        krippendorff_alpha(numbers, level="ordinal").value
    )
    with pytest.raises(ValueError, match="list the categories"):
        krippendorff_alpha(words, level="ordinal")


def test_exact_and_adjacent_agreement_of_several_raters():
    ratings = [[0, 0, 0], [0, 1, 3], [2, 2, 3], [1, NAN, NAN]]
    exact, near = exact_agreement(ratings), adjacent_agreement(ratings)
    # Pairs: 3 of 3, 0 of 3, 1 of 3; within one level: 3, 1, 3.
    assert exact.value == approx((1 + 0 + 1 / 3) / 3) and exact.n == 3
    assert near.value == approx((1 + 1 / 3 + 1) / 3)
    assert adjacent_agreement(ratings, within=0).value == exact.value


def test_raters_who_agree_perfectly_have_an_icc_of_one():
    same = [[1, 1], [2, 2], [5, 5]]
    for form in ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k"):
        assert icc(same, form).value == approx(1)
    # A rater who is always two harder: consistent, but not in agreement.
    harder = [[3, 1], [4, 2], [7, 5]]
    assert icc(harder, "3,1").value == approx(1) and icc(harder, "2,1").value < 0.9


def test_units_without_all_ratings_are_left_out_of_the_icc():
    assert icc([[1, 2], [3, 3], [5, NAN], [4, 6]]).n == 3


def test_a_bootstrap_is_the_same_for_the_same_seed():
    ratings = np.array([[1, 1], [2, 2], [3, 1], [3, 3], [2, 1], [1, 1]] * 4)
    run = partial(bootstrap_interval, ratings, partial(krippendorff_alpha, level="ordinal"), samples=200)
    assert run(seed=3) == run(seed=3) != run(seed=4)
    value = run().value
    assert run().interval.low < value < run().interval.high and run().standard_error > 0


def test_a_bootstrap_of_the_mean_has_about_the_interval_of_the_mean():
    numbers = np.arange(100.0).reshape(100, 1)
    result = bootstrap_interval(numbers, np.mean, samples=1000)
    error = math.sqrt((100**2 - 1) / 12 / 100)
    assert result.standard_error == approx(error, rel=0.1)
    assert result.interval.low == approx(49.5 - 1.96 * error, abs=0.6)


def test_a_bootstrap_says_when_most_samples_tell_nothing():
    result = bootstrap_interval([[1, 1], [1, 1], [1, 2]], krippendorff_alpha, samples=200)
    assert result.undefined > 20 and "undefined in" in result.reason and math.isnan(result.interval.low)


# Rasch


def brute_force(scores, b):
    """The conditional log-likelihood from its definition: all patterns of the same score, one by one."""
    total = 0.0
    for row in scores:
        there = ~np.isnan(row)
        own, score = -b[there] @ row[there], row[there].sum()
        others = [
            -b[there] @ np.array(x) for x in product((0, 1), repeat=int(there.sum())) if sum(x) == score
        ]
        total += own - math.log(sum(math.exp(o) for o in others))
    return total


def simulated(n, k, seed=5):
    draw = np.random.default_rng(seed)
    difficulty, ability = np.linspace(-1.5, 1.5, k), draw.normal(size=(n, 1))
    return (draw.random((n, k)) < 1 / (1 + np.exp(difficulty - ability))).astype(float)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_rasch_difficulties_have_the_highest_conditional_likelihood(missing):
    scores = simulated(120, 4)
    scores[np.random.default_rng(1).random(scores.shape) < missing] = NAN
    result = rasch(scores)
    b = np.array([i.difficulty for i in result.items])
    core = scores[[(1 in row) and (0 in row) for row in scores.tolist()]]
    best = brute_force(core, b)
    assert result.log_likelihood == approx(best) and b.sum() == approx(0, abs=1e-9)
    for j in range(4):
        for step in (-0.01, 0.01):
            moved = b.copy()
            moved[j] += step
            assert brute_force(core, moved) < best
    # The standard error from the curvature of the same likelihood, by differences.
    h, eye = 1e-3, np.eye(4)
    bend = np.array(
        [
            [
                sum(
                    s * t * brute_force(core, b + h * (s * eye[i] + t * eye[j]))
                    for s in (1, -1)
                    for t in (1, -1)
                )
                for j in range(4)
            ]
            for i in range(4)
        ]
    ) / (4 * h * h)
    errors = np.sqrt(np.diag(np.linalg.inv(-bend + 1 / 4) - 1 / 4))
    assert [i.standard_error for i in result.items] == approx(errors.tolist(), rel=1e-3)


def test_two_items_have_the_estimate_of_the_textbook():
    # Of those with one right, 30 got the first and 10 the second: the distance is log(30/10), and its
    # standard error √(1/30 + 1/10); each item stands at half of it.
    scores = [[1, 0]] * 30 + [[0, 1]] * 10 + [[1, 1]] * 40 + [[0, 0]] * 20
    result = rasch(scores)
    assert result.items[1].difficulty == approx(math.log(3) / 2)
    assert result.items[1].standard_error == approx(math.sqrt(1 / 30 + 1 / 10) / 2)
    assert (result.n, result.informative, result.verdict) == (100, 40, "useful")


def test_abilities_solve_warms_equation_and_are_finite_at_the_ends():
    result = rasch(simulated(150, 6))
    b = np.array([i.difficulty for i in result.items])
    by_score = {p.score: p for p in result.persons}
    assert set(by_score) == set(range(7))
    for score, person in by_score.items():
        p = 1 / (1 + np.exp(b - person.ability))
        q = p * (1 - p)
        assert score - p.sum() + (q * (1 - 2 * p)).sum() / (2 * q.sum()) == approx(0, abs=1e-9)
        assert person.standard_error == approx(1 / math.sqrt(q.sum()))
        assert person.extreme == (score in {0, 6})
    abilities = [by_score[s].ability for s in range(7)]
    assert abilities == sorted(abilities)


def test_rasch_says_what_n_carries():
    assert rasch(simulated(29, 5)).verdict == "too few"
    assert "29 persons" in rasch(simulated(29, 5)).reason
    assert rasch(simulated(60, 5)).verdict == "ordering aid"
    assert rasch(simulated(100, 5)).verdict == "useful"
    assert not math.isnan(rasch(simulated(20, 5), least=10).items[0].difficulty)


def test_items_all_got_right_and_persons_without_answers_have_reasons():
    scores = np.column_stack([simulated(100, 4), np.ones(100), np.full(100, NAN)])
    scores = np.vstack([scores, np.full((1, 6), NAN)])
    result = rasch(scores)
    assert "no finite difficulty" in result.items[4].reason and math.isnan(result.items[4].difficulty)
    assert result.items[5].reason == "nobody was asked this item"
    assert result.n == 100 and result.persons[100].reason and math.isnan(result.persons[100].ability)
    plain = rasch(simulated(100, 4))
    assert [i.difficulty for i in result.items[:4]] == approx([i.difficulty for i in plain.items])


def test_items_too_many_or_too_far_apart_are_undefined():
    assert "more than 150 items" in rasch(simulated(40, 151)).reason
    ladder = (np.arange(40)[:, None] >= np.arange(40)[None, :]).astype(float)
    # One person against the ladder ties the items together, however far apart.
    result = rasch(np.vstack([ladder, 1 - ladder[20]]))
    assert result.verdict == "ordering aid" or result.reason


def test_a_perfect_guttman_scale_has_no_finite_estimates():
    result = rasch([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]] * 20)
    assert result.verdict == "undefined" and result.reason


# Cut scores


def test_the_angoff_cut_score_by_hand():
    result = angoff_cut_score([[0.5, 0.5], [0.7, 0.9], [0.6, NAN]], max_marks=[2, 1])
    # Judges' cuts 1.5 and 2.3.
    assert result.judges == 2 and result.by_judge == approx((1.5, 2.3))
    assert result.cut == approx(1.9) and result.share == approx(1.9 / 3)
    assert result.standard_error == approx(0.4) and result.provisional
    assert result.interval.high == 3.0 and result.interval.low == 0.0


# Flags


def class_of(n_right, n):
    return [[1.0]] * n_right + [[0.0]] * (n - n_right)


def rules(result):
    return [(f.rule, f.verdict, f.item) for f in result.raised]


def test_an_easy_item_after_teaching_is_no_flag():
    assert flags(class_of(40, 40)).raised == ()


def test_a_hard_item_is_flagged_by_its_upper_limit():
    # Upper limits of 10/40 and 20/40: .40 and .65.
    assert rules(flags(class_of(10, 40))) == [("hard after teaching", "flag", 0)]
    assert flags(class_of(20, 40)).raised == ()


def test_what_all_knew_before_is_no_news():
    found = flags(class_of(30, 40), pretest=class_of(100, 100)).raised
    assert [(f.rule, f.n) for f in found] == [("no news", 100)]
    assert flags(class_of(30, 40), pretest=class_of(10, 10)).raised == ()


def marks_with_r(n, against):
    """Item 0 goes with (or against) the sum of two others that go together."""
    half = n // 2
    rest = [[1, 1]] * half + [[0, 0]] * (n - half)
    return [[1 - r[0] if against else r[0], *r] for r in rest]


def test_a_negative_item_needs_thirty_persons():
    assert ("negative item", "flag", 0) in rules(flags(marks_with_r(30, True)))
    few = flags(marks_with_r(28, True))
    assert not [r for r in rules(few) if r[0] == "negative item"] and few.too_few["negative item"] == 30


def test_a_weak_item_is_watched_below_a_hundred():
    assert ("weak item", "watch", 0) in rules(flags(marks_with_r(98, True)))
    assert ("weak item", "flag", 0) in rules(flags(marks_with_r(100, True)))
    assert not [r for r in rules(flags(marks_with_r(100, False))) if r[0] == "weak item"]


def test_a_distractor_that_beats_the_key_is_checked():
    # The good ones (items 1 and 2 right) choose b in item 0, whose key is said to be a.
    rows = [["b", "k", "k"]] * 20 + [["a", "w", "w"]] * 20
    marks = [[0, 1, 1]] * 20 + [[1, 0, 0]] * 20
    found = [f for f in flags(marks, rows, ["a", "k", "k"]).raised if f.rule == "key check"]
    assert [(f.item, f.option) for f in found] == [(0, "b")] and found[0].value == approx(1)
    few = flags(marks[10:30], rows[10:30], ["a", "k", "k"])
    assert few.too_few["key check"] == 30 and "key check" not in [f.rule for f in few.raised]


@pytest.mark.parametrize(("few", "checked"), [(2, False), (3, True)])
def test_a_distractor_that_five_per_cent_chose_is_not_held_against_the_key(few, checked):
    # The best of 40 choose b in item 0, whose key is a: 2 of them are 5 %.
    rows = [["b", "k"]] * few + [["a", "k"]] * 17 + [["a", "w"]] * (23 - few)
    marks = [[float(first == "a"), float(second == "k")] for first, second in rows]
    raised = flags(marks, rows, ["a", "k"]).raised
    found = [f.option for f in raised if (f.rule, f.item) == ("key check", 0)]
    assert found == (["b"] if checked else [])


@pytest.mark.parametrize(("n", "speaks"), [(74, False), (75, True)])
def test_a_dead_distractor_needs_seventy_five(n, speaks):
    result = flags([[1.0]] * n, [["a"]] * n, ["a"], options=[["a", "b"]])
    found = [(f.rule, f.option) for f in result.raised]
    assert found == ([("dead distractor", "b")] if speaks else [])
    assert ("dead distractor" in result.too_few) is not speaks


def test_a_misconception_lives_above_a_quarter_of_its_chances():
    rows = [["b", "x"], ["b", "z"], ["a", "x"], ["a", "x"]]
    codes = [{"b": "MIS-01"}, {"z": "MIS-01", "y": "MIS-02"}]
    marks = [[float(r[0] == "a"), float(r[1] == "x")] for r in rows]
    found = [f for f in flags(marks, rows, ["a", "x"], misconceptions=codes).raised if f.code]
    assert [(f.code, f.n) for f in found] == [("MIS-01", 8)] and found[0].value == 3 / 8
    one_less = [["a", "x"], *rows[1:]]
    marks[0] = [1.0, 1.0]
    assert [f for f in flags(marks, one_less, ["a", "x"], misconceptions=codes).raised if f.code] == []


# Nothing to say


NOTHING = {
    "no students": np.empty((0, 4)),
    "nothing at all": [],
    "no items": np.empty((5, 0)),
    "one student": [[1, 0]],
    "one mark": [[1, NAN]],
    "all right": np.ones((6, 2)),
    "all missing": np.full((4, 2), NAN),
    "nobody has both": [[1, NAN], [NAN, 1], [0, NAN]],
}
TABLES = {
    "item_statistics": item_statistics,
    "pairwise": partial(item_statistics, missing="pairwise"),
    "discrimination_index": discrimination_index,
    "cronbach_alpha": cronbach_alpha,
    "pairwise alpha": partial(cronbach_alpha, missing="pairwise"),
    "kr20": kr20,
    "moodle_statistics": moodle_statistics,
    "rasch": partial(rasch, least=2),
    "flags": flags,
    "icc 1": partial(icc, form="1,1"),
    "icc 2": icc,
    "icc 3k": partial(icc, form="3,k"),
    "cohen_kappa": cohen_kappa,
    "weighted kappa": partial(cohen_kappa, weights="quadratic"),
    "krippendorff": krippendorff_alpha,
    "krippendorff ratio": partial(krippendorff_alpha, level="ratio"),
    "gwet": gwet_ac,
    "gwet ordinal": partial(gwet_ac, weights="ordinal"),
    "exact": exact_agreement,
    "bootstrap": lambda t: bootstrap_interval(t, krippendorff_alpha, samples=10),
}
NUMBERS = {
    # One student is one unit with two ratings that differ.
    ("one student", "cohen_kappa"): 0,
    ("one student", "weighted kappa"): 0,
    ("one student", "krippendorff"): 0,
    ("one student", "krippendorff ratio"): 0,
    ("one student", "gwet"): -1,
    ("one student", "gwet ordinal"): -1,
    ("one student", "exact"): 0,
    ("one student", "bootstrap"): 0,
    ("all right", "exact"): 1,
}
"""What can be said all the same."""


@pytest.mark.parametrize("function", TABLES)
@pytest.mark.parametrize("case", NOTHING)
def test_what_cannot_be_said_is_nan_with_a_reason(case, function):
    result = TABLES[function](NOTHING[case])
    if hasattr(result, "value"):
        assert result.value == approx(NUMBERS.get((case, function), NAN), nan_ok=True)
        assert bool(result.reason) == math.isnan(result.value) or function == "bootstrap"
    if function in {"item_statistics", "pairwise"}:
        for one in result:
            assert math.isnan(one.item_rest) and one.reason


def test_no_students_have_no_options_no_cut_and_no_error():
    assert option_statistics([], ["a", "b"])[1].reason == "nobody was asked this item"
    assert math.isnan(angoff_cut_score([]).cut) and math.isnan(standard_error_of_measurement([]))
    assert angoff_cut_score([[0.5, 0.6]]).reason == "one judge alone: no standard error"
    assert math.isnan(wilson_interval(0, 0).low) and math.isnan(correlation_interval(0.5, 3).low)
    assert math.isnan(feldt_interval(0.5, 1, 5).low)


# All ways to hand in a table


SAME = [[1, 0], [0, 1], [1, 1], [0, None]]


@pytest.mark.parametrize(
    "given",
    [
        pd.DataFrame(SAME),
        pd.DataFrame(SAME).convert_dtypes(),
        np.array(SAME, dtype=object),
        np.ma.masked_array([[1, 0], [0, 1], [1, 1], [0, 9]], mask=[[0, 0], [0, 0], [0, 0], [0, 1]]),
        [[Fraction(1), False], [0, True], [np.int8(1), np.float32(1)], [0, NAN]],
        tuple(tuple(row) for row in SAME),
    ],
    ids=["data frame", "data frame with NA", "objects", "masked", "mixed numbers", "tuples"],
)
def test_a_table_may_come_in_many_ways(given):
    plain = np.array([[1, 0], [0, 1], [1, 1], [0, NAN]])
    assert str(item_statistics(given)) == str(item_statistics(plain))
    assert krippendorff_alpha(given).value == krippendorff_alpha(plain).value


def test_the_callers_array_is_left_alone():
    table = np.array([[1.0, 0], [0, 1], [1, NAN]])
    table.flags.writeable = False
    item_statistics(table), rasch(table, least=2), icc(table), krippendorff_alpha(table)


def test_a_long_table_becomes_a_wide_one():
    lines = pd.DataFrame({"who": ["b", "a", "a"], "item": [2, 1, 2], "mark": [1.0, 0.0, NAN]})
    wide = wide_table(lines["who"], lines["item"], lines["mark"])
    assert wide.rows == ("a", "b") and wide.columns == (1, 2)
    assert wide.cells == ((0.0, None), (None, 1.0))
    assert item_statistics(wide.cells)[1].n == 1


# Wrong use


WRONG = [
    (cronbach_alpha, (["a", "b"],), "numbers"),
    (cronbach_alpha, ([["1", "0"]],), "numbers"),
    (cronbach_alpha, ([[1, "a"], [0, None]],), "numbers"),
    (cronbach_alpha, ([1, 0, 1],), "rows and columns"),
    (cronbach_alpha, (5,), "rows and columns"),
    (cronbach_alpha, (np.zeros((2, 2, 2)),), "rows and columns"),
    (cronbach_alpha, ([[1, 0], [1]],), "one length"),
    (cronbach_alpha, ([[1, math.inf]],), "finite"),
    (cronbach_alpha, ([[1e60, 1]],), "finite"),
    (cronbach_alpha, ([[1j, 0]],), "numbers"),
    (cronbach_alpha, (FOUR, 95), "between 0 and 1"),
    (cronbach_alpha, (FOUR, "0.95"), "must be a number"),
    (cronbach_alpha, (FOUR, 0.95, "drop"), "must be one of"),
    (kr20, ([[1, 0.5]],), "0 and 1 alone"),
    (rasch, ([[1, 0.5]],), "0 and 1 alone"),
    (rasch, (FOUR, 1), "least"),
    (item_statistics, (FOUR, [1, 1]), "one for each item"),
    (item_statistics, (FOUR, -1), "from 0 up"),
    (item_statistics, (FOUR, 0), "above its item's max mark"),
    (cronbach_alpha, ([{1, 0}, {1, 2}],), "numbers"),
    (item_statistics, (FOUR, 0.5), "above its item's max mark"),
    (discrimination_index, (FOUR, 0.6), "share"),
    (discrimination_index, (FOUR, 0.27, None, "half"), "ties"),
    (option_statistics, ([["a"]], ["a", "b"]), "items"),
    (option_statistics, ([["a"]], "a"), "key must be a list"),
    (option_statistics, (["a"], ["a"]), "must be a list"),
    (option_statistics, ([["a"]], [None]), "no key"),
    (option_statistics, ([["a"]], ["a"], [[1, 2]]), "scores have shape"),
    (option_statistics, ([["z"]], ["a"], None, [["a", "b"]]), "none of its options"),
    (option_statistics, ([["a"]], ["a"], None, [["a", "a"]]), "twice"),
    (option_statistics, ([["a"]], ["a"], None, [["a"], ["b"]]), "options are given for 2 items"),
    (wilson_interval, (5, 4), "more than n"),
    (wilson_interval, (5, 0), "more than n"),
    (wilson_interval, (-1, 4), "from 0 up"),
    (wilson_interval, ("5", 10), "must be a number"),
    (wilson_interval, (5, 10, 1.0), "between 0 and 1"),
    (correlation_interval, (1.2, 10), "-1..1"),
    (feldt_interval, (1.2, 10, 5), "up to 1"),
    (standard_error_of_measurement, (10.0,), "its reliability"),
    (standard_error_of_measurement, (10.0, 1.5), "at most 1"),
    (spearman_brown, (1.5,), "at most 1"),
    (spearman_brown, (0.5, 0), "above 0"),
    (spearman_brown, ("0.5",), "must be a number"),
    (items_needed, (0.5, 5, 1.5), "0..1"),
    (items_needed, (0.5, 0, 0.7), "above 0"),
    (cohen_kappa, ([1, 2], [1]), "same units"),
    (cohen_kappa, ([[1, 2, 3]],), "compares 2 raters"),
    (cohen_kappa, ([[20, 5, 0], [10, 15, 3], [1, 2, 3]],), "one line for each unit"),
    (cohen_kappa, ([1, 2], [1, 5], None, [1, 2]), "none of the categories"),
    (cohen_kappa, ([1, 2], [1, 2], None, [1, 2, 2]), "different values"),
    (cohen_kappa, ([1, 2], [1, 2], "cubic"), "weights must be one of"),
    (cohen_kappa, (["a", "b"], ["a", "b"], "linear"), "need an order"),
    (cohen_kappa, ([1, 2], [1, 2], [[1, 0]]), "2 x 2"),
    (cohen_kappa, ([1, 2], [1, 2], [[0, 1], [1, 0]]), "of disagreement"),
    (cohen_kappa, ([1, 2], [1, 2], [[1, 0.5], [0, 1]]), "1 on the diagonal"),
    (cohen_kappa, ("abc", "abd"), "must be a list"),
    (gwet_ac, ([1, 2, 3],), "must be a list"),
    (gwet_ac, ([[1, 2], [1]],), "one length"),
    (gwet_ac, ([{1, 2}, {2, 3}],), "must have an order"),
    (krippendorff_alpha, ([[1, 2]], None, "metric"), "level must be one of"),
    (krippendorff_alpha, ([[1, 2]], "ordinal"), "by its name"),
    (krippendorff_alpha, ([["a", "b"]], None, "interval"), "must be numbers"),
    (krippendorff_alpha, ([[-1, 2]], None, "ratio"), "from 0 up"),
    (krippendorff_alpha, ([[1, 2]], None, "nominal", None, "raters"), "units must be one of"),
    (krippendorff_alpha, ([[math.inf, 2]],), "finite"),
    (krippendorff_alpha, ([[[1], 2]],), "single values"),
    (adjacent_agreement, ([1], [2], -1), "from 0 up"),
    (adjacent_agreement, (["a"], ["b"]), "needs an order"),
    (icc, ([[1, 2]], "4,1"), "form must be one of"),
    (angoff_cut_score, ([[60, 70]],), "in 0..1"),
    (bootstrap_interval, ([[1, 2]], krippendorff_alpha, 0.95, 0), "samples"),
    (bootstrap_interval, ([[1, 2]], krippendorff_alpha, 0.95, 100, -1), "seed"),
    (flags, ([[1]], [["a"]]), "need a key"),
    (flags, ([[1]], None, None, None, [[1, 2]]), "the pretest has 2 items"),
    (flags, ([[1]], None, None, None, None, [{}]), "need the choices"),
    (flags, ([[1]], [["a"]], ["a"], None, None, []), "0 items of 1"),
    (wide_table, (["a"], ["x", "y"], [1]), "differ in length"),
    (wide_table, (["a", "a"], ["x", "x"], [1, 2]), "two values"),
    (wide_table, ([None], ["x"], [1]), "no row"),
]


@pytest.mark.parametrize(("function", "arguments", "words"), WRONG)
def test_wrong_use_is_told_clearly(function, arguments, words):
    with pytest.raises(ValueError, match=words):
        function(*arguments)


@pytest.mark.parametrize(
    "result",
    [cronbach_alpha(FOUR), item_statistics(FOUR)[0], moodle_statistics(FOUR), flags(FOUR), rasch(FOUR)],
    ids=lambda result: type(result).__name__,
)
def test_results_can_be_copied_stored_and_turned_into_plain_values(result):
    assert str(pickle.loads(pickle.dumps(result))) == str(result)
    assert str(copy.deepcopy(result)) == str(result)
    assert list(asdict(result)) == [field.name for field in fields(result)]
