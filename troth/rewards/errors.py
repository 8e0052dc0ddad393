"""What rewards and coupons refuse."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.kit.errors import ConflictError, InvalidError, NotFoundError
from troth.staff.queries import local_text


class CustomerUnknownError(InvalidError):
    """There is no such customer."""

    code = "customer_unknown"

    def __init__(self, customer_id: UUID) -> None:
        text = _("There is no customer %(id)s. Add the customer first.") % {"id": customer_id}
        super().__init__(text, field="customer", value=str(customer_id))


class OperationRefusedError(InvalidError):
    """A value of an operation on coupons or rewards breaks its rule."""

    code = "reward_operation_refused"


class OperationConflictError(ConflictError):
    """The key names another operation already."""

    code = "reward_operation_conflict"

    def __init__(self, key: str, field: str) -> None:
        text = _("The key “%(key)s” names another operation: its %(field)s differs. Use a new key for a new one.")
        super().__init__(text % {"key": key, "field": field}, field=field, key=key)


# --- campaigns and coupons


class CampaignNotFoundError(NotFoundError):
    """No such campaign."""

    code = "campaign_not_found"

    def __init__(self, campaign: object) -> None:
        super().__init__(_("There is no coupon campaign “%(id)s”.") % {"id": campaign}, campaign=str(campaign))


class CampaignRefusedError(InvalidError):
    """A field of a campaign breaks its rule."""

    code = "campaign_refused"


class CampaignStateError(ConflictError):
    """The campaign is not in a state in which this could be done."""

    code = "campaign_state"


class DraftChangedError(ConflictError):
    """Somebody else saved meanwhile."""

    code = "reward_draft_changed"

    def __init__(self, revision: int) -> None:
        text = _("Somebody saved this while you were changing it. Reload the page to see that; copy yours first.")
        super().__init__(text, revision=revision)


class CampaignExhaustedError(ConflictError):
    """All codes, or all uses, of the campaign are taken."""

    code = "campaign_exhausted"

    def __init__(self, campaign: str) -> None:
        text = _("The campaign “%(campaign)s” has none left. Enlarge it, or choose another one.")
        super().__init__(text % {"campaign": campaign}, campaign=campaign)


class CouponUnknownError(NotFoundError):
    """There is no coupon with this code."""

    code = "coupon_unknown"

    def __init__(self, code: str) -> None:
        text = _("There is no coupon with the code “%(code)s”. Read it again, sign by sign.") % {"code": code[:40]}
        super().__init__(text, field="code", value=code[:40])


class CouponNotStartedError(ConflictError):
    """The coupon cannot be used yet."""

    code = "coupon_not_started"

    def __init__(self, code: str, starts_at: datetime) -> None:
        text = _("The coupon %(code)s can be used from %(moment)s on.")
        super().__init__(text % {"code": code, "moment": local_text(starts_at)}, starts_at=starts_at.isoformat())


class CouponExpiredError(ConflictError):
    """The coupon was not usable any more at the moment of the order."""

    code = "coupon_expired"

    def __init__(self, code: str, expires_at: datetime) -> None:
        text = _("The coupon %(code)s could be used until %(moment)s.")
        super().__init__(text % {"code": code, "moment": local_text(expires_at)}, expires_at=expires_at.isoformat())


class CouponUsedError(ConflictError):
    """The coupon has no use left."""

    code = "coupon_used"

    def __init__(self, code: str, uses: int) -> None:
        text = ngettext(
            "The coupon %(code)s is used up: it was good for one use.",
            "The coupon %(code)s is used up: none of its %(count)s uses is left.",
            uses,
        )
        super().__init__(text % {"code": code, "count": uses}, limit=uses)


class CouponRevokedError(ConflictError):
    """The coupon was withdrawn."""

    code = "coupon_revoked"

    def __init__(self, code: str) -> None:
        super().__init__(_("The coupon %(code)s was withdrawn.") % {"code": code})


class CouponOfOtherError(ConflictError):
    """The coupon belongs to another customer."""

    code = "coupon_of_other_customer"

    def __init__(self, code: str) -> None:
        text = _("The coupon %(code)s belongs to another customer. Merge the two customers if they are one.")
        super().__init__(text % {"code": code}, field="customer")


class CouponNeedsCustomerError(InvalidError):
    """The campaign counts uses per customer, so a use must name one."""

    code = "coupon_needs_customer"

    def __init__(self, code: str) -> None:
        text = _("The coupon %(code)s is limited per customer: say who buys.") % {"code": code}
        super().__init__(text, field="customer")


class MemberLimitError(ConflictError):
    """The customer has had as many as one customer may."""

    code = "member_limit_reached"

    def __init__(self, name: str, limit: int, period: str) -> None:
        text = _("“%(name)s”: one customer may have %(limit)s %(period)s, and has had them.")
        super().__init__(text % {"name": name, "limit": limit, "period": period}, limit=limit)


class CouponTermsError(ConflictError):
    """The basket or the customer does not meet the coupon's terms."""

    code = "coupon_terms_unmet"


class UseStateError(ConflictError):
    """The use of the coupon is not in a state in which this could be done."""

    code = "coupon_use_state"


class UseNotFoundError(NotFoundError):
    """No use of a coupon under this key."""

    code = "coupon_use_not_found"

    def __init__(self, key: str) -> None:
        text = _("No coupon was reserved or redeemed under the key “%(key)s” for this customer.") % {"key": key}
        super().__init__(text, field="key", value=key)


# --- catalogue


class RewardNotFoundError(NotFoundError):
    """No such reward, or none that this customer may see."""

    code = "reward_not_found"

    def __init__(self, reward: object) -> None:
        super().__init__(_("There is no reward “%(id)s”.") % {"id": reward}, reward=str(reward))


class RewardRefusedError(InvalidError):
    """A field of a reward breaks its rule."""

    code = "reward_refused"


class RewardStateError(ConflictError):
    """The reward is not in a state in which this could be done."""

    code = "reward_state"


class RewardWindowError(ConflictError):
    """The reward could not be redeemed at that moment."""

    code = "reward_not_available"


class PriceNotFoundError(InvalidError):
    """The reward has no price of this name for the customer."""

    code = "reward_price_unknown"


class StockError(ConflictError):
    """There is less in stock than was asked for."""

    code = "reward_out_of_stock"

    def __init__(self, reward: str, wanted: int) -> None:
        text = _("“%(reward)s”: there are fewer than %(count)s left. Choose another reward, or fewer.")
        super().__init__(text % {"reward": reward, "count": wanted}, reward=reward, wanted=wanted)


class RedemptionNotFoundError(NotFoundError):
    """No such redemption."""

    code = "redemption_not_found"

    def __init__(self, redemption_id: UUID) -> None:
        text = _("There is no redemption %(id)s.") % {"id": redemption_id}
        super().__init__(text, redemption=str(redemption_id))


class RedemptionStateError(ConflictError):
    """The redemption is not in a state in which this could be done."""

    code = "redemption_state"


class GiftNotFoundError(NotFoundError):
    """No such birthday gift."""

    code = "birthday_gift_not_found"

    def __init__(self, gift: object) -> None:
        super().__init__(_("There is no birthday gift “%(id)s”.") % {"id": gift}, gift=str(gift))


class GiftRefusedError(InvalidError):
    """A field of a birthday gift breaks its rule."""

    code = "birthday_gift_refused"
