"""What must hold for any table: bounds, and what may be changed without changing a result."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pytest import approx

from grading.analysis import (
    adjacent_agreement,
    cohen_kappa,
    cronbach_alpha,
    discrimination_index,
    exact_agreement,
    feldt_interval,
    flags,
    gwet_ac,
    icc,
    item_statistics,
    kr20,
    krippendorff_alpha,
    moodle_statistics,
    option_statistics,
    rasch,
    wilson_interval,
)

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


def tables(elements, rows=(0, 12), columns=(0, 6)):
    return st.tuples(st.integers(*rows), st.integers(*columns)).flatmap(
        lambda shape: arrays.arrays(float, shape, elements=elements)
    )


right_or_wrong = tables(st.sampled_from([0.0, 1.0]))
with_gaps = tables(st.sampled_from([0.0, 1.0, 0.5, math.nan]))
any_marks = tables(st.one_of(st.just(math.nan), st.floats(-1e6, 1e6)))
levels = tables(st.sampled_from([0.0, 1.0, 2.0, 3.0, math.nan]), columns=(2, 4))


def same(one, other):
    """Equal but for rounding, NaN included."""
    return one == approx(other, rel=1e-9, abs=1e-9, nan_ok=True)


@few
@given(any_marks)
def test_any_table_of_marks_gives_results_within_their_bounds(marks):
    assert not cronbach_alpha(marks).value > 1
    for missing in ("listwise", "pairwise"):
        for one in item_statistics(marks, missing=missing):
            assert not abs(one.item_rest) > 1 and not abs(one.item_total) > 1
            assert not abs(one.discrimination) > 1 + 1e-9 and not one.variance < 0
            assert math.isnan(one.item_rest) or one.item_rest in one.item_rest_interval or one.rest_n <= 3
    result = moodle_statistics(marks)
    for item in result.items:
        assert not item.discriminative_efficiency > 100 + 1e-6
        assert not abs(item.discrimination_index) > 100 + 1e-6
    assert not result.cic > 100 + 1e-6 and not result.error_ratio < 0


@few
@given(with_gaps)
def test_a_facility_lies_within_its_interval(marks):
    for one in item_statistics(marks):
        assert (one.n == 0) == math.isnan(one.facility)
        assert one.n == 0 or 0 <= one.facility_interval.low <= one.facility <= one.facility_interval.high <= 1


@few
@given(with_gaps, st.randoms(use_true_random=False))
def test_the_order_of_persons_never_matters(marks, chance):
    order = list(range(len(marks)))
    chance.shuffle(order)
    mixed = marks[order]
    assert same(cronbach_alpha(marks).value, cronbach_alpha(mixed).value)
    for one, other in zip(item_statistics(marks), item_statistics(mixed), strict=True):
        assert same(one.item_rest, other.item_rest) and same(one.discrimination, other.discrimination)
    assert same(
        [i.discriminative_efficiency for i in moodle_statistics(marks).items],
        [i.discriminative_efficiency for i in moodle_statistics(mixed).items],
    )
    for ties in ("share", "include"):
        one, other = discrimination_index(marks, 0.3, ties=ties), discrimination_index(mixed, 0.3, ties=ties)
        assert same(one.values, other.values)


@few
@given(with_gaps, st.randoms(use_true_random=False))
def test_the_order_of_items_moves_results_and_no_more(marks, chance):
    order = list(range(marks.shape[1]))
    chance.shuffle(order)
    assert same(cronbach_alpha(marks).value, cronbach_alpha(marks[:, order]).value)
    ours, mixed = item_statistics(marks), item_statistics(marks[:, order])
    for place, item in enumerate(order):
        assert same(mixed[place].item_rest, ours[item].item_rest)
        assert same(mixed[place].discrimination, ours[item].discrimination)


@few
@given(with_gaps)
def test_columns_and_rows_without_a_mark_change_nothing(marks):
    wider = np.column_stack([np.full(len(marks), np.nan), marks])
    taller = np.vstack([marks, np.full((2, marks.shape[1]), np.nan)])
    assert cronbach_alpha(wider) == approx_result(cronbach_alpha(marks))
    assert same(cronbach_alpha(taller).value, cronbach_alpha(marks).value)
    for one, other in zip(item_statistics(marks), item_statistics(wider)[1:], strict=True):
        assert same(one.item_rest, other.item_rest) and same(one.alpha_if_deleted, other.alpha_if_deleted)
    for one, other in zip(item_statistics(marks), item_statistics(taller), strict=True):
        assert same(one.item_rest, other.item_rest) and one.n == other.n


def approx_result(result):
    """A reliability whose NaN is equal to NaN."""
    return type("Same", (), {"__eq__": lambda self, other: same(result.value, other.value)})()


@few
@given(right_or_wrong, st.sampled_from([0.0, 1.0]))
def test_an_item_that_is_the_same_for_all_changes_no_other_item(marks, mark):
    assume(len(marks))
    wider = np.column_stack([marks, np.full(len(marks), mark)])
    for one, other in zip(item_statistics(marks), item_statistics(wider), strict=False):
        if marks.shape[1] > 1:
            assert same(one.item_rest, other.item_rest)
        assert same(one.item_total, other.item_total) and same(one.discrimination, other.discrimination)


@few
@given(with_gaps, st.floats(0.01, 100))
def test_alpha_does_not_depend_on_the_unit_of_marks(marks, unit):
    assert same(cronbach_alpha(marks).value, cronbach_alpha(marks * unit).value)


@few
@given(right_or_wrong)
def test_kr20_needs_no_more_than_the_shares_right_and_the_spread_of_the_totals(marks):
    assume(min(marks.shape) > 1 and np.ptp(marks.sum(axis=1)) > 0)
    k, p, spread = marks.shape[1], marks.mean(axis=0), np.var(marks.sum(axis=1))
    assert kr20(marks).value == approx(k / (k - 1) * (1 - (p * (1 - p)).sum() / spread))


@few
@given(right_or_wrong)
def test_complete_tables_have_one_alpha(marks):
    assert same(cronbach_alpha(marks, missing="pairwise").value, cronbach_alpha(marks).value)
    for one, other in zip(item_statistics(marks), item_statistics(marks, missing="pairwise"), strict=True):
        assert same(one.item_rest, other.item_rest)


@few
@given(right_or_wrong)
def test_effective_weights_add_up_to_a_hundred(marks):
    weights = [i.effective_weight for i in moodle_statistics(marks).items]
    known = [w for w in weights if not math.isnan(w)]
    assert not known or sum(known) == approx(100)


@few
@given(st.integers(1, 400), st.floats(0, 1), st.floats(0.5, 0.999))
def test_wilsons_interval_holds_its_share_and_grows_with_confidence(n, part, confidence):
    successes = round(part * n)
    narrow, wide = wilson_interval(successes, n, confidence), wilson_interval(successes, n, 0.9999)
    assert 0 <= wide.low <= narrow.low <= successes / n <= narrow.high <= wide.high <= 1
    mirrored = wilson_interval(n - successes, n, confidence)
    assert mirrored.low == approx(1 - narrow.high, abs=1e-12)


@few
@given(st.floats(-2, 1), st.integers(2, 500), st.integers(2, 60))
def test_feldts_interval_never_exceeds_one(alpha, n, k):
    low, high = feldt_interval(alpha, n, k)
    assert low <= high <= 1


@few
@given(levels, st.randoms(use_true_random=False))
def test_agreement_does_not_depend_on_the_order_of_units_or_raters(ratings, chance):
    rows, columns = list(range(len(ratings))), list(range(ratings.shape[1]))
    chance.shuffle(rows)
    chance.shuffle(columns)
    mixed = ratings[rows][:, columns]
    for level in ("nominal", "ordinal", "interval", "ratio"):
        one, other = krippendorff_alpha(ratings, level=level), krippendorff_alpha(mixed, level=level)
        assert same(one.value, other.value) and not one.value > 1
    for weights in (None, "linear", "quadratic", "ordinal"):
        one = gwet_ac(ratings, weights=weights, categories=[0, 1, 2, 3])
        other = gwet_ac(mixed, weights=weights, categories=[0, 1, 2, 3])
        assert same(one.value, other.value) and not one.value > 1
        assert same(one.standard_error, other.standard_error)
    assert same(exact_agreement(ratings).value, exact_agreement(mixed).value)
    assert not exact_agreement(ratings).value > adjacent_agreement(ratings).value


@few
@given(levels)
def test_names_of_levels_do_not_matter_where_they_have_no_order(ratings):
    names = [[None if math.isnan(x) else "dbca"[int(x)] for x in row] for row in ratings.tolist()]
    assert same(krippendorff_alpha(ratings).value, krippendorff_alpha(names).value)
    assert same(gwet_ac(ratings).value, gwet_ac(names).value)
    assert same(cohen_kappa(ratings[:, :2]).value, cohen_kappa([row[:2] for row in names]).value)


@few
@given(levels)
def test_an_array_and_lists_of_the_same_ratings_give_the_same(ratings):
    listed = [[None if math.isnan(x) else int(x) for x in row] for row in ratings.tolist()]
    for level in ("nominal", "ordinal", "ratio"):
        assert same(
            krippendorff_alpha(ratings, level=level).value, krippendorff_alpha(listed, level=level).value
        )
    assert same(gwet_ac(ratings, weights="linear").value, gwet_ac(listed, weights="linear").value)


@few
@given(levels)
def test_raters_who_copy_each_other_agree_perfectly(ratings):
    twins = np.column_stack([ratings[:, 0], ratings[:, 0]])
    for result in (
        krippendorff_alpha(twins, level="ordinal"),
        gwet_ac(twins, categories=[0, 1, 2, 3]),
        cohen_kappa(twins, weights="quadratic"),
        icc(twins),
        exact_agreement(twins),
    ):
        assert same(result.value, 1) or math.isnan(result.value)
    one, other = (
        cohen_kappa(ratings[:, :2], weights="linear"),
        cohen_kappa(ratings[:, 1::-1], weights="linear"),
    )
    assert same(one.value, other.value) and same(one.standard_error, other.standard_error)


@few
@given(any_marks, st.sampled_from(["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"]))
def test_no_intraclass_correlation_is_above_one(ratings, form):
    result = icc(ratings, form)
    assert not result.value > 1 + 1e-9
    assert math.isnan(result.interval.low) or result.interval.low <= result.interval.high <= 1 + 1e-9


@few
@given(right_or_wrong)
def test_shares_of_options_and_of_omits_add_up_to_one(marks):
    choices = [["a" if x else None for x in row] for row in marks.tolist()]
    for item in option_statistics(choices, ["a"] * marks.shape[1]):
        assert item.n == len(marks)
        assert item.omits + sum(o.count for o in item.options) == item.n
    flags(marks, choices, ["a"] * marks.shape[1])


@few
@given(tables(st.sampled_from([0.0, 1.0, 1.0, math.nan]), rows=(2, 30), columns=(2, 5)))
def test_rasch_estimates_answer_the_totals_or_say_why_not(marks):
    result = rasch(marks, least=2)
    b = np.array([i.difficulty for i in result.items])
    assert all(i.reason for i in result.items if math.isnan(i.difficulty))
    if result.verdict == "undefined" or result.verdict == "too few":
        assert result.reason and np.isnan(b).all()
        return
    assert np.nansum(b) == approx(0, abs=1e-8)
    for p in result.persons:
        assert math.isnan(p.ability) == bool(p.reason) and (p.reason or 0 <= p.score <= p.items)


@pytest.mark.parametrize("seed", range(3))
def test_the_flags_do_not_depend_on_the_order_of_persons(seed):
    draw = np.random.default_rng(seed)
    marks = (draw.random((80, 5)) < [0.9, 0.5, 0.3, 0.7, 0.2]).astype(float)
    choices = np.where(marks == 1, "a", draw.choice(["b", "c", "d"], marks.shape))
    order = draw.permutation(80)
    codes = [{"b": "MIS-01", "c": "MIS-02"}] * 5
    one = flags(marks, choices, ["a"] * 5, misconceptions=codes)
    other = flags(marks[order], choices[order], ["a"] * 5, misconceptions=codes)
    assert [(f.rule, f.item, f.option, f.code) for f in one.raised] == [
        (f.rule, f.item, f.option, f.code) for f in other.raised
    ]
