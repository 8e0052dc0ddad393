"""Texts of messages. Import as one thing: `from troth.messaging import templates`.

Written in Liquid by people at a desk, filled in with a customer's facts (`render_many`), published as versions that
never change. `facts.register` adds facts from modules above.
"""

from .checking import Problem, problems
from .document import Document
from .editing import archive_template, create_template, publish, restore_version, save_draft
from .facts import Fact, FactProvider, Reader, catalogue
from .facts import register as register_facts
from .reading import template, version, versions
from .reading import templates as all_templates
from .rendering import Rendered, ToRender, render, render_many

__all__ = [
    "Document",
    "Fact",
    "FactProvider",
    "Problem",
    "Reader",
    "Rendered",
    "ToRender",
    "all_templates",
    "archive_template",
    "catalogue",
    "create_template",
    "problems",
    "publish",
    "register_facts",
    "render",
    "render_many",
    "restore_version",
    "save_draft",
    "template",
    "version",
    "versions",
]
