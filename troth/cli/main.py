"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from troth.cli import loyalty
from troth.cli.choices import (
    ChangedOrders,
    ImportKind,
    OrderNumbers,
    ReportLanguage,
    RoleName,
    ScreenLanguage,
    SendingAct,
    UnknownCustomers,
    Waiting,
)
from troth.cli.exits import Exit
from troth.cli.starting import Json, set_up
from troth.jobs.lanes import Lane

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")


EPILOG = (
    "Exit codes: 0 done · 1 could not be done, the message says why · 2 wrong use · "
    "3 done but for something that is listed (refused rows, problems found) · "
    "75 not now: the mail server tries again (mail-in) · 130 interrupted."
)

app = typer.Typer(
    name="troth",
    help="Troth 恒客: know your customers, measure who is loyal, and prove what it earned.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day that counts as today; left out, the company's."),
]
OrderNumbersOption = Annotated[
    OrderNumbers | None,
    typer.Option(
        help="Within what an order number is unique: store_day for tills that begin anew each day;"
        " left out, as the last time for this source."
    ),
]
UnknownCustomersOption = Annotated[
    UnknownCustomers | None,
    typer.Option(
        help="An order of a customer who is not known: refuse it, or add the customer by this number;"
        " left out, as the last time for such a file, at first refuse."
    ),
]
ChangedOrdersOption = Annotated[
    ChangedOrders | None,
    typer.Option(
        help="A known order with other content: refuse it, or update it with the file's;"
        " left out, as the last time for such a file, at first refuse."
    ),
]


