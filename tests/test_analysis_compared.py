"""grading.analysis beside independent packages, on random tables with and without missing values."""

import math

import krippendorff
import numpy as np
import pandas as pd
import pingouin
import pytest
from girth import rasch_conditional
from pytest import approx
from sklearn.metrics import cohen_kappa_score
from statsmodels.discrete.conditional_models import ConditionalLogit
from statsmodels.stats.inter_rater import cohens_kappa, to_table
from statsmodels.stats.proportion import proportion_confint

from grading.analysis import (
    cohen_kappa,
    cronbach_alpha,
    gwet_ac,
    icc,
    item_statistics,
    krippendorff_alpha,
    moodle_statistics,
    rasch,
    wilson_interval,
)

SEEDS = range(6)


def marks(seed, missing=0.0, levels=2):
    """A class of its own size in which able persons do better; levels 2 is right and wrong."""
    draw = np.random.default_rng(seed)
    n, k = int(draw.integers(8, 60)), int(draw.integers(3, 12))
    chance = 1 / (1 + np.exp(draw.normal(size=k) - draw.normal(size=(n, 1))))
    table = draw.binomial(levels - 1, chance).astype(float)
    table[draw.random(table.shape) < missing] = np.nan
    return table


def ratings(seed, missing=0.0, raters=2, levels=4):
    """Levels 0.. of units by raters who agree in part; every level occurs."""
    draw = np.random.default_rng(100 + seed)
    n = int(draw.integers(15, 60))
    true = draw.integers(0, levels, size=(n, 1))
    table = np.clip(true + draw.integers(-1, 2, size=(n, raters)), 0, levels - 1).astype(float)
    table[:levels] = np.arange(levels)[:, None]
    table[draw.random(table.shape) < missing] = np.nan
    return table


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("levels", [2, 5])
@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_alpha_and_its_interval_as_in_pingouin(seed, levels, missing):
    table = marks(seed, missing, levels)
    value, interval = pingouin.cronbach_alpha(data=pd.DataFrame(table), nan_policy="pairwise", ci=0.9)
    ours = cronbach_alpha(table, confidence=0.9, missing="pairwise")
    assert ours.value == approx(value)
    assert [round(limit, 3) for limit in ours.interval] == approx(list(interval), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_item_rest_correlations_as_in_pandas(seed):
    table = pd.DataFrame(marks(seed, levels=4))
    for j, one in enumerate(item_statistics(table, max_marks=3)):
        assert one.item_rest == approx(table[j].corr(table.drop(columns=j).sum(axis=1)))
        assert one.item_total == approx(table[j].corr(table.sum(axis=1)))
        assert one.facility == approx(table[j].mean() / 3) and one.sd == approx(table[j].std())


@pytest.mark.parametrize("seed", SEEDS)
def test_moodles_moments_as_in_pandas(seed):
    total = pd.DataFrame(marks(seed)).sum(axis=1)
    ours = moodle_statistics(marks(seed))
    assert (ours.mean, ours.median, ours.sd) == approx((total.mean(), total.median(), total.std()))
    assert (ours.skewness, ours.kurtosis) == approx((total.skew(), total.kurt()))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilsons_interval_as_in_statsmodels(seed, confidence):
    draw = np.random.default_rng(seed)
    n = int(draw.integers(1, 300))
    successes = int(draw.integers(0, n + 1))
    theirs = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    assert list(wilson_interval(successes, n, confidence)) == approx(list(theirs), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_as_in_scikit_learn_and_its_error_as_in_statsmodels(seed, weights):
    first, second = ratings(seed).T
    ours = cohen_kappa(first, second, weights)
    assert ours.value == approx(cohen_kappa_score(first, second, weights=weights))
    told = cohens_kappa(to_table(np.column_stack([first, second]))[0], wt=weights)
    assert ours.standard_error == approx(told.std_kappa)
    gaps = ratings(seed, missing=0.2)
    both = gaps[~np.isnan(gaps).any(axis=1)]
    theirs = cohen_kappa_score(*both.T, weights=weights, labels=[0, 1, 2, 3, 4])
    assert cohen_kappa(gaps, weights=weights, categories=[0, 1, 2, 3, 4]).value == approx(theirs)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_alpha_of_raters_as_in_krippendorff(seed, level, missing):
    table = ratings(seed, missing, raters=4, levels=5)
    theirs = krippendorff.alpha(reliability_data=table.T, level_of_measurement=level)
    assert krippendorff_alpha(table, level=level).value == approx(theirs)


# pingouin 0.7 calls pandas 3.1 in a way that is to go.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("seed", SEEDS)
def test_intraclass_correlations_as_in_pingouin(seed):
    table = ratings(seed, raters=3, levels=10)
    long = pd.DataFrame(table).reset_index().melt("index")
    theirs = pingouin.intraclass_corr(long, "index", "variable", "value")
    for form, (_, row) in zip(("1,1", "2,1", "3,1", "1,k", "2,k", "3,k"), theirs.iterrows(), strict=True):
        ours = icc(table, form)
        assert ours.value == approx(row["ICC"])
        assert [round(limit, 2) for limit in ours.interval] == approx(list(row["CI95"]), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_rasch_difficulties_as_in_girth(seed):
    draw = np.random.default_rng(seed)
    n, k = int(draw.integers(60, 300)), int(draw.integers(4, 12))
    table = draw.binomial(1, 1 / (1 + np.exp(draw.normal(size=k) - draw.normal(size=(n, 1)))))
    theirs = rasch_conditional(table.T)["Difficulty"]
    ours = [item.difficulty for item in rasch(table).items]
    # girth stops its search within a thousandth of a logit.
    assert ours == approx((theirs - theirs.mean()).tolist(), abs=1e-3)


# statsmodels names persons with all right or all wrong, which tell nothing about items.
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("seed", range(3))
def test_rasch_difficulties_errors_and_likelihood_as_in_statsmodels_with_items_not_asked(seed):
    draw = np.random.default_rng(seed)
    n, k = 80, 5
    chance = 1 / (1 + np.exp(draw.normal(size=k) - draw.normal(size=(n, 1))))
    table = draw.binomial(1, chance).astype(float)
    table[draw.random(table.shape) < 0.15] = np.nan
    person, item = np.nonzero(~np.isnan(table))
    # Difficulties add up to 0: the last is minus the sum of the others.
    design = -np.vstack([np.eye(k - 1), -np.ones(k - 1)])[item]
    model = ConditionalLogit(table[person, item], design, groups=person)
    theirs = model.fit(disp=0, method="bfgs", gtol=1e-9)
    ours = rasch(table)
    assert [one.difficulty for one in ours.items[:-1]] == approx(theirs.params.tolist(), abs=1e-3)
    assert [one.standard_error for one in ours.items[:-1]] == approx(theirs.bse.tolist(), abs=1e-4)
    assert ours.log_likelihood == approx(theirs.llf)


@pytest.mark.parametrize("seed", SEEDS)
def test_gwets_coefficient_as_written_out_for_two_raters(seed):
    # Gwet 2008, equations 3 and 4, in plain loops.
    first, second = ratings(seed).T
    n, agreed = len(first), sum(a == b for a, b in zip(first, second, strict=True))
    chance = 0.0
    for level in range(4):
        share = (np.sum(first == level) + np.sum(second == level)) / (2 * n)
        chance += share * (1 - share) / 3
    assert gwet_ac(first, second).value == approx((agreed / n - chance) / (1 - chance))
    assert not math.isnan(gwet_ac(first, second).standard_error)
