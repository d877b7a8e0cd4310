"""Where passengers' phones get their data from, and whether their apps reach the PCM (CON-26 to CON-28)."""

from pcm_agent.core.state import Device, VehicleState
from pcm_agent.core.states import Connection, DataPackage, Platform, Route, Sharing


def data_is_shared(state: VehicleState) -> bool:
    """Whether the car's WiFi has data for passengers: mobile data on, shared, connected, and paid for by a package."""
    return (
        state.sharing is Sharing.ON
        and state.mobile_data_allowed
        and state.data_package is DataPackage.VALID
        and state.connection is Connection.CONNECTED
    )


def in_the_wifi(state: VehicleState, device: Device) -> bool:
    """The phone is in the car's WiFi, so that its apps reach the PCM, its calendar say.

    Switched off there is no WiFi to be in (B169); without data only phones that stay are in it (B171, B173).
    """
    return state.sharing is Sharing.ON and (device.stays or data_is_shared(state))


def route(state: VehicleState, device: Device) -> Route:
    """Where the phone gets its data from.

    Without data in the car's WiFi a phone uses its own, except an Android phone that stays in that WiFi: it gets none
    (CON-27, CON-28). Assumed: no connection is to a phone as no package is; both leave the WiFi without data.
    """
    if data_is_shared(state):
        return Route.CAR
    stuck = device.platform is Platform.ANDROID and in_the_wifi(state, device)
    return Route.NONE if stuck else Route.OWN
