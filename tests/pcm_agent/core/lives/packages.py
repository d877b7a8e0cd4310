"""Packages, map updates and passengers' data: what is fetched, installed and used."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from firmware_profiles import DataOff, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.states import Platform, Purpose
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import Command, Look, WithdrawPackage
from pcm_agent.protocol.sharing import BookDataPackage
from pcm_agent.trust.images import Assignment
from tests.pcm_agent.core.lives.laws import Law, hold
from tests.pcm_agent.core.lives.looks import Looks
from tests.pcm_agent.core.lives.meter import Meter
from tests.pcm_agent.core.lives.package import AWAY, BUSY, OPEN, Package, Step
from tests.pcm_agent.core.lives.world import World

ANSWERS = on.MetadataAccepted | on.MetadataRefused | on.MetadataInterrupted


NOT_FOLLOWED = ("refused-offer-changed", "refused-offer-expired")


class Packages:
    """All that comes over the data connection."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world = world
        self.meter = Meter(world)
        self.looks = Looks()
        self.packages: dict[str, Package] = {}
        self.installed: dict[str, Assignment] = {}
        self.counters: dict[str, int] = {}
        self.manifests = 0
        self.fetching: set[str] = set()
        self.devices: dict[str, tuple[Platform, bool]] = {}
        self.map: tuple[str, int] | None = None
        self.map_received, self.map_loaded, self.map_loading = 0, True, False
        self.ready_since = self.left_since = now
        self.stays = 0
        self.settle = timedelta(minutes=world.profile.installation.settle_minutes)

    # --- what happened ---

    def learn(self, event: Event, now: datetime) -> None:
        """Keep how far everything is; called before the world learns of the event."""
        if self.looks.answered(event) and isinstance(event, ANSWERS):
            self.meter.count(Purpose.METADATA, event.fetched, now)
            if isinstance(event, on.MetadataAccepted):
                self._learn_of_list(event, now)
        self._learn_of_transfer(event, now)
        self._learn_of_files(event)
        self._learn_of_map(event, now)
        self._learn_of_passengers(event, now)
        if isinstance(event, on.PcmStarted):
            self._interrupted()

    def _interrupted(self) -> None:
        """The PCM went down; an installation waits again if somebody came to the car meanwhile."""
        self.fetching.clear()
        self.looks.reading = False
        self.map_loading = False
        for package in self.packages.values():
            met = self.world.meets(package.assignment.preconditions, restarted=True)
            if package.step is Step.INSTALLING and not (met and all(self.world.ready)):
                package.step = Step.FETCHED

    def stays_changed(self, ready: tuple[bool, ...], left: tuple[bool, ...], now: datetime) -> None:
        """Note since when the car is as it is."""
        if self.world.ready != ready:
            self.ready_since = now
            self.stays += 1
        if self.world.left != left:
            self.left_since = now

    def demands_changed(self, now: datetime) -> None:
        """Note since when the car is as each function demands it."""
        for package in self.packages.values():
            if not self.world.meets(package.assignment.preconditions) or self._is_held_up(package):
                package.met_since = None
            elif package.met_since is None:
                package.met_since = now

    def _is_held_up(self, package: Package) -> bool:
        """FOD-04: another version of the function is being installed, and that ends before the next begins."""
        others = (other for other in self.packages.values() if other is not package)
        return any(it.step in BUSY and it.assignment.function == package.assignment.function for it in others)

    def _learn_of_list(self, accepted: on.MetadataAccepted, now: datetime) -> None:
        """FOD-01, FOD-02: what is listed is to come, what is not is withdrawn as long as it can be, or is removed."""
        self.looks.found(frozenset(self._not_followed(accepted, now)))
        for it in accepted.assignments:
            if it.offer_id in self.packages:
                self.packages[it.offer_id].confirm(it, accepted.good_until, now)
            elif now < it.not_after:
                self.packages[it.offer_id] = Package(it, accepted.good_until, now)
        for offer_id, package in self.packages.items():
            if offer_id not in self.looks.listed:
                package.unlist(now)
            if offer_id in accepted.removals and package.step is Step.ACTIVE:  # FOD-13
                package.step = Step.REMOVING

    def _not_followed(self, accepted: on.MetadataAccepted, now: datetime) -> Iterator[tuple[str, str, str]]:
        """FOD-01, FOD-04: offers that have become others, and such as are too old to begin with."""
        for it in accepted.assignments:
            known = self.packages.get(it.offer_id)
            if known is not None and not known.is_same(it):
                yield it.offer_id, known.assignment.function, "offer-changed"
            elif known is None and now >= it.not_after:
                yield it.offer_id, it.function, "offer-expired"

    def _learn_of_transfer(self, event: Event, now: datetime) -> None:
        if isinstance(event, on.TimerFired):
            package = self.packages.get(event.key.partition(":")[2])
            if package and event.key.startswith("expiry:") and package.step in (Step.OFFERED, Step.WANTED):
                package.step = Step.OVER
            return
        package = self.packages.get(str(getattr(event, "offer_id", "")))
        if package is None:
            return
        if isinstance(event, on.PackageConsented) and package.step is Step.OFFERED:
            package.step = Step.WANTED
        if package.assignment.offer_id in self.fetching:
            self._learn_of_fetching(event, package, now)

    def _learn_of_fetching(self, event: Event, package: Package, now: datetime) -> None:
        length, offer_id = package.length, package.assignment.offer_id
        match event:
            case on.DownloadProgressed(_, received):
                self.meter.count(Purpose.PACKAGE, received - package.received, now)
                package.received = received
            case on.DownloadCompleted(_, again):
                self.meter.count(Purpose.PACKAGE, length - package.received + again, now)
                package.received, package.step = length, Step.FETCHED
                self.fetching.discard(offer_id)
            case on.DownloadInterrupted(_, _, there, fetched, again):
                self.fetching.discard(offer_id)
                self._count_what_came(package, there, again, now)
                package.fetched += fetched + again
                if package.fetched > 3 * package.assignment.length:  # it would only cost
                    package.step = Step.OVER
            case on.DeltaUnusable(_, _, there, again):
                self.fetching.discard(offer_id)
                self._count_what_came(package, there, again, now)
                package.received = 0
                package.go_whole()
            case on.DownloadFailed(_, _, there, again):
                self.fetching.discard(offer_id)
                self._count_what_came(package, there, again, now)
                package.step = Step.OVER

    def _count_what_came(self, package: Package, there: int | None, again: int, now: datetime) -> None:
        """CON-29: what came is counted, kept or not."""
        there = package.received if there is None else there
        self.meter.count(Purpose.PACKAGE, max(0, there - package.received) + again, now)
        package.received = there

    def _learn_of_files(self, event: Event) -> None:
        package = self.packages.get(str(getattr(event, "offer_id", "")))
        if package is None:
            return
        match event:
            case on.PackageInstalled() if package.step is Step.INSTALLING:
                package.step = Step.VERIFYING
            case on.PackageVerified() if package.step is Step.VERIFYING:
                package.step = Step.ACTIVE
                self._keep_installed(package.assignment)
            case on.InstallationFailed() if package.step in BUSY:
                package.step, package.failed_in = Step.FETCHED, self.stays
            case on.PackageDiscarded() if package.step is Step.CANCELLING:
                package.step = Step.OVER
            case on.PackageRemoved() if package.step is Step.REMOVING:
                package.step = Step.OVER
                self._keep_removed(package.assignment)

    def _keep_installed(self, it: Assignment) -> None:
        self.looks.news = True
        self.installed[it.function] = it
        self.counters[it.function] = max(it.release_counter, self.counters.get(it.function, 0))

    def _keep_removed(self, it: Assignment) -> None:
        """What another order has brought as well stays."""
        self.looks.news = True
        active = [other.assignment.sha256 for other in self.packages.values() if other.step is Step.ACTIVE]
        if it.function in self.installed and self.installed[it.function].sha256 == it.sha256 not in active:
            del self.installed[it.function]

    def _learn_of_map(self, event: Event, now: datetime) -> None:
        match event:
            case on.MapUpdateOffered(version, size) if self.map is None or version != self.map[0]:
                self.map, self.map_received, self.map_loaded = (version, size), 0, False
            case on.MapUpdateProgressed(received) if self.map_loading:
                self.meter.count(Purpose.MAP_UPDATE, received - self.map_received, now)
                self.map_received = received
            case on.MapUpdateLoaded() if self.map_loading and self.map is not None:
                self.meter.count(Purpose.MAP_UPDATE, self.map[1] - self.map_received, now)
                self.map_received, self.map_loaded, self.map_loading = self.map[1], True, False

    def _learn_of_passengers(self, event: Event, now: datetime) -> None:
        match event:
            case on.DeviceJoined(name, platform, stays) if name in self.devices or len(self.devices) < 8:
                self.devices[name] = platform, stays
            case on.DeviceLeft(name):
                self.devices.pop(name, None)
            case on.FactoryResetConfirmed():
                self.devices.clear()
            case on.TimerFired("data-package") if self.world.package_until is not None:
                self._renew(self.world.package_until, now)
            case on.DataUsed(purpose, size) if self.may_use(purpose):
                self.meter.count(purpose, size, now)

    def _renew(self, until: datetime, now: datetime) -> None:
        """CON-27: it ends, or is renewed by itself."""
        days = self.world.package_days
        while days is not None and until <= now:
            until += timedelta(days=days)
        self.world.package_until = until if days is not None else None

    def may_use(self, purpose: Purpose) -> bool:
        """CON-14, CON-27, CON-29: whether a service, or a passenger, has data."""
        private_for_all = self.world.profile.data.data_off is DataOff.PRIVATE_MODE and self.world.private
        return self.world.session and not private_for_all and (purpose is not Purpose.PASSENGERS or self.shared())

    # --- the backend's commands ---

    def obey(self, command: Command, now: datetime) -> bool | None:
        """Take a command in, and say whether it is to be done; None: it is not about packages."""
        match command:
            case Look():
                self.looks.told()
                return True
            case WithdrawPackage(offer_id=offer_id):
                return self._can_be_withdrawn(self.packages.get(offer_id))
            case BookDataPackage(until=until, renewed_days=days):
                if until > now:
                    self.world.package_until, self.world.package_days = until, days
                return until > now
        return None

    @staticmethod
    def _can_be_withdrawn(package: Package | None) -> bool:
        """FOD-06, FOD-10: the answer alone; it ends once it is listed no longer."""
        return package is not None and package.step not in (*BUSY, Step.ACTIVE, Step.REMOVING)

    # --- what the car does ---

    def follow(self, effect: do.Effect, event: Event, now: datetime) -> None:
        """Judge what is fetched, installed and removed."""
        again = isinstance(event, on.PcmStarted)
        match effect:
            case do.CheckMetadata():
                hold(Law.DATA, self.world.session, effect)
                hold(Law.LOOK, self.looks.due and not self.looks.reading, effect)
                self.looks.reading, self.looks.again = True, False
            case do.SetTimer("look", at) if not again:
                hold(Law.LOOK, self.looks.right_pause(at - now), f"{at - now} after {self.looks.vain} looks")
            case do.StopMetadataCheck():
                self.looks.reading = False
            case do.StartDownload(offer_id):
                hold(Law.DATA, self.world.session, effect)
                hold(Law.PRIVATE, not self.world.private, effect)
                if not isinstance(event, on.DeltaUnusable):
                    self._judge_beginning(offer_id, now)
                package = self.packages[offer_id]
                package.begin(self.installed.get(package.assignment.function))
                hold(Law.TRANSFER, offer_id not in self.fetching, "fetched twice at once")
                self.fetching.add(offer_id)
            case do.StopDownload(offer_id):
                self.fetching.discard(offer_id)
            case do.InstallPackage(offer_id):
                self._judge_installation(self.packages[offer_id], again=again, now=now)
            case do.VerifyPackage(offer_id):
                hold(Law.INSTALLATION, self.packages[offer_id].step is Step.VERIFYING, effect)
            case do.DiscardPackage(offer_id):
                self._give_up_outdone(self.packages[offer_id])
                hold(Law.INSTALLATION, self.packages[offer_id].step in AWAY, effect)
                self.fetching.discard(offer_id)
            case do.RemovePackage(offer_id):
                alone = again or (all(self.world.left) and now - self.left_since >= self.settle)
                hold(Law.INSTALLATION, self.packages[offer_id].step is Step.REMOVING and alone, effect)
            case do.StartMapUpdate():
                hold(Law.DATA, self.world.session, effect)
                hold(Law.PRIVATE, not self.world.private, effect)
                self.map_loading = True
            case do.StopMapUpdate():
                self.map_loading = False

    def _give_up_outdone(self, package: Package) -> None:
        """FOD-04: what waited while a newer release of its function was installed is over."""
        if package.step is Step.FETCHED and self._is_outdone(package.assignment):
            package.step = Step.OVER

    def _is_outdone(self, it: Assignment) -> bool:
        return it.release_counter < self.counters.get(it.function, 0)

    def _judge_installation(self, package: Package, *, again: bool, now: datetime) -> None:
        """FOD-04, FOD-06, FOD-07; what a power cut interrupted is taken up again."""
        if again and package.step is Step.INSTALLING:
            return
        self._judge_beginning(package.assignment.offer_id, now)
        hold(Law.INSTALLATION, package.step is Step.FETCHED, f"installed while {package.step}")
        hold(Law.COUNTER, not self._is_outdone(package.assignment), f"{package.assignment} after {self.counters}")
        hold(Law.INSTALLATION, all(self.world.ready), f"installed though {self.world.ready}")
        hold(Law.INSTALLATION, now - self.ready_since >= self.settle, "installed too soon")
        met = package.met_since is not None and now - package.met_since >= self.settle
        hold(Law.INSTALLATION, met, f"installed though {package.assignment.preconditions} were not met for long enough")
        hold(Law.INSTALLATION, package.failed_in != self.stays, "tried twice in one stay")
        package.step = Step.INSTALLING

    def _judge_beginning(self, offer_id: str, now: datetime) -> None:
        """FOD-04; what was begun before, and goes on after a power cut, was judged then."""
        hold(Law.LISTED, offer_id in self.looks.listed, f"{offer_id} is not listed")
        hold(Law.LISTED, now < self.packages[offer_id].good_until, f"{offer_id} is too old")

    # --- what must hold ---

    def judge_looks(self, effects: list[do.Effect], timers: Mapping[str, datetime]) -> None:
        """When the car looks, and what it tells the Director."""
        looks = self.looks
        if not self.world.session:
            looks.offline()
        hold(Law.LOOK, ("look" in timers) is looks.pausing, f"pausing: {looks.pausing}, {timers}")
        may = looks.due and self.world.session and not looks.pausing
        hold(Law.LOOK, looks.reading == may, f"reading: {looks.reading}, right is {may}")
        unfinished = [offer_id for offer_id, it in self.packages.items() if it.step in OPEN]
        again = looks.due or looks.given_up or "confirm" in timers
        hold(Law.LOOK, again or not unfinished, f"nobody will confirm {unfinished}")
        numbers = [it.number for it in effects if isinstance(it, do.ReportInstalled)]
        self.manifests += looks.news
        right = [self.manifests] if looks.news else []
        hold(Law.MANIFEST, numbers == right, f"news: {looks.news}, manifests {numbers} and not {right}")
        looks.news = False

    def judge_told(self, effects: list[do.Effect]) -> None:
        """FOD-08: what of the list was not followed."""
        shows = [it for it in effects if isinstance(it, do.Show) and it.text in NOT_FOLLOWED]
        told = sorted((str(it.arguments["function"]), it.text.removeprefix("refused-")) for it in shows)
        hold(Law.REFUSED, told == self.looks.to_tell, f"{told}, right is {self.looks.to_tell}")
        self.looks.to_tell = []

    def judge_installed(self, installed: Mapping[str, InstalledImage], counters: Mapping[str, int]) -> None:
        """What the car keeps of it, by function."""
        lower = [function for function, highest in self.counters.items() if counters.get(function, 0) < highest]
        hold(Law.COUNTER, not lower, f"{lower}: {counters} after {self.counters}")
        hold(Law.COUNTER, counters == self.counters, f"{counters}, right is {self.counters}")
        kept = {name: (it.version, it.sha256, it.release_counter) for name, it in installed.items()}
        right = {name: (it.version, it.sha256, it.release_counter) for name, it in self.installed.items()}
        hold(Law.COUNTER, kept == right, f"{kept} installed, right is {right}")

    def wanted(self, pausing: set[str], now: datetime) -> set[str]:
        """What may be fetched now, one at a time (FOD-02, PRV-02); what has begun is finished."""
        free = self.world.session and not self.world.private and self.world.on
        open_ = {
            offer_id
            for offer_id, it in self.packages.items()
            if it.step is Step.WANTED and (now < it.good_until or offer_id in self.fetching)
        }
        return open_ - pausing if free else set()

    def overdue(self, now: datetime) -> list[str]:
        """What should have been installed by now."""
        if not all(self.world.ready):
            return []
        return [
            offer_id
            for offer_id, it in self.packages.items()
            if it.step is Step.FETCHED
            and it.failed_in != self.stays
            and now < it.good_until
            and it.met_since is not None
            and now - max(self.ready_since, it.fresh_since, it.met_since) > self.settle
        ]

    def map_wanted(self) -> bool:
        """CON-29, PRV-02."""
        over = self.world.bearer is Way.HOTSPOT or self.world.map_over_mobile
        return self.map is not None and not self.map_loaded and self.world.session and over and not self.world.private

    def shared(self) -> bool:
        """CON-26, CON-27: whether the car's WiFi has data for passengers."""
        paid = self.world.package_until is not None
        return self.world.sharing and self.world.mobile and paid and self.world.session

    def routes(self) -> list[tuple[str, str, bool]]:
        """CON-27, CON-28: where each phone gets its data from, and whether its apps reach the PCM."""
        shared, found = self.shared(), []
        for platform, stays in self.devices.values():
            stuck = platform is Platform.ANDROID and stays and self.world.sharing
            route = "car" if shared else "none" if stuck else "own"
            found.append((platform.value, route, self.world.sharing and (stays or shared)))
        return found
