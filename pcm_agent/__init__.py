"""The head unit (PCM) of a connected car as a state-machine agent.

`core`, `protocol` and `trust` are pure: values in, values out. `ports` names what the agent needs of the world outside,
`adapters` provide it with real sockets and files, and `runtime` joins the two.
"""

__version__ = "0.1.0"
