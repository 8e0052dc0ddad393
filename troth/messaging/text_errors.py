"""What templates, channels, links and receipts refuse."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class BrandRefusedError(InvalidError):
    """A colour or logo cannot be taken."""

    code = "brand_refused"


class TemplateNotFoundError(NotFoundError):
    """No template has the code, or no version the number."""

    code = "template_not_found"

    def __init__(self, code: str) -> None:
        super().__init__(_("There is no template “%(code)s”.") % {"code": code}, field="template", value=code)


class TemplateUnpublishedError(ConflictError):
    """The template was never published: there is nothing to send."""

    code = "template_unpublished"

    def __init__(self, code: str) -> None:
        text = _("The template “%(code)s” is not published yet; publish it before it is sent.")
        super().__init__(text % {"code": code}, field="template", value=code)


class TemplateRefusedError(InvalidError):
    """A template breaks a rule: its Liquid, its facts, its languages."""

    code = "template_refused"


class TemplateChangedError(ConflictError):
    """Somebody else saved the template meanwhile."""

    code = "template_changed"

    def __init__(self) -> None:
        super().__init__(
            _("Somebody saved this template while you were writing. Load it again, then make your change.")
        )


class RenderRefusedError(InvalidError):
    """A text takes too long or grows too large while it is filled in."""

    code = "render_refused"


class ChannelRefusedError(InvalidError):
    """A channel's settings break a rule."""

    code = "channel_refused"


class InboxMessageNotFoundError(NotFoundError):
    """No such message in an inbox."""

    code = "inbox_message_not_found"

    def __init__(self, message_id: UUID) -> None:
        super().__init__(_("There is no message %(id)s.") % {"id": message_id}, value=str(message_id))


class LinkRefusedError(NotFoundError):
    """A signed link was changed, is over, or was never ours."""

    code = "link_refused"

    def __init__(self) -> None:
        super().__init__(_("This link does not work, or no longer. Please use the newest message from us."))


class ReceiptRefusedError(InvalidError):
    """A receipt does not prove where it comes from."""

    code = "receipt_refused"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("This receipt is not signed by the provider, or too old."))
