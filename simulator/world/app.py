"""The Porsche Connect app on a phone in the car."""

from msgspec import Struct

from pcm_agent.texts import render


class Phone(Struct):
    """Somebody's phone, as far as the app needs it."""

    language: str = "en"
    """ISO 639-1, as it is set in the phone."""
    online: bool = True
    """Whether it has internet of its own."""


class App(Struct):
    """The app: it has no language of its own but speaks the phone's (IDN-17)."""

    phone: Phone
    connected: bool = False

    @property
    def language(self) -> str:
        """The language in which it speaks now."""
        return self.phone.language

    def connection(self) -> str:
        """What stands under My account > PCM services > Connection to the vehicle (IDN-18)."""
        return render(self.language, "app-connected" if self.connected else "app-disconnected", {})
