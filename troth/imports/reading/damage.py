"""Telling a damaged file from a machine that is out of memory or disk: only the first is the file's fault."""

import errno

from troth.imports.errors import FileRefusedError


def damaged(error: Exception) -> Exception:
    """Return what to raise in place of an error met while reading: a refusal, or the error itself if not the file's."""
    # The libraries report broken content as OSError without a number, and a seek to a nonsensical place as EINVAL.
    is_of_machine = isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)
    if is_of_machine or isinstance(error, MemoryError):
        return error
    return FileRefusedError("file_damaged", detail=str(error)[:200])
