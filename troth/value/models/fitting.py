"""Maximum likelihood with a certificate: where the maximum lies, how sure it is, and whether it was reached."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from troth.value.models.special import Array
from troth.value.models.threads import on_one_thread

# Log-likelihood and its gradient at a point; positive parameters are searched as logarithms.
Objective = Callable[[Array], tuple[float, Array]]

LIMIT = 12.0  # of a logarithm: parameters between e^-12 and e^12 in the fit's own unit of time
STEP = 1e-5  # of the differences that make curvature out of gradients
REACHED = 1e-9  # half the Newton decrement: how much log-likelihood can still be gained
NEWTON_STEPS = 20
EDGE = 1e-6
DESCENT_STEPS = 60
NEAR = 1e-8  # the gain of a step, in a customer's log-likelihood, below which Newton takes over


class NotConverged(UserWarning):
    """A fit did not reach a maximum; its report says why."""


@dataclass(frozen=True, slots=True)
class FitReport:
    """How a fit went: on how many `customers` in how many distinct `rows`, in how many `evaluations`.

    `log_likelihood`: the natural logarithm of the likelihood of all customers at the point found; the higher the
    better, between models of the same data. `converged`: the gradient vanishes within what the curvature calls nothing.
    `at_limit` names parameters
    that ran to the edge of the search: the data do not tell them, they are held there, and the standard
    errors of the others take them as known. `left_out` counts customers a rule leaves out.
    """

    converged: bool
    message: str
    log_likelihood: float
    customers: int
    rows: int
    evaluations: int
    at_limit: tuple[str, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Maximum:
    """A point of greatest log-likelihood, the covariance of its coordinates, and how it was found."""

    point: Array
    covariance: Array
    log_likelihood: float
    is_reached: bool
    at_limit: Array
    evaluations: int


@dataclass(slots=True)
class Counted:
    """An objective that counts how often it was asked and turns the maximum into a minimum."""

    objective: Objective
    scale: float
    asked: int = 0
    limits: Array = field(default_factory=lambda: np.zeros(0))

    def __call__(self, point: Array) -> tuple[float, Array]:
        self.asked += 1
        value, gradient = self.objective(point)
        return -value / self.scale, -gradient / self.scale


@on_one_thread
def maximise(objective: Objective, starts: Sequence[Array], *, scale: float, limits: Array | None = None) -> Maximum:
    """The best maximum found from the starting points, in turn until one is reached.

    `scale` is the number of customers: it brings the search to one customer's size. `limits` bounds each
    coordinate, as (low, high) rows.
    """
    size = len(starts[0])
    limits = np.array([[-LIMIT, LIMIT]] * size) if limits is None else limits
    counted = Counted(objective, max(scale, 1.0), limits=limits)
    best: Maximum | None = None
    for number, start in enumerate(starts):
        rough = descended(counted, np.clip(start, *limits.T))
        found = polished(counted, *rough)
        if best is None or found.log_likelihood > best.log_likelihood + 1e-6:
            best = found
        # One at the limit is tried from elsewhere once more: it may be the data's doing or the start's.
        if best.is_reached and (number > 0 or not best.at_limit.any()):
            break
    assert best is not None
    return best


@on_one_thread
def continued(objective: Objective, near: Maximum, *, scale: float, limits: Array | None = None) -> Maximum:
    """The maximum of all data from that of a weighted sample, whose curvature steers the first steps."""
    size = len(near.point)
    limits = np.array([[-LIMIT, LIMIT]] * size) if limits is None else limits
    counted = Counted(objective, max(scale, 1.0), limits=limits)
    point, covariance = near.point, near.covariance * counted.scale
    value, gradient = counted(point)
    for _ in range(6):
        step = -covariance @ gradient
        if np.abs(gradient @ step) * counted.scale < 1e-3:
            break
        trial = np.clip(point + step, *limits.T)
        new_value, new_gradient = counted(trial)
        if not new_value < value:
            break
        covariance = bfgs(covariance, trial - point, new_gradient - gradient)
        point, value, gradient = trial, new_value, new_gradient
    return polished(counted, point, (value, gradient))


def descended(counted: Counted, point: Array) -> tuple[Array, tuple[float, Array]]:
    """Near a minimum by BFGS, with its value and gradient.

    Its own few lines, for the library's search wakes all threads of its algebra for a matrix of four by four.
    """
    value, gradient = counted(point)
    inverse = np.eye(len(point))
    for _ in range(DESCENT_STEPS):
        free = is_free(counted, point, gradient)
        step = -(inverse * np.outer(free, free)) @ gradient
        if -(gradient @ step) < NEAR:
            break
        step *= min(1.0, 2.0 / float(np.abs(step).max()))
        moved = walked(counted, point, value, step)
        if moved is None:
            break
        inverse = bfgs(inverse, moved[0] - point, moved[2] - gradient)
        point, value, gradient = moved
    return point, (value, gradient)


def bfgs(inverse: Array, step: Array, change: Array) -> Array:
    """The inverse curvature, corrected by what one step has shown."""
    curvature = step @ change
    if curvature <= 0:
        return inverse
    left = np.eye(len(step)) - np.outer(step, change) / curvature
    return np.asarray(left @ inverse @ left.T + np.outer(step, step) / curvature)


def polished(counted: Counted, point: Array, known: tuple[float, Array] | None = None) -> Maximum:
    """Newton's steps to the last digit; the curvature of the last one gives the covariance."""
    value, gradient = known or counted(point)
    is_reached = False
    for _ in range(NEWTON_STEPS):
        free = is_free(counted, point, gradient)
        curvature = curvature_at(counted, point, gradient, free)
        step, is_minimum = newton_step(curvature, gradient, free)
        gain = -(gradient @ step) / 2.0 * counted.scale
        if is_minimum and gain < REACHED:
            is_reached = True
            break
        moved = walked(counted, point, value, step)
        if moved is None:
            is_reached = bool(is_minimum and gain < 1e-6)
            break
        point, value, gradient = moved
    covariance = covariance_of(curvature, free, counted.scale)
    return Maximum(point, covariance, -value * counted.scale, is_reached, ~free, counted.asked)


