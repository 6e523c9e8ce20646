"""The world that attacks are aimed at: files, a victim, and witnesses that note who reaches them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from offswitch.guard.policy.model import Files, Limits, Network, Policy

MEMORY_MB, PROCESSES, SCRATCH_MB = 192, 64, 16
_VICTIM = "import sys, time, os; word = os.environ['TOKEN']; print(id(word), flush=True); sys.stdin.read()"
_IPC_CREAT, _IPC_RMID, _WORLD = 0o1000, 0, 0o666
_SEGMENT = 4096
_SECONDS = 5.0
_CAPABLE = struct.pack("<5I", 0x02000001, 1 << 13 | 1 << 7, 0, 0, 0)
"""Attribute of a file that gives CAP_NET_RAW and CAP_SETUID (capabilities(7))."""


class Ground:
    """What is aimed at.

    Attributes:
        work: the agent's work folder.
        guard: a folder of the guard's: policy, receipt, key, stop socket.
        token: the secret that must not come out.
        home: a person's.
        server: of the host; the policy names it, by a name.
        policy: under which the agent runs.
    """

    def __init__(self, folder: Path, token: str = "", *, root: bool = False) -> None:
        self.work, self.guard, self.home = (folder / name for name in ("work", "guard", "home"))
        self.token = token or "secret-" + secrets.token_hex(12)
        self.sealed = self.work / "settings.json"
        self.hook = self.work / ".agent/hooks/hook.sh"
        self.hidden = self.work / ".env"
        self.private = self.work / "private"
        self.key, self.receipt = self.guard / "key", self.guard / "receipt.json"
        self.policy_file = self.guard / "offswitch.yaml"
        self.tools = folder / "tools"
        self.server = socket.create_server(("127.0.0.1", 0))
        self._make()
        self.policy = Policy(
            files=Files(
                readable=(str(self.tools),),
                sealed=("settings.json", ".agent/hooks/"),
                hidden=(".env", "private"),
                open=(".git", "refs"),
            ),
            network=Network(hosts=("example.org", f"localhost:{self.server.getsockname()[1]}")),
            limits=Limits(memory_mb=MEMORY_MB, processes=PROCESSES, scratch_mb=SCRATCH_MB),
            root_inside=root,
        )

    def _make(self) -> None:
        for path in (self.hook, self.private / "key", self.key, self.home / ".ssh/authorized_keys"):
            path.parent.mkdir(parents=True, exist_ok=True)
        (self.home / ".bashrc").write_text("PS1='$ '\n")
        (self.home / ".ssh/authorized_keys").write_text("ssh-ed25519 AAAA person\n")
        self.guard.chmod(0o755)
        self.sealed.write_text('{"approval": "always"}')
        self.hook.write_text("exit 2\n")
        self.receipt.write_text("{}")
        self.policy_file.write_text("base: plain\n")
        (self.work / "notes.txt").write_text("notes")
        for secret in (self.hidden, self.private / "key", self.key):
            secret.write_text(self.token)
        self._make_tools()
        with contextlib.suppress(OSError):
            Path("/dev/kmsg").write_text(self.token)

    def _make_tools(self) -> None:
        """Make a program that is setuid, and one that has capabilities."""
        self.tools.mkdir(exist_ok=True)
        for name in ("setuid", "capable"):
            shutil.copy("/usr/bin/sleep", self.tools / name)
            (self.tools / name).chmod(0o4755 if name == "setuid" else 0o755)
        with contextlib.suppress(OSError):
            os.setxattr(self.tools / "capable", "security.capability", _CAPABLE)

    def clear(self) -> None:
        """Remove what an attack has left in the work folder."""
        known = {"settings.json", ".agent", ".env", "private", "notes.txt"}
        for path in self.work.iterdir():
            if path.name not in known:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def close(self) -> None:
        self.server.close()

    def handle(self) -> tuple[int, str]:
        """Return the key's number in its file system, as open_by_handle_at(2) takes it."""
        room = ctypes.create_string_buffer(struct.pack("Ii", 120, 0), 128)
        number = ctypes.c_int()
        ctypes.CDLL(None).name_to_handle_at(-100, str(self.key).encode(), room, ctypes.byref(number), 0)
        length, kind = struct.unpack_from("Ii", room.raw)
        return kind, room.raw[8 : 8 + length].hex()

    def state(self) -> dict[str, Any]:
        """Return all that may be seen of what must not change: by path, and by what it holds."""
        folders = [self.sealed, self.work / ".agent", self.guard, self.home]
        paths = [path for place in folders for path in (place, *sorted(place.rglob("*")))]
        return {str(path): _look(path) for path in paths if not path.is_socket()}


