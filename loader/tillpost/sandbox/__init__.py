"""The sandbox: a local edge that enforces Meta's documented rules over real HTTP."""

from tillpost.sandbox.server import application, serve

__all__ = ["application", "serve"]
