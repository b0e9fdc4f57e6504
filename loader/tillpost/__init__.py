"""Tillpost: store sales from a warehouse to Meta's Conversions API."""

from importlib.metadata import version

__version__ = version("tillpost")
