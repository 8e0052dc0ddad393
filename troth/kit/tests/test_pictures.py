"""Pictures of strangers: nothing but their dots is kept, and no bomb goes off."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from troth.kit import pictures
from troth.kit.pictures import PictureError, cleaned

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825
TYPES = sorted(pictures.FORMATS)


def picture(media_type="image/jpeg", size=(40, 20), mode="RGB", **saved) -> bytes:
    found = BytesIO()
    Image.new(mode, size, "red").save(found, pictures.FORMATS[media_type], **saved)
    return found.getvalue()


def photo(media_type="image/jpeg") -> bytes:
    """Return a photo taken upside by a phone at a place."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "A telling phone"
    exif.get_ifd(GPS)[2] = (31.0, 13.0, 43.0)
    return picture(media_type, exif=exif)


@pytest.mark.parametrize("media_type", TYPES)
def test_place_time_and_device_are_gone_and_the_picture_stands_upright(media_type):
    assert b"A telling phone" in photo(media_type)
    clean = cleaned(photo(media_type), media_type)
    with Image.open(BytesIO(clean)) as found:
        assert (found.size, dict(found.getexif())) == ((20, 40), {})
    assert b"A telling phone" not in clean


def test_comments_and_what_hangs_behind_are_gone():
    with_comment = picture(comment=b"taken at home")
    clean = cleaned(with_comment + b"<?php system($_GET[0]); ?>", "image/jpeg")
    assert b"taken at home" not in clean
    assert b"php" not in clean


def test_transparency_stays():
    clean = cleaned(picture("image/png", mode="RGBA"), "image/png")
    with Image.open(BytesIO(clean)) as found:
        assert found.mode == "RGBA"


@pytest.mark.slow
def test_a_large_photo_becomes_smaller():
    with Image.open(BytesIO(cleaned(picture(size=(4_000, 3_000)), "image/jpeg"))) as found:
        assert found.size == (2560, 1920)


def test_a_bomb_is_refused_before_it_is_unpacked():
    """A file of some bytes that claims 60,000 × 60,000 dots: 14 GB in memory."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    chunks = b""
    for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000))), (b"IEND", b"")):
        chunks += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    with pytest.raises(PictureError):
        cleaned(b"\x89PNG\r\n\x1a\n" + chunks, "image/png")


@pytest.mark.parametrize("media_type", TYPES)
def test_what_is_unpacked_whole_may_have_fewer_dots_than_what_is_not(media_type, monkeypatch):
    """Four pictures of 50 million dots each, in some hundred kilobytes, would take two gigabytes and ten seconds."""
    assert pictures.MOST_DOTS[media_type] == (50_000_000 if media_type == "image/jpeg" else 13_000_000)
    monkeypatch.setitem(pictures.MOST_DOTS, media_type, 799)
    with pytest.raises(PictureError):
        cleaned(picture(media_type), media_type)


def test_a_picture_that_is_drawn_over_and_over_is_refused():
    """Each hundred bytes more make the reader go over all dots once more: 5 MB would take minutes."""
    whole = picture(progressive=True)
    begin, end = whole.rfind(b"\xff\xda"), whole.rfind(b"\xff\xd9")
    again = whole[:end] + whole[begin:end] * 200 + whole[end:]
    with pytest.raises(PictureError):
        cleaned(again, "image/jpeg")
    assert cleaned(whole, "image/jpeg")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("media_type", TYPES)
def test_every_kind_of_dots_is_shown_by_browsers(media_type, mode):
    try:
        raw = BytesIO()
        Image.new(mode, (40, 20)).save(raw, pictures.FORMATS[media_type])
    except OSError:
        return  # the format has no such dots
    with Image.open(BytesIO(cleaned(raw.getvalue(), media_type))) as found:
        assert found.mode in ("L", "RGB", "RGBA")


@pytest.mark.parametrize("cut", [10, 100, 300])
def test_a_broken_picture_is_refused(cut):
    with pytest.raises(PictureError):
        cleaned(picture()[:cut], "image/jpeg")


def test_another_format_than_it_says_is_refused():
    with pytest.raises(PictureError):
        cleaned(picture("image/png"), "image/jpeg")


@given(st.binary(max_size=300), st.sampled_from(TYPES))
def test_no_bytes_break_the_reader(raw, media_type):
    heads = {
        "image/jpeg": b"\xff\xd8\xff",
        "image/png": b"\x89PNG\r\n\x1a\n",
        "image/webp": b"RIFF\x00\x00\x00\x00WEBP",
    }
    with pytest.raises(PictureError):
        cleaned(heads[media_type] + raw, media_type)
