"""Why points moved, as a sentence: the rule and the order, the reward, the person who corrected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from troth.activity import queries as activity
from troth.activity.models import Order
from troth.care.journeys import queries as journeys
from troth.care.journeys.errors import JourneyNotFoundError
from troth.console import formats
from troth.console.components import Tone
from troth.ledger.models import Transaction
from troth.ledger.queries import Line
from troth.ledger.terms import Kind
from troth.programs import queries as programs
from troth.programs import words
from troth.programs.errors import ProgrammeNotFoundError
from troth.rewards import queries as rewards

ADJUSTED: dict[str, str | Promise] = {
    "goodwill": gettext_lazy("Goodwill"),
    "complaint": gettext_lazy("After a complaint"),
    "mistake": gettext_lazy("A mistake corrected"),
    "missing": gettext_lazy("A purchase that was not recorded"),
    "other": pgettext_lazy("why points were adjusted", "Another reason"),
}
"""Why somebody adjusts by hand; the API may name reasons of its own."""

TAKEN: dict[str, str | Promise] = {
    "desk": gettext_lazy("Redeemed at the desk"),
    "event": gettext_lazy("For an event"),
    "other": pgettext_lazy("why points were taken", "Another reason"),
}
"""Why somebody takes or holds points by hand."""

_HEADS: dict[str, str | Promise] = {
    Kind.EARN: gettext_lazy("Earned"),
    Kind.SPEND: pgettext_lazy("points", "Spent"),
    Kind.HOLD: gettext_lazy("Set aside"),
    Kind.CAPTURE: gettext_lazy("Spent from what was set aside"),
    Kind.RELEASE: gettext_lazy("No longer set aside"),
    Kind.EXPIRE: gettext_lazy("Expired"),
    Kind.ADJUST: gettext_lazy("Adjusted by hand"),
    Kind.TRANSFER_OUT: gettext_lazy("Given away"),
    Kind.TRANSFER_IN: gettext_lazy("Received"),
    Kind.REVERSE: gettext_lazy("Undone"),
    Kind.ACTIVATE: gettext_lazy("Became usable"),
    Kind.SETTLE: gettext_lazy("Filled what was owed on another record"),
}

_ICONS: dict[str, str] = {
    Kind.EARN: "circle-plus",
    Kind.SPEND: "gift",
    Kind.HOLD: "lock",
    Kind.CAPTURE: "gift",
    Kind.RELEASE: "lock-open",
    Kind.EXPIRE: "hourglass",
    Kind.ADJUST: "adjustments",
    Kind.TRANSFER_OUT: "arrow-up-right",
    Kind.TRANSFER_IN: "arrow-down-right",
    Kind.REVERSE: "arrow-back-up",
    Kind.ACTIVATE: "circle-check",
    Kind.SETTLE: "scale",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What happened in a few words, what it was about, and a sign for it."""

    text: str
    detail: str
    icon: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Moved:
    """What the words are made of, of a statement's line and of a transaction alike."""

    kind: str
    reason: str
    data: Mapping[str, Any]

    @classmethod
    def of(cls, row: Line | Transaction) -> "Moved":
        """Return it of a line or a transaction."""
        kind = row.kind if isinstance(row, Line) else row.transaction_kind
        return cls(str(kind), row.reason, row.reason_data or {})


