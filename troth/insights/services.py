"""Measuring: export the facts, compute scores and reports, keep the settings by which that is done."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.utils.translation import gettext as _

from troth import value
from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers.models import ConsentPurpose
from troth.events import services as events
from troth.jobs import services as jobs
from troth.jobs.errors import JobAlreadyActiveError, JobCancelledError, LeaseLostError
from troth.jobs.models import Job
from troth.kit import clock
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.value.loyalty import LoyaltyTerms

from . import analysis, attitudes, churning, history, measuring, rewarding, suggesting, traces, troubles
from .analysis import Report, Stopwatch
from .attitudes import MeasurementSource
from .errors import FactsRefusedError, MeasureSettingsError, ScoreNotFoundError
from .lake import compaction, exporting
from .lake.exporting import ExportResult
from .models import AnalysisRun, MeasureSettings, RunStatus
from .traces import TraceSource

JOB = "insights.analyse"
HISTORY_JOB = "insights.look_back"
SUGGEST_JOB = "insights.suggest"
CHURN_JOB = "insights.churn"
NIGHTLY_HOUR = 3


def register_measurements(source: MeasurementSource) -> None:
    """Have every analysis ask a module above what it knows of customers' attitudes. Repeating it changes nothing.

    Raises:
        ValueError: another source has the name.
    """
    attitudes.register(source)


def register_traces(source: TraceSource) -> None:
    """Have the model of who leaves ask a module above what happened to customers. Repeating it changes nothing.

    Raises:
        ValueError: another source has the name, or knows a trace of the same name.
    """
    traces.register(source)


def register_open_complaints(name: str, read: troubles.Read) -> None:
    """Have every analysis ask a module above which customers have a complaint open. Repeating it changes nothing.

    Raises:
        ValueError: another source has the name.
    """
    troubles.register(name, read)


def register_gifts(name: str, read: rewarding.GiftsRead) -> None:
    """Have every analysis ask a module above what rewards given away cost. Repeating it changes nothing.

    Raises:
        ValueError: another source has the name.
    """
    rewarding.register_gifts(name, read)


def lake_dir() -> Path:
    """Return the folder of the lake."""
    return Path(django_settings.LAKE_DIR)


def export_facts(*, now: datetime, report: exporting.Report | None = None, is_rebuild: bool = False) -> ExportResult:
    """Bring the lake up to date; `is_rebuild` reads everything anew. No event: nothing of the company
    changes.

    Raises:
        LakeBusyError: another export is running.
    """
    result = exporting.export(lake_dir(), now=now, report=report, is_rebuild=is_rebuild)
    compaction.compact(lake_dir(), now=now)
    return result


def analyse(
    *,
    actor: Actor,
    now: datetime,
    as_of: date | None = None,
    report: Report | None = None,
    is_rebuild: bool = False,
) -> AnalysisRun:
    """Export what is new, measure every customer as of a day (default: the company's today), store it all
    at once.

    Repeating it changes nothing but the run. Killed or failed, it leaves scores and reports as they were.

    Raises:
        CompanyMissingError: nothing was set up yet.
        LakeBusyError: another analysis is running.
        FactsRefusedError: the recorded facts cannot be analysed.
    """
    lake, report = lake_dir(), report or _silent
    lake.mkdir(parents=True, exist_ok=True)
    with exporting.locked(lake, ".analysis.lock"):
        run = _start(actor=actor, now=now, as_of=as_of)
        try:
            _run(run, lake, report, actor=actor, is_rebuild=is_rebuild)
        except (JobCancelledError, LeaseLostError):
            run.delete()
            raise
        except BaseException as error:
            _fail(run, error)
            raise
    _ensure_nightly(now)
    return run


def request_analysis(*, actor: Actor, now: datetime, as_of: date | None = None) -> Job:
    """Have the analysis done in the background.

    Raises:
        JobAlreadyActiveError: one waits or runs already.
    """
    payload = {"as_of": as_of.isoformat()} if as_of else {}
    return jobs.enqueue(JOB, actor=actor, now=now, payload=payload, unique_key="analysis")


def request_followups(*, actor: Actor, now: datetime) -> None:
    """Have told in the background, once the analysis is done, who may leave and what comes next; none waits twice."""
    wanted = [(CHURN_JOB, "churn"), (SUGGEST_JOB, "suggestions")]
    run = analysis.latest_done()
    if run is not None and history.missing(lake_dir(), run.as_of_date):
        wanted.append((HISTORY_JOB, "history"))
    for job, key in wanted:
        with suppress(JobAlreadyActiveError):
            jobs.enqueue(job, actor=actor, now=now, unique_key=key)


def foretell_churn(*, actor: Actor, now: datetime) -> int:
    """Tell how likely each customer is to leave, by the newest analysis; return of how many it is told.

    Raises:
        ScoreNotFoundError: nothing was analysed yet.
        FactsRefusedError: the recorded facts cannot be computed with.
    """
    try:
        return churning.foretell(_newest_run(), lake_dir(), actor=actor, now=now)
    except value.FactsError as error:
        raise FactsRefusedError(_("These facts cannot be analysed: %(what)s") % {"what": error}) from error


def look_back(*, report: Callable[[int, int], None]) -> int:
    """Tell what was to be expected of customers at the ends of past months, by the models of today; return of how many.

    report: told how many months are done, of how many. Done again, it adds only what is missing.

    Raises:
        ScoreNotFoundError: nothing was analysed yet.
        FactsRefusedError: the recorded facts cannot be computed with.
    """
    try:
        return history.look_back(_newest_run(), lake_dir(), report=report)
    except value.FactsError as error:
        raise FactsRefusedError(_("These facts cannot be analysed: %(what)s") % {"what": error}) from error


def suggest(*, actor: Actor, now: datetime) -> int:
    """Find what each customer may buy next, by the newest analysis; return for how many something was found.

    Raises:
        ScoreNotFoundError: nothing was analysed yet.
        FactsRefusedError: the recorded facts cannot be computed with.
    """
    try:
        return suggesting.suggest(_newest_run(), lake_dir(), actor=actor, now=now)
    except value.FactsError as error:
        raise FactsRefusedError(_("These facts cannot be analysed: %(what)s") % {"what": error}) from error


def _newest_run() -> AnalysisRun:
    run = analysis.latest_done()
    if run is None:
        raise ScoreNotFoundError(_("Nothing was analysed yet: run the analysis first."))
    return run


@transaction.atomic
def change_settings(
    *,
    actor: Actor,
    now: datetime,
    assumed_margin: Decimal | None = None,
    bands: dict[str, Any] | None = None,
    rhythm: dict[str, Any] | None = None,
    rfm: dict[str, Any] | None = None,
    loyalty: dict[str, Any] | None = None,
) -> MeasureSettings:
    """Add a version of the measure settings; what is left out stays. The next analysis measures by it.

    The parts are plain values by the names of `troth.value`'s `Bands`, `Rhythm`, `RfmRules`,
    `loyalty.LoyaltyTerms`; a part replaces its predecessor whole. Nothing happens if nothing differs.

    Raises:
        MeasureSettingsError: a value is outside its limits.
    """
    old = settings_in_force(actor=actor, now=now)
    margin = old.assumed_margin if assumed_margin is None else assumed_margin
    given = {"bands": bands, "rhythm": rhythm, "rfm": rfm}
    parts = {name: getattr(old, name) if part is None else part for name, part in given.items()}
    try:
        terms = measuring.terms_from(margin, parts)
        loyal = measuring.loyalty_from(old.loyalty if loyalty is None else loyalty)
    except (value.TermsError, ValueError, ArithmeticError, TypeError) as error:
        message = _("This setting is outside its limits: %(what)s") % {"what": error}
        raise MeasureSettingsError(message, field=getattr(error, "field", None)) from error
    stored = {name: measuring.stored(getattr(terms, name)) for name in parts} | {"loyalty": measuring.stored(loyal)}
    if margin == old.assumed_margin and all(part == getattr(old, name) for name, part in stored.items()):
        return old
    new = _add_version(old.version + 1, margin, stored, actor=actor, now=now)
    events.append("insights.settings.changed", actor=actor, now=now, data={"version": new.version})
    return new


def settings_in_force(*, actor: Actor, now: datetime) -> MeasureSettings:
    """Return the newest measure settings; the first time, the defaults become version 1."""
    newest = MeasureSettings.objects.order_by("-version").first()
    if newest:
        return newest
    terms = value.Terms()
    stored = {name: measuring.stored(getattr(terms, name)) for name in measuring.PARTS}
    stored["loyalty"] = measuring.stored(LoyaltyTerms())
    return _add_version(1, terms.margin.assumed, stored, actor=actor, now=now)


def _add_version(
    version: int, margin: Decimal, stored: dict[str, Any], *, actor: Actor, now: datetime
) -> MeasureSettings:
    return MeasureSettings.objects.create(
        version=version, assumed_margin=margin, **stored, created_at=now, created_by=actor.code
    )


def _start(*, actor: Actor, now: datetime, as_of: date | None) -> AnalysisRun:
    # Whoever was running held the lock that is now ours: it died.
    AnalysisRun.objects.filter(status=RunStatus.RUNNING).update(
        status=RunStatus.FAILED, error_code="interrupted", finished_at=now
    )
    company = staff.company()
    return AnalysisRun.objects.create(
        as_of_date=as_of or company.today(now),
        settings=settings_in_force(actor=actor, now=now),
        currency=company.currency,
        started_at=now,
        started_by=actor.code,
    )


def _run(run: AnalysisRun, lake: Path, report: Report, *, actor: Actor, is_rebuild: bool) -> None:
    watch = Stopwatch()
    with watch.stage("export"):
        export_facts(
            now=run.started_at,
            report=lambda fact, done, total: report("export", done, total, fact),
            is_rebuild=is_rebuild,
        )
    before = analysis.latest_done()
    terms = measuring.terms_of(run.settings)
    findings = _measured(lake, run, terms, report, watch)
    report("write", 0, findings.scores.height, "")
    with watch.stage("write"):
        is_comparable = before is not None and before.settings_id == run.settings_id
        finished_at = clock.utc_now()
        analysis.store(run, findings, lake=lake, actor=actor, now=finished_at, is_comparable=is_comparable)
    run.timings = watch.seconds
    run.save(update_fields=["timings"])


def _measured(lake: Path, run: AnalysisRun, terms: value.Terms, report: Report, watch: Stopwatch) -> analysis.Findings:
    try:
        return analysis.measure(
            lake,
            as_of=run.as_of_date,
            terms=terms,
            loyalty=measuring.loyalty_of(run.settings),
            currency=run.currency,
            report=report,
            watch=watch,
            objecting=customers.objecting(ConsentPurpose.PROFILING),
        )
    except value.FactsError as error:
        raise FactsRefusedError(_("These facts cannot be analysed: %(what)s") % {"what": error}) from error


def _fail(run: AnalysisRun, error: BaseException) -> None:
    code = error.code if isinstance(error, TrothError) else type(error).__name__
    AnalysisRun.objects.filter(id=run.id).update(
        status=RunStatus.FAILED, error_code=code[:60], error_message=str(error), finished_at=clock.utc_now()
    )


def _ensure_nightly(now: datetime) -> None:
    """Have the analysis done every night from now on, in the small hours of the company's zone."""
    zone = staff.company().time_zone
    tomorrow = clock.business_date(now, zone) + timedelta(days=1)
    first_at = clock.day_start(tomorrow, zone) + timedelta(hours=NIGHTLY_HOUR)
    jobs.schedule(JOB, every=timedelta(days=1), first_at=first_at)


def _silent(_stage: str, _done: int, _total: int | None, _part: str) -> None:
    pass
