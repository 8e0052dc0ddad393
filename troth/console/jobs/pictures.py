"""How a job looks: its progress in words, its badge, the bar that asks again while it runs."""

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from troth.access import queries as access
from troth.access.errors import UserNotFoundError
from troth.console import formats
from troth.console.components import Progress, Tone
from troth.jobs import registry
from troth.jobs.lanes import Lane
from troth.jobs.models import Job, JobStatus

_STATES = {
    JobStatus.QUEUED: "waiting",
    JobStatus.RUNNING: "running",
    JobStatus.SUCCEEDED: "done",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
_TONES: dict[str, Tone] = {
    JobStatus.QUEUED: "neutral",
    JobStatus.RUNNING: "brand",
    JobStatus.SUCCEEDED: "good",
    JobStatus.FAILED: "bad",
    JobStatus.CANCELLED: "warn",
}


def label(job: Job) -> str:
    """Return what the job does, for people."""
    return registry.label_of(job.name)


def lane(job: Job) -> str:
    """Return the lane in which the job is done, for people."""
    return pgettext("lane", "Prompt") if registry.lane_of(job.name) == Lane.PROMPT else pgettext("lane", "Long")


def note(job: Job) -> str:
    """Return what the job is doing."""
    return registry.note_of(job.name, job.progress_note)


def outcome(job: Job) -> list[str]:
    """Return in sentences what came out."""
    return list(registry.result_of(job.name, job.result))


def next_step(job: Job) -> tuple[str, str] | None:
    """Return the words and the address of the page on which the job's work is seen, if it has one."""
    match job.name:
        case "imports.run":
            return _("To the import"), reverse("imports:detail", args=[job.payload["run"]])
        case "segments.refresh":
            return _("To the segment"), reverse("segments:detail", args=[job.payload["segment"]])
        case "insights.analyse":
            return _("To the figures"), reverse("overview:index")
        case "customers.search_duplicates":
            return _("To the duplicates"), reverse("customers:duplicates")
    return None


def tone(job: Job) -> Tone:
    """Return the tone of the job's state."""
    return _TONES[job.status]


def progress_of(job: Job, now: datetime) -> Progress:
    """Return the job as a progress bar; while it waits or runs the bar asks again."""
    return Progress(
        state=_STATES[JobStatus(job.status)],  # type: ignore[arg-type]  # the five values are Progress's own
        label=_state_text(job),
        ratio=1.0 if job.status == JobStatus.SUCCEEDED else job.fraction_done,
        detail=_detail(job, now),
        poll_url=reverse("jobs:progress", args=[job.id]) if job.is_active else "",
    )


def duration(job: Job, now: datetime) -> str:
    """Return how long the job ran or has been running: "42 s", "3 min 05 s"."""
    if job.started_at is None:
        return "–"
    return span((job.finished_at or now) - job.started_at)


def span(length: timedelta) -> str:
    """Return a length of time in the two units that matter."""
    seconds = int(length.total_seconds())
    if seconds < 60:
        return _("%(seconds)d s") % {"seconds": seconds}
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return _("%(minutes)d min %(seconds)02d s") % {"minutes": minutes, "seconds": rest}
    return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // 60, "minutes": minutes % 60}


def asked_by(job: Job) -> str:
    """Return who asked for the job, by name where it was a person who is still known."""
    kind, _colon, code = job.created_by.partition(":")
    if kind == "system":
        return _("the demonstration") if code == "demo" else _("Troth, by itself")
    if kind != "user":
        return code or job.created_by
    try:
        return str(access.user(UUID(code)))
    except (UserNotFoundError, ValueError):
        return _("a former user")


def _state_text(job: Job) -> str:
    if job.is_active and job.cancel_requested_at:
        return _("Stopping at the next step")
    return job.get_status_display()


def _detail(job: Job, now: datetime) -> str:
    if job.status == JobStatus.RUNNING:
        return " · ".join(part for part in (note(job), _amount(job), _time_left(job, now)) if part)
    if job.status == JobStatus.FAILED:
        return job.error_message
    return note(job) if job.status == JobStatus.CANCELLED else ""


def _amount(job: Job) -> str:
    if not job.progress_done or not registry.is_counted(job.name):
        return ""
    done = formats.count(job.progress_done)
    return (
        _("%(done)s of %(total)s") % {"done": done, "total": formats.count(job.progress_total)}
        if job.progress_total
        else done
    )


def _time_left(job: Job, now: datetime) -> str:
    """Guess from the mean pace so far; nothing is said in the first seconds, when the guess would jump."""
    if not job.progress_total or not job.progress_done or job.started_at is None:
        return ""
    elapsed = now - job.started_at
    if elapsed.total_seconds() < 3:
        return ""
    left = elapsed * (job.progress_total - job.progress_done) / job.progress_done
    if left.total_seconds() < 90:
        seconds = max(1, round(left.total_seconds()))
        return ngettext("about %(count)d second left", "about %(count)d seconds left", seconds) % {"count": seconds}
    minutes = round(left.total_seconds() / 60)
    return ngettext("about %(count)d minute left", "about %(count)d minutes left", minutes) % {"count": minutes}
