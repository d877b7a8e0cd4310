"""What may be done in a scenario, one thing a step."""

from typing import Annotated, Literal

from msgspec import Meta

from pcm_agent.core.states import TheftSensor
from simulator.scenario.model.around import (
    BookPackage,
    EnterPin,
    EnterPuk,
    InsertSim,
    JoinDevice,
    MenuTap,
    Network,
    OfferMap,
    OpenHotspot,
    Radio,
    StartCarPlay,
    UseData,
)
from simulator.scenario.model.part import Part
from simulator.scenario.model.people import (
    CarBuilt,
    ConnectApp,
    LogIn,
    NewAccount,
    Order,
    OrderService,
    Register,
    Remote,
    SecurityCode,
    Setting,
)
from simulator.scenario.model.values import Duration, FunctionName, PorscheId, SelectorPosition, Switch, WayName


class Do(Part, frozen=True, kw_only=True):
    """One thing that happens: in the car, around it, or at the backend. Exactly one key."""

    # power and body
    ignition: Switch | None = None
    """The power button."""
    selector_lever: SelectorPosition | None = None
    """Move it there."""
    parking_brake: Literal["applied", "released"] | None = None
    """Apply it, or release it."""
    lock: Literal["locked", "unlocked"] | None = None
    """Lock or unlock the car with its key."""
    seats: Literal["occupied", "vacant"] | None = None
    """Somebody gets in, or the car is left."""
    charging_cable: Literal["connected", "disconnected"] | None = None
    """Plug it in, or unplug it."""
    battery: Annotated[int, Meta(ge=0, le=100, description="percent")] | None = None
    """The high-voltage battery is measured, in percent."""
    # radio, SIM, phone
    radio: Radio | None = None
    insert_sim: InsertSim | None = None
    remove_sim: Literal["now"] | None = None
    """Take the SIM out of the slot."""
    open_hotspot: OpenHotspot | None = None
    close_hotspot: str | None = None
    """A phone closes its WiFi network; its name (SSID)."""
    connect_phone: str | None = None
    """Over Bluetooth; the phone's name."""
    disconnect_phone: Literal["now"] | None = None
    """No phone is connected over Bluetooth any more."""
    start_carplay: StartCarPlay | None = None
    end_carplay: Literal["now"] | None = None
    """The phone leaves the screen."""
    call: Literal["phone", "inserted-sim", "ended"] | None = None
    """A call begins over this line, or the call ends."""
    # passengers, data and maps
    join_device: JoinDevice | None = None
    leave_device: str | None = None
    """A passenger's phone leaves the car's WiFi; its name."""
    use_data: UseData | None = None
    map_update: OfferMap | None = None
    # the driver's taps
    scan_hotspots: Literal["now"] | None = None
    """Look for WiFi networks."""
    way_order: tuple[WayName, ...] | None = None
    """All of the car's ways to data, in the order in which they are to be tried."""
    menu: MenuTap | None = None
    """Tap a way through the menus of this car: see [menus](#menus)."""
    share_data: Switch | None = None
    """Share the car's data connection with passengers."""
    map_updates_over_mobile: Switch | None = None
    """Let map updates use mobile data, or have them wait for WiFi."""
    private_mode: Switch | None = None
    """For all services."""
    roaming: Switch | None = None
    """The switch; cars without one refuse it."""
    mobile_data: Switch | None = None
    """The switch; cars without one refuse it."""
    sim_pin: EnterPin | None = None
    sim_puk: EnterPuk | None = None
    apn: str | None = None
    """Set the access point name of one's own SIM."""
    join_hotspot: Network | None = None
    pairing_code: str | None = None
    """The digits, or `from-my-porsche` for the one that My Porsche shows; ` of somebody@example.com` may follow."""
    log_in: LogIn | None = None
    log_out: Literal["now"] | None = None
    """Log out in the car."""
    guest: Literal["now"] | None = None
    """Go on as a guest, without logging out."""
    key: str | None = None
    """Open the car with this key."""
    setting: Setting | None = None
    remote_access: Switch | None = None
    """Allow it in the PCM, or switch it off."""
    factory_reset: Literal["now"] | None = None
    """Reset the PCM to its factory settings."""
    agree_to: FunctionName | None = None
    """Agree to a package that was offered; its function."""
    traffic: Switch | None = None
    """Real-time traffic, in the map view."""
    updates: Literal["open"] | None = None
    """Look at the Updates page."""
    app_connection: Literal["open"] | None = None
    """Look whether the app is connected."""
    service_mode: Switch | None = None
    """Suspends parts of the alarm for a time."""
    security_package: Literal["off"] | None = None
    """Try to switch it off."""
    # security, and the app on a phone
    driver_card: Literal["present", "absent"] | None = None
    """A driver card comes into the car, or leaves it."""
    move: Literal["now"] | None = None
    """The car moves."""
    theft_sensor: TheftSensor | None = None
    """A theft sensor trips."""
    app: ConnectApp | Literal["connected", "disconnected"] | None = None
    """The app on a phone: connected as its last phone was, in a language, or not any more."""
    fail_next_download: Literal["now"] | None = None
    """The next file that has come will be damaged."""
    fail_next_installation: Literal["now"] | None = None
    """The disk will refuse the next installation."""
    fail_next_health_check: Literal["now"] | None = None
    """The next function that is installed will not come up."""
    # My Porsche, the store, and the security operations centre
    register: Register | None = None
    create_account: NewAccount | None = None
    """Make a Porsche ID."""
    add_user: NewAccount | None = None
    """Make a Porsche ID, and let the main user add it to the car."""
    grant: PorscheId | None = None
    """Let an additional user use remote services."""
    security_code: SecurityCode | None = None
    reset_security_code: PorscheId | None = None
    """Reset the security code of this Porsche ID, in My Porsche."""
    sell_car: Literal["now"] | None = None
    """The main user sells the car."""
    delete_account: PorscheId | None = None
    """Delete the account of this Porsche ID."""
    remote: Remote | None = None
    order: Order | None = None
    offer_again: FunctionName | None = None
    """Offer the function of an order again."""
    cancel_order: FunctionName | None = None
    """Cancel the order of a function."""
    end_subscription: FunctionName | None = None
    """End a monthly subscription or a trial before the car is handed over: the function is removed at once."""
    give_notice: FunctionName | None = None
    """Give notice to a monthly subscription: at the end of the month its function is removed."""
    revoke: FunctionName | None = None
    """Have support revoke an order for good, within 14 days of it."""
    online_updates: Switch | None = None
    """Enable online software updates for the car in My Porsche, or disable them."""
    offer_update: FunctionName | None = None
    """Offer an online software update to the car; its name in the store's data."""
    car_built: CarBuilt | None = None
    order_service: OrderService | None = None
    cancel_service: FunctionName | None = None
    """End a service before its term."""
    close_alarm: Literal["now"] | None = None
    """The security operations centre closes the alarm."""
    data_package: BookPackage | None = None
    # time
    wait: Duration | None = None
    """Let time pass: it jumps from timer to timer, in a live run too. With `pcm-sim do` it passes for the car alone."""
