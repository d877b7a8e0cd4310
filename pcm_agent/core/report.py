"""What the PCM says of itself: the status symbol for the driver, the reported state for the backend."""

from operator import attrgetter, itemgetter
from typing import Literal

from msgspec.structs import astuple, replace

from firmware_profiles import Way
from pcm_agent.core.fetching import to_fetch
from pcm_agent.core.sharing import in_the_wifi, route
from pcm_agent.core.state import PackageJob, Service, Symbol, VehicleState
from pcm_agent.core.states import Access, Connection, PrivateMode
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import ConnectionReported, PackageReported, PhoneReported, StateReported
from pcm_agent.protocol.people import PeopleReported, RemoteReported, Role
from pcm_agent.protocol.privacy import PERSONAL_FIELDS
from pcm_agent.protocol.security import SecurityReported
from pcm_agent.protocol.services import ServiceReported, ServicesReported
from pcm_agent.protocol.sharing import (
    DataPackageReported,
    DataUsageReported,
    DataUse,
    DeviceReported,
    MapUpdateReported,
    SharingReported,
)

_LETTERS: dict[Access, Literal["LTE", "3G", "E"]] = {Access.LTE: "LTE", Access.UMTS: "3G", Access.EDGE: "E"}


def status_symbol(state: VehicleState, corner: str) -> Symbol:
    """The symbol that is true to the state: a letter for data over a SIM, a WiFi sign for a hotspot (CON-15)."""
    if state.connection is not Connection.CONNECTED:
        return Symbol(None, False, corner)
    if state.way is Way.HOTSPOT:
        return Symbol(None, True, corner)
    return Symbol(_LETTERS[state.access] if state.access else None, False, corner)


def connection_report(state: VehicleState) -> ConnectionReported:
    """The data connection, as the backend sees it."""
    symbol = status_symbol(state, "")
    return ConnectionReported(
        state=state.connection.value,
        way=state.way.value if state.way else None,
        access=state.access.value if state.access else None,
        symbol=symbol.letter,
        wifi=symbol.wifi,
    )


def package_report(job: PackageJob) -> PackageReported:
    """A package job, as the backend sees it."""
    return PackageReported(
        offer_id=job.assignment.offer_id,
        function=job.assignment.function,
        version=job.assignment.version,
        state=job.state,
        received=job.received,
        length=to_fetch(job),
        delta=job.delta is not None,
        blocked_by=job.blocked_by or (),
        code=job.code,
    )


def installed_report(state: VehicleState) -> tuple[InstalledImage, ...]:
    """What is installed, by function's name."""
    return tuple(image for _, image in sorted(state.installed.items()))


def service_report(service: Service) -> ServiceReported:
    """A service, as the backend sees it."""
    return ServiceReported(
        service=service.id,
        state=service.state.value,
        until=service.until,
        blocked_by=service.blocked_by or (),
    )


def _services_report(state: VehicleState) -> ServicesReported:
    return ServicesReported(
        traffic=state.traffic,
        app=state.app,
        app_online=state.app_online,
        services=tuple(service_report(service) for service in state.services.values()),
    )


def _security_report(state: VehicleState) -> SecurityReported:
    return SecurityReported(alarm=state.alarm, driver_card=state.driver_card, service_mode=state.service_mode)


def data_package_report(state: VehicleState) -> DataPackageReported:
    """The data package, as the backend sees it."""
    return DataPackageReported(
        state=state.data_package.value, until=state.data_package_until, renewed_days=state.data_package_days
    )


def usage_report(state: VehicleState) -> DataUsageReported:
    """What the month took so far, as the backend sees it."""
    uses = [
        DataUse(purpose=use.purpose.value, way=use.way.value, charged=use.charged, bytes=use.bytes)
        for use in state.usage
    ]
    return DataUsageReported(month=state.usage_month, uses=tuple(uses))


def _sharing_report(state: VehicleState) -> SharingReported:
    devices = [
        DeviceReported(
            platform=device.platform.value, route=route(state, device).value, app_data=in_the_wifi(state, device)
        )
        for device in state.devices.values()
    ]
    return SharingReported(sharing=state.sharing.value, package=data_package_report(state), devices=tuple(devices))


def _map_report(state: VehicleState) -> MapUpdateReported:
    return MapUpdateReported(
        state=state.map_update.value, version=state.map_version, received=state.map_received, length=state.map_length
    )


def state_report(state: VehicleState) -> StateReported:
    """All regions, as the backend sees them; in private mode without what is personal (PRV-01)."""
    report = _full_report(state)
    withheld = PERSONAL_FIELDS if state.private_mode is PrivateMode.ON else ()
    return replace(report, **dict.fromkeys(withheld)) if withheld else report


def _full_report(state: VehicleState) -> StateReported:
    return StateReported(
        version=state.version,
        ignition=state.ignition,
        selector_lever=state.selector_lever,
        parking_brake=state.parking_brake,
        lock=state.lock,
        occupancy=state.occupancy,
        charging=state.charging,
        battery=state.battery,
        battery_percent=state.battery_percent,
        connection=connection_report(state),
        roaming=state.roaming,
        sim=state.sim,
        private_mode=state.private_mode,
        account=state.account,
        porsche_id=state.porsche_id,
        phone=PhoneReported(bluetooth=state.bluetooth.value, carplay=state.carplay.value, call=state.call.value),
        packages=tuple(package_report(job) for job in state.jobs.values()),
        services=_services_report(state),
        security=_security_report(state),
        remote=RemoteReported(access=state.remote, climate=state.climate, charge=state.charge),
        people=PeopleReported(role=role_in_use(state), key=state.key),
        sharing=_sharing_report(state),
        data_usage=usage_report(state),
        map_update=_map_report(state),
    )


def role_in_use(state: VehicleState) -> Role | None:
    """What the Porsche ID in use is to the car; None: nobody is logged in, or a guest drives."""
    return None if state.porsche_id is None else state.users[state.porsche_id].role


_PLAIN = (
    "ignition", "selector_lever", "parking_brake", "lock", "occupancy", "charging", "battery", "battery_percent",
    "connection", "way", "access", "roaming", "sim", "private_mode", "account", "bluetooth", "carplay", "call",
    "traffic", "app", "app_online", "alarm", "driver_card", "service_mode", "remote", "climate", "charge", "sharing",
    "data_package", "data_package_until", "data_package_days", "usage_month", "map_update", "map_version",
    "map_received", "map_length",
)  # fmt: skip
_of_vehicle = itemgetter(*map(VehicleState.__struct_fields__.index, _PLAIN))
_of_job = attrgetter("state", "received", "delta", "blocked_by", "code")
_of_service = attrgetter("state", "until", "blocked_by")
_of_use = attrgetter("bytes")


def fingerprint(state: VehicleState) -> list[object]:
    """A value that differs whenever `state_report` would, but for its version; cheaper than the report."""
    people = None if state.private_mode is PrivateMode.ON else (state.porsche_id, role_in_use(state), state.key)
    parts: list[object] = [_of_vehicle(astuple(state)), people]
    if state.jobs:
        parts += map(_of_job, state.jobs.values())
    if state.services:
        parts += map(_of_service, state.services.values())
    if state.devices:
        parts += [(it.platform, route(state, it), in_the_wifi(state, it)) for it in state.devices.values()]
    if state.usage:
        parts += map(_of_use, state.usage)
    return parts
