"""The texts that complaints send, in both languages: made once, then the company's to change."""

from datetime import datetime
from typing import Any

from troth.access.actors import Actor
from troth.messaging import starters, templates
from troth.messaging.text_errors import TemplateNotFoundError

RECEIVED = "complaint_received"
MESSAGE = "case_message"
DECIDED = "case_decided"
IMPROVED = "case_improved"
LOW_SCORE = "case_low_score"

_NUMBER = {"code": "case_number", "label": "Number of the case", "label_zh": "工单编号", "example": "2611-482937"}
_TEXT = {"code": "text", "label": "What was written", "label_zh": "答复内容", "example": "We send a new ring today."}
_URL = {
    "code": "case_url",
    "label": "Page to say whether it was good",
    "label_zh": "评价页面",
    "example": "https://shop.example/p/complaint/x/",
    "fact_kind": "url",
}
_DAYS = {"code": "days", "label": "Days to answer", "label_zh": "答复天数", "example": "7", "fact_kind": "number"}
_RECOURSE = {"code": "recourse", "label": "Where else to turn", "label_zh": "其他救济途径", "example": "12315"}
_ABOUT = {"code": "about", "label": "What it was about", "label_zh": "投诉内容", "example": "Late delivery"}

_TEXTS: dict[str, dict[str, Any]] = {
    MESSAGE: {
        "name": "Message about a complaint",
        "name_zh": "投诉沟通",
        "facts": [_NUMBER, _TEXT],
        "zh-hans": (
            "关于您的投诉 [{{ case_number }}]",
            "{{ salutation }}，您好！\n\n{{ text }}\n\n如需补充，请直接回复，并保留主题中的工单号。",
            "{{ company }}：关于您的投诉 {{ case_number }}：{{ text }}",
        ),
        "en": (
            "About your complaint [{{ case_number }}]",
            "Dear {{ salutation }},\n\n{{ text }}\n\nJust answer this message; leave the number in its subject.",
            "{{ company }}, about your complaint {{ case_number }}: {{ text }}",
        ),
    },
    LOW_SCORE: {
        "name": "Answer to a low score",
        "name_zh": "低分评价的答复",
        "facts": [_NUMBER],
        "zh-hans": (
            "谢谢您的坦率，我们马上改 [{{ case_number }}]",
            "{{ salutation }}，您好！\n\n谢谢您坦率的评价。没让您满意，非常抱歉。\n\n"
            "您的反馈已有专人负责，编号 **{{ case_number }}**，我们会尽快与您联系。\n\n"
            "想补充几句，直接回复即可，请保留主题中的编号。",
            "{{ company }}：谢谢您坦率的评价，没让您满意非常抱歉。已有专人负责（{{ case_number }}），会尽快与您联系。",
        ),
        "en": (
            "Thank you for being frank [{{ case_number }}]",
            "Dear {{ salutation }},\n\nthank you for your frank answer. We are sorry that we did not do better.\n\n"
            "Somebody sees to it under the number **{{ case_number }}** and gets in touch with you soon.\n\n"
            "To add something just answer this message; leave the number in its subject.",
            "{{ company }}: thank you for your frank answer; we are sorry. Somebody sees to it ({{ case_number }})"
            " and gets in touch soon.",
        ),
    },
    DECIDED: {
        "name": "Decision about a complaint",
        "name_zh": "投诉处理结果",
        "facts": [_NUMBER, _TEXT, _URL, _DAYS, _RECOURSE],
        "zh-hans": (
            "您的投诉 [{{ case_number }}] 已有处理结果，您满意吗？",
            "{{ salutation }}，您好！\n\n{{ text }}\n\n[[请评价处理结果]]({{ case_url }})\n\n"
            "不满意我们会重新处理。{{ days }} 天内未收到您的评价，工单将自动结案。"
            "{% if recourse %}\n\n{{ recourse }}{% endif %}",
            "{{ company }}：投诉 {{ case_number }} 处理结果：{{ text }} 请评价：{{ case_url }}",
        ),
        "en": (
            "Your complaint [{{ case_number }}]: our decision. Are you satisfied?",
            "Dear {{ salutation }},\n\n{{ text }}\n\n[[Tell us whether it was good]]({{ case_url }})\n\n"
            "If not, we take it up again. Without your word within {{ days }} days the case is closed."
            "{% if recourse %}\n\n{{ recourse }}{% endif %}",
            "{{ company }}, complaint {{ case_number }}: {{ text }} Was it good? {{ case_url }}",
        ),
    },
    IMPROVED: {
        "name": "You said, we did",
        "name_zh": "您的意见，我们的改进",
        "facts": [_NUMBER, _ABOUT, _TEXT],
        "zh-hans": (
            "您的意见，我们的改进",
            "{{ salutation }}，您好！\n\n您曾就“{{ about }}”向我们投诉（{{ case_number }}）。"
            "我们据此做了改进：\n\n{{ text }}\n\n"
            "谢谢您指出问题。",
            "{{ company }}：您曾投诉“{{ about }}”，我们已改进：{{ text }} 谢谢您。",
        ),
        "en": (
            "You said, we did",
            "Dear {{ salutation }},\n\nyou complained about “{{ about }}” ({{ case_number }}). This is what we did:\n\n"
            "{{ text }}\n\nThank you for telling us.",
            "{{ company }}: you complained about “{{ about }}”. We did something: {{ text }} Thank you.",
        ),
    },
}


def ensure_texts(*, actor: Actor, now: datetime) -> None:
    """Make and publish those of the texts that are not there."""
    starters.install(actor=actor, now=now, codes=[RECEIVED])
    for code, text in _TEXTS.items():
        try:
            templates.template(code)
        except TemplateNotFoundError:
            document = {
                "languages": {language: _bodies(*text[language]) for language in ("zh-hans", "en")},
                "facts": text["facts"],
            }
            names = {"name": text["name"], "name_zh": text["name_zh"]}
            templates.create_template(actor=actor, now=now, code=code, purpose="service", document=document, **names)
            templates.publish(actor=actor, now=now, code=code)


def _bodies(subject: str, email: str, short: str) -> dict[str, Any]:
    return {
        "email": {"subject": subject, "body": email},
        "sms": {"body": short},
        "text": {"subject": subject, "body": short},
    }
