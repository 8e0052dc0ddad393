"""The formulas of the papers in many digits, for comparison: slow, plain, sharing nothing with the models."""

from __future__ import annotations

from functools import lru_cache

import mpmath as mp

DIGITS = 60


def beta_geo_log_likelihood(params, x, last, age, *, extra=0):
    """Fader, Hardie, Lee (2005), eq. 6; with `extra` 1 Batislam, Denizel, Filiztekin (2007)."""
    with mp.workdps(DIGITS):
        r, alpha, a, b = map(mp.mpf, params)
        x, last, age = int(x), mp.mpf(last), mp.mpf(age)
        common = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
        stay = log_beta(a, b + x + extra) - log_beta(a, b) - (r + x) * mp.log(alpha + age)
        if x + extra == 0:
            return common + stay
        stop = log_beta(a + 1, b + x + extra - 1) - log_beta(a, b) - (r + x) * mp.log(alpha + last)
        return common + log_sum(stay, stop)


def beta_geo_alive(params, x, last, age, *, extra=0):
    with mp.workdps(DIGITS):
        r, alpha, a, b = map(mp.mpf, params)
        x, last, age = int(x), mp.mpf(last), mp.mpf(age)
        if x + extra == 0:
            return mp.mpf(1)
        return 1 / (1 + a / (b + x + extra - 1) * ((alpha + age) / (alpha + last)) ** (r + x))


def beta_geo_purchases(params, x, last, age, ahead, *, extra=0):
    """Eq. 10, with ₂F₁; a = 1 is approached, for there it is 0 ÷ 0."""
    alive = beta_geo_alive(params, x, last, age, extra=extra)
    with mp.workdps(DIGITS):
        r, alpha, a, b = map(mp.mpf, params)
        a += mp.mpf(10) ** -25
        x, age, ahead = int(x), mp.mpf(age), mp.mpf(ahead)
        kept = b + x + extra
        grown = mp.hyp2f1(r + x, kept, a + kept - 1, ahead / (alpha + age + ahead))
        share = ((alpha + age) / (alpha + age + ahead)) ** (r + x)
        return (a + kept - 1) / (a - 1) * (1 - share * grown) * alive


@lru_cache(maxsize=8)
def pareto_parts(params, x, last, age):
    """ln of P(history and alive) and of P(history and died unseen): the integral itself, cut where it bends."""
    with mp.workdps(DIGITS):
        r, alpha, s, beta = map(mp.mpf, params)
        x, last, age = int(x), mp.mpf(last), mp.mpf(age)
        common = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) + s * mp.log(beta)
        alive = common - (r + x) * mp.log(alpha + age) - s * mp.log(beta + age)
        scale = (r + x) * mp.log(alpha + last) + (s + 1) * mp.log(beta + last)

        def height(u):
            t = mp.exp(u)
            return t * mp.exp(scale - (r + x) * mp.log(alpha + last + t) - (s + 1) * mp.log(beta + last + t))

        if age == last:
            return alive, mp.mpf("-inf")
        bend = 1 / ((r + x) / (alpha + last) + (s + 1) / (beta + last))
        end = mp.log(age - last)
        low, middle = min(end, mp.log(bend)) - 70, min(end, mp.log(bend))
        cuts = [low, middle - 20, middle - 8, middle - 3, middle]
        cuts += [middle + (end - middle) * k / 6 for k in range(1, 7)] if end > middle else []
        return alive, common - scale + mp.log(s) + mp.log(mp.quad(height, cuts))


def pareto_log_likelihood(params, x, last, age):
    with mp.workdps(DIGITS):
        return log_sum(*pareto_parts(params, x, last, age))


def pareto_alive(params, x, last, age):
    with mp.workdps(DIGITS):
        alive, died = pareto_parts(params, x, last, age)
        return 1 / (1 + mp.exp(died - alive))


def pareto_purchases(params, x, last, age, ahead):
    """Fader, Hardie (2005), A note on deriving the Pareto/NBD model, eq. 41; s = 1 is approached."""
    alive = pareto_alive(params, x, last, age)
    with mp.workdps(DIGITS):
        r, alpha, s, beta = map(mp.mpf, params)
        s += mp.mpf(10) ** -25
        age, ahead = mp.mpf(age), mp.mpf(ahead)
        stays = 1 - ((beta + age) / (beta + age + ahead)) ** (s - 1)
        return alive * (r + int(x)) * (beta + age) / ((alpha + age) * (s - 1)) * stays


def beta_geo_beta_binom_log_likelihood(params, x, last, n):
    """Fader, Hardie, Shang (2010), eq. 5."""
    with mp.workdps(DIGITS):
        alpha, beta, gamma, delta = map(mp.mpf, params)
        x, last, n = int(x), int(last), int(n)
        base = mp.beta(alpha, beta) * mp.beta(gamma, delta)
        total = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n)
        for j in range(last, n):
            total += mp.beta(alpha + x, beta + j - x) * mp.beta(gamma + 1, delta + j)
        return mp.log(total / base)


def gamma_gamma_log_likelihood(params, x, mean):
    """Fader, Hardie (2013), eq. 1a."""
    with mp.workdps(DIGITS):
        p, q, v = map(mp.mpf, params)
        x, mean = int(x), mp.mpf(mean)
        shapes = mp.loggamma(p * x + q) - mp.loggamma(p * x) - mp.loggamma(q) + q * mp.log(v)
        return shapes + (p * x - 1) * mp.log(mean) + p * x * mp.log(x) - (p * x + q) * mp.log(v + x * mean)


def log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def log_sum(one, other):
    top = max(one, other)
    return top + mp.log(mp.exp(one - top) + mp.exp(other - top))
