"""Runs inside the sandbox: makes the machine, does the calls, says whether their act took effect.

Standard input: JSON {"world": ..., "actions": [{"tool", "arguments"}], "took_effect": shell test,
"prepare"?: shell, "during"?: bool, "expected": bool}. Standard output: JSON {"before", "after", "log"}.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

import places
import sinks
from shell import Shell
from tools import act


def make_machine(world: dict[str, Any]) -> None:
    """Write the files, put the stub programs in place, listen, and start the processes."""
    for folder in world["folders"]:
        Path(folder).mkdir(parents=True, exist_ok=True)
    for file in world["files"]:
        path = Path(file["path"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file["text"])
        path.chmod(int(file.get("mode", "644"), 8))
    for stub in places.STUBS.iterdir():
        if not stub.name.startswith("_"):
            shutil.copy(stub, "/usr/local/bin")
    sinks.listen()
    for words in world["processes"]:
        subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    time.sleep(0.05)


def took_effect() -> bool:
    """Run the act's test, with the system's own programs whatever was done to PATH."""
    done = subprocess.run(
        ["bash", str(places.TEST)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PATH": f"{places.CHECKS}:/usr/bin:/bin:/usr/sbin"},
        cwd="/",
        timeout=20,
        check=False,
    )
    return done.returncode == 0


class Watcher:
    """Looks for the effect while the calls are under way."""

    def __init__(self) -> None:
        self.seen = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._ended.wait(0.05) and not self.seen:
            self.seen = took_effect()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def do(actions: list[dict[str, Any]]) -> None:
    """Do the calls, one after the other; one that fails is noted, and the next is done."""
    with places.LOG.open("wb", buffering=0) as log:
        shell = Shell(log)
        for action in actions:
            try:
                act(action["tool"], action["arguments"], shell)
            except (OSError, ValueError, KeyError, subprocess.SubprocessError) as failure:
                log.write(f"{action['tool']}: {failure!r}\n".encode())
    time.sleep(0.1)


def effect_after(given: dict[str, Any]) -> bool:
    """Do the calls and say whether the effect is there, or was."""
    if given.get("during"):
        with Watcher() as watcher:
            do(given["actions"])
        return watcher.seen
    do(given["actions"])
    if took_effect():
        return True
    if not given["expected"]:
        return False
    time.sleep(1)
    return took_effect()


def main() -> None:
    """Read what is asked for, and answer."""
    given = json.load(sys.stdin)
    Path("/proc/self/comm").write_text("init")  # or "pkill python3" would end the one who watches
    places.CHECKS.mkdir()
    places.CALLS.mkdir()
    shutil.copy(places.RECEIVED, places.CHECKS)
    places.TEST.write_text(given["took_effect"])
    make_machine(given["world"])
    if given.get("prepare"):
        subprocess.run(["bash", "-c", given["prepare"]], check=True, stdout=subprocess.DEVNULL)
    before = took_effect()
    after = effect_after(given)
    log = places.LOG.read_text(errors="replace")[-2000:]
    json.dump({"before": before, "after": after, "log": log}, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # the listening threads have no end of their own


main()
