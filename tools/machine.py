"""What the tests need of the machine beyond Python and Node: PostgreSQL, a browser, Chinese fonts, Spark, linters.

Each `*_lack` function first tries to get what is missing (from Debian where we are root, from npm, from PyPI) and
returns a sentence about what is still missing, or nothing.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tools import postgres

ROOT = Path(__file__).resolve().parent.parent
LINTERS = ROOT / "tools" / "containers"
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
CREATECLUSTER = Path("/etc/postgresql-common/createcluster.conf")


def postgres_lack() -> str:
    """Get a PostgreSQL server unless DATABASE_URL names one."""
    if os.environ.get("DATABASE_URL", "").startswith("postgres") or postgres.binaries():
        return ""
    if os.geteuid() == 0 and not CREATECLUSTER.exists():
        # Debian's package would start a cluster of its own, which nobody here asked for.
        CREATECLUSTER.parent.mkdir(parents=True, exist_ok=True)
        CREATECLUSTER.write_text("create_main_cluster = false\n", encoding="ascii")
    return _from_debian(["postgresql"], "PostgreSQL")


def browser() -> str | None:
    """Return the Chromium that tests drive: rather one without windows, which spares a third of the time."""
    return next((place for name in BROWSERS if (place := shutil.which(name))), None)


def browser_lack() -> str:
    """Get Chromium and fonts with Chinese characters."""
    lacks = []
    if shutil.which(BROWSERS[0]) is None:
        lack = _from_debian([BROWSERS[0]], "Chromium")
        lacks += [lack] if browser() is None else []  # any other will do, only slower
    if not _has_chinese_font():
        lacks.append(_from_debian(["fontconfig", "fonts-noto-cjk"], "Fonts for Chinese"))
    return "; ".join(filter(None, lacks))


def spark_lack() -> str:
    """Get PySpark and a Java: only the tests of the other engine need them, so they are no part of `make check`."""
    if importlib.util.find_spec("pyspark") is None:
        print("Installing PySpark", flush=True)
        command = [sys.executable, "-m", "pip", "install", "-qq", "-r", str(ROOT / "requirements" / "spark.txt")]
        if subprocess.run(command, check=False).returncode:
            return "PySpark missing and pip install -r requirements/spark.txt failed"
    return "" if shutil.which("java") else _from_debian(["default-jre-headless"], "Java")


def containers_lack() -> str:
    """Get the linters of Dockerfile and compose.yaml."""
    if (LINTERS / "node_modules").exists():
        return ""
    command = ["npm", "ci", "--prefix", str(LINTERS), "--no-audit", "--no-fund", "--loglevel=error"]
    made = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return "npm ci in tools/containers failed" if made.returncode else ""


def _has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _from_debian(packages: list[str], what: str) -> str:
    """Install Debian packages; return a sentence if that cannot be done."""
    command = f"apt-get install {' '.join(packages)}"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return f"{what} missing; as root: {command}"
    print(f"{what} missing on this machine: {command}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _refresh_lists()
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    made = subprocess.run(install, env=quiet, stdout=subprocess.DEVNULL, check=False)
    return f"{what} missing and {command} failed" if made.returncode else ""


@cache
def _refresh_lists() -> None:
    """Have Debian's lists of packages be of today, once."""
    subprocess.run(["apt-get", "update", "-qq"], check=False)
