"""What kind of file this is: by its content, never by its name."""

import codecs
import csv
import re
from collections import Counter
from itertools import islice
from pathlib import Path

from troth.imports.errors import FileRefusedError
from troth.imports.headers import recognised
from troth.imports.limits import MIB, Limits

DELIMITERS = ",;\t|\x01\x1f^~¦:，；"
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "cp1252", "big5")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BOTH_HIGH = re.compile(rb"[\x81-\xfe][\xa1-\xfe]")
_ONE_HIGH = re.compile(rb"[\x81-\xfe][\x40-\x7e]")
_ENOUGH_PAIRS = 1_000
_SAMPLE_BYTES = MIB
_SAMPLE_RECORDS = 200


def file_kind(path: Path) -> str:
    """Return text, xlsx, xls or parquet.

    Raises:
        FileRefusedError: anything else that shows its kind in its first bytes.
    """
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise FileRefusedError("file_empty")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    for magic, kind in _OTHER_KINDS.items():
        if head.lstrip().lower().startswith(magic):
            raise FileRefusedError("file_kind_unknown", kind=kind)
    return "text"


_OTHER_KINDS = {
    b"%pdf": "PDF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7-Zip",
    b"rar!": "RAR",
    b"\x89png": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"<html": "HTML",
    b"<!doctype": "HTML",
    b"<?xml": "XML",
    b"sqlite format": "SQLite",
    b"\x7felf": "ELF",
}


def encoding_of(path: Path) -> tuple[str, int]:
    """Return the encoding and the length of its byte-order mark.

    The whole file is checked, not its beginning: the first Chinese name may stand on the last line. What is neither
    UTF-8 nor GB18030 throughout is read as the one with fewer damaged lines, and those lines are refused.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    if utf16 := _utf16_without_bom(head):
        return utf16, 0
    damaged = {encoding: _damaged_chunks(path, encoding) for encoding in ("utf-8", "gb18030")}
    encoding = min(damaged, key=lambda encoding: damaged[encoding])
    return ("cp1252" if encoding == "gb18030" and _is_western(path) else encoding), 0


def _is_western(path: Path) -> bool:
    """Tell é in "Andrés" from a Chinese character, of which GB18030 would make one with the s.

    Everyday Chinese has the high bit in both bytes of a character; an accented letter stands before a plain one.
    """
    chinese = western = 0
    with path.open("rb") as file:
        while (chunk := file.read(MIB)) and chinese + western < _ENOUGH_PAIRS:
            chinese += len(_BOTH_HIGH.findall(chunk))
            western += len(_ONE_HIGH.findall(_BOTH_HIGH.sub(b"", chunk)))
    return western > chinese


def _utf16_without_bom(head: bytes) -> str | None:
    """Latin text in UTF-16 shows as zeros on every other byte; digits and delimiters do in any language."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and max(even, odd) > len(head) // 8 and min(even, odd) == 0:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _damaged_chunks(path: Path, encoding: str) -> int:
    damaged = 0
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while chunk := file.read(64 * 1024):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                damaged += 1
                decoder.reset()
    return damaged


def delimiter_of(path: Path, *, encoding: str, skip_bytes: int, quote: str) -> str:
    """Return the delimiter that cuts the first records into the most regular, best known columns."""
    with path.open("rb") as file:
        file.seek(skip_bytes)
        sample = file.read(_SAMPLE_BYTES).decode(encoding, "replace").splitlines(keepends=True)
    lines = sample[:-1] if len(sample) > _SAMPLE_RECORDS else sample
    scores = {delimiter: _score(lines, delimiter, quote) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0, 0.0, 0) else ","


def _score(lines: list[str], delimiter: str, quote: str) -> tuple[int, float, int]:
    """Return known headers, share of records of the usual width, that width; nothing when it never cuts."""
    records = _sample_records(lines, delimiter, quote)
    widths = Counter(len(record) for record in records if any(record))
    if not widths:
        return 0, 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1:
        return 0, 0.0, 0
    known = max(recognised(record) for record in records[: Limits.header_rows])
    return known, count / sum(widths.values()), width


def _sample_records(lines: list[str], delimiter: str, quote: str) -> list[list[str]]:
    rows = csv.reader(lines, delimiter=delimiter, quotechar=quote or '"', quoting=0 if quote else csv.QUOTE_NONE)
    try:
        return list(islice(rows, _SAMPLE_RECORDS))
    except csv.Error:
        return []
