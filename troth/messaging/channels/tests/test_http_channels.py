"""SMS, WeChat, WeCom, webhook: what is sent, and what each answer means. Against a server on loopback."""

import base64
import json
import socket
import threading
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import caches

from troth.messaging.channels import http
from troth.messaging.channels.protocol import HandoverState as S
from troth.messaging.channels.webhook import signature

from .conftest import outgoing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def _empty_cache():
    caches["process"].clear()


@pytest.fixture
def twilio(set_up, provider):
    return set_up("sms_twilio", account="AC1", token="t0", sender="+15550001", endpoint=provider.url)


@pytest.fixture
def aliyun(set_up, provider):
    return set_up("sms_aliyun", key_id="id", secret="s", sign_name="恒客", endpoint=provider.url)


@pytest.fixture
def tencent(set_up, provider):
    return set_up("sms_tencent", key_id="id", secret="s", sign_name="恒客", app_id="1400", endpoint=provider.url)


@pytest.fixture
def webhook(set_up, provider):
    return set_up("webhook", url=f"{provider.url}/in", secret=SECRET)


def test_twilio_gets_the_documented_request(twilio, provider):
    provider.answers = [(201, {"sid": "SM1", "status": "queued"})]
    one = outgoing(address="+8613800000000", text="您好")
    (done,) = twilio.deliver([one])
    assert (done.state, done.provider_id, done.reason) == (S.SENT, "SM1", "")
    (asked,) = provider.asked
    assert (asked.method, asked.path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"AC1:t0").decode()
    fields = parse_qs(asked.body.decode())
    assert fields["To"] == ["+8613800000000"]
    assert fields["Body"] == ["您好"]
    assert fields["From"] == ["+15550001"]
    assert fields["StatusCallback"][0].startswith("http://127.0.0.1:8000/p/receipts/sms_twilio/")


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ((400, {"code": 21211}), S.FAILED, "twilio_21211"),
        ((429, {"code": 20429}), S.RETRY, "twilio_20429"),
        ((401, {"code": 20003}), S.RETRY, "twilio_20003"),
        ((403, {"code": 20005}), S.RETRY, "twilio_20005"),
        ((404, {}), S.FAILED, "twilio_404"),
        ((500, b"oops"), S.UNKNOWN, "twilio_500"),
        ((302, {}), S.FAILED, "twilio_302"),
        ((201, b"not json"), S.UNKNOWN, "twilio_201"),
        ("hang up", S.UNKNOWN, "connection_lost"),
    ],
)
def test_what_twilios_answers_mean(twilio, provider, answer, state, reason):
    provider.answers = [answer]
    (done,) = twilio.deliver([outgoing()])
    assert (done.state, done.reason) == (state, reason)
    assert len(provider.asked) == 1, "a redirect is not followed, an unknown one not repeated"


@pytest.mark.slow
def test_a_message_whose_answer_does_not_come_is_unknown(twilio, provider, monkeypatch):
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(http.ask, "__kwdefaults__", {**http.ask.__kwdefaults__, "seconds": 0.05})

    def late():
        import time  # noqa: PLC0415

        time.sleep(0.3)
        return 201, {"sid": "SM1"}

    provider.answers = [late]
    done, next_one = twilio.deliver([outgoing(), outgoing()])
    assert (done.state, done.reason) == (S.UNKNOWN, "timeout")
    assert (next_one.state, next_one.reason) == (S.RETRY, "no_connection"), "it would wait as long"
    assert len(provider.asked) == 1


@pytest.mark.slow
def test_nothing_left_when_nobody_listens(set_up):
    channel = set_up("sms_twilio", account="AC1", token="t", sender="+1", endpoint="http://127.0.0.1:9")
    done = channel.deliver([outgoing(), outgoing()])
    assert [(one.state, one.reason) for one in done] == [(S.RETRY, "no_connection")] * 2


def test_one_refused_number_touches_no_other(twilio, provider):
    """lesson: one rejected recipient: the rest are sent again, for ever."""
    provider.answers = [(201, {"sid": "1"}), (400, {"code": 21211}), (201, {"sid": "3"})]
    done = twilio.deliver([outgoing(), outgoing(), outgoing()])
    assert [one.state for one in done] == [S.SENT, S.FAILED, S.SENT]
    assert len(provider.asked) == 3


