"""`troth demo`: one foreground process with web and worker as its children, until Ctrl-C."""

import os
import signal
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext as _

from troth.access.actors import system_actor
from troth.demo import club, company, loading, processes, source
from troth.demo.errors import DemoStoppedError
from troth.demo.loading import Loading
from troth.jobs.lanes import Lane
from troth.jobs.models import Job
from troth.kit import clock
from troth.kit.clock import day_start
from troth.kit.errors import TrothError

WATCH_SECONDS = 0.5

Say = Callable[[str], None]
Progress = Callable[[str, Job], None]


def run(*, port: int | None, language: str | None, as_of: date | None, say: Say, progress: Progress) -> None:
    """Set up the demo, start it, load what is missing, and keep it going until interrupted.

    Args:
        port: of the console; None for the first free one from 8000.
        language: "en" or "zh-hans"; None for that of the first run, at first the terminal's.
        as_of: the day that counts as today; None for the day after the last order.
        say: prints a line; progress: shows how far a stage's job is.

    Raises:
        DemoDataMissingError, NotADemoError: see `company.set_up`.
        DemoStoppedError: the port is taken, or a process of the demo ended before its time.
    """
    actor, now = system_actor("demo"), clock.utc_now()
    say(_("Preparing the database"))
    call_command("migrate", interactive=False, verbosity=0)
    shop = company.set_up(actor=actor, now=now, language=language, as_of=as_of)
    club.set_up(actor=actor, now=now, since=day_start(source.FIRST_DAY, source.ZONE))
    chosen = _port(port, say)
    address = f"http://127.0.0.1:{chosen}"
    _say_in_links(address)
    _interrupt_on_sigterm()
    with translation.override(shop.language), processes.Children(Path(settings.DATA_DIR) / "log") as children:
        children.start("web", "serve", "--port", str(chosen))
        # What is loaded builds up job by job, and nothing that comes round by itself may get in between.
        children.start("worker", "worker", "--lane", Lane.LONG)
        user, password = company.administrator(actor=actor, now=clock.utc_now(), language=shop.language)
        children.wait_until_answering(chosen)
        _greet(address, password, company.login_path(user, now=clock.utc_now()), say)
        _load_what_is_left(Loading(Path(settings.DATA_DIR) / "demo", shop.language, actor), children, say, progress)
        children.start("prompt-worker", "worker", "--lane", Lane.PROMPT)
        while True:
            children.expect_alive()
            time.sleep(WATCH_SECONDS)


def _say_in_links(address: str) -> None:
    """Have links in messages lead to this very demo, here and in its processes, unless somebody named an address."""
    if "TROTH_PUBLIC_URL" not in os.environ:
        os.environ["TROTH_PUBLIC_URL"] = settings.PUBLIC_URL = address


def _load_what_is_left(work: Loading, children: processes.Children, say: Say, progress: Progress) -> None:
    """Load stage by stage; one that fails is told, and the console goes on with what is there."""
    try:
        for stage in loading.stages_left():
            for job in loading.load(stage, work):
                children.expect_alive()
                progress(str(stage.label), job)
    except DemoStoppedError:
        raise
    except TrothError as error:
        say(str(error))
        say(_("The console goes on with what is loaded; the next start of the demo tries again."))
        return
    say(_("Everything is loaded. Ctrl-C stops the demo; “troth demo” starts it again with the same data."))


def _port(wanted: int | None, say: Say) -> int:
    if wanted is not None:
        if processes.is_free(wanted):
            return wanted
        raise DemoStoppedError(
            _("Port %(port)d is taken. Stop what uses it, or choose another with --port.") % {"port": wanted},
            port=wanted,
        )
    chosen = processes.free_port()
    if chosen != processes.FIRST_PORT:
        say(_("Port %(taken)d is taken; taking %(port)d.") % {"taken": processes.FIRST_PORT, "port": chosen})
    return chosen


def _interrupt_on_sigterm() -> None:
    """Stop as on Ctrl-C when a service manager or `kill` asks."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def _greet(address: str, password: str | None, path: str, say: Say) -> None:
    say("")
    say(_("  Troth is ready:     %(address)s") % {"address": address})
    say(_("  Sign in at once:    %(link)s") % {"link": address + path})
    shown = password or _("as printed at the first run")
    say(_("  or as:              %(email)s, password %(password)s") % {"email": company.EMAIL, "password": shown})
    say("")
