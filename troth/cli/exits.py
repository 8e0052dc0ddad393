"""What a command's exit code means; docs/cli.md tells users."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INCOMPLETE = 3
    TRY_AGAIN = 75
    INTERRUPTED = 130
