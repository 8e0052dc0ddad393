"""Web server and worker as children of one foreground process: started together, stopped together."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.utils.translation import gettext as _

from troth.demo.errors import DemoStoppedError

START_SECONDS = 60.0
STOP_SECONDS = 8.0
FORCE_AFTER_SECONDS = 0.5
FIRST_PORT, LAST_PORT = 8000, 8099
PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """Return the first port from 8000 on that nothing listens on.

    Raises:
        DemoStoppedError: a hundred of them are taken.
    """
    for port in range(FIRST_PORT, LAST_PORT + 1):
        if is_free(port):
            return port
    raise DemoStoppedError(
        _("Ports %(first)d to %(last)d are all taken; name one with --port.") % {"first": FIRST_PORT, "last": LAST_PORT}
    )


def is_free(port: int) -> bool:
    """Tell whether this machine's own address has the port free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Children:
    """The processes of the demo; leaving the `with` block stops every one."""

    def __init__(self, log_dir: Path) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self.log_dir = log_dir
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self, name: str, *arguments: str) -> None:
        """Start `troth ARGUMENTS` with its output in the log folder.

        It gets a session of its own, so that Ctrl-C reaches us alone and we end things in order; the kernel
        ends it if this process dies without a chance to.
        """
        with self.log_path(name).open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603  our own program with our own arguments
                [sys.executable, "-m", "troth.cli", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  the parent has one thread
            )

    def log_path(self, name: str) -> Path:
        """Return where the output of one child goes."""
        return self.log_dir / f"{name}.log"

    def expect_alive(self) -> None:
        """Let pass if every child runs.

        Raises:
            DemoStoppedError: one ended; the message holds the last lines it wrote.
        """
        for name, process in self._running.items():
            if (code := process.poll()) is not None:
                message = _("The %(name)s process ended by itself (exit code %(code)s). It said last:\n%(tail)s")
                raise DemoStoppedError(message % {"name": name, "code": code, "tail": self._tail(name)}, process=name)

    def wait_until_answering(self, port: int) -> None:
        """Wait for the first page.

        Raises:
            DemoStoppedError: the web process ended, or did not answer in a minute.
        """
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            self.expect_alive()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=5):
                    return
            except urllib.error.HTTPError as error:
                message = _("The console answers with an error (%(status)s). It said last:\n%(tail)s")
                raise DemoStoppedError(message % {"status": error.code, "tail": self._tail("web")}) from error
            except OSError:
                time.sleep(0.1)
        raise DemoStoppedError(_("The console did not answer in %(seconds)d seconds.") % {"seconds": START_SECONDS})

    def stop(self) -> None:
        """End all children: ask, ask again (the worker then gives back the job it holds), then insist."""
        self._signal(signal.SIGTERM)
        self._wait(FORCE_AFTER_SECONDS)
        self._signal(signal.SIGTERM)
        self._wait(STOP_SECONDS)
        for process in self._running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()

    def _signal(self, number: signal.Signals) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(number)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(process.poll() is None for process in self._running.values()):
            time.sleep(0.05)

    def _tail(self, name: str) -> str:
        lines = self.log_path(name).read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-12:])


def _end_with_parent() -> None:
    """Have the kernel end the child if this process is killed outright (Linux; elsewhere it outlives us)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
