"""How each channel is set up: its settings, whether it is in use, when it was last found healthy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from ..models import ChannelSetup
from ..text_errors import ChannelRefusedError
from .addresses import AddressRefusedError, refuse_bad
from .protocol import Channel, Health, Setting
from .registry import all_channels, get, is_known
from .secrets import decrypted, encrypted, from_environment

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SECRET = "secret"  # noqa: S105  a kind of setting


@dataclass(frozen=True, slots=True)
class SetUp:
    """A channel as it stands. values: without secrets; has_secret: which secrets are there; from_environment: which
    settings the environment gives, and nobody changes here.
    """

    channel: Channel
    is_enabled: bool
    values: Mapping[str, Any]
    has_secret: frozenset[str]
    from_environment: frozenset[str]
    checked_at: datetime | None
    is_healthy: bool | None
    health_text: str

    @property
    def lacks(self) -> list[Setting]:
        """Return the settings that are required and not there."""
        return [
            one
            for one in self.channel.settings
            if one.is_required
            and not (one.code in self.has_secret if one.kind == SECRET else self.values.get(one.code))
        ]


def values_of(code: str) -> dict[str, Any]:
    """Return all settings of a channel with its secrets: for the channel itself, when it sends."""
    row = ChannelSetup.objects.filter(code=code).first()
    stored = {**row.settings, **decrypted(row.secrets)} if row else {}
    found = {}
    for setting in get(code).settings:
        given = from_environment(code, setting.code)
        found[setting.code] = (
            _parsed(setting, given) if given is not None else stored.get(setting.code, setting.default)
        )
    return found


def set_up_channels() -> list[SetUp]:
    """Return every channel as it stands."""
    stored = {row.code: row for row in ChannelSetup.objects.all()}
    return [_set_up(channel, stored.get(channel.code)) for channel in all_channels()]


def set_up_channel(code: str) -> SetUp:
    """Return one channel as it stands.

    Raises:
        ChannelRefusedError: there is no such channel.
    """
    return _set_up(_known(code), ChannelSetup.objects.filter(code=code).first())


def enabled() -> frozenset[str]:
    """Return the codes of the channels in use."""
    return frozenset(ChannelSetup.objects.filter(is_enabled=True).values_list("code", flat=True))


def save_setup(*, actor: Actor, now: datetime, code: str, is_enabled: bool, values: Mapping[str, Any]) -> SetUp:
    """Keep the settings of a channel. A secret that is left empty stays; what the environment gives is not stored.

    Raises:
        ChannelRefusedError: no such channel or setting, a value breaks its rule or leads where nothing is handed over,
            or the channel is to be used and lacks one.
    """
    channel = _known(code)
    for setting in channel.settings:
        if setting.kind == "url" and values.get(setting.code):
            _refuse_bad_host(setting, str(values[setting.code]).strip())
    with transaction.atomic():
        return _save(channel, actor=actor, now=now, is_enabled=is_enabled, values=values)


def _save(channel: Channel, *, actor: Actor, now: datetime, is_enabled: bool, values: Mapping[str, Any]) -> SetUp:
    code = channel.code
    row = ChannelSetup.objects.select_for_update().filter(code=code).first() or ChannelSetup(code=code)
    known = {setting.code: setting for setting in channel.settings}
    if unknown := sorted(values.keys() - known.keys()):
        text = _("The channel has no setting “%(names)s”.")
        raise ChannelRefusedError(text % {"names": ", ".join(unknown)}, field=unknown[0])
    plain, secret = dict(row.settings), decrypted(row.secrets)
    before = ({**plain}, {**secret}, row.is_enabled)
    for name, value in values.items():
        setting = known[name]
        if setting.kind == SECRET:
            if value:
                secret[name] = str(value).strip()
        else:
            plain[name] = _parsed(setting, value)
    row.settings, row.secrets, row.is_enabled = plain, encrypted(secret), is_enabled
    row.updated_at, row.updated_by = now, actor.code
    if is_enabled and (lacking := _set_up(channel, row).lacks):
        text = _("“%(label)s” is needed before the channel can be used.")
        raise ChannelRefusedError(text % {"label": lacking[0].label}, field=lacking[0].code)
    if before == (plain, secret, is_enabled) and row.pk:
        return _set_up(channel, row)
    row.is_healthy, row.checked_at, row.health_text = None, None, ""
    row.save()
    changed = sorted(name for name in known if {**before[0], **before[1]}.get(name) != {**plain, **secret}.get(name))
    data = {"channel": code, "fields": changed, "is_enabled": is_enabled}
    events.append("messaging.channel.changed", actor=actor, now=now, data=data)
    return _set_up(channel, row)


def check_channel(code: str, *, now: datetime) -> Health:
    """Ask a channel whether it could send now, and keep the answer.

    Raises:
        ChannelRefusedError: there is no such channel.
    """
    found = _known(code).check()
    rows = ChannelSetup.objects.filter(code=code)
    rows.update(checked_at=now, is_healthy=found.is_healthy, health_text=found.text[:300])
    return found


def _known(code: str) -> Channel:
    if not is_known(code):
        raise ChannelRefusedError(_("There is no channel “%(code)s”.") % {"code": code}, field="channel", value=code)
    return get(code)


def _set_up(channel: Channel, row: ChannelSetup | None) -> SetUp:
    given = {one.code for one in channel.settings if from_environment(channel.code, one.code) is not None}
    stored = row.settings if row else {}
    values = {
        one.code: _parsed(one, from_environment(channel.code, one.code))
        if one.code in given
        else stored.get(one.code, one.default)
        for one in channel.settings
        if one.kind != SECRET
    }
    secret = {one.code for one in channel.settings if one.kind == SECRET}
    there = (decrypted(row.secrets).keys() if row else set()) | given
    return SetUp(
        channel=channel,
        is_enabled=row.is_enabled if row else False,
        values=values,
        has_secret=frozenset(secret & there),
        from_environment=frozenset(given),
        checked_at=row.checked_at if row else None,
        is_healthy=row.is_healthy if row else None,
        health_text=row.health_text if row else "",
    )


def _parsed(setting: Setting, value: Any) -> Any:
    """Return a value of a setting's kind.

    Raises:
        ChannelRefusedError: it is none.
    """
    text = str(value if value is not None else "").strip()
    if setting.kind == "boolean":
        return value is True or text.lower() in ("1", "true", "on", "yes")
    if setting.kind == "number":
        if not text:
            return setting.default
        if not text.isdecimal() or len(text) > 5 or not 0 < int(text) < 65_536:
            raise _refused(setting, text)
        return int(text)
    if setting.kind == "choice" and text and text not in dict(setting.choices):
        raise _refused(setting, text)
    if setting.kind == "url" and text:
        _refuse_bad_url(setting, text)
    if any(ord(sign) < 32 for sign in text) or len(text) > 500:
        raise _refused(setting, text)
    return text


def _refuse_bad_url(setting: Setting, text: str) -> None:
    """Refuse an address that is not https; http only to this machine, for trying out."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _refused(setting, text) from None
    is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or (parts.scheme != "https" and not is_near) or parts.username:
        raise _refused(setting, text)


def _refuse_bad_host(setting: Setting, text: str) -> None:
    """Refuse an address that leads to where only this machine gets; names are resolved, so not within a transaction."""
    _refuse_bad_url(setting, text)
    if text == setting.default:
        return
    try:
        refuse_bad(urlsplit(text).hostname or "")
    except AddressRefusedError as error:
        message = _(
            "“%(value)s” leads to %(address)s, where nothing is handed over. Use a public address, or have whoever runs"
            " this installation allow your own network (TROTH_PRIVATE_NETWORKS)."
        )
        raise ChannelRefusedError(
            message % {"value": text[:80], "address": error}, field=setting.code, value=text[:80]
        ) from error


def _refused(setting: Setting, value: str) -> ChannelRefusedError:
    text = _("“%(value)s” will not do for “%(label)s”. %(hint)s")
    hint = setting.hint or (_("Use an address that begins with https://.") if setting.kind == "url" else "")
    return ChannelRefusedError(
        (text % {"value": value[:80], "label": setting.label, "hint": hint}).strip(),
        field=setting.code,
        value=value[:80],
    )
