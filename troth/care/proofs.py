"""What must hold of the module, part by part."""

from .journeys.proofs import PROOFS

__all__ = ["PROOFS"]
