"""From what an order should bring to what has to move: the difference to what it brought before.

Pure. An order's postings are its history of movements; what stands is their sum. A return takes back from the newest
movement first, so that a correction is undone before the award that it corrected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from troth.programs.outcomes import Award, AwardKind

LEDGER_KINDS = (AwardKind.POINTS, AwardKind.STAMPS)


@dataclass(frozen=True, slots=True)
class Posting:
    """One movement. key: the ledger's, or the coupon operation's; amount: negative where something was taken back.

    rule: which rule gave it, "" where several did; promise: see `Place`; code: currency of points and stamps, campaign
    of coupons; of: the key of what was taken back; refused: the code of the error with which a coupon, or points of a
    closed currency, were refused, so that nothing moved; coupon_id, coupon_code: of a coupon given; detail: what taking
    back came to, see the ledger's `Posted`.
    """

    key: str
    rule: str
    kind: AwardKind
    code: str
    amount: int
    promise: str = ""
    of: str = ""
    refused: str = ""
    coupon_id: str = ""
    coupon_code: str = ""
    detail: Mapping[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; what is empty is left out."""
        found: dict[str, Any] = {
            "key": self.key, "rule": self.rule, "kind": str(self.kind), "code": self.code, "amount": self.amount,
        }  # fmt: skip
        for name in ("promise", "of", "refused", "coupon_id", "coupon_code"):
            if value := getattr(self, name):
                found[name] = value
        if self.detail:
            found["detail"] = dict(self.detail)
        return found

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Posting":
        """Return the posting that `to_json` wrote."""
        return cls(**{**raw, "kind": AwardKind(raw["kind"])})


class Place(NamedTuple):
    """What moves together: points of one currency with one promise (when they become usable, when they end).

    The points of all rules of an order are one movement, so that a member reads one line for an order; which rule gave
    how many stands in the evaluation. Coupons move by rule: their `promise` is its code.
    """

    kind: AwardKind
    code: str
    promise: str


@dataclass(frozen=True, slots=True)
class Give:
    """So much more at a place, as this award promises. rules: what each gives, where nothing was given before."""

    award: Award
    amount: int
    rules: Mapping[str, int]

    @property
    def rule(self) -> str:
        """Return the rule that gives it, "" where several do."""
        return self.award.rule if len(self.rules) <= 1 else ""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """So much of what was given under a key; coupon_id: where that is a coupon."""

    place: Place
    of: str
    amount: int
    coupon_id: str = ""


def place_of(award: Award) -> Place:
    """Return where an award belongs."""
    if award.kind not in LEDGER_KINDS:
        return Place(award.kind, award.reference, award.rule)
    is_plain = not (award.pending_days or award.awaits_event or award.expires_days)
    promise = "" if is_plain else f"{award.pending_days}/{award.awaits_event}/{award.expires_days}"
    return Place(award.kind, award.currency, promise)


def standing(postings: Iterable[Posting]) -> dict[Place, dict[str, int]]:
    """Return what stands of each place: key of the movement → amount left, in the order in which it was given."""
    left: dict[Place, dict[str, int]] = {}
    for one in postings:
        if one.refused:
            continue
        keys = left.setdefault(Place(one.kind, one.code, one.promise), {})
        key = one.of or one.key
        keys[key] = keys.get(key, 0) + one.amount
    return left


def differences(awards: Sequence[Award], before: Sequence[Posting]) -> list[Give | TakeBack]:
    """Return what must move so that what stands becomes what the awards say."""
    wanted: dict[Place, list[Award]] = {}
    for award in awards:
        if award.kind in LEDGER_KINDS or award.kind is AwardKind.COUPON:
            wanted.setdefault(place_of(award), []).append(award)
    if not before:
        return [_whole(some) for some in wanted.values()]
    coupon_ids = {one.key: one.coupon_id for one in before if one.coupon_id}
    stands = standing(before)
    moves: list[Give | TakeBack] = []
    for place in sorted({*wanted, *stands}):
        given, some = stands.get(place, {}), wanted.get(place, [])
        missing = sum(award.amount for award in some) - sum(given.values())
        if missing > 0 and not given:
            moves.append(_whole(some))
        elif missing > 0:
            moves.append(Give(some[0], missing, {}))
        elif missing < 0:
            moves += _taken_back(place, given, -missing, coupon_ids)
    return moves


def _whole(some: Sequence[Award]) -> Give:
    return Give(some[0], sum(award.amount for award in some), {award.rule: award.amount for award in some})


def _taken_back(
    place: Place, given: Mapping[str, int], amount: int, coupon_ids: Mapping[str, str]
) -> Iterable[TakeBack]:
    for key, left in reversed(list(given.items())):
        if amount <= 0:
            return
        part = min(left, amount)
        if part > 0:
            yield TakeBack(place, key, part, coupon_ids.get(key, ""))
            amount -= part
