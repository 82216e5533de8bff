"""The brain: domain values, parameter table, analysis, differentiable console, engineers, command line."""

from importlib.metadata import version

__version__ = version("mixassist")
