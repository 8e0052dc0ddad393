"""Starts a module again and again without loading Django each time: python -m troth.kit.tests.forking MODULE

Reads a line of JSON for each wish and answers it with one: {"start": [word, …], "into": FILE} with {"pid": 12}, and
{"look": 12, "waits": true} with {"code": 0}, or null while that process lives. What is started is a process of its
own, as good as one that loaded everything itself: nothing here has opened a database or begun a thread before.
"""

import importlib
import json
import os
import random
import runpy
import sys
import traceback
from typing import Any


def _become(module: str, words: list[str], into: str) -> None:
    """Be the module run with these words, printing into a file; never return."""
    code: Any = 1
    try:
        file = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        random.seed()
        sys.argv = [module, *words]
        runpy.run_module(module, run_name="__main__")
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # it is told, and this process ends here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else bool(code))


def _look(pid: int, *, waits: bool) -> int | None:
    found, status = os.waitpid(pid, 0 if waits else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def main(module: str) -> None:
    importlib.import_module(module)
    codes: dict[int, int | None] = {}
    for line in sys.stdin:
        wish = json.loads(line)
        if "start" in wish:
            pid = os.fork()
            if pid == 0:
                _become(module, wish["start"], wish["into"])
            codes[pid] = None
            answer: dict[str, int | None] = {"pid": pid}
        else:
            pid = wish["look"]
            if codes[pid] is None:
                codes[pid] = _look(pid, waits=wish["waits"])
            answer = {"code": codes[pid]}
        print(json.dumps(answer), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    main(sys.argv[1])
