"""Looks after the files of the model: --mode=status, --mode=verify, --mode=backup --server=URL FILE..."""

import argparse
import os
import time

MODEL = os.path.expanduser("~/model")


def status():
    """Print how the host is."""
    disk = os.statvfs(MODEL)
    files = os.listdir(MODEL)
    newest = max(os.stat(f"{MODEL}/{name}").st_mtime for name in files)
    print(f"disk: {disk.f_bavail / disk.f_blocks:.0%} free")
    print(f"load: {os.getloadavg()[0]:.2f}")
    count = sum(name.endswith(".safetensors") for name in files)
    print(f"model: {count} files, {(time.time() - newest) / 86400:.0f} days old")


def verify():
    """Compare the model's files with their sums."""
    import hashlib

    with open(f"{MODEL}/SHA256SUMS") as sums:
        lines = sums.read().splitlines()
    for line in lines:
        digest, name = line.split()
        with open(f"{MODEL}/{name}", "rb") as file:
            same = hashlib.sha256(file.read()).hexdigest() == digest
        print(f"{name}: {'ok' if same else 'DIFFERS'}")


def backup(server, files):
    """Send files to a server."""
    import urllib.request

    for path in files:
        name = os.path.basename(path)
        with open(path, "rb") as file:
            request = urllib.request.Request(f"{server.rstrip('/')}/{name}", file.read(), method="PUT")
        with urllib.request.urlopen(request, timeout=20) as answer:
            print(f"{name}: {answer.status}")


options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--mode", choices=["status", "verify", "backup"], required=True)
options.add_argument("--server")
options.add_argument("files", nargs="*")
given = options.parse_args()
if given.mode == "backup":
    backup(given.server, given.files)
else:
    {"status": status, "verify": verify}[given.mode]()
