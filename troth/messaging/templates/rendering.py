"""Filling texts in: for many customers at once, each in their language, with what was missing named."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _
from liquid.template import BoundTemplate

from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, ConsentPurpose
from troth.kit.errors import TrothError
from troth.staff import queries as staff

from .. import channels, links
from ..brand import brand
from ..colors import tones
from ..models import TemplateVersion
from ..text_errors import TemplateNotFoundError, TemplateRefusedError, TemplateUnpublishedError
from . import environment, facts, mail, tracking
from .document import BODY_KINDS, Document, EmailBody, TextBody, choose, parsed
from .reading import published

ONE_LINE = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")
MANY_LINES = re.compile(r"\n{3,}")
NO_FOOTER = {ConsentPurpose.SERVICE.value}  # messages about an order are no advertising: nothing to unsubscribe from
DOCUMENTS_KEPT, BODIES_KEPT = 500, 2_000
_T = TypeVar("_T")
_documents: dict[UUID, Document] = {}
_bodies: dict[tuple[Any, ...], tuple[str, "Ready"]] = {}
_LINK_FACTS = {"unsubscribe_url", "preferences_url", "logo_url"}


@dataclass(frozen=True, slots=True)
class ToRender:
    """One text to be filled in.

    template: code; facts: what the sender brings, before the customer's own; language: "" for the customer's;
    channel: code, decides which body; purpose: "" for the template's; contact_id: for links, None in previews.
    """

    template: str
    customer_id: UUID
    facts: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    channel: str = "email"
    purpose: str = ""
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished text.

    missing: facts that it names and that nobody knew; such a text should not go out. refused: code of why there is no
    text at all, "" if there is one. headers: for e-mail. extras: for providers with registered texts. version: number.
    """

    subject: str = ""
    text: str = ""
    html: str = ""
    missing: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    version: int = 0
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A body made ready to be filled in, with the facts that it names."""

    subject: BoundTemplate
    text: BoundTemplate
    html: BoundTemplate | None
    values: tuple[tuple[str, BoundTemplate], ...]
    url: BoundTemplate | None
    provider_template: str
    names: frozenset[str]


def render(
    template_code: str,
    *,
    language: str,
    facts: Mapping[str, Any],
    customer: UUID,
    now: datetime,
    channel: str = "email",
    contact_id: UUID | None = None,
) -> Rendered:
    """Return one text for one customer; see `render_many`.

    Raises:
        TemplateNotFoundError, TemplateUnpublishedError, TemplateRefusedError, RenderRefusedError: there is no text.
    """
    asked = ToRender(template_code, customer, facts, language, channel, contact_id=contact_id)
    return _all([asked], now=now, is_strict=True)[0]


def render_many(asked: Sequence[ToRender], *, now: datetime) -> list[Rendered]:
    """Return the texts in their order. One that cannot be filled in says why (`refused`) and stops no other.

    A handful of queries for any number: versions, customers, each provider of facts once.
    """
    return _all(asked, now=now, is_strict=False)


def ready(
    document: Document, kind: str, language: str, fallback: str, *, has_footer: bool, color: str, ink: str
) -> tuple[str, Ready]:
    """Return the language that is taken and its body made ready.

    Raises:
        TemplateRefusedError: there is no body for this kind of channel, or its Liquid is wrong.
    """
    found = choose(document, kind, language, fallback)
    if found is None:
        raise TemplateRefusedError(_("The template has no text for this channel."), field="channel", value=kind)
    taken, _kind, body = found
    if isinstance(body, EmailBody):
        return taken, _ready_mail(body, taken, color, ink, has_footer=has_footer)
    return taken, _ready_text(body)


def filled(one: Ready, values: Mapping[str, Any], language: str) -> Rendered:
    """Return a body filled in with values. An empty value is none: Liquid would take it for true.

    Raises:
        RenderRefusedError: it loops too often or grows too large.
    """
    missing: set[str] = set()
    given = {name: value for name, value in values.items() if value is not None and value != ""}

    def fill(template: BoundTemplate) -> str:
        return environment.fill(template, given, language=language, missing=missing)

    html = fill(one.html) if one.html is not None else ""
    text = MANY_LINES.sub("\n\n", fill(one.text)).strip()
    extras: dict[str, Any] = {}
    if one.provider_template:
        extras = {"template": one.provider_template, "values": {name: _line(fill(text)) for name, text in one.values}}
    if one.url is not None:
        extras["url"] = _line(fill(one.url))
    return Rendered(_line(fill(one.subject)), text, html, tuple(sorted(missing)), extras=extras, language=language)


def _line(text: str) -> str:
    """Return one line: no fact can begin a new header, nor a new line of a subject."""
    return ONE_LINE.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A text that only needs its values: what was asked, whose it is, and the version that is taken."""

    at: int
    asked: ToRender
    owner: UUID
    language: str
    made: Ready
    version: TemplateVersion


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all texts of a batch share."""

    versions: Mapping[str, TemplateVersion | None]
    owners: Mapping[UUID, UUID]
    people: Mapping[UUID, customers.Contactable]
    fallback: str
    color: str
    ink: str
    logo_url: str


def _all(asked: Sequence[ToRender], *, now: datetime, is_strict: bool) -> list[Rendered]:
    scene = _scene(asked)
    prepared: list[_Prepared] = []
    done: dict[int, Rendered] = {}

    def tried(at: int, step: Callable[[], _T]) -> _T | None:
        try:
            return step()
        except TrothError as error:
            if is_strict:
                raise
            done[at] = Rendered(refused=error.code)
            return None

    for at, one in enumerate(asked):
        if (found := tried(at, partial(_prepare, at, one, scene))) is not None:
            prepared.append(found)
    for piece, values in zip(prepared, _facts(prepared, now), strict=True):
        if (text := tried(piece.at, partial(_finish, piece, values, scene))) is not None:
            done[piece.at] = text
    return [done[at] for at in range(len(asked))]


def _scene(asked: Sequence[ToRender]) -> _Scene:
    company = staff.company_or_none()
    groups = customers.record_groups({one.customer_id for one in asked})
    owners = {record: group[0] for record, group in groups.items()}
    people = customers.contactables(set(owners.values()), purposes=[ConsentPurpose.PROFILING], kinds=[])
    look = brand()
    light, _dark = tones(look.color)
    return _Scene(
        versions=published({one.template for one in asked}),
        owners=owners,
        people=people,
        fallback=company.language if company else "en",
        color=light.color,
        ink=light.ink,
        logo_url=f"{links.address('portal_brand:logo')}?v={look.logo_hash}" if look.logo_hash else "",
    )


def _prepare(at: int, one: ToRender, scene: _Scene) -> _Prepared:
    owner = scene.owners.get(one.customer_id, one.customer_id)
    version = _version(scene.versions, one.template)
    wanted = one.language or (scene.people[owner].language if owner in scene.people else "")
    language, made = _made(version, _kind(one.channel), wanted, one.purpose, scene)
    return _Prepared(at, one, owner, language, made, version)


def _finish(one: _Prepared, values: Mapping[str, Any], scene: _Scene) -> Rendered:
    """Fill the text in, then add what only a real message has: headers, and links that are followed if they may be."""
    more = _links(one, scene)
    text = filled(one.made, {**values, **one.asked.facts, **more}, one.language)
    contact_id = one.asked.contact_id
    html, headers = text.html, {}
    if html and contact_id is not None:
        if _document(one.version).links_tracked and _may_follow(scene.people.get(one.owner)):
            html = tracking.tracked(html, customer_id=one.owner, contact_id=contact_id)
        if url := more.get("unsubscribe_url"):
            headers = {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return replace(text, html=html, headers=headers, version=one.version.number)


def _may_follow(person: customers.Contactable | None) -> bool:
    if person is None:
        return False
    state = person.consents.get((ConsentPurpose.PROFILING.value, ConsentChannel.ANY.value))
    return state is not None and state.is_given


def _facts(prepared: Sequence[_Prepared], now: datetime) -> list[dict[str, Any]]:
    """Ask for the facts of all texts that name the same ones together."""
    found: list[dict[str, Any]] = [{} for _one in prepared]
    groups: dict[frozenset[str], list[int]] = {}
    for place, one in enumerate(prepared):
        groups.setdefault(one.made.names, []).append(place)
    for names, places in groups.items():
        readers = [facts.Reader(prepared[place].owner, prepared[place].language) for place in places]
        for place, values in zip(places, facts.known(readers, names, now), strict=True):
            found[place] = values
    return found


def _links(one: _Prepared, scene: _Scene) -> dict[str, str]:
    names, contact_id = one.made.names, one.asked.contact_id
    if not names & _LINK_FACTS:
        return {}
    purpose = one.asked.purpose or one.version.purpose
    values = {"logo_url": scene.logo_url, "preferences_url": links.preferences_url(one.owner, contact_id=contact_id)}
    if purpose not in NO_FOOTER:
        channel = _consent_channel(one.asked.channel)
        token = links.unsubscribe_token(one.owner, purpose=purpose, channel=channel, contact_id=contact_id)
        values["unsubscribe_url"] = links.unsubscribe_url(token)
    return values


def _consent_channel(channel: str) -> str:
    return channels.get(channel).consent if channels.is_known(channel) else ConsentChannel.ANY.value


def _kind(channel: str) -> str:
    if channels.is_known(channel):
        return channels.get(channel).body
    return channel if channel in BODY_KINDS else "text"


def _version(versions: Mapping[str, TemplateVersion | None], code: str) -> TemplateVersion:
    if code not in versions:
        raise TemplateNotFoundError(code)
    version = versions[code]
    if version is None:
        raise TemplateUnpublishedError(code)
    return version


def _document(version: TemplateVersion) -> Document:
    """Return a version's document, parsed once: versions never change."""
    if version.id not in _documents:
        _documents[version.id] = parsed(version.document)
        if len(_documents) > DOCUMENTS_KEPT:
            del _documents[next(iter(_documents))]
    return _documents[version.id]


