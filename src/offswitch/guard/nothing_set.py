"""What programs take for "nothing is set", in a file that stands for one that is not there."""

from __future__ import annotations

from pathlib import Path

_CONTENT = {
    ".mcp.json": '{"mcpServers": {}}\n',
    "mcp.json": '{"mcpServers": {}}\n',
    "commondir": ".\n",  # of Git, which takes no empty one: all is where it is
}


def content(path: Path) -> str:
    """Return it; an empty object for other JSON files, and nothing for the rest."""
    return _CONTENT.get(path.name, "{}\n" if path.suffix == ".json" else "")
