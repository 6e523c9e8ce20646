"""Ctrl-C in a guard: the agent is asked to end, and stopped if it does not, or at the next Ctrl-C."""

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
        self._before = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)
        self._timer.cancel()

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
