"""Companies that may be one: by name without legal form and place, tax number, phone, and domain of their addresses.

There are few companies and they write their names with care, so nothing is trained: each outcome weighs a fixed number
of bits (+1 doubles the odds), which are our assumption, and pairs are looked at only where they share something.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from .names import fold, has_han
from .search import DEFAULT_THRESHOLD, FieldReason, LikelyPair

START_BITS = -6.0
WEIGHTS: dict[tuple[str, str], float] = {
    ("tax_id", "same"): 14.0,
    ("tax_id", "different"): -8.0,
    ("company_name", "same"): 10.0,
    ("company_name", "one_in_other"): 6.0,
    ("company_name", "different"): -4.0,
    ("company_phone", "same"): 5.0,
    ("domain", "same"): 5.0,
}
CROWD = 50
"""A domain or phone that more companies share says nothing: an incubator, a bookkeeper, a chain of franchises."""

# Anybody may have an address there.
_PROVIDERS = """
qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn
wo.cn 21cn.com gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.uk icloud.com me.com
mac.com aol.com gmx.de gmx.net web.de t-online.de mail.ru yandex.ru proton.me protonmail.com
"""
FREE_PROVIDERS = frozenset(_PROVIDERS.split())
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_HAN_FORMS = re.compile(
    r"(集团)?(股份)?(有限责任公司|有限公司|责任公司|总公司|分公司|公司|集团|企业|厂|商行|经营部|工作室|合作社)$"
)
_HAN_PLACE = re.compile(
    r"^(中国)?(.{2,3}省)?(.{2,3}市)?(北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|成都|武汉|西安|香港)?"
)
_LATIN_FORMS = re.compile(
    r"\b(incorporated|inc|limited|ltd|llc|llp|plc|corporation|corp|company|co|gmbh|ag|kg|ohg|sa|sarl|sas|bv|nv|ab|as|oy"
    r"|srl|spa|pte|pty|kk|holdings?|group|international|the|and)\b"
)
_SHORTEST = {True: 3, False: 5}  # characters of a name, Chinese or not, that another may hold


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """What the matcher may know of one company; empty where unknown. phones in E.164."""

    id: str
    name: str = ""
    tax_ids: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Forms:
    id: str
    core: str
    tax_ids: frozenset[str]
    phones: frozenset[str]
    domains: frozenset[str]


def core_name(name: str) -> str:
    """Return a company's name without place, legal form, brackets, spaces: 上海永安纸业有限公司 → 永安纸业."""
    text = _BRACKETS.sub("", fold(name))
    if has_han(text):
        bare = re.sub(r"[\W_]+", "", text)
        short = _HAN_FORMS.sub("", bare)
        core = _HAN_PLACE.sub("", short)
        return core if len(core) >= 2 else short or bare
    words = _LATIN_FORMS.sub(" ", re.sub(r"[^\w\s]", " ", text.replace(".", "").replace("&", " ")))
    return "".join(words.split()) or "".join(text.split())


def find_likely_companies(
    records: Iterable[CompanyRecord], *, threshold: float = DEFAULT_THRESHOLD
) -> list[LikelyPair]:
    """Return the pairs that are one company with at least the given probability (0 to 1), most likely first."""
    companies = {record.id: _forms(record) for record in records}
    found = (_compare(companies[left], companies[right]) for left, right in _candidates(companies.values()))
    likely = [pair for pair in found if pair.probability >= threshold]
    return sorted(likely, key=lambda pair: (-pair.probability, pair.left_id, pair.right_id))


def _forms(record: CompanyRecord) -> _Forms:
    domains = {fold(email).rpartition("@")[2] for email in record.emails if "@" in email}
    return _Forms(
        id=record.id,
        core=core_name(record.name),
        tax_ids=frozenset(re.sub(r"\W+", "", fold(text)) for text in record.tax_ids) - {""},
        phones=frozenset(record.phones),
        domains=frozenset(domains) - FREE_PROVIDERS,
    )


def _candidates(companies: Iterable[_Forms]) -> set[tuple[str, str]]:
    """Return the pairs that share a number, a domain, a name, or the beginning of a name."""
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in companies:
        keys = {("tax", tax) for tax in one.tax_ids} | {("phone", phone) for phone in one.phones}
        keys |= {("domain", domain) for domain in one.domains}
        if one.core:
            keys |= {("name", one.core), ("start", one.core[: _SHORTEST[has_han(one.core)]])}
        for key in keys:
            shared[key].append(one.id)
    return {
        (min(pair), max(pair))
        for (kind, _value), ids in shared.items()
        if len(ids) <= CROWD or kind in ("tax", "name")
        for pair in combinations(ids[: CROWD * 4], 2)
    }


def _compare(left: _Forms, right: _Forms) -> LikelyPair:
    outcomes = {
        "tax_id": _overlap(left.tax_ids, right.tax_ids),
        "company_name": _names(left.core, right.core),
        # Two phones or two domains of one company are usual, so other ones speak against nothing.
        "company_phone": "same" if left.phones & right.phones else "unknown",
        "domain": "same" if left.domains & right.domains else "unknown",
    }
    weights = {field: WEIGHTS.get((field, code), 0.0) for field, code in outcomes.items()}
    probability = 1 / (1 + 2 ** -(START_BITS + sum(weights.values())))
    reasons = tuple(FieldReason(field, code, weights[field]) for field, code in outcomes.items())
    return LikelyPair(min(left.id, right.id), max(left.id, right.id), probability, reasons)


def _overlap(left: frozenset[str], right: frozenset[str]) -> str:
    if not left or not right:
        return "unknown"
    return "same" if left & right else "different"


def _names(left: str, right: str) -> str:
    if not left or not right:
        return "unknown"
    if left == right:
        return "same"
    shorter, longer = sorted((left, right), key=len)
    return "one_in_other" if len(shorter) >= _SHORTEST[has_han(shorter)] and shorter in longer else "different"
