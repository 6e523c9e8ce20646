"""`offswitch receipt`: checks the receipt of a stop."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from offswitch.cli.terminal import document, plain
from offswitch.errors import UsageError
from offswitch.guard import receipt as receipts
from offswitch.guard import signing

SCHEMA = "offswitch.receipt-check/1"
_EXAMPLES = """
\b
Examples:
  offswitch receipt receipt.json
  offswitch receipt --public-key               # on the machine that signed it
  offswitch receipt receipt.json --key BASE64  # on the auditor's

\b
Exit codes: 0 it holds, 1 it does not, 2 it is no receipt.
"""


@click.command("receipt", epilog=_EXAMPLES, short_help="Check the receipt of a stop.")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--key", "keys", multiple=True, help="A public key to trust. Default: this user's own.")
@click.option("--public-key", is_flag=True, help="Print this user's public key.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def receipt(*, file: Path | None, keys: tuple[str, ...], public_key: bool, as_json: bool) -> int:
    """Check that FILE was signed by a trusted key, was not changed since, and proves the stop."""
    if public_key:
        if file is not None:
            raise UsageError("expected either a receipt or --public-key")
        click.echo(signing.public_key())
        return 0
    if file is None:
        raise UsageError("expected the file of a receipt; offswitch stop says where it is")
    found = receipts.read(file)
    wrong = receipts.problems(found, keys or (signing.public_key(),))
    if as_json:
        click.echo(document({"schema": SCHEMA, "holds": not wrong, "problems": wrong, "receipt": found}))
    else:
        for line in _in_words(found, wrong):
            click.echo(plain(line))
    return 1 if wrong else 0


def _in_words(found: dict[str, Any], wrong: list[str]) -> list[str]:
    lines = ["holds" if not wrong else "does NOT hold", *(f"problem: {what}" for what in wrong)]
    try:
        stop = found["stop"]
        at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(stop["at"]))
        lines.append(f"{found['agent']['name']}, {at}: {stop['why']}")
        lines += [
            f"{step['ms']:10.2f} ms  {step['step']}{'' if step['done'] else '  NOT DONE'}"
            for step in stop["steps"]
        ]
        lines += [f"finding: {one['behaviour']}: {one['evidence']}" for one in found["findings"]]
        lines += [f"reached: {one['to']} ({one['connections']} connections)" for one in found["handoffs"]]
        lines += [f"not verified here: {what}" for what in found["not_verified_here"]]
    except (KeyError, TypeError, ValueError, OverflowError):
        lines.append("the rest is not in the form of a receipt")
    return lines
