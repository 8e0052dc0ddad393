"""Who asks, where web servers stand in front: the address that the last server of ours saw, not that server's own.

Limits count by address: without this, everybody behind one proxy shares one, and a single stranger uses it up for all.
"""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ForwardedMiddleware:
    """Puts the asker's address into REMOTE_ADDR, as the `TROTH_PROXIES` servers in front tell it in X-Forwarded-For.

    Each server adds the address it saw at the end; what stands further left, anybody may have written. An IPv4 address
    in the dress of IPv6, as a server for both hears it, is told plainly.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (proxies := settings.PROXIES) > 0:
            seen = [one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            if len(seen) >= proxies and _is_address(seen[-proxies]):
                request.META["REMOTE_ADDR"] = seen[-proxies]
        request.META["REMOTE_ADDR"] = _unmapped(request.META.get("REMOTE_ADDR", ""))
        return self.get_response(request)


def _unmapped(address: str) -> str:
    mapped = getattr(ip_address(address), "ipv4_mapped", None) if _is_address(address) else None
    return str(mapped or address)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