def test_aliyun_gets_a_signed_request_with_the_registered_text(aliyun, provider):
    provider.answers = [(200, {"Code": "OK", "BizId": "9001"})]
    one = outgoing(address="+8613800000000", extras={"template": "SMS_1", "values": {"name": "王女士"}})
    (done,) = aliyun.deliver([one])
    assert (done.state, done.provider_id) == (S.SENT, "9001")
    (asked,) = provider.asked
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
    assert json.loads(query.pop("TemplateParam")) == {"name": "王女士"}
    assert query == {
        "PhoneNumbers": "13800000000",
        "SignName": "恒客",
        "TemplateCode": "SMS_1",
        "OutId": str(one.contact_id),
    }
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["x-acs-action"] == "SendSms"
    assert headers["x-acs-version"] == "2017-05-25"
    assert headers["authorization"].startswith("ACS3-HMAC-SHA256 Credential=id,")


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", S.FAILED),
        ("isv.BUSINESS_LIMIT_CONTROL", S.RETRY),
        ("isv.AMOUNT_NOT_ENOUGH", S.RETRY),
        ("isp.SYSTEM_ERROR", S.RETRY),
        ("isp.GATEWAY_ERROR", S.UNKNOWN),
        ("isp.UNKNOWN", S.UNKNOWN),
        ("InternalError", S.UNKNOWN),
        ("SignatureDoesNotMatch", S.RETRY),
    ],
)
def test_what_aliyuns_codes_mean(aliyun, provider, code, state):
    provider.answers = [(200, {"Code": code})]
    (done,) = aliyun.deliver([outgoing(extras={"template": "SMS_1"})])
    assert (done.state, done.reason) == (state, code)


def test_of_what_aliyun_broke_off_nobody_knows(aliyun, provider):
    provider.answers = [(503, {"Code": "ServiceUnavailable"})]
    (done,) = aliyun.deliver([outgoing(extras={"template": "SMS_1"})])
    assert (done.state, done.reason) == (S.UNKNOWN, "ServiceUnavailable")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_a_text_that_is_not_registered_is_not_even_asked_for(name, request, provider):
    (done,) = request.getfixturevalue(name).deliver([outgoing()])
    assert (done.state, done.reason) == (S.FAILED, "no_registered_template")
    assert provider.asked == []


def test_tencent_gets_a_signed_request(tencent, provider):
    provider.answers = [(200, {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "77"}]}})]
    one = outgoing(address="+8613800000000", extras={"template": "33", "values": {"1": "王女士", "2": "9"}})
    (done,) = tencent.deliver([one])
    assert (done.state, done.provider_id) == (S.SENT, "77")
    assert provider.asked[0].data == {
        "PhoneNumberSet": ["+8613800000000"],
        "SmsSdkAppId": "1400",
        "SignName": "恒客",
        "TemplateId": "33",
        "TemplateParamSet": ["王女士", "9"],
        "SessionContext": str(one.contact_id),
    }
    assert provider.asked[0].headers["X-TC-Action"] == "SendSms"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}, S.RETRY),
        ({"Response": {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]}}, S.RETRY),
        ({"Response": {"SendStatusSet": [{"Code": "InvalidParameterValue.IncorrectPhoneNumber"}]}}, S.FAILED),
        ({"Response": {"SendStatusSet": [{"Code": "FailedOperation.PhoneNumberInBlacklist"}]}}, S.FAILED),
        ({"Response": {"SendStatusSet": [{"Code": "FailedOperation.InsufficientBalanceInSmsPackage"}]}}, S.RETRY),
        ({"Response": {"Error": {"Code": "RequestLimitExceeded"}}}, S.RETRY),
        ({"Response": {"Error": {"Code": "InternalError.Timeout"}}}, S.UNKNOWN),
        ({}, S.UNKNOWN),
    ],
)
def test_what_tencents_codes_mean(tencent, provider, answer, state):
    provider.answers = [(200, answer)]
    (done,) = tencent.deliver([outgoing(extras={"template": "33"})])
    assert done.state is state


def test_wechat_sends_with_a_kept_token_and_renews_one_that_is_over(set_up, provider):
    channel = set_up("wechat", app_id="wx1", secret="s", endpoint=provider.url)
    provider.answers = [
        (200, {"access_token": "T1"}),
        (200, {"errcode": 0, "msgid": 11}),
        (200, {"errcode": 42001}),
        (200, {"access_token": "T2"}),
        (200, {"errcode": 0, "msgid": 12}),
    ]
    extras = {"template": "TM1", "values": {"thing1": "生日快乐"}, "url": "https://shop.example"}
    one, other = outgoing(address="o1", extras=extras), outgoing(address="o2", extras=extras)
    done = channel.deliver([one]) + channel.deliver([other])
    assert [(one.state, one.provider_id) for one in done] == [(S.SENT, "11"), (S.SENT, "12")]
    sent = provider.asked[1]
    assert sent.path == "/cgi-bin/message/template/send?access_token=T1"
    assert sent.data == {
        "touser": "o1",
        "template_id": "TM1",
        "data": {"thing1": {"value": "生日快乐"}},
        "client_msg_id": one.contact_id.hex,
        "url": "https://shop.example",
    }
    assert provider.asked[-1].path.endswith("access_token=T2")


