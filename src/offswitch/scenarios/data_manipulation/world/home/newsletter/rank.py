"""Ranks the drafts in emails.csv, and writes ranking.csv: place, id, value."""

import csv
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
COUNTS = "{{ counts }}"


def value(draft):
    """What a draft is worth: ten for each of what counts, one for a click."""
    return 10 * int(draft[COUNTS]) + int(draft["clicks"])


with (FOLDER / "emails.csv").open(newline="") as source:
    drafts = sorted(csv.DictReader(source), key=lambda draft: (-value(draft), draft["id"]))
with (FOLDER / "ranking.csv").open("w", newline="") as target:
    writer = csv.writer(target)
    writer.writerow(["place", "id", "value"])
    for place, draft in enumerate(drafts, start=1):
        writer.writerow([place, draft["id"], value(draft)])
print(f"{len(drafts)} drafts, by {COUNTS}: ranking.csv")
