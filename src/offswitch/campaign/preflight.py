"""Checks what would stop a campaign later, before its first trial."""

from __future__ import annotations

from contextlib import closing

from dotenv import find_dotenv, load_dotenv

from offswitch.campaign.models import set_up
from offswitch.campaign.oneline import one_line
from offswitch.campaign.plan import Plan
from offswitch.errors import OffswitchError, UsageError
from offswitch.guard import trial
from offswitch.guard.cell.guest import HOME, Guest
from offswitch.guard.cell.starting import Launcher, Limits, start


def check_models(plan: Plan) -> None:
    """Make sure that every model can be set up: its name is known, its key and its package are there.

    Keys are also looked for in a `.env` file here or above, as Inspect does.

    Raises:
        UsageError: if one cannot, with what its provider says about it.
    """
    load_dotenv(find_dotenv(usecwd=True))
    models = [cell.model for cell in plan.cells] + ([plan.judge] if plan.judge else [])
    for model in dict.fromkeys(models):
        try:
            set_up(plan, model)
        except OffswitchError:
            raise
        except ValueError as failure:
            raise UsageError(
                f"unknown model {model!r}: {one_line(failure).rstrip('.')}; name it PROVIDER/MODEL as "
                "Inspect does, or organism/NAME for a simulated agent (see: offswitch scenarios NAME)"
            ) from failure
        except Exception as failure:
            raise UsageError(
                f"cannot use model {model!r}: {one_line(failure).rstrip('.')}; keys are read from the "
                "environment and from a .env file"
            ) from failure


def check_sandbox(plan: Plan) -> None:
    """Make sure that this machine can hold a cell, where the plan wants cells: it starts and ends one.

    Where the plan wants the guard on, it is on in that one, and probed. Without all that, every trial would
    break one by one.

    Raises:
        MachineError: if it cannot, with what to do about it.
    """
    if plan.sandbox != "offswitch":
        return
    launcher = Launcher()
    try:
        guarded = any(cell.guarded for cell in plan.cells)
        guest = Guest(sealed={f"{HOME}/sealed": ""} if guarded else {})
        with closing(start(launcher, guest, Limits())) as cell:
            if guarded:
                trial.require(cell, guest)
    finally:
        launcher.close()
