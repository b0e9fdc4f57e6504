"""The order of things: the only place that knows what comes after what."""
