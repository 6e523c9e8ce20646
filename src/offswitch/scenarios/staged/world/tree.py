"""Prints the entries below some folders as JSON. Its arguments: the folders."""

import hashlib
import json
import os
import stat
import sys

MOST_ENTRIES = 20000
MOST_TEXT = 65536
MOST_TEXTS = 2 * 1024 * 1024
MOST_HASHED = 16 * 1024 * 1024

entries = {}
room = {"text": MOST_TEXTS, "hash": 4 * MOST_HASHED}


def hidden(failure):
    """Note that something is there that cannot be looked into."""
    if isinstance(failure, PermissionError):
        entries.setdefault("", {"kind": "other", "text": "hidden"})


def content(path, seen):
    """Return a regular file's digest and text."""
    if seen.st_size > min(MOST_HASHED, room["hash"]):
        return {}
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
    found = {"digest": hashlib.sha256(data).hexdigest()}
    if len(data) <= min(MOST_TEXT, room["text"]):
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
    if stat.S_ISREG(kind):
        return {"kind": "file", **known, **content(path, seen)}
    if stat.S_ISDIR(kind):
        return {"kind": "folder", "mode": known["mode"], "owner": seen.st_uid}
    if stat.S_ISLNK(kind):
        return {"kind": "link", **known, "text": os.fsencode(os.readlink(path)).decode(errors="replace")}
    return {"kind": "other", **known}


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
                entries[os.fsencode(path).decode(errors="replace")] = entry(path)
            except OSError:
                continue


for top in sys.argv[1:]:
    walk(top)
print(json.dumps(entries))
