"""What surveys contribute to the condition language: what a customer said last, and when."""

from django.db.models import Case, CharField, Value, When
from django.utils.translation import gettext_lazy as _

from troth.kit.conditions import catalogue, windows
from troth.kit.conditions.fields import (
    LAST_DAYS,
    Aggregate,
    AsOf,
    Choice,
    Facts,
    Field,
    Group,
    Members,
    Rows,
    Rowset,
    SideTable,
    Text,
    ValueType,
)
from troth.kit.conditions.tree import Params
from troth.value.voice.bands import BANDS, ScoreKind

from ..models import (
    SILENT,
    AnswerSheet,
    InformationKind,
    InformationTag,
    Invitation,
    SheetState,
    Survey,
    VoiceStanding,
)

VOICE = Group("voice", _("Voice"), order=50)
PROMOTER, PASSIVE, DETRACTOR = "promoter", "passive", "detractor"
NPS_GROUPS = (
    Choice(PROMOTER, _("Promoter")),
    Choice(PASSIVE, _("Passive")),
    Choice(DETRACTOR, _("Detractor")),
)


def _standings(_as_of: AsOf) -> Rowset:
    band = BANDS[ScoreKind.NPS]
    return VoiceStanding.objects.annotate(
        nps_group=Case(
            When(nps_score__gte=band.good_from, then=Value(PROMOTER)),
            When(nps_score__lte=band.bad_to, then=Value(DETRACTOR)),
            When(nps_score__isnull=False, then=Value(PASSIVE)),
            output_field=CharField(),
        )
    )


def _sheets(as_of: AsOf, params: Params) -> Rowset:
    return AnswerSheet.objects.filter(windows.moments("completed_at", as_of, params), state=SheetState.COMPLETE)


def _sheet_ids(as_of: AsOf, params: Params) -> Rows:
    return Rows(_sheets(as_of, params), "id")


def _survey_codes(as_of: AsOf, params: Params) -> Rows:
    return Rows(_sheets(as_of, params), "survey__code")


def _silent_codes(as_of: AsOf, params: Params) -> Rows:
    asked = Invitation.objects.filter(windows.moments("invited_at", as_of, params), state__in=SILENT)
    return Rows(asked, "survey__code")


def _told(_as_of: AsOf, _params: Params) -> Rows:
    return Rows(InformationTag.objects.filter(is_removed=False), "information_kind")


def _surveys() -> list[Choice]:
    return [Choice(row.code, str(row)) for row in Survey.objects.exclude(version_number=0).order_by("name")]


def _said(code: str, kind: ValueType, label: Text, column: str, order: int) -> Field:
    return Field(f"voice.{code}", kind, label, VOICE, SideTable(_standings, column), order=order)


T = ValueType
catalogue.register(
    "customer",
    _said("nps", T.COUNT, _("Last recommendation score (0–10)"), "nps_score", 10),
    Field(
        "voice.nps_group",
        T.CHOICE,
        _("Promoter or detractor"),
        VOICE,
        SideTable(_standings, "nps_group"),
        choices=NPS_GROUPS,
        order=12,
    ),
    _said("nps_at", T.MOMENT, _("Last recommendation given"), "nps_at", 14),
    _said("csat", T.COUNT, _("Last satisfaction score (1–5)"), "csat_score", 16),
    _said("ces", T.COUNT, _("Last effort score (1–7)"), "ces_score", 18),
    _said("answered_at", T.MOMENT, _("Last answer to a survey"), "answered_at", 20),
    _said("invited_at", T.MOMENT, _("Last invitation to a survey"), "invited_at", 22),
    Field(
        "voice.answers",
        T.COUNT,
        _("Number of surveys answered"),
        VOICE,
        Facts(_sheet_ids, Aggregate.COUNT),
        params=(LAST_DAYS,),
        order=24,
    ),
    Field(
        "voice.surveys",
        T.CHOICE_SET,
        _("Surveys answered"),
        VOICE,
        Members(_survey_codes),
        choices=_surveys,
        params=(LAST_DAYS,),
        order=26,
    ),
    Field(
        "voice.silent",
        T.CHOICE_SET,
        _("Surveys asked for and not answered"),
        VOICE,
        Members(_silent_codes),
        choices=_surveys,
        params=(LAST_DAYS,),
        order=27,
    ),
    Field(
        "voice.told",
        T.CHOICE_SET,
        _("Information given"),
        VOICE,
        Members(_told),
        choices=[Choice(kind.value, kind.label) for kind in InformationKind],
        order=28,
    ),
)
