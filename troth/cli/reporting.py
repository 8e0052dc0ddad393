"""`report --out`: the report as one file."""

from pathlib import Path

import typer
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from troth.cli.exits import Exit
from troth.console.report import page


def write_report(out: Path, language: str) -> int:
    """Write the report as one file, in one language or both; the terminal's language comes first."""
    if out.suffix.lower() not in {".html", ".pdf"}:
        typer.echo(_("troth: %(file)s: a report is written as .html or as .pdf.") % {"file": out}, err=True)
        return Exit.USAGE
    if not out.absolute().parent.is_dir():
        typer.echo(_("troth: %(file)s: there is no such folder.") % {"file": out.parent}, err=True)
        return Exit.USAGE
    first = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    both = sorted(page.LANGUAGES, key=lambda one: one != first)
    page.write(out.absolute(), tuple(both) if language == "both" else (language,))
    typer.echo(_("Wrote %(file)s.") % {"file": out})
    return Exit.DONE
