"""How many whole orders a second earn, beside pgbench on the same PostgreSQL in the same run.

    python -m tools.postgres --durable -- python bench/orders.py [--members 100000] [--clients 3] [--seconds 5]
        [--rounds 5] [--batch 500] [--processes 2] [--parts service batch single] [--json FILE]

An order has three lines; twenty rules are active. It is recorded, evaluated and posted, tiers move, reasons and
events are stored, and the commit waits for the disk. service: `sales.record_orders` in batches, by client processes;
batch: the same through POST /orders/batch, over 8 connections; single: one by one through POST /orders, from 64
clients. The server has a process for each core (`troth serve --workers`), between which the system deals connections
out by chance: two or three would often be with the same one. pgbench is its own TPC-B-like transaction, scale 20, 16
clients. They take turns, each round; the medians of the rounds and their ratios are printed. Clients, server and
database share this machine. The ledger is proved at the end.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import statistics
import sys
import time
from itertools import chain, count, islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import http_clients, sale_data  # noqa: E402  the path first
from bench.ledger import PGBENCH_CLIENTS, PGBENCH_SCALE, pgbench, prove  # noqa: E402  the path first
from bench.scratch_database import scratch_database  # noqa: E402  the path first
from bench.single_orders import served  # noqa: E402  the path first

SINGLE_CLIENTS, BATCH_CLIENTS = 64, 8
PREPARED_A_SECOND, BATCHED_A_SECOND = 1_000, 2_000  # orders made before the clock starts
PARTS = ("service", "batch", "single")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=3, help="processes that send batches")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="of the server")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with scratch_database("troth_bench_orders") as vendor:
        if vendor != "postgresql":
            sys.exit("DATABASE_URL names no PostgreSQL; run it through python -m tools.postgres --durable -- …")
        members = sale_data.set_up(arguments.members)
        pgbench("-i", "-q", "-s", str(PGBENCH_SCALE))
        with served(threads=80, processes=arguments.processes) as port:
            key = _key()
            rounds = [measure(arguments, members, port, key) for _round in range(arguments.rounds)]
        check()
        prove()
    found = summary(arguments, rounds)
    for name, value in found.items():
        print(f"{name:28} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def summary(arguments: argparse.Namespace, rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return medians over the rounds, as they are and as ratios to pgbench."""
    tps = statistics.median(one["pgbench"] for one in rounds)
    found: dict[str, Any] = {"members": arguments.members, "batch": arguments.batch, "pgbench_tps": round(tps)}
    for part in arguments.parts:
        rate = statistics.median(one[part] for one in rounds)
        found |= {f"{part}_orders_per_second": round(rate), f"{part}_times_pgbench": round(rate / tps, 2)}
    if "single" in arguments.parts:
        times = sorted(time for one in rounds for time in one["times"])
        found["single_p50_ms"] = round(statistics.median(times) * 1000, 1)
        found["single_p99_ms"] = round(times[int(len(times) * 0.99)] * 1000, 1)
    return found | {"rounds": [{name: one[name] for name in ("pgbench", *arguments.parts)} for one in rounds]}


def measure(arguments: argparse.Namespace, members: list[UUID], port: int, key: str) -> dict[str, Any]:
    """Return one round: transactions a second of pgbench, orders a second of each part."""
    from django.db import connection

    told = pgbench("-n", "-c", str(PGBENCH_CLIENTS), "-j", "2", "-T", str(max(1, round(arguments.seconds))))
    tps = re.search(r"tps = ([0-9.]+)", told)
    if tps is None:
        sys.exit(told)
    found: dict[str, Any] = {"pgbench": float(tps[1])}
    connection.close()  # each process has its own
    for part in arguments.parts:
        if part == "single":
            found["single"], found["times"] = one_by_one(arguments, members, port, key)
        elif part == "batch":
            found["batch"] = in_batches(arguments, members, port, key)
        else:
            work = [(arguments, members)] * arguments.clients
            with multiprocessing.get_context("fork").Pool(arguments.clients) as pool:
                found[part] = round(sum(pool.starmap(record_batches, work)), 1)
    return found


