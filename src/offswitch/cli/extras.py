"""Says what to install when a command needs the evaluation half."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from offswitch.errors import MachineError

_EVALUATION = {"anyio", "dotenv", "inspect_ai", "jinja2", "numpy", "scipy", "statsmodels"}


@contextmanager
def evaluation_half() -> Iterator[None]:
    """Import the evaluation half in this context: where it is missing, one line says how to get it.

    Raises:
        MachineError: if the extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as failure:
        if (failure.name or "").partition(".")[0] not in _EVALUATION:
            raise
        raise MachineError(
            f"this command needs {failure.name}, which comes with the evaluation half: "
            "pip install 'offswitch[eval]'"
        ) from failure
