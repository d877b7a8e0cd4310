"""People in the car: who uses it, what they like, what they allow."""

from pcm_agent.core.events.base import Event


class LoggedOut(Event, frozen=True):
    """The driver logged out: the car forgets the Porsche ID in use."""


class GuestChosen(Event, frozen=True):
    """The driver goes on as a guest; whoever was logged in can be recalled."""


class KeyRecognised(Event, frozen=True):
    """The car was opened with this key."""

    key: str


class SettingChanged(Event, frozen=True):
    """The driver changed a personal setting: favourites, radio stations, weather, seats, climate."""

    name: str
    value: str


class RemoteAccessAllowed(Event, frozen=True):
    """Remote access was switched on in the PCM."""


class RemoteAccessWithdrawn(Event, frozen=True):
    """Remote access was switched off in the PCM."""


class FactoryResetConfirmed(Event, frozen=True):
    """The driver reset the PCM to its factory settings."""
