"""How fresh the reports are, in words, and what to do about it."""

from typing import Any

from django.urls import reverse

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console.components import Progress
from troth.console.jobs import pictures
from troth.insights import queries as insights
from troth.kit.clock import utc_now


def context(actor: Actor) -> dict[str, Any]:
    """Return what the bar above every report needs."""
    standing = insights.standing()
    return {
        "standing": standing,
        "progress": _progress(standing) if standing.job else None,
        "may_run": actor.may(Permission.INSIGHTS_RUN),
        "may_import": actor.may(Permission.IMPORTS_RUN),
    }


def _progress(standing: insights.Standing) -> Progress:
    assert standing.job is not None
    found = pictures.progress_of(standing.job, utc_now())
    return Progress(
        state=found.state,
        label=found.label,
        ratio=found.ratio,
        detail=pictures.note(standing.job),
        poll_url=reverse("value:progress", args=[standing.job.id]),
    )
