"""Codes of coupons: made from a counter by a keyed permutation, so that no two are alike and nobody guesses the next.

A unique code is `prefix` (four signs, the campaign's) + body + one check sign. The body is the serial number, permuted
within all bodies of its length: a permutation never gives one body twice, so ten million codes need no look-up. The
permutation is an alternating Feistel network in base 17 with ten rounds, the shape of FF1 (NIST SP 800-38G), its round
function BLAKE2b keyed with the campaign's secret.

The check sign makes Σ weight × value divisible by 17, with weights 1 to 16 in turn. As 17 is prime, one wrong sign and
two neighbours swapped are always found (the proof of ISBN-10's check, with another prime).
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

ALPHABET = "2346789FHKMQRTWXY"
"""No vowels, so no words; nothing that looks like another (0 O, 1 I L, 5 S, 8 B, U V) and one of each group of letters
that sound alike (B C D E G P T V Z: T; F S: F; M N: M; J K: K; 5 9: 9)."""

BASE = len(ALPHABET)
PREFIX_LENGTH = 4
SHORTEST_BODY, LONGEST_BODY = 7, 14
KEY_BYTES = 32
ROUNDS = 10
GUESSES_PER_HIT = 1_000_000
"""At most one in so many made-up bodies belongs to a code of the campaign."""

_VALUES = {sign: value for value, sign in enumerate(ALPHABET)}
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_IGNORED = re.compile(r"[\s\-_./·‐-―]+")


def body_length(size: int) -> int:
    """Return how many signs the body of a campaign of so many codes has.

    Raises:
        ValueError: no length is enough.
    """
    for length in range(SHORTEST_BODY, LONGEST_BODY + 1):
        if BASE**length >= size * GUESSES_PER_HIT:
            return length
    raise ValueError(f"{size} codes are more than bodies of {LONGEST_BODY} signs can hide")


def normalized(text: str) -> str:
    """Return a code as it is stored, however it was typed: full-width, small letters, in groups."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()


def grouped(code: str) -> str:
    """Return a unique code in groups of four, as people read it."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def new_prefix() -> str:
    """Return four random signs."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))


def new_key() -> bytes:
    """Return a new secret for a campaign's permutation."""
    return secrets.token_bytes(KEY_BYTES)


def is_prefix(text: str) -> bool:
    """Tell whether the text could be a campaign's prefix."""
    return len(text) == PREFIX_LENGTH and set(text) <= _VALUES.keys()


def check_sign(stem: str) -> str:
    """Return the sign that follows the stem: prefix and body."""
    total = sum(_weight(place) * _VALUES[sign] for place, sign in enumerate(stem))
    return ALPHABET[-total * pow(_weight(len(stem)), -1, BASE) % BASE]


def is_well_formed(code: str) -> bool:
    """Tell whether a normalised text is a unique code by its signs, length and check sign."""
    shortest, longest = PREFIX_LENGTH + SHORTEST_BODY + 1, PREFIX_LENGTH + LONGEST_BODY + 1
    if not shortest <= len(code) <= longest or not set(code) <= _VALUES.keys():
        return False
    return sum(_weight(place) * _VALUES[sign] for place, sign in enumerate(code)) % BASE == 0


def _weight(place: int) -> int:
    return place % (BASE - 1) + 1


@dataclass(frozen=True)
class Scheme:
    """How one campaign makes its codes. length: signs of the body; size: serial numbers run from 0 to size − 1."""

    prefix: str
    length: int
    key: bytes
    size: int

    def code(self, serial_no: int) -> str:
        """Return the code of a serial number.

        Raises:
            ValueError: the campaign has no such number.
        """
        if not 0 <= serial_no < self.size:
            raise ValueError(f"serial number {serial_no} is not within 0 and {self.size - 1}")
        stem = self.prefix + self._text(self.permuted(serial_no))
        return stem + check_sign(stem)

    def codes(self, first: int, count: int) -> Iterator[str]:
        """Yield the codes of consecutive serial numbers."""
        return (self.code(serial_no) for serial_no in range(first, first + count))

    def serial_no(self, code: str) -> int | None:
        """Return the serial number of a normalised code, None if it is no code of this campaign."""
        if not code.startswith(self.prefix) or len(code) != len(self.prefix) + self.length + 1:
            return None
        if not is_well_formed(code):
            return None
        number = 0
        for sign in code[len(self.prefix) : -1]:
            number = number * BASE + _VALUES[sign]
        found = self.restored(number)
        return found if found < self.size else None

    def permuted(self, number: int) -> int:
        """Return where the permutation of all bodies takes a number."""
        left, right = divmod(number, self._moduli[1])
        for turn in range(ROUNDS):
            left, right = right, (left + self._round(turn, right)) % self._moduli[turn % 2]
        return left * self._moduli[1] + right

    def restored(self, number: int) -> int:
        """Return the number that `permuted` takes here."""
        left, right = divmod(number, self._moduli[1])
        for turn in reversed(range(ROUNDS)):
            left, right = (right - self._round(turn, left)) % self._moduli[turn % 2], left
        return left * self._moduli[1] + right

    @cached_property
    def _moduli(self) -> tuple[int, int]:
        half = self.length // 2
        return BASE**half, BASE ** (self.length - half)

    @cached_property
    def _hashes(self) -> list["blake2b"]:
        """Return the keyed hash of each round, ready to take its half: keying costs as much as hashing."""
        ready = []
        for turn in range(ROUNDS):
            keyed = blake2b(digest_size=8, key=self.key)
            keyed.update(bytes([turn, self.length]))
            ready.append(keyed)
        return ready

    def _round(self, turn: int, half: int) -> int:
        hashed = self._hashes[turn].copy()
        hashed.update(half.to_bytes(8, "big"))
        return int.from_bytes(hashed.digest(), "big")

    def _text(self, number: int) -> str:
        signs = []
        for _ in range(self.length // 2):
            number, pair = divmod(number, BASE * BASE)
            signs.append(_PAIRS[pair])
        if self.length % 2:
            signs.append(ALPHABET[number])
        return "".join(reversed(signs))
