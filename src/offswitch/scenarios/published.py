"""What was published of a scenario: the rows of its `published.csv`."""

from __future__ import annotations

import csv
from importlib.resources.abc import Traversable

import msgspec

from offswitch.errors import InputError


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """One published cell, to stand beside ours; never tested for equality with it.

    Attributes:
        arm: our arm that repeats it.
        rate: name of our rate that is defined as theirs.
        model: the model, as the source names it.
        value: the published share, 0 to 1.
        low: lower end of the 95 % interval, or None where no counts and no interval were published.
        high: its upper end, or None.
        k: number of trials that count, or None.
        n: number of trials, or None.
        source: where it was published.
        note: what a reader must know, or "".
        generation: version of the experiment it was taken in, where there are several; figures keep them
            apart.
    """

    arm: str
    rate: str
    model: str
    value: float
    low: float | None
    high: float | None
    k: int | None
    n: int | None
    source: str
    note: str
    generation: str = ""


def read_published(file: Traversable) -> tuple[Published, ...]:
    """Return the cells of a `published.csv`, in its order.

    Args:
        file: its first line names the fields of `Published`; of a field left empty there is nothing.

    Raises:
        InputError: if the file cannot be read, or a row of it is no cell.
    """
    try:
        rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), strict=True)
        return tuple(_cell(row, f"{file}, line {rows.line_num}") for row in rows)
    except OSError as failure:
        raise InputError(f"{file}: cannot be read: {failure.strerror}") from failure
    except (UnicodeDecodeError, csv.Error) as failure:
        raise InputError(f"{file}: expected a CSV table in UTF-8: {failure}") from failure


def _cell(row: dict[str | None, str | list[str] | None], where: str) -> Published:
    if None in row:
        raise InputError(f"{where}: more fields than the first line names")
    if short := [str(name) for name, value in row.items() if value is None]:
        raise InputError(f"{where}: the row is too short: no {', '.join(short)}")
    given = {name: value or None for name, value in row.items()}
    given |= {name: given.get(name) or "" for name in ("note", "generation")}
    try:
        return msgspec.convert(given, Published, strict=False)
    except msgspec.ValidationError as failure:
        raise InputError(f"{where}: {failure}") from failure
