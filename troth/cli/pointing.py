"""`points`, `adjust` and `redeem`: one customer's points and rewards."""

import getpass
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from django.utils.translation import gettext as _

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.console.points.said import Narrator
from troth.customers import queries as customers
from troth.customers.errors import CustomerNotFoundError, HouseholdNotFoundError
from troth.customers.models import Customer, IdentityKind
from troth.kit import clock
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.models import PointCurrency
from troth.ledger.operations import Adjust, Owner, Reason
from troth.rewards import services as rewards
from troth.rewards.operations import NewRedemption, Outcome

ENDINGS = 5


def points(name: str, currency: str, count: int, *, as_json: bool) -> int:
    """Print what a customer has of each currency, or of one."""
    try:
        owner = _customer(name).id
        chosen = [queries.currency(currency)] if currency else list(queries.currencies())
    except TrothError as error:
        return _failed(error)
    found = [_purse(owner, one, count) for one in chosen]
    if as_json:
        typer.echo(json.dumps({"customer": str(owner), "currencies": found}, ensure_ascii=False, indent=2))
        return Exit.DONE
    for purse in found:
        _print(purse)
    return Exit.DONE


def points_as_of(name: str, currency: str, as_of: str, *, by_record: bool, as_json: bool) -> int:
    """Print what a customer had of each currency, or of one, at a moment of the past, and of which lots."""
    try:
        owner = _customer(name).id
        chosen = [queries.currency(currency)] if currency else list(queries.currencies())
    except TrothError as error:
        return _failed(error)
    found = []
    for one in chosen:
        moment = _moment(as_of, one.time_zone)
        if moment is None:
            typer.echo(_("troth: --as-of %(value)s is no moment; write 2026-06-30T18:00") % {"value": as_of}, err=True)
            return Exit.FAILED
        found.append(_purse_then(owner, one, moment, "recorded" if by_record else "occurred"))
    if as_json:
        typer.echo(json.dumps({"customer": str(owner), "currencies": found}, ensure_ascii=False, indent=2))
        return Exit.DONE
    for purse in found:
        _print_balance(purse)
        for lot in purse["lots"]:
            zone = purse["time_zone"]
            said = {"at": _local(lot["earned_at"], zone), "left": f"{lot['remaining']:,}"}
            said["ends"] = _local(lot["ends_at"], zone)[:10] if lot["ends_at"] else ""
            if lot["ends_at"]:
                typer.echo("  " + _("%(left)s left of what came %(at)s, to end %(ends)s") % said)
            else:
                typer.echo("  " + _("%(left)s left of what came %(at)s, without end") % said)
    return Exit.DONE


def adjust(name: str, amount: int, currency: str, reason: str, note: str, key: str, approved_by: str) -> int:
    """Adjust, or ask for it; with an approver's name, do both."""
    now, actor = clock.utc_now(), system_actor(f"cli:{getpass.getuser()}"[:60])
    try:
        operation = Adjust(
            key=key or f"cli:{new_id()}",
            owner=Owner("customer", _customer(name).id),
            currency=currency,
            occurred_at=now,
            reason=Reason(reason),
            amount=amount,
        )
        posted, waiting = ledger.request_adjustment(actor=actor, now=now, operation=operation, note=note)
        if waiting is not None and approved_by:
            approver = system_actor(approved_by[:60])
            posted = ledger.approve_adjustment(actor=approver, now=now, request_id=waiting.id)
        if posted is not None and posted.error is not None:
            raise posted.error
    except TrothError as error:
        return _failed(error)
    if posted is None:
        typer.echo(_("Above the currency's limit: it waits for a second person, under Points in the console."))
    else:
        typer.echo(_("%(amount)s %(currency)s; %(available)s are available.") % {
            "amount": f"{posted.amount:+,}", "currency": currency, "available": f"{posted.available:,}",
        })  # fmt: skip
    return Exit.DONE


def redeem(name: str, reward: str, quantity: int, option: str, key: str, *, is_from_pool: bool) -> int:
    """Redeem a reward; points of the customer's own, or of the household's pool."""
    now, actor = clock.utc_now(), system_actor(f"cli:{getpass.getuser()}"[:60])
    try:
        customer = _customer(name)
        wish = NewRedemption(
            key=key or f"cli:{new_id()}",
            customer_id=customer.id,
            reward=reward,
            occurred_at=now,
            quantity=quantity,
            option=option,
            household_id=_household(customer) if is_from_pool else None,
        )
        (done,) = rewards.redeem_rewards([wish], actor=actor, now=now)
        if done.error is not None:
            raise done.error
    except TrothError as error:
        return _failed(error)
    said = {"reward": reward, "points": f"{done.points:,}", "currency": done.point_currency, "id": done.redemption_id}
    if done.outcome is Outcome.REPEATED:
        typer.echo(_("%(reward)s was redeemed before under this key: %(id)s.") % said)
    else:
        typer.echo(_("%(reward)s redeemed for %(points)s %(currency)s: %(id)s.") % said)
    return Exit.DONE


