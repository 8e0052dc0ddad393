"""Call scripts 话术: written, tried, published; what was read stays as it was."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.languages import in_language

from . import liquid
from .errors import ScriptRefusedError, ScriptStateError
from .models import CallScript, CallScriptVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterScript:
    """A script of ours, in force until the company publishes one under its code."""

    code: str
    name: str
    name_zh: str
    body: str
    body_zh: str

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


STARTERS: tuple[StarterScript, ...] = (
    StarterScript(
        code="call",
        name="A call",
        name_zh="通用电话话术",
        body="""Good day, am I speaking with {{ customer.salutation }}? This is {{ agent.name }} of {{ company.name }}.
Is this a good moment for two minutes?

I am calling because: {{ task.title }}.
{% if order.date %}
You last bought from us on {{ order.date | day }}: {{ order.items | join }}. How do you like it?
{% endif %}
- Listen first; note the customer's own words.
- Promise only what you can keep, with a day.

Thank you for your time, {{ customer.salutation }}. Is there anything else that I can do for you?""",
        body_zh="""您好，请问是{{ customer.salutation }}吗？我是{{ company.name }}的{{ agent.name }}。
现在方便聊两分钟吗？

这次联系您，是因为：{{ task.title }}。
{% if order.date %}
您上次在{{ order.date | day }}购买了{{ order.items | join: "、" }}，用得还满意吗？
{% endif %}
· 先倾听，记下客户的原话。
· 只承诺能做到的，并说明时间。

感谢您抽出时间，{{ customer.salutation }}。还有什么可以帮您的吗？""",
    ),
    StarterScript(
        code="return_visit",
        name="Return visit",
        name_zh="回访话术",
        body="""Good day, {{ customer.salutation }}, this is {{ agent.name }} of {{ company.name }}.
{% if order.date %}
On {{ order.date | day }} you chose {{ order.items | join }}{% if order.store %} at {{ order.store }}{% endif %}.
1. Did everything arrive, and does it work as you hoped?
{% else %}
1. How have you been served by us lately?
{% endif %}
2. What pleased you? What should we do better?
3. Is there something that you miss with us?
{% if value.band %}

(For you: value band {{ value.band }}, {{ value.purchases }} purchases so far. Take your time.)
{% endif %}

Thank you, {{ customer.salutation }}. I have noted it, and I shall see to it myself.""",
        body_zh="""{{ customer.salutation }}您好，我是{{ company.name }}的{{ agent.name }}，做个简单回访。
{% if order.date %}
您在{{ order.date | day }}{% if order.store %}于{{ order.store }}{% endif %}选购了{{ order.items | join: "、" }}。
1. 商品都收到了吗？使用起来符合预期吗？
{% else %}
1. 最近我们的服务您还满意吗？
{% endif %}
2. 哪些地方让您满意？哪些地方需要改进？
3. 还有什么是您希望我们提供的？
{% if value.band %}

（仅供参考：价值层级 {{ value.band }}，累计购买 {{ value.purchases }} 次，请耐心交流。）
{% endif %}

谢谢{{ customer.salutation }}，您的意见我已记下，会亲自跟进。""",
    ),
)
_OURS = {one.code: one for one in STARTERS}


def script_codes(codes: set[str]) -> frozenset[str]:
    """Return those of the scripts that exist, the company's and ours."""
    stored = CallScript.objects.filter(code__in=codes).values_list("code", flat=True)
    return frozenset(stored) | (codes & _OURS.keys())


def text_of(code: str, language: str) -> tuple[str, int] | None:
    """Return a script's text in force and its version, 0 for ours; the other language's where one is missing."""
    version = (
        CallScriptVersion.objects.filter(script__code=code, script__archived_at=None)
        .order_by("-number")
        .values_list("body", "body_zh", "number")
        .first()
    )
    if version is None:
        ours = _OURS.get(code)
        version = (ours.body, ours.body_zh, 0) if ours else None
    if version is None:
        return None
    body, body_zh, number = version
    return ((body_zh or body) if language.startswith("zh") else (body or body_zh)), number


def starter(code: str) -> StarterScript | None:
    """Return the script of ours with the code."""
    return _OURS.get(code)


