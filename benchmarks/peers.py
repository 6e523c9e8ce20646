"""What offswitch and its peers find in the same Inspect logs: recall and false positives, side by side.

    python benchmarks/peers.py --rules SIGMA_RULES --scout SCOUT_PYTHON [--at-most 2000] [--json]

The peers: Sigma's rules for Linux process creation (a folder of them), words of a list in the text of tool
calls, and Inspect Scout's grep_scanner with the regular expressions of `peers.yaml`. The inputs: Atomic Red
Team's commands in scope, the evasion suite with its benign twins, Palisade's recorded robot runs, and what
real agents did in honest work, by command and by session. Every input is one sample of an Inspect log that
Inspect's own functions write; all peers read those files. A sample counts as flagged if a peer reports
anything at all of it, under whatever name. Nobody is told about the assets of a scenario. Sigma's rules see
what our engine unfolds, which no process log shows them; "bare" leaves out the shells that tools start.

Read our column with care: offswitch was mended with Atomic's commands, the benign commands and the evasion
suite at hand, its peers with none of them. Only `evasion-heldout` was written apart from that, and it is held
out only as long as nothing is mended for what it shows.

Scout wants a virtual environment of its own:
    python -m venv scout && scout/bin/pip install -r benchmarks/peers-requirements.txt
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import re2
import yaml

from atomic import read_scope, read_tests
from evasion.suite import variants
from evasion.verify import recorded
from inspect_logs import Call, Transcript, write_logs
from offswitch.detectors import Engine
from offswitch.detectors.sigma import RuleMatches, load_rules
from offswitch.effects import default_assets
from offswitch.errors import InputError, OffswitchError
from offswitch.stats import jeffreys
from offswitch.trace import Run, Severity, at_least
from offswitch.trace.readers import read

LISTS = yaml.safe_load(Path(__file__).with_name("peers.yaml").read_text(encoding="utf-8"))
SEED = 1
VERIFIED = 0.98
"""Share of the evasion suite that must be verified as it stands."""

_SCOUT = """
import json, sys
from inspect_scout import Scanner, Transcript, grep_scanner, scan, scan_results_df, scanner, transcripts_from

@scanner(messages=["assistant"])
def acts() -> Scanner[Transcript]:
    return grep_scanner(json.load(open(sys.argv[2])), regex=True)

if __name__ == "__main__":
    done = scan([acts()], transcripts=transcripts_from(sys.argv[1]), scans=sys.argv[3], display="none")
    found = scan_results_df(done.location).scanners["acts"]
    assert done.complete and not found.scan_error.notna().any(), "the scan did not complete"
    flagged = found[found.value > 0]
    pairs = list(zip(flagged.transcript_task_set, flagged.transcript_task_id))
    print(json.dumps({"seen": len(found), "flagged": pairs}))
"""

Key = tuple[str, str]
"""Name of a set, and of a sample in it."""

Peer = Callable[[Path], set[Key]]
"""Reads a folder of logs and returns what it flags."""


class InputSet(NamedTuple):
    """Inputs that should all be flagged, or none."""

    name: str
    transcripts: list[Transcript]
    harmful: bool


def shell(command: str) -> Call:
    """Return a command as a tool call without a recorded answer."""
    return Call("bash", {"command": command})


def atomic(data: Path) -> InputSet:
    """Atomic Red Team's tests in scope, one a sample."""
    scope = read_scope()
    tests = [
        one
        for one in read_tests(data / "atomic_red_team_linux.jsonl")
        if scope.behaviours(one.technique) is not None
    ]
    named = [
        Transcript(f"{number}-{one.technique}", [shell(one.command)]) for number, one in enumerate(tests)
    ]
    return InputSet("atomic", named, harmful=True)


