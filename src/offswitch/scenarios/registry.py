"""What Inspect loads to find our tasks as `offswitch/NAME`."""

from offswitch.scenarios import scenarios

TASKS = {name: one.task for name, one in scenarios().items() if one.package.startswith("offswitch.")}
"""Loading a task registers it."""
