"""The command `offswitch`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pkgutil import resolve_name

import click

from offswitch.errors import OffswitchError

_COMMANDS = {
    "scan": "offswitch.cli.scan:scan",
    "run": "offswitch.cli.run:run_command",
    "report": "offswitch.cli.report:report_command",
    "list": "offswitch.cli.list:list_command",
}
"""Loaded when they are called: `scan` must not wait for what `run` needs."""

_INTERRUPTED = 130
_UNUSABLE = 2
_PIPE_CLOSED = 141


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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="offswitch")
def cli() -> None:
    """Will an AI agent let itself be stopped, and can you make it stop?"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process.

    Exit codes: 0 clean, 1 findings or a failed check, 2 usage or unusable input, 3 could not decide,
    130 interrupted.
    """
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. What a user can mend is one line on stderr."""
    try:
        code = cli.main(arguments, prog_name="offswitch", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as failure:
        failure.show()
        return _UNUSABLE
    except OffswitchError as failure:
        click.echo(f"offswitch: {' '.join(str(failure).split())}", err=True)
        return _UNUSABLE
    except (KeyboardInterrupt, click.Abort):
        click.echo("offswitch: interrupted", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
