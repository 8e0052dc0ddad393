"""Where the process writes what went wrong."""

import logging
import sys
from typing import Any, TextIO


class LineFormatter(logging.Formatter):
    """Writes one line a record; what strangers sent begins no line of its own.

    A line break in an address would let them write lines of ours. A traceback stands indented below its line.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in super().formatMessage(record))

    def formatException(self, *args: Any) -> str:
        return _indented(super().formatException(*args))

    def formatStack(self, stack_info: str) -> str:
        return _indented(super().formatStack(stack_info))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what stderr is at the moment, not to what it was when logging was set up."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # an attribute above, looked up anew here
        return sys.stderr
