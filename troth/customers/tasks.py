"""Background work on customers."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

from .services.duplicates import search_duplicates


@handler("customers.search_duplicates", label=_("Search for duplicates"))
def run_search(context: JobContext) -> dict[str, Any]:
    """Compare all people with each other and list the likely pairs."""
    return search_duplicates(actor=system_actor("duplicates"), now=clock.utc_now(), report=context.progress)
