"""Where in a rule's file the text stands that an error speaks of."""

from __future__ import annotations

import yaml

_SHORTEST = 3


def line_of(text: str, message: str) -> int | None:
    """Return the line of the longest piece of a YAML text that a message repeats, from 1; None if none is.

    Args:
        text: the file.
        message: what is wrong, in the words of whoever found it.
    """
    best: tuple[int, int] | None = None
    for node in _scalars(text):
        for piece in {node.value, *node.value.split("|")}:
            said = len(piece) >= _SHORTEST and piece in message
            if said and (best is None or len(piece) > best[0]):
                best = (len(piece), node.start_mark.line + 1)
    return best[1] if best is not None else None


def _scalars(text: str) -> list[yaml.ScalarNode]:
    found: list[yaml.ScalarNode] = []
    waiting: list[yaml.Node | None] = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, yaml.ScalarNode):
            found.append(node)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            waiting += [one for pair in node.value for one in pair]
    return found
