"""Events of customers."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

declare(
    EventType("customers.customer.created", _("Customer added"), {"source": "where from"}, icon="user-plus"),
    EventType("customers.customer.imported", _("Customer imported"), {"import": "id"}, icon="user-plus"),
    EventType(
        "customers.customer.updated",
        _("Data changed"),
        {"fields": "names of the changed fields"},
        icon="edit",
    ),
    EventType("customers.customer.erased", _("Personal data erased"), {"records": "ids"}, icon="trash"),
    EventType(
        "customers.customer.merged",
        _("Merged with another record"),
        {"merge": "id", "merged": "id of the record that was linked", "reason": "code"},
        icon="arrows-join",
    ),
    EventType(
        "customers.customer.unmerged",
        _("Merge undone"),
        {"merge": "id", "merged": "id of the record"},
        icon="arrows-split",
    ),
    EventType(
        "customers.customer.data_exported",
        _("Data handed to the customer"),
        {"sections": "names"},
        icon="file-download",
    ),
    EventType(
        "customers.identity.added",
        _("Recognised by one more"),
        {"identity_kind": "code", "source": "issuer"},
        icon="id",
    ),
    EventType(
        "customers.identity.removed",
        _("Recognised by one less"),
        {"identity_kind": "code", "source": "issuer"},
        icon="id",
    ),
    EventType(
        "customers.attribute.defined",
        _("Attribute defined"),
        {"attribute": "its code", "fields": "names of the changed fields"},
        icon="list-details",
    ),
    EventType(
        "customers.attribute.set",
        _("Attribute set"),
        {"attributes": "codes of the changed ones"},
        icon="list-details",
    ),
    EventType("customers.tag.added", _("Tag added"), {"tag": "id"}, icon="tag"),
    EventType("customers.tag.removed", _("Tag removed"), {"tag": "id"}, icon="tag"),
    EventType(
        "customers.consent.given",
        _("Consent given"),
        {"purpose": "code", "channel": "code", "source": "where"},
        icon="checkbox",
    ),
    EventType(
        "customers.consent.withdrawn",
        _("Consent withdrawn or refused"),
        {"purpose": "code", "channel": "code", "source": "where"},
        icon="hand-stop",
    ),
    EventType(
        "customers.household.joined",
        _("Joined a household"),
        {"household": "id", "role": "code"},
        icon="home",
    ),
    EventType("customers.household.renamed", _("Household renamed"), {"household": "id"}, icon="home"),
    EventType(
        "customers.household.role_changed",
        _("Another place in the household"),
        {"household": "id", "role": "code"},
        icon="home",
    ),
    EventType("customers.household.left", _("Left the household"), {"household": "id"}, icon="home"),
    EventType(
        "customers.owner.changed",
        _("Owner on our staff changed"),
        {"staff_member": "id or empty"},
        icon="user-share",
    ),
    EventType(
        "customers.duplicate.dismissed",
        _("Judged not to be another customer"),
        {"other": "id of the other record"},
        icon="users",
        on_timeline=False,
    ),
    EventType(
        "customers.duplicates.searched",
        _("Searched for duplicates"),
        {"records": "count", "found": "new suspicions", "is_trained": "whether the weights were learnt"},
        on_timeline=False,
    ),
    EventType(
        "customers.list.exported",
        _("List of customers exported"),
        {"rows": "count", "columns": "names", "filters": "codes of the filters used"},
        on_timeline=False,
    ),
)
