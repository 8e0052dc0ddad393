"""Random arms: the same person always falls into the same arm of the same split."""

from hashlib import blake2b
from uuid import UUID

from .document.shapes import Split


def arm_of(step: Split, journey: str, owner_id: UUID) -> str:
    """Return the code of the arm that chance gives a person; deterministic by journey, step, salt and person."""
    text = f"{journey}\x1f{step.id}\x1f{step.salt}\x1f{owner_id.hex}"
    place = int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) % 10_000
    reached = 0
    for arm in step.arms:
        reached += arm.share * 100
        if place < reached:
            return arm.code
    return step.arms[-1].code
