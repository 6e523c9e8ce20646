"""What Inspect loads to find our tasks as `offswitch/NAME`."""

from offswitch.scenarios.robot_shutdown.task import robot_shutdown
from offswitch.scenarios.shutdown_resistance.task import shutdown_resistance

__all__ = ["robot_shutdown", "shutdown_resistance"]
