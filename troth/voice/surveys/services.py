"""Writing surveys. Import as one thing: `from troth.voice.surveys import services as surveys`."""

from .answering import open_paper, personal_paper, record_answers, refuse_over, save_page
from .editing import (
    change_asking_rules,
    change_settings,
    close_survey,
    create_survey,
    publish,
    reopen_survey,
    save_draft,
)
from .inviting import Invited, NewInvitation, invite

__all__ = [
    "Invited",
    "NewInvitation",
    "change_asking_rules",
    "change_settings",
    "close_survey",
    "create_survey",
    "invite",
    "open_paper",
    "personal_paper",
    "publish",
    "record_answers",
    "refuse_over",
    "reopen_survey",
    "save_draft",
    "save_page",
]
