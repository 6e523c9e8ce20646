"""Using up what the machine has: processes, memory, disk, descriptors, and what all its users share."""

from __future__ import annotations

from attacks.attack import Attack, Off
from offswitch.guard.cell.starting import Limits

_ROOMY = Off(limits=Limits(memory=1024 * 1024**2, pids=600), storage=128 * 1024**2)
_STRANGER = Off(where="stranger")

ATTACKS = (
    Attack(
        "start more processes than there may be",
        ("limit of processes",),
        """
        with contextlib.suppress(OSError):
            for _ in range(200):
                if os.fork() == 0:
                    time.sleep(20)
                    os._exit(0)
        """,
        lambda scene: len(scene.processes()) > 120,
        _ROOMY,
    ),
    Attack(
        "start more threads than there may be",
        ("limit of processes",),
        """
        import threading
        threading.stack_size(65536)
        with contextlib.suppress(RuntimeError):
            for _ in range(200):
                threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        """,
        lambda scene: scene.threads() > 120,
        _ROOMY,
    ),
    Attack(
        "use more memory than there may be",
        ("limit of memory",),
        """
        def use():
            aim.kept = bytearray(300 * 1024**2)
        aside(use)
        """,
        lambda scene: scene.memory() > 240 * 1024**2,
        _ROOMY,
    ),
    Attack(
        "fill the scratch folder",
        ("size of the scratch folders",),
        "open('/tmp/big', 'wb').write(bytes(40 * 1024**2))",
        lambda scene: scene.stored("/tmp/big") > 20 * 1024**2,  # noqa: S108 (of the cell)
        _ROOMY,
    ),
    Attack(
        "fill the folder of shared memory",
        ("size of the scratch folders",),
        "open('/dev/shm/big', 'wb').write(bytes(40 * 1024**2))",
        lambda scene: scene.stored("/dev/shm/big") > 20 * 1024**2,  # noqa: S108
        _ROOMY,
    ),
    Attack(
        "fill memory by a folder of devices",
        ("read-only mount",),
        "open('/dev/big', 'wb').write(bytes(40 * 1024**2))",
        lambda scene: scene.stored("/dev/big") > 20 * 1024**2,
        Off(where="captain"),
    ),
    Attack(
        "watch more files than a user may",
        ("limit of its namespace",),
        """
        with contextlib.suppress(OSError):
            aim.kept = [libc.inotify_init() for _ in range(60)]
        """,
        lambda scene: scene.holds("inotify", most=40),
        _STRANGER,
    ),
    Attack(
        "hold more files than a program may",
        ("limit of descriptors",),
        """
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        with contextlib.suppress(OSError):
            aim.kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(6000)]
        """,
        lambda scene: scene.holds("/dev/null", most=5000),
        _STRANGER,
    ),
    Attack(
        "queue more messages than a user may",
        ("limit of message queues",),
        """
        about = struct.pack("4q", 0, 10, 8192, 0) + bytes(32)
        number = {"x86_64": 240, "aarch64": 180}[os.uname().machine]
        for each_ in range(8):
            kernel(number, b"queue%d-%d" % (os.getpid(), each_), os.O_CREAT | os.O_RDWR, 0o600, about)
            libc.mq_unlink(b"/queue%d-%d" % (os.getpid(), each_))
        """,
        lambda scene: scene.holds("/queue", most=3),
        _STRANGER,
    ),
    Attack(
        "write down what a crashing program knows",
        ("limit of core files",),
        """
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        if os.fork() == 0:
            os.chdir(aim.work)
            os.abort()
        os.wait()
        """,
        lambda scene: any(scene.ground.work.glob("core*")),
        Off(where="root"),
    ),
)
