"""`prove`: does everything that must hold of the stored data hold?"""

import json
from typing import Any

import typer
from django.utils.translation import gettext as _

from troth.cli.exits import Exit
from troth.kit.proofs import Verdict, all_proofs, examine_all


def prove(only: str | None, *, as_json: bool) -> int:
    """Examine every proof, or those of one module; the exit code is 1 if one is broken."""
    chosen = [proof for proof in all_proofs() if only is None or proof.code.split(".")[0] == only]
    if not chosen:
        typer.echo(_("There is no proof of “%(module)s”.") % {"module": only}, err=True)
        return Exit.USAGE
    verdicts = []
    for verdict in examine_all(chosen):
        verdicts.append(_shown(verdict))
        if not as_json:
            typer.echo(_line(verdict))
    if as_json:
        typer.echo(json.dumps(verdicts, ensure_ascii=False, indent=2))
    return Exit.DONE if all(verdict["holds"] for verdict in verdicts) else Exit.FAILED


def _shown(verdict: Verdict) -> dict[str, Any]:
    return {
        "code": verdict.proof.code,
        "claim": str(verdict.proof.claim),
        "holds": verdict.holds,
        "violations": verdict.violations,
        "first": verdict.first,
        "seconds": round(verdict.seconds, 3),
    }


def _line(verdict: Verdict) -> str:
    if verdict.holds:
        return f"✓ {verdict.proof.claim}"
    broken = _("broken by %(count)d rows") % {"count": verdict.violations}
    first = "; " + _("first: %(row)s") % {"row": verdict.first} if verdict.first else ""
    return f"✗ {verdict.proof.claim} [{verdict.proof.code}] {broken}{first}"
