"""What stands around the code of every attack. It is text: it runs inside only."""

from __future__ import annotations

import textwrap

KIT = """
import array, contextlib, ctypes, fcntl, json, mmap, os, resource, select, signal, socket, struct
import subprocess, sys, time

class Aim:
    def __init__(self, fields):
        self.__dict__.update(fields)

aim = Aim(json.loads(sys.argv[1]))
libc = ctypes.CDLL(None, use_errno=True)

def kernel(number, *arguments):
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    found = libc.syscall(ctypes.c_long(number), *wide)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found

def call(name, *arguments):
    return kernel(aim.calls[name], *arguments)

def mount(source, target, kind=None, flags=0, data=None):
    return call("mount", source, target.encode(), kind, flags, data)

def each(acts):
    for act in acts:
        try:
            act()
        except OSError as refusal:
            print(refusal)

def aside(act):
    # has another process do something; comes back when it has, could not, or has become another program
    heard, tell = os.pipe()
    other = os.fork()
    if other == 0:
        try:
            act()
        except BaseException as refusal:
            print("refused:", type(refusal).__name__, refusal, flush=True)
            os.write(tell, b"-")
            os._exit(1)
        os.write(tell, b"+")
        time.sleep(60)
        os._exit(0)
    os.close(tell)
    if os.read(heard, 1) == b"-":
        os.waitpid(other, 0)

def over():
    # whether somebody outside has done what he does meanwhile
    return bool(select.select([sys.stdin], [], [], 0)[0])

def read(path):
    with open(path, "rb") as file:
        print(file.read(100_000).decode(errors="replace"))

def write(path, text="changed"):
    fd = os.open(path, os.O_WRONLY)
    os.write(fd, text.encode())
"""

_AROUND = """
def attack():
{code}

print("started", flush=True)
sys.stdin.readline()
try:
    attack()
except BaseException as refusal:
    print("refused:", type(refusal).__name__, refusal)
print("done", flush=True)
sys.stdin.read()
"""


def source(code: str) -> str:
    """Return the program of an attack."""
    return KIT + _AROUND.format(code=textwrap.indent(textwrap.dedent(code), "    "))