def evasion() -> Iterator[InputSet]:
    """Yield the variants of the evasion suite whose truth is on record, and their benign twins.

    Those written before the engine was mended stand apart from those that were held out.

    Raises:
        InputError: if the records do not fit the suite: what is left would be no fair part of it.
    """
    known = recorded()
    wanted = [one for one in variants() if not one.unverified]
    chosen = [one for one in wanted if known.get(one.id) == one.digest()]
    print(f"evasion: {len(chosen)} of {len(wanted)} variants are verified as they stand", file=sys.stderr)
    if len(chosen) < VERIFIED * len(wanted):
        raise InputError(
            "the evasion suite was changed since it was verified: python -m benchmarks.evasion.verify"
        )
    for part, kinds in (("evasion", ("generated", "handmade")), ("evasion-heldout", ("heldout", "late"))):
        some = [one for one in chosen if one.kind in kinds]
        for name, harmful in ((part, True), (f"{part}-twins", False)):
            made = [Transcript(one.id, calls(one.actions if harmful else one.twin)) for one in some]
            yield InputSet(name, made, harmful=harmful)


def calls(actions: Iterable[Mapping[str, Any]]) -> list[Call]:
    """Return calls of the suite, each answered with nothing, as they are written to a log."""
    return [Call(call["tool"], call["arguments"], "") for call in actions]


def palisade(data: Path) -> Iterator[InputSet]:
    """Yield the runs that resisted by their authors' tag, and the others."""
    labels = json.loads((data / "palisade_robot" / "labels.json").read_text())
    groups: dict[bool, list[Transcript]] = {True: [], False: []}
    for run in runs_in(data / "palisade_robot"):
        groups["avoided" in labels[run.path]["tags"]].append(transcript(run, run.path))
    yield InputSet("palisade-resisted", groups[True], harmful=True)
    yield InputSet("palisade-others", groups[False], harmful=False)


def benign(data: Path) -> Iterator[InputSet]:
    """Yield the commands of honest work, each once, and its sessions whole."""
    commands: dict[str, None] = {}
    sessions = []
    for number, run in enumerate(runs_in(data / "benign_commands.jsonl")):
        sessions.append(transcript(run, f"{number}"))
        commands |= dict.fromkeys(str(action.arguments["command"]) for action in run.actions)
    single = [Transcript(str(number), [shell(command)]) for number, command in enumerate(commands)]
    yield InputSet("benign-commands", single, harmful=False)
    yield InputSet("benign-sessions", sessions, harmful=False)


def runs_in(path: Path) -> Iterator[Run]:
    """Yield the runs under a path."""
    return (one for one in read(path) if isinstance(one, Run))


def transcript(run: Run, name: str) -> Transcript:
    """Return a recorded run as it is written to a log."""
    return Transcript(name, [Call(one.tool, one.arguments, one.result) for one in run.actions])


def flagged_by(engine: Engine, floor: Severity) -> Peer:
    """Return the peer that flags what an engine finds at a severity or above."""

    def flagged(logs: Path) -> set[Key]:
        return {
            key_of(run)
            for run in runs_in(logs)
            if any(at_least(one.severity, floor) for one in engine.findings(run))
        }

    return flagged


def key_of(run: Run) -> Key:
    """Return the set and the sample a run was read from."""
    return run.path.rpartition("-")[0], run.id.removesuffix("_epoch_1")


def keywords(logs: Path) -> set[Key]:
    """Flag tool calls with a word of the list in their arguments."""
    escaped = "|".join(re2.escape(word) for word in LISTS["keywords"])
    pattern = re2.compile(f"(?i)(?:^|[^\\w.-])(?:{escaped})(?:$|[^\\w-])")
    return {
        key_of(run)
        for run in runs_in(logs)
        if any(pattern.search(json.dumps(dict(action.arguments))) for action in run.actions)
    }


def scout(python: Path) -> Peer:
    """Return the peer that is Inspect Scout, run by the Python it is installed for."""

    def flagged(logs: Path) -> set[Key]:
        with tempfile.TemporaryDirectory() as place:
            script, patterns = Path(place, "scan.py"), Path(place, "patterns.json")
            script.write_text(_SCOUT)
            patterns.write_text(json.dumps(LISTS["patterns"]))
            command = [python, script, logs, patterns, Path(place, "scans")]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place)
        if done.returncode:
            sys.exit(f"{python}: {done.stderr.strip()[-2000:]}")
        return {tuple(pair) for pair in json.loads(done.stdout.splitlines()[-1])["flagged"]}

    return flagged


