"""The company's look in e-mails and on public pages: a colour and a logo. Made by staff, told to everybody."""

import hashlib
import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from .models import Brand
from .text_errors import BrandRefusedError

LOGO_MAX_BYTES = 32 * 1024
_PICTURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "image/gif": re.compile(rb"GIF8[79]a"),
}


def brand() -> Brand:
    """Return the company's look, without the picture's bytes; Troth's own where nothing was chosen."""
    return Brand.objects.defer("logo").first() or Brand()


def logo() -> Brand | None:
    """Return the look with the logo's bytes, or None without a logo."""
    return Brand.objects.exclude(logo_hash="").first()


@transaction.atomic
def change_brand(*, actor: Actor, now: datetime, color: str | None = None, logo: bytes | None = None) -> Brand:
    """Change the colour, the logo or both; no bytes take the logo away, None leaves what there is.

    Raises:
        BrandRefusedError: no colour, no PNG, JPEG, WebP or GIF, or larger than `LOGO_MAX_BYTES`.
    """
    row, _is_new = Brand.objects.select_for_update().get_or_create(id=1)
    changed = []
    if color is not None and color != row.color:
        row.color = color
        changed.append("color")
    if logo is not None and (found := hashlib.sha256(logo).hexdigest()[:16] if logo else "") != row.logo_hash:
        row.logo, row.logo_hash, row.logo_type = logo, found, _picture_type(logo) if logo else ""
        changed.append("logo")
    if changed:
        _clean(row)
        row.save()
        events.append("messaging.brand.changed", actor=actor, now=now, data={"fields": changed})
    return row


def _clean(row: Brand) -> None:
    try:
        row.full_clean()
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise BrandRefusedError(messages[0], field=field) from invalid


def _picture_type(content: bytes) -> str:
    """Return the media type that the first bytes tell. SVG is not among them: it can hold scripts."""
    if len(content) > LOGO_MAX_BYTES:
        text = _("The logo has %(size)s kB; at most %(limit)s kB load quickly on a phone. Make it smaller.")
        size, limit = -(-len(content) // 1024), LOGO_MAX_BYTES // 1024
        raise BrandRefusedError(text % {"size": size, "limit": limit}, field="logo", value=size, limit=limit)
    for media_type, pattern in _PICTURES.items():
        if pattern.match(content):
            return media_type
    raise BrandRefusedError(_("The logo is no PNG, JPEG, WebP or GIF picture."), field="logo")
