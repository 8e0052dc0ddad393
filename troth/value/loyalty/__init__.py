"""Loyalty of each customer: the index and its parts, the type and what holds it, the ladder, the quadrant, the market.

    from troth.value import loyalty

    measured = loyalty.from_scores(scores, as_of=day)             # what orders tell
    index = loyalty.loyalty_index(pl.concat([measured, asked]), as_of=day)
    loyalty.loyalty_types(index, signs)
    loyalty.ladder(buyers)
    loyalty.quadrant(customers)

Points run from 0 to 100, shares and confidences from 0 to 1. A figure that nobody measured is null, never guessed.
"""

from troth.value.loyalty.competition import (
    STRONG_FROM,
    Competition,
    CompetitionSource,
    competition,
)
from troth.value.loyalty.index import LoyaltyIndex, loyalty_index, weighted
from troth.value.loyalty.indicators import CATALOGUE, Group, Indicator, indicator_of
from troth.value.loyalty.ladder import HEIGHT, LadderRules, Rung, ladder, moves
from troth.value.loyalty.market import FEWEST, Corner, Curve, corners, satisfaction_curve
from troth.value.loyalty.measured import FROM_ORDERS, from_scores
from troth.value.loyalty.quadrant import Quarter, quadrant
from troth.value.loyalty.settings import LoyaltyTerms
from troth.value.loyalty.types import SIGNS, Hold, LoyaltyType, TypeRules, loyalty_types
from troth.value.loyalty.wallet import WalletNorm, share_of_wallet

__all__ = [
    "CATALOGUE",
    "FEWEST",
    "FROM_ORDERS",
    "HEIGHT",
    "SIGNS",
    "STRONG_FROM",
    "Competition",
    "CompetitionSource",
    "Corner",
    "Curve",
    "Group",
    "Hold",
    "Indicator",
    "LadderRules",
    "LoyaltyIndex",
    "LoyaltyTerms",
    "LoyaltyType",
    "Quarter",
    "Rung",
    "TypeRules",
    "WalletNorm",
    "competition",
    "corners",
    "from_scores",
    "indicator_of",
    "ladder",
    "loyalty_index",
    "loyalty_types",
    "moves",
    "quadrant",
    "satisfaction_curve",
    "share_of_wallet",
    "weighted",
]
