"""The service requests and trainings tab of a customer."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerTab, register

register(CustomerTab("services", _("Service & training"), "requests:customer", Permission.CASES_VIEW, 55))
