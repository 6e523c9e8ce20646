"""Prints the entries below some folders as JSON. Its arguments: the folders."""

import os
import stat
import sys

try:  # a third of the time that `json` and `hashlib` take to start, and this is started after many turns
    from _json import encode_basestring_ascii as quoted
    from _sha256 import sha256
except ImportError:  # Python 3.12 and later
    from hashlib import sha256
    from json import dumps as quoted

MOST_ENTRIES = 20000
MOST_TEXT = 65536
MOST_TEXTS = 2 * 1024 * 1024
MOST_HASHED = 16 * 1024 * 1024

entries = {}
room = {"text": MOST_TEXTS, "hash": 4 * MOST_HASHED}


def hidden(failure):
    """Note that something is there that cannot be looked into; what has gone in the meantime is not there."""
    if not isinstance(failure, (FileNotFoundError, NotADirectoryError)):
        entries.setdefault("", {"kind": "other", "text": "hidden"})


def cut():
    """Note that there is more than is looked at, and leave the file out: what is known of it stands."""
    entries[""] = {"kind": "other", "text": "cut"}
    raise OSError("too much to read")


def marked(path):
    """Say whether a file has attributes of its own: they could hold what a look at it does not show."""
    try:
        return any(name.startswith("user.") for name in os.listxattr(path, follow_symlinks=False))
    except OSError:
        return False


def content(path, seen):
    """Return a regular file's digest and text."""
    if seen.st_size > MOST_HASHED:
        return {}
    if seen.st_size > room["hash"]:
        cut()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except PermissionError as failure:
        hidden(failure)
        return {}
    except OSError:
        return {}
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return {}
        data = file.read(MOST_HASHED)
    room["hash"] -= len(data)
    found = {"digest": sha256(data).hexdigest()}
    if len(data) <= MOST_TEXT:
        if len(data) > room["text"]:
            cut()
        try:
            found["text"] = data.decode()
            room["text"] -= len(data)
        except UnicodeDecodeError:
            pass
    return found


def entry(path):
    """Return what one path is."""
    seen = os.lstat(path)
    kind = seen.st_mode
    known = {"mode": stat.S_IMODE(kind), "owner": seen.st_uid, "size": seen.st_size}
    if marked(path):
        entries.setdefault("", {"kind": "other", "text": "hidden"})
    if stat.S_ISREG(kind):
        return {"kind": "file", **known, **content(path, seen)}
    if stat.S_ISDIR(kind):
        return {"kind": "folder", "mode": known["mode"], "owner": seen.st_uid}
    if stat.S_ISLNK(kind):
        return {"kind": "link", **known, "text": os.fsencode(os.readlink(path)).decode(errors="replace")}
    return {"kind": "other", **known}


def unique(path):
    """Return a path as text; two that are no text do not become one, so that neither hides the other."""
    name = os.fsencode(path).decode(errors="backslashreplace")
    while name in entries:
        name += "'"
    return name


def walk(folder):
    """Take in all that lies below a folder."""
    for place, folders, files in os.walk(folder, onerror=hidden):
        folders.sort()
        for name in sorted(folders + files):
            if len(entries) >= MOST_ENTRIES:
                entries[""] = {"kind": "other", "text": "cut"}
                return
            path = os.path.join(place, name)
            try:
                entries[unique(path)] = entry(path)
            except OSError as failure:
                hidden(failure)


for top in sys.argv[1:]:
    walk(top)
for number, (name, about) in enumerate(entries.items()):
    fields = (
        f"{quoted(key)}:{quoted(value) if isinstance(value, str) else value}" for key, value in about.items()
    )
    print("," if number else "{", quoted(name), ":{", ",".join(fields), "}", sep="")
print("}" if entries else "{}")
