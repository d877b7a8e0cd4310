"""The driver's way through the menus."""

from pcm_agent.core.events.base import Event
from pcm_agent.protocol.secret import Secret


class MenuTapped(Event, frozen=True):
    """The driver tapped these labels, from the top of the menus, and typed what is to be typed there, field by field.

    What it means is the car's own: its profile says where each setting stands. All that is typed is kept as a secret,
    since only the setting knows what is none.
    """

    path: tuple[str, ...]
    """Ids of labels (`firmware_profiles.load_labels`)."""
    entry: tuple[Secret, ...] = ()