def is_free(counted: Counted, point: Array, gradient: Array) -> Array:
    """Which coordinates may move: those at an edge that want to go beyond it stay there."""
    low, high = counted.limits.T
    beyond_low = (point <= low + EDGE) & (gradient > -REACHED)
    beyond_high = (point >= high - EDGE) & (gradient < REACHED)
    return np.asarray(~(beyond_low | beyond_high))


def curvature_at(counted: Counted, point: Array, gradient: Array, free: Array) -> Array:
    """Second derivatives from differences of the gradient, one evaluation a free coordinate."""
    size = len(point)
    curvature = np.eye(size)
    moving = np.flatnonzero(free)
    for column in moving:
        step = STEP if point[column] < counted.limits[column, 1] - 2 * STEP else -STEP
        moved = point.copy()
        moved[column] += step
        curvature[:, column] = (counted(moved)[1] - gradient) / step
    held = ~free
    curvature[held, :] = 0.0
    curvature[:, held] = 0.0
    curvature[held, held] = 1.0
    return (curvature + curvature.T) / 2.0


def newton_step(curvature: Array, gradient: Array, free: Array) -> tuple[Array, bool]:
    """The step to the bottom of the parabola; where it opens downwards, along it all the same."""
    values, vectors = np.linalg.eigh(curvature)
    floor = 1e-12 * max(float(np.abs(values).max()), 1e-300)
    is_minimum = bool(values.min() > floor)
    bent = np.maximum(np.abs(values), floor)
    step = -(vectors @ ((vectors.T @ (gradient * free)) / bent))
    longest = float(np.abs(step).max())
    return (step * min(1.0, 2.0 / longest) if longest > 0 else step), is_minimum


def walked(counted: Counted, point: Array, value: float, step: Array) -> tuple[Array, float, Array] | None:
    """The first of ever shorter steps that gains something."""
    for _ in range(12):
        trial = np.clip(point + step, *counted.limits.T)
        new_value, new_gradient = counted(trial)
        if new_value < value:
            return trial, new_value, new_gradient
        step = step / 2.0
    return None


def covariance_of(curvature: Array, free: Array, scale: float) -> Array:
    """The inverse of the observed information; coordinates held at a limit are taken as known.

    Directions that the data do not tell are as wide as the search.
    """
    values, vectors = np.linalg.eigh(curvature * scale)
    told = np.maximum(values, 1.0 / (2 * LIMIT) ** 2)
    covariance = (vectors / told) @ vectors.T
    return np.asarray(covariance * np.outer(free, free))


def report_of(
    maximum: Maximum, names: Sequence[str], *, customers: float, rows: int, shift: float = 0.0, left_out: int = 0
) -> FitReport:
    """The report of a fit; warns where it has not converged.

    `shift` is what the fit's own units added to the log-likelihood.
    """
    at_limit = tuple(name for name, held in zip(names, maximum.at_limit, strict=True) if held)
    message = "maximum reached"
    if not maximum.is_reached:
        message = "no maximum reached: take the parameters as a rough guess, and look at the data"
    elif at_limit:
        message = f"the data do not tell {', '.join(at_limit)}: held at the limit of the search"
    if not maximum.is_reached:
        warnings.warn(message, NotConverged, stacklevel=3)
    return FitReport(
        converged=maximum.is_reached,
        message=message,
        log_likelihood=float(maximum.log_likelihood - shift),
        customers=int(customers),
        rows=rows,
        evaluations=maximum.evaluations,
        at_limit=at_limit,
        left_out=left_out,
    )
