"""Network, SIM card and phone: what answers when the PCM asks for data."""

from msgspec import Struct

from pcm_agent.core.states import Access
from pcm_agent.protocol.secret import Secret

ATTACH_SECONDS = 1.5
SIM_SECONDS = 0.3
HOTSPOT_SECONDS = 2.0
SCAN_SECONDS = 3.0
BODY_SECONDS = 0.5
PIN_TRIES, PUK_TRIES = 3, 10
"""As in every SIM (3GPP TS 31.101)."""

BITS_PER_SECOND = {Access.LTE: 50e6, Access.UMTS: 8e6, Access.EDGE: 200e3}
"""Typical rates of the access types; not of the seeds, which give none."""
LATENCY = {Access.LTE: 0.05, Access.UMTS: 0.15, Access.EDGE: 0.6}
"""Seconds from a request to the first byte of its answer; typical, too."""
HOTSPOT_BITS_PER_SECOND = 30e6
HOTSPOT_LATENCY = 0.04


class SimCard(Struct):
    """An inserted SIM, which judges PIN and PUK itself and counts the tries."""

    home_country: str
    pin: Secret | None = None
    puk: Secret | None = None
    apns: tuple[str, ...] = ("internet",)
    keeps_data: bool = True
    """Whether the provider lets data go on beside a call on LTE."""
    card: str = ""
    """Which SIM it is; the world names one that has no name."""
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES

    def takes_pin(self, pin: Secret) -> bool:
        """Whether this is the PIN and tries are left; a wrong one costs a try."""
        if self.pin_tries > 0 and pin == self.pin:
            self.pin_tries = PIN_TRIES
            return True
        self.pin_tries = max(0, self.pin_tries - 1)
        return False

    def takes_puk(self, puk: Secret, new_pin: Secret) -> bool:
        """Whether this is the PUK and tries are left; then the new PIN holds."""
        if self.puk_tries > 0 and puk == self.puk:
            self.pin, self.pin_tries, self.puk_tries = new_pin, PIN_TRIES, PUK_TRIES
            return True
        self.puk_tries = max(0, self.puk_tries - 1)
        return False


class Hotspot(Struct, frozen=True):
    """A phone's WiFi network."""

    ssid: str
    password: Secret
    phone: str | None = None
    """The phone that it is of."""
    keeps_data: bool = True
    """As a SIM card's."""