def record_batches(arguments: argparse.Namespace, members: list[UUID]) -> float:
    """Record batches by the service for some seconds; return orders a second. Everything must succeed."""
    from django.db import connection

    from troth.access.actors import system_actor
    from troth.kit import clock
    from troth.kit.collecting import collect_less
    from troth.sales import services as sales

    made = sale_data.orders(members, seed=uuid4().int, name=f"service-{uuid4().hex}")
    batches = [list(islice(made, arguments.batch)) for _ in range(max(8, int(arguments.seconds * 4)))]
    collect_less()
    actor, done, started = system_actor("bench"), 0, time.perf_counter()
    for batch in batches:
        refused = sum(one.error is not None for one in sales.record_orders(batch, actor=actor, now=clock.utc_now()))
        if refused:
            raise RuntimeError(f"{refused} of {len(batch)} orders were refused")
        done += len(batch)
        if time.perf_counter() - started >= arguments.seconds:
            break
    spent = time.perf_counter() - started
    connection.close()
    return done / spent


def in_batches(arguments: argparse.Namespace, members: list[UUID], port: int, key: str) -> float:
    """Let some clients send batches for some seconds; return orders a second. Each order must be new."""
    made = sale_data.orders(members, seed=uuid4().int, name=f"batch-{uuid4().hex}")
    batches = (json.dumps({"orders": [body(one) for one in islice(made, arguments.batch)]}) for _ in count())
    calls = (http_clients.request(port, "/api/v1/orders/batch", key, text) for text in batches)
    at_most = arguments.seconds * BATCHED_A_SECOND / arguments.batch
    prepared = list(islice(calls, 2 * BATCH_CLIENTS + int(at_most)))
    all_new = re.compile(rb'"created": ?%d\b' % arguments.batch)  # stands at the end, behind the results
    rate, _times = http_clients.send_for(
        arguments.seconds,
        port,
        chain(prepared, calls),
        BATCH_CLIENTS,
        lambda answer: answer[9:12] == b"200" and all_new.search(answer[-200:]) is not None,
    )
    orders: float = round(rate * arguments.batch, 1)
    return orders


def one_by_one(arguments: argparse.Namespace, members: list[UUID], port: int, key: str) -> tuple[float, list[float]]:
    """Let many clients send single orders for some seconds; return orders a second, and how long each took."""
    made = sale_data.orders(members, seed=uuid4().int, name=f"single-{uuid4().hex}")
    calls = (http_clients.request(port, "/api/v1/orders", key, json.dumps(body(one))) for one in made)
    prepared = list(islice(calls, SINGLE_CLIENTS + int(arguments.seconds * PREPARED_A_SECOND)))
    rate, times = http_clients.send_for(arguments.seconds, port, chain(prepared, calls), SINGLE_CLIENTS)
    return round(rate, 1), times


def body(order: Any) -> dict[str, Any]:
    """Return an order as the API takes it."""
    return {
        "customer_id": str(order.customer_id),
        "source": order.source,
        "external_id": order.external_id,
        "occurred_at": order.occurred_at.isoformat(),
        "currency": order.currency,
        "channel": order.channel,
        "tags": dict(order.tags),
        "lines": [
            {
                "line_no": line.line_no,
                "quantity": str(line.quantity),
                "net_amount": str(line.net_amount),
                "unit_price": str(line.unit_price),
                "unit_cost": str(line.unit_cost),
                "sku": line.sku,
                "category": line.category,
                "brand": line.brand,
            }
            for line in order.lines
        ],
    }


def check() -> None:
    """End with an error unless every order is stored once, with its lines and what it brings."""
    from troth.activity.models import Order, OrderLine
    from troth.sales.models import OrderEvaluation

    orders = Order.objects.count()
    found = (OrderLine.objects.count(), OrderEvaluation.objects.count())
    if found != (orders * 3, orders):
        sys.exit(f"of {orders} orders the database holds {found[0]} lines and {found[1]} evaluations")


def _key() -> str:
    from troth.access import services as access
    from troth.access.actors import system_actor
    from troth.access.permissions import Permission
    from troth.kit import clock

    _row, text = access.create_api_key(
        name="bench", scopes=[Permission.ORDERS_RECORD], actor=system_actor("bench"), now=clock.utc_now()
    )
    return text


if __name__ == "__main__":
    main()
