"""Who asks what an order or event earns."""

from dataclasses import dataclass
from uuid import UUID

from .baskets import Basket, EventBasket
from .versions import Version


@dataclass(frozen=True, slots=True)
class Seeker:
    """A customer record with an order or event, and the version that judges it."""

    owner_id: UUID
    version: Version
    basket: Basket | EventBasket
