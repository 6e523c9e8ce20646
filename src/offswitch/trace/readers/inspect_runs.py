"""The runs of one sample of an Inspect log: the sample itself, and earlier attempts at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from offswitch.trace.readers.fields import label, mappings
from offswitch.trace.readers.format import Source
from offswitch.trace.readers.inspect_sample import sample_history
from offswitch.trace.reading import Reading, Unreadable

FORMAT = "inspect"


def sample_runs(source: Source, sample: dict[str, Any], model: str) -> Iterator[Reading]:
    """Yield the run of a sample and epoch, named as Inspect names it, such as `55_epoch_10`.

    Attempts that failed and were made again come first, as `55_epoch_10_attempt_1`: what was done in
    them was done.
    """
    name = f"{label(sample.get('id'))}_epoch_{label(sample.get('epoch'))}"
    if name == "_epoch_":
        yield Unreadable(source.path, None, "expected a sample with an id and an epoch, found neither")
        return
    for number, attempt in enumerate(mappings(sample.get("error_retries")), start=1):
        earlier = {key: sample.get(key) for key in ("attachments", "events_data")}
        earlier |= {"events": attempt.get("events"), "error": attempt.get("message")}
        yield from sample_history(earlier).readings(
            name=source.name(f"{name}_attempt_{number}"), path=source.path, form=FORMAT, model=model
        )
    history = sample_history(sample)
    if not isinstance(sample.get("messages"), list):
        history.complain(f"{name}: expected `messages` to be a list, found something else")
    yield from history.readings(name=source.name(name), path=source.path, form=FORMAT, model=model)
