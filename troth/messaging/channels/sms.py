"""SMS by Twilio, Aliyun and Tencent Cloud, over their documented HTTP interfaces.

In China only registered texts may be sent: `extras` name the provider's template and what its places are filled with.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.customers.models import ConsentChannel, IdentityKind
from troth.kit.clock import utc_now
from troth.kit.ids import new_id

from .. import links
from . import aliyun, tencent
from .http import Answer, ask
from .one_by_one import OneByOne, health
from .protocol import Handover, HandoverState, Health, Outgoing, Setting

_KEY = Setting("key_id", gettext_lazy("Access key"), is_required=True)
_SECRET = Setting("secret", gettext_lazy("Secret of the access key"), "secret", is_required=True)
_SIGN = Setting(
    "sign_name", gettext_lazy("Signature"), is_required=True, hint=gettext_lazy("As registered, without 【】.")
)
_PUSH = Setting(
    "receipt_secret",
    gettext_lazy("Secret in the address for receipts"),
    "secret",
    hint=gettext_lazy("This provider signs no receipts: the address that only it knows is the proof."),
)


class _Sms(OneByOne):
    consent = ConsentChannel.SMS.value
    identity = IdentityKind.PHONE.value
    body = "sms"


class Twilio(_Sms):
    """Twilio's *Messages* resource. It honours no idempotency key: an unknown hand-over stays unknown."""

    code = "sms_twilio"
    label = gettext_lazy("SMS by Twilio")
    settings = (
        Setting("account", gettext_lazy("Account SID"), is_required=True),
        Setting("token", gettext_lazy("Auth token"), "secret", is_required=True),
        Setting("sender", gettext_lazy("Sender: number or Messaging Service SID"), is_required=True),
        Setting("endpoint", gettext_lazy("Address of the interface"), "url", default="https://api.twilio.com"),
    )

    def hand_over(self, one: Outgoing, values: Mapping[str, Any]) -> Handover:
        """Hand one SMS to Twilio."""
        sender = values["sender"]
        fields = {"To": one.address, "Body": one.text}
        fields["MessagingServiceSid" if sender.startswith("MG") else "From"] = sender
        if one.customer_id is not None:
            fields["StatusCallback"] = links.receipt_url(self.code, one.customer_id, one.contact_id)
        url = f"{values['endpoint']}/2010-04-01/Accounts/{quote(values['account'], safe='')}/Messages.json"
        answer = ask("POST", url, body=fields, auth=(values["account"], values["token"]))
        if answer.state is HandoverState.SENT and answer.data.get("sid"):
            return Handover(one.contact_id, HandoverState.SENT, str(answer.data["sid"]))
        code = answer.data.get("code") or answer.status
        return Handover(one.contact_id, _not_sent(answer), reason=f"twilio_{code}")

    def ask_health(self, values: Mapping[str, Any]) -> Health:
        """Read the account."""
        url = f"{values['endpoint']}/2010-04-01/Accounts/{quote(values['account'], safe='')}.json"

        def asked() -> tuple[bool, str]:
            answer = ask("GET", url, auth=(values["account"], values["token"]))
            if answer.status == 200:
                return answer.data.get("status") == "active", str(answer.data.get("status", ""))
            return False, _("Twilio refuses the account or its token.")

        return health(asked)


class Aliyun(_Sms):
    """Aliyun's *SendSms*. `OutId` carries the contact back with the receipt."""

    code = "sms_aliyun"
    label = gettext_lazy("SMS by Aliyun")
    settings = (
        _KEY,
        _SECRET,
        _SIGN,
        _PUSH,
        Setting("endpoint", gettext_lazy("Address of the interface"), "url", default="https://dysmsapi.aliyuncs.com"),
    )
    LOST = frozenset({"isp.GATEWAY_ERROR", "isp.UNKNOWN", "InternalError"})
    # What never goes, whatever is tried: the number, the text, its registration. All else is the account's or a limit.
    FAILED = frozenset(
        {
            "isv.MOBILE_NUMBER_ILLEGAL",
            "isv.MOBILE_COUNT_OVER_LIMIT",
            "isv.SMS_TEMPLATE_ILLEGAL",
            "isv.SMS_SIGNATURE_ILLEGAL",
            "isv.TEMPLATE_MISSING_PARAMETERS",
            "isv.TEMPLATE_PARAMS_ILLEGAL",
            "isv.INVALID_PARAMETERS",
            "isv.INVALID_JSON_PARAM",
            "isv.BLACK_KEY_CONTROL_LIMIT",
            "isv.PARAM_LENGTH_LIMIT",
            "isv.PARAM_NOT_SUPPORT_URL",
        }
    )

    def hand_over(self, one: Outgoing, values: Mapping[str, Any]) -> Handover:
        """Hand one SMS to Aliyun."""
        if not one.extras.get("template"):
            return Handover(one.contact_id, HandoverState.FAILED, reason="no_registered_template")
        query = {
            "OutId": str(one.contact_id),
            "PhoneNumbers": _chinese(one.address),
            "SignName": values["sign_name"],
            "TemplateCode": str(one.extras["template"]),
            "TemplateParam": json.dumps(one.extras.get("values", {}), ensure_ascii=False),
        }
        answer = self._ask("SendSms", query, values)
        code = str(answer.data.get("Code", ""))
        if code == "OK":
            return Handover(one.contact_id, HandoverState.SENT, str(answer.data.get("BizId", "")))
        if not code:
            return Handover(one.contact_id, _not_sent(answer), reason=f"aliyun_{answer.status}")
        return Handover(one.contact_id, self._state(code, answer), reason=code)

    def ask_health(self, values: Mapping[str, Any]) -> Health:
        """Ask about the signature."""

        def asked() -> tuple[bool, str]:
            answer = self._ask("QuerySmsSign", {"SignName": values["sign_name"]}, values)
            if answer.data.get("Code") == "OK":
                is_approved = answer.data.get("SignStatus") == 1
                return is_approved, "" if is_approved else _("The signature is not approved yet.")
            return False, str(answer.data.get("Message") or answer.data.get("Code") or answer.status)

        return health(asked)

    def _state(self, code: str, answer: Answer) -> HandoverState:
        """A system error may be asked for again, says Aliyun; of its gateway's and of unknown ones nobody knows."""
        if code in self.FAILED:
            return HandoverState.FAILED
        is_lost = code in self.LOST or (answer.status >= 500 and code != "isp.SYSTEM_ERROR")
        return HandoverState.UNKNOWN if is_lost else HandoverState.RETRY

    def _ask(self, action: str, query: Mapping[str, str], values: Mapping[str, Any]) -> Answer:
        host = urlsplit(values["endpoint"]).netloc
        headers = aliyun.signed_headers(
            host=host,
            action=action,
            version="2017-05-25",
            query=query,
            key_id=values["key_id"],
            secret=values["secret"],
            nonce=new_id().hex,
            now=utc_now(),
        )
        return ask("POST", f"{values['endpoint']}/?{aliyun.canonical_query(query)}", headers=headers)


