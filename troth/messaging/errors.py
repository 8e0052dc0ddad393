"""What messaging refuses."""

from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class IntentRefusedError(InvalidError):
    """A value of an intent breaks its rule."""

    code = "message_refused"


class IntentConflictError(ConflictError):
    """The key names another message already."""

    code = "message_conflict"

    def __init__(self, key: str) -> None:
        text = _("The key “%(key)s” names another message already. Use a new key for a new one.")
        super().__init__(text % {"key": key}, field="key", key=key)


class RecipientUnknownError(InvalidError):
    """There is no such customer."""

    code = "recipient_unknown"

    def __init__(self, key: str, customer_id: UUID) -> None:
        text = _("Message %(key)s: there is no customer %(id)s. Add the customer first.")
        super().__init__(text % {"key": key, "id": customer_id}, field="customer_id", value=str(customer_id), key=key)


class ContactNotFoundError(NotFoundError):
    """No such message."""

    code = "message_not_found"

    def __init__(self, contact_id: UUID | str) -> None:
        super().__init__(_("There is no message %(id)s.") % {"id": contact_id}, contact=str(contact_id))


class ContactStateError(ConflictError):
    """The message is not where it would have to be for this."""

    code = "message_state"


class PolicyRefusedError(InvalidError):
    """A rule of sending cannot be kept."""

    code = "sending_policy_refused"


class ControlRefusedError(InvalidError):
    """What offers brought cannot be measured against the control group."""

    code = "control_refused"


class SendingStateError(ConflictError):
    """All sending is paused already, or is not."""

    code = "sending_state"


class SuppressionNotFoundError(NotFoundError):
    """The customer has no such blocked address."""

    code = "block_not_found"

    def __init__(self, block_id: int) -> None:
        text = _("No address of this customer is blocked under %(id)s. Read the customer's blocked addresses again.")
        super().__init__(text % {"id": block_id}, block=str(block_id))


class SuppressionRefusedError(InvalidError):
    """A block is not lifted without a reason."""

    code = "block_refused"

    def __init__(self, note: str, limit: int) -> None:
        text = _("Write why, in at most %(limit)d characters.") % {"limit": limit}
        super().__init__(text, field="note", value=note[:40], limit=limit)


class ConsentUnconfirmedError(ConflictError):
    """The rules of sending want the consent confirmed by the customer before it counts."""

    code = "consent_unconfirmed"

    def __init__(self, purpose: str, channel: str) -> None:
        text = _(
            "The rules of sending want consent for %(purpose)s by %(channel)s confirmed before it counts. Ask the"
            " customer with consent-requests; or say confirmed, where the proof shows that the customer did."
        )
        values = {"purpose": purpose, "channel": channel}
        super().__init__(text % values, field="confirmed", value="false", **values)


class SuppressionKeptError(ConflictError):
    """The holder of the address reported us as spam, and has not agreed again."""

    code = "block_kept"

    def __init__(self) -> None:
        super().__init__(_("The customer reported a message as spam. Only a new yes of the customer's own ends that."))
