"""Pictures from outside: known by their bytes, never by their names, within limits, and written anew.

Nothing of what a camera writes beside the picture is kept: no place, no time, no device.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from troth.kit import pictures

from .errors import PhotoRefusedError

MOST_BYTES = 5 * 2**20
MOST_PHOTOS = 4
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_PNG_END = b"IEND\xaeB`\x82"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that passed, as we wrote it. content_type: as its bytes say."""

    content_type: str
    content: bytes


def checked_photos(contents: Sequence[bytes], *, most: int = MOST_PHOTOS) -> list[Photo]:
    """Return the pictures.

    Raises:
        PhotoRefusedError: too many, too large, broken, or something else than JPEG, PNG or WebP.
    """
    if len(contents) > most:
        text = _("You gave %(count)d pictures; at most %(limit)d go with it.")
        raise PhotoRefusedError(text % {"count": len(contents), "limit": most}, field="photos", limit=most)
    return [checked_photo(content) for content in contents]


def checked_photo(content: bytes) -> Photo:
    """Return the picture; see `checked_photos`."""
    if len(content) > MOST_BYTES:
        text = _("A picture has %(size)s MB; the limit is %(limit)d MB. Make it smaller.")
        values = {"size": f"{len(content) / 2**20:.1f}", "limit": MOST_BYTES // 2**20}
        raise PhotoRefusedError(text % values, field="photos", limit=MOST_BYTES)
    kind = sniffed(content)
    if kind is None:
        raise PhotoRefusedError(_("Only pictures go with it: JPEG, PNG or WebP."), field="photos")
    try:
        return Photo(kind, pictures.cleaned(content, kind))
    except pictures.PictureError as error:
        text = _("A picture cannot be read, or has more than %(limit)d million dots. Take another one.")
        values = {"limit": pictures.MOST_DOTS[kind] // 1_000_000}
        raise PhotoRefusedError(text % values, field="photos", limit=pictures.MOST_DOTS[kind]) from error


def sniffed(content: bytes) -> str | None:
    """Return the type of a picture by its own bytes, None if it is no whole picture of a type we show.

    Beginning and end must both fit, so that a page or script with a picture's first bytes does not pass.
    """
    if content.startswith(_JPEG) and content.rstrip(b"\x00").endswith(_JPEG_END):
        return "image/jpeg"
    if content.startswith(_PNG) and content[12:16] == b"IHDR" and content.endswith(_PNG_END):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        declared = int.from_bytes(content[4:8], "little") + 8
        return "image/webp" if declared == len(content) else None
    return None
