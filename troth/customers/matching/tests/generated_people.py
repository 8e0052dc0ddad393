"""Made-up people with known duplicates, to measure the matcher: the same seed gives the same people.

Half are Chinese, half Western. Beside strangers there are those who are easily mistaken: families under
one roof with one phone, twins, fathers and sons of one name, namesakes, colleagues at one address and one
switchboard.
A duplicate is written down a second time by another hand: every field may be missing, changed, mistyped or
written another way, each independently, by the shares in the `rewritten_` functions.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from faker import Faker

from ..names import NICKNAMES, has_han, pinyin, split_han
from ..records import PersonRecord

COMMON_CHINESE_NAMES = [
    *("张伟", "王伟", "王芳", "李伟", "李娜", "张敏", "李静", "王静"),
    *("刘伟", "王秀英", "张丽", "李秀英", "王丽", "张静", "李强"),
]
GENERATION_CHARACTERS = list("志建晓文国子思家明雨俊海")
GIVEN_CHARACTERS = list("强军敏静丽涛杰磊娟霞洋勇燕鹏辉婷宇欣怡轩涵泽")
HOMOPHONES = dict(zip("伟丽静杰燕强婷辉洋霞娟军", "玮莉婧洁艳墙亭晖阳遐涓君", strict=True))
MAIL_HOSTS = [
    "qq.com",
    "163.com",
    "gmail.com",
    "126.com",
    "outlook.com",
    "sina.com",
    "foxmail.com",
    "yahoo.com",
]
FULL_FORMS = {full: short for short, full in NICKNAMES.items()}


class PeopleMaker:
    """Makes people one by one from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.chinese, self.western = Faker("zh_CN"), Faker("en_US")
        self.chinese.seed_instance(seed)
        self.western.seed_instance(seed + 1)
        self.next_id = 0
        self.taken_emails: set[str] = set()

    def some(self, share: float) -> bool:
        return self.random.random() < share

    def new_id(self) -> str:
        self.next_id += 1
        return f"p{self.next_id:06d}"

    def phone(self, is_chinese: bool) -> str:
        if is_chinese:
            prefix = self.random.choice(["130", "135", "136", "138", "139", "150", "158", "159", "177", "186", "188"])
            return f"+86{prefix}{self.random.randrange(10**8):08d}"
        return f"+1{self.random.choice([212, 310, 415, 617, 713, 305])}555{self.random.randrange(10**4):04d}"

    def email(self, name: str) -> str:
        """Return an address nobody has yet: two people never own the same one."""
        while (address := self.some_email(name)) in self.taken_emails:
            pass
        self.taken_emails.add(address)
        return address

    def some_email(self, name: str) -> str:
        base = pinyin(name).lower() if has_han(name) else name.lower().replace(" ", self.random.choice(["", ".", "_"]))
        tail = self.random.choice(["", str(self.random.randrange(60, 2010)), str(self.random.randrange(1000))])
        return f"{base}{tail}@{self.random.choice(MAIL_HOSTS)}"

    def birthday(self, first: int = 1945, last: int = 2005) -> date:
        return date(first, 1, 1) + timedelta(days=self.random.randrange((last - first) * 365))

    def address(self, is_chinese: bool) -> str:
        if is_chinese:
            street = self.chinese.street_name()
            return (
                f"{self.chinese.city()}{self.chinese.district()}区{street}{self.random.randrange(1, 2000)}号"
                f"{self.random.randrange(1, 40)}号楼"
                f"{self.random.randrange(1, 33)}0{self.random.randrange(1, 7)}室"
            )
        return self.western.address().replace("\n", ", ")

    def person(self, is_chinese: bool) -> PersonRecord:
        faker = self.chinese if is_chinese else self.western
        name = faker.name() if is_chinese else f"{faker.first_name()} {faker.last_name()}"
        return self.details(name, self.phone(is_chinese), self.address(is_chinese), self.birthday())

    def details(self, name: str, phone: str, address: str, born: date) -> PersonRecord:
        """Return a person of whom not everything was asked."""
        return PersonRecord(
            id=self.new_id(),
            full_name=name,
            phones=(phone,) if self.some(0.9) else (),
            emails=(self.email(name),) if self.some(0.55) else (),
            birth_date=born if self.some(0.75) else None,
            address=address if self.some(0.7) else "",
        )

    def family(self, is_chinese: bool) -> list[PersonRecord]:
        """Return a couple with children under one roof; most share the phone, siblings share half a name."""
        phone, address = self.phone(is_chinese), self.address(is_chinese)
        surname = self.chinese.last_name() if is_chinese else self.western.last_name()
        shared = self.random.choice(GENERATION_CHARACTERS)
        given_names: set[str] = set()
        children = self.random.choice([1, 1, 2, 2, 3])
        born = self.birthday(1985, 2006)
        members: list[PersonRecord] = []
        for index in range(children + 2):
            is_child = index >= 2
            family = surname if is_child or index == 0 or not is_chinese else self.chinese.last_name()
            given = self.given_name(is_chinese, shared if is_child else "", given_names)
            name = f"{family}{given}" if is_chinese else f"{given} {family}"
            is_twin = index == 3 and self.some(0.03)
            if is_child and not is_twin:
                born = self.birthday(1985, 2006)
            day = born if is_child else self.birthday(1955, 1975)
            if index == 2 and not is_chinese and self.some(0.02):
                name = members[0].full_name  # named after the father
            own = phone if self.some(0.7) else self.phone(is_chinese)
            members.append(self.details(name, own, address, day))
        return members

    def given_name(self, is_chinese: bool, shared: str, taken: set[str]) -> str:
        """Return a given name that nobody else in the family has."""
        while True:
            given = f"{shared}{self.random.choice(GIVEN_CHARACTERS)}" if is_chinese else self.western.first_name()
            if given not in taken:
                taken.add(given)
                return given

    def namesake(self) -> PersonRecord:
        person = self.person(is_chinese=True)
        return replace(person, full_name=self.random.choice(COMMON_CHINESE_NAMES))

    def office(self, is_chinese: bool) -> list[PersonRecord]:
        """Return colleagues who gave the firm's address, and some its switchboard."""
        phone, address = self.phone(is_chinese), self.address(is_chinese)
        people = [self.person(is_chinese) for _ in range(self.random.randrange(4, 11))]
        return [replace(p, address=address, phones=(phone,) if self.some(0.4) else p.phones) for p in people]

    # The second record of the same person -------------------------------------------------------------------

    def second_record(self, first: PersonRecord) -> PersonRecord:
        is_chinese = has_han(first.full_name)
        return PersonRecord(
            id=self.new_id(),
            full_name=self.rewritten_name(first.full_name),
            phones=self.rewritten_phone(first, is_chinese),
            emails=self.rewritten_email(first),
            birth_date=self.rewritten_birthday(first.birth_date),
            address=self.rewritten_address(first, is_chinese),
        )

    def pick(self, *choices: tuple[float, Callable[[], str]]) -> str:
        return self.random.choices([make for _, make in choices], [weight for weight, _ in choices])[0]()

    def rewritten_name(self, name: str) -> str:
        if has_han(name):
            family, given = split_han(name)

            def sound(text: str) -> str:
                return pinyin(text).capitalize()

            return self.pick(
                (0.62, lambda: name),
                (0.06, lambda: f"{family} {given}"),
                (0.08, lambda: f"{sound(given)} {sound(family)}"),
                (0.05, lambda: f"{sound(family)} {' '.join(sound(c) for c in given)}"),
                (0.08, lambda: family + "".join(HOMOPHONES.get(c, c) for c in given)),
                (0.04, lambda: f"{name}女士"),
                (0.03, lambda: family + given[-1]),
                (0.04, lambda: f"{family}先生"),
            )
        given, family = name.split(" ", 1)
        return self.pick(
            (0.5, lambda: name),
            (0.08, lambda: f"{family}, {given}"),
            (0.06, lambda: f"{family} {given}"),
            (0.1, lambda: f"{FULL_FORMS.get(given.lower(), given).capitalize()} {family}"),
            (0.1, lambda: self.mistyped(name)),
            (0.06, lambda: f"{given} {self.random.choice('ABCDEJLMRST')}. {family}"),
            (0.03, lambda: f"{given[0]} {family}"),
            (0.03, lambda: name.translate({ord(c): ord(c) + 0xFEE0 for c in name if c != " "})),
            (0.04, lambda: f"{given} {self.western.last_name()}"),  # married
        )

    def mistyped(self, text: str) -> str:
        at = self.random.randrange(1, len(text) - 1)
        letter = self.random.choice("aeinorst")
        return self.pick(
            (1, lambda: text[:at] + text[at + 1] + text[at] + text[at + 2 :]),
            (1, lambda: text[:at] + text[at + 1 :]),
            (1, lambda: text[:at] + letter + text[at + 1 :]),
            (1, lambda: text[:at] + text[at] + text[at:]),
        )

    def digit_changed(self, digits: str) -> str:
        at = self.random.randrange(4, len(digits))
        return f"{digits[:at]}{(int(digits[at]) + self.random.randrange(1, 10)) % 10}{digits[at + 1 :]}"

    def rewritten_phone(self, first: PersonRecord, is_chinese: bool) -> tuple[str, ...]:
        old = first.phones[0] if first.phones else self.phone(is_chinese)
        national = old.removeprefix("+86").removeprefix("+1")
        written = self.pick(
            (0.4, lambda: old),
            (0.08, lambda: f"{national[:3]}-{national[3:7]}-{national[7:]}"),
            (0.1, lambda: self.digit_changed(old)),
            (0.3, lambda: self.phone(is_chinese)),
            (0.12, lambda: ""),
        )
        return (written,) if written else ()

    def rewritten_email(self, first: PersonRecord) -> tuple[str, ...]:
        old = first.emails[0] if first.emails else self.email(first.full_name)
        local, _, _ = old.partition("@")
        written = self.pick(
            (0.35, lambda: old),
            (0.07, lambda: f"{local}@{self.random.choice(MAIL_HOSTS)}"),
            (0.05, lambda: self.mistyped(old)),
            (0.15, lambda: self.email(first.full_name)),
            (0.38, lambda: ""),
        )
        return (written,) if written else ()

    def rewritten_birthday(self, day: date | None) -> date | None:
        if day is None:
            return self.birthday() if self.some(0.1) else None
        iso = day.isoformat()
        written = self.pick(
            (0.7, lambda: iso),
            (0.15, lambda: ""),
            (0.04, lambda: f"{iso[:5]}{iso[8:]}-{iso[5:7]}" if day.day <= 12 else iso),
            (0.06, lambda: str(day + timedelta(days=self.random.choice([-10, -1, 1, 10, 365])))),
            (0.03, lambda: "1900-01-01"),
            (0.02, lambda: self.birthday().isoformat()),
        )
        return date.fromisoformat(written) if written else None

    def rewritten_address(self, first: PersonRecord, is_chinese: bool) -> str:
        old = first.address or self.address(is_chinese)
        shorter = (
            old.replace("省", "").replace("号楼", "-").replace("室", "")
            if is_chinese
            else (
                old.replace("Street", "St")
                .replace("Avenue", "Ave")
                .replace("Road", "Rd")
                .replace("Suite", "Ste.")
                .upper()
            )
        )
        return self.pick(
            (0.25, lambda: old),
            (0.2, lambda: shorter),
            (0.05, lambda: self.mistyped(old)),
            (0.25, lambda: self.address(is_chinese)),
            (0.25, lambda: ""),
        )


def make_people(seed: int, people: int, duplicates: int) -> tuple[list[PersonRecord], set[tuple[str, str]]]:
    """Return records of `people` people, `duplicates` of them recorded twice, and the pairs of one person."""
    maker = PeopleMaker(seed)
    records: list[PersonRecord] = []
    while len(records) < people:
        is_chinese = maker.some(0.5)
        kind = maker.random.random()
        if kind < 0.12:
            records += maker.family(is_chinese)
        elif kind < 0.13:
            records += maker.office(is_chinese)
        elif kind < 0.17:
            records.append(maker.namesake())
        else:
            records.append(maker.person(is_chinese))
    records = records[:people]
    pairs = set()
    for first in maker.random.sample(records, duplicates):
        second = maker.second_record(first)
        records.append(second)
        pairs.add((first.id, second.id))
    maker.random.shuffle(records)
    return records, pairs
