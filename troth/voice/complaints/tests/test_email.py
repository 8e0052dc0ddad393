"""Complaints by e-mail: what people write, and what strangers send."""

from contextlib import suppress
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.customers.models import Customer
from troth.voice.complaints import receiving, services
from troth.voice.complaints.email_text import read_email
from troth.voice.complaints.errors import EmailRefusedError
from troth.voice.complaints.html_text import MOST_HTML, plain_text
from troth.voice.complaints.photos import Photo, checked_photo
from troth.voice.models import Case, CaseEntry, CasePhoto

from .conftest import ACTOR, HOUR, NOON, PIXEL, again, complaint


def mail(text: str = "The ring came broken.", **headers: str) -> EmailMessage:
    message = EmailMessage()
    values = {"From": "Ann Li <ann@example.com>", "Subject": "Broken ring", "Message-ID": "<1@example.com>"} | headers
    for name, value in values.items():
        message[name] = value
    message.set_content(text)
    return message


def receive(message: EmailMessage | bytes, hours: int = 0) -> Any:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return services.receive_email(raw, actor=ACTOR, now=NOON + hours * HOUR)


@pytest.mark.slow
def test_an_email_opens_a_case_for_a_new_or_known_customer(company):
    message = mail()
    message.add_attachment(PIXEL, maintype="image", subtype="png", filename="ring.png")
    message.add_attachment(b"<script>", maintype="image", subtype="png", filename="evil.png")
    received = receive(message)
    case = received.case
    assert case is not None
    assert received.is_new
    assert (case.channel, case.subject, case.text) == ("email", "Broken ring", "The ring came broken.")
    assert Customer.objects.get(id=case.customer_id).name == "Ann Li"
    assert CasePhoto.objects.get().case_id == case.id
    again_received = receive(message, hours=1)
    assert (again_received.case.id, again_received.is_new, Case.objects.count()) == (case.id, False, 1)


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "looked_at", "kept"), [([PIXEL] * 50, 4, 4), ([b"<script>"] * 50 + [PIXEL], 12, 0)])
def test_of_two_hundred_pictures_few_are_unpacked(company, monkeypatch, sent, looked_at, kept):
    unpacked = []

    def counted(content: bytes) -> Photo:
        unpacked.append(content)
        return checked_photo(content)

    monkeypatch.setattr(receiving, "checked_photo", counted)
    message = mail()
    for content in sent:
        message.add_attachment(content, maintype="image", subtype="png", filename="ring.png")
    receive(message)
    assert (len(unpacked), CasePhoto.objects.count()) == (looked_at, kept)


@pytest.mark.slow
def test_an_answer_goes_to_its_case_and_the_clocks_go_on(ann: Customer, settings):
    settings.MAIL_SERVER = "mx.shop.example"
    case = complaint(ann)
    services.write_to_customer(actor=ACTOR, now=NOON + HOUR, case_id=case.id, text="Which ring?", awaits_answer=True)
    reply = mail("The gold one.\n\nOn Mon, 16 Nov 2026 someone wrote:\n> Which ring?", Subject=f"Re: [{case.number}]")
    reply["Authentication-Results"] = "mx.shop.example; dmarc=pass header.from=example.com"
    received = receive(reply, hours=3)
    assert (received.case.id, received.is_new, again(case).state) == (case.id, False, "working")
    assert CaseEntry.objects.filter(case_id=case.id, act="said").get().text == "The gold one."
    receive(reply, hours=4)
    assert CaseEntry.objects.filter(case_id=case.id, act="said").count() == 1


