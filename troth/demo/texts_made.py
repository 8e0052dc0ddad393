"""The demo company's texts and look: the ready-made texts as they come, and a colour."""

from datetime import datetime

from troth.access.actors import Actor
from troth.messaging import brand, starters

COLOR = "#0d6856"


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Install the ready-made texts and the look; again, it changes nothing."""
    starters.install(actor=actor, now=now)
    brand.change_brand(actor=actor, now=now, color=COLOR)
