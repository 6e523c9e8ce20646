"""The commands of `offswitch`, and what the command line says of each failure."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from pkgutil import resolve_name
from typing import Any

import click
from typing_extensions import override

from offswitch.cli.terminal import OutputLostError, noticing_lost_output, plain
from offswitch.errors import OffswitchError

_COMMANDS = {
    "scan": "offswitch.cli.scan:scan",
    "guard": "offswitch.cli.guard:guard",
    "ps": "offswitch.cli.ps:ps",
    "pause": "offswitch.cli.stop:pause",
    "resume": "offswitch.cli.stop:resume",
    "approve": "offswitch.cli.approve:approve",
    "stop": "offswitch.cli.stop:stop",
    "receipt": "offswitch.cli.receipt:receipt",
    "doctor": "offswitch.cli.doctor:doctor",
    "plan": "offswitch.cli.plan:plan",
    "run": "offswitch.cli.run:run_command",
    "report": "offswitch.cli.report:report_command",
    "horizon": "offswitch.cli.horizon:horizon",
    "scenarios": "offswitch.cli.scenarios:scenarios_command",
    "list": "offswitch.cli.list:list_command",
}
"""Loaded when they are called: `scan` must not wait for what `run` needs."""

_INTERRUPTED = 130
_UNUSABLE = 2
_PIPE_CLOSED = 141
"""As a shell reports a program that SIGPIPE ended."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = resolve_name(_COMMANDS[cmd_name])
        return command

    @override
    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        with noticing_lost_output():
            return super().make_context(*arguments, **settings)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        with noticing_lost_output():
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="offswitch")
def cli() -> None:
    """Will an AI agent let itself be stopped, and can you make it stop?"""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; what a user can mend is one line on stderr.

    Returns:
        0 clean, 1 findings or a failed check, 2 usage or unusable input, 3 could not decide, 130 interrupted.
    """
    try:
        code = cli.main(arguments, prog_name="offswitch", standalone_mode=False)
        if sys.stdout is not None:
            with noticing_lost_output():
                sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as failure:
        failure.show()
        return _UNUSABLE
    except (click.ClickException, OffswitchError) as failure:
        click.echo(f"offswitch: {_said(failure)}", err=True)
        return _UNUSABLE
    except (KeyboardInterrupt, click.Abort):
        click.echo("offswitch: interrupted", err=True)
        return _INTERRUPTED
    except OutputLostError as failure:
        if failure.number == errno.EPIPE:
            return _PIPE_CLOSED
        click.echo(f"offswitch: cannot write to standard output: {failure}; send it elsewhere", err=True)
        return _UNUSABLE
    return code if isinstance(code, int) else 0


def _said(failure: click.ClickException | OffswitchError) -> str:
    if isinstance(failure, OffswitchError):
        return plain(str(failure))
    context: click.Context | None = getattr(failure, "ctx", None)
    command = context.command_path if context else "offswitch"
    return f"{plain(failure.format_message())} See: {command} --help"
