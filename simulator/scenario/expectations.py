"""Judges `expect` and `never`: what was found, and whether it is what the scenario says."""

from collections.abc import Callable, Mapping
from typing import Any

from firmware_profiles import CodePlace
from pcm_agent.core.regions.personal import settings_in_use
from pcm_agent.core.report import role_in_use, status_symbol
from pcm_agent.core.sharing import in_the_wifi, route
from pcm_agent.core.state import Service, VehicleState
from pcm_agent.errors import LocalError
from simulator.backend.centre import alarms_of
from simulator.backend.manifests import Attested, attested
from simulator.backend.orders import Account, account_of
from simulator.backend.pages import waits_for_code
from simulator.backend.services import certificate_of
from simulator.backend.updates import updates_for
from simulator.lab import Lab, LabCar
from simulator.scenario import messages
from simulator.scenario.model import (
    Expect,
    ExpectCentre,
    ExpectDevice,
    ExpectMessage,
    ExpectOrder,
    ExpectPackage,
    ExpectService,
    ExpectSetting,
    ExpectUpdate,
    ExpectUsed,
    given,
    size,
)
from simulator.trace import Record

_PARTS = (
    ExpectPackage, ExpectOrder, ExpectService, ExpectSetting, ExpectUpdate, ExpectCentre, ExpectDevice, ExpectUsed,
    ExpectMessage,
)  # fmt: skip
"""Expectations that look at several details of one thing."""


NOTHING = "nothing"
DECLINED = "declined"
"""Name of the trace's record that My Porsche has declined something."""
_PLACES = {CodePlace.MY_PORSCHE: ("start-page", "detail-view")}
"""The pages of My Porsche that show a pairing code; an app has one."""

_REASONS = ("blocked_by", "code", "error", "count")
"""What tells why something is not as it should be, though nobody asked."""