def _customer(name: str) -> Customer:
    """Return the customer of an id, or of an identity as `kind:value`.

    Raises:
        CustomerNotFoundError: nobody.
    """
    kind, colon, value = name.partition(":")
    if colon and kind in IdentityKind.values:
        source, slash, number = value.partition("/")
        is_external = kind == IdentityKind.EXTERNAL and slash
        found = customers.customer_by_identity(
            kind, number if is_external else value, source=source if is_external else ""
        )
        if found is None:
            raise CustomerNotFoundError(name)
        return found
    try:
        return customers.customer(UUID(name))
    except ValueError:
        raise CustomerNotFoundError(name) from None


def _household(customer: Customer) -> UUID:
    home = customers.household_of(customer.id)
    if home is None:
        raise HouseholdNotFoundError
    return home.household.id


def _purse(owner: UUID, currency: PointCurrency, count: int) -> dict[str, Any]:
    now = clock.utc_now()
    balance = queries.balances([owner], currency.code, now=now)[owner]
    lines = queries.statement(owner, currency.code, limit=count)
    narrator = Narrator(lines)
    return {
        "currency": currency.code,
        "time_zone": currency.time_zone,
        "balance": balance.balance,
        "available": balance.available,
        "pending": balance.pending,
        "held": balance.held,
        "arrears": balance.arrears,
        "ending": [
            {"at": moment.isoformat(), "points": amount}
            for moment, amount in queries.expiring(owner, currency.code, now=now)[:ENDINGS]
        ],
        "movements": [
            {
                "at": line.occurred_at.isoformat(),
                "kind": line.kind,
                "reason": line.reason,
                "said": " · ".join(filter(None, (said.text, said.detail))),
                "key": line.key,
                "moved": line.moved,
                "balance": line.balance,
            }
            for line in lines
            for said in (narrator.say(line),)
        ],
    }


def _moment(text: str, zone: str) -> datetime | None:
    """Return the moment of a text, in the zone where it names none; of a day its end."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1970 <= found.year <= 9000:
        return None
    if len(text) == len("2026-06-30"):
        return clock.day_start(found.date() + timedelta(days=1), zone) - timedelta(microseconds=1)
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _purse_then(owner: UUID, currency: PointCurrency, moment: datetime, by: str) -> dict[str, Any]:
    at: dict[str, Any] = {by: moment}
    balance = queries.balance_as_of(owner, currency.code, **at)
    return {
        "currency": currency.code,
        "time_zone": currency.time_zone,
        "as_of": moment.isoformat(),
        "by": by,
        "balance": balance.balance,
        "available": balance.available,
        "pending": balance.pending,
        "held": balance.held,
        "arrears": balance.arrears,
        "lots": [
            {
                "earned_at": one.lot.occurred_at.isoformat(),
                "amount": one.lot.amount,
                "remaining": one.remaining,
                "held": one.held,
                "state": one.state,
                "ends_at": one.ends_at.isoformat() if one.ends_at else None,
            }
            for one in queries.lots_as_of(owner, currency.code, **at)
        ],
    }


def _print_balance(purse: dict[str, Any]) -> None:
    said = {name: f"{purse[name]:,}" for name in ("balance", "available", "pending", "held", "arrears")}
    text = _("%(available)s available of %(balance)s; %(pending)s pending, %(held)s set aside, %(arrears)s owed")
    typer.echo(f"{purse['currency']}: {text % said}")


def _print(purse: dict[str, Any]) -> None:
    _print_balance(purse)
    for one in purse["ending"]:
        day = _local(one["at"], purse["time_zone"])[:10]
        typer.echo("  " + _("%(points)s end %(at)s") % {"points": f"{one['points']:,}", "at": day})
    for one in purse["movements"]:
        at = _local(one["at"], purse["time_zone"])
        typer.echo(f"  {at} {one['moved']:>+12,} {one['balance']:>12,}  {one['said']}")


def _local(moment: str, zone: str) -> str:
    """Return a moment as the currency's clock shows it."""
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _failed(error: TrothError) -> int:
    typer.echo(f"troth: {error}", err=True)
    return Exit.FAILED
