"""How fast messages are decided about, written and handed over, and whether memory stays flat.

    python -m tools.postgres --durable -- python bench/messages.py [--messages 1000000] [--clients 2] [--batch 500]
        [--profile] [--json FILE]

Every person gets one e-mail from a template in their language, with facts, a button and the links to unsubscribe.
Client processes on the same machine call the service in batches, then hand over to the sink, slice by slice: every
decision is kept with all its verdicts, judged again at the hand-over, and leaves its event. The whole rate counts both.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import multiprocessing
import pstats
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.scratch_database import scratch_database  # noqa: E402  the path first

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CHANNEL = "sink"
TEMPLATE = "bench"
BODY = """Dear {{ name | default: "friend" }},

your order {{ order }} is on its way. **{{ points }} points** are yours.

- It comes on {{ day }}.
- It costs nothing to send it back.

[Follow it]({{ link }})
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=2, help="processes that decide, then hand over")
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--profile", action="store_true", help="one client, and where its time goes")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with scratch_database("troth_bench_messages") as vendor:
        began = time.perf_counter()
        seed(arguments.messages)
        setup = {"setup_seconds": round(time.perf_counter() - began)}
        if arguments.profile:
            profile(arguments)
            return
        found = measure(arguments) | setup | {"database": vendor}
        check(arguments.messages)
    for name, value in found.items():
        print(f"{name:28} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def seed(people: int) -> None:
    """Make people with an e-mail address and a consent, and the template in both languages."""
    from bench import made_people
    from troth.access.actors import system_actor
    from troth.messaging import pausing, templates
    from troth.staff import services as staff

    actor = system_actor("bench")
    staff.set_up_company(actor=actor, now=NOW, name="Bench")
    pausing.begin(NOW)
    made_people.make(people, NOW)
    made_people.give_addresses(people, NOW)
    mail = {"subject": "Order {{ order }}", "preheader": "", "body": BODY}
    facts = [{"code": code, "example": "1"} for code in ("order", "points", "day", "link")]
    document: dict[str, Any] = {"languages": {"en": {"email": mail}, "zh-hans": {"email": mail}}, "facts": facts}
    fields: dict[str, Any] = {"code": TEMPLATE, "name": "Bench", "purpose": "marketing", "document": document}
    templates.create_template(actor=actor, now=NOW, **fields)
    templates.publish(actor=actor, now=NOW, code=TEMPLATE, revision=1)
    _as_if_running()


def _as_if_running() -> None:
    """Bring about what is true of any installation a minute after its start: addresses loaded, tables known."""
    from django.db import connection
    from django.urls import get_resolver

    assert get_resolver().url_patterns, "reading them loads every address once"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def decide(first: int, last: int, batch: int) -> list[float]:
    """Send the messages of these people in batches; return the most memory after a tenth, and at the end."""
    from bench.made_people import person
    from troth.access.actors import system_actor
    from troth.messaging import services
    from troth.messaging.intents import Intent

    memory = []
    for start in range(first, last, batch):
        intents = [
            Intent(
                f"bench:{n}",
                person(n),
                "marketing",
                TEMPLATE,
                (CHANNEL,),
                {"order": str(n), "points": n % 900, "day": "2026-03-05", "link": f"https://example.com/o/{n}"},
                source="journey:bench",
            )
            for n in range(start, min(start + batch, last))
        ]
        services.send(intents, actor=system_actor("bench"), now=NOW)
        memory.append(_megabytes())
    return [memory[len(memory) // 10], memory[-1]]


def hand_over(_first: int, _last: int, _batch: int) -> list[float]:
    """Hand over until the queue is empty; return the most memory after a tenth, and at the end."""
    from troth.access.actors import system_actor
    from troth.messaging.delivering import deliver

    memory = [_megabytes()]
    while deliver(CHANNEL, actor=system_actor("bench"), now=NOW):
        memory.append(_megabytes())
    return [memory[len(memory) // 10], memory[-1]]


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def client(work: str, first: int, last: int, batch: int) -> list[float]:
    """Do one client's share in a process of its own."""
    from django.db import connection

    connection.close()
    return {"decide": decide, "hand_over": hand_over}[work](first, last, batch)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the rates of both halves and of the whole, and the memory of the clients."""
    from django.db import connection

    connection.close()
    total, clients = arguments.messages, arguments.clients
    share = -(-total // clients)
    seconds, memory = {}, {}
    with multiprocessing.get_context("fork").Pool(clients) as pool:
        for work in ("decide", "hand_over"):
            parts = [(work, n * share, min((n + 1) * share, total), arguments.batch) for n in range(clients)]
            started = time.perf_counter()
            memory[work] = pool.starmap(client, parts)
            seconds[work] = time.perf_counter() - started
    return {
        "messages": total,
        "decided_per_second": round(total / seconds["decide"]),
        "handed_over_per_second": round(total / seconds["hand_over"]),
        "whole_per_second": round(total / sum(seconds.values())),
        "memory_after_a_tenth_megabytes": round(max(one[0] for one in memory["decide"])),
        "memory_at_the_end_megabytes": round(max(one[1] for one in memory["hand_over"])),
    }


def check(messages: int) -> None:
    """End with an error unless every message was sent once, with its verdicts and its event."""
    from troth.events.models import Event
    from troth.messaging.models import Contact

    sent = Contact.objects.filter(state="sent").count()
    told = Event.objects.filter(name="messaging.contact.sent").count()
    if (sent, told) != (messages, messages):
        sys.exit(f"{sent} of {messages} messages were sent, {told} events tell of it")


def profile(arguments: argparse.Namespace) -> None:
    """Print where the time of one client goes."""
    for work in (decide, hand_over):
        profiler = cProfile.Profile()
        started = time.perf_counter()
        profiler.enable()
        work(0, arguments.messages, arguments.batch)
        profiler.disable()
        print(f"{work.__name__}: {arguments.messages / (time.perf_counter() - started):,.0f}/s under the profiler")
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


if __name__ == "__main__":
    main()
