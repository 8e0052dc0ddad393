"""Random arms: the same person always falls into the same arm of the same split."""

from uuid import UUID

from troth.kit import chance

from .document.shapes import Split


def arm_of(step: Split, journey: str, owner_id: UUID) -> str:
    """Return the code of the arm that chance gives a person; deterministic by journey, step, salt and person."""
    place = chance.place_of(journey, step.id, step.salt, owner_id.hex)
    reached = 0
    for arm in step.arms:
        reached += arm.share * 100
        if place < reached:
            return arm.code
    return step.arms[-1].code
