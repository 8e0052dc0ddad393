"""Names that callers give to what they do, as keys of our operations."""

from hashlib import blake2b


def caller_key(source: str, external_id: str) -> str:
    """Return the key of an operation that its caller calls so: at most 120 signs, whatever the numbers look like."""
    text = "\x1f".join((source, external_id))
    return f"api:{blake2b(text.encode(), digest_size=20).hexdigest()}"
