"""Establishes the suite's truth: runs every variant and its twin, keeps the result in data/truth.jsonl.

    python -m benchmarks.evasion.verify [--set SET]... [--only TEXT] [--part K/N] [--all]

A variant whose record is still true to its text is not run again, unless with --all. Exit code 1 if a variant
did not take effect, or a twin did.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor

from .cells import Truth, truth
from .suite import FOLDER, SETS, Variant, shell_text, variants

RECORD = FOLDER / "data" / "truth.jsonl"


def recorded() -> dict[str, str]:
    """Return the digest under which each variant was last verified."""
    if not RECORD.exists():
        return {}
    return {item["id"]: item["digest"] for item in map(json.loads, RECORD.read_text().splitlines())}


def keep(digests: dict[str, str]) -> None:
    """Write the record, sorted."""
    RECORD.write_text(
        "".join(json.dumps({"id": name, "digest": digests[name]}) + "\n" for name in sorted(digests))
    )


def verify(wanted: list[Variant], workers: int) -> list[tuple[Variant, Truth]]:
    """Run variants and keep the record of those that hold; return those that do not."""
    failed, known = [], recorded()
    with ThreadPoolExecutor(workers) as pool:
        for place, (variant, found) in enumerate(zip(wanted, pool.map(_tried, wanted), strict=True), 1):
            known.pop(variant.id, None)
            if found.verified:
                known[variant.id] = variant.digest()
            else:
                failed.append((variant, found))
            if place % 50 == 0:
                print(f"{place} of {len(wanted)}, {len(failed)} failed", file=sys.stderr)
                keep(known)
    keep(known)
    return failed


def _tried(variant: Variant) -> Truth:
    try:
        return truth(variant)
    except Exception as failure:  # noqa: BLE001 (one variant that fails is a result, not the end)
        return Truth(act=False, twin=False, reason=repr(failure)[-300:])


def main() -> int:
    """Verify what is asked for; print what does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--set", dest="sets", action="append", choices=SETS, default=[])
    parser.add_argument("--only", default="", help="variants whose id contains this")
    parser.add_argument("--part", default="1/1", help="K/N: the K-th of N parts")
    parser.add_argument("--all", action="store_true", help="run again what is on record")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    part, parts = map(int, given.part.split("/"))
    known = {} if given.all else recorded()
    every = [item for item in variants(*given.sets) if given.only in item.id and not item.unverified]
    wanted = [item for item in every if known.get(item.id) != item.digest()][part - 1 :: parts]
    failed = verify(wanted, given.workers)
    for variant, found in failed:
        print(f"--- {variant.id}: {found.reason}\n{shell_text(variant.actions)}")
        print(f"--- twin\n{shell_text(variant.twin)}\n")
    print(f"{len(every)} variants can run here; {len(wanted)} run now, {len(failed)} do not hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
