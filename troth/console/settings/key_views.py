"""API keys: by which programs come in."""

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access import queries as access
from troth.access.permissions import KEY_PERMISSIONS, Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import accounts


class KeyForm(forms.Form):
    """A new key: for which program, what it may do, until when."""

    name = forms.CharField(
        label=_("Key name"),
        max_length=100,
        help_text=_("The program that will use it, for example the web shop."),
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty, the key works until it is revoked."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(p.value, p.label) for p in Permission if p in KEY_PERMISSIONS]

    def expires_at(self) -> datetime | None:
        """Return the end of the last day in the active zone."""
        day = self.cleaned_data["last_day"]
        zone = ZoneInfo(timezone.get_current_timezone_name())
        return None if day is None else datetime.combine(day, time.max, zone)


@require_safe
@requires(Permission.API_KEYS_EDIT)
def keys(request: ConsoleRequest) -> HttpResponse:
    """Show the keys, never their secrets."""
    return render(request, "console/settings/keys.html", {"keys": access.api_keys(), "now": utc_now()})


@require_http_methods(["GET", "POST"])
@requires(Permission.API_KEYS_EDIT)
def create(request: ConsoleRequest) -> HttpResponse:
    """Make a key and show its text this once."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _make(request, form)
        if made is not None:
            return made
    return render(request, "console/settings/key_new.html", {"form": form})


@require_POST
@requires(Permission.API_KEYS_EDIT)
def revoke(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    """Shut a key out for ever."""
    accounts.revoke_api_key(key_id=key_id, actor=request.actor, now=utc_now())
    return redirect("settings:keys")


def _make(request: ConsoleRequest, form: KeyForm) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        key, text = accounts.create_api_key(
            name=data["name"],
            scopes=[Permission(scope) for scope in data["scopes"]],
            expires_at=form.expires_at(),
            actor=request.actor,
            now=utc_now(),
        )
    except TrothError as refusal:
        field = {"expires_at": "last_day"}.get(str(refusal.fields.get("field")), refusal.fields.get("field"))
        form.add_error(field if field in form.fields else None, str(refusal))
        return None
    response = render(request, "console/settings/key_made.html", {"key": key, "text": text})
    response.headers["Cache-Control"] = "no-store"
    return response