class Tencent(_Sms):
    """Tencent Cloud's *SendSms*. `SessionContext` carries the contact back with the receipt."""

    code = "sms_tencent"
    label = gettext_lazy("SMS by Tencent Cloud")
    settings = (
        _KEY,
        _SECRET,
        _SIGN,
        Setting("app_id", gettext_lazy("SdkAppId of the SMS application"), is_required=True),
        Setting("region", gettext_lazy("Region"), default="ap-guangzhou"),
        _PUSH,
        Setting("endpoint", gettext_lazy("Address of the interface"), "url", default="https://sms.tencentcloudapi.com"),
    )
    FAILED_BEGINNINGS = ("FailedOperation", "InvalidParameter", "UnsupportedOperation")
    RETRIED = ("LimitExceeded", "RequestLimitExceeded", "FailedOperation.InsufficientBalanceInSmsPackage")

    def hand_over(self, one: Outgoing, values: Mapping[str, Any]) -> Handover:
        """Hand one SMS to Tencent Cloud."""
        if not one.extras.get("template"):
            return Handover(one.contact_id, HandoverState.FAILED, reason="no_registered_template")
        asked = {
            "PhoneNumberSet": [one.address],
            "SmsSdkAppId": values["app_id"],
            "SignName": values["sign_name"],
            "TemplateId": str(one.extras["template"]),
            "TemplateParamSet": list(one.extras.get("values", {}).values()),
            "SessionContext": str(one.contact_id),
        }
        answer = self._ask("SendSms", asked, values)
        found = answer.data.get("Response") or {}
        statuses = found.get("SendStatusSet") or [{}]
        code = str(statuses[0].get("Code") or (found.get("Error") or {}).get("Code") or "")
        if code == "Ok":
            return Handover(one.contact_id, HandoverState.SENT, str(statuses[0].get("SerialNo", "")))
        if not code:
            return Handover(one.contact_id, _not_sent(answer), reason=f"tencent_{answer.status}")
        return Handover(one.contact_id, self._state(code), reason=code)

    def ask_health(self, values: Mapping[str, Any]) -> Health:
        """Ask how much was sent: a question that costs nothing."""

        def asked() -> tuple[bool, str]:
            day = utc_now().strftime("%Y%m%d00")
            wanted = {"BeginTime": day, "EndTime": day, "SmsSdkAppId": values["app_id"], "Limit": 0, "Offset": 0}
            answer = self._ask("SendStatusStatistics", wanted, values)
            found = answer.data.get("Response") or {}
            error = found.get("Error") or {}
            return bool(found) and not error, str(error.get("Message", ""))

        return health(asked)

    def _state(self, code: str) -> HandoverState:
        if code.startswith(self.RETRIED):
            return HandoverState.RETRY
        if code.startswith("InternalError"):
            return HandoverState.UNKNOWN
        return HandoverState.FAILED if code.startswith(self.FAILED_BEGINNINGS) else HandoverState.RETRY

    def _ask(self, action: str, asked: Mapping[str, Any], values: Mapping[str, Any]) -> Answer:
        body = json.dumps(asked, ensure_ascii=False).encode()
        headers = tencent.signed_headers(
            host=urlsplit(values["endpoint"]).netloc,
            service="sms",
            action=action,
            version="2021-01-11",
            region=values["region"],
            body=body,
            key_id=values["key_id"],
            secret=values["secret"],
            now=utc_now(),
        )
        return ask("POST", f"{values['endpoint']}/", headers=headers, body=body)


def _not_sent(answer: Answer) -> HandoverState:
    """Return what an answer without the provider's own code says; a success that cannot be read is not one for sure."""
    return HandoverState.UNKNOWN if answer.state is HandoverState.SENT else answer.state


def _chinese(phone: str) -> str:
    """Return a number as Aliyun wants it: within China without the country code, elsewhere without the plus."""
    return phone[3:] if phone.startswith("+86") else phone.lstrip("+")
