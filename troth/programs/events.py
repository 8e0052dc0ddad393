"""Events of programmes."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_PROGRAMME = {"programme": "code"}
_VERSION = {**_PROGRAMME, "version": "number"}
_MOVE = {**_PROGRAMME, "from": "tier, or empty", "to": "tier, or empty", "reason": "code"}

declare(
    EventType("programs.programme.created", _("Programme made"), _PROGRAMME, icon="award", on_timeline=False),
    EventType("programs.draft.submitted", _("Draft submitted"), _PROGRAMME, icon="send", on_timeline=False),
    EventType("programs.draft.approved", _("Draft approved"), _PROGRAMME, icon="check", on_timeline=False),
    EventType("programs.draft.rejected", _("Draft sent back"), _PROGRAMME, icon="arrow-back", on_timeline=False),
    EventType(
        "programs.version.published",
        _("Programme version published"),
        {**_VERSION, "effective_at": "moment"},
        icon="award",
        on_timeline=False,
    ),
    EventType("programs.programme.archived", _("Programme archived"), _PROGRAMME, icon="archive", on_timeline=False),
    EventType("programs.member.joined", _("Joined the programme"), _PROGRAMME, icon="user-plus"),
    EventType("programs.tier.moved", _("Tier changed"), _MOVE, icon="stairs"),
    EventType(
        "programs.tier.granted",
        _("Tier granted"),
        {**_PROGRAMME, "tier": "code", "kind": "manual or match", "until": "moment"},
        icon="gift",
    ),
    EventType("programs.tier.revoked", _("Tier grant ended early"), {**_PROGRAMME, "tier": "code"}, icon="gift-off"),
    EventType("programs.badge.earned", _("Badge earned"), {**_PROGRAMME, "badge": "code"}, icon="badge"),
    EventType("programs.badge.withdrawn", _("Badge withdrawn"), {**_PROGRAMME, "badge": "code"}, icon="badge-off"),
)
