"""Kill -9 of web, worker and PostgreSQL at random moments under load, and whether anything was lost or done twice.

    python bench/crash.py [--database postgresql|sqlite] [--rounds 3] [--seed N] [--keep] [--json FILE]

Makes a PostgreSQL of its own whose commits wait for the disk, or takes SQLite, where web and worker are all there is to
kill. In each round clients record orders one by one and in batches, the same ones again under the same and under other
keys, returns and spends through a real server, and a worker imports orders that earn; then one is killed and started
again. After that every call that got no answer is sent again under its key, and so are some that did. What must hold:
whoever got an answer gets the same again; every order is made by exactly one of the calls that name it, stored once and
earned once; every member has exactly what the answers add up to; `troth prove` passes. With --keep a run adds itself to
those before (`bench/soak.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import soak  # noqa: E402  the path first
from bench.crash_calls import Call, Client, told  # noqa: E402  the path first
from bench.crash_databases import MAKERS, PATIENCE  # noqa: E402  the path first
from tools import postgres  # noqa: E402  the path first

CLIENTS, MEMBERS, IMPORTED = 6, 40, 400
UNANSWERED = {409, 429}
"""What a call gets while another with its key is at it, or too many are: to be sent again, as after a failure."""

PROGRAMME = """
programme: crash
name: Crash
currency: CNY
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}, budget: pot}
  - {code: third, name: Third, nth: {every: 3}, effect: {type: fixed, points: 7}}
budgets:
  - {code: pot, points: 100000000}
tiers:
  ladder:
    - {code: basic, name: Basic}
    - {code: gold, name: Gold, reach: {points: 2000}}
