"""Events of imports."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

declare(
    EventType(
        "imports.run.started",
        _("Import started"),
        {"import": "id", "shape": "customers, orders or lines", "is_dry_run": "true if nothing is written"},
        icon="file-import",
        on_timeline=False,
    ),
    EventType(
        "imports.run.finished",
        _("Import finished"),
        {
            "import": "id",
            "rows": "rows of the file",
            "refused_rows": "rows that did not go in",
            "done": "counts by what",
        },
        icon="file-check",
        on_timeline=False,
    ),
    EventType(
        "imports.files.forgotten",
        _("Old import files removed"),
        {"imports": "ids"},
        icon="trash",
        on_timeline=False,
    ),
)