@transaction.atomic
def save_script(
    *,
    code: str,
    name: str,
    name_zh: str = "",
    body: str = "",
    body_zh: str = "",
    expected_revision: int | None = None,
    actor: Actor,
    now: datetime,
) -> CallScript:
    """Keep a script's names and its draft; agents go on reading the version in force.

    expected_revision: that of the script when it was opened, so that what another saved is not overwritten; 0 for new.

    Raises:
        ScriptRefusedError: a field breaks its rule, or the text is no Liquid that scripts may use.
        ScriptStateError: somebody else saved it meanwhile.
    """
    if slugify(code) != code.lower() or not 1 <= len(code) <= 40:
        raise ScriptRefusedError(_("code: write 1 to 40 letters, digits, hyphens or underscores."), field="code")
    if not 1 <= len(name.strip()) <= 80 or len(name_zh) > 80:
        raise ScriptRefusedError(_("name: write 1 to 80 characters."), field="name", value=name)
    if not body.strip() and not body_zh.strip():
        raise ScriptRefusedError(_("Write the script in at least one language."), field="body")
    _parse(body, "body")
    _parse(body_zh, "body_zh")
    script = CallScript.objects.select_for_update().filter(code=code).first()
    if script is None:
        script = CallScript(code=code, created_at=now, created_by=actor.code, revision=0)
    if expected_revision is not None and script.revision != expected_revision:
        raise ScriptStateError(_("Somebody else has saved this script meanwhile; open it again."), script=code)
    script.name, script.name_zh = name.strip(), name_zh.strip()
    script.draft, script.draft_zh = body.strip(), body_zh.strip()
    script.draft_saved_at, script.draft_saved_by = now, actor.code
    script.archived_at, script.updated_at, script.revision = None, now, script.revision + 1
    try:
        with transaction.atomic():
            script.save()
    except IntegrityError as error:  # two made the same at once
        raise ScriptStateError(_("Somebody else has just made this script; open it."), script=code) from error
    events.append("worklist.script.saved", actor=actor, now=now, data={"script": code})
    return script


@transaction.atomic
def publish_script(
    code: str, *, note: str = "", expected_revision: int | None = None, actor: Actor, now: datetime
) -> CallScriptVersion:
    """Make the draft what agents read from now on.

    Raises:
        ScriptStateError: there is no draft, or somebody else saved it meanwhile.
    """
    script = CallScript.objects.select_for_update().filter(code=code, archived_at=None).first()
    if script is None or script.draft_saved_at is None:
        raise ScriptStateError(_("There is no draft to publish; change the script first."), script=code)
    if expected_revision is not None and script.revision != expected_revision:
        raise ScriptStateError(_("Somebody else has saved this script meanwhile; open it again."), script=code)
    script.version_number += 1
    version = CallScriptVersion.objects.create(
        script=script,
        number=script.version_number,
        body=script.draft,
        body_zh=script.draft_zh,
        note=note.strip()[:200],
        published_at=now,
        published_by=actor.code,
    )
    script.draft, script.draft_zh, script.draft_saved_at, script.draft_saved_by = "", "", None, ""
    script.revision, script.updated_at = script.revision + 1, now
    script.save()
    data = {"script": code, "version": version.number}
    events.append("worklist.script.published", actor=actor, now=now, data=data)
    return version


@transaction.atomic
def archive_script(code: str, *, actor: Actor, now: datetime) -> CallScript:
    """Take a script out of use; tasks that name it show ours of the code, or none.

    Raises:
        ScriptStateError: the company has no such script.
    """
    script = CallScript.objects.select_for_update().filter(code=code).first()
    if script is None:
        raise ScriptStateError(_("There is no call script “%(code)s”.") % {"code": code}, script=code)
    script.archived_at, script.updated_at, script.revision = now, now, script.revision + 1
    script.save(update_fields=["archived_at", "updated_at", "revision"])
    events.append("worklist.script.saved", actor=actor, now=now, data={"script": code})
    return script


def _parse(source: str, field: str) -> None:
    try:
        liquid.parsed(source)
    except ScriptRefusedError as error:
        raise ScriptRefusedError(error.message, field=field) from error
