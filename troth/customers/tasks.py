"""Background work on customers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from troth.access import idempotency
from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

from .services.duplicates import search_duplicates
from .services.privacy import FORGET_ANSWERS


def _found_text(result: Mapping[str, Any]) -> Sequence[str]:
    counts = {name: f"{result[name]:,}" for name in ("records", "found", "open")}
    sentences = [
        gettext("%(records)s records were compared with each other.") % counts,
        gettext("%(found)s new likely pairs; %(open)s pairs wait for a decision.") % counts,
    ]
    if not result["is_trained"]:
        sentences.append(gettext("There are too few records to learn weights from; the usual ones were taken."))
    return sentences


@handler("customers.search_duplicates", label=_("Search for duplicates"), result_text=_found_text)
def run_search(context: JobContext) -> dict[str, Any]:
    """Compare all people with each other and list the likely pairs."""
    return search_duplicates(actor=system_actor("duplicates"), now=clock.utc_now(), report=context.progress)


def _forgotten_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["forgotten"]
    text = ngettext("%(count)s kept answer was emptied.", "%(count)s kept answers were emptied.", count)
    return (text % {"count": f"{count:,}"},)


@handler(FORGET_ANSWERS, label=_("Forget what programs were told of an erased customer"), result_text=_forgotten_text)
def forget_answers(context: JobContext) -> dict[str, Any]:
    """Empty the answers kept for repeated requests that speak of records that were erased."""
    return {"forgotten": idempotency.forget_answers_about(context.payload["records"], report=context.progress)}
