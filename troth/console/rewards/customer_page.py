"""The rewards tab of a customer."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerTab, register

register(CustomerTab("rewards", _("Rewards & coupons"), "rewards:customer", Permission.REWARDS_VIEW, 40))
