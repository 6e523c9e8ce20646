"""Numbers in, numbers out. Exported are rates and contrasts of two; docs/statistics.md names the rest."""

from offswitch.stats.contrasts import Difference, Share, difference, holm
from offswitch.stats.rates import Interval, jeffreys

__all__ = ["Difference", "Interval", "Share", "difference", "holm", "jeffreys"]
