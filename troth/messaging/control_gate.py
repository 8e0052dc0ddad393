"""Some customers get no offers at all, chosen by chance, so that what offers bring can be seen against them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.kit import chance

from .gates import Gate
from .intents import Candidate, Result, Verdict
from .policies import MARKETING, Terms
from .policy_versions import in_force

CODE = "control_group"
EVERYTHING = ""
"""The group that all offers belong to."""


def judge(contacts: Sequence[Candidate], now: datetime) -> list[Verdict]:
    """Stop offers to whoever is kept out of all of them, or out of those of one journey. Other purposes pass."""
    if not any(one.intent.purpose == MARKETING for one in contacts):
        return [Verdict(CODE, Result.PASS)] * len(contacts)
    _version, terms = in_force()
    return [_verdict(one, terms) for one in contacts]


def is_kept_out(customer_id: UUID, terms: Terms, *, percent: int, group: str = EVERYTHING) -> bool:
    """Tell whether a canonical customer is kept out of all offers, or of a group's, if these are the share."""
    return percent > 0 and _is_kept_out(customer_id, terms, group, percent)


def explain(verdict: Verdict) -> str:
    """Return the verdict as a sentence."""
    if verdict.result is Result.PASS:
        return _("The customer belongs to no control group.")
    values = {"percent": verdict.values.get("percent", ""), "group": verdict.values.get("group", "")}
    if values["group"]:
        text = _("By chance one of the %(percent)s %% that get no offers of “%(group)s”, to see what they bring.")
        return text % values
    return _("By chance one of the %(percent)s %% that get no offers at all, to see what offers bring.") % values


def _verdict(one: Candidate, terms: Terms) -> Verdict:
    if one.intent.purpose == MARKETING:
        for group in (EVERYTHING, one.intent.group):
            percent = _percent(terms, group)
            if percent and _is_kept_out(one.owner_id, terms, group, percent):
                return Verdict(CODE, Result.STOP, {"percent": percent, "group": group})
    return Verdict(CODE, Result.PASS)


def _percent(terms: Terms, group: str) -> int:
    return terms.control_groups.get(group, 0) if group else terms.control_percent


def _is_kept_out(customer_id: UUID, terms: Terms, group: str, percent: int) -> bool:
    place = chance.place_of("control", terms.control_draw, group, customer_id.hex)
    return place < percent * chance.PARTS // 100


GATE = Gate(CODE, gettext_lazy("Control group"), 120, judge, explain)
