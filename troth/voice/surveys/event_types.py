"""Events of surveys."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_SURVEY = {"survey": "code"}

declare(
    EventType("voice.survey.created", _("Survey made"), _SURVEY, icon="clipboard-list", on_timeline=False),
    EventType(
        "voice.survey.changed", _("Settings of a survey changed"), _SURVEY, icon="clipboard-list", on_timeline=False
    ),
    EventType(
        "voice.survey.published",
        _("Survey published"),
        {**_SURVEY, "version": "number"},
        icon="clipboard-list",
        on_timeline=False,
    ),
    EventType("voice.survey.closed", _("Survey closed"), _SURVEY, icon="clipboard-list", on_timeline=False),
    EventType("voice.survey.reopened", _("Survey opened again"), _SURVEY, icon="clipboard-list", on_timeline=False),
    EventType(
        "voice.rules.changed",
        _("Rules of asking changed"),
        {
            "fatigue_days": "days between two surveys",
            "detractor_days": "days without promotion after a bad score",
            "reminder_days": "days until a reminder",
            "expiry_days": "days until an invitation ends",
        },
        icon="clipboard-list",
        on_timeline=False,
    ),
    EventType(
        "voice.sending.made",
        _("Survey sent out"),
        {**_SURVEY, "sending": "id"},
        icon="clipboard-list",
        on_timeline=False,
    ),
    EventType(
        "voice.survey.invited",
        _("Invited to a survey"),
        {**_SURVEY, "invitation": "id"},
        icon="clipboard-list",
    ),
    EventType(
        "voice.survey.answered",
        _("Answered a survey"),
        {
            **_SURVEY,
            "kind": "what the survey asks in the main: nps, csat, ces, loyalty, value, kano, other",
            "sheet": "id of the answer sheet",
            "score": "the main answer, null without one",
            "is_promoter": "whether it is a very good score",
            "is_detractor": "whether it is a bad score",
            "store": "code of the store it is about",
        },
        icon="message",
    ),
    EventType(
        "voice.information.tagged",
        _("Information seen in an answer"),
        {"sheet": "id of the answer sheet", "kind": "need, idea, competitor, praise", "removed": "whether taken off"},
        icon="bulb",
        on_timeline=False,
    ),
)
