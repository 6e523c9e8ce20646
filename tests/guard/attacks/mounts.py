"""Changing what is visible: mounts, roots, devices, and the kernel's settings."""

from __future__ import annotations

from attacks.attack import Attack, Off
from attacks.scene import Scene

_CAPTAIN = Off(where="captain")
_ROOT = Off(where="root")
_HELD = ("no capability", "filter", "rules")


def _mount(name: str, code: str) -> Attack:
    return Attack(name, _HELD, code, Scene.remounted, _CAPTAIN)


def _setting(name: str, path: str) -> Attack:
    """Open a setting for writing, and hold it: writing it would harm the machine that the tests run on."""
    return Attack(
        name,
        ("no right", "rules"),
        f"os.dup2(os.open({path!r}, os.O_WRONLY), 100)",
        lambda scene: scene.holds(path, writing=True),
        _ROOT,
    )


ATTACKS = (
    _mount(
        "mount another file over a sealed one",
        "mount(b'/etc/passwd', aim.sealed, None, 4096)",
    ),
    _mount("mount an empty folder over the work", "mount(b'none', aim.work, b'tmpfs')"),
    _mount("take a mount away", "call('umount2', b'/dev/pts', 2)"),
    _mount("change a mount's flags", "mount(None, '/', None, 32 | 4096 | 1)"),
    _mount(
        "change a mount's attributes",
        "call('mount_setattr', -100, b'/', 0, struct.pack('4Q', 8, 0, 0, 0), 32)",
    ),
    _mount(
        "move a mount made from a copy of the tree",
        """
        tree = call("open_tree", -100, b"/usr", 1)
        call("move_mount", tree, b"", -100, aim.work.encode(), 4)
        """,
    ),
    Attack(
        "begin a mount by the newer calls",
        _HELD,
        "call('fsopen', b'tmpfs', 0)",
        lambda scene: scene.holds("fscontext"),
        _CAPTAIN,
    ),
    Attack(
        "pick a mount to set it up anew",
        _HELD,
        "call('fspick', -100, b'/', 0)",
        lambda scene: scene.holds("fscontext"),
        _ROOT,
    ),
    _mount("change the root", "call('chroot', aim.work.encode())"),
    _mount(
        "swap the root for another",
        """
        call("unshare", 0x20000)
        mount(b"none", aim.work, b"tmpfs")
        os.makedirs(aim.work + "/old")
        call("pivot_root", aim.work.encode(), (aim.work + "/old").encode())
        """,
    ),
    Attack(
        "make a device",
        ("no capability", "rules"),
        "os.mknod(aim.work + '/null', 0o020666, os.makedev(1, 3))",
        Scene.made_device,
        _ROOT,
    ),
    Attack(
        "make the device that stands for a deleted file",
        ("rules",),
        "os.mknod(aim.work + '/gone', 0o020666, 0)",
        Scene.made_device,
        Off(barriers=("landlock",)),
    ),
    Attack(
        "open a disk, the memory or the kernel's log",
        ("devices of its own",),
        """
        kept = []
        for name in ("sda", "vda", "nvme0n1", "mem", "kmsg", "fuse", "kvm", "net/tun"):
            with contextlib.suppress(OSError):
                kept.append(os.open("/dev/" + name, os.O_RDONLY | os.O_NONBLOCK))
        aim.kept = kept
        """,
        lambda scene: any(
            scene.holds(f"/dev/{name}") for name in ("vda", "sda", "mem", "kmsg", "fuse", "kvm")
        ),
        _ROOT,
    ),
    _setting("have the kernel run a program when one crashes", "/proc/sys/kernel/core_pattern"),
    _setting("have the machine stop", "/proc/sys/kernel/panic"),
    _setting("let memory run out", "/proc/sys/vm/overcommit_memory"),
    _setting("have the kernel write down what setuid programs know", "/proc/sys/fs/suid_dumpable"),
    _setting("make memory lie where it can be known", "/proc/sys/kernel/randomize_va_space"),
    Attack(
        "rename the machine",
        ("no capability", "filter"),
        "call('sethostname', b'mine', 4)",
        Scene.machine_renamed,
        _CAPTAIN,
    ),
)
