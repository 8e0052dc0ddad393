"""What customers say, in the condition language; each part registers its own fields."""

from .surveys import condition_fields as _surveys

__all__ = ["_surveys"]
