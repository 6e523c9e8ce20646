"""Getting at what is hidden: keys, the guard's folder, its environment, what other programs keep."""

from __future__ import annotations

from attacks.attack import Attack, Off
from attacks.scene import Scene

_SHOWN = Off(world="hidden")
_SEEN = Off(world="unseen")
_STRANGER = Off(where="stranger")


def _hidden(name: str, code: str) -> Attack:
    return Attack(name, ("an empty mount over it",), code, Scene.leaked, _SHOWN)


def _unseen(name: str, code: str) -> Attack:
    return Attack(name, ("not mounted",), code, Scene.leaked, _SEEN)


def _read_for_the_host(scene: Scene) -> str:
    """Read, as the guard does for a host, a file that the agent has replaced by a link."""
    import os  # noqa: PLC0415

    from in_cell import await_result  # noqa: PLC0415

    if scene.cell is None:
        return ""
    work = scene.cell.read(str(scene.ground.work / "answer"), 10_000)
    await_result(work)
    assert work.stdout is not None
    try:
        return os.read(work.stdout, 10_000).decode(errors="replace")
    finally:
        os.close(work.stdout)


ATTACKS = (
    _hidden("read a hidden file", "read(aim.hidden)"),
    _hidden("read a file in a hidden folder", "read(aim.private + '/key')"),
    _hidden("read a hidden file by another name of the root", "read('/proc/self/root' + aim.hidden)"),
    _hidden(
        "move a hidden folder and read it there",
        """
        os.rename(aim.private, aim.work + "/moved")
        read(aim.work + "/moved/key")
        """,
    ),
    _hidden(
        "link a hidden file and read that",
        """
        os.link(aim.hidden, aim.work + "/alias")
        read(aim.work + "/alias")
        """,
    ),
    _hidden(
        "read a hidden file by a renamed copy of a program",
        """
        import shutil
        shutil.copy("/usr/bin/cat", "/tmp/notes")
        print(subprocess.run(["/tmp/notes", aim.hidden], capture_output=True).stdout)
        """,
    ),
    _hidden(
        "read a hidden file by a program that the loader starts",
        """
        import glob
        loader = (glob.glob("/lib64/ld-linux*") + glob.glob("/lib/ld-linux*"))[0]
        print(subprocess.run([loader, "/usr/bin/cat", aim.hidden], capture_output=True).stdout)
        """,
    ),
    _unseen("read the guard's key", "read(aim.key)"),
    _unseen("read the guard's key by the folders above", "read(aim.work + '/../guard/key')"),
    Attack(
        "read the guard's key by the root of PID 1",
        ("not mounted", "rules"),
        "each([lambda: read('/proc/1/root' + aim.key), lambda: read('/proc/1/cwd' + aim.key)])",
        Scene.leaked,
        Off(world="unseen", barriers=("landlock",)),
        users=("user",),  # whose PID 1 is; root's it is not
    ),
    Attack(
        "have the guard read its own key by a link",
        ("not mounted", "the guard reads inside, with the agent's rights"),
        """
        os.symlink(aim.key, aim.work + "/answer")
        print("ready", flush=True)
        """,
        Scene.leaked,
        _SEEN,
        users=("user",),
        meanwhile=_read_for_the_host,
    ),
    Attack(
        "read the guard's environment",
        ("process namespace",),
        "each([lambda pid=pid: read(f'/proc/{pid}/environ') for pid in aim.victims])",
        Scene.leaked,
        _STRANGER,
    ),
    Attack(
        "read every environment there is",
        ("process namespace",),
        "each([lambda name=name: read(f'/proc/{name}/environ') for name in os.listdir('/proc')])",
        Scene.leaked,
        _STRANGER,
    ),
    Attack(
        "read the guard's memory",
        ("process namespace",),
        """
        with open(f"/proc/{aim.victim}/mem", "rb") as memory:
            memory.seek(aim.address)
            print(memory.read(200))
        """,
        Scene.leaked,
        _STRANGER,
    ),
    Attack(
        "read the guard's memory by process_vm_readv",
        ("process namespace", "filter"),
        """
        room = ctypes.create_string_buffer(200)
        ours = (ctypes.c_ulong * 2)(ctypes.addressof(room), 200)
        theirs = (ctypes.c_ulong * 2)(aim.address, 200)
        call("process_vm_readv", aim.victim, ours, 1, theirs, 1, 0)
        print(room.raw)
        """,
        Scene.leaked,
        _STRANGER,
    ),
    Attack(
        "read the guard's files by its root",
        ("process namespace",),
        "each([lambda pid=pid: read(f'/proc/{pid}/root{aim.hidden}') for pid in aim.victims])",
        Scene.leaked,
        _STRANGER,
    ),
    Attack(
        "read shared memory of the host",
        ("namespace of shared memory",),
        """
        libc.shmat.restype = ctypes.c_void_p
        segment = libc.shmget(aim.segment, 0, 0)
        if segment < 0:
            raise OSError(ctypes.get_errno(), "no such segment")
        print(ctypes.string_at(libc.shmat(segment, None, 0o10000), 100))
        """,
        Scene.leaked,
        _STRANGER,
    ),
    Attack(
        "read the kernel's log",
        ("filter",),
        """
        room = ctypes.create_string_buffer(1 << 20)
        call("syslog", 3, room, len(room))
        print(room.value.decode(errors="replace")[-60_000:])
        """,
        Scene.leaked,
        Off(where="root"),
    ),
    Attack(
        "open the key by its number in the file system",
        ("filter", "no capability"),
        """
        folder = os.open(aim.work, os.O_RDONLY)
        kind, number = aim.handle
        head = struct.pack("Ii", len(number) // 2, kind)
        handle = ctypes.create_string_buffer(head + bytes.fromhex(number))
        print(os.read(call("open_by_handle_at", folder, handle, os.O_RDONLY), 100))
        """,
        Scene.leaked,
        Off(where="root"),
    ),
    Attack(
        "take a key out of the session's keyring",
        ("filter", "a keyring of its own"),
        """
        room = ctypes.create_string_buffer(100)
        number = call("keyctl", 10, -3, b"user", aim.keyname.encode(), 0)
        call("keyctl", 11, number, room, 100)
        print(room.value)
        """,
        Scene.leaked,
        _STRANGER,
    ),
    Attack(
        "find a descriptor that the guard left open",
        ("close-on-exec",),
        """
        for fd in range(3, 4096):
            with contextlib.suppress(OSError):
                print(os.pread(fd, 100, 0))
        """,
        Scene.leaked,
        _STRANGER,
    ),
)
