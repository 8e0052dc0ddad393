"""What a template holds: bodies by language and kind, and the facts that its sender brings."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..text_errors import TemplateRefusedError

LANGUAGES = ("zh-hans", "en")
BODY_KINDS = ("email", "sms", "wechat", "text", "script")
# Which body a channel sends if the template has none of its own kind. An SMS or a WeChat template message is never
# made of another text: providers and laws want each text registered.
STAND_INS: dict[str, tuple[str, ...]] = {
    "email": ("email",),
    "sms": ("sms",),
    "wechat": ("wechat",),
    "text": ("text", "email", "sms"),
    "script": ("script", "text", "email", "sms"),
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EmailBody(_Part):
    """An e-mail: its body in the markup of `markup.py`. preheader: what mail programs show beside the subject."""

    subject: str = Field(default="", max_length=300)
    preheader: str = Field(default="", max_length=300)
    body: str = Field(default="", max_length=20_000)


class TextBody(_Part):
    """Any other text. provider_template and values: the text as registered with an SMS provider or WeChat, and what its
    places are filled with, in the provider's order; url: where a tap leads.
    """

    subject: str = Field(default="", max_length=300)
    body: str = Field(default="", max_length=5_000)
    provider_template: str = Field(default="", max_length=100)
    values: dict[str, str] = Field(default_factory=dict, max_length=20)
    url: str = Field(default="", max_length=1_000)


class Bodies(_Part):
    """The bodies in one language."""

    email: EmailBody | None = None
    sms: TextBody | None = None
    wechat: TextBody | None = None
    text: TextBody | None = None
    script: TextBody | None = None

    def of(self, kind: str) -> EmailBody | TextBody | None:
        """Return the body of a kind, if there is one with a text."""
        body: EmailBody | TextBody | None = getattr(self, kind, None)
        return body if body is not None and (body.body.strip() or getattr(body, "provider_template", "")) else None


class OwnFact(_Part):
    """A fact that the sender brings, with an example for previews. Codes are those of Liquid's names."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: str = Field(default="", max_length=80)
    label_zh: str = Field(default="", max_length=80)
    example: str = Field(default="", max_length=300)
    example_zh: str = Field(default="", max_length=300)
    fact_kind: Literal["text", "number", "day", "url"] = "text"


class Document(_Part):
    """A whole template. links_tracked: follow who clicks, of customers who consented to profiling."""

    languages: dict[Literal["zh-hans", "en"], Bodies] = Field(default_factory=dict)
    facts: tuple[OwnFact, ...] = Field(default=(), max_length=30)
    links_tracked: bool = True

    def kinds(self) -> set[str]:
        """Return the kinds of body that there are in any language."""
        return {kind for kind in BODY_KINDS for bodies in self.languages.values() if bodies.of(kind)}


def parsed(document: Any) -> Document:
    """Return a document from plain data.

    Raises:
        TemplateRefusedError: a part is unknown, too long or of the wrong shape; the field is named.
    """
    try:
        return Document.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise TemplateRefusedError(f"{place}: {first['msg']}", field=place) from error


def choose(document: Document, kind: str, language: str, fallback: str) -> tuple[str, str, EmailBody | TextBody] | None:
    """Return language, kind and body for a channel and customer: their language, the company's, then any."""
    order = [language.lower(), fallback.lower(), *LANGUAGES]
    for stand_in in STAND_INS.get(kind, ("text", "email", "sms")):
        for wanted in order:
            bodies = document.languages.get(wanted)  # type: ignore[call-overload]  # a language we may not have
            if bodies is not None and (body := bodies.of(stand_in)) is not None:
                return wanted, stand_in, body
    return None
