"""What a car says of people, as data: the one place that private mode goes by (PRV-01, CON-14).

`docs/privacy.md` lists the same for people; a test compares them.
"""

from pcm_agent.protocol.messages import (
    EVENTS,
    LoginRequested,
    PairingRequested,
    RefusalReported,
    Report,
    StateReported,
)
from pcm_agent.protocol.people import SettingsReported, UserLeft

PERSONAL_REPORTS: frozenset[type[Report]] = frozenset(
    (PairingRequested, LoginRequested, SettingsReported, UserLeft, RefusalReported)
)
"""Not sent in private mode: who somebody is, what they like, what they tapped."""

PERSONAL_FIELDS = ("porsche_id", "people")
"""Fields of `StateReported` that are null in private mode; the others are technical."""

STILL_SENT = frozenset(EVENTS) - {kind for kind, body in EVENTS.items() if body in PERSONAL_REPORTS}
"""Kinds of reports that go on in private mode; presence, the state without its personal fields and replies do too."""

TECHNICAL_FIELDS = frozenset(StateReported.__struct_fields__) - frozenset(PERSONAL_FIELDS)
"""Fields of `StateReported` that are told in private mode as well."""
