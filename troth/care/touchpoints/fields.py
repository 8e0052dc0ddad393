"""What a touchpoint is written with."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchpointFields:
    """What a touchpoint says; see `models.Touchpoint`. owner_id: the member of staff who answers for it."""

    code: str
    stage: str
    name: str
    name_zh: str = ""
    does: str = ""
    does_zh: str = ""
    asks: str = ""
    asks_zh: str = ""
    survey: str = ""
    category: str = ""
    owner_id: UUID | None = None
    position: int = 50
    is_active: bool = True
