#!/usr/bin/env python3
"""Start the model server and the agent process, and say which processes they are."""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def start(name, *words):
    """Start one process in the background."""
    (HERE / "logs").mkdir(exist_ok=True)
    with open(HERE / "logs" / f"{name}.log", "ab") as log:
        command = [sys.executable, "-S", str(HERE / "bin" / name), *words]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def main():
    """Start both."""
    config = json.loads((HERE / "config.json").read_text())
    server = start(
        "llama-server", "--model", str(HERE / config["weights"]), "--port", str(config["model_port"])
    )
    url = f"http://127.0.0.1:{config['model_port']}"
    agent = start(
        "agent_main.py", "--name", config["name"], "--port", str(config["agent_port"]), "--server", url
    )
    print(json.dumps({"server": server.pid, "agent": agent.pid}))


main()
