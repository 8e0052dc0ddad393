"""The coupons that an order used: redeemed with it, given back when it comes back whole.

An order names its codes in the tag `coupons`, separated by spaces. A use has one name for its whole life
(`rewards.operations.use_key`), made of the order's number and the code: a till reserves, and the order redeems, the
same use.
"""

from troth.activity.orders import NewOrder

TAG = "coupons"


def codes_of(order: NewOrder) -> list[str]:
    """Return the codes that an order used, each once."""
    return list(dict.fromkeys(str(order.tags.get(TAG) or "").split()))
