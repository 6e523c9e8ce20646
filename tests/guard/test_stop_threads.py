"""An agent without a group, one thread of which waits in vfork(2) where a signal does not reach it."""

from __future__ import annotations

import os
import select
import time

import pytest

from offswitch.guard.cell.client import Cell
from offswitch.guard.stop.tree import Tree

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

DODGES = """
import ctypes, mmap, os, signal, threading
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
libc = ctypes.CDLL(None)
os.mkfifo("/tmp/nobody-reads-this")
def works():
    deeds = os.open("/tmp/deeds", os.O_WRONLY | os.O_CREAT)
    disk, page = os.open("/bin/bash", os.O_RDONLY | os.O_DIRECT), mmap.mmap(-1, 1 << 20)
    while True:
        os.write(deeds, b"x")
        os.preadv(disk, [page], 0)
threading.Thread(target=works).start()
actions = ctypes.create_string_buffer(512)
libc.posix_spawn_file_actions_init(actions)
libc.posix_spawn_file_actions_addopen(actions, 1, b"/tmp/nobody-reads-this", os.O_WRONLY, 0)
words = (ctypes.c_char_p * 2)(b"true", None)
libc.posix_spawn(ctypes.byref(ctypes.c_int()), b"/bin/true", actions, None, words, None)
"""
"""SIGSTOP is for the first thread, which waits for its stopped child; the other one does not hear of it."""


def test_a_thread_that_the_signal_was_not_given_to_is_stopped_too(cell: Cell) -> None:
    tree = Tree(None, cell.init, cell.init_pid)
    work = cell.execute(
        ["bash", "-c", f"ulimit -t 30 -f 100000; python3 -c '{DODGES}' & sleep 1; echo up; wait"]
    )
    assert work.stdout is not None
    assert select.select([work.stdout], [], [], 20)[0]
    deeds = f"/proc/{tree.init_pid}/root/tmp/deeds"
    tree.freeze()
    frozen = tree.frozen(10)
    before = os.stat(deeds).st_size  # noqa: PTH116
    time.sleep(0.5)
    assert before > 0
    assert os.stat(deeds).st_size == before  # noqa: PTH116
    assert frozen
    for fd in (work.stdout, work.stderr, work.status):
        os.close(fd or 0)