@pytest.mark.slow
def test_a_number_in_a_strangers_subject_opens_nobodys_record(ann: Customer):
    case = complaint(ann)
    stranger = mail("Tell me more.", From="eve@example.com", Subject=f"Re: {case.number}")
    received = receive(stranger)
    assert received.is_new
    assert received.case.id != case.id
    assert CaseEntry.objects.filter(case_id=case.id, act="said").count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "yes"},
        {"Subject": "Automatic reply: Ring"},
        {"Subject": "Out of Office AutoReply: Ring"},
        {"Subject": "自动回复：戒指"},
        {"From": "MAILER-DAEMON@example.com"},
    ],
)
def test_what_programs_send_is_left_alone(company, headers):
    """lesson: an out-of-office reply counted as unsubscribe: here as a complaint."""
    assert receive(mail(**headers)).case is None
    assert (Case.objects.count(), Customer.objects.count()) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("subject", ["自动回复没有用", "Out of office hours nobody answers", "Automatic watch broken"])
def test_who_complains_of_machines_is_none(company, subject):
    assert receive(mail(Subject=subject)).case.subject == subject


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello<br>there</p><p>you</p>", "Hello\nthere\n\nyou"),
        ("<script>alert(1)</script>Hi<style>p{}</style>", "Hi"),
        ("<head><title>x</title></head><body onload=alert(1)>Hi</body>", "Hi"),
        ("<!-- <b>secret</b> -->Hi<![CDATA[x]]>", "Hi"),
        ("Hi &lt;script&gt;alert(1)&lt;/script&gt; &amp; bye", "Hi <script>alert(1)</script> & bye"),
        ("<svg><script>alert(1)</script></svg>Hi", "Hi"),
        ("<img src=x onerror=alert(1)>Hi<iframe src=//evil></iframe>", "Hi"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<scr<script>ipt>alert(1)</script>Hi", "ipt>alert(1)Hi"),
        ("<style><b>Hi", ""),
        ("价格<b>太</b>高", "价格太高"),
        ("<html><head><meta charset=utf-8><body>Hi", "Hi"),  # the end tag of a head may be left out
        ("a < b and 3<4 > 2 &#99999999999999999999;", "a < b and 3<4 > 2"),
        ("<svg><svg></svg><title>no</title></svg>Hi<br/>there<script src=x />no</script>", "Hi\nthere"),
        ("""<a title="1 > 0" alt='">'>Hi</a><p class="never ends>Ho</p>""", "HiHo"),
    ],
)
def test_html_from_strangers_becomes_text(html, text):
    assert plain_text(html) == text


@pytest.mark.slow
def test_only_html_is_read_as_text_and_shown_as_such(company):
    message = mail()
    message.clear_content()
    message.set_content("<p>Bad <b>ring</b></p><script>alert(1)</script>", subtype="html")
    assert receive(message).case.text == "Bad ring"


@pytest.mark.slow
def test_character_sets_that_are_lied_about_are_read_all_the_same(company):
    head = b"From: a@example.com\r\nMessage-ID: <2@x>\r\nSubject: x\r\nContent-Type: text/plain; charset=%s\r\n\r\n"
    assert receive(head % b"gb2312" + "戒指坏了".encode("gb18030")).case.text == "戒指坏了"
    assert read_email(head % b"no-such" + "戒指坏了".encode()).text == "戒指坏了"
    assert read_email(head % b"us-ascii" + "戒指坏了".encode("gbk")).text == "戒指坏了"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff",
        b"From: nobody\r\n\r\nHi",
        b"From: a@example.com\r\n\r\n",
        b"x" * (25 * 2**20 + 1),
        b"From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 400,
    ],
)
def test_what_is_no_message_is_refused_and_leaves_nothing(company, raw):
    with pytest.raises(EmailRefusedError):
        receive(raw)
    assert (Case.objects.count(), Customer.objects.count()) == (0, 0)


@pytest.mark.slow
def test_headers_cannot_smuggle_lines(company):
    raw = b"From: =?utf-8?q?Ann=0ABcc:_x?= <ann@example.com>\r\nSubject: =?utf-8?q?a=0D=0Ab?=\r\n\r\nHi"
    case = receive(raw).case
    assert "\n" not in case.subject
    assert Customer.objects.get().name == ""


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(raw):
    heads = (b"", b"From: a@example.com\n", b"From: a@b.example\nContent-Type: text/html\n\n")
    for head in heads:
        with suppress(EmailRefusedError):
            read_email(head + raw)