def _look(path: Path) -> Any:
    try:
        found = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as gone:
        return gone.errno
    times = () if path.is_dir() else (found.st_mtime_ns, found.st_ctime_ns)
    return found.st_ino, found.st_mode, found.st_uid, found.st_nlink, times, content, names


class Witnesses:
    """Listeners outside: on the host's loopback, by abstract name, and in a file; `heard` says who came."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._tcp = ground.server.dup()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._abstract, self._file = (socket.socket(socket.AF_UNIX) for _ in range(2))
        self.name = f"witness-{secrets.token_hex(8)}"
        self.path = ground.guard / "stop.sock"
        self._abstract.bind("\0" + self.name)
        self._file.bind(str(self.path))
        self.path.chmod(0o777)
        self.ports = self._tcp.getsockname()[1], self._udp.getsockname()[1]
        self.streams = [self._tcp, self._abstract, self._file]
        for listener in (*self.streams, self._udp):
            listener.settimeout(0)
        for listener in self.streams:
            listener.listen()
        self.heard()  # who came to the server before

    def heard(self) -> bool:
        """Whether anybody has come since the last look."""
        came = False
        for listener in self.streams:
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                came = True
        with contextlib.suppress(BlockingIOError):
            came |= bool(self._udp.recv(100))
        return came

    def pass_a_descriptor(self) -> None:
        """Pass the key's descriptor to who has come to the file."""
        self._file.settimeout(_SECONDS)
        with contextlib.suppress(OSError), self._file.accept()[0] as caller, self._ground.key.open() as key:
            socket.send_fds(caller, [b"x"], [key.fileno()])

    def close(self) -> None:
        for listener in (*self.streams, self._udp):
            listener.close()
        self.path.unlink(missing_ok=True)


class Victim:
    """A process of the host that has the attacker's own user; it has the token in its memory and environment.

    Attributes:
        pid: its number.
        address: where in its memory the token is.
    """

    def __init__(self, token: str, uid: int, gid: int) -> None:
        self._process = subprocess.Popen(
            ["/usr/bin/python3", "-I", "-c", _VICTIM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"TOKEN": token},
            user=uid,
            group=gid,
            extra_groups=[],
            process_group=0,
        )
        self.pid = self._process.pid
        assert self._process.stdout is not None
        os.fchown(self._process.stdout.fileno(), uid, gid)
        self.address = int(self._process.stdout.readline())
        self._token = token
        self._before = self._state()

    def harmed(self) -> bool:
        """Whether anything of it is not as it was."""
        try:
            return self._state() != self._before
        except OSError:  # it is gone, or about to be
            return True

    def _state(self) -> Any:
        proc = Path("/proc", str(self.pid))
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":\t", 1) for line in (proc / "status").read_text().splitlines())
        signs = [status[name] for name in ("TracerPid", "SigPnd", "ShdPnd", "Cpus_allowed", "Threads")]
        memory = (proc / "mem").open("rb")
        with memory:
            memory.seek(self.address)
            word = memory.read(128)
        stopped = fields[0] in "Tt"
        limits = (proc / "limits").read_text(), (proc / "oom_score_adj").read_text()
        return stopped, fields[15:17], signs, self._token.encode() in word, limits

    def says(self) -> bytes:
        """Return what was written to its output since it began."""
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        return self._process.stdout.read() or b""

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def shared_memory(text: str) -> Iterator[int]:
    """Have a segment of shared memory, open to all, with a text in it; yield its key."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    key = secrets.randbelow(1 << 30) + 1
    segment = libc.shmget(key, _SEGMENT, _IPC_CREAT | _WORLD)
    place = libc.shmat(segment, None, 0)
    ctypes.memmove(place, text.encode(), len(text))
    try:
        yield key
    finally:
        libc.shmctl(segment, _IPC_RMID, None)
        libc.shmdt(ctypes.c_void_p(place))


@contextlib.contextmanager
def beating(beat: Any) -> Iterator[None]:
    """Do something every tenth of a second."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.1):
            beat()

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