class Narrator:
    """Says why points moved; orders and rewards are looked up once for all lines."""

    def __init__(self, rows: Iterable[Line | Transaction]) -> None:
        moved = [Moved.of(row) for row in rows]
        ids = {found for one in moved if (found := uuid_of(one.data.get("order"))) is not None}
        self.orders: dict[UUID, Order] = {order.id: order for order in activity.orders().filter(id__in=ids)}
        codes = {str(one.data["reward"]) for one in moved if one.data.get("reward")}
        self._rewards = {row.code: str(row) for row in rewards.rewards().filter(code__in=codes)} if codes else {}
        self._rules: dict[tuple[str, str], str] = {}
        self._journeys: dict[str, str] = {}

    def say(self, row: Line | Transaction) -> Said:
        """Return why these points moved."""
        one = Moved.of(row)
        icon = _ICONS.get(one.kind, "circle-dashed")
        match one.reason:
            case "order" | "correction" | "return" | "event":
                return self._of_sale(one, icon)
            case "payment.order" | "payment.correction" | "payment.return":
                return self._of_payment(one, icon)
            case "rewards.redemption" | "rewards.fulfilment" | "rewards.cancellation":
                return self._of_reward(one, icon)
            case "remedy":
                about = _("Complaint %(number)s") % {"number": one.data["case"]} if one.data.get("case") else ""
                return self._given(one, icon, _("Remedy for a complaint"), about)
            case "journey":
                return self._given(one, icon, _("Given by a journey"), self.journey_name(one))
        return Said(str(_HEADS.get(one.kind, one.kind)), reason_label(one), icon, _TONES.get(one.kind, "neutral"))

    def _of_sale(self, one: Moved, icon: str) -> Said:
        programme = str(one.data.get("programme", ""))
        rule = " + ".join(self.rule_name(programme, code) for code in rules_of(one.data))
        about = self.order_text(one)
        if one.kind == Kind.REVERSE:
            cause = _("Goods came back") if one.reason == "return" else _("The order was changed")
            return Said(f"{cause}: {rule}" if rule else cause, about, icon, "warn")
        return Said(rule or str(_HEADS[Kind.EARN]), about, icon, "good")

    def _given(self, one: Moved, icon: str, text: str, about: str) -> Said:
        if one.kind == Kind.REVERSE:
            return Said(f"{_HEADS[Kind.REVERSE]}: {text}", about, icon, "warn")
        return Said(text, about, icon, "good")

    def journey_name(self, one: Moved) -> str:
        """Return the name of the journey that gave the points, its code where it is gone."""
        code = str(one.data.get("journey", ""))
        if code and code not in self._journeys:
            try:
                self._journeys[code] = str(journeys.journey_by_code(code))
            except JourneyNotFoundError:
                self._journeys[code] = code
        return self._journeys.get(code, "")

    def _of_payment(self, one: Moved, icon: str) -> Said:
        if one.kind == Kind.REVERSE:
            return Said(_("Paid back: points that an order was paid with"), self.order_text(one), icon, "good")
        return Said(_("Paid with points"), self.order_text(one), "cash")

    def _of_reward(self, one: Moved, icon: str) -> Said:
        code = str(one.data.get("reward", ""))
        reward = self._rewards.get(code, code)
        if one.reason == "rewards.cancellation":
            return Said(_("Redemption cancelled: %(reward)s") % {"reward": reward}, "", "gift-off", "good")
        if one.kind == Kind.HOLD:
            return Said(_("Set aside for: %(reward)s") % {"reward": reward}, _("until it is handed over"), icon)
        return Said(_("Redeemed: %(reward)s") % {"reward": reward}, "", icon)

    def order_text(self, one: Moved) -> str:
        """Return the order that points came from in a few words, "" for none."""
        order = self.orders.get(uuid_of(one.data.get("order")) or UUID(int=0))
        if order is None:
            return ""
        said = {"number": order.external_id, "amount": formats.money(order.net_amount, order.currency)}
        return _("Order %(number)s for %(amount)s") % said

    def rule_name(self, programme: str, rule: str) -> str:
        """Return the name of a rule in the newest version that has it; its code where none has."""
        if not rule:
            return ""
        if (programme, rule) not in self._rules:
            self._rules[programme, rule] = _rule_name(programme, rule)
        return self._rules[programme, rule]


_TONES: dict[str, Tone] = {Kind.EARN: "good", Kind.EXPIRE: "warn", Kind.TRANSFER_IN: "good", Kind.ADJUST: "info"}


def _rule_name(programme: str, rule: str) -> str:
    try:
        found = programs.programme_by_code(programme)
    except ProgrammeNotFoundError:
        return rule
    for version in programs.versions(found.id):
        name = words.Speaker(programs.document_of(version)).name_of(rule)
        if name != rule:
            return name
    return rule


def rules_of(data: Mapping[str, Any]) -> list[str]:
    """Return the codes of the rules that a movement names: one, or several that gave together."""
    several = data.get("rules")
    if isinstance(several, Mapping):
        return [str(code) for code in several]
    return [str(data["rule"])] if data.get("rule") else []


def reason_label(one: Moved) -> str:
    """Return the reason that somebody named, in words where it is one of ours."""
    if one.reason in ("awaited", "expired", "timed_out"):
        return {"awaited": "", "expired": "", "timed_out": _("its time was over")}[one.reason]
    if one.kind in (Kind.TRANSFER_OUT, Kind.TRANSFER_IN) and one.reason in ("gift", "desk"):
        return ""
    own = ADJUSTED if one.kind == Kind.ADJUST else TAKEN
    return str(own.get(one.reason, one.reason.replace("_", " ").replace(".", " · ")))


def uuid_of(value: Any) -> UUID | None:
    """Return an id that is kept as text, None where it is none."""
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
