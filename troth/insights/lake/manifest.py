"""manifest.json: which files the lake consists of. Replaced in one step, last of all, so that a lake is
whole at any moment.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

SCHEMA = 1
NAME = "manifest.json"
KEPT_EXPORTS = 50


@dataclass(slots=True)
class LakeFile:
    """One Parquet file; the path is relative to the lake."""

    path: str
    rows: int


@dataclass(slots=True)
class Manifest:
    """What the lake holds.

    files: by fact; superseded: rows by fact that a later revision replaces, so readers must take the
    highest; state: the fingerprints of the database as of the last export, by fact; retired: files no
    longer part of the lake, with the moment, kept a while for who is still reading them; exports: the last
    ones, newest last.
    """

    files: dict[str, list[LakeFile]] = field(default_factory=dict)
    superseded: dict[str, int] = field(default_factory=lambda: {"orders": 0, "lines": 0, "returns": 0})
    state: dict[str, str] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)
    exports: list[dict[str, Any]] = field(default_factory=list)

    def rows(self, fact: str) -> int:
        """Return the rows in the fact's files, superseded ones included."""
        return sum(file.rows for file in self.files.get(fact, []))

    def paths(self, lake: Path, fact: str) -> list[Path]:
        """Return the fact's files."""
        return [lake / file.path for file in self.files.get(fact, [])]

    def known(self) -> set[str]:
        """Return every path that must not be swept away."""
        listed = {file.path for files in self.files.values() for file in files}
        return listed | set(self.state.values()) | set(self.retired)

    def retire(self, paths: list[str], now: datetime) -> None:
        """Take files out of use, to be deleted some time later."""
        self.retired.update(dict.fromkeys(paths, now.isoformat()))


def read(lake: Path) -> Manifest:
    """Return the lake's manifest; an empty one where there is no lake yet."""
    try:
        stored = json.loads((lake / NAME).read_text())
    except FileNotFoundError:
        return Manifest()
    rows = stored.get("rows", {})
    files = {
        fact: [LakeFile(path, rows.get(path, 0)) for path in paths] for fact, paths in stored.get("files", {}).items()
    }
    return Manifest(
        files=files,
        superseded=stored["superseded"],
        state=stored.get("state", {}),
        retired=stored.get("retired", {}),
        exports=stored["exports"],
    )


def write(lake: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step that survives a power cut."""
    content = asdict(manifest) | {
        "schema": SCHEMA,
        "exports": manifest.exports[-KEPT_EXPORTS:],
        "files": {fact: [file.path for file in files] for fact, files in manifest.files.items()},
        "rows": {file.path: file.rows for files in manifest.files.values() for file in files},
    }
    partial = lake / f"{NAME}.partial"
    with partial.open("w") as stream:
        json.dump(content, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(lake / NAME)
    sync_directory(lake)


def sync_file(path: Path) -> None:
    """Wait until the file's content is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Wait until the directory's entries are on the disk."""
    sync_file(path)
