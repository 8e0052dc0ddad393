"""Background work of service requests."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.lanes import Lane
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from .following import follow_tasks
from .scheduling import FOLLOW


def _told(result: Mapping[str, Any]) -> Sequence[str]:
    return [gettext("Service requests that went on: %(count)s.") % {"count": f"{result['moved']:,}"}]


@handler(FOLLOW, label=_("Take service requests on after the visit"), result_text=_told, lane=Lane.PROMPT)
def follow(context: JobContext) -> dict[str, Any]:
    """Take requests on whose technicians noted that it is done."""
    return {"moved": follow_tasks(actor=system_actor("care"), now=staff.moment(clock.utc_now()))}
