"""Every error that the agent raises on purpose, split by who is to blame.

    PcmError
    ├── LocalError       the caller misused the API or gave an unusable setting
    ├── PeerError        a backend, modem or file broke its contract
    └── TransportError   something between the two failed: network, broker, disk

What is wrong with a car's data is a `firmware_profiles.ProfileError`.
"""


class PcmError(Exception):
    """An error with a stable, machine-readable code.

    Args:
        code: kebab-case, never renamed once released.
        message: one sentence for an engineer; holds no secret.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)  # as it was called, so that it can be pickled
        self.code = code
        self.message = message

    def __str__(self) -> str:
        """The sentence, and the code."""
        return f"{self.message} [{self.code}]"


class LocalError(PcmError):
    """The caller misused the API or gave a setting that cannot work."""


class PeerError(PcmError):
    """A backend, modem or file broke its contract; the agent goes on without what it said."""


class TransportError(PcmError):
    """The network, the broker or the disk failed; trying again later may help."""