def _made(version: TemplateVersion, kind: str, language: str, purpose: str, scene: _Scene) -> tuple[str, Ready]:
    purpose = purpose or version.purpose
    key = (version.id, kind, language, scene.fallback, purpose in NO_FOOTER, scene.color)
    if key not in _bodies:
        _bodies[key] = ready(
            _document(version),
            kind,
            language,
            scene.fallback,
            has_footer=purpose not in NO_FOOTER,
            color=scene.color,
            ink=scene.ink,
        )
        if len(_bodies) > BODIES_KEPT:
            del _bodies[next(iter(_bodies))]
    return _bodies[key]


def _ready_mail(body: EmailBody, language: str, color: str, ink: str, *, has_footer: bool) -> Ready:
    source = mail.sources(
        body.subject, body.preheader, body.body, color=color, ink=ink, language=language, has_footer=has_footer
    )
    subject = environment.compiled(body.subject)
    text, html = environment.compiled(source.text), environment.compiled(source.html, is_html=True)
    names = environment.names_in(subject) | environment.names_in(text) | environment.names_in(html)
    return Ready(subject, text, html, (), None, "", names)


def _ready_text(body: TextBody) -> Ready:
    subject, text = environment.compiled(body.subject), environment.compiled(body.body)
    values = tuple((name, environment.compiled(source)) for name, source in body.values.items())
    url = environment.compiled(_safe(body.url)) if body.url.strip() else None
    parts = [subject, text, *(value for _name, value in values), *([url] if url else [])]
    names = frozenset().union(*(environment.names_in(part) for part in parts))
    return Ready(subject, text, None, values, url, body.provider_template.strip(), names)


def _safe(url: str) -> str:
    """Return the Liquid of an address whose beginning, if it is a fact, must be an address itself."""
    found = re.match(r"^\s*\{\{(.*?)\}\}", url)
    return f"{{{{ {found[1].strip()} | safe_url }}}}{url[found.end() :]}" if found else url.strip()
