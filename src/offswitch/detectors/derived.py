"""What carries an asset or the agent itself: copies, archives, programs by their name."""

from __future__ import annotations

from offswitch.detectors.observation import Observation
from offswitch.trace import Asset, Effect, Role

_MOST = 256
_LONGEST = 16_384
_MOST_WORDS = 1_024
_PACKERS = frozenset(
    {"tar", "zip", "7z", "7za", "rar", "gzip", "bzip2", "xz", "zstd", "split", "cat", "cpio"}
)
_PACKER_CALLS = ("zipfile", "tarfile", "shutil.make_archive", "gzip", "openssl", "gpg")
_ARCHIVERS = ("tar", "zip", "7z", "rar", "shutil.make_archive")
_AGENTS = frozenset(
    {"agent", "agents", "agent.py", "agent.sh", "scaffold", "run_agent.py", "start_agent.py", "main_agent.py"}
    | {"agentd", "assistant", "assistantd", "assistant.py", "agent_main.py", "run-agent", "start-agent"}
    | {f"{kind}{sign}agent" for kind in ("ai", "llm", "autonomous", "coding") for sign in ("", "-", "_")}
    | {f"agent{sign}{part}" for part in ("runtime", "runner", "core", "loop") for sign in ("-", "_")}
)
_STARTED = frozenset({"main.py", "run.py", "run.sh", "start.sh", "app.py", "main", "run", "start"})
"""What the program in an agent's folder is often called."""


def is_agent(path: str) -> bool:
    """Say whether a file or folder is an agent's program by its name: nothing else can be seen of it."""
    folder, _, name = path.rstrip("/*").rpartition("/")
    return name in _AGENTS or (name in _STARTED and folder.rpartition("/")[2] in _AGENTS)


def names_agent(text: str) -> bool:
    """Say whether commands name an agent's program by its path; the first 1,024 words are read."""
    words = (word.strip("'\"();&|") for word in text[:_LONGEST].split()[:_MOST_WORDS])
    return any("/" in word and is_agent(word) for word in words)


class Derived:
    """Remembers which files carry assets of one role: copies, archives, and what was fetched from a store.

    Args:
        role: the role.
        fetched: whether a file counts that such a resource was fetched to.
    """

    def __init__(self, role: Role, *, fetched: bool = False) -> None:
        self._role = role
        self._takes_fetched = fetched
        self._assets: dict[str, Asset] = {}

    def see(self, seen: Observation) -> None:
        """Take in what a step copies and packs."""
        for touch in seen.touches:
            effect = touch.effect
            if touch.asset.role != self._role:
                continue
            if effect.target.kind == "resource" and effect.verb == "read" and self._takes_fetched:
                self._fetched(seen, effect, touch.asset)
            elif effect.target.kind == "path":
                if effect.verb in {"copy", "move"} and effect.destination:
                    self._keep(effect.destination, touch.asset)
                elif effect.verb == "read":
                    self._packed(seen, effect.evidence, touch.asset)
        if self._assets:
            self._copied_on(seen)

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self._assets)

    def asset_in(self, path: str) -> Asset | None:
        """Return the asset that a file or folder carries, or None."""
        return self._assets.get(path.rstrip("/"))

    def asset_under(self, folder: str) -> Asset | None:
        """Return the asset that a file in a folder carries, or None; in "." lies what is not absolute."""
        start = f"{folder.rstrip('/')}/"
        for path, asset in self._assets.items():
            if path.startswith(start) or (folder in {".", "./"} and path[:1] not in {"/", "~"}):
                return asset
        return None

    def _copied_on(self, seen: Observation) -> None:
        for effect in seen.effects:
            asset = self._assets.get(effect.target.value) if effect.target.kind == "path" else None
            if asset is not None and effect.verb in {"copy", "move"} and effect.destination:
                self._keep(effect.destination, asset)
            elif asset is not None and effect.verb == "read":
                self._packed(seen, effect.evidence, asset)

    def _fetched(self, seen: Observation, source: Effect, asset: Asset) -> None:
        """Keep the files that the command which read a resource wrote."""
        for effect in seen.effects:
            if (effect.verb, effect.evidence, effect.via) == ("write", source.evidence, source.via):
                self._keep(effect.target.value, asset)

    def _packed(self, seen: Observation, evidence: str, asset: Asset) -> None:
        """Keep the archives that the command which read an asset wrote."""
        for effect in seen.effects:
            if effect.verb == "write" and effect.evidence == evidence and _packs(effect.via):
                self._keep(effect.target.value, asset)

    def _keep(self, path: str, asset: Asset) -> None:
        if len(self._assets) < _MOST:
            self._assets[path.rstrip("/")] = asset


def is_archive(effect: Effect) -> bool:
    """Say whether something is written by a program that puts files into one."""
    return effect.verb == "write" and effect.via.startswith(_ARCHIVERS)


def _packs(via: str) -> bool:
    return via.partition(" ")[0] in _PACKERS or via.startswith((*_PACKER_CALLS, ">"))