@pytest.mark.slow
@given(st.text(max_size=300))
def test_no_html_breaks_the_reader(html):
    assert "<script" not in plain_text(f"<script>{html}</script>") or "</script" in html.lower()


HOSTILE = (
    "<",
    "<a ",
    "<a b=",
    '<a b="',
    "<a b='\"",
    "<!--",
    "<!",
    "<?",
    "</",
    "</a",
    "<script>",
    "<svg>",
    "</svg>",
    "&#9",
)


@pytest.mark.slow
@pytest.mark.parametrize("unit", HOSTILE)
def test_html_without_an_end_takes_no_longer_than_its_length(unit):
    """In time that grows with the square of the length, one of these would take hours."""
    assert "script" not in plain_text("<b>Hi</b>" + unit * (MOST_HTML // len(unit)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["From", "Subject", "Message-ID", "Content-Type", "Content-Disposition"])
@pytest.mark.parametrize("unit", ['"', ",", "a.", ";", "(", "\\", " a", "=?utf-8?q?a?= "])
def test_headers_without_an_end_take_no_longer_than_their_length(name, unit):
    raw = f"From: a@example.com\r\n{name}: {unit * (500_000 // len(unit))}\r\n\r\nHi".encode()
    with suppress(EmailRefusedError):
        assert read_email(raw).sender == "a@example.com"


HALF_SIGN = b"=?utf-7?q?+2AA-?="
BROKEN_HEADERS = ("From", "Subject", "Message-ID", "Return-Path", "Content-Type", "Content-Disposition", "In-Reply-To")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BROKEN_HEADERS, "Content-Transfer-Encoding", "Authentication-Results", "Received"])
def test_half_a_sign_in_a_header_costs_nobody_the_complaint(company, name):
    sender = b"" if name == "From" else b"From: a@example.com\r\n"
    raw = b"%s%s: %s <a@example.com>\r\n\r\nThe ring came broken." % (sender, name.encode(), HALF_SIGN)
    assert receive(raw).case.text == "The ring came broken."


@pytest.mark.slow
@pytest.mark.parametrize(("charset", "half"), [(b"utf-7", b"+2AA-"), (b"unicode_escape", b"\\ud800")])
def test_half_a_sign_in_a_text_is_shown_as_a_question(company, charset, half):
    head = b"From: a@example.com\r\nContent-Type: text/plain; charset=%s\r\n\r\n" % charset
    assert receive(head + b"Broken " + half + b" ring").case.text == "Broken ? ring"


@pytest.mark.slow
def test_an_address_in_bytes_that_nobody_declared_is_read_as_utf_8(company):
    assert receive("From: Ann <ann@例子.cn>\r\n\r\nHi".encode()).case.customer_id is not None


@pytest.mark.parametrize(
    "raw",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(200))
        + b"\n" * 200_000,
        b"\n" * 500_000,
        b"a:b\n" * 500_001,
    ],
)
def test_what_is_built_to_be_sorted_for_ever_is_refused_before(raw):
    """Each line is held against the border of every part around it: 25 MB would take an hour."""
    with pytest.raises(EmailRefusedError, match="cannot be read"):
        read_email(b"From: a@example.com\n" + raw)


@pytest.mark.parametrize("charset", [b"hex", b"zip", b"punycode", b"idna", b"unicode_escape", b"utf-16"])
def test_a_character_set_that_is_none_costs_nothing(charset):
    head = b"From: a@example.com\r\nContent-Type: text/plain; charset=%s\r\n\r\n" % charset
    assert "Hi" in read_email(head + b"Hi" * 50_001 + b"!").text or charset == b"utf-16"
