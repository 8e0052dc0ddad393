"""The layout of e-mails: tables and inline styles, for mail programs that know little else; legible in dark ones.

The frame is Liquid too, so one filling in makes the whole e-mail. Widths: 600 px, the full width on a phone.
"""

from html import escape

from .markup import Sources, Style, convert

FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',Arial,sans-serif"
INK, QUIET, LINE, GROUND, CARD = "#1b2421", "#5c6a64", "#dee5e1", "#f3f5f4", "#ffffff"
TEXT = f"font-family:{FONT};font-size:16px;line-height:1.65;color:{INK}"

# Mail programs that know dark mode read this; the others keep the light colours, or turn them around by themselves.
DARK = (
    "@media(prefers-color-scheme:dark){.t-ground{background:#101614!important}.t-card{background:#1b2421!important}"
    ".t-ink,.t-ink p,.t-ink h1,.t-ink h2,.t-ink li{color:#e9efec!important}"
    ".t-quiet,.t-quiet a{color:#b4c1bb!important}"
    ".t-link{color:#9bdcc8!important}.t-line{border-color:#33403b!important}}"
    "@media(max-width:619px){.t-card{padding:24px 20px!important}.t-button a{display:block!important}}"
)


def style(color: str, ink: str) -> Style:
    """Return how the parts of a body are written, in the company's colour and the ink that is legible on it."""
    return Style(
        paragraph=lambda inner: f'<p style="margin:0 0 16px;{TEXT}">{inner}</p>',
        heading=_heading,
        items=_items,
        rule=f'<hr class="t-line" style="margin:24px 0;border:0;border-top:1px solid {LINE}">',
        link=lambda inner, address: (
            f'<a class="t-link" href="{address}" style="color:{color};text-decoration:underline">{inner}</a>'
        ),
        button=lambda inner, address: _button(inner, address, color, ink),
    )


def sources(
    subject: str, preheader: str, body: str, *, color: str, ink: str, language: str, has_footer: bool
) -> Sources:
    """Return the Liquid sources of a whole e-mail.

    The frame itself names the facts company, logo_url, unsubscribe_url and preferences_url.
    """
    inner = convert(body, style(color, ink))
    html = _FRAME.format(
        language="zh-Hans" if language.startswith("zh") else "en",
        subject=_escaped(subject),
        preheader=_escaped(preheader),
        dark=DARK,
        color=color,
        head=_HEAD,
        body=inner.html,
        foot="{{ company }}" + (_html_footer(language) if has_footer else ""),
    )
    footer = _text_footer(language) if has_footer else ""
    return Sources(html, f"{inner.text}\n\n-- \n{{{{ company }}}}{footer}")


def _escaped(source: str) -> str:
    """Escape what stands between the Liquid of a line; facts are escaped when they are filled in."""
    return convert(source.replace("\n", " "), _BARE).html


_BARE = Style(
    paragraph=lambda inner: inner,
    heading=lambda inner, _level: inner,
    items=lambda texts, _is_numbered: " ".join(texts),
    rule="",
    link=lambda inner, _address: inner,
    button=lambda inner, _address: inner,
)


def _heading(inner: str, level: int) -> str:
    size, margin = ("24px", "0 0 16px") if level == 1 else ("18px", "24px 0 8px")
    return (
        f'<h{level} style="margin:{margin};font-family:{FONT};font-size:{size};line-height:1.35;color:{INK}">'
        f"{inner}</h{level}>"
    )


def _items(texts: list[str], is_numbered: bool) -> str:
    tag = "ol" if is_numbered else "ul"
    rows = "".join(f'<li style="margin:0 0 8px;{TEXT}">{text}</li>' for text in texts)
    return f'<{tag} style="margin:0 0 16px;padding:0 0 0 24px">{rows}</{tag}>'


def _button(inner: str, address: str, color: str, ink: str) -> str:
    return (
        '<table role="presentation" class="t-button" cellpadding="0" cellspacing="0" border="0"'
        ' style="margin:8px 0 24px">'
        f'<tr><td align="center" bgcolor="{color}" style="border-radius:8px;background:{color}">'
        f'<a href="{address}" style="display:inline-block;padding:14px 28px;font-family:{FONT};font-size:16px;'
        f'font-weight:600;line-height:1.25;color:{ink};text-decoration:none">{inner}</a></td></tr></table>'
    )


_WORDS = {
    "zh": ("您收到这封邮件，是因为您同意接收我们的消息。", "管理偏好", "退订"),
    "en": ("You get this e-mail because you agreed to hear from us.", "Preferences", "Unsubscribe"),
}


def _html_footer(language: str) -> str:
    why, preferences, unsubscribe = _WORDS["zh" if language.startswith("zh") else "en"]
    link = f'style="color:{QUIET};text-decoration:underline"'
    return (
        f"{{% if unsubscribe_url %}}<br>{escape(why)}<br>"
        f'<a href="{{{{ preferences_url | safe_url }}}}" {link}>{escape(preferences)}</a>&nbsp;&nbsp;'
        f'<a href="{{{{ unsubscribe_url | safe_url }}}}" {link}>{escape(unsubscribe)}</a>{{% endif %}}'
    )


def _text_footer(language: str) -> str:
    why, preferences, unsubscribe = _WORDS["zh" if language.startswith("zh") else "en"]
    return (
        f"{{% if unsubscribe_url %}}\n{why}\n{preferences}: {{{{ preferences_url }}}}\n"
        f"{unsubscribe}: {{{{ unsubscribe_url }}}}{{% endif %}}"
    )


_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
_FRAME = f"""<!doctype html>
<html lang="{{language}}" dir="ltr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{{subject}}</title><style>{{dark}}</style></head>
<body class="t-ground" style="margin:0;padding:0;background:{GROUND}">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">{{preheader}}</div>
{_TABLE} class="t-ground" bgcolor="{GROUND}" style="background:{GROUND}">
<tr><td align="center" style="padding:24px 12px">
{_TABLE} style="max-width:600px">
<tr><td class="t-ink" style="padding:0 0 16px;font-family:{FONT};font-size:18px;font-weight:700;color:{INK}">
{{head}}</td></tr>
<tr><td class="t-card t-ink" bgcolor="{CARD}"
 style="padding:32px;border-top:4px solid {{color}};border-radius:8px;background:{CARD}">
{{body}}
</td></tr>
<tr><td class="t-quiet" style="padding:16px 8px;font-family:{FONT};font-size:13px;line-height:1.6;color:{QUIET}">
{{foot}}</td></tr>
</table></td></tr></table></body></html>
"""
_HEAD = (
    '{% if logo_url %}<img src="{{ logo_url | safe_url }}" alt="{{ company }}" height="40"'
    ' style="display:block;height:40px;border:0">{% else %}{{ company }}{% endif %}'
)
