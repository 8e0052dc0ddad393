"""Why two records look like one person, in words."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from troth.console.components import Reason, Tone
from troth.customers.models import DuplicateSuggestion, IdentityKind

STRONG_BITS = 3


def reasons_of(suggestion: DuplicateSuggestion) -> list[Reason]:
    """Return one sentence for each field that was compared and speaks for or against."""
    return [
        Reason(sentence(reason["field"], reason["code"]), "", _tone(reason.get("weight")))
        for reason in suggestion.reasons
        if reason["code"] != "unknown"
    ]


def sentence(field: str, code: str) -> str:
    """Return the words for one outcome of the comparison; a code nobody knows is shown as it is."""
    if code == "given_for_both":
        label = str(IdentityKind(field).label) if field in IdentityKind.values else field
        return _("The same was given for both: %(kind)s") % {"kind": label}
    said = _SENTENCES.get((field, code))
    return said() if said else f"{field}: {code}"


def _tone(weight: float | None) -> Tone:
    if weight is None or weight >= STRONG_BITS:
        return "good"
    return "neutral" if weight > -1 else "bad"


_SENTENCES: dict[tuple[str, str], Callable[[], str]] = {
    ("name", "same"): lambda: _("Same name"),
    ("name", "other_form"): lambda: _("Same name in another form: order, script or short form"),
    ("name", "sounds_same"): lambda: _("Names sound the same"),
    ("name", "typing_error"): lambda: _("Names differ by a slip of the pen"),
    ("name", "part_missing"): lambda: _("One name has a part more"),
    ("name", "given_same"): lambda: _("Same given name, another family name"),
    ("name", "family_same"): lambda: _("Same family name, another given name"),
    ("name", "different"): lambda: _("Different names"),
    ("birthday", "same"): lambda: _("Same birthday"),
    ("birthday", "day_month_swapped"): lambda: _("Day and month of the birthday are swapped"),
    ("birthday", "typing_error"): lambda: _("Birthdays differ by one digit"),
    ("birthday", "generation_apart"): lambda: _("Birthdays a generation apart"),
    ("birthday", "different"): lambda: _("Different birthdays"),
    ("home", "phone_and_address_same"): lambda: _("Same phone and same address"),
    ("home", "phone_same"): lambda: _("Same phone"),
    ("home", "address_same_phone_near"): lambda: _("Same address; phones differ by one digit"),
    ("home", "address_same"): lambda: _("Same address"),
    ("home", "phone_near"): lambda: _("Phones differ by one digit"),
    ("home", "address_near"): lambda: _("Addresses are alike"),
    ("home", "different"): lambda: _("Neither phone nor address agree"),
    ("email", "same"): lambda: _("Same e-mail address"),
    ("email", "other_provider"): lambda: _("Same e-mail name at another provider"),
    ("email", "typing_error"): lambda: _("E-mail addresses differ by a slip of the pen"),
    ("company_name", "same"): lambda: _("Same name, apart from place and legal form"),
    ("company_name", "one_in_other"): lambda: _("One name is part of the other"),
    ("company_name", "different"): lambda: _("Different names"),
    ("tax_id", "same"): lambda: _("Same tax number"),
    ("tax_id", "different"): lambda: _("Different tax numbers"),
    ("company_phone", "same"): lambda: _("Same phone"),
    ("domain", "same"): lambda: _("E-mail addresses at the same domain of their own"),
    ("email", "different"): lambda: _("Different e-mail addresses"),
}
