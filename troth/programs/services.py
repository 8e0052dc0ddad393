"""Writes of programmes; each is described where it is defined."""

from .applying import Change, apply, change_of
from .claiming import claim
from .drafting import (
    archive_programme,
    create_programme,
    discard_draft,
    establish,
    publish,
    review_draft,
    save_draft,
    submit_draft,
)
from .granting import REVIEW_BATCH, grant_tier, review_due, revoke_grant
from .references import register_campaigns
from .seekers import Seeker
from .sitting import BudgetMovedError, Sitting
from .standing import Standing
from .standings import Standings, open_standings

__all__ = [
    "REVIEW_BATCH",
    "BudgetMovedError",
    "Change",
    "Seeker",
    "Sitting",
    "Standing",
    "Standings",
    "apply",
    "archive_programme",
    "change_of",
    "claim",
    "create_programme",
    "discard_draft",
    "establish",
    "grant_tier",
    "open_standings",
    "publish",
    "register_campaigns",
    "review_draft",
    "review_due",
    "revoke_grant",
    "save_draft",
    "submit_draft",
]
