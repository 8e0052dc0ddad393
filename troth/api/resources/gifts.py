"""Birthday gifts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ninja import Path, Router

from troth.access.permissions import Permission
from troth.rewards import queries, services
from troth.rewards.models import BirthdayGift
from troth.rewards.services import GiftFields

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from .gift_schemas import GiftCode, GiftDetail, GiftIn, GiftOut, GiftPage

router = Router(tags=["Rewards"])
LOOKING_BACK = timedelta(days=365)


@reads(router, "/birthday-gifts", scope=Permission.REWARDS_VIEW, response=GiftPage)
def list_birthday_gifts(request: ApiRequest, paging: PagingQuery) -> GiftPage:
    """List all birthday gifts, with how often each was given in the last year."""
    rows, cursor = page(queries.gifts(), paging, keys=("code",))
    return GiftPage(items=[GiftOut(**one) for one in _gifts(rows, request.now)], next_cursor=cursor)


@writes(router, "POST", "/birthday-gifts", scope=Permission.REWARDS_EDIT, response=GiftDetail, status=201)
def create_birthday_gift(request: ApiRequest, gift: GiftIn) -> GiftDetail:
    """Make a birthday gift; from the next morning on it is given."""
    row = services.create_gift(actor=request.auth, now=request.now, fields=_fields(gift))
    return _detail(row, request.now)


@reads(router, "/birthday-gifts/{gift}", scope=Permission.REWARDS_VIEW, response=GiftDetail)
def get_birthday_gift(request: ApiRequest, gift: Path[GiftCode]) -> GiftDetail:
    """Get a birthday gift, with how many would get it on the next thirty mornings."""
    return _detail(queries.gift(gift), request.now)


@writes(router, "PUT", "/birthday-gifts/{gift}", scope=Permission.REWARDS_EDIT, response=GiftDetail)
def change_birthday_gift(request: ApiRequest, gift: Path[GiftCode], new: GiftIn) -> GiftDetail:
    """Change a birthday gift, stop it, or start it again.

    Who had one keeps it and gets no other for the same birthday.
    """
    found = queries.gift(gift)
    row = services.change_gift(actor=request.auth, now=request.now, gift_id=found.id, fields=_fields(new))
    return _detail(row, request.now)


def _fields(item: GiftIn) -> GiftFields:
    return GiftFields(**item.model_dump() | {"campaign": item.campaign or "", "reward": item.reward or ""})


def _detail(row: BirthdayGift, now: datetime) -> GiftDetail:
    return GiftDetail(**_gifts([row], now)[0], coming=len(queries.coming_gifts(row, now)))


def _gifts(rows: Sequence[BirthdayGift], now: datetime) -> list[dict[str, Any]]:
    figures = queries.gift_figures([row.id for row in rows], since=now - LOOKING_BACK)
    none = queries.GiftFigures()
    return [
        {
            "code": row.code,
            "name": row.name,
            "name_zh": row.name_zh,
            "campaign": row.campaign.code if row.campaign else "",
            "reward": row.reward.code if row.reward else "",
            "days_before": row.days_before,
            "usable_days": row.usable_days,
            "audience": row.audience,
            "is_active": row.is_active,
            "given": figures.get(row.id, none).given,
            "refused": figures.get(row.id, none).refused,
            "revision": row.revision,
        }
        for row in rows
    ]