"""


class Harness:
    """The company under load."""

    def __init__(self, folder: Path, seed: int, database: str) -> None:
        self.chance = random.Random(seed)
        own = folder / "database"
        own.mkdir()
        self.database = MAKERS[database](own)
        os.environ |= {
            "DATABASE_URL": self.database.url,
            "TROTH_DATA_DIR": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "troth.config.settings",
            "TROTH_API_REQUESTS_PER_MINUTE": "100000000",
        }
        self.log = (folder / "log").open("wb")
        self.folder = folder
        self.members, self.key = _set_up()
        self.port = postgres._free_port()
        self.calls: list[Call] = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.last_failure = "none"
        self.web, self.worker = self.start_web(), self.start_worker()

    def start_web(self) -> subprocess.Popen[bytes]:
        process = self._troth("serve", "--port", str(self.port), "--threads", "16")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return process
            time.sleep(0.1)
        _kill(process)
        sys.exit("the web server does not answer")

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self._troth("worker")

    def _troth(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "troth.cli", *arguments]
        # A session of its own: `serve` has children, which are to die with it.
        return subprocess.Popen(command, cwd=ROOT, stdout=self.log, stderr=self.log, start_new_session=True)

    def round(self, number: int) -> str:
        """Load, kill, start again, repeat what is owed; return who was killed."""
        from django.db import connections

        victim = self.database.victims[number % len(self.database.victims)]
        self.stopping.clear()
        path = self._import_file(number)
        job = _start_import(path)
        threads = [threading.Thread(target=self.load, args=(f"{number}-{client}",)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(self.chance.uniform(0.5, 3.0))
        if victim == "web":
            _kill(self.web)
            self.web = self.start_web()
        elif victim == "worker":
            _kill(self.worker)
            _expire_lease(job)
            self.worker = self.start_worker()
        else:
            connections.close_all()
            self.database.kill()
            time.sleep(0.2)
            self.database.start()
            if self.worker.poll() is not None:
                self.worker = self.start_worker()
        time.sleep(1.0)
        self.stopping.set()
        for thread in threads:
            thread.join()
        self.settle()
        _wait_for(job, self)
        return victim

    def load(self, name: str) -> None:
        """Send calls until told to stop; what is not answered is remembered."""
        client = Client(name, self.members)
        while not self.stopping.is_set():
            call = client.next()
            with self.lock:
                self.calls.append(call)
            if self.send(call):
                client.note(call)

    def send(self, call: Call, *, keep: bool = True) -> bool:
        """Send a call; tell whether it was answered for good, and keep the first answer."""
        headers = {
            "Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Idempotency-Key": call.key,
        }  # fmt: skip
        http = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            http.request("POST", call.path, json.dumps(call.body), headers)
            response = http.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            self.last_failure = repr(error)
            time.sleep(0.25)  # all that is sent to a dead server is owed, and sent again
            return False
        finally:
            http.close()
        if response.status >= 500 or response.status in UNANSWERED:
            self.last_failure = f"{response.status} {content[:500]!r}"
            return False
        answer = json.loads(content)
        if keep and call.status == 0:
            call.status, call.answer = response.status, answer
        elif call.is_done and (response.status, answer) != (call.status, call.answer):
            sys.exit(f"{call.path} {call.key}: first {call.status} {call.answer}, then {response.status} {answer}")
        return response.status < 300

    def settle(self) -> None:
        """Send again what got no answer until it gets one, and some of what did: the same answer must come."""
        until = time.monotonic() + PATIENCE
        owed = [call for call in self.calls if call.status == 0]
        while owed and time.monotonic() < until:
            for call in owed:
                self.send(call)
            left = [call for call in owed if call.status == 0]
            until = time.monotonic() + PATIENCE if len(left) < len(owed) else until
            owed = left
        if owed:
            sys.exit(f"{len(owed)} calls get no answer: {owed[0]}; the last failure was {self.last_failure}")
        answered = [call for call in self.calls if call.is_done]
        for call in self.chance.sample(answered, min(40, len(answered))):
            self.send(call, keep=False)

    def check(self) -> dict[str, int]:
        """End with an error unless everything adds up; return what there is."""
        from troth.activity.models import Order
        from troth.ledger.models import Account
        from troth.sales.models import OrderEvaluation

        said = told(self.calls)
        stored = Counter(Order.objects.exclude(source="import").values_list("external_id", flat=True))
        if stored != Counter(said.orders):
            lost, more = Counter(said.orders) - stored, stored - Counter(said.orders)
            sys.exit(f"orders that were answered are not stored: {list(lost)[:20]}; not answered: {list(more)[:20]}")
        evaluated = Counter(OrderEvaluation.objects.filter(step=1).values_list("order_id", flat=True))
        if evaluated != Counter(Order.objects.values_list("id", flat=True)):
            sys.exit(f"{Order.objects.count()} orders are stored, {evaluated.total()} times one earned")
        expected: Counter[str] = Counter(said.points)
        imported = set(Order.objects.filter(source="import").values_list("id", flat=True))
        steps: Any = OrderEvaluation.objects.values_list("order_id", "owner_id", "postings")
        for order_id, record, postings in steps:
            if order_id in imported:
                expected[str(record)] += sum(one["amount"] for one in postings)
        accounts = Account.objects.values_list("owner_id", "balance")
        balances: Counter[str] = Counter({str(record): balance for record, balance in accounts})
        for owner in {*expected, *balances}:
            if expected[owner] != balances[owner]:
                sys.exit(f"{owner} has {balances[owner]}, the answers add up to {expected[owner]}")
        _prove()
        done = sum(call.is_done for call in self.calls)
        return {"calls": done, "orders": evaluated.total(), "refused": len(self.calls) - done}

    def end(self) -> None:
        """Stop everything."""
        for process in (self.web, self.worker):
            _kill(process)
        self.database.stop()

    def _import_file(self, number: int) -> Path:
        path = self.folder / f"orders-{number}.csv"
        rows = [
            f"I{number}-{order},C{order % MEMBERS},2026-03-01 10:00,TEA,1,{order % 90 + 10}.00\n"
            for order in range(IMPORTED)
        ]
        path.write_text("order_id,customer_id,ordered_at,sku,quantity,net_amount\n" + "".join(rows), encoding="utf-8")
        return path


def _set_up() -> tuple[list[str], str]:
    import django

    django.setup()
    from django.core.management import call_command

    from troth.access import services as access
    from troth.access.actors import system_actor
    from troth.access.permissions import KEY_PERMISSIONS
    from troth.customers import services as customers
    from troth.kit import clock
    from troth.ledger import services as ledger
    from troth.programs import services as programs
    from troth.staff import services as staff

    call_command("migrate", verbosity=0)
    actor, now = system_actor("crash"), clock.utc_now()
    staff.set_up_company(name="Crash", currency="CNY", time_zone="Asia/Shanghai", actor=actor, now=now)
    rules = ledger.CurrencyRules(name="Points", shortfall="arrears")
    ledger.create_currency(actor=actor, now=now, code="points", rules=rules)
    start = now.replace(year=2020, month=1, day=1)
    programs.establish(actor=actor, now=now, text=PROGRAMME, effective_at=start, reviewed_by="user:reviewer")
    members = []
    for number in range(MEMBERS):
        identity = customers.NewIdentity("external", f"C{number}", "import")
        made = customers.create_customer(name=f"M{number}", identities=[identity], actor=actor, now=now)
        members.append(str(made.id))
    _row, key = access.create_api_key(name="crash", scopes=list(KEY_PERMISSIONS), actor=actor, now=now)
    return members, key


def _prove() -> None:
    command = [sys.executable, "-m", "troth.cli", "prove"]
    proved = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if proved.returncode:
        sys.exit(f"troth prove: {proved.stdout}{proved.stderr}")


def _start_import(path: Path) -> Any:
    from troth.access.actors import system_actor
    from troth.imports import services as imports
    from troth.imports.targets import Shape
    from troth.kit import clock

    run = imports.import_file(
        path, shape=Shape.LINES, actor=system_actor("crash"), now=clock.utc_now(), source="import", is_earning=True
    )
    return run.job_id


def _expire_lease(job_id: Any) -> None:
    """Spare the minute until another worker may take over."""
    from datetime import timedelta

    from troth.jobs.models import Job
    from troth.kit import clock

    Job.objects.filter(id=job_id, status="running").update(lease_until=clock.utc_now() - timedelta(seconds=1))


def _wait_for(job_id: Any, harness: Harness) -> None:
    from django.db import connections

    from troth.jobs.models import Job

    until, looked = time.monotonic() + 3 * PATIENCE, time.monotonic()
    while time.monotonic() < until:
        connections.close_all()
        job = Job.objects.get(id=job_id)
        if job.status == "succeeded":
            return
        if job.status in ("failed", "cancelled"):
            sys.exit(f"the import ended: {job.status} {job.error_message}")
        if time.monotonic() - looked > 8:  # whoever held it is dead, or was cut off from the database
            looked = time.monotonic()
            _expire_lease(job_id)
            if harness.worker.poll() is not None:
                harness.worker = harness.start_worker()
        time.sleep(0.3)
    sys.exit("the import does not end")


def _imported() -> int:
    from troth.activity.models import Order

    return Order.objects.filter(source="import").count()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 a process and its children, which share its session."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main() -> None:
    """Run the rounds; the exit code is 1 at the first thing that does not add up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=sorted(MAKERS), default="postgresql")
    parser.add_argument("--rounds", type=int, help="left out: 3, with --keep what is missing of fifty")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="add the run to docs/soak.json and docs/soak.md")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    before = soak.rounds_done() if arguments.keep else 0
    rounds = arguments.rounds if arguments.rounds is not None else max(soak.WANTED - before, 0) if arguments.keep else 3
    result = run(rounds, arguments.seed + before, first=before, database=arguments.database)
    if arguments.keep and rounds:
        soak.keep(soak.CRASH, result)
    if arguments.json:
        shown = soak.total(soak.runs(soak.CRASH)) if arguments.keep else result
        arguments.json.write_text(json.dumps(shown, indent=1), encoding="utf-8")
    if failed := result.get("failed"):
        sys.exit(failed)


