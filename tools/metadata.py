"""The wheel's dependencies are the names of requirements/base.in with the versions base.txt was proved with."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements" / "base.txt"


class PinnedRequirements(MetadataHookInterface):
    """Reads the pins, so that `pip install troth` gets what was tested."""

    def update(self, metadata: dict[str, Any]) -> None:
        lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [line for line in lines if re.match(r"^[a-z0-9]", line, re.IGNORECASE)]
