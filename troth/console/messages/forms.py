"""The form of the rules of sending."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from troth.console.numbers import whole
from troth.customers.models import ConsentChannel
from troth.messaging import queries as messaging
from troth.messaging.policies import CONFIRMABLE, PURPOSES, Cap, Hours, Terms

CAP_DAYS = (1, 7, 30)
CAP_LABELS = {1: _("Most messages a day"), 7: _("Most messages in 7 days"), 30: _("Most messages in 30 days")}


def _time_field(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget)


class RulesForm(forms.Form):
    """Quiet hours and weekdays by purpose, caps, consent, age, delays."""

    minimum_age = forms.IntegerField(
        label=_("Youngest age for offers and surveys"),
        min_value=0,
        max_value=30,
        help_text=_("Whoever is known to be younger gets service messages only."),
    )
    longest_delay_days = forms.IntegerField(
        label=_("Longest delay in days"),
        min_value=1,
        max_value=60,
        help_text=_("What would have to wait longer is not sent, unless it says itself how long it is of use."),
    )
    repeat_hours = forms.IntegerField(
        label=_("Hours without a repetition"),
        min_value=0,
        max_value=744,
        help_text=_("The same content does not go to the same person twice within this time."),
    )
    control_percent = forms.IntegerField(
        label=_("Percent of customers without any offer"),
        min_value=0,
        max_value=50,
        help_text=_("Chosen by chance, the same ones every day; service messages and surveys reach them. 0: nobody."),
    )
    control_groups = forms.CharField(
        label=_("Percent without the offers of one journey"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One a line: the journey's code or group, a space, the percentage; such as “birthday 10”."),
    )
    control_draw = forms.CharField(
        label=_("Drawing"),
        max_length=40,
        help_text=_("Another word here draws all control groups anew; what was measured until then ends with it."),
    )
    note = forms.CharField(label=_("What changed and why"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, terms: Terms) -> None:
        super().__init__(data, initial=_initial(terms))
        weekdays = [(number + 1, name) for number, name in WEEKDAYS_ABBR.items()]
        purposes = [(code, messaging.purpose_label(code)) for code in PURPOSES]
        for purpose in PURPOSES:
            self.fields[f"{purpose}_from"] = _time_field(_("Quiet from"))
            self.fields[f"{purpose}_until"] = _time_field(_("Quiet until"))
            self.fields[f"{purpose}_weekdays"] = forms.TypedMultipleChoiceField(
                label=_("Weekdays"), choices=weekdays, coerce=int, widget=forms.CheckboxSelectMultiple
            )
        for days in CAP_DAYS:
            self.fields[f"cap_{days}"] = forms.IntegerField(
                label=CAP_LABELS[days], min_value=1, max_value=1000, required=False
            )
        for name, label in (("capped", _("Counted together")), ("consent_needed", _("Only with a consent given"))):
            self.fields[name] = forms.MultipleChoiceField(
                label=label, choices=purposes, required=False, widget=forms.CheckboxSelectMultiple
            )

        self.fields["confirmed"] = forms.MultipleChoiceField(
            label=_("Counts only once confirmed by a link (double opt-in)"),
            choices=[(one, _confirmable(one)) for one in CONFIRMABLE],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("What customers agree to on the preference page; the link comes by a message of service."),
        )

    def clean_control_groups(self) -> dict[str, int]:
        """Return the percentages by group."""
        found: dict[str, int] = {}
        for line in filter(str.strip, self.cleaned_data["control_groups"].splitlines()):
            group, _space, percent = line.strip().rpartition(" ")
            said = whole(percent.strip("%"))
            if not group.strip() or said is None:
                text = _("“%(line)s”: write the journey's code, a space and a percentage, such as “birthday 10”.")
                raise forms.ValidationError(text % {"line": line.strip()[:60]})
            found[group.strip()] = said
        return found

    @property
    def purposes(self) -> list[tuple[str, Any, Any, Any]]:
        """Return label, beginning, end and weekdays of each purpose."""
        return [
            (messaging.purpose_label(one), self[f"{one}_from"], self[f"{one}_until"], self[f"{one}_weekdays"])
            for one in PURPOSES
        ]

    @property
    def caps(self) -> list[Any]:
        """Return the fields of the caps."""
        return [self[f"cap_{days}"] for days in CAP_DAYS]

    def terms(self) -> Terms:
        """Return the rules as they were filled in; the form is valid."""
        given = self.cleaned_data
        hours = {
            one: Hours(given[f"{one}_from"], given[f"{one}_until"], tuple(sorted(given[f"{one}_weekdays"])))
            for one in PURPOSES
        }
        caps = tuple(Cap(days, given[f"cap_{days}"]) for days in CAP_DAYS if given[f"cap_{days}"])
        return Terms(
            hours=hours,
            caps=caps,
            capped=tuple(given["capped"]),
            consent_needed=tuple(given["consent_needed"]),
            confirmed=tuple(given["confirmed"]),
            minimum_age=given["minimum_age"],
            longest_delay_days=given["longest_delay_days"],
            repeat_hours=given["repeat_hours"],
            control_percent=given["control_percent"],
            control_groups=given["control_groups"],
            control_draw=given["control_draw"],
        )


def _confirmable(code: str) -> str:
    purpose, _colon, channel = code.partition(":")
    return f"{messaging.purpose_label(purpose)} · {ConsentChannel(channel).label}"


def _initial(terms: Terms) -> dict[str, Any]:
    found: dict[str, Any] = {
        "minimum_age": terms.minimum_age,
        "longest_delay_days": terms.longest_delay_days,
        "repeat_hours": terms.repeat_hours,
        "control_percent": terms.control_percent,
        "control_groups": "\n".join(f"{group} {percent}" for group, percent in sorted(terms.control_groups.items())),
        "control_draw": terms.control_draw,
        "capped": list(terms.capped),
        "consent_needed": list(terms.consent_needed),
        "confirmed": list(terms.confirmed),
    }
    for purpose in PURPOSES:
        hours = terms.hours.get(purpose, Hours())
        found[f"{purpose}_from"], found[f"{purpose}_until"] = hours.quiet_from, hours.quiet_until
        found[f"{purpose}_weekdays"] = list(hours.weekdays)
    return found | {f"cap_{cap.days}": cap.most for cap in terms.caps}
