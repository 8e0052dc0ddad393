"""The commands of programmes, points and rewards. Like `main`, it imports what they need only when they run."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from troth.cli.starting import Json, set_up

MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]

Person = Annotated[
    str,
    typer.Argument(
        help="Whose: an id, phone:…, email:…, card:…, external:SOURCE/NUMBER.", show_default=False, metavar="CUSTOMER"
    ),
]
Key = Annotated[
    str, typer.Option(help="Your name of the act: under the same name it happens once. Left out, it is a new one.")
]
PointCurrencyCode = Annotated[str, typer.Option(help="Code of the point currency.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program's."""
    for command in (publish, points, adjust, redeem):
        app.command()(command)


def publish(
    programme: Annotated[Path, typer.Argument(help="The programme's document in YAML or JSON.")],
    reviewed_by: Annotated[
        str, typer.Option(help="Who else reviewed it; kept with the version. Left out, you are asked.")
    ] = "",
    effective_at: Annotated[
        datetime | None,
        typer.Option("--from", formats=MOMENTS, help="From when it is in force, in the company's zone; left out: now."),
    ] = None,
    note: Annotated[str, typer.Option(help="What changed and why, for whoever reads the versions.")] = "",
    is_check: Annotated[
        bool, typer.Option("--check", help="Only say what is wrong, by line, or what would change; write nothing.")
    ] = False,
) -> None:
    """Publish a programme from a file: the next version of it, or the first.

    For programmes that are kept beside the code of a shop and reviewed there. A draft that somebody is writing in the
    console is never overwritten. Rehearse it first with `troth simulate`.
    """
    set_up()
    from troth.cli import publishing

    raise typer.Exit(publishing.publish(programme, reviewed_by, effective_at, note, is_check=is_check))


def points(
    customer: Person,
    currency: Annotated[str, typer.Option(help="Only of this point currency, by its code.")] = "",
    count: Annotated[int, typer.Option("--last", help="How many movements.", min=0, max=1000)] = 10,
    as_of: Annotated[
        str, typer.Option(help="As of a moment instead: 2026-06-30, or 2026-06-30T18:00; a day means its end.")
    ] = "",
    recorded: Annotated[
        bool, typer.Option("--recorded", help="With --as-of: what was known then, not what was true.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print what a customer has, what ends when, and the last movements with their reasons."""
    set_up()
    from troth.cli import pointing

    if as_of:
        raise typer.Exit(pointing.points_as_of(customer, currency, as_of, by_record=recorded, as_json=as_json))
    raise typer.Exit(pointing.points(customer, currency, count, as_json=as_json))


def adjust(
    customer: Person,
    amount: Annotated[int, typer.Option(help="How many to give, in the smallest unit; negative to take.")],
    currency: PointCurrencyCode = "points",
    reason: Annotated[str, typer.Option(help="A code for the statement.")] = "goodwill",
    note: Annotated[str, typer.Option(help="Why, in words, for whoever approves it.")] = "",
    key: Key = "",
    approved_by: Annotated[
        str, typer.Option(help="Who else approved it, above the currency's limit; else it waits in the console.")
    ] = "",
) -> None:
    """Correct a customer's points by hand."""
    set_up()
    from troth.cli import pointing

    raise typer.Exit(pointing.adjust(customer, amount, currency, reason, note, key, approved_by))


def redeem(
    customer: Person,
    reward: Annotated[str, typer.Argument(help="Code of the reward.", show_default=False)],
    quantity: Annotated[int, typer.Option(help="Pieces.", min=1, max=1000)] = 1,
    option: Annotated[str, typer.Option(help="Which of its prices; left out where it has only one.")] = "",
    is_from_pool: Annotated[
        bool, typer.Option("--from-pool", help="Let the pool of the customer's household pay.")
    ] = False,
    key: Key = "",
) -> None:
    """Redeem a reward for a customer: points, stock and coupons together or not at all."""
    set_up()
    from troth.cli import pointing

    raise typer.Exit(pointing.redeem(customer, reward, quantity, option, key, is_from_pool=is_from_pool))
