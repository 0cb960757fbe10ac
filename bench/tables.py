"""Medians of rounds, ratios, Markdown."""

import math
from statistics import median


def percentile(values, share):
    """The value below which `share` of `values` lie."""
    values = sorted(values)
    return values[max(math.ceil(share * len(values)), 1) - 1]


def number(value):
    """Three figures that matter, thousands apart."""
    if value >= 100:
        digits = max(len(str(int(value))) - 3, 0)
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}" if value >= 0.001 else "0"


def spread(values):
    """Median of the rounds, with the smallest and the largest."""
    return f"{number(median(values))} [{number(min(values))}–{number(max(values))}]"


def ratio(values, others):
    return f"{median(values) / median(others):.2f}"


def verdict(reached, goal):
    return f"{'reached' if reached else '**missed**'} ({goal})"


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)
