"""The parent of both lanes, without Django as in `troth worker`: python -m troth.jobs.tests.supervised FOLDER"""

import sys
from pathlib import Path

from troth.jobs.lanes import Lane
from troth.jobs.supervising import supervise

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lane = [sys.executable, "-m", "troth.jobs.tests.killable", "lane", str(folder)]
    print("working", flush=True)  # noqa: T201  the test waits for it
    is_well = supervise(
        {name: [*lane, name] for name in Lane}, ended=lambda name, _code: (folder / f"{name}.ended").touch()
    )
    sys.exit(not is_well)
