"""Writing complaints. Import as one thing: `from troth.voice.complaints import services as complaints`."""

from .categories import CategoryFields, save_category, save_cause
from .closing import close_case, merge_cases, reopen_case, say_word
from .doubting import judge_words
from .handling import (
    acknowledge_case,
    add_note,
    assess_case,
    assign_case,
    go_on,
    name_customer,
    note_from_customer,
    reject_case,
    resolve_case,
    set_cause,
    write_to_customer,
)
from .improving import (
    ImprovementFields,
    change_improvement,
    create_improvement,
    not_told,
    people_to_tell,
    preview_told,
    tell_improvement,
)
from .low_scores import GivenScore, open_from_score
from .mailbox import Taken, empty_maildir, take_mail
from .opening import NewCase, open_case
from .photos import Photo, checked_photos
from .policies import publish_policy
from .receiving import Received, receive_email
from .recovering import measure_recovery
from .remedies import NewRemedy, approve_remedy, decline_remedy, give_remedy
from .scheduling import schedule_mailbox
from .starters import ensure_starters

__all__ = [
    "CategoryFields",
    "GivenScore",
    "ImprovementFields",
    "NewCase",
    "NewRemedy",
    "Photo",
    "Received",
    "Taken",
    "acknowledge_case",
    "add_note",
    "approve_remedy",
    "assess_case",
    "assign_case",
    "change_improvement",
    "checked_photos",
    "close_case",
    "create_improvement",
    "decline_remedy",
    "empty_maildir",
    "ensure_starters",
    "give_remedy",
    "go_on",
    "judge_words",
    "measure_recovery",
    "merge_cases",
    "name_customer",
    "not_told",
    "note_from_customer",
    "open_case",
    "open_from_score",
    "people_to_tell",
    "preview_told",
    "publish_policy",
    "receive_email",
    "reject_case",
    "reopen_case",
    "resolve_case",
    "save_category",
    "save_cause",
    "say_word",
    "schedule_mailbox",
    "set_cause",
    "take_mail",
    "tell_improvement",
    "write_to_customer",
]
