"""The secret that signs sessions and links."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ENOUGH = 50


def secret_key(is_production: bool, data_dir: Path) -> str:
    """Return TROTH_SECRET_KEY; outside production, one made once and kept in the data folder.

    Raises:
        ImproperlyConfigured: production without a secret, or with a short one.
    """
    given = os.environ.get("TROTH_SECRET_KEY", "")
    if is_production and len(given) < ENOUGH:
        raise ImproperlyConfigured(f"TROTH_SECRET_KEY must be set to at least {ENOUGH} random characters in production")
    return given or _kept_secret(data_dir / "secret_key")


def _kept_secret(path: Path) -> str:
    """Return the stored secret, made the first time; of two processes starting at once, one's secret wins whole."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(ENOUGH))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text(encoding="ascii")
