"""The ports of the agent with real sockets, files and clocks."""
