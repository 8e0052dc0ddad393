"""A service's refusal, shown where it can be mended."""

from collections.abc import Mapping

from django import forms

from troth.kit.errors import TrothError


def at_its_field(form: forms.BaseForm, refusal: TrothError, names: Mapping[str, str]) -> TrothError | None:
    """Show a refusal at the field it is about, and return it where the form has none.

    names: how the form calls a field of the service, where it calls it something else.
    """
    field = str(refusal.fields.get("field", ""))
    field = names.get(field, field)
    if field not in form.fields:
        return refusal
    form.add_error(field, str(refusal))
    return None
