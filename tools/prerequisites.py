"""Says in a sentence what this machine lacks, before a step fails for it. Runs on any Python 3.6 or newer.

    python3 tools/prerequisites.py python     Python ≥ 3.11 with its venv module
    python3 tools/prerequisites.py node       Node ≥ 20 with npm

The exit code is 1 where something is missing.
"""

import importlib.util
import re
import shutil
import subprocess
import sys

PYTHON_WANTED = (3, 11)
NODE_WANTED = 20


def python_lack() -> str:
    """Return what is wrong with this Python, or nothing."""
    if sys.version_info < PYTHON_WANTED:
        found = "{}.{}".format(*sys.version_info[:2])
        return f"Troth needs Python 3.11 or newer, this is {found}. Name another: make PYTHON=python3.12 …"
    # Debian leaves ensurepip out of python3 and puts it into python3-venv.
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        return "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"
    return ""


def node_lack() -> str:
    """Return what is wrong with this machine's Node, or nothing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "The front end is built with Node 20 or newer and npm. On Debian 13: apt-get install nodejs npm"
    version = subprocess.check_output(["node", "--version"]).decode().strip()
    found = re.match(r"v(\d+)", version)
    if found is None or int(found.group(1)) < NODE_WANTED:
        return f"Building the front end needs Node {NODE_WANTED} or newer; this machine has {version}."
    return ""


def main(arguments: "list[str]") -> int:
    """Check what was asked for; return the exit code."""
    checks = {"python": python_lack, "node": node_lack}
    lacks = [checks[name]() for name in arguments]
    for lack in filter(None, lacks):
        print("\n" + lack + "\n", file=sys.stderr)
    return 1 if any(lacks) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
