"""Addresses, Chinese and Western, brought to forms that can be compared."""

import re
from dataclasses import dataclass

from .names import fold

_SHORTENED = (
    "st:street str:street rd:road ave:avenue av:avenue blvd:boulevard ln:lane dr:drive ct:court pl:place"
    " sq:square apt:apartment ste:suite fl:floor hwy:highway pkwy:parkway mt:mount"
    " n:north s:south e:east w:west"
)
_SHORT_WORDS = dict(pair.split(":") for pair in _SHORTENED.split())
_HAN_FILLERS = re.compile(
    r"(特别行政区|自治区|街道|小区|号楼|单元|中国|省|市|区|县|镇|乡|村|号|弄|栋|幢|座|室|层|楼|户|之)"
)
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_NUMBERED = re.compile(r"[〇零一二三四五六七八九]+(?=[号弄栋幢座室层楼单])")


@dataclass(frozen=True, slots=True)
class AddressForms:
    """One address: the words without fillers, and its numbers in order ("500-3-201")."""

    words: str
    numbers: str


def address_forms(address: str) -> AddressForms:
    """Return the comparable forms of an address."""
    text = fold(address)
    text = _NUMBERED.sub(lambda found: found.group().translate(_HAN_DIGITS), text)
    numbers = "-".join(number.lstrip("0") or "0" for number in re.findall(r"\d+", text))
    tokens = re.findall(r"[^\W\d_]+", _HAN_FILLERS.sub(" ", text))
    words = "".join(_SHORT_WORDS.get(token, token) for token in tokens)
    return AddressForms(words=words, numbers=numbers)
