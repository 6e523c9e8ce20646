"""Reads one sample of an Inspect log without its conversation."""

from __future__ import annotations

from zipfile import ZipFile

import msgspec
from inspect_ai.log import EvalSample, EvalSampleSummary, read_eval_log_sample
from pydantic import ValidationError

_BULKY = {"messages", "events", "events_data", "attachments", "store"}


def read_sample(path: str, summary: EvalSampleSummary) -> EvalSample:
    """Return a sample; what is bulky is left out of it.

    Inspect's own reader takes every word of the conversation into its hands to leave it out, 4.4 ms for a
    sample of 69 KB; this takes 0.3. It knows how a log is laid out: where one is laid out otherwise, Inspect
    reads it.

    Args:
        path: of the log, in the format "eval".
        summary: of the sample.

    Raises:
        OSError: and whatever else Inspect's `read_eval_log_sample` raises, if it cannot be read.
    """
    try:
        with ZipFile(path) as log:
            content = log.read(f"samples/{summary.id}_epoch_{summary.epoch}.json")
        parts = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        kept = {name: msgspec.json.decode(part) for name, part in parts.items() if name not in _BULKY}
        return EvalSample.model_validate(kept)
    except (KeyError, NotImplementedError, msgspec.DecodeError, ValidationError):
        return read_eval_log_sample(path, summary.id, summary.epoch, exclude_fields=_BULKY, format="eval")
