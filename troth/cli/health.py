"""`check`: is this installation sound?"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

import typer
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from troth.access import queries as access
from troth.activity.proofs import PROOFS as ACTIVITY_PROOFS
from troth.cli.exits import Exit
from troth.customers.proofs import PROOFS as CUSTOMER_PROOFS
from troth.insights.lake import manifest
from troth.jobs import queries as jobs
from troth.jobs import registry
from troth.jobs.lanes import Lane
from troth.jobs.models import JobStatus
from troth.kit import clock
from troth.staff import queries as staff

PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Finding:
    """One thing examined: whether it is as it should be, and the sentence that says so or what to do."""

    code: str
    is_sound: bool
    message: str


def check(*, as_json: bool) -> int:
    """Examine the installation; the exit code is 3 if something is not as it should be."""
    findings = list(examine())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(f"{'✓' if finding.is_sound else '✗'} {finding.message}")
    return Exit.DONE if all(finding.is_sound for finding in findings) else Exit.INCOMPLETE


def examine() -> Iterator[Finding]:
    """Yield findings; what needs a sound database is left out where there is none."""
    for step in (_database, _migrations):
        finding = step()
        yield finding
        if not finding.is_sound:
            return
    later: tuple[Callable[[], Finding], ...] = (_company, _administrator, _static_files, _lake, _worker)
    yield from (step() for step in later)
    for proof in (*CUSTOMER_PROOFS, *ACTIVITY_PROOFS):
        count = proof.count_violations()
        message = str(proof.claim)
        if count:
            message = _("%(claim)s Broken by %(count)d rows.") % {"claim": message, "count": count}
        yield Finding(proof.code, count == 0, message)


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        message = _("The database cannot be reached: %(error)s") % {"error": str(error).strip()}
        return Finding("database", False, message)
    return Finding("database", True, _("The database answers (%(name)s).") % {"name": connection.vendor})


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        message = _("%(count)d migrations are missing; run “troth migrate”.") % {"count": len(missing)}
        return Finding("migrations", False, message)
    return Finding("migrations", True, _("The database is up to date with this version."))


def _company() -> Finding:
    company = staff.company_or_none()
    if company is None:
        return Finding("company", False, _("No company is set up; “troth createuser” does it."))
    return Finding("company", True, _("The company is %(name)s.") % {"name": company.name})


def _administrator() -> Finding:
    if access.has_administrator():
        return Finding("administrator", True, _("Somebody can administer."))
    message = _("Nobody can administer; make a login with “troth createuser”.")
    return Finding("administrator", False, message)


def _static_files() -> Finding:
    if finders.find("vendor/tabler.css"):
        return Finding("static_files", True, _("The console's styles and scripts are there."))
    return Finding("static_files", False, _("The console's styles and scripts are missing; run “make setup”."))


def _lake() -> Finding:
    lake = manifest.read(settings.LAKE_DIR)
    lost = [str(path) for fact in lake.files for path in lake.paths(settings.LAKE_DIR, fact) if not path.exists()]
    if lost:
        message = _("The lake has lost %(count)d files, first %(path)s; run “troth analyse --rebuild”.")
        return Finding("lake", False, message % {"count": len(lost), "path": lost[0]})
    return Finding("lake", True, _("The lake is whole: %(count)d orders.") % {"count": lake.rows("orders")})


def _worker() -> Finding:
    """A worker takes what waits within a second and renews its lease: what lies longer has nobody."""
    now = clock.utc_now()
    abandoned = jobs.active().filter(status=JobStatus.RUNNING, lease_until__lt=now - PATIENCE)
    if abandoned.exists():
        return Finding("worker", False, _("A job was abandoned by its worker; start one with “troth worker”."))
    for lane in Lane:
        of_lane = jobs.active().filter(name__in=registry.names_in(lane))
        waiting = of_lane.filter(status=JobStatus.QUEUED, created_at__lt=now - PATIENCE).count()
        if waiting and not of_lane.filter(status=JobStatus.RUNNING).exists():
            message = _(
                "%(count)d jobs wait in the lane “%(lane)s” and nobody does them; start one with “troth worker”."
            )
            return Finding("worker", False, message % {"count": waiting, "lane": lane})
    return Finding("worker", True, _("No background work is left lying."))
