"""The wheel alone, in a fresh environment without Node: it shows the demo and stops without a trace."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from email.parser import BytesParser
from http.cookiejar import CookieJar
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from troth.demo import source

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120
BLOCK = re.compile(r"^```python\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"http://127\.0\.0\.1:(\d+)/welcome/[\w-]+/")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "troth/console/static/vendor").exists(), reason="no front end; run make setup"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel as `make wheel` builds it."""
    folder: Path = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_what_was_built_and_no_tests(wheel):
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
    assert "troth/console/static/vendor/tabler.css" in names
    assert "troth/cli/locale/zh_Hans/LC_MESSAGES/django.mo" in names
    assert any(name.startswith("troth/console/customers/templates/") for name in names)
    assert [name for name in names if "/tests/" in name] == []
    assert {name.split("/")[0] for name in names} <= {"troth", wheel.name.split("-py3")[0] + ".dist-info"}


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A fresh environment with the wheel, what it requires and nothing else, and the demo's data.

    Packages of the very versions that the wheel names are linked from this environment, not fetched and unpacked again:
    what it does not name is not there, and pip finds nothing missing and no version wrong.
    """
    folder: Path = tmp_path_factory.mktemp("installed")
    venv.create(folder)
    packages = next(folder.glob("lib/python*/site-packages"))
    for name in required_by(wheel):
        link(name, packages)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python")]
    for command in (["install", "-qq", "--no-index", "--no-deps", "--no-compile", str(wheel)], ["check"]):
        made = subprocess.run([*pip, *command], capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
    return folder


def required_by(wheel: Path) -> set[str]:
    """Return the packages that the wheel requires, all with their version, and the one with the demo's data."""
    with zipfile.ZipFile(wheel) as content:
        (metadata,) = [name for name in content.namelist() if name.endswith(".dist-info/METADATA")]
        named = BytesParser().parsebytes(content.read(metadata)).get_all("Requires-Dist", [])
    assert [one for one in named if "==" not in one] == []
    demo = [source.REQUIREMENT] if find_spec(source.PACKAGE) else []
    return {Requirement(one).name for one in [*named, *demo]}


def link(name: str, packages: Path) -> None:
    """Put links to a package's files among the packages of another environment."""
    files = distribution(name).files
    assert files, name
    for file in files:
        if ".." not in file.parts:
            (packages / file).parent.mkdir(parents=True, exist_ok=True)
            (packages / file).symlink_to(Path(str(file.locate())).resolve())


def environment(folder: Path, data: Path) -> dict[str, str]:
    """Variables of a user who has just installed it; no Node, nothing of this checkout."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    programs = data.parent / "programs"
    programs.mkdir(exist_ok=True)
    return {**kept, "PATH": f"{folder / 'bin'}:{programs}", "TROTH_DATA_DIR": str(data)}


def test_help_works(installed, tmp_path):
    variables = environment(installed, tmp_path / "data")
    assert shutil.which("node", path=variables["PATH"]) is None
    done = subprocess.run(
        [installed / "bin/troth", "--help"], env=variables, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "createuser" in done.stdout


def written_examples() -> dict[str, str]:
    """Return the Python that the documentation of the library shows, by where it stands."""
    pages = ("docs/loyalty.md", "troth/value/README.md")
    found = {page: "".join(BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))) for page in pages}
    for path in sorted((ROOT / "docs/notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[path.name] = "\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "code")
    return found


@pytest.mark.parametrize("where", written_examples())
def test_the_library_alone_does_what_its_documentation_shows(installed, tmp_path, where):
    """As for somebody who has only installed it: no settings, no database, not even an import of Django."""
    example = written_examples()[where]
    assert "from troth" in example
    code = tmp_path / "example.py"
    code.write_text(f"import sys\nsys.modules['django'] = None\n{example}\nimport troth\nprint(troth.__file__)\n")
    done = subprocess.run(
        [installed / "bin/python", code],
        env=environment(installed, tmp_path / "data"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stdout.splitlines()[-1]  # the wheel's own, not this checkout's


@pytest.mark.skipif(find_spec(source.PACKAGE) is None, reason=f"needs pip install {source.REQUIREMENT}")
def test_the_demo_greets_lets_in_and_stops(installed, tmp_path):
    log = tmp_path / "out.txt"
    with log.open("wb") as out:
        demo = subprocess.Popen(
            [installed / "bin/troth", "demo", "--port", str(free_port())],
            env=environment(installed, tmp_path / "data"),
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        link = wait_for_link(demo, log)
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = browser.open(link, timeout=60).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        form = f"csrfmiddlewaretoken={token[1]}".encode()
        request = urllib.request.Request(link, form, headers={"Referer": link})
        with browser.open(request, timeout=60) as answer:
            assert answer.status == 200
            assert "/account/login/" not in answer.url
        style = re.search(r'href="(/static/[^"]+\.css[^"]*)"', page)
        assert style is not None
        with browser.open(link.split("/welcome")[0] + style[1], timeout=60) as answer:
            assert answer.status == 200
        children = children_of(demo.pid)
        assert len(children) == 2
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == 0, log.read_text(encoding="utf-8")
        assert [child for child in children if is_alive(child)] == []
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait()


def wait_for_link(demo: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        said = log.read_text(encoding="utf-8")
        if found := LINK.search(said):
            return found[0]
        assert demo.poll() is None, said
        time.sleep(0.2)
    raise AssertionError(f"no login link in {READY_SECONDS} s: {log.read_text(encoding='utf-8')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return [int(number) for number in listed.split()]


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
