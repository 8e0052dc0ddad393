"""What providers push: believed when proved, refused when forged. Through the address that they call."""

import base64
import hashlib
import json
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest

from troth.customers import queries as customers
from troth.messaging import links
from troth.messaging.channels.setups import save_setup
from troth.messaging.channels.webhook import signed
from troth.messaging.incoming import twilio, wechat
from troth.messaging.incoming.request import Request
from troth.messaging.models import ContactState, Receipt, Reply
from troth.messaging.text_errors import ReceiptRefusedError

from .conftest import ACTOR, NOW

PUBLIC = "http://127.0.0.1:8000"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PATH_SECRET = "a-secret-of-the-address"


@pytest.fixture(autouse=True)
def _at_now():
    with patch("troth.portal.receipts.views.utc_now", return_value=NOW):
        yield


def set_up(code: str, **values) -> None:
    save_setup(actor=ACTOR, now=NOW, code=code, is_enabled=False, values=values)


def test_twilios_own_example_is_signed_as_published():
    """From *Validating Signatures from Twilio*."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    assert twilio.sign("https://mycompany.com/myapp.php?foo=1&bar=2", form, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def twilio_post(caller, path: str, form: dict, token: str = "t0"):
    return caller.post(path, form, headers={"X-Twilio-Signature": twilio.sign(f"{PUBLIC}{path}", form, token)})


def test_twilio_tells_what_became_of_a_message(contact, wang, caller):
    set_up("sms_twilio", token="t0")
    one = contact("sms_twilio")
    path = urlsplit(links.receipt_url("sms_twilio", wang.id, one.id)).path
    assert twilio_post(caller, path, {"MessageSid": "SM1", "MessageStatus": "delivered"}).status_code == 200
    one.refresh_from_db()
    assert one.state == ContactState.DELIVERED


def test_a_forged_receipt_changes_nothing(contact, wang, caller):
    set_up("sms_twilio", token="t0")
    one = contact("sms_twilio")
    path = urlsplit(links.receipt_url("sms_twilio", wang.id, one.id)).path
    form = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30005"}
    assert twilio_post(caller, path, form, token="guessed").status_code == 403
    assert caller.post(path, form).status_code == 403
    assert twilio_post(caller, path[:-3] + "xyz", form).status_code == 403, "signed, but for no message of ours"
    one.refresh_from_db()
    assert one.state == ContactState.SENT
    assert not Receipt.objects.exists()


def test_without_a_secret_nothing_is_believed(contact, caller):
    """A channel that was never set up has an empty secret; that must open no door."""
    form = {"From": "+8613800000001", "Body": "STOP"}
    assert twilio_post(caller, "/p/receipts/sms_twilio/", form, token="").status_code == 403
    for path in ("sms_aliyun/", "sms_tencent/", "wechat/", "email/", "email_provider/", "webhook/", "pigeon/"):
        assert caller.post(f"/p/receipts/{path}", b"[]", content_type="application/json").status_code == 403
    assert not Reply.objects.exists()


def test_stop_by_sms_ends_offers_and_surveys_by_sms(wang, caller):
    set_up("sms_twilio", token="t0")
    form = {"From": "+8613800000001", "Body": " Stop. ", "MessageSid": "SM2"}
    for _again in range(2):
        assert twilio_post(caller, "/p/receipts/sms_twilio/", form).status_code == 200
    refused = {(one.purpose.value, one.channel.value) for one in customers.consents_of(wang.id) if not one.is_given}
    assert refused == {("marketing", "sms"), ("survey", "sms")}
    assert Reply.objects.count() == 1


def test_aliyun_pushes_receipts_and_answers(contact, wang, caller):
    set_up("sms_aliyun", receipt_secret=PATH_SECRET)
    there, gone = contact("sms_aliyun"), contact("sms_aliyun")
    pushed = [
        {"out_id": str(there.id), "success": True, "biz_id": "1", "report_time": "2026-03-02 17:00:00"},
        {"out_id": str(gone.id), "success": False, "err_code": "MK:0001", "biz_id": "2"},
        {"out_id": "not ours", "success": True},
        {"phone_number": "13800000001", "content": "退订", "sequence_id": 5, "send_time": "2026-03-02 17:00:00"},
    ]
    path = f"/p/receipts/sms_aliyun/{PATH_SECRET}"
    answer = caller.post(path, json.dumps(pushed), content_type="application/json")
    assert answer.json() == {"code": 0, "msg": "ok"}
    there.refresh_from_db()
    gone.refresh_from_db()
    assert (there.state, gone.state) == (ContactState.DELIVERED, ContactState.BOUNCED)
    assert there.delivered_at == NOW - timedelta(minutes=30)
    assert Reply.objects.get().is_withdrawal
    wrong = caller.post(
        "/p/receipts/sms_aliyun/another-secret-here", json.dumps(pushed), content_type="application/json"
    )
    assert wrong.status_code == 403


def test_tencent_pushes_receipts_and_answers(contact, wang, caller):
    set_up("sms_tencent", receipt_secret=PATH_SECRET)
    one = contact("sms_tencent", provider_id="77")
    pushed = [
        {"sid": "77", "report_status": "SUCCESS", "user_receive_time": "2026-03-02 17:00:00"},
        {"nationcode": "86", "mobile": "13800000001", "text": "好的", "time": 1},
    ]
    path = f"/p/receipts/sms_tencent/{PATH_SECRET}"
    assert caller.post(path, json.dumps(pushed), content_type="application/json").json()["result"] == 0
    one.refresh_from_db()
    assert one.state == ContactState.DELIVERED
    assert (Reply.objects.get().text, Reply.objects.get().is_withdrawal) == ("好的", False)


def wechat_query(token: str = "wx-token", at=NOW, moment: str | None = None) -> dict[str, str]:
    moment, nonce = str(int(at.timestamp())) if moment is None else moment, "n1"
    signature = hashlib.sha1("".join(sorted([token, moment, nonce])).encode()).hexdigest()
    return {"timestamp": moment, "nonce": nonce, "signature": signature}


def test_wechat_tries_the_address_and_reports(contact, caller):
    set_up("wechat", callback_token="wx-token")
    one = contact("wechat", provider_id="11")
    assert caller.get("/p/receipts/wechat/", {**wechat_query(), "echostr": "e1"}).content == b"e1"
    event = (
        b"<xml><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>"
        b"<MsgID>11</MsgID><Status><![CDATA[failed:user block]]></Status></xml>"
    )
    answer = caller.post("/p/receipts/wechat/", event, content_type="text/xml", query_params=wechat_query())
    assert answer.content == b"success"
    one.refresh_from_db()
    assert (one.state, one.reason) == (ContactState.FAILED, "failed_user_block")


def wechat_event(event: str, openid: str) -> bytes:
    parts = {"MsgType": "event", "Event": event, "FromUserName": openid}
    return f"<xml>{''.join(f'<{name}><![CDATA[{text}]]></{name}>' for name, text in parts.items())}</xml>".encode()


def test_who_no_longer_follows_the_account_has_said_no(wang, caller):
    set_up("wechat", callback_token="wx-token")

    def post(event: str, openid: str, token: str = "wx-token"):
        body, query = wechat_event(event, openid), wechat_query(token)
        return caller.post("/p/receipts/wechat/", body, content_type="text/xml", query_params=query).status_code

    def refused():
        return {(one.purpose.value, one.channel.value) for one in customers.consents_of(wang.id) if not one.is_given}

    assert post("unsubscribe", "o-wang", token="guessed") == 403
    assert [post("unsubscribe", "o-stranger"), post("subscribe", "o-wang"), post("VIEW", "o-wang")] == [200] * 3
    assert refused() == set()
    assert [post("unsubscribe", "o-wang"), post("unsubscribe", "o-wang")] == [200, 200]
    assert refused() == {("marketing", "wechat"), ("survey", "wechat")}
    assert customers.consent_acts_of(wang.id).filter(is_given=False).count() == 2, "said twice, kept once"
    assert post("subscribe", "o-wang") == 200
    assert refused() == {("marketing", "wechat"), ("survey", "wechat")}, "following again is no consent"


@pytest.mark.parametrize("query", [{}, wechat_query("guessed"), wechat_query(at=NOW - timedelta(hours=1))])
def test_wechats_signature_is_needed_and_fresh(wang, caller, query):
    set_up("wechat", callback_token="wx-token")
    assert caller.get("/p/receipts/wechat/", {**query, "echostr": "e1"}).status_code == 403


@pytest.mark.parametrize("moment", ["²", "٣", "9" * 5_000, "-1", "1e9", ""])
def test_a_moment_that_is_no_number_of_seconds_is_refused(wang, caller, moment):
    """What says when is read before anybody proved anything: nothing in it may fail."""
    set_up("email", receipt_secret=SECRET)
    headers = {"webhook-id": "id1", "webhook-timestamp": moment, "webhook-signature": "v1,x"}
    assert caller.post("/p/receipts/email/", b"x", content_type="message/rfc822", headers=headers).status_code == 403
    with pytest.raises(ReceiptRefusedError):
        wechat.refuse_forged(wechat_query(moment=moment), "wx-token", NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 200_000, b"9" * 5_000])
def test_a_body_that_is_no_json_is_refused(body):
    with pytest.raises(ReceiptRefusedError):
        Request("POST", "", "", {}, {}, {}, body).json()


def test_an_entity_bomb_is_only_text(contact, caller):
    set_up("wechat", callback_token="wx-token")
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><MsgType>text</MsgType><Content>&a;</Content></xml>'
    answer = caller.post("/p/receipts/wechat/", bomb, content_type="text/xml", query_params=wechat_query())
    assert answer.status_code == 200
    assert not Reply.objects.exists()


def test_a_mail_provider_proves_itself_as_anymail_checks(contact, caller):
    set_up("email_provider", provider="postmark", receipt_secret="hook:long-password-here")
    one = contact("email_provider", address="wang@example.com")
    pushed = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "TypeCode": 1,
        "ID": 4,
        "MessageID": "m1",
        "BouncedAt": "2026-03-02T09:00:00Z",
        "Email": "wang@example.com",
        "Metadata": {"contact": str(one.id)},
    }

    def post(password: str):
        auth = "Basic " + base64.b64encode(password.encode()).decode()
        body = json.dumps(pushed)
        return caller.post(
            "/p/receipts/email_provider/", body, content_type="application/json", headers={"Authorization": auth}
        )

    assert post("hook:guessed").status_code == 403
    one.refresh_from_db()
    assert one.state == ContactState.SENT
    assert post("hook:long-password-here").status_code == 200
    one.refresh_from_db()
    assert one.state == ContactState.BOUNCED


@pytest.mark.parametrize(("seconds", "status"), [(300, 200), (301, 403), (-300, 200), (-301, 403)])
def test_mail_that_was_signed_long_ago_is_refused(contact, caller, seconds, status):
    """Whoever has seen one hand-over must not be able to repeat it for ever."""
    set_up("email", receipt_secret=SECRET)
    raw = b"From: wang@example.com\r\nSubject: Re: Hello\r\n\r\nThank you\r\n"
    headers = signed("id1", raw, SECRET, NOW - timedelta(seconds=seconds))
    answer = caller.post("/p/receipts/email/", raw, content_type="message/rfc822", headers=headers)
    assert (answer.status_code, Reply.objects.count()) == (status, 1 if status == 200 else 0)


def test_mail_handed_over_is_signed(contact, caller):
    set_up("email", receipt_secret=SECRET)
    raw = b"From: wang@example.com\r\nSubject: Re: Hello\r\n\r\nThank you\r\n"
    headers = signed("id1", raw, SECRET, NOW)

    def post(body: bytes):
        return caller.post("/p/receipts/email/", body, content_type="message/rfc822", headers=headers)

    assert post(raw + b"changed").status_code == 403
    assert not Reply.objects.exists()
    assert post(raw).status_code == 200
    assert Reply.objects.get().text == "Thank you"
