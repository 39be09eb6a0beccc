"""Confidence intervals: a share (Wilson), a correlation (Fisher's z), coefficient alpha (Feldt)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scipy import special

from grading.analysis.inputs import confidence_of, real


@dataclass(frozen=True)
class Interval:
    """The limits of a confidence interval; both NaN, with the reason, where it is undefined.

    Unpacks: `low, high = wilson_interval(8, 10)`.
    """

    low: float
    high: float
    confidence: float
    reason: str = ""

    def __iter__(self) -> Iterator[float]:
        """The lower, then the upper limit."""
        return iter((self.low, self.high))

    def __contains__(self, value: float) -> bool:
        """Whether a value lies within the limits, these included; never where they are undefined."""
        return self.low <= value <= self.high


def undefined_interval(confidence: float, reason: str) -> Interval:
    """The interval of what is undefined."""
    return Interval(math.nan, math.nan, confidence, reason)


def normal_quantile(confidence: float) -> float:
    """The z of a two-sided interval: 1.96 for 0.95."""
    return float(special.ndtri((1 + confidence) / 2))


def wilson_interval(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a share, without continuity correction; limits in 0..1.

    (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n) with p = successes / n (Wilson 1927; method 3 of
    Newcombe 1998, Statistics in Medicine 17:857). `successes` may be a sum of partial credits; the interval
    is then wider than it need be, since marks in 0..1 vary at most as much as right and wrong.
    Undefined for n = 0. Raises ValueError for negative numbers, successes above n, or a wrong confidence.

    >>> low, high = wilson_interval(81, 263)
    >>> f"{low:.4f} to {high:.4f}"
    '0.2553 to 0.3662'
    """
    level = confidence_of(confidence)
    successes, n = real(successes, "successes"), real(n, "n")
    if successes < 0 or n < 0:
        raise ValueError(f"successes and n must be numbers from 0 up, not {successes} and {n}")
    # Partial credits that add up to n may be above it in the last binary digit.
    if successes > n * (1 + 1e-12):
        raise ValueError(f"successes ({successes}) cannot be more than n ({n})")
    if math.isnan(successes) or math.isnan(n) or n == 0:
        return undefined_interval(level, "there is nobody to take a share of")
    p, z = min(successes / n, 1.0), normal_quantile(level)
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if p == 0 else max((middle - half) / scale, 0.0)
    high = 1.0 if p == 1 else min((middle + half) / scale, 1.0)
    return Interval(low, high, level)


def correlation_interval(r: float, n: float, confidence: float = 0.95) -> Interval:
    """Fisher's interval of a correlation: tanh(artanh r ± z / √(n − 3)) (Fisher 1921); limits in -1..1.

    Undefined for r = NaN or n <= 3; of r = ±1 both limits are r. Raises ValueError for r outside -1..1.
    """
    level = confidence_of(confidence)
    r, n = real(r, "r"), real(n, "n")
    if abs(r) > 1 or n < 0:
        raise ValueError(f"r must be in -1..1 and n from 0 up, not {r} and {n}")
    if math.isnan(r):
        return undefined_interval(level, "the correlation is undefined")
    if not n > 3:
        return undefined_interval(level, "too few persons: an interval needs at least 4")
    if abs(r) == 1:
        return Interval(r, r, level)
    half = normal_quantile(level) / math.sqrt(n - 3)
    return Interval(math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half), level)


def feldt_interval(alpha: float, n: float, k: float, confidence: float = 0.95) -> Interval:
    """Feldt's interval of coefficient alpha of n persons and k items; limits at most 1, negative ones too.

    1 − (1 − α) F with the upper and the lower point of F on n − 1 and (n − 1)(k − 1) degrees of freedom
    (Feldt 1965; Feldt, Woodruff & Salih 1987, formulas 6 and 7). Undefined below 2 persons or 2 items.
    Raises ValueError for alpha above 1.

    >>> low, high = feldt_interval(0.913, n=873, k=20)
    >>> f"{low:.4f} to {high:.4f}"
    '0.9044 to 0.9212'
    """
    level = confidence_of(confidence)
    alpha, n, k = real(alpha, "alpha"), real(n, "n"), real(k, "k")
    if alpha > 1:
        raise ValueError(f"alpha must be a number up to 1, not {alpha}")
    if math.isnan(alpha):
        return undefined_interval(level, "alpha is undefined")
    if not (n >= 2 and k >= 2):
        return undefined_interval(level, "alpha needs at least 2 persons and 2 items")
    top, bottom, tail = n - 1, (n - 1) * (k - 1), (1 - level) / 2
    low = 1 - (1 - alpha) * float(special.fdtri(top, bottom, 1 - tail))
    high = 1 - (1 - alpha) * float(special.fdtri(top, bottom, tail))
    return Interval(low, high, level)
