"""Writing surveys. Import as one thing: `from troth.voice.surveys import services as surveys`."""

from .answering import MAX_BODY, Paper, kept, open_paper, personal_paper, record_answers, refuse_over, route, save_page
from .editing import (
    change_asking_rules,
    change_settings,
    close_survey,
    create_survey,
    publish,
    reopen_survey,
    save_draft,
)
from .given import read_answers
from .handing import INVITATION, usual_channels
from .inviting import Invited, NewInvitation, invite
from .links import read_token, token
from .sending import Effect, effect, send_out
from .tagging import tag

__all__ = [
    "INVITATION",
    "MAX_BODY",
    "Effect",
    "Invited",
    "NewInvitation",
    "Paper",
    "change_asking_rules",
    "change_settings",
    "close_survey",
    "create_survey",
    "effect",
    "invite",
    "kept",
    "open_paper",
    "personal_paper",
    "publish",
    "read_answers",
    "read_token",
    "record_answers",
    "refuse_over",
    "reopen_survey",
    "route",
    "save_draft",
    "save_page",
    "send_out",
    "tag",
    "token",
    "usual_channels",
]