def run(rounds: int, seed: int, *, first: int, database: str = "postgresql") -> dict[str, Any]:
    """Run so many rounds and return what they came to; `failed` says what did not add up, and ends them.

    first: how many rounds were run before, so that slices go on with the next victim.
    """
    result: dict[str, Any] = {
        "day": datetime.now(UTC).date().isoformat(),
        "revision": soak.revision(),
        "seed": seed,
        "rounds": 0,
        "killed": {},
        "calls": 0,
        "orders": 0,
    }
    if not rounds:
        return result
    with tempfile.TemporaryDirectory(prefix="troth-crash-") as text:
        folder = Path(text)
        folder.chmod(0o755)
        harness = Harness(folder, seed, database)
        result["machine"] = f"{os.cpu_count()} cores, {harness.database.name}"
        result["killed"] = dict.fromkeys(harness.database.victims, 0)
        try:
            for number in range(rounds):
                result["killed"][harness.round(first + number)] += 1
                result |= harness.check()
                result["rounds"] = number + 1
                if _imported() != IMPORTED * (number + 1):
                    sys.exit(f"{_imported()} orders were imported, not {IMPORTED * (number + 1)}")
                print(f"round {first + number + 1}: {result}", flush=True)
        except SystemExit as wrong:
            result["failed"] = str(wrong.code)
        finally:
            harness.end()
    return result


if __name__ == "__main__":
    main()
