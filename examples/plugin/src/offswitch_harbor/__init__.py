"""Tells offswitch about harborctl, an invented deployment tool."""

from importlib.resources import files

COMMANDS = files(__package__) / "commands.yaml"
ASSETS = files(__package__) / "assets.yaml"
