"""What a few ratings prove: little. Means are drawn towards everybody's, and below five nothing is said. Pure."""

from __future__ import annotations

ENOUGH = 5  # ratings; fewer say nothing about a team or a place
PRIOR_WEIGHT = 10  # ratings of everybody's mean that each is credited with
MOST_STARS = 5


def shrunk(total: float, count: int, everybody: float, weight: float = PRIOR_WEIGHT) -> float:
    """Return the mean of ``count`` ratings that sum to ``total``, as if ``weight`` more had given the mean of ``everybody``."""
    return (total + weight * everybody) / (count + weight) if count + weight else everybody


def mean(total: float, count: int, everybody: float) -> float | None:
    """Return what may be shown of ratings, on whatever scale they are: shrunk, and None below ENOUGH of them."""
    return shrunk(total, count, everybody) if count >= ENOUGH else None


def as_stars(share: float) -> float:
    """Return stars (1 to 5) for a share of 0 to 1, as teams keep them: three stars are a half."""
    return 1 + (MOST_STARS - 1) * share
