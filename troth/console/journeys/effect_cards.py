"""One random split in words and pictures: the groups beside each other, whom the offer moves, what to doubt."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from troth.care.journeys.document.shapes import Split
from troth.care.models import JourneyTrial
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Reason, Table
from troth.value.experiments import FEWEST_PEOPLE, Doubt, Verdict

from .names import named

OUTCOMES = {
    "bought": gettext_lazy("Bought"),
    "revenue": gettext_lazy("Revenue"),
    "profit": gettext_lazy("Profit"),
}
FEATURES = {
    "purchases_before": gettext_lazy("Purchases before"),
    "revenue_before": gettext_lazy("Revenue of the year before"),
    "mean_before": gettext_lazy("Revenue a purchase before"),
    "silent_days": gettext_lazy("Days since the last purchase"),
    "known_days": gettext_lazy("Days since the first purchase"),
}
MONEY_FEATURES = ("revenue_before", "mean_before")
DOUBTS = {
    Doubt.UNEVEN_GROUPS: gettext_lazy(
        "The groups are not as large as planned: something else than chance decided who was counted. Believe nothing"
        " here before that is found."
    ),
    Doubt.UNLIKE_BEFORE: gettext_lazy("The groups differed already before the split."),
    Doubt.SMALL_GROUP: gettext_lazy("A group has fewer than 100 people: the intervals are too rough."),
    Doubt.FEW_DECIDE: gettext_lazy("One person makes a tenth or more of a group's sum: one purchase decides."),
    Doubt.NO_SPREAD: gettext_lazy("Everybody has the same outcome: nothing can be compared."),
}
_TITLE = pgettext_lazy("journey", "Random split")


@dataclass(frozen=True, slots=True)
class Effect:
    """One split as the screen shows it. found: its part of the trial's result."""

    trial: JourneyTrial
    step: Split
    found: dict[str, Any]

    @property
    def title(self) -> str:
        """Return the split's name."""
        return named({"en": self.step.name.en, "zh": self.step.name.zh}) if self.step.name else str(_TITLE)

    @property
    def people(self) -> int:
        """Return how many were compared."""
        return int(self.found["people"])

    @property
    def groups(self) -> Table:
        """Return each group with the offer against the one without, outcome by outcome."""
        heads = [_("People"), _("With it"), _("Without"), _("Difference"), _("Low (95%)"), _("High (95%)")]
        rows = [
            self._row(outcome, effect)
            for outcome in OUTCOMES
            for effect in self.found["outcomes"].get(outcome, {"effects": []})["effects"]
        ]
        columns = [Column(_("Group")), Column(_("What was counted"))]
        numbers = [Column(head, is_number=True) for head in [*heads, _("Altogether")]]
        return Table(columns=[*columns, *numbers, Column(_("Is it chance?"))], rows=rows)

    def _row(self, outcome: str, effect: dict[str, Any]) -> list[Cell]:
        shown = self._share if outcome == "bought" else self._money
        figures = [effect[name] for name in ("mean", "control_mean", "difference", "low", "high")]
        total = formats.count(effect["total"]) if outcome == "bought" else self._money(effect["total"])
        return [
            Cell(self.arm(effect["arm"])),
            Cell(str(OUTCOMES[outcome])),
            Cell(formats.count(effect["people"]), effect["people"]),
            *(Cell(shown(figure), figure) for figure in figures),
            Cell(total, effect["total"]),
            Cell(_verdict_on_chance(effect), effect["chance"]),
        ]

    @property
    def doubts(self) -> list[Reason]:
        """Return what may make the result wrong although the arithmetic is right."""
        found = {code for told in self.found["outcomes"].values() for code in told["doubts"]}
        return [Reason(str(text), "", "warn") for code, text in DOUBTS.items() if code in found]

    @property
    def sizes(self) -> str:
        """Return how many of each group were counted."""
        return " · ".join(f"{self.arm(code)} {formats.count(count)}" for code, count in self._by_arm("counts"))

    @property
    def needed(self) -> str:
        """Return how many each group needs before a model is tried."""
        return formats.count(FEWEST_PEOPLE)

    @property
    def aims(self) -> list[dict[str, Any]]:
        """Return whom each group's offer moves: sentences, pictures and tables."""
        return [
            {
                "arm": self.arm(code),
                "verdict": self._verdict(told),
                "ranks": self._ranks(told),
                "is_good": told["verdict"] != Verdict.UNPROVEN,
                "curve": self._curve(code, told),
                "tenths": self._tenths(code, told),
                "traits": self._traits(told),
            }
            for code, told in self._by_arm("uplift")
        ]

    def _by_arm(self, part: str) -> list[tuple[str, Any]]:
        """A part of what was found, group by group in the order of the journey: stored JSON keeps none."""
        found = self.found[part]
        return [(arm.code, found[arm.code]) for arm in self.step.arms if arm.code in found]

    def arm(self, code: str) -> str:
        """Return what a group is called."""
        for one in self.step.arms:
            if one.code == code and one.name:
                return named({"en": one.name.en, "zh": one.name.zh}) or code
        return code

    def _money(self, amount: float) -> str:
        return formats.money(Decimal(str(round(amount, 2))), self.trial.currency)

    def _share(self, ratio: float) -> str:
        return formats.percent(ratio, 2)

    def _verdict(self, told: dict[str, Any]) -> str:
        text = {
            Verdict.AIM: _(
                "Aim it: offered only to the %(share)s foretold to gain, it earns %(more)s more than offered to"
                " everybody (95%% interval %(more_low)s to %(more_high)s)."
            ),
            Verdict.EVERYBODY: _(
                "Offer it to everybody: it earns %(all)s after costs (95%% interval %(all_low)s to %(all_high)s), and"
                " leaving anybody out is not proven to be better."
            ),
            Verdict.UNPROVEN: _(
                "Not proven: offered to everybody it earns %(all)s after costs, but the 95%% interval runs from"
                " %(all_low)s to %(all_high)s. More people or a longer time may tell."
            ),
        }[Verdict(told["verdict"])]
        ends = ("", "_low", "_high")
        facts = {f"all{end}": self._money(one) for end, one in zip(ends, told["everybody"], strict=True)}
        facts |= {f"more{end}": self._money(one) for end, one in zip(ends, told["more_by_aiming"], strict=True)}
        return text % (facts | {"share": formats.percent(told["aimed_share"], 0)})

    def _ranks(self, told: dict[str, Any]) -> str:
        value, low, high = (self._money(one) for one in told["coefficient"])
        text = (
            _("Its order of people is better than chance: Qini %(value)s a head (95%% interval %(low)s to %(high)s).")
            if told["ranks"]
            else _(
                "Its order of people is not proven to be better than chance: Qini %(value)s a head (95%% interval"
                " %(low)s to %(high)s)."
            )
        )
        return text % {"value": value, "low": low, "high": high}

    def _curve(self, code: str, told: dict[str, Any]) -> ChartCard:
        rows, symbol = told["curve"], formats.currency_symbol(self.trial.currency)
        option = charts.trend(
            [formats.percent(row["share"], 0) for row in rows],
            {
                _("In the model's order"): [row["gain"] for row in rows],
                _("In any order"): [row["random_gain"] for row in rows],
            },
            interval=([row["low"] for row in rows], [row["high"] for row in rows]),
            interval_name=_("Interval (95%)"),
            axis_format=charts.money_compact(symbol),
            value_format=charts.money(symbol, 0),
        )
        heads = (_("Share reached"), _("Earned more"), _("Low (95%)"), _("High (95%)"), _("In any order"))
        shown = ("gain", "low", "high", "random_gain")
        return ChartCard(
            id=f"qini-{self.step.id}-{code}",
            title=_("Profit by how many are reached"),
            subtitle=_("Qini curve, costs not taken off; each person is placed by a model that has not seen them"),
            option=option,
            table=Table(
                columns=[Column(head, is_number=True) for head in heads],
                rows=[
                    [
                        Cell(formats.percent(row["share"], 0), row["share"]),
                        *(Cell(self._money(row[name]), row[name]) for name in shown),
                    ]
                    for row in rows
                ],
            ),
        )

    def _tenths(self, code: str, told: dict[str, Any]) -> ChartCard:
        rows, symbol = told["tenths"], formats.currency_symbol(self.trial.currency)
        option = charts.trend(
            [str(row["tenth"]) for row in rows],
            {_("Actual"): [row["effect"] for row in rows], _("Foretold"): [row["foretold"] for row in rows]},
            interval=([row["low"] for row in rows], [row["high"] for row in rows]),
            interval_name=_("Interval (95%)"),
            axis_format=charts.money_compact(symbol),
            value_format=charts.money(symbol, 2),
        )
        heads = (_("Tenth"), _("People"), _("Foretold"), _("Actual"), _("Low (95%)"), _("High (95%)"))
        return ChartCard(
            id=f"tenths-{self.step.id}-{code}",
            title=_("Profit a head that it added, by tenths"),
            subtitle=_("Tenth 1 is foretold to gain most"),
            option=option if rows else None,
            table=Table(
                columns=[Column(head, is_number=True) for head in heads],
                rows=[
                    [
                        Cell(str(row["tenth"])),
                        Cell(formats.count(row["people"]), row["people"]),
                        *(Cell(self._money(row[name]), row[name]) for name in ("foretold", "effect", "low", "high")),
                    ]
                    for row in rows
                ],
            ),
            empty=_("The model foretells the same for everybody."),
        )

    def _traits(self, told: dict[str, Any]) -> Table:
        return Table(
            columns=[
                Column(_("What was known before")),
                Column(_("The fifth foretold to gain most"), is_number=True),
                Column(_("The others"), is_number=True),
            ],
            rows=[
                [str(FEATURES[row["feature"]]), *(self._trait(row, name) for name in ("best", "others"))]
                for row in told["traits"]
            ],
        )

    def _trait(self, row: dict[str, Any], name: str) -> Cell:
        given = row[name]
        return Cell(self._money(given) if row["feature"] in MONEY_FEATURES else formats.count(given, 1), given)


def _verdict_on_chance(effect: dict[str, Any]) -> str:
    if effect["low"] > 0:
        return _("No: it brought more")
    return _("No: it brought less") if effect["high"] < 0 else _("It may be")
