"""How fast coupons are handed out and used and rewards redeemed, beside pgbench; and that no two codes are alike.

    python -m tools.postgres --durable -- python bench/coupons.py [--codes 1000000] [--members 20000] [--clients 3]
        [--seconds 4] [--rounds 3] [--batch 500] [--json FILE]

Codes are made one by one and all compared. Coupons and redemptions go through the services in batches, by client
processes on the same machine, in turns with pgbench (TPC-B-like, scale 20, 16 clients); medians of the rounds. All
redemptions are of one reward with one counted stock, and all coupons of one campaign: the worst place to queue. The
proofs of rewards and of the ledger must hold at the end.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import re
import statistics
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.ledger import PGBENCH_CLIENTS, PGBENCH_SCALE, pgbench  # noqa: E402  the path first
from bench.scratch_database import scratch_database  # noqa: E402  the path first

KINDS = ("assign", "use", "redeem")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=1_000_000)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=3, help="processes that post")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with scratch_database("troth_bench_coupons") as vendor:
        if vendor != "postgresql":
            sys.exit("DATABASE_URL names no PostgreSQL; run it through python -m tools.postgres --durable -- …")
        found: dict[str, Any] = make_codes(arguments.codes)
        seed(arguments.members)
        pgbench("-i", "-q", "-s", str(PGBENCH_SCALE))
        rounds = [measure(arguments, number) for number in range(arguments.rounds)]
        prove()
    tps = statistics.median(one["pgbench"] for one in rounds)
    found |= {"batch": arguments.batch, "clients": arguments.clients, "pgbench_tps": round(tps)}
    for kind in KINDS:
        rate = statistics.median(one[kind] for one in rounds)
        found |= {f"{kind}s_per_second": round(rate), f"{kind}s_times_pgbench": round(rate / tps, 2)}
    for name, value in found.items():
        print(f"{name:26} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found | {"rounds": rounds}, indent=1), encoding="utf-8")


def make_codes(count: int) -> dict[str, Any]:
    """Make the codes of one campaign of that size and compare them all; end with an error on a collision."""
    import numpy as np

    from troth.rewards import codes
    from troth.rewards.codes import Scheme

    scheme = Scheme("K7QX", codes.body_length(count), codes.new_key(), count)
    started = time.perf_counter()
    some = min(count, 100_000)
    for _code in scheme.codes(0, some):
        pass
    spent = time.perf_counter() - started
    bodies = np.fromiter((scheme.permuted(number) for number in range(count)), dtype=np.int64, count=count)
    collisions = count - len(np.unique(bodies))
    if collisions:
        sys.exit(f"{collisions} of {count} codes are alike")
    return {"codes": count, "collisions": collisions, "codes_per_second": round(some / spent)}


def seed(members: int) -> None:
    """Make members with points, a campaign and a reward."""
    from troth.access.actors import system_actor
    from troth.customers.models import Customer
    from troth.kit import clock, rows
    from troth.ledger import services as ledger
    from troth.ledger.currencies import CurrencyRules
    from troth.ledger.operations import Earn, Owner, Reason
    from troth.rewards import services as rewards
    from troth.rewards.models import Benefit, CodeKind, RewardKind
    from troth.staff.models import Company

    actor, now = system_actor("bench"), clock.utc_now()
    Company.objects.create(name="Bench", currency="CNY", time_zone="Asia/Shanghai")
    names = [field.column for field in Customer._meta.concrete_fields if field.column]
    blank = {field.column: field.get_default() for field in Customer._meta.concrete_fields}
    known = {"customer_kind": "person", "created_at": now, "updated_at": now}
    people = ({**blank, **known, "id": member(number)} for number in range(members))
    rows.insert(Customer, names, ([one[name] for name in names] for one in people))
    ledger.create_currency(actor=actor, now=now, code="points", rules=CurrencyRules(name="Points"))
    for first in range(0, members, 1_000):
        earns = [
            Earn(
                key="seed",
                owner=Owner("customer", member(number)),
                currency="points",
                occurred_at=now,
                reason=Reason("seed"),
                amount=10**6,
            )
            for number in range(first, min(first + 1_000, members))
        ]
        ledger.post(earns, actor=actor, now=now)
    campaign = rewards.create_campaign(
        actor=actor,
        now=now,
        fields=rewards.CampaignFields(
            code="bench",
            name="Bench",
            code_kind=CodeKind.UNIQUE,
            size=10_000_000,
            benefit=Benefit.AMOUNT,
            amount=Decimal(5),
        ),
    )
    rewards.start_campaign(actor=actor, now=now, campaign_id=campaign.id)
    price = rewards.PriceFields(points=3, point_currency="points")
    fields = rewards.RewardFields(code="mug", name="Mug", reward_kind=RewardKind.GOODS, prices=(price,), stock=10**9)
    reward = rewards.create_reward(actor=actor, now=now, fields=fields)
    rewards.offer_reward(actor=actor, now=now, reward_id=reward.id)


def member(number: int) -> UUID:
    """Return the id of a member."""
    return UUID(f"00000000-0000-7000-8000-{number:012x}")


def measure(arguments: argparse.Namespace, number: int) -> dict[str, float]:
    """Return one round: transactions a second of pgbench, operations a second of each kind."""
    from django.db import connection

    told = pgbench("-n", "-c", str(PGBENCH_CLIENTS), "-j", "2", "-T", str(max(1, round(arguments.seconds))))
    tps = re.search(r"tps = ([0-9.]+)", told)
    if tps is None:
        sys.exit(told)
    found = {"pgbench": float(tps[1])}
    connection.close()  # each process has its own
    with multiprocessing.get_context("fork").Pool(arguments.clients) as pool:
        jobs = [(arguments, f"{number}-{client}") for client in range(arguments.clients)]
        for kind in KINDS:
            found[kind] = sum(pool.starmap(_post_for, [(kind, *job) for job in jobs], chunksize=1))
    return {name: round(value, 1) for name, value in found.items()}


def _post_for(kind: str, arguments: argparse.Namespace, name: str) -> float:
    """Post batches for some seconds; return operations a second. Everything must succeed."""
    chance = random.Random(f"{kind}{name}")
    post = _redeem if kind == "redeem" else _assign_or_use
    post(kind, arguments, f"{name}-warm", chance)
    done, spent, number = 0, 0.0, 0
    while spent < arguments.seconds:
        number += 1
        spent += post(kind, arguments, f"{name}-{number}", chance)
        done += arguments.batch
    return done / spent


def _assign_or_use(kind: str, arguments: argparse.Namespace, run: str, chance: Any) -> float:
    """Assign a batch of coupons and, to be measured as uses, redeem them; return the seconds of what is measured."""
    from troth.access.actors import system_actor
    from troth.kit import clock
    from troth.rewards import services as rewards

    now, actor = clock.utc_now(), system_actor("bench")
    people = [member(chance.randrange(arguments.members)) for _ in range(arguments.batch)]
    wanted = [
        rewards.Assign(key=f"{kind}-{run}-{place}", customer_id=one, campaign="bench", occurred_at=now)
        for place, one in enumerate(people)
    ]
    started = time.perf_counter()
    results = _checked(rewards.post_coupons(wanted, actor=actor, now=now))
    if kind == "assign":
        return time.perf_counter() - started
    uses = [
        rewards.Redeem(
            key=f"use-{run}-{place}",
            code=result.code,
            customer_id=one,
            occurred_at=now,
            currency="CNY",
            discount_amount=Decimal(5),
        )
        for place, (one, result) in enumerate(zip(people, results, strict=True))
    ]
    started = time.perf_counter()
    _checked(rewards.post_coupons(uses, actor=actor, now=now))
    return time.perf_counter() - started


def _redeem(_kind: str, arguments: argparse.Namespace, run: str, chance: Any) -> float:
    from troth.access.actors import system_actor
    from troth.kit import clock
    from troth.rewards import services as rewards

    now = clock.utc_now()
    wanted = [
        rewards.NewRedemption(
            key=f"{run}-{place}",
            customer_id=member(chance.randrange(arguments.members)),
            reward="mug",
            occurred_at=now,
        )
        for place in range(arguments.batch)
    ]
    started = time.perf_counter()
    _checked(rewards.redeem_rewards(wanted, actor=system_actor("bench"), now=now))
    return time.perf_counter() - started


def _checked(results: list[Any]) -> list[Any]:
    refused = [result.error for result in results if result.error is not None]
    if refused:
        raise RuntimeError(f"refused: {refused[0]}")
    return results


def prove() -> None:
    """End with an error if anything does not hold after all that."""
    from troth.kit.proofs import examine
    from troth.ledger.proofs import PROOFS as LEDGER
    from troth.rewards.proofs import PROOFS

    for verdict in map(examine, (*PROOFS, *LEDGER)):
        if not verdict.holds:
            sys.exit(f"{verdict.proof.code} is broken: {verdict.first}")


if __name__ == "__main__":
    main()
