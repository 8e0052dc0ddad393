"""The two lanes of background work. Free of Django, so that `troth worker --help` answers at once."""

from enum import StrEnum


class Lane(StrEnum):
    """Whether somebody waits for the work, or it may take its time."""

    PROMPT = "prompt"
    LONG = "long"


QUEUES = {Lane.PROMPT: "prompt", Lane.LONG: "default"}
"""The task queue of each lane. Long work is the default: only who promises to be short goes ahead of it."""
