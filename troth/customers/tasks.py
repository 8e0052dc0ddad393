"""Background work on customers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

from .services.duplicates import search_duplicates


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