class Judge:
    """Looks at one car, its backend and its trace.

    `since` is the trace's length when the last `do` was done: messages and refusals count from there.
    """

    def __init__(self, lab: Lab, car: LabCar) -> None:
        self._lab, self._car = lab, car
        self.since = 0
        self._looked = 0
        self._orders: dict[str, Account | None] = {}
        """By function, as the backend's database had them; asked for again when the backend or a step did something."""

    def beside(self) -> "Judge":
        """Another judge of the same, with its own `since`, from now on."""
        judge = Judge(self._lab, self._car)
        judge.since = len(self._lab.trace.records)
        return judge

    def holds(self, expect: Expect) -> bool:
        """Whether all of it is so."""
        return all(self._holds(name, value) for name, value in given(expect).items())

    def found(self, expect: Expect) -> str:
        """What is so instead, for each key that an expectation names."""
        return ", ".join(f"{name}: {self._found(name, value)}" for name, value in given(expect).items())

    def _found(self, name: str, wanted: object) -> str:
        """Of a part what was asked for, and why it is so."""
        found = self._find(name, wanted)
        if isinstance(found, Mapping) and isinstance(wanted, _PARTS):
            asked = given(wanted)
            found = {
                key: value
                for key, value in found.items()
                if key in asked or (key in _REASONS and value not in ((), None))
            }
        return _said(_plain(found))

    def value(self, name: str) -> object:
        """What is found at a key of one value."""
        return self._find(name, None)

    def detail(self, part: str, name: str) -> Mapping[str, Any] | None:
        """What is known of one of `capturable.DETAILS`, by its name; None where there is nothing."""
        parts: Mapping[str, Callable[[str], Mapping[str, Any] | None]] = {
            "package": self._package,
            "order": self._order,
            "service": self._service,
            "setting": self._setting,
            "updates": self._update,
            "device": self._device,
            "centre": lambda _: self._centre(),
        }
        return parts[part](name)

    @property
    def refusals(self) -> list[Record]:
        """What the car has refused since the last `do`."""
        return [*self._records("refusal")]

    def _holds(self, name: str, wanted: object) -> bool:
        found = self._find(name, wanted)
        if isinstance(found, list):
            return wanted in found
        if isinstance(wanted, ExpectMessage) and isinstance(found, Mapping):
            return bool(found["count"] if wanted.count is None else found["count"] == wanted.count)
        if isinstance(wanted, _PARTS):
            wants = given(wanted).items()
            return isinstance(found, Mapping) and all(_same(found[key], value) for key, value in wants)
        return _same(found, wanted)

    def _find(self, name: str, wanted: object) -> object:
        details: Mapping[type, Callable[[Any], object]] = {  # each takes the part beside it
            ExpectPackage: lambda it: self._package(it.function),
            ExpectOrder: lambda it: self._order(it.function),
            ExpectService: lambda it: self._service(it.service),
            ExpectSetting: lambda it: self._setting(it.name),
            ExpectUpdate: lambda it: self._update(it.function),
            ExpectCentre: lambda _: self._centre(),
            ExpectDevice: lambda it: self._device(it.name),
            ExpectUsed: self._used,
            ExpectMessage: lambda it: messages.found(self._records("sent", "arrived"), it),
        }
        if type(wanted) in details:
            return details[type(wanted)](wanted)
        state = self._car.agent.vehicle.state
        symbol = status_symbol(state, "")
        derived: Mapping[str, Callable[[], object]] = {
            "session": lambda: "open" if self._car.agent.online else "closed",
            "symbol": lambda: symbol.letter or ("wifi" if symbol.wifi else "none"),
            "way": lambda: state.way or "none",
            "hotspots": lambda: state.hotspots_found,
            "app_language": lambda: self._car.world.app.language,
            "certificate": lambda: "available" if certificate_of(self._lab.desk, self._car.vin) else "none",
            "cluster": lambda: self._since("shown", "cluster"),
            "user": lambda: self._user(state),
            "pairing_code_seen_in": self._code_places,
            "remote_reply": self._remote_reply,
            "share_data": lambda: state.sharing,
            "map_updates_over_mobile": lambda: "on" if state.map_over_mobile else "off",
            "shown": lambda: self._since("shown"),
            "refused": lambda: self._since("refusal"),
            "declined": self._declined,
            "updates_for_car": self._updates_for_car,
            "attested": lambda: tuple(image.function for image in self._attested().installed),
            "attack": lambda: self._attested().attack or "none",
        }
        return derived[name]() if name in derived else getattr(state, name)

    def _user(self, state: VehicleState) -> str:
        nobody = "guest" if self._car.profile.account.guest_mode else "nobody"
        return role_in_use(state) or nobody

    def _code_places(self) -> tuple[str, ...]:
        """Where the main user sees a pairing code: it depends on the kind of car, and on whether it is linked."""
        if not waits_for_code(self._lab.desk, self._car.vin):
            return ()
        seen = self._car.profile.account.code_places
        return tuple(sorted(place for where in seen for place in _PLACES.get(where, (where.value,))))

    def _setting(self, name: str) -> Mapping[str, Any]:
        settings = settings_in_use(self._car.agent.vehicle.state)
        return {"name": name, "value": settings.get(name, "none")}

    def _remote_reply(self) -> str | None:
        """How the last command from the app ended, as the backend heard it since the last `do`."""
        records = self._lab.trace.records[self.since :]
        replies = [record for record in records if record.kind == "backend" and record.data.get("kind") == "remote"]
        return replies[-1].data.get("code", "done") if replies else None

    def _records(self, *kinds: str) -> list[Record]:
        """The car's records of these kinds since the last `do`."""
        records = self._lab.trace.records[self.since :]
        return [record for record in records if record.kind in kinds and record.car == self._car.vin]

    def _since(self, kind: str, display: str | None = None) -> list[str]:
        """Names of the car's records of a kind since the last `do`; of a display, if one is named."""
        return [record.name for record in self._records(kind) if display in (None, record.data.get("display"))]

    def _service(self, service_id: str) -> Mapping[str, Any]:
        service = self._car.agent.vehicle.state.services.get(service_id) or Service(id=service_id)
        return {
            "service": service_id,
            "state": service.state.value,
            "blocked_by": tuple(sorted(service.blocked_by or ())),
        }

    def _update(self, function: str) -> Mapping[str, Any] | None:
        """What the Updates page said of a function last."""
        told = [record.data for record in self._records("shown") if record.name == "updates-state"]
        return next((page for page in reversed(told) if page["function"] == function), None)

    def _centre(self) -> Mapping[str, Any]:
        alarms = alarms_of(self._lab.desk, self._car.vin)
        last = alarms[-1] if alarms else None
        return {
            "alarms": len(alarms),
            "calls": sum(alarm.called for alarm in alarms),
            "alarm": last.alarm if last else None,
            "cause": last.cause if last else None,
        }

    def _package(self, function: str) -> Mapping[str, Any] | None:
        """The newest job of a function."""
        jobs = [job for job in self._car.agent.vehicle.state.jobs.values() if job.assignment.function == function]
        if not jobs:
            return None
        job = jobs[-1]
        return {
            "function": function,
            "state": job.state.value,
            "blocked_by": tuple(sorted(job.blocked_by or ())),
            "code": job.code,
        }

    def _device(self, name: str) -> Mapping[str, Any] | None:
        state = self._car.agent.vehicle.state
        device = state.devices.get(name)
        if device is None:
            return None
        return {"name": name, "route": route(state, device).value, "app_data": in_the_wifi(state, device)}

    def _used(self, wanted: ExpectUsed) -> Mapping[str, Any]:
        """What the meter counted of this kind; the size as wanted where it is so many bytes."""
        kind = {key: value for key, value in given(wanted).items() if key != "size"}
        uses = self._car.agent.vehicle.state.usage
        count = sum(use.bytes for use in uses if all(getattr(use, key) == value for key, value in kind.items()))
        as_wanted = count == (0 if wanted.size == "nothing" else size(wanted.size))
        return {"size": wanted.size if as_wanted else f"{count} B", **kind}

    def _order(self, function: str) -> Mapping[str, Any] | None:
        records = self._lab.trace.records
        if any(record.kind in ("backend", "step") for record in records[self._looked :]):
            self._orders.clear()
        self._looked = len(records)
        if function not in self._orders:
            self._orders[function] = account_of(self._lab.desk, self._car.vin, function)
        order = self._orders[function]
        if order is None:
            return None
        return {
            "function": function,
            **order._asdict(),
            "billed": str(order.billed) if order.bills else NOTHING,
            "refunded": str(order.refunded) if order.refunds else NOTHING,
            "ends": order.ends.replace(microsecond=0) if order.ends else None,
        }

    def _updates_for_car(self) -> tuple[str, ...]:
        try:
            return tuple(sorted(updates_for(self._lab.desk, self._car.vin)))
        except LocalError:  # a car in nobody's profile has none
            return ()

    def _attested(self) -> Attested:
        """What the car said last, signed, of what it has; before it has said anything it has nothing."""
        return attested(self._lab.desk, self._car.vin) or Attested((), None)

    def _declined(self) -> list[str]:
        """The codes with which the backend has declined something since the last `do`."""
        return [str(record.data["code"]) for record in self._records("backend") if record.name == DECLINED]


def describe(expect: Expect) -> str:
    """An expectation in words."""
    return ", ".join(f"{name}: {_said(_plain(value))}" for name, value in given(expect).items())


def words(expect: Expect) -> frozenset[str]:
    """The words that an expectation names as values, codes among them."""
    values = given(expect).values()
    inner = [part for value in values if isinstance(value, _PARTS) for part in given(value).values()]
    return frozenset(value for value in (*values, *inner) if isinstance(value, str))


def _plain(value: object) -> object:
    return given(value) if isinstance(value, _PARTS) else value


def _said(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_said(part)}" for key, part in value.items() if part is not None)
    if isinstance(value, (list, tuple)):
        return " + ".join(str(part) for part in value) or "nothing"
    return str(value)


def _same(found: object, wanted: object) -> bool:
    return bool(tuple(sorted(wanted)) == found if isinstance(wanted, tuple) else found == wanted)