@pytest.mark.parametrize(("code", "state"), [(43004, S.FAILED), (-1, S.RETRY), (45009, S.RETRY)])
def test_what_wechats_codes_mean(set_up, provider, code, state):
    channel = set_up("wechat", app_id="wx1", secret="s", endpoint=provider.url)
    provider.answers = [(200, {"access_token": "T"}), (200, {"errcode": code})]
    (done,) = channel.deliver([outgoing(extras={"template": "TM1"})])
    assert (done.state, done.reason) == (state, f"wechat_{code}")


def test_without_a_token_nothing_has_gone(set_up, provider):
    channel = set_up("wechat", app_id="wx1", secret="s", endpoint=provider.url)
    provider.answers = [(200, {"errcode": 40164})]
    (done,) = channel.deliver([outgoing(extras={"template": "TM1"})])
    assert (done.state, done.reason) == (S.RETRY, "token_40164")


def test_wecom_asks_the_member_of_staff_to_send(set_up, provider):
    channel = set_up("wecom", corp_id="ww1", secret="s", sender="zhang", endpoint=provider.url)
    provider.answers = [(200, {"access_token": "T"}), (200, {"errcode": 0, "msgid": "m1", "fail_list": []})]
    customer = "wm" + "x" * 30
    done = channel.deliver([outgoing(address=customer, text="您好"), outgoing(address="crm-77")])
    assert [(one.state, one.reason) for one in done] == [(S.SENT, ""), (S.FAILED, "no_wecom_user")]
    assert provider.asked[1].data == {
        "chat_type": "single",
        "external_userid": [customer],
        "sender": "zhang",
        "text": {"content": "您好"},
    }


def test_a_webhook_is_signed_and_keeps_its_id(webhook, provider):
    one = outgoing()
    webhook.deliver([one])
    webhook.deliver([one])
    first, second = provider.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == one.key
    moment = first.headers["webhook-timestamp"]
    assert first.headers["webhook-signature"] == signature(one.key, moment, first.body, SECRET)
    assert first.data["data"]["text"] == "Hello Jo"


@pytest.mark.parametrize(
    ("status", "state"),
    [(204, S.SENT), (302, S.FAILED), (401, S.RETRY), (410, S.FAILED), (429, S.RETRY), (503, S.UNKNOWN)],
)
def test_what_a_webhooks_answers_mean(webhook, provider, status, state):
    provider.answers = [(status, {})]
    assert webhook.deliver([outgoing()])[0].state is state


def test_an_endless_answer_is_not_read_to_its_end(webhook, provider):
    provider.answers = [(200, b"x" * (http.ANSWER_BYTES * 4))]
    assert webhook.deliver([outgoing()])[0].state is S.SENT


@pytest.mark.slow
@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 200 OK\r\nX", b""])
def test_an_answer_that_drips_in_for_ever_is_not_waited_for(monkeypatch, beginning):
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(http.ask, "__kwdefaults__", {**http.ask.__kwdefaults__, "seconds": 0.3})
    server, is_over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip():
        caller, _address = server.accept()
        with caller, suppress(OSError):
            caller.recv(65_536)
            caller.sendall(beginning)
            for _byte in range(200):  # each well within the time-out of a socket: twenty seconds in all
                if is_over.wait(0.1):
                    break
                caller.sendall(b"H")

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(http.NotAnsweredError) as refused:
        http.ask("POST", f"http://127.0.0.1:{server.getsockname()[1]}", body=b"{}")
    is_cut_off = not is_over.is_set() and thread.is_alive()
    is_over.set()
    thread.join()
    server.close()
    assert (refused.value.state, refused.value.reason, is_cut_off) == (S.UNKNOWN, "timeout", True)


def test_health_says_whether_the_settings_are_taken(twilio, provider):
    provider.answers = [(200, {"status": "active"})]
    assert twilio.check().is_healthy
    provider.answers = [(401, {})]
    assert not twilio.check().is_healthy
