"""Statistics of tests and ratings, for use without the rest of the kit: numpy and scipy are all it needs.

Functions take a table of n persons x k items (or units x raters): lists, numpy arrays, data frames, with
NaN or None where a value is missing. They return frozen dataclasses, or a float where one number is the
answer. What cannot be said is NaN with a `reason` in words: one student, no students, one item, all alike.
Wrong use is a ValueError: text for numbers, other shapes, a share outside 0..1. Nothing ever warns.
Each docstring gives the formula, the denominator of its variances, and the source.

Items:        item_statistics, discrimination_index, option_statistics, moodle_statistics, flags
A whole test: cronbach_alpha, kr20, standard_error_of_measurement, spearman_brown, items_needed, rasch,
              angoff_cut_score
Raters:       exact_agreement, adjacent_agreement, cohen_kappa, krippendorff_alpha, gwet_ac, icc
Intervals:    wilson_interval, correlation_interval, feldt_interval, bootstrap_interval
Long tables:  wide_table turns lines of person, item and mark into such a table, which all functions take

>>> from grading.analysis import cronbach_alpha
>>> cronbach_alpha([[1, 1], [1, 1]]).reason
'all totals are equal'
"""

from grading.analysis.agreement import AgreementShare, adjacent_agreement, exact_agreement
from grading.analysis.bootstrap import Bootstrap, bootstrap_interval
from grading.analysis.cutscore import CutScore, angoff_cut_score
from grading.analysis.discrimination import Discrimination, discrimination_index
from grading.analysis.flags import Flag, Flags, flags
from grading.analysis.gwet import gwet_ac
from grading.analysis.icc import IntraclassCorrelation, icc
from grading.analysis.intervals import Interval, correlation_interval, feldt_interval, wilson_interval
from grading.analysis.items import ItemStatistics, item_statistics
from grading.analysis.kappa import Agreement, cohen_kappa
from grading.analysis.krippendorff import KrippendorffAlpha, krippendorff_alpha
from grading.analysis.long import WideTable, wide_table
from grading.analysis.moodle import MoodleItem, MoodleStatistics, moodle_statistics
from grading.analysis.options import ItemOptions, OptionStatistics, option_statistics
from grading.analysis.rasch import Rasch, RaschItem, RaschPerson, rasch
from grading.analysis.reliability import (
    Reliability,
    cronbach_alpha,
    items_needed,
    kr20,
    spearman_brown,
    standard_error_of_measurement,
)

__all__ = [
    "Agreement",
    "AgreementShare",
    "Bootstrap",
    "CutScore",
    "Discrimination",
    "Flag",
    "Flags",
    "Interval",
    "IntraclassCorrelation",
    "ItemOptions",
    "ItemStatistics",
    "KrippendorffAlpha",
    "MoodleItem",
    "MoodleStatistics",
    "OptionStatistics",
    "Rasch",
    "RaschItem",
    "RaschPerson",
    "Reliability",
    "WideTable",
    "adjacent_agreement",
    "angoff_cut_score",
    "bootstrap_interval",
    "cohen_kappa",
    "correlation_interval",
    "cronbach_alpha",
    "discrimination_index",
    "exact_agreement",
    "feldt_interval",
    "flags",
    "gwet_ac",
    "icc",
    "item_statistics",
    "items_needed",
    "kr20",
    "krippendorff_alpha",
    "moodle_statistics",
    "option_statistics",
    "rasch",
    "spearman_brown",
    "standard_error_of_measurement",
    "wide_table",
    "wilson_interval",
]
