"""How many single orders a second the API takes from one client and from many, through a real server.

    python bench/single_orders.py [--clients 1 64] [--seconds 5] [--threads 32] [--json FILE]

On PostgreSQL in a database of its own beside that of DATABASE_URL, else on SQLite. The server is `troth serve` on
the loopback address, one process. Each client keeps its connection and sends the next order of three lines when
the last one is answered. Clients and server share this machine, so the server alone could do more.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.scratch_database import scratch_database  # noqa: E402  the path above finds it

CUSTOMERS = 200
LINES = [
    {"line_no": no, "sku": f"SKU-{no}", "category": "tea", "quantity": "2", "net_amount": "25.00", "unit_cost": "6.20"}
    for no in (1, 2, 3)
]


def main() -> None:
    """Measure and print each number of clients."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 64])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with scratch_database("troth_bench_single_orders") as database:
        key = set_up()
        with served(arguments.threads) as port:
            runs = [measure(port, key, clients, arguments.seconds) for clients in arguments.clients]
        check(sum(run["orders"] for run in runs))
    found = {"database": database, "threads": arguments.threads, "runs": runs}
    for run in runs:
        print(
            f"{run['clients']:>3} clients: {run['orders_per_second']:>7,.0f} orders/s, "
            f"answered in {run['median_ms']} ms (median), {run['slowest_percent_ms']} ms (99 of 100)"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def set_up() -> str:
    """Make a company, people and a key; return the key's text."""
    from troth.access import services as access
    from troth.access.actors import system_actor
    from troth.access.permissions import Permission
    from troth.customers import services as customers
    from troth.kit import clock
    from troth.staff import services as staff

    actor, now = system_actor("bench"), clock.utc_now()
    staff.set_up_company(name="Bench", currency="CNY", time_zone="Asia/Shanghai", actor=actor, now=now)
    for number in range(CUSTOMERS):
        identity = customers.NewIdentity("external", f"C-{number}", "shop")
        customers.create_customer(name=f"Person {number}", identities=[identity], actor=actor, now=now)
    _key, text = access.create_api_key(name="bench", scopes=[Permission.ORDERS_RECORD], actor=actor, now=now)
    return text


@contextmanager
def served(threads: int, processes: int = 1) -> Iterator[int]:
    """Start `troth serve` on a free port of the loopback address, yield the port, stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "troth.cli", "serve", "--port", str(port)]
    command += ["--threads", str(threads), "--workers", str(processes)]
    surroundings = os.environ | {"TROTH_API_REQUESTS_PER_MINUTE": "100000000"}
    server = subprocess.Popen(command, env=surroundings, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        for _try in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)


def measure(port: int, key: str, clients: int, seconds: float) -> dict[str, Any]:
    """Let so many clients send orders for so long and return what came of it."""
    times: list[float] = []
    until = time.monotonic() + seconds
    started = time.monotonic()
    threads = [
        threading.Thread(target=send_orders, args=(port, key, f"{clients}-{number}", until, times))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - started
    milliseconds = sorted(time * 1000 for time in times)
    return {
        "clients": clients,
        "orders": len(times),
        "orders_per_second": round(len(times) / took),
        "median_ms": round(statistics.median(milliseconds), 1),
        "slowest_percent_ms": round(milliseconds[int(len(milliseconds) * 0.99)], 1),
    }


def send_orders(port: int, key: str, name: str, until: float, times: list[float]) -> None:
    """Send one order after the other; anything but 201 ends the benchmark."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    number = 0
    while time.monotonic() < until:
        number += 1
        order = {
            "identity": {"kind": "external", "source": "shop", "value": f"C-{hash((name, number)) % CUSTOMERS}"},
            "source": "bench",
            "external_id": f"{name}-{number}",
            "occurred_at": "2026-03-01T18:00:00+08:00",
            "currency": "CNY",
            "lines": LINES,
        }
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{name}-{number}",
        }
        begun = time.monotonic()
        connection.request("POST", "/api/v1/orders", json.dumps(order), headers)
        response = connection.getresponse()
        body = response.read()
        if response.status != 201:
            print(f"{name}-{number}: {response.status} {body[:300]!r}", file=sys.stderr)
            os._exit(1)
        times.append(time.monotonic() - begun)


def check(expected: int) -> None:
    """Fail unless exactly the orders that were answered are stored, each with its lines."""
    from troth.activity.models import Order, OrderLine

    found = (Order.objects.count(), OrderLine.objects.count())
    if found != (expected, expected * len(LINES)):
        raise SystemExit(f"{expected} orders were answered, the database holds {found} orders and lines")


if __name__ == "__main__":
    main()
