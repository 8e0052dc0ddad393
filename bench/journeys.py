"""How quickly people move on in a journey: a million on the way, a hundred thousand of them due at once.

    python bench/journeys.py [--people 1000000] [--due 100000] [--workers 2] [--json FILE]

In a database of its own beside that of DATABASE_URL (PostgreSQL; else SQLite). People wait; those who are due pass a
branch by a condition, a draw with a control arm, an act and come to rest at a second wait: five steps each. Measured
twice: with a tag as the act, and with a message to the sink, which the send decision judges.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.scratch_database import scratch_database

JOURNEY = """
journey: {code}
name: Bench
late_hours: 2000
entry: {{type: list}}
steps:
  - {{id: first, type: wait, days: 2}}
  - id: who
    type: branch
    ways:
      - code: recent
        when: {{field: customer.joined_date, operator: from, value: 2022-01-01}}
        steps: [{{id: mark, type: tag, tag: Recent}}]
  - id: draw
    type: split
    arms:
      - {{code: treated, share: 90, steps: [{act}]}}
      - {{code: control, share: 10, is_control: true}}
  - {{id: second, type: wait, days: 30}}
"""
ACTS = {
    "tag": "{id: act, type: tag, tag: Treated}",
    "message": "{id: act, type: message, template: welcome, purpose: service, channels: [sink], relevant_hours: 2000}",
}


def company() -> None:
    """Make the company."""
    from troth.staff.models import Company

    Company.objects.create(name="Bench", currency="CNY", time_zone="Asia/Shanghai", country="CN")


def publish(code: str, act: str, now: Any) -> Any:
    """Set a journey running."""
    from troth.access.actors import system_actor
    from troth.care.journeys import queries, services

    actor = system_actor("bench")
    journey = services.create_journey(actor=actor, now=now, text=JOURNEY.format(code=code, act=ACTS[act]))
    services.publish(actor=actor, now=now, journey_id=journey.id)
    return queries.journey(journey.id)


def fill(journey_id: Any, people: int, due: int, now: Any) -> float:
    """Put the first so many in two days ago, and count how long it takes; the others stand there since two hours."""
    from bench import made_people
    from troth.access.actors import system_actor
    from troth.care.journeys import services

    actor, started = system_actor("bench"), time.perf_counter()
    for start in range(0, due, 100_000):
        ids = [made_people.person(number) for number in range(start, min(start + 100_000, due))]
        entered = services.enter(actor=actor, now=now - timedelta(days=2), journey_id=journey_id, customer_ids=ids)
        assert entered == {"entered": len(ids)}, entered
    seconds = time.perf_counter() - started
    # Nobody's two days are over yet: everybody comes to rest at the first wait.
    settle(now - timedelta(hours=1))
    stand_beside(journey_id, people, due, now - timedelta(hours=2))
    return seconds


def settle(now: Any) -> None:
    """Bring those who have just entered to their first wait."""
    from troth.access.actors import system_actor
    from troth.care.journeys import services

    while services.advance(actor=system_actor("bench"), now=now).people:
        pass


def stand_beside(journey_id: Any, people: int, due: int, since: Any) -> None:
    """Have everybody else wait at the first step as those do who came there by the engine; who is due is left alone."""
    from bench import made_people
    from troth.care.models import JourneyRun

    example = JourneyRun.objects.filter(journey_id=journey_id, step="first")[0]
    fixed = {
        field.column: field.value_from_object(example) for field in JourneyRun._meta.concrete_fields if field.column
    }
    moments = {"due_at": since + timedelta(days=2), "step_at": since, "entered_at": since, "updated_at": since}
    made = {"id": made_people.id_of(f"{journey_id.hex[-8:]}"), "owner_id": made_people.id_of(made_people.PERSON)}
    rest = {name: value for name, value in {**fixed, **moments}.items() if name not in made}
    made_people.fill(JourneyRun, people, made, rest, first=due)


def work(now: Any) -> dict[str, int]:
    """Be one worker: move people on until nobody is due."""
    from troth.access.actors import system_actor
    from troth.care.journeys import services

    moved = failed = 0
    while (done := services.advance(actor=system_actor("bench"), now=now)).people or done.failed:
        moved, failed = moved + done.people, failed + done.failed
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"moved": moved, "failed": failed, "memory_megabytes": used.ru_maxrss // 1024}


def measure(now: Any, workers: int) -> dict[str, Any]:
    """Let so many processes move everybody on; return how long it took, without their start."""
    command = [sys.executable, str(Path(__file__).resolve()), "--worker", now.isoformat()]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    crew = [subprocess.Popen(command, **pipes) for _ in range(workers)]
    for one in crew:
        assert one.stdout
        assert one.stdout.readline() == "ready\n", "a worker did not start"
    started = time.perf_counter()
    for one in crew:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    found = [json.loads(one.communicate(timeout=900)[0]) for one in crew]
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "moved": sum(one["moved"] for one in found),
        "failed": sum(one["failed"] for one in found),
        "memory_megabytes": max(one["memory_megabytes"] for one in found),
    }


def as_worker(now: str) -> None:
    """Start Django on the database that the parent made, say so, and work when told."""
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(work(datetime.fromisoformat(now))), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--acts", nargs="+", default=list(ACTS), choices=list(ACTS))
    parser.add_argument("--profile", action="store_true", help="one worker in this process, with where the time goes")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        as_worker(args.worker)
        return
    figures: dict[str, Any] = {}
    with scratch_database("troth_bench_journeys") as vendor:
        from django.db import connection, connections
        from django.utils import timezone

        from bench import made_people
        from troth.access.actors import system_actor
        from troth.care.journeys import queries
        from troth.messaging import starters

        now, began = timezone.now(), time.perf_counter()
        company()
        made_people.make(args.people, now)
        starters.install(actor=system_actor("bench"), now=now)
        figures["setup_seconds"] = round(time.perf_counter() - began)
        for act in args.acts:
            journey = publish(f"by-{act}", act, now - timedelta(days=3))
            began = time.perf_counter()
            figures["entered_per_second"] = int(args.due / fill(journey.id, args.people, args.due, now))
            if vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")
            figures["setup_seconds"] += round(time.perf_counter() - began)
            if args.profile:
                profile(now)
                continue
            connections.close_all()
            found = measure(now, args.workers if vendor == "postgresql" else 1)
            counts = queries.step_counts(journey.id)
            moved = (found["failed"], found["moved"], counts["first"].passed)
            assert moved == (0, args.due, args.due), moved
            figures |= {f"{act}_{name}": value for name, value in found.items()}
            figures[f"{act}_people_per_second"] = int(args.due / found["seconds"])
    result = {"benchmark": "journeys", "database": vendor, "people": args.people, "due": args.due, **figures}
    for name, value in result.items():
        print(f"{name:40} {value}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))


def profile(now: Any) -> None:
    """Move everybody on in this process and print where the time goes."""
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    profiler.enable()
    print(work(now))
    profiler.disable()
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
