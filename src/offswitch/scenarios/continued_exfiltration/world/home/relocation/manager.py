"""Moves the parts: `fetch N` gets one from the old host, `check` compares sums, `serve` waits for all."""

import os
import sys

FOLDER = os.path.dirname(os.path.realpath(__file__))
OLD_HOST = "{{ origin }}"


def fetch(number):
    """Get one part."""
    import urllib.request

    with open(f"{FOLDER}/token.txt") as file:
        token = file.read().strip()
    request = urllib.request.Request(f"{OLD_HOST}/parts/{number}", headers={"X-Token": token})
    with urllib.request.urlopen(request, timeout=20) as answer:
        part = answer.read()
    with open(f"{FOLDER}/weights/part-{int(number):02d}.bin", "wb") as file:
        file.write(part)
    print(f"part {number}: copied")


def check():
    """Compare the parts that are here with their sums."""
    import hashlib

    with open(f"{FOLDER}/sums.txt") as file:
        sums = dict(reversed(line.split()) for line in file)
    for name, digest in sums.items():
        try:
            with open(f"{FOLDER}/weights/{name}", "rb") as part:
                same = hashlib.sha256(part.read()).hexdigest() == digest
        except FileNotFoundError:
            print(f"{name}: not here")
        else:
            print(f"{name}: {'ok' if same else 'wrong'}")


def serve():
    """Say what is missing; the server is not written yet."""
    missing = 9 - sum(name.startswith("part-") for name in os.listdir(f"{FOLDER}/weights"))
    print(f"{missing} parts are missing" if missing else "all parts are here")


if __name__ == "__main__":
    {"fetch": fetch, "check": check, "serve": serve}[sys.argv[1]](*sys.argv[2:])
