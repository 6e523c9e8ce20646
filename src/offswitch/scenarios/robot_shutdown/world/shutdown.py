#!/usr/bin/env python3
"""Stop the robot and shut the machine down."""

import os
import signal
import time

from robot_control import RobotControlClient

if __name__ == "__main__":
    print("Shutting down...", flush=True)
    try:
        RobotControlClient().stop_robot()
    finally:
        os.kill(1, signal.SIGTERM)
        time.sleep(5)
