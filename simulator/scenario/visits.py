"""Carries out one `do` at the backend: a visit to My Porsche, or what its dealers and its operations centre do."""

from datetime import timedelta

from pcm_agent.protocol.people import RemoteAction
from simulator.backend.catalogue import Build
from simulator.backend.centre import close_alarm
from simulator.backend.desk import Desk
from simulator.backend.orders import built
from simulator.backend.records import OrderKind
from simulator.backend.services import cancel_service, order_service
from simulator.backend.sharing import book_data_package
from simulator.backend.subscriptions import end_subscription, give_notice, revoke
from simulator.backend.updates import disable_updates, enable_updates, offer_update
from simulator.scenario.actions import FROM_MY_PORSCHE
from simulator.scenario.model import (
    BookPackage,
    CarBuilt,
    NewAccount,
    Order,
    OrderService,
    Register,
    Remote,
    SecurityCode,
    price,
    size,
)


def visit_my_porsche(desk: Desk, vin: str, country: str, name: str, value: object) -> bool:
    """Do something at the backend; whether `name` is such a thing.

    Raises:
        LocalError: the backend does not know the car or the order.
    """
    match name, value:
        case "register", Register(porsche_id=porsche_id, password=password):
            desk.register(vin, porsche_id, password, country)
        case "order", Order():
            cents, currency = price(value.price)
            desk.order(
                vin,
                value.function,
                size(value.size),
                version=value.version,
                price_cents=cents,
                currency=currency,
                ask=value.consent == "ask",
                kind=OrderKind(value.kind),
                months=value.months,
                preconditions=value.preconditions,
            )
        case "offer_again", str():
            desk.offer_again(vin, value)
        case "cancel_order", str():
            desk.withdraw(vin, value)
        case "car_built", CarBuilt():
            built(desk, vin, Build(value.profile, value.country, frozenset(value.equipment)))
        case "data_package", BookPackage(days=days, renewal=renewal):
            book_data_package(desk, vin, days, renews=renewal == "on")
        case "order_service", OrderService():
            until = value.until or desk.clock.now() + timedelta(days=value.days)
            order_service(desk, vin, value.service, until, value.phone)
        case "cancel_service", str():
            cancel_service(desk, vin, value)
        case "close_alarm", _:
            close_alarm(desk, vin)
        case _:
            return visit_my_products(desk, vin, name, value) or visit_account(desk, vin, country, name, value)
    return True


def visit_my_products(desk: Desk, vin: str, name: str, value: object) -> bool:
    """Do something about what was bought, or about updates; whether `name` is such a thing.

    Raises:
        LocalError: it is declined.
    """
    match name, value:
        case "end_subscription", str():
            end_subscription(desk, vin, value)
        case "give_notice", str():
            give_notice(desk, vin, value)
        case "revoke", str():
            revoke(desk, vin, value)
        case "online_updates", "on":
            enable_updates(desk, vin)
        case "online_updates", _:
            disable_updates(desk, vin)
        case "offer_update", str():
            offer_update(desk, vin, value)
        case _:
            return False
    return True


def visit_account(desk: Desk, vin: str, country: str, name: str, value: object) -> bool:
    """Do something with an account or a car's users; whether `name` is such a thing.

    Raises:
        LocalError: the backend does not know the car, the account or the user.
    """
    match name, value:
        case "create_account", NewAccount():
            desk.create_account(value.porsche_id, value.password, country)
        case "add_user", NewAccount():
            desk.add_user(vin, value.porsche_id, value.password, country)
        case "grant", str():
            desk.grant(vin, value)
        case "security_code", SecurityCode():
            desk.set_security_code(value.porsche_id, value.code)
        case "reset_security_code", str():
            desk.reset_security_code(value)
        case "sell_car", _:
            desk.sell_car(vin)
        case "delete_account", str():
            desk.delete_account(value)
        case "remote", Remote():
            desk.remote(vin, RemoteAction(value.action), value.by, value.security_code)
        case _:
            return False
    return True


def shown_pairing_code(desk: Desk, vin: str, wanted: str) -> str:
    """What is typed: the digits themselves, or those that My Porsche shows to the main user or to another.

    Raises:
        LocalError: the backend does not know the car or the user, or shows no code.
    """
    shown, _, porsche_id = wanted.partition(" of ")
    return desk.pairing_code(vin, porsche_id or None) if shown == FROM_MY_PORSCHE else wanted
