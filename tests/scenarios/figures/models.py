"""What models and the loyalty index say of each person, by their published definitions, integrals done by number."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from math import exp, lgamma, log
from statistics import NormalDist
from uuid import UUID

import numpy as np
from scipy import integrate, optimize

from .book import TODAY, Book
from .counting import Person

MONTHS, DISCOUNT = 12, 0.10
CLIENT_FROM = 0.7  # of the wallet


def month_ends() -> list[float]:
    """Return in how many days each of the coming months ends: TODAY is the first of one, and so are they."""
    firsts = [date(TODAY.year + (TODAY.month + month - 1) // 12, (TODAY.month + month - 1) % 12 + 1, 1)
              for month in range(1, MONTHS + 1)]  # fmt: skip
    return [float((first - TODAY).days) for first in firsts]


class ParetoNbd:
    """Schmittlein, Morrison, Colombo (1987): buys at a gamma pace, leaves at a gamma rate."""

    def __init__(self, r: float, alpha: float, s: float, beta: float) -> None:
        self.r, self.alpha, self.s, self.beta = float(r), float(alpha), float(s), float(beta)

    def alive(self, one: Person) -> float:
        """Return the chance to be still there."""
        return 1 / sum(self._parts(one))

    def log_likelihood(self, one: Person) -> float:
        scale = lgamma(self.r + one.x) - lgamma(self.r) + self.r * log(self.alpha) + self.s * log(self.beta)
        return scale + log(sum(self._parts(one))) + self._reference(one)

    def purchases(self, one: Person, days: float) -> float:
        """Return the purchases expected in the coming days."""
        pace = (self.r + one.x) / (self.alpha + one.age)
        since = self.beta + one.age
        # A rate of leaving that is gamma: the mean of (1 − exp(−rate × days)) ÷ rate, of one who is still there.
        time: float = integrate.quad(lambda later: (since / (since + later)) ** self.s, 0, days)[0]
        return self.alive(one) * pace * time

    def _reference(self, one: Person) -> float:
        return -(self.r + one.x) * log(self.alpha + one.age) - self.s * log(self.beta + one.age)

    def _parts(self, one: Person) -> tuple[float, float]:
        """Return how likely the history is of one still there, and of one gone since; both in units of the first."""
        unit = self._reference(one)

        def gone_at(age: float) -> float:
            return exp(-(self.r + one.x) * log(self.alpha + age) - (self.s + 1) * log(self.beta + age) - unit)

        return 1.0, self.s * integrate.quad(gone_at, one.tx, one.age)[0]


def fitted_buying(everybody: Sequence[Person]) -> tuple[ParetoNbd, float]:
    """Return the most likely model of these people and its log-likelihood: a search from far away, over closed sums."""
    rows = np.array([(one.x, one.tx, one.age) for one in everybody], float)
    nodes, weights = np.polynomial.legendre.leggauss(64)

    def minus(point: np.ndarray) -> float:
        r, alpha, s, beta = np.exp(point)
        x, tx, age = rows.T
        ages = tx[:, None] + (age - tx)[:, None] * (nodes + 1) / 2
        unit = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
        gone = np.exp(-(r + x)[:, None] * np.log(alpha + ages) - (s + 1) * np.log(beta + ages) - unit[:, None])
        both = np.log1p(s * (gone * weights).sum(axis=1) * (age - tx) / 2)
        gammas = np.array([lgamma(r + one) for one in x]) - lgamma(r)
        return -float((gammas + r * np.log(alpha) + s * np.log(beta) + unit + both).sum())

    found = optimize.minimize(minus, np.log([1.0, 30.0, 1.0, 100.0]), method="Nelder-Mead",
                              options={"maxiter": 4000, "xatol": 1e-7, "fatol": 1e-9})  # fmt: skip
    return ParetoNbd(*np.exp(found.x)), -float(found.fun)


def fitted_spend(everybody: Sequence[Person]) -> tuple[float, float, float]:
    """Return p, q and v of the Gamma-Gamma model of spend, of those who came back (Fader, Hardie 2013)."""
    x, mean = np.array([(one.x, one.repeat_mean) for one in everybody if one.x and one.repeat_mean > 0]).T

    def minus(point: np.ndarray) -> float:
        p, q, v = np.exp(point)
        gammas = np.array([lgamma(p * one + q) - lgamma(p * one) for one in x]) - lgamma(q)
        rest = q * np.log(v) + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(x * mean + v)
        return -float((gammas + rest).sum())

    found = optimize.minimize(minus, np.log([3.0, 3.0, 100.0]), method="Nelder-Mead",
                              options={"maxiter": 4000, "xatol": 1e-8, "fatol": 1e-9})  # fmt: skip
    p, q, v = (float(one) for one in np.exp(found.x))
    return p, q, v


def lifetime_value(one: Person, buying: ParetoNbd, spend: tuple[float, float, float], margin: float) -> float:
    """Return the profit expected in the coming twelve months, each worth less by a tenth a year."""
    p, q, v = spend
    amount = p * (v + one.x * one.repeat_mean) / (p * one.x + q - 1)
    so_far = [buying.purchases(one, end) for end in [0, *month_ends()]]
    months = enumerate(pairwise(so_far), 1)
    purchases = sum((after - before) * (1 + DISCOUNT) ** (-month / MONTHS) for month, (before, after) in months)
    return float(amount * margin * purchases)


def margin(everybody: Sequence[Person]) -> float:
    """Return what is earned of revenue, of all time."""
    return float(sum(one.profit for one in everybody) / sum(one.revenue for one in everybody))


def wallet_share(spent: float, said: float) -> float:
    """Return the mean share of a wallet that is off by about a quarter from what was said, and holds what was spent."""
    if spent <= 0:
        return 0.0
    normal, centre = NormalDist(), log(said)
    least = (log(spent) - centre) / 0.25
    top = max(least, 0.0) + 12
    above: float = integrate.quad(normal.pdf, least, top, epsabs=0)[0]
    share: float = integrate.quad(lambda z: spent / exp(centre + 0.25 * z) * normal.pdf(z), least, top, epsabs=0)[0]
    return share / above


def wallets(book: Book, everybody: Sequence[Person]) -> dict[UUID, float]:
    """Return the share of wallet of those who said what they spend."""
    return {
        one.id: wallet_share(float(one.window_revenue), float(book.yearly_spend[one.id]))
        for one in everybody if one.id in book.yearly_spend
    }  # fmt: skip


def brought(book: Book, among: Sequence[Person]) -> dict[UUID, int]:
    """Return how many of these buyers each customer brought."""
    found: dict[UUID, int] = {}
    for one in among:
        if by := book.brought_by.get(one.id):
            found[by] = found.get(by, 0) + 1
    return found


def rungs(book: Book, everybody: Sequence[Person], wallet: dict[UUID, float]) -> dict[UUID, str]:
    """Return the rung of each; `wallet` is what is known of the wallet."""
    by = brought(book, everybody)
    return {one.id: _rung(one, wallet.get(one.id), by.get(one.id, 0)) for one in everybody}


def _rung(one: Person, share: float | None, referrals: int) -> str:
    if not one.x:
        return "First-time buyer"
    if share is None:
        return "At least repeat buyer"
    if share < CLIENT_FROM or one.status in ("sleeping", "lost"):
        return "Repeat buyer"
    return "Advocate" if referrals else "Client"


def index_parts(book: Book, everybody: Sequence[Person]) -> dict[UUID, dict[str, tuple[float, float]]]:
    """Return of each the points and the weight of every indicator that is known of him."""
    wallet, by = wallets(book, everybody), brought(book, everybody)
    places = {
        name: _places([getattr(one, name) for one in everybody]) for name in ("x", "window_revenue", "categories")
    }
    found = {}
    for place, one in enumerate(everybody):
        parts = {
            "Silence in usual gaps": (_line(one.silence / one.gap, (1, 100), (3, 50), (6, 0)), 2.0),
            "Repeat purchases": (places["x"][place], 2.0),
            "Revenue": (places["window_revenue"][place], 2.0),
            "Categories bought": (places["categories"][place], 1.0),
            "Age": (_line(one.age, (0, 0), (365, 50), (1825, 100)), 1.0),
            "Full price": ((1 - one.discount_share) * 100, 1.0),
        }
        if one.id in wallet:
            parts["Share of wallet"] = (wallet[one.id] * 100, 2.0)
        if one.id in by:
            points = _line(by[one.id], (0, 0), (1, 50), (4, 100))
            parts["Referrals"] = (points, 2.0 if points > index_of(parts) else 0.0)  # it may only add
        found[one.id] = parts
    return found


def index_of(parts: dict[str, tuple[float, float]]) -> float:
    """Return the weighted mean."""
    return sum(points * weight for points, weight in parts.values()) / sum(weight for _p, weight in parts.values())


def _places(values: Sequence[object]) -> list[float]:
    """Return the share of people who have less, half of those who have as much, in hundredths."""
    given = np.array([float(one) for one in values])  # type: ignore[arg-type]  # counts and amounts
    return [float(((given < one).sum() + (given == one).sum() / 2) / len(given) * 100) for one in given]


def _line(value: float, *points: tuple[float, float]) -> float:
    at, worth = zip(*points, strict=True)
    return float(np.interp(value, at, worth))


def next_action(one: Person, alive: float, coming: float, quarter: str) -> tuple[str, float]:
    """Return what to do next and the money at stake; nobody complained here, and nobody was asked how satisfied."""
    at_risk = coming / alive - coming
    is_worth = at_risk >= 0.01
    if one.status == "lost":
        return ("Win back" if is_worth else "Let go"), at_risk
    if is_worth and (one.status == "sleeping" or alive < 0.5):
        return "Hold", at_risk
    if not one.x or quarter == "Loyal and valuable":
        return "Thank", coming
    return ("Ask" if quarter == "Valuable, not loyal" else "Show the next product"), coming
