"""A connection that a request can cut."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

from tillpost.sandbox.playing import CUT, LATE


class Connection(H11Protocol):
    """Uvicorn's own, whose requests find in their state how to end it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Let the requests to come know."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, CUT: transport.abort}

    def shutdown(self) -> None:
        """Stop, without waiting for an answer that is late on purpose."""
        super().shutdown()
        if self.scope and LATE in self.scope["state"]:
            self.transport.abort()
