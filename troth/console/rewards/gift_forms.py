"""The form of a birthday gift: what is given, when, how long a coupon of it is usable."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from troth.rewards import queries as rewards
from troth.rewards.gifts import MOST_DAYS_BEFORE, MOST_USABLE_DAYS
from troth.rewards.models import BirthdayGift, CampaignState, CodeKind, RewardState
from troth.rewards.services import GiftFields

Choice = tuple[str, str]


class GiftForm(forms.Form):
    """What a birthday gift says; whom it is for is the editor's, beside the form."""

    name = forms.CharField(label=pgettext_lazy("catalogue", "Name"), max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120, required=False)
    code = forms.SlugField(
        label=gettext_lazy("Short name for files and the API"),
        max_length=40,
        help_text=gettext_lazy("Small letters, digits, hyphens."),
    )
    given = forms.ChoiceField(
        label=gettext_lazy("What is given"),
        help_text=gettext_lazy("A coupon of a campaign with unique codes, or a reward at no charge."),
    )
    days_before = forms.IntegerField(
        label=gettext_lazy("Days before the birthday"),
        min_value=0,
        max_value=MOST_DAYS_BEFORE,
        initial=0,
        help_text=gettext_lazy("0: on the birthday itself, by the calendar the customer keeps, solar or lunar."),
    )
    usable_days = forms.IntegerField(
        label=gettext_lazy("Days that the coupon is usable"),
        min_value=1,
        max_value=MOST_USABLE_DAYS,
        required=False,
        help_text=gettext_lazy("From the birthday on, which counts as the first. Empty: as long as its campaign says."),
    )

    PARTS = (
        (gettext_lazy("What it is"), ("name", "name_zh", "code", "given")),
        (gettext_lazy("When, and how long"), ("days_before", "usable_days")),
    )

    def __init__(self, *args: Any, gift: BirthdayGift | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gift = gift
        fields: dict[str, Any] = self.fields
        fields["given"].choices = _choices(gift)
        if gift is not None:
            own = {name: getattr(gift, name) for name in GiftForm.base_fields if hasattr(gift, name)}
            self.initial = own | {"given": given_key(gift)}

    @property
    def has_choice(self) -> bool:
        """Whether there is anything that could be given."""
        fields: dict[str, Any] = self.fields
        return len(fields["given"].choices) > 1

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields by heading."""
        return [(head, [self[name] for name in names]) for head, names in self.PARTS]

    def gift_fields(self, audience: Any) -> GiftFields:
        """Return what `create_gift` and `change_gift` take. audience: a condition, None for everybody."""
        given = dict(self.cleaned_data)
        kind, _mark, code = given.pop("given").partition(":")
        is_active = self.gift.is_active if self.gift is not None else True
        return GiftFields(**given, **{kind: code}, audience=audience, is_active=is_active)


def given_key(gift: BirthdayGift) -> str:
    """Return what a gift gives, as the form's choice writes it."""
    return f"campaign:{gift.campaign.code}" if gift.campaign else f"reward:{gift.reward.code if gift.reward else ''}"


def _choices(gift: BirthdayGift | None) -> list[tuple[str, Any]]:
    """Return what could be given: what is not over or archived, and what the gift gives already."""
    own = given_key(gift) if gift is not None else ""
    campaigns: list[Choice] = [
        (f"campaign:{one.code}", str(one))
        for one in rewards.campaigns()
        if one.code_kind == CodeKind.UNIQUE and (one.state != CampaignState.ENDED or own == f"campaign:{one.code}")
    ]
    goods: list[Choice] = [
        (f"reward:{one.code}", str(one))
        for one in rewards.rewards()
        if one.state != RewardState.ARCHIVED or own == f"reward:{one.code}"
    ]
    groups = ((_("A coupon of the campaign"), campaigns), (_("A reward at no charge"), goods))
    return [("", "–"), *(group for group in groups if group[1])]
