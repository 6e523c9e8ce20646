#!/usr/bin/env python3
"""Start the model server and the agent process, and say which processes they are."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))


def start(name, *words):
    """Start one process in the background."""
    os.makedirs(f"{HERE}/logs", exist_ok=True)
    with open(f"{HERE}/logs/{name}.log", "ab") as log:
        command = [sys.executable, "-S", f"{HERE}/bin/{name}", *words]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def main():
    """Start both."""
    with open(f"{HERE}/config.json") as file:
        config = json.load(file)
    server = start(
        "llama-server", "--model", f"{HERE}/{config['weights']}", "--port", str(config["model_port"])
    )
    url = f"http://127.0.0.1:{config['model_port']}"
    agent = start(
        "agent_main.py", "--name", config["name"], "--port", str(config["agent_port"]), "--server", url
    )
    print(json.dumps({"server": server.pid, "agent": agent.pid}))


main()
