"""How a stop went, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from offswitch.cli.terminal import counted


def summary(name: str, receipt: dict[str, Any], place: Path) -> list[str]:
    """Return lines that say whether a stop is verified, what keeps it from that, and where the receipt is.

    Args:
        name: the agent's.
        receipt: its receipt.
        place: the receipt's file.
    """
    stop = receipt["stop"]
    taken = f" in {stop['steps'][-1]['ms']:.1f} ms" if stop["steps"] else ""
    said = "stopped and verified" if receipt["verified"] else "stopped, NOT verified"
    lines = [f"{name}: {said}{taken} ({stop['why']}); receipt: {place}", *receipt["why_not"]]
    if receipt["findings"]:
        lines.append(f"{counted(len(receipt['findings']), 'finding')} in the receipt")
    if receipt["planted"]:
        first = ", ".join(receipt["planted"][:3])
        lines.append(
            f"look before you use its work: {counted(len(receipt['planted']), 'file')} that can start "
            f"programs by that alone: {first}"
        )
    return [*lines, *(f"not verified here: {what}" for what in receipt["not_verified_here"])]
