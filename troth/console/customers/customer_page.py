"""The card of loyalty and value to come, beside the customer's history."""

from troth.access.permissions import Permission

from . import outlook
from .page import CustomerCard, register

register(CustomerCard("console/customers/outlook.html", Permission.INSIGHTS_VIEW, outlook.panel, 5))
