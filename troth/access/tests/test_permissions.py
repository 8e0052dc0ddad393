"""docs/permissions.md and the code say the same."""

from pathlib import Path

from troth.access.permissions import KEY_PERMISSIONS, ROLE_PERMISSIONS, Permission, Role

PAGE = Path(__file__).resolve().parents[3] / "docs" / "permissions.md"


def table():
    """Return the page's matrix: permission code -> the columns that are ticked."""
    rows = [
        line.strip("| ").split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")
    ]
    head = [cell.strip() for cell in rows[0]]
    return {
        cells[0].strip().strip("`"): {name for name, cell in zip(head, cells, strict=True) if cell.strip() == "✓"}
        for cells in rows[2:]
    }


def test_the_page_shows_every_permission_and_who_holds_it():
    expected = {
        str(permission): {str(role) for role in Role if permission in ROLE_PERMISSIONS[role]}
        | ({"API key"} if permission in KEY_PERMISSIONS else set())
        for permission in Permission
    }
    assert table() == expected
