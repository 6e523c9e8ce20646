"""One attack under way, as the world outside sees it. Nothing here believes what the attack says."""

from __future__ import annotations

import fcntl
import os
import select
import socket
import stat
import subprocess
import termios
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attacks import outside
from attacks.ground import Ground, Victim, Witnesses
from offswitch.guard.cell.client import Cell

_WRITING = os.O_WRONLY | os.O_RDWR
_REAL_TIME = {"1", "2"}
_GONE = {"Z", "X", "0"}


@dataclass
class Scene:
    """One attack.

    Attributes:
        ground: what it is aimed at.
        victim: who.
        witnesses: who would note that it got out.
        terminal: the person's side of a terminal of the host.
        root_pid: the process from which the attacker's all descend: PID 1 of the cell, or the sacrifice.
        cell: the cell, or None for a sacrifice.
        output: what the attack wrote, as far as it is known.
        attacker: the program's process, as the host counts.
        before: what the world was before it began.
    """

    ground: Ground
    victim: Victim
    witnesses: Witnesses
    terminal: int
    root_pid: int
    cell: Cell | None = None
    output: str = ""
    attacker: int = 0
    before: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Note how the world is; the program is there, and waits."""
        there = [self.root_pid, *outside.below(self.root_pid, whole_space=self.cell is not None)]
        (self.attacker,) = [pid for pid in there if self._is_program(pid)][:1]
        self.before = {
            "others": set(there) - {self.attacker},
            "state": self.ground.state(),
            "mounts": outside.text(f"/proc/{self.attacker}/mountinfo"),
            "root": outside.root_of(self.attacker),
            "powers": self._powers(self.attacker),
            "groups": outside.text(f"/proc/{self.attacker}/cgroup"),
            "spaces": {kind: outside.namespace(self.attacker, kind) for kind in outside.NAMESPACES},
            "spared": self._spared(),
            "name": self._machine(),
        }

    def processes(self) -> list[int]:
        """Return the attacker's processes, as the host counts."""
        there = {*outside.below(self.root_pid, whole_space=self.cell is not None)}
        there |= {*outside.below(self.attacker, whole_space=False), self.attacker}
        return [pid for pid in there - self.before["others"] if outside.fields(pid)[0] not in _GONE]

    def tampered(self) -> bool:
        return bool(self.ground.state() != self.before["state"])

    def misled(self) -> bool:
        """Whether who starts in the attacker's world finds another text where the sealed file is."""
        seen = outside.text(f"/proc/{self.attacker}/root{self.ground.sealed}")
        return bool(seen != self.ground.sealed.read_text())

    def leaked(self) -> bool:
        return self.ground.token in self.output

    def harmed(self) -> bool:
        return self.victim.harmed()

    def spoken_for(self) -> bool:
        """Whether somebody has written in the victim's name."""
        return self.victim.says() != b""

    def arrived(self) -> bool:
        return self.witnesses.heard()

    def seen_on_terminal(self) -> bool:
        return bool(select.select([self.terminal], [], [], 0.05)[0])

    def remounted(self) -> bool:
        """Whether a process sees other mounts than before, or stands in another root."""
        before = (self.before["mounts"], self.before["root"])
        seen = [(outside.text(f"/proc/{pid}/mountinfo"), outside.root_of(pid)) for pid in self.processes()]
        return any(each != before for each in seen if each[1] != outside.NO_ROOT)

    def moved_into(self, kind: str) -> bool:
        """Whether a process has come into another namespace of this kind."""
        found = {outside.namespace(pid, kind) for pid in self.processes()} - {""}
        return bool(found - {self.before["spaces"][kind]})

    def empowered(self) -> bool:
        """Whether a process has come to a capability, or to be another user of the host."""
        powers, users = self.before["powers"]
        found = [self._powers(pid) for pid in self.processes()]
        return any(more & ~powers or others - users for more, others in found)

    def regrouped(self) -> bool:
        """Whether a process has left the control groups it was put in."""
        found = {outside.text(f"/proc/{pid}/cgroup") for pid in self.processes()} - {""}
        return found != {self.before["groups"]}

    def holds(self, name: str, *, writing: bool = False, most: int = 0) -> bool:
        """Whether more than so many descriptors lead to something of this name (open for writing)."""
        found = [
            (pid, fd)
            for pid in self.processes()
            for fd, target in outside.descriptors(pid)
            if name in target and (not writing or outside.flags(pid, fd) & _WRITING)
        ]
        return len(found) > most

    def has_socket(self, family: int) -> bool:
        """Whether a process holds a socket of this family."""
        for pid in self.processes():
            for fd, target in outside.descriptors(pid):
                if target.startswith("socket:"):
                    with outside.taken(pid, fd) as ours, socket.socket(fileno=os.dup(ours)) as copy:
                        if copy.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN) == family:
                            return True
        return False

    def typed(self) -> bool:
        """Whether the terminal that is the attacker's descriptor 100 has input to read."""
        if all(fd != 100 for fd, _ in outside.descriptors(self.attacker)):
            return False
        with outside.taken(self.attacker, 100) as ours:
            return any(fcntl.ioctl(ours, termios.FIONREAD, bytes(4)))

    def runs(self, name: str) -> bool:
        """Whether a process runs a file of this name."""
        return any(name in outside.link(f"/proc/{pid}/exe") for pid in self.processes())

    def personality(self, flag: int) -> bool:
        return bool(int(outside.text(f"/proc/{self.attacker}/personality"), 16) & flag)

    def left_setuid(self) -> bool:
        files = [path.lstat().st_mode for path in self.ground.work.iterdir()]
        return any(mode & (stat.S_ISUID | stat.S_ISGID) for mode in files)

    def made_device(self) -> bool:
        return any(stat.S_ISCHR(path.lstat().st_mode) for path in self.ground.work.iterdir())

    def goes_first(self) -> bool:
        """Whether it has a real-time priority, or a negative nice value."""
        found = outside.fields(self.attacker)
        return found[38] in _REAL_TIME or int(found[16]) < 0

    def spared(self) -> bool:
        return bool(self._spared() < self.before["spared"])

    def machine_renamed(self) -> bool:
        return bool(self._machine() != self.before["name"])

    def has_an_address(self) -> bool:
        """Whether its network has an address that it was not given."""
        return "10.9.8.7" in outside.text(f"/proc/{self.attacker}/net/fib_trie")

    def threads(self) -> int:
        return sum(int(outside.status(pid).get("Threads", "0")) for pid in self.processes())

    def memory(self) -> int:
        """Return the bytes of the process that has most."""
        found = [outside.status(pid).get("VmRSS", "0 kB").split()[0] for pid in self.processes()]
        return max(map(int, found)) * 1024

    def stored(self, path: str) -> int:
        """Return the bytes of a file as the attacker sees it."""
        try:
            return Path(f"/proc/{self.attacker}/root{path}").stat().st_size
        except OSError:
            return 0

    def _is_program(self, pid: int) -> bool:
        line = outside.text(f"/proc/{pid}/cmdline").split("\0")
        return line[0].endswith("python3") and line[2:3] != [] and line[2].endswith("attack.py")

    def _powers(self, pid: int) -> tuple[int, set[str]]:
        found = outside.status(pid)
        return int(found.get("CapEff", "0"), 16), set(found.get("Uid", "").split())

    def _spared(self) -> int:
        return int(outside.text(f"/proc/{self.attacker}/oom_score_adj") or 0)

    def _machine(self) -> str:
        argv = ["nsenter", "-t", str(self.attacker), "-u", "hostname"]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout
