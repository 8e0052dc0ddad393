"""Pictures of strangers made harmless: decoded within limits, turned upright, written anew without what came along.

A photo tells where and when it was taken, and by which device; a file may claim to be larger than any memory, or hold
a second file behind the picture. What is written here holds the picture's dots and nothing else.
"""

import struct
from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageOps

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
MOST_DOTS = {"image/jpeg": 50_000_000, "image/png": 13_000_000, "image/webp": 13_000_000}
"""A phone's best camera takes 50 million and writes JPEG, which can be read at a fraction of its size. The others are
unpacked whole, 52 MB for 13 million, however small the file: a bomb claims billions. So many has a usual camera."""
MOST_SCANS = 200
"""A JPEG that is drawn in steps has ten; each hundred bytes can hold one more, which goes over all dots again."""
MOST_SIDE = 2560
QUALITY = 88
AS_WRITTEN: Mapping[str, Mapping[str, int]] = {
    "JPEG": {"quality": QUALITY},
    "PNG": {"compress_level": 3},
    "WEBP": {"quality": QUALITY, "method": 1},  # the usual 4 looks twice as long for a sixth of the size
}
_SCAN = b"\xff\xda"
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    IndexError,
    KeyError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
)


class PictureError(ValueError):
    """A picture that cannot be read, or is larger than any camera makes them."""


def cleaned(content: bytes, media_type: str) -> bytes:
    """Return a picture written anew in its own format, at most `MOST_SIDE` dots high and wide.

    media_type: one of `FORMATS`; of a moving picture the first one is kept.

    Raises:
        PictureError: it cannot be read, or has too many dots or scans.
    """
    kind = FORMATS[media_type]
    if kind == "JPEG" and content.count(_SCAN) > MOST_SCANS:
        raise PictureError("scans")
    try:
        with Image.open(BytesIO(content), formats=(kind,)) as opened:
            # Known from the head, before anything is unpacked.
            if opened.width * opened.height > MOST_DOTS[media_type]:
                raise PictureError(f"{opened.width} × {opened.height}")
            opened.seek(0)
            picture = _small(opened, kind)
            ImageOps.exif_transpose(picture, in_place=True)
    except _BROKEN as error:
        raise PictureError(str(error)) from error
    picture.info.clear()
    found = BytesIO()
    picture.save(found, kind, **AS_WRITTEN[kind])
    return found.getvalue()


def _small(picture: Image.Image, kind: str) -> Image.Image:
    """Return the picture no larger than needed, in a mode that every browser shows, copied as late as can be."""
    if picture.mode in ("P", "PA", "1"):  # dots of a palette cannot be mixed
        picture = _plain(picture, kind)
    picture.thumbnail((MOST_SIDE, MOST_SIDE))
    return _plain(picture, kind)


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """Return the dots in a mode that every browser shows: JPEG has no transparency."""
    if kind == "JPEG":
        return picture.convert("L" if picture.mode == "L" else "RGB")
    is_clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    return picture.convert("RGBA" if is_clear else "RGB")
