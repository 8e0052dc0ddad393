"""Rules of thumb, each beside the company's own figure: never as a fact, and what is not known is said."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from troth.console import formats
from troth.voice.complaints import queries as complaints

from . import fields
from .own import Own


@dataclass(frozen=True, slots=True)
class Rule:
    """What is often said, what the company's own data say (empty: not known), what it rests on or what is needed."""

    said: str
    own: str
    basis: str
    url: str = ""
    link: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether the own figure is known."""
        return bool(self.own)


def rules(own: Own) -> list[Rule]:
    """Return every rule, tested as far as the data allow."""
    makers: tuple[Callable[[Own], Rule], ...] = (_retention, _winning, _concentration, _complaints, _replacement)
    return [make(own) for make in makers]


def _retention(own: Own) -> Rule:
    said = _("Keeping 5% more customers lifts profit by 25–50%; another source says 15%.")
    url, link = reverse("calculators:retention"), _("Try other figures")
    row = own.retention
    if row is None or row["rise"] is None:
        needed = _("Orders of two years are needed: a year's customers, and who of them bought in the next.")
        return Rule(said, "", needed, url, link)
    rise = formats.percent(row["rise"])
    text = _("Five points more retention raise the value of a customer by %(rise)s.") % {"rise": rise}
    if row["rise_low"] is not None:
        text = _(
            "Five points more retention raise the value of a customer by %(rise)s; 95%% interval %(low)s to %(high)s."
        ) % {"rise": rise, "low": formats.percent(row["rise_low"]), "high": formats.percent(row["rise_high"])}
    return Rule(said, text, own.measured_on(), url, link)


def _winning(_own: Own) -> Rule:
    return Rule(
        _("Winning a customer costs five to eight times keeping one."),
        "",
        _("Troth does not know yet what you spend on winning customers and on keeping them; both are needed."),
        reverse("calculators:retention"),
        _("Try with a cost of your own"),
    )


def _concentration(own: Own) -> Rule:
    said = _("20% of customers bring 80% of revenue.")
    facts = own.report.facts("pareto") if own.report else {}
    if not facts.get("customers"):
        return Rule(said, "", _("Orders that were analysed are needed."))
    text = _("The best 20%% of your customers bring %(top)s of revenue; %(for_80)s of them bring 80%%.") % {
        "top": formats.percent(facts["top_share"]),
        "for_80": formats.percent(facts["customers_for_80"]),
    }
    basis = _("Revenue of all time of %(count)s customers.") % {"count": formats.count(facts["customers"])}
    return Rule(said, text, basis, reverse("value:concentration"), _("The curve"))


def _complaints(_own: Own) -> Rule:
    said = _("A complaint resolved well keeps 75% of those who complain; with the utmost effort, 95%.")
    url, link = reverse("complaints:recovery"), _("What recovery earns")
    report = complaints.newest_report()
    row = next((row for row in report.result["rows"] if row["outcome"] == "well"), None) if report else None
    if report is None or row is None:
        needed = _("Complaints are needed, how each was resolved, and the orders of those who complained since.")
        return Rule(said, "", needed, url, link)
    days = formats.count(report.result["window_days"])
    text = _("Of those who said that it was resolved well, %(share)s came back within %(days)s days; 95%% interval"
             " %(low)s to %(high)s.") % {
        "share": formats.percent(row["came_back"]), "days": days, "low": formats.percent(row["came_back_low"]),
        "high": formats.percent(row["came_back_high"]),
    }  # fmt: skip
    basis = _("%(people)s customers whose complaint is at least %(days)s days old, as of %(day)s.") % {
        "people": formats.count(row["people"]), "days": days, "day": formats.day(report.as_of_date),
    }  # fmt: skip
    return Rule(said, text, basis, url, link)


def _replacement(own: Own) -> Rule:
    said = _("It takes ten new customers to replace one old customer who is lost.")
    new = next((row for row in own.bands if row["band"] == "new"), None)
    old = [row for row in own.bands if row["band"] != "new"]
    count = sum(row["customers"] for row in old)
    if new is None or not count or float(new["profit_per_customer"]) <= 0:
        return Rule(said, "", _("Both new customers and older ones are needed, and a profit of the new ones."))
    a_head = sum(float(row["profit"]) for row in old) / count
    text = _("One older customer brings as much profit in a year as %(count)s new ones.") % {
        "count": fields.shown(a_head / float(new["profit_per_customer"]), 1)
    }
    assert own.report is not None
    basis = _(
        "%(old)s a head against %(new)s a head, as in the pyramid. New customers have not been here for a whole year,"
        " so this favours the older ones."
    ) % {"old": own.money.exact(a_head), "new": own.money.exact(new["profit_per_customer"])}
    return Rule(
        said, text, " ".join([basis, own.report.margin_note]).strip(), reverse("value:pyramid"), _("The pyramid")
    )