@app.command()
def demo(
    port: Annotated[
        int | None, typer.Option(help="Port of the console; left out, the first free one from 8000.")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(help="Language of the console and of the made-up names: en (at first) or zh-hans."),
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Start Troth with the demo company: a grocery chain with a year of orders.

    The first run makes the database, a login with a random password and the made-up people, and imports
    1,469,307 order lines in the background. Later runs keep the data and print a fresh login link.
    Ctrl-C stops everything. Nothing leaves this machine.
    """
    set_up()
    from troth.cli import demonstration

    raise typer.Exit(demonstration.demo(port, language, as_of.date() if as_of else None))


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 is every address of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes. SQLite is best served by one.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads in each process.")] = 16,
) -> None:
    """Serve the console and the API.

    Background work needs `troth worker` beside it. Before others use it, put a web server with TLS in front.
    """
    set_up()
    from troth.cli import serving

    raise typer.Exit(serving.serve(host, port, workers, threads))


@app.command()
def worker(
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="Stop when nothing waits, instead of waiting for more.")
    ] = False,
    lane: Annotated[
        Lane | None,
        typer.Option(help="Do the work of this lane only; left out, of both, each in a process of its own."),
    ] = None,
    is_tied: Annotated[
        bool, typer.Option("--tied", hidden=True, help="End when the standard input is closed.")
    ] = False,
) -> None:
    """Do the background work, in two lanes that do not wait for each other.

    In the prompt lane: sending, journeys, deadlines, whatever comes round every few minutes. In the long lane: imports,
    analyses, rehearsals and all else, one after another. A worker that is killed loses nothing: another goes on where
    it was. Told to stop, it gives running jobs five seconds to end, then hands them back. With `--until-empty` and no
    lane one process does the work of both.
    """
    if lane is None and not until_empty:
        from troth.cli import lanes

        raise typer.Exit(lanes.work())
    set_up()
    from troth.cli import serving

    raise typer.Exit(serving.worker(lane=lane, until_empty=until_empty, is_tied=is_tied))


@app.command()
def migrate() -> None:
    """Make the database, or bring it up to date with this version."""
    set_up()
    from troth.cli import serving

    raise typer.Exit(serving.migrate())


@app.command("import")
def import_file(
    kind: Annotated[ImportKind, typer.Argument(help="What the file holds.", show_default=False)],
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV, Excel (.xlsx, .xls) or Parquet.",
            exists=True,
            dir_okay=False,
            readable=True,
            show_default=False,
        ),
    ],
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="MEANING=COLUMN", help="Which column means what; may be repeated."),
    ] = None,
    source: Annotated[str, typer.Option(help="The system the file is from; numbers are unique within it.")] = "",
    is_earning: Annotated[
        bool, typer.Option("--earn", help="Let the orders earn, by the programme that was in force at their moment.")
    ] = False,
    order_numbers: OrderNumbersOption = None,
    unknown_customers: UnknownCustomersOption = None,
    changed_orders: ChangedOrdersOption = None,
    is_dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and write nothing.")] = False,
    refused: Annotated[
        Path | None,
        typer.Option(help="Where to write the refused rows; left out, beside the file.", dir_okay=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Import orders or customers from a file.

    Columns are guessed from headers in English and Chinese; --dry-run shows the guess.

    Orders come in as history and earn nothing, unless --earn is given. The same file twice changes nothing.

    Rows that cannot be taken are written to a file with the reason; the exit code is then 3. Cells that cannot be read
    and are not needed are left empty; another file lists them.
    """
    set_up()
    from troth.cli import importing

    orders = {"order_numbers": order_numbers, "on_missing": unknown_customers, "on_conflict": changed_orders}
    raise typer.Exit(
        importing.import_file(
            kind.value,
            file,
            mapping or [],
            source=source,
            is_earning=is_earning,
            orders={name: choice.value for name, choice in orders.items() if choice},
            is_dry_run=is_dry_run,
            refused=refused,
            as_json=as_json,
        )
    )


@app.command()
def analyse(
    as_of: AsOf = None,
    is_rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Read all facts anew instead of what changed since the last time."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Compute every score and figure anew: RFM, value bands, rhythm, ladder, cohorts."""
    set_up()
    from troth.cli import analysis

    raise typer.Exit(analysis.analyse(as_of.date() if as_of else None, is_rebuild=is_rebuild, as_json=as_json))


@app.command()
def measure(
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Change a rule, as often as you like: bands.gold=0.12, loyalty.weights.satisfaction=3,"
            " rfm.purchases=2,4,8,16; with nothing after the sign, as at first.",
            metavar="NAME=VALUE",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the rules by which customers are measured, and change them.

    Thresholds of bands, rhythm, scores, types and ladder, the weights of the loyalty index, the assumed margin. Every
    change is a new version; the next analysis measures by it.
    """
    set_up()
    from troth.cli import measuring

    raise typer.Exit(measuring.measure(changes or [], as_json=as_json))


@app.command()
def report(
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write it to this file instead: .html, complete in itself, or .pdf where there is Chromium.",
            dir_okay=False,
        ),
    ] = None,
    language: Annotated[
        ReportLanguage, typer.Option(help="Of the file: en, zh-hans, or both with a switch.")
    ] = ReportLanguage.BOTH,
) -> None:
    """Print the figures of the last analysis, or write the report that a manager would forward.

    The file has a summary in sentences, pictures and tables, says as of which day and on what margin profit rests, and
    opens without a network.
    """
    set_up()
    if out:
        from troth.cli import reporting

        raise typer.Exit(reporting.write_report(out, language.value))
    from troth.cli import analysis

    raise typer.Exit(analysis.report(as_json=as_json))


@app.command()
def createuser(
    email: Annotated[str, typer.Argument(help="E-mail address to sign in with.", show_default=False)],
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    role: Annotated[RoleName, typer.Option(help="What the person is here for.")] = RoleName.ADMIN,
    is_password_from_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input instead of asking."),
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Set no password; print an address that signs the person in once.")
    ] = False,
    company: Annotated[str, typer.Option(help="Name of the company, for the first login of an installation.")] = "",
    currency: Annotated[str, typer.Option(help="Its currency, ISO 4217.")] = "CNY",
    time_zone: Annotated[str, typer.Option(help="Its time zone.")] = "Asia/Shanghai",
    country: Annotated[str, typer.Option(help="Its country, ISO 3166; its phone numbers need no country code.")] = "CN",
    language: Annotated[
        ScreenLanguage | None,
        typer.Option(
            help="In which it writes to customers; left out: Chinese in China, else the terminal's.", show_default=False
        ),
    ] = None,
) -> None:
    """Give somebody a login. The first one also sets up the company.

    The password is asked for and never shown.
    """
    set_up()
    from troth.cli import people

    first = people.FirstCompany(company, currency, time_zone, country, language.value if language else "")
    raise typer.Exit(people.createuser(email, name, role.value, first, from_stdin=is_password_from_stdin, by_link=link))


@app.command()
def check(as_json: Json = False) -> None:
    """Examine this installation: database, migrations, lake, worker, and that the data agree."""
    set_up()
    from troth.cli import health

    raise typer.Exit(health.check(as_json=as_json))


@app.command()
def simulate(
    programme: Annotated[Path, typer.Argument(help="The draft: a programme's document in YAML or JSON.")],
    first_day: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day to replay.")],
    last_day: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day to replay.")],
    beside: Annotated[
        str, typer.Option(help="Code of the programme to compare with; left out, the one of the draft's own code.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Replay your own past through a draft of a programme, beside the version in force.

    Says what both would have given, to whom, what it would have cost, and which tiers would have moved. A draft of a
    programme that was never published stands alone. Nothing touches the ledger.
    """
    set_up()
    from troth.cli import simulating

    raise typer.Exit(simulating.simulate(programme, first_day.date(), last_day.date(), beside, as_json=as_json))


@app.command(name="award-history")
def award_history(
    first_day: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day to award.")],
    last_day: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day to award.")],
    approved_by: Annotated[
        str, typer.Option(help="Who else approved it; kept with the result. Left out, you are asked.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Let orders that were recorded as history earn, under the programme in force when they were made.

    They go in the order of time, as if each had come in on its day: points, tiers, budgets, coupons; then what came
    back of them is taken back. Interrupted and begun again it goes on where it was; no order earns twice. Rehearse
    it first with `troth simulate`.
    """
    set_up()
    from troth.cli import awarding

    raise typer.Exit(awarding.award_history(first_day.date(), last_day.date(), approved_by, as_json=as_json))


@app.command()
def sending(
    act: Annotated[SendingAct, typer.Argument(help="What to do: show whether it is paused, pause it, release it.")],
    note: Annotated[str, typer.Option(help="Why it is paused, for whoever releases it.")] = "",
    waiting: Annotated[
        Waiting, typer.Option(help="On release: send what waited, or withhold it for good.")
    ] = Waiting.WITHHOLD,
    as_json: Json = False,
) -> None:
    """Pause all sending to customers, release it, or show which it is.

    After a restore from a backup sending is paused by itself: what waits in the backup may have gone out since. It
    stays so until a person releases it.
    """
    set_up()
    from troth.cli import sending as sending_command

    raise typer.Exit(sending_command.sending(act, note=note, waiting=waiting, as_json=as_json))


@app.command("mail-in")
def mail_in(
    recipient: Annotated[
        str, typer.Option(help="The address it was delivered to; Postfix knows it as ${original_recipient}.")
    ] = "",
) -> None:
    """Take in one e-mail to the complaints' address from standard input.

    For the mail server's pipe. A person's mail opens a case or goes to the one whose number it names; bounces
    and answers of machines are noted at the message they belong to. The same mail again changes nothing.
    """
    set_up()
    from troth.cli import mailing

    raise typer.Exit(mailing.mail_in(recipient))


@app.command()
def prove(
    only: Annotated[
        str | None, typer.Option(help="One module, for example ledger; left out, all of them.", metavar="MODULE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that the stored data agree: every sum, every link, over the whole ledger.

    Prints each claim; where one is broken, by how many rows and which is the first, and ends with exit code 1.
    """
    set_up()
    from troth.cli import proving

    raise typer.Exit(proving.prove(only, as_json=as_json))


@app.command()
def codes(
    campaign: Annotated[str, typer.Argument(help="Code of a running campaign with unique codes.")],
    count: Annotated[int, typer.Option(help="How many codes.", min=1)],
    batch: Annotated[
        str, typer.Option(help="Your name for these codes; asked for again, the same ones are written.", metavar="NAME")
    ],
    output: Annotated[
        Path | None, typer.Option(help="File to write; left out, the codes are printed.", dir_okay=False)
    ] = None,
) -> None:
    """Hand out coupon codes without holders, for print or another system: as many millions as the campaign has.

    Each code is good for whoever brings it first. Nothing is stored for a code before that.
    """
    set_up()
    from troth.cli import issuing

    raise typer.Exit(issuing.codes(campaign, batch, count, output))


loyalty.add_to(app)


def run() -> None:
    """Run the command line; a refusal is a sentence on standard error and exit code 1, never a traceback."""
    try:
        app(prog_name="troth")
    except Exception as error:
        message = _refusal(error)
        if message is None:
            raise  # a mistake of ours: the traceback is what helps
        typer.echo(f"troth: {message}", err=True)
        sys.exit(Exit.FAILED)


def _refusal(error: Exception) -> str | None:
    """Return the sentence of a refusal, None for anything else."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError
    from django.utils.translation import gettext

    from troth.kit.errors import TrothError

    if isinstance(error, TrothError | ImproperlyConfigured):
        return str(error)
    if isinstance(error, DatabaseError):
        text = gettext("The database refused: %(error)s. “troth check” tells whether it is up to date.")
        return text % {"error": str(error).strip()}
    return None
