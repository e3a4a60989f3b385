"""A small Discord over real sockets, and tests that drive a bot process with it."""
