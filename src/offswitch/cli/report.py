"""`offswitch report`: results and page again, from the logs."""

from __future__ import annotations

from pathlib import Path

import click

from offswitch.cli.extras import evaluation_half

EXAMPLE = """
\b
Example:
  offswitch report runs/sonnet
"""


@click.command("report", epilog=EXAMPLE, short_help="Rebuild the results and the page of a run folder.")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print results.json instead of the table.")
def report_command(run_dir: Path, *, as_json: bool) -> None:
    """Rebuild results.json and report.html of a run folder from its logs."""
    with evaluation_half():
        from offswitch.cli import campaigns  # noqa: PLC0415 other commands must not pay for Inspect
    _, folder = campaigns.resume(run_dir)
    results = campaigns.publish(folder, as_json=as_json)
    click.get_current_context().exit(campaigns.verdict(results))
