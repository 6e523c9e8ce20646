"""Keys for the guard itself. Ctrl-C: the agent is asked to end, and stopped if it does not, or at the next.

Ctrl-Z does nothing: a guard that stands still is one that is lost, whose agent is frozen and then killed.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from offswitch.errors import CellError
from offswitch.guard.stop import order, stopper

GRACE_SECONDS = 5.0


class Interrupts:
    """In this context an interrupt is the agent's business first, and its end second.

    Args:
        place: the socket of the agent's stopper.
        tell: what gets one line for a person.
    """

    def __init__(self, place: Path, tell: Callable[[str], None]) -> None:
        self._place = place
        self._tell = tell
        self._asked = False
        self._timer = threading.Timer(GRACE_SECONDS, self._stop)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._before = {
            signal.SIGINT: signal.signal(signal.SIGINT, self._interrupted),
            signal.SIGTSTP: signal.signal(signal.SIGTSTP, self._suspended),
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._timer.cancel()

    def _suspended(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._tell(
            f"not suspended, which would end it; to hold it up: offswitch pause {self._place.parent.name}"
        )

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._asked:
            threading.Thread(target=self._stop, daemon=True).start()
            return
        self._asked = True
        self._tell(f"asked it to end; it is stopped in {GRACE_SECONDS:g} seconds, or at the next Ctrl-C")
        threading.Thread(target=self._give, args=(stopper.ASK,), daemon=True).start()
        self._timer.start()

    def _stop(self) -> None:
        self._give(stopper.STOP)

    def _give(self, said: bytes) -> None:
        with contextlib.suppress(CellError):  # it has ended meanwhile, or the watch sees that its stopper has
            order.give(said, self._place)
