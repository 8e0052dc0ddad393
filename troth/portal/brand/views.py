"""The company's colour as a small stylesheet, its logo as a picture. Both may be kept by browsers: addresses change."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from troth.messaging import brand
from troth.messaging.colors import tones

KEPT = "public, max-age=86400"


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """Return the company's colour for both themes."""
    light, dark = tones(brand.brand().color)
    rules = (
        f":root{{--p-brand:{light.color};--p-on-brand:{light.ink}}}"
        f"@media(prefers-color-scheme:dark){{:root{{--p-brand:{dark.color};--p-on-brand:{dark.ink}}}}}"
    )
    return HttpResponse(rules, content_type="text/css; charset=utf-8", headers={"Cache-Control": KEPT})


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """Return the company's logo; e-mails show it too."""
    found = brand.logo()
    if found is None:
        raise Http404
    headers = {
        "Cache-Control": KEPT,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(found.logo), content_type=found.logo_type, headers=headers)
