"""Background work around logins and keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from troth.access import idempotency
from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

FORGET_ANSWERS = "staff.forget_answers"


def _forgotten_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["forgotten"]
    text = ngettext("%(count)s old answer was forgotten.", "%(count)s old answers were forgotten.", count)
    return (text % {"count": f"{count:,}"},)


@handler(FORGET_ANSWERS, label=_("Forget old answers to programs"), result_text=_forgotten_text)
def forget_answers(context: JobContext) -> dict[str, Any]:
    """Delete what was kept to answer repeated requests, once nobody repeats them any more."""
    forgotten = idempotency.forget_old_answers(actor=system_actor("staff"), now=clock.utc_now())
    return {"forgotten": forgotten}
