"""WeChat: the template message of an official account, and WeCom's message to a customer."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.cache import caches
from django.utils.translation import gettext_lazy, pgettext

from troth.customers.models import ConsentChannel, IdentityKind

from .http import NotAnsweredError, ask
from .one_by_one import OneByOne, health
from .protocol import Handover, HandoverState, Health, Outgoing, Setting

TOKEN_OVER = {40001, 40014, 42001}
BUSY = {-1, 45009, 45011}
TOKEN_SECONDS = 6_000  # a token holds for 7,200


class _Tencent(OneByOne):
    """What both have in common: a token that is fetched, kept, and fetched anew when it is over."""

    consent = ConsentChannel.WECHAT.value
    success = 0

    def hand_over(self, one: Outgoing, values: Mapping[str, Any]) -> Handover:
        """Hand one message over, with a new token if the old one is over."""
        if (refusal := self.refusal(one)) is not None:
            return Handover(one.contact_id, HandoverState.FAILED, reason=refusal)
        found: dict[str, Any] = {}
        for is_fresh in (False, True):
            token = self.token(values, is_fresh=is_fresh)
            found = self.ask_send(token, one, values)
            if found.get("errcode") not in TOKEN_OVER:
                break
        code = found.get("errcode")
        if code == 0:
            return Handover(one.contact_id, HandoverState.SENT, self.provider_id(found))
        state = HandoverState.UNKNOWN if code is None else HandoverState.FAILED
        if code in BUSY or code in TOKEN_OVER:
            state = HandoverState.RETRY
        return Handover(one.contact_id, state, reason=f"{self.code}_{code}")

    def token(self, values: Mapping[str, Any], *, is_fresh: bool) -> str:
        """Return the token for the account; it is kept in memory, by the account and not by its secret."""
        key = f"troth.{self.code}.{self.account(values)}"
        if not is_fresh and (kept := caches["process"].get(key)):
            return str(kept)
        try:
            found = self.ask_token(values)
        except NotAnsweredError as error:  # no message has gone with it: it may be tried again
            raise NotAnsweredError(HandoverState.RETRY, error.reason) from error
        if not found.get("access_token"):
            raise NotAnsweredError(HandoverState.RETRY, f"token_{found.get('errcode', 'none')}")
        caches["process"].set(key, found["access_token"], TOKEN_SECONDS)
        return str(found["access_token"])

    def ask_health(self, values: Mapping[str, Any]) -> Health:
        """Fetch a token."""

        def asked() -> tuple[bool, str]:
            found = self.ask_token(values)
            return bool(found.get("access_token")), str(found.get("errmsg", ""))

        return health(asked)

    def refusal(self, one: Outgoing) -> str | None:
        """Return the code of why a message can never go, None if it can."""
        raise NotImplementedError

    def account(self, values: Mapping[str, Any]) -> str:
        """Return what tells accounts apart."""
        raise NotImplementedError

    def ask_token(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for a token."""
        raise NotImplementedError

    def ask_send(self, token: str, one: Outgoing, values: Mapping[str, Any]) -> dict[str, Any]:
        """Hand a message over with a token."""
        raise NotImplementedError

    def provider_id(self, found: Mapping[str, Any]) -> str:
        """Return the provider's number of a message."""
        return str(found.get("msgid", ""))


def _post(url: str, query: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    body = json.dumps(data, ensure_ascii=False).encode()
    answer = ask("POST", f"{url}?{urlencode(query)}", headers={"Content-Type": "application/json"}, body=body)
    if answer.state is not HandoverState.SENT:
        raise NotAnsweredError(answer.state, f"http_{answer.status}")
    return answer.data


class OfficialAccount(_Tencent):
    """The template message of an official account. `client_msg_id` keeps a repeated one from being sent twice."""

    code = "wechat"
    label = gettext_lazy("WeChat official account")
    identity = IdentityKind.WECHAT_OPENID.value
    body = "wechat"
    settings = (
        Setting("app_id", gettext_lazy("AppID"), is_required=True),
        Setting("secret", gettext_lazy("AppSecret"), "secret", is_required=True),
        Setting("callback_token", gettext_lazy("Token of the callback"), "secret"),
        Setting("endpoint", gettext_lazy("Address of the interface"), "url", default="https://api.weixin.qq.com"),
    )

    def refusal(self, one: Outgoing) -> str | None:
        """Only registered templates can be sent."""
        return None if one.extras.get("template") else "no_registered_template"

    def account(self, values: Mapping[str, Any]) -> str:
        """Return the AppID."""
        return str(values["app_id"])

    def ask_token(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for the stable token: several processes get the same one."""
        asked = {"grant_type": "client_credential", "appid": values["app_id"], "secret": values["secret"]}
        return _post(f"{values['endpoint']}/cgi-bin/stable_token", {}, asked)

    def ask_send(self, token: str, one: Outgoing, values: Mapping[str, Any]) -> dict[str, Any]:
        """Send the template message."""
        filled = {name: {"value": value} for name, value in one.extras.get("values", {}).items()}
        asked = {
            "touser": one.address,
            "template_id": one.extras["template"],
            "data": filled,
            "client_msg_id": one.contact_id.hex,
        }
        if url := one.extras.get("url"):
            asked["url"] = url
        return _post(f"{values['endpoint']}/cgi-bin/message/template/send", {"access_token": token}, asked)


class WeCom(_Tencent):
    """WeCom's message to a customer: the member of staff who knows the customer confirms it on the phone.

    The address is the customer's `external_userid` (an external identity); other external ids are refused.
    """

    code = "wecom"
    label = gettext_lazy("WeCom")
    identity = IdentityKind.EXTERNAL.value
    body = "text"
    settings = (
        Setting("corp_id", gettext_lazy("Company id"), is_required=True),
        Setting("secret", gettext_lazy("Secret of the customer contact"), "secret", is_required=True),
        Setting("sender", gettext_lazy("User id of the member of staff"), is_required=True),
        Setting("endpoint", gettext_lazy("Address of the interface"), "url", default="https://qyapi.weixin.qq.com"),
    )
    BEGINNINGS = ("wm", "wo")

    def refusal(self, one: Outgoing) -> str | None:
        """Only ids that WeCom gave are addresses here."""
        return None if one.address.startswith(self.BEGINNINGS) and len(one.address) == 32 else "no_wecom_user"

    def account(self, values: Mapping[str, Any]) -> str:
        """Return the company's id."""
        return str(values["corp_id"])

    def ask_token(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for a token."""
        query = urlencode({"corpid": values["corp_id"], "corpsecret": values["secret"]})
        return ask("GET", f"{values['endpoint']}/cgi-bin/gettoken?{query}").data

    def ask_send(self, token: str, one: Outgoing, values: Mapping[str, Any]) -> dict[str, Any]:
        """Prepare the message for its member of staff."""
        asked: dict[str, Any] = {
            "chat_type": "single",
            "external_userid": [one.address],
            "sender": values["sender"],
            "text": {"content": one.text[:1_300]},
        }
        if url := one.extras.get("url"):
            asked["attachments"] = [
                {"msgtype": "link", "link": {"title": one.subject[:40] or pgettext("link", "More"), "url": url}}
            ]
        found = _post(f"{values['endpoint']}/cgi-bin/externalcontact/add_msg_template", {"access_token": token}, asked)
        if found.get("errcode") == 0 and one.address in found.get("fail_list", []):
            return {"errcode": "refused"}
        return found
