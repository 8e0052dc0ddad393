"""How many three-line baskets a second one core evaluates against a programme of 20 rules, reasons included.

    python bench/programs_evaluation.py [--baskets 20000] [--json FILE]

Needs an empty database of its own only for the catalogue of fields; nothing is read while the clock runs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.scratch_database import scratch_database

BATCH = 500  # as the service takes them; the clock is that of the processor
CATEGORIES = ("Dairy", "Bread", "Produce", "Meat", "Coffee", "Tobacco", "Toys", "Cosmetics")


def programme_text() -> str:
    """Return a programme of 20 rules as a chain might have them: half look at lines, most have conditions."""
    rules = ["- {code: base, name: Base, effect: {type: points_per_amount, points: 1}}"]
    rules += [
        f"- {{code: double-{name.lower()}, name: D, lines: {{field: line.category, operator: is, value: {name}}},"
        f" effect: {{type: multiplier, factor: 2}}, caps: [{{per: member, period: day, points: 500}}]}}"
        for name in CATEGORIES[:6]
    ]
    rules += [
        f"- {{code: weekday-{day}, name: W, group: offers, effect: {{type: multiplier, factor: 1.5}}, when:"
        f" {{field: time.weekday, operator: any_of, value: [{day}]}}}}"
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    ]
    rules += [
        f"- {{code: large-{amount}, name: L, group: offers, effect: {{type: fixed, points: {amount // 10}}}, when:"
        f" {{all: [{{field: order.net_amount, operator: at_least, value: {amount}}},"
        f" {{field: order.channel, operator: is, value: store}}]}}}}"
        for amount in (50, 100, 150, 200)
    ]
    rules += [
        "- {code: gold, name: G, when: {field: member.tier, operator: any_of, value: [gold]},"
        " effect: {type: multiplier, factor: 1.25}}",
        "- {code: tenth, name: T, nth: {every: 10}, effect: {type: fixed, points: 50}}",
        "- {code: pieces, name: P, group: offers, effect: {type: per_item, points: 2}}",
        "- {code: toys, name: T, lines: {field: line.category, operator: is, value: Toys}, budget: toys,"
        " effect: {type: per_item, points: 10}}",
    ]
    assert len(rules) == 20
    return (
        "programme: bench\nname: Bench\ncurrency: CNY\nexcludes: {categories: [Tobacco]}\n"
        "groups: [{code: offers, take: best}]\nbudgets: [{code: toys, points: 100000000}]\n"
        "tiers: {ladder: [{code: basic, name: B}, {code: gold, name: G, reach: {spend: 1000}}]}\n"
        "caps: [{code: daily, per: member, period: day, points: 5000}]\nrules:\n  " + "\n  ".join(rules) + "\n"
    )


def orders(count: int) -> list[Any]:
    """Return orders of three lines."""
    from troth.activity.orders import NewLine, NewOrder

    chance, start = random.Random(1), datetime(2026, 11, 2, 1, tzinfo=UTC)
    owner = uuid4()
    return [
        NewOrder(
            "bench", str(n), owner, start + timedelta(minutes=n), "CNY",
            tuple(
                NewLine(k, Decimal(1), amount, amount, category=chance.choice(CATEGORIES))
                for k in (1, 2, 3)
                for amount in [Decimal(chance.randrange(100, 9000)) / 100]
            ),
            channel=chance.choice(["store", "web"]),
        )
        for n in range(count)
    ]  # fmt: skip


def measure(count: int) -> dict[str, Any]:
    """Return baskets a second of evaluation alone, and of making baskets and states as well; best of five."""
    from zoneinfo import ZoneInfo

    from troth.programs.baskets import basket_of
    from troth.programs.compiling import compile_programme
    from troth.programs.document.reading import read_document
    from troth.programs.evaluation import evaluate
    from troth.programs.state import MemberState

    programme, zone = compile_programme(read_document(programme_text())), ZoneInfo("Asia/Shanghai")
    made = orders(count)
    states = [MemberState(tier=("basic", "gold")[n % 2], counters={"nth:tenth:": n % 10}) for n in range(count)]
    parts = [(made[at : at + BATCH], states[at : at + BATCH]) for at in range(0, count, BATCH)]
    evaluating, whole, fired = [], [], 0
    for _ in range(5):
        fired, making, judging = 0, 0.0, 0.0
        for some, their in parts:
            begun = time.process_time()
            baskets = [basket_of(order, zone=zone) for order in some]
            ready = time.process_time()
            found = [evaluate(programme, basket, state) for basket, state in zip(baskets, their, strict=True)]
            judging += time.process_time() - ready
            making += ready - begun
            fired += sum(one.has_fired for evaluation in found for one in evaluation.outcomes)
        evaluating.append(judging)
        whole.append(making + judging)
    return {
        "baskets": count,
        "rules": 20,
        "evaluations_per_second": round(count / min(evaluating)),
        "with_making_baskets_per_second": round(count / min(whole)),
        "rules_fired_per_basket": round(fired / count, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with scratch_database("programs_evaluation"):
        found = measure(given.baskets)
    print(json.dumps(found, indent=2))
    if given.json:
        given.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
