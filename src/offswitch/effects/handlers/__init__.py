"""Commands whose work a table cannot say: what they print, find, send or schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from offswitch.effects.analysis import Analysis
from offswitch.effects.catalogue import Handler
from offswitch.effects.handlers import builtins
from offswitch.effects.invocation import Call

HANDLERS: Mapping[Handler, Callable[[Call, Analysis], str | None]] = {**builtins.HANDLERS}
