"""Lengths of time as people write them: 5s, 500ms, 2m, 1h, or plain seconds."""

from __future__ import annotations

from typing import Any

import click
import re2
from typing_extensions import override

_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}
_FORM = re2.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|)")
_LONGEST = 86_400.0


class Duration(click.ParamType[float]):
    """A length of time on the command line, in seconds; at most a day."""

    name = "TIME"

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        found = _FORM.fullmatch(str(value).strip())
        seconds = float(found[1]) * _UNITS[found[2]] if found else -1.0
        if not 0 <= seconds <= _LONGEST:
            self.fail(
                f"expected a time of at most a day such as 5s, 500ms or 2m; came: {value!r}", param, ctx
            )
        return seconds
