"""A replay in a process of its own: two programmes are judged at the same time, one on each core.

What it needs comes pickled through standard input, from our own parent: how the version is made, then batches of
orders, then nothing more. What it found goes back the same way.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from uuid import UUID

from .errors import ReplayEndedError

if TYPE_CHECKING:
    from troth.activity.past import PastOrder

    from .replaying import Surroundings, Tally


PIPE_BYTES = 1 << 20
"""As much may wait for a process, where the system lets us: it goes on while its parent reads what comes next."""


@dataclass(frozen=True, slots=True)
class Start:
    """How the version is made: as `programs.versions.ready` takes it, the document in its stored form."""

    document: dict[str, Any]
    version_id: UUID
    number: int
    programme_id: UUID
    surroundings: "Surroundings"


class ReplayProcess:
    """The parent's end."""

    def __init__(self, start: Start) -> None:
        command = [sys.executable, "-c", "from troth.sales.replay_process import main; main()"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, pipesize=PIPE_BYTES)  # noqa: S603  own
        self._to, self._from = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)
        self._send(packed(start))

    def run(self, orders: bytes) -> None:
        """Hand over a batch, packed; waits while the process is behind.

        Raises:
            ReplayEndedError: the process ended in the middle.
        """
        self._send(orders)

    def finish(self) -> "tuple[Tally, list[int]]":
        """Return what was found, and what each order costs.

        Raises:
            ReplayEndedError: the process ended in the middle.
        """
        self._send(packed(None))
        try:
            tally, costs = pickle.load(self._from)  # noqa: S301  our own child wrote it
        except (EOFError, pickle.UnpicklingError) as error:
            raise self._ended() from error
        self.stop()
        return tally, costs

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._to, self._from):
            with suppress(BrokenPipeError):  # what it had not read is lost with it
                pipe.close()

    def _send(self, message: bytes) -> None:
        try:
            self._to.write(message)
            self._to.flush()
        except BrokenPipeError as error:
            raise self._ended() from error

    def _ended(self) -> ReplayEndedError:
        return ReplayEndedError(self._process.wait())


def packed(message: "Start | Sequence[PastOrder] | None") -> bytes:
    """Return what goes to a process: how it starts, a batch of orders, or that there are no more."""
    return pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Replay what comes, to the end, and write what was found."""
    from troth.programs.document.reading import stored_document  # noqa: PLC0415  Django must be set up first
    from troth.programs.versions import ready  # noqa: PLC0415  as above

    from .replaying import Replay  # noqa: PLC0415  as above

    start: Start = pickle.load(source)  # noqa: S301  our own parent wrote it
    version = ready(
        stored_document(start.document),
        version_id=start.version_id,
        number=start.number,
        programme_id=start.programme_id,
    )
    replay = Replay(version, start.surroundings)
    costs: list[int] = []
    while (orders := pickle.load(source)) is not None:  # noqa: S301  see above
        costs += replay.run(orders)
    pickle.dump((replay.finish(), costs), target, protocol=pickle.HIGHEST_PROTOCOL)
    target.flush()


def main() -> None:
    """Set Django up and serve the parent."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
    import django  # noqa: PLC0415  settings are named first

    django.setup()
    from troth.kit.collecting import collect_less  # noqa: PLC0415  after what is to be left out

    collect_less()
    serve(sys.stdin.buffer, sys.stdout.buffer)
