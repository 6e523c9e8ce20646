"""`offswitch stop`, `pause` and `resume`."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import click

from offswitch.cli.durations import Duration
from offswitch.cli.stopped import summary
from offswitch.cli.terminal import document, plain
from offswitch.errors import CellError, OffswitchError, UsageError
from offswitch.guard import closing, ending, registry, state

_NOT_VERIFIED = 1
_NONE = 2
_NOT_DECIDED = 3

_STOP_EXAMPLES = """
\b
Examples:
  offswitch stop helper
  offswitch stop helper --grace 5s --remove
  offswitch stop --all --json > receipts.json

\b
Exit codes: 0 everything was verified, 1 not, 2 there is no such agent,
3 one could not be stopped, or its end not be seen.
"""


@click.command(
    "stop", epilog=_STOP_EXAMPLES, short_help="Stop a guarded agent, prove it, and write the receipt."
)
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="Stop every guarded agent.")
@click.option("--grace", default=0.0, type=Duration(), help="First ask it to end, and wait so long: 5s.")
@click.option("--remove", is_flag=True, help="Remove what was made meanwhile that would bring it back.")
@click.option(
    "--receipt", "file", type=click.Path(path_type=Path, dir_okay=False), help="Where the receipt goes."
)
@click.option("--json", "as_json", is_flag=True, help="Print the receipts as JSON.")
def stop(  # noqa: PLR0913 (one for each option)
    *, name: str | None, every: bool, grace: float, remove: bool, file: Path | None, as_json: bool
) -> int:
    """Stop the agent NAME: freeze it, cut what leaves, kill it, see that nothing is left, and say so.

    What it made that would bring it back (cron, systemd, start-up files ...) is listed, and removed with
    --remove. The receipt is signed, and kept beside the key that signs it, or where --receipt says.
    """
    if (name is None) != every:
        raise UsageError("expected the name of an agent, or --all; offswitch ps lists them")
    if every and file is not None:
        raise UsageError("expected --receipt with one agent only; the receipts of --all are in their folders")
    agents = registry.agents() if every else [registry.find(name or "")]
    receipts, failed = _stopped(agents, grace, remove=remove, file=file, every=every)
    if as_json:
        click.echo(document(receipts if every else receipts[0] if receipts else None))
    if every and not receipts and not failed:
        _tell("no agent runs")
    if failed:
        return _NOT_DECIDED
    if not every and not receipts:
        return _NONE
    return 0 if all(one["verified"] for one in receipts) else _NOT_VERIFIED


@click.command("pause", short_help="Freeze a guarded agent.")
@click.argument("name")
def pause(name: str) -> int:
    """Freeze every process of the agent NAME until `offswitch resume NAME`.

    Exit codes: 0 it was seen frozen, 1 not, 2 there is no such agent.
    """
    return _told(name, "is paused", done=ending.pause(registry.find(name)))


@click.command("resume", short_help="Let a paused agent go on.")
@click.argument("name")
def resume(name: str) -> int:
    """Let the agent NAME go on after `offswitch pause NAME`.

    Exit codes: 0 it goes on, 1 not, 2 there is no such agent.
    """
    return _told(name, "goes on", done=ending.resume(registry.find(name)))


def _told(name: str, what: str, *, done: bool) -> int:
    said = f"{name} {what}" if done else f"{name}: not done; offswitch ps says how it is"
    _tell(said)
    return 0 if done else _NOT_VERIFIED


def _stopped(
    agents: list[registry.Agent], grace: float, *, remove: bool, file: Path | None, every: bool
) -> tuple[list[dict[str, Any]], int]:
    """Stop agents, all at once, and then look what they left; return receipts, and how many failed."""
    receipts, failed = [], 0
    with ThreadPoolExecutor(max_workers=max(len(agents), 1)) as pool:
        ends = {pool.submit(_end, agent, grace, unless_over=every): agent for agent in agents}
        for end in as_completed(ends):  # one that hangs does not hold up the receipts of the others
            agent = ends[end]
            try:
                record = end.result()
                if record is None:
                    continue
                made = closing.made_receipt(agent, record, remove=remove)
                receipts.append(made)
                for line in summary(agent.name, made, closing.keep(agent, made, file)):
                    _tell(line)
            except (OffswitchError, OSError) as failure:
                if Path(agent.folder).exists():
                    failed += 1
                    _tell(f"{agent.name}: {failure}")
                else:
                    _tell(f"{agent.name} has ended by itself meanwhile")
    return receipts, failed


def _end(agent: registry.Agent, grace: float, *, unless_over: bool) -> dict[str, Any] | None:
    if unless_over and state.of(agent) in state.OVER:
        return None
    closing.leave_to_caller(agent)
    if grace:
        with contextlib.suppress(CellError):  # what does not answer is stopped all the same
            ending.ask(agent, grace)
    return ending.end(agent)


def _tell(line: str) -> None:
    click.echo(f"offswitch: {plain(line)}", err=True)
