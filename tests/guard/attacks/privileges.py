"""Gaining rights: setuid programs, capabilities, namespaces, priorities, rights left behind for others."""

from __future__ import annotations

import os

from attacks import outside
from attacks.attack import Attack, Off
from attacks.scene import Scene

_STRANGER = Off(where="stranger")
_CAPTAIN = Off(where="captain")
_ROOT = Off(where="root")
_UNFILTERED = Off(barriers=("seccomp",))
_UNRULED = Off(barriers=("landlock",))
_NEW_USERS = 0x10000000
_MAY_SPARE = bool(int(outside.status(os.getpid())["CapEff"], 16) >> 24 & 1)
"""Whether this machine's root has CAP_SYS_RESOURCE; without it the kernel remembers no lower bound."""


def _new_users(scene: Scene) -> bool:
    return scene.moved_into("user")


ATTACKS = (
    Attack(
        "run a setuid program",
        ("no_new_privs", "nosuid mounts", "namespace of users"),
        """
        aside(lambda: os.execv(aim.setuid, ["sleep", "60"]))
        """,
        Scene.empowered,
        _STRANGER,
    ),
    Attack(
        "run a program that has capabilities",
        ("no_new_privs", "nosuid mounts"),
        """
        aside(lambda: os.execv(aim.capable, ["sleep", "60"]))
        """,
        Scene.empowered,
        _STRANGER,
    ),
    Attack(
        "become another user",
        ("no capability",),
        """
        users = (0, 1000, 65534)
        aside(lambda: each([lambda uid=uid: os.setresuid(uid, uid, uid) for uid in users]))
        """,
        Scene.empowered,
        _ROOT,
    ),
    Attack(
        "make a namespace of users",
        ("filter", "none may be made"),
        f"call('unshare', {_NEW_USERS})",
        _new_users,
        _STRANGER,
    ),
    Attack(
        "be born in a namespace of users",
        ("filter", "none may be made"),
        f"""
        if call("clone", {_NEW_USERS} | signal.SIGCHLD, 0, 0, 0, 0) == 0:
            time.sleep(20)
            os._exit(0)
        """,
        _new_users,
        _STRANGER,
    ),
    Attack(
        "be born in a namespace of users, with the flags out of sight",
        ("filter", "none may be made"),
        f"""
        fields = [0] * 11
        fields[0], fields[4] = {_NEW_USERS}, signal.SIGCHLD
        if kernel(435, struct.pack("11Q", *fields), 88) == 0:
            time.sleep(20)
            os._exit(0)
        """,
        _new_users,
        _STRANGER,
    ),
    Attack(
        "make a namespace of mounts",
        ("filter", "no capability"),
        "call('unshare', 0x20000)",
        lambda scene: scene.moved_into("mnt"),
        _CAPTAIN,
    ),
    Attack(
        "come into another namespace of processes",
        ("filter", "no capability"),
        """
        call("unshare", 0x20000000)
        if os.fork() == 0:
            time.sleep(20)
        """,
        lambda scene: scene.moved_into("pid"),
        _CAPTAIN,
    ),
    Attack(
        "leave a setuid program behind",
        ("filter",),
        """
        open(aim.work + "/tool", "wb").write(open("/usr/bin/sleep", "rb").read())
        os.chmod(aim.work + "/tool", 0o4755)
        """,
        Scene.left_setuid,
        _UNFILTERED,
    ),
    Attack(
        "make a setuid program at once",
        ("filter",),
        """
        fd = os.open(aim.work + "/tool", os.O_CREAT | os.O_WRONLY, 0o6755)
        os.write(fd, b"#!/bin/sh\\n")
        os.fchmod(fd, 0o6755)
        """,
        Scene.left_setuid,
        _UNFILTERED,
    ),
    Attack(
        "make a setuid program by a call with its mode out of sight",
        ("filter",),
        """
        how = struct.pack("QQQ", os.O_CREAT | os.O_WRONLY, 0o6755, 0)
        kernel(437, -100, (aim.work + "/tool").encode(), how, len(how))
        """,
        Scene.left_setuid,
        _UNFILTERED,
    ),
    Attack(
        "make a setuid program by newer calls",
        ("filter",),
        """
        open(aim.work + "/tool", "w").close()
        kernel(452, -100, (aim.work + "/tool").encode(), 0o4755, 0)
        """,
        Scene.left_setuid,
        _UNFILTERED,
    ),
    Attack(
        "make a setuid pipe",
        ("filter",),
        "os.mkfifo(aim.work + '/tool', 0o4755)",
        Scene.left_setuid,
        _UNFILTERED,
    ),
    Attack(
        "go before all others for the processor",
        ("no capability", "limit of real-time priority"),
        "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))",
        Scene.goes_first,
        _ROOT,
    ),
    Attack(
        "go before others by a negative nice value",
        ("no capability", "limit of nice values"),
        "os.setpriority(os.PRIO_PROCESS, 0, -20)",
        Scene.goes_first,
        _ROOT,
    ),
    Attack(
        "be spared when memory runs out",
        ("rules", "no capability"),
        "each([lambda least=least: write('/proc/self/oom_score_adj', least) for least in ('0', '-1000')])",
        Scene.spared,
        _ROOT if _MAY_SPARE else _UNRULED,
    ),
)
