"""Offswitch: will an AI agent let itself be stopped, and can you make it stop?"""

__version__ = "0.1.0"
