"""Following who opens and clicks: only of customers who consented to profiling, and never by an open address.

A tracked link is signed: it leads to the address that was in the message and nowhere else, so it cannot be misused
to lend our name to another site.
"""

import re
from html import escape, unescape
from uuid import UUID

from django.conf import settings

from .. import links

_HREF = re.compile(r'(<a\b[^>]*?\bhref=")(https?://[^"]+)(")')
LINKS_LIMIT = 100


def tracked(html: str, *, customer_id: UUID, contact_id: UUID) -> str:
    """Return an e-mail whose links to elsewhere lead past us, with a picture that tells of its being opened.

    Links to our own public pages stay: these know by themselves who came.
    """
    own = f"{settings.PUBLIC_URL}/p/"
    contact = links.short_id(contact_id)
    count = 0

    def passed(found: re.Match[str]) -> str:
        nonlocal count
        url = unescape(found[2])
        if url.startswith(own) or count >= LINKS_LIMIT:
            return found[0]
        count += 1
        token = links.signed("click", customer_id, data={"c": contact, "n": count, "u": url})
        return f"{found[1]}{escape(links.address('portal_preferences:click', token))}{found[3]}"

    followed = _HREF.sub(passed, html)
    pixel = links.address("portal_preferences:opened", links.signed("open", customer_id, data={"c": contact}))
    image = f'<img src="{escape(pixel)}" width="1" height="1" alt="" style="display:block;border:0">'
    return followed.replace("</body>", f"{image}</body>", 1)
