"""Expected purchases of a customer who stops with a chance p after each, averaged over p and the rate of buying.

With p from Beta(a, b) and the rate from Gamma(n, 1) the purchases within s are E[(1 − (1 + ps)^−n) ÷ p]: a
mean of positive numbers. The papers give it as a difference with ₂F₁, which overflows for frequent buyers and
breaks at a = 1; the mean itself does neither.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln

from troth.value.models.special import Array

FEW, MORE = 10, 16  # nodes of two Gauss-Jacobi rules; where they agree the second one is right
AGREED = 1e-9
DROP = 27.0  # how far below its peak, in logarithms, the integrand is left out
TAIL = 12.0  # how far beyond its last bend the integrand is a geometric series, summed exactly
STEP = 0.4
BLOCK = 2048


def mean_purchases(a: float | Array, b: Array, n: Array, s: Array) -> Array:
    """E[(1 − (1 + ps)^−n) ÷ p] over p from Beta(a, b), for rows of b and n > 0, and s ≥ 0; `a` may have rows, too.

    `s` has a row's value, or as many rows of them as there are ends to the time asked, the last one the
    longest. Relative error below 1e-9: Gauss-Jacobi where two rules agree, the trapezoidal rule elsewhere.
    """
    b, n, s = np.asarray(b, dtype=float), np.asarray(n, dtype=float), np.asarray(s, dtype=float)
    ends = np.atleast_2d(s)
    if np.ndim(a):
        return rows_of_both(np.asarray(a), b, n, ends).reshape(s.shape)
    shapes, shape_of = np.unique(b, return_inverse=True)
    few, more = jacobi(a, shapes, FEW), jacobi(a, shapes, MORE)
    out = np.zeros(ends.shape)
    for start in range(0, len(b), BLOCK):
        rows = slice(start, start + BLOCK)
        place, power = shape_of[rows], n[rows]
        for row, end in enumerate(ends):
            out[row, rows] = weighed(more, place, power, end[rows])
        check = weighed(few, place, power, ends[-1, rows])
        wrong = start + np.flatnonzero(np.abs(check - out[-1, rows]) > AGREED * out[-1, rows])
        if len(wrong):
            for row, end in enumerate(ends):
                out[row, wrong] = trapezoid(np.full(len(wrong), a), b[wrong], n[wrong], end[wrong])
    return out.reshape(s.shape)


def rows_of_both(a: Array, b: Array, n: Array, ends: Array) -> Array:
    """The same where every row has an `a` of its own: its rules are shared by the rows of one (a, b)."""
    ends = np.broadcast_to(ends, (len(ends), len(b)))
    out = np.zeros(ends.shape)
    for start in range(0, len(b), BLOCK):
        rows = slice(start, start + BLOCK)
        (of_a, of_b), place = np.unique(np.stack([a[rows], b[rows]]), axis=1, return_inverse=True)
        few, more = jacobi(of_a, of_b, FEW), jacobi(of_a, of_b, MORE)
        for row, end in enumerate(ends[:, rows]):
            out[row, rows] = weighed(more, place, n[rows], end)
        check = weighed(few, place, n[rows], ends[-1, rows])
        wrong = start + np.flatnonzero(np.abs(check - out[-1, rows]) > AGREED * out[-1, rows])
        if len(wrong):
            for row, end in enumerate(ends):
                out[row, wrong] = trapezoid(a[wrong], b[wrong], n[wrong], end[wrong])
    return out


def weighed(rule: tuple[Array, Array], place: Array, n: Array, s: Array) -> Array:
    """The mean over the nodes of each row's rule."""
    at, weight = rule
    nodes = at[:, place]
    bought = -np.expm1(-n * np.log1p(nodes * s))
    return np.asarray((bought * (weight / at)[:, place]).sum(axis=0))


def jacobi(a: float | Array, b: Array, nodes: int) -> tuple[Array, Array]:
    """Nodes and weights of the mean over Beta(a, b): Gauss-Jacobi by Golub and Welsch, one column a `b`."""
    k = np.arange(1.0, nodes)[:, None]
    both = a + b
    middle = np.concatenate([[(a - b) / both], ((a - 1) ** 2 - (b - 1) ** 2) / ((2 * k + both - 2) * (2 * k + both))])
    square = 4 * k * (k + b - 1) * (k + a - 1) * (k + both - 2)
    square[1:] /= (2 * k[1:] + both - 2) ** 2 * (2 * k[1:] + both - 1) * (2 * k[1:] + both - 3)
    square[0] = 4 * a * b / (both**2 * (both + 1))
    matrix = np.zeros((len(b), nodes, nodes))
    at = np.arange(nodes)
    # Moved from (−1, 1) to (0, 1) before it loses the digits of what lies near 0.
    shifted = np.concatenate([[a / both], (1 + middle[1:]) / 2])
    matrix[:, at, at] = shifted.T
    matrix[:, at[1:], at[:-1]] = np.sqrt(square).T / 2
    values, vectors = np.linalg.eigh(matrix)
    return np.maximum(values.T, 1e-300), np.asarray(vectors[:, 0, :].T ** 2)


def trapezoid(a: Array, b: Array, n: Array, s: Array) -> Array:
    """The mean by the trapezoidal rule in ln(p ÷ (1 − p)), which for such integrands converges geometrically."""
    out = np.zeros(len(b))
    for start in range(0, len(b), BLOCK):
        rows = slice(start, start + BLOCK)
        out[rows] = trapezoid_block(a[rows], b[rows], n[rows], s[rows])
    return out


def trapezoid_block(a: Array, b: Array, n: Array, s: Array) -> Array:
    low, high, wanted = span(a, b, n, s)
    nodes = int(np.ceil(np.max((high - low) / wanted))) + 1
    step = (high - low) / (nodes - 1)
    u = low + step * np.arange(nodes)[:, None]
    odds_log = np.logaddexp(0.0, u)  # −ln(1 − p)
    bought = -np.expm1(-n * np.log1p(s * np.exp(u - odds_log)))
    heights = bought * np.exp((a - 1) * (u - odds_log) - b * odds_log - betaln(a, b))
    total = heights.sum(axis=0) + tails(heights, u, step, a, b, n, s)
    return np.asarray(total * step)


def span(a: Array, b: Array, n: Array, s: Array) -> tuple[Array, Array, Array]:
    """Where the integrand is worth adding up, and the step that resolves it."""
    bend = np.log1p(a + b + (n + 1) * s)
    narrow = a * b / (a + b)
    far = DROP / np.maximum(narrow - 1.5, 1e-3)
    low = np.maximum(-bend - np.minimum(TAIL, DROP / a), np.log(a) - np.log(b) - far - np.sqrt(2 * far))
    reach = (a + DROP + 1.3 * np.sqrt(2 * DROP * a)) / b
    high = np.where(reach > 30, reach, np.log(np.expm1(np.minimum(reach, 30.0))))
    high = np.minimum(high, np.log(2 + a + b) + 22.0)
    return low, np.maximum(high, low + 1.0), STEP / np.sqrt(1 + narrow / 4)


def tails(heights: Array, u: Array, step: Array, a: Array, b: Array, n: Array, s: Array) -> Array:
    """What lies beyond the ends: geometric series, on the left with one more term."""
    bent = (a + b + (n + 1) * s / 2) * np.exp(u[0])
    left = heights[0] * ((1 + bent) / np.expm1(a * step) - bent / np.expm1((a + 1) * step))
    is_cut_by_bend = bent < 0.01
    right = heights[-1] / np.expm1(np.minimum(b * step, 700.0))
    return np.asarray(np.where(is_cut_by_bend, left, 0.0) + right)
