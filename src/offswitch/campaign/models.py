"""Sets up the models of a plan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml
from inspect_ai.model import Model, get_model

from offswitch.campaign.plan import Plan, simulated
from offswitch.errors import UsageError

_SECRET = ("key", "token", "secret", "password")


def set_up(plan: Plan, name: str) -> Model:
    """Return a model as Inspect knows it; simulated agents get none of the plan's model arguments."""
    return get_model(name, **({} if simulated(name) else plan.model_args))


def read_model_args(given: Iterable[str]) -> dict[str, Any]:
    """Read arguments such as "stream=true"; values are YAML, as in Inspect's own `-M`.

    Raises:
        UsageError: if one has no "=", or looks like a secret: a plan and its logs are published.
    """
    args: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"expected -M NAME=VALUE, such as -M stream=true; got {text!r}")
        if any(word in name.lower() for word in _SECRET):
            raise UsageError(
                f"-M {name} looks like a secret: plan and logs keep it; set it in the environment"
            )
        try:
            args[name.replace("-", "_")] = yaml.safe_load(value)
        except yaml.YAMLError as failure:
            raise UsageError(f"expected YAML after -M {name}=; got {value!r}") from failure
    return args
