"""Inspect's `.json` logs: one document, read sample by sample."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.trace.readers.documents import piece
from offswitch.trace.readers.fields import mapping, text
from offswitch.trace.readers.format import Source
from offswitch.trace.readers.head import Head
from offswitch.trace.readers.inspect_runs import FORMAT, sample_runs
from offswitch.trace.readers.json_text import BrokenError
from offswitch.trace.readers.structure import slices
from offswitch.trace.reading import Reading, Unreadable


class InspectJson:
    """Reads a log however large; of one that was cut short, the samples that are whole."""

    name = FORMAT

    def recognise(self, head: Head) -> bool:
        """Say whether it is the record of an evaluation."""
        return head.has_document("status", "eval.task", "eval.model") or head.has_document(
            "version", "eval.run_id", "eval.task"
        )

    def read(self, source: Source) -> Iterator[Reading]:
        """Yield a run a sample and epoch."""
        model = ""
        wanted = slices(source.file, whole=frozenset({"eval"}), each=frozenset({"samples"}))
        for key, start, end in wanted:
            try:
                value = mapping(piece(source.file, start, end))
            except BrokenError as error:
                yield Unreadable(source.path, None, f"{key} at byte {start + 1}: {error}")
                continue
            if key == "eval":
                model = text(value.get("model"))
            else:
                yield from sample_runs(source, value, model)
