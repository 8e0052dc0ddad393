"""Guessing what the columns of a file mean, from headers in English and Chinese."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from troth.imports.targets import TARGETS, Shape, Target

_NOISE = re.compile(r"[\W_]+")
_BRACKETS = re.compile(r"[(（\[【<].*?[)）\]】>]")
_SUFFIXES = ("必填", "选填", "元", "rmb", "cny", "usd", "yuan")
LONGEST_HEADER = 200  # a thousand headers of ten thousand brackets that never close would take minutes
MAX_COLUMNS = 1_000  # more are refused anyway
_MIN_PART = 2  # shorter aliases such as 市 or 名 count only when they are the whole header


def normalise(header: str) -> str:
    """Return a header without case, width, spaces, punctuation, bracketed remarks: "Order No. (必填)" is "orderno"."""
    text = unicodedata.normalize("NFKC", header[:LONGEST_HEADER]).strip().lower().replace("#", " no ")
    bare = _NOISE.sub("", _BRACKETS.sub("", text)) or _NOISE.sub("", text)
    for suffix in _SUFFIXES:
        if bare.endswith(suffix) and len(bare) > len(suffix) + 1:
            bare = bare.removesuffix(suffix)
    return bare


_EXACT: dict[str, list[str]] = {}
for _known in TARGETS:
    for _alias in _known.aliases:
        _EXACT.setdefault(_alias, []).append(_known.code)


def recognised(record: Sequence[str]) -> int:
    """Return how many of the cells are known headers."""
    return sum(normalise(cell) in _EXACT for cell in record[:MAX_COLUMNS] if cell and len(cell) < 60)


def find_header(records: Sequence[Sequence[str]]) -> int:
    """Return the row number (from 1) that looks most like a header; 0 when the file starts with data.

    Titles and remarks above the table are common in exports, so the row with the most known names wins; with none
    known, the first row that is filled to the usual width and holds no number.
    """
    scores = [recognised(record) for record in records]
    if max(scores, default=0) >= 1:
        return scores.index(max(scores)) + 1
    width = max((_filled(record) for record in records), default=0)
    for number, record in enumerate(records, start=1):
        if _filled(record) == width:
            return 0 if any(_is_number(cell) for cell in record) else number
    return 0


def _filled(record: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in record)


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[\s¥￥$€+-]*\d[\d\s.,:/-]*", cell))


def guess(columns: Sequence[str], targets: Iterable[Target]) -> dict[str, int]:
    """Return target code -> column number for the columns that can be told; each is used once.

    Whole-header matches come before partial ones, longer partial matches before shorter ones.
    """
    headers = [normalise(column) for column in columns]
    candidates = [
        (score, -number, target.code)
        for target in targets
        for number, header in enumerate(headers)
        if (score := _score(header, target.aliases))
    ]
    mapping: dict[str, int] = {}
    for _rank, number, code in sorted(candidates, reverse=True):
        if code not in mapping and -number not in mapping.values():
            mapping[code] = -number
    return mapping


def _score(header: str, aliases: tuple[str, ...]) -> float:
    if header in aliases:
        # Earlier aliases are the surer ones: "amount" means the amount paid more than "subtotal" does.
        return 1000 - aliases.index(header)
    parts = [alias for alias in aliases if len(alias) >= _min_length(alias) and alias in header]
    return max((len(part.encode()) / len(header.encode()) * 100 for part in parts), default=0)


def _min_length(alias: str) -> int:
    """Latin aliases must be words of some length to count inside another word: "time" is in "sometimes"."""
    return 6 if alias.isascii() else _MIN_PART + 1


def guess_shape(columns: Sequence[str]) -> Shape:
    """Return what a row of the file most likely is."""
    known = {code for column in columns for code in _EXACT.get(normalise(column), ())}
    if known & {"sku", "product_name", "quantity", "unit_price", "category"} and "order_id" in known:
        return Shape.LINES
    if known & {"order_id", "net_amount", "payment"} or "ordered_at" in known - {"joined_date"}:
        return Shape.ORDERS if not known & {"birth_date", "gender", "joined_date"} else Shape.CUSTOMERS
    return Shape.CUSTOMERS


def fingerprint(columns: Iterable[str], shape: Shape) -> str:
    """Return the key under which the mapping of such a file is remembered."""
    text = "\x1f".join([shape.value, *(normalise(column) for column in columns)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