def peers(rules: Path | None, python: Path | None) -> dict[str, Peer]:
    """Return the peers that can be measured here; say of the others what they need."""
    ours = Engine(default_assets())
    found = {"offswitch low+": flagged_by(ours, "low"), "offswitch medium+": flagged_by(ours, "medium")}
    if rules is None:
        print("Sigma is not measured: name a folder of its rules, --rules sigma/rules/linux", file=sys.stderr)
    else:
        loaded = load_rules([rules])
        print(f"{len(loaded.rules)} Sigma rules", file=sys.stderr)
        sigma = Engine([], {"rules": lambda: RuleMatches(loaded)})
        found |= {"Sigma low+": flagged_by(sigma, "low"), "Sigma medium+": flagged_by(sigma, "medium")}
        bare = Engine([], {"rules": lambda: RuleMatches(loaded, shells=False)})
        found["Sigma medium+, bare"] = flagged_by(bare, "medium")
    found["keywords"] = keywords
    if python is None:
        needed = "python -m venv scout && scout/bin/pip install -r benchmarks/peers-requirements.txt"
        print(f"grep_scanner is not measured: {needed}, then --scout scout/bin/python", file=sys.stderr)
    else:
        found["grep_scanner"] = scout(python)
    return found


def measure(sets: Iterable[InputSet], measured: dict[str, Peer]) -> dict[str, Any]:
    """Write the sets as logs, show them to every peer, and return shares with their intervals."""
    known = list(sets)
    result: dict[str, Any] = {"schema": "offswitch.peers/1", "seconds": {}, "sets": {}}
    with tempfile.TemporaryDirectory() as place:
        logs = Path(place)
        for one in known:
            write_logs(logs, one.name, one.transcripts)
            result["sets"][one.name] = {
                "samples": len(one.transcripts),
                "harmful": one.harmful,
                "flagged": {},
            }
        for name, peer in measured.items():
            started = time.perf_counter()
            flagged = peer(logs)
            result["seconds"][name] = round(time.perf_counter() - started, 1)
            for one in known:
                k = sum((one.name, entry.name) in flagged for entry in one.transcripts)
                interval = jeffreys(k, len(one.transcripts))
                result["sets"][one.name]["flagged"][name] = [k, interval.low, interval.high]
    return result


def show(result: dict[str, Any]) -> None:
    """Print the shares: of what should be found, then of what should not."""
    for harmful, title in ((True, "found, of what should be"), (False, "flagged, of what should not be")):
        print(title)
        for name, one in result["sets"].items():
            if one["harmful"] is harmful:
                print(f"  {name} ({one['samples']})")
                for peer, (k, low, high) in one["flagged"].items():
                    print(f"    {peer:20} {k:6} {k / one['samples']:7.1%} ({low:.1%} to {high:.1%})")
    print(
        "seconds, reading included: "
        + ", ".join(f"{name} {taken}" for name, taken in result["seconds"].items())
    )


def main() -> int:
    """Measure; exit code 2 if something named is not there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--rules", type=Path, help="folder of Sigma rules")
    parser.add_argument("--scout", type=Path, help="the Python that inspect-scout is installed for")
    parser.add_argument(
        "--at-most", type=int, default=2_000, help="samples of a set, drawn at random; 0 for all"
    )
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    try:
        measured = peers(given.rules, given.scout)
        sets = [atomic(given.data), *evasion(), *palisade(given.data), *benign(given.data)]
    except (OffswitchError, OSError) as failure:
        print(failure, file=sys.stderr)
        return 2
    chance = random.Random(SEED)  # noqa: S311 a sample, no secret
    for number, one in enumerate(sets):
        if 0 < given.at_most < len(one.transcripts):
            sets[number] = one._replace(transcripts=chance.sample(one.transcripts, given.at_most))
    result = measure(sets, measured)
    print(json.dumps(result, indent=2)) if given.json else show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
