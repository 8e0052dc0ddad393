"""Writing courses, sessions and seats. Import: `from troth.care.training import services as training`."""

from .inviting import invite_segment
from .planning import SessionFields, cancel_session, change_session, plan_session, save_course
from .seats import give_up, note_attendance, register

__all__ = [
    "SessionFields",
    "cancel_session",
    "change_session",
    "give_up",
    "invite_segment",
    "note_attendance",
    "plan_session",
    "register",
    "save_course",
]
