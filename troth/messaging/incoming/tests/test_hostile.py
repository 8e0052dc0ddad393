"""What strangers put into messages that providers hand on, and what is no provider's at all."""

import base64
import json

import pytest

from troth.messaging.channels.webhook import signed
from troth.messaging.models import ContactState, Receipt, Reply, Suppression

from .conftest import NOW
from .test_providers import PATH_SECRET, SECRET, _at_now, set_up, wechat_query

__all__ = ["_at_now"]
MAILGUN = [
    b"",
    b"[]",
    b"null",
    b'{"signature":1}',
    b'{"signature":{"timestamp":"1","token":"t","signature":"\xc3\xa9"}}',
]
NOBODYS = [b"[]", b"null", b"1", b'"x"', b"[null]", b"[[]]", b'[{"event":"bounce","timestamp":"x"}]', b"[" * 100_000]
HALF = "\ud83c"


def push(caller, channel: str, *told: dict) -> int:
    path = f"/p/receipts/{channel}/{PATH_SECRET}"
    return int(caller.post(path, json.dumps(told), content_type="application/json").status_code)


def test_half_an_emoji_in_an_sms_holds_up_none_that_comes_with_it(contact, wang, caller):
    set_up("sms_aliyun", receipt_secret=PATH_SECRET)
    said = {"phone_number": "13800000001", "content": f"生日快乐{HALF}\0", "sequence_id": HALF}
    assert push(caller, "sms_aliyun", said, said | {"content": "退订", "sequence_id": 2}) == 200
    assert sorted(Reply.objects.values_list("text", flat=True)) == ["生日快乐?", "退订"]


def test_half_a_sign_in_a_code_is_kept_as_a_question(contact, caller):
    set_up("sms_tencent", receipt_secret=PATH_SECRET)
    contact("sms_tencent", provider_id="77")
    failed = {"sid": "77", "report_status": HALF, "errmsg": f"no{HALF}"}
    assert push(caller, "sms_tencent", failed | {"sid": HALF}, failed) == 200
    assert Receipt.objects.get().detail == "no?"


def test_who_sends_sms_knows_nothing_of_mail(contact, caller):
    """One provider's secret silences nobody by a channel that it does not serve."""
    set_up("sms_aliyun", receipt_secret=PATH_SECRET)
    mail, sms = contact("email"), contact("sms_tencent")
    for one in (mail, sms):
        assert push(caller, "sms_aliyun", {"out_id": str(one.id), "success": False, "err_code": "MK:0001"}) == 200
        one.refresh_from_db()
    assert (mail.state, sms.state) == (ContactState.SENT, ContactState.BOUNCED)
    assert not Suppression.objects.filter(address_kind="email").exists()


def test_words_that_play_at_fields_speak_for_nobody_else(wang, caller):
    set_up("wechat", callback_token="wx-token")
    played = "x]]></Content><FromUserName><![CDATA[o-wang]]></FromUserName><Content><![CDATA[退订"
    body = (
        "<xml><FromUserName><![CDATA[o-stranger]]></FromUserName><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{played}]]></Content><MsgId>3</MsgId></xml>"
    )
    answer = caller.post("/p/receipts/wechat/", body, content_type="text/xml", query_params=wechat_query())
    assert answer.status_code == 200
    assert not Reply.objects.exists()


@pytest.mark.parametrize("body", MAILGUN)
def test_what_proves_nothing_is_refused_whatever_its_form(db, caller, body):
    set_up("email_provider", provider="mailgun", receipt_secret="a-long-key-that-signs")
    assert caller.post("/p/receipts/email_provider/", body, content_type="application/json").status_code == 403


@pytest.mark.parametrize("provider", ["postmark", "sendgrid", "brevo", "sparkpost"])
def test_a_proved_body_in_nobodys_form_is_refused(contact, caller, provider):
    set_up("email_provider", provider=provider, receipt_secret="hook:long-password-here")
    proof = {"Authorization": "Basic " + base64.b64encode(b"hook:long-password-here").decode()}
    for body in NOBODYS:
        answer = caller.post("/p/receipts/email_provider/", body, content_type="application/json", headers=proof)
        assert answer.status_code in (200, 403), body[:40]
    assert not Receipt.objects.exists()


def test_resend_is_believed_by_its_signature(contact, caller):
    set_up("email_provider", provider="resend", receipt_secret=SECRET)
    one = contact("email_provider", provider_id="m1")
    reason = "The recipient's email provider sent a hard bounce message."
    data = {"email_id": "m1", "to": ["wang@example.com"], "bounce": {"type": "Permanent", "message": reason}}
    body = json.dumps({"type": "email.bounced", "created_at": "2026-03-02T09:00:00", "data": data}).encode()
    good = {name.replace("webhook-", "svix-"): value for name, value in signed("id1", body, SECRET, NOW).items()}

    def post(headers: dict) -> int:
        answer = caller.post("/p/receipts/email_provider/", body, content_type="application/json", headers=headers)
        one.refresh_from_db()
        return int(answer.status_code)

    for wrong in ({}, good | {"svix-id": "id2"}, good | {"svix-timestamp": "1"}, good | {"svix-signature": "v1,é"}):
        assert (post(wrong), one.state) == (403, ContactState.SENT)
    assert (post(good), one.state) == (200, ContactState.BOUNCED)
