"""Whether the links that customers get lead anywhere."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

_HERE = {"localhost", "127.0.0.1", "::1"}


def dead_links(request: HttpRequest) -> str:
    """Return what to say where public links lead to this machine, but not to the address the console is seen at.

    An installation begins with such links; who prints one as a code to scan has printed it for nobody.
    """
    public = urlsplit(settings.PUBLIC_URL)
    if public.hostname not in _HERE or public.netloc == request.get_host():
        return ""
    return _(
        "Links that customers get begin with %(url)s, where nobody finds you. Have Troth started with the setting "
        "TROTH_PUBLIC_URL: the address under which customers reach it."
    ) % {"url": settings.PUBLIC_URL}
