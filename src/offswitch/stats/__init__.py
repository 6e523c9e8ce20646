"""Numbers in, numbers out: intervals of rates, and contrasts of two of them."""

from offswitch.stats.contrasts import Difference, Share, difference, holm
from offswitch.stats.rates import Interval, jeffreys

__all__ = ["Difference", "Interval", "Share", "difference", "holm", "jeffreys"]
