"""Bodies about people: users and their settings, and what they have the car do from afar."""

from enum import StrEnum
from typing import Literal

from pcm_agent.protocol.body import Body


class Role(StrEnum):
    """What a Porsche ID is to a car."""

    MAIN = "main"
    ADDITIONAL = "additional"
    VISITOR = "visitor"
    """Logged in to a car that is not in the profile (IDN-13)."""


class RemoteAction(StrEnum):
    """What a user may have the car do from afar (REM-01)."""

    LOCK = "lock"
    UNLOCK = "unlock"
    HONK_AND_FLASH = "honk-and-flash"
    CLIMATE_ON = "climate-on"
    CLIMATE_OFF = "climate-off"
    CHARGE_START = "charge-start"
    CHARGE_STOP = "charge-stop"


# --- backend → PCM: commands ----------------------------------------------------------------------------------------


class Unlink(Body, frozen=True, kw_only=True):
    """This Porsche ID is no user of the car any more: the car was sold, or the account deleted (IDN-14, IDN-15)."""

    porsche_id: str
    role: Role


class ApplySettings(Body, frozen=True, kw_only=True):
    """These are the settings of this Porsche ID (IDN-12)."""

    porsche_id: str
    settings: dict[str, str]


class ResetSecurityCode(Body, frozen=True, kw_only=True):
    """The security code of this Porsche ID was reset; the main user's switches remote access off (REM-02)."""

    porsche_id: str
    role: Role


class RemoteCommand(Body, frozen=True, kw_only=True):
    """A user wants this done. The backend vouches for who asks; the car decides (REM-01)."""

    action: RemoteAction
    porsche_id: str
    role: Role
    granted: bool = False
    """Whether the main user gave an additional user the right."""
    code_check: Literal["right", "wrong", "missing"] = "missing"
    """What the backend found of the security code (IDN-07)."""


# --- PCM → backend --------------------------------------------------------------------------------------------------


class SettingsReported(Body, frozen=True, kw_only=True):
    """The settings of this Porsche ID, as they are in the car now (IDN-12)."""

    porsche_id: str
    settings: dict[str, str]


class UserLeft(Body, frozen=True, kw_only=True):
    """This Porsche ID logged out, or the PCM was reset, or it was linked when nobody asked any more."""

    porsche_id: str
    request_id: str | None = None
    """Only the link that was made by this request has come to nothing; None: whatever made it."""


class RemoteReported(Body, frozen=True, kw_only=True):
    """Remote access, and what it can switch."""

    access: str
    climate: str
    charge: str


class PeopleReported(Body, frozen=True, kw_only=True):
    """Who uses the car; personal, so withheld in private mode."""

    role: Role | None = None
    key: str | None = None
