"""What a company sets for itself about loyalty: weights of the index, where types, clients and advocates begin, what
counts as a hold, markets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal

from troth.value.loyalty.index import weighted
from troth.value.loyalty.indicators import Indicator
from troth.value.loyalty.ladder import LadderRules
from troth.value.loyalty.types import TypeRules
from troth.value.loyalty.wallet import WalletNorm
from troth.value.terms import require, require_finite

EVERYBODY = "everybody"
YEAR_DAYS = 365
TYPE_EDGES = (
    "behaviour_from", "attitude_from", "trust_from", "incentive_from", "price_from", "convenience_from",
    "inertia_below",
)  # fmt: skip
BY_STORE, BY_DEPARTMENT, BY_ATTRIBUTE = "store", "department", "attribute:"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyaltyTerms:
    """The settings of the loyalty index, of the types and of the ladder.

    weights: by indicator, what differs from the catalogue's own. client_wallet: from which share of wallet (0 to 1) one
    is a client; advocate_referrals: how many buyers one must have brought. wallet_mean, wallet_deviation: what
    those who were asked have a share of wallet. market_by, competition, satisfied_from: what parts customers into
    markets, how strong the competition is in each (0 to 1), from how many points one is satisfied. `TYPE_EDGES`: from
    where on somebody buys much and is fond (behaviour_from, attitude_from), what counts as a hold (incentive_from,
    price_from, convenience_from, inertia_below), and what as trust (trust_from); units as in `TypeRules`.

    Raises:
        TermsError: no such indicator, a weight below 0, none above 0 left, a share or a count outside its limits.
    """

    weights: Mapping[str, Decimal] = field(default_factory=dict)
    client_wallet: Decimal = Decimal("0.70")
    advocate_referrals: int = 1
    wallet_mean: Decimal | None = None
    wallet_deviation: Decimal | None = None
    market_by: str = ""
    competition: Mapping[str, Decimal] = field(default_factory=dict)
    satisfied_from: Decimal = Decimal(75)
    behaviour_from: Decimal = Decimal(60)
    attitude_from: Decimal = Decimal(60)
    incentive_from: Decimal = Decimal("0.5")
    price_from: Decimal = Decimal("0.3")
    convenience_from: Decimal = Decimal("0.95")
    inertia_below: Decimal = Decimal(20)
    trust_from: Decimal = Decimal(75)

    def __post_init__(self) -> None:
        for one in fields(self):
            if isinstance(given := getattr(self, one.name), Decimal):
                require_finite(one.name, given)
        for market, level in self.competition.items():
            require_finite(f"competition of {market}", level)
        _ = self.catalogue, self.ladder_rules, self.type_rules
        is_whole = (self.wallet_mean is None) == (self.wallet_deviation is None)
        require(is_whole, "wallet_deviation", self.wallet_deviation, "must be given together with wallet_mean")
        _ = self.norms
        is_known = self.market_by in ("", BY_STORE, BY_DEPARTMENT) or bool(self.market_attribute)
        require(is_known, "market_by", self.market_by, f"must be empty, {BY_STORE}, {BY_DEPARTMENT} or attribute:CODE")
        for market, level in self.competition.items():
            require(0 <= level <= 1, f"competition of {market}", level, "must be 0 to 1")
        is_mark = 0 < self.satisfied_from <= 100
        require(is_mark, "satisfied_from", self.satisfied_from, "must be points above 0, up to 100")

    @property
    def market_attribute(self) -> str:
        """Return the code of the attribute that parts customers into markets; empty where something else does."""
        return self.market_by.removeprefix(BY_ATTRIBUTE) if self.market_by.startswith(BY_ATTRIBUTE) else ""

    @property
    def catalogue(self) -> tuple[Indicator, ...]:
        """Return the indicators with the weights in force."""
        return weighted({code: float(weight) for code, weight in self.weights.items()})

    @property
    def ladder_rules(self) -> LadderRules:
        """Return where a client and an advocate begin."""
        return LadderRules(client_wallet=float(self.client_wallet), advocate_referrals=self.advocate_referrals)

    @property
    def type_rules(self) -> TypeRules:
        """Return where the types of loyalty begin, and what counts as a hold."""
        return TypeRules(**{name: float(getattr(self, name)) for name in TYPE_EDGES})

    @property
    def norms(self) -> tuple[WalletNorm, ...]:
        """Return the norm for those who were not asked; none where none is set."""
        if self.wallet_mean is None or self.wallet_deviation is None:
            return ()
        return (WalletNorm(EVERYBODY, float(self.wallet_mean), float(self.wallet_deviation)),)
