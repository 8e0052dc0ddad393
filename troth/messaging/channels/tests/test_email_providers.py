"""E-mail by providers' interfaces: the key that each heeds, what each answer means. Against a server on loopback."""

from urllib.parse import unquote_plus

import pytest

from troth.messaging.channels.protocol import HandoverState as S

from .conftest import outgoing

TAKEN = {
    "mailgun": {"id": "<m1@shop.example>", "message": "Queued. Thank you."},
    "sendgrid": {},
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "m1", "To": "jo@example.com"},
    "brevo": {"messageId": "<m1@brevo>"},
    "resend": {"id": "m1"},
    "sparkpost": {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "m1"}},
}


@pytest.fixture
def by(set_up, provider):
    """Return a function that sets e-mail by a provider up, who answers as `provider` is told."""

    def done(name: str):
        sender = {"sender": "hello@shop.example", "domain": "shop.example" if name == "mailgun" else ""}
        return set_up("email_provider", provider=name, api_key="k0", endpoint=provider.url, **sender)

    return done


@pytest.mark.parametrize("name", TAKEN)
def test_each_provider_takes_a_message(by, provider, name):
    provider.answers = [(202 if name == "sendgrid" else 200, TAKEN[name])]
    (done,) = by(name).deliver([outgoing()])
    assert (done.state, done.reason) == (S.SENT, "")
    (asked,) = provider.asked
    assert "jo@example.com" in unquote_plus(asked.body.decode())
    assert "Hello Jo" in unquote_plus(asked.body.decode())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mailgun", ["o:tracking-clicks=no", "o:tracking-opens=no"]),
        ("sendgrid", ['"click_tracking": {"enable": false}', '"open_tracking": {"enable": false}']),
        ("postmark", ['"TrackLinks": "None"', '"TrackOpens": false']),
        ("sparkpost", ['"click_tracking": false', '"open_tracking": false']),
    ],
)
def test_no_provider_follows_anybody_by_itself(by, provider, name, told):
    """Only links of ours ask whether a profile was consented to."""
    provider.answers = [(202 if name == "sendgrid" else 200, TAKEN[name])]
    by(name).deliver([outgoing()])
    body = unquote_plus(provider.asked[0].body.decode())
    assert [words for words in told if words not in body] == []


def test_resend_is_given_the_key_that_stays_the_same(by, provider):
    """As *Idempotency Keys* of its documentation says: a header of the request, up to 256 signs, within 24 hours."""
    provider.answers = [(200, {"id": "m1"})]
    one, other = outgoing(), outgoing()
    by("resend").deliver([one, other, one])
    assert [asked.headers["Idempotency-Key"] for asked in provider.asked] == [one.key, other.key, one.key]


def test_brevo_is_given_the_key_that_stays_the_same(by, provider):
    """As *Idempotency for batch emails* of its documentation says: `idempotencyKey` among the headers of the body."""
    provider.answers = [(201, {"messageId": "<m1@brevo>"})]
    one, other = outgoing(), outgoing()
    by("brevo").deliver([one, other, one])
    assert [asked.data["headers"]["idempotencyKey"] for asked in provider.asked] == [one.key, other.key, one.key]


@pytest.mark.parametrize("name", ["mailgun", "sendgrid", "postmark", "resend", "sparkpost"])
def test_no_other_mail_carries_brevos_header(by, provider, name):
    provider.answers = [(202 if name == "sendgrid" else 200, TAKEN[name])]
    by(name).deliver([outgoing()])
    assert b"idempotencykey" not in provider.asked[0].body.lower()


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ((400, {"code": "duplicate_parameter", "message": "again"}), S.SENT, ""),
        ((400, {"code": "invalid_parameter", "message": "no"}), S.FAILED, "http_400"),
        ((400, b"not json"), S.FAILED, "http_400"),
        ((422, {"code": "duplicate_parameter"}), S.FAILED, "http_422"),
    ],
)
def test_what_brevo_has_taken_before_is_sent_and_not_refused(by, provider, answer, state, reason):
    provider.answers = [answer]
    (done,) = by("brevo").deliver([outgoing()])
    assert (done.state, done.reason) == (state, reason)


def test_what_only_brevo_says_means_nothing_of_another(by, provider):
    provider.answers = [(400, {"code": "duplicate_parameter"})]
    (done,) = by("resend").deliver([outgoing()])
    assert (done.state, done.reason) == (S.FAILED, "http_400")


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ((401, {}), S.RETRY, "http_401"),
        ((402, {}), S.RETRY, "http_402"),
        ((403, {}), S.RETRY, "http_403"),
        ((409, {"name": "invalid_idempotent_request"}), S.UNKNOWN, "http_409"),
        ((422, {}), S.FAILED, "http_422"),
        ((429, {}), S.RETRY, "http_429"),
        ((503, {}), S.UNKNOWN, "http_503"),
        ((200, b"not json"), S.UNKNOWN, "http_200"),
        ("hang up", S.UNKNOWN, "no_answer"),
    ],
)
def test_what_answers_mean(by, provider, answer, state, reason):
    provider.answers = [answer]
    (done,) = by("resend").deliver([outgoing()])
    assert (done.state, done.reason) == (state, reason)
    assert len(provider.asked) == 1, "what is unknown is not asked for again"


def test_one_refused_address_touches_no_other(by, provider):
    """lesson: one rejected recipient: the rest are sent again, for ever."""
    provider.answers = [(200, {"id": "1"}), (422, {}), (200, {"id": "3"})]
    done = by("resend").deliver([outgoing(), outgoing(), outgoing()])
    assert [(one.state, one.provider_id) for one in done] == [(S.SENT, "1"), (S.FAILED, ""), (S.SENT, "3")]
    assert len(provider.asked) == 3


def test_nothing_left_when_nobody_listens(set_up):
    channel = set_up(
        "email_provider", provider="resend", api_key="k0", endpoint="http://127.0.0.1:9", sender="a@shop.example"
    )
    done = channel.deliver([outgoing(), outgoing()])
    assert [(one.state, one.reason) for one in done] == [(S.RETRY, "no_connection")] * 2
