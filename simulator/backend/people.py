"""What people do in My Porsche and in the app: accounts, cars in a profile, users, codes, and remote services."""

import hmac
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from pcm_agent.protocol.envelope import Envelope, encode, encode_body
from pcm_agent.protocol.messages import KIND_OF, Command
from pcm_agent.protocol.people import RemoteAction, RemoteCommand, ResetSecurityCode, Role, Unlink
from pcm_agent.protocol.services import CancelService
from pcm_agent.protocol.topics import Topic
from pcm_agent.transport import Clock
from pcm_agent.trust.login import code_verifier, password_verifier
from simulator.backend.orders import end_with_account
from simulator.backend.records import AccountRow, CarRow, CommandRow, LinkRow, PairingCodeRow, ServiceRow, UserRow

PAIRING_CODES = 100_000_000
"""Eight digits (IDN-04)."""
CODE_TIME = timedelta(days=1)
"""How long a pairing code is valid; a figure of our own, the seeds give none."""
REMOTE_TIME = timedelta(minutes=2)
"""A command from afar that does not reach the car in this time is not carried out; a figure of our own."""


Note = Callable[[str, str, dict[str, Any]], None]
"""Takes VIN, name and details of what the backend did."""


class People:
    """Accounts, cars and their users. Each method is one transaction; commands that it leaves are sent by the service.

    Args:
        engine: of `opening.open_database`.
        clock: for codes that expire.
        rng: draws pairing codes and message ids.
        note: told what was done.
    """

    def __init__(self, engine: Engine, clock: Clock, rng: random.Random, note: Note) -> None:
        self.engine, self.clock = engine, clock
        self._note = note
        self._untold: list[tuple[str, str, dict[str, Any]]] | None = None
        """What was done in the transaction under way; None: there is none."""
        self.due: set[str] = set()
        """Cars for which a command was left since the service last looked."""
        self._rng = rng

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction. What was done in it is told once it is committed, and never where it is not."""
        untold: list[tuple[str, str, dict[str, Any]]] = []
        self._untold = untold
        try:
            with Session(self.engine) as db, db.begin():
                yield db
        finally:
            self._untold = None
        for note in untold:
            self._note(*note)

    def note(self, vin: str, name: str, details: dict[str, Any]) -> None:
        """Tell what was done: now, or when the transaction under way is committed."""
        if self._untold is None:
            self._note(vin, name, details)
        else:
            self._untold.append((vin, name, details))

    def create_account(self, porsche_id: str, password: str, country: str) -> None:
        """Make a Porsche ID, unless there is one (IDN-01).

        Raises:
            LocalError: `account-deleted`.
        """
        with self.transaction() as db:
            _make_account(db, porsche_id, password, country)

    def register(self, vin: str, porsche_id: str, password: str, country: str) -> str | None:
        """Add a car to somebody's profile, making the account where there is none (IDN-01, IDN-02).

        Returns:
            The pairing code, shown until the car is linked (IDN-05); None once it is.

        Raises:
            LocalError: `account-deleted`, `password-wrong`; `car-of-another`: it is in another profile.
        """
        with self.transaction() as db:
            _make_account(db, porsche_id, password, country)
            car = db.get(CarRow, vin)
            if car is None:
                car = CarRow(vin=vin)
                db.add(car)
            if car.main_user not in (None, porsche_id):
                raise LocalError("car-of-another", f"{vin} is in another profile; its owner must remove it first")
            car.main_user = porsche_id
            db.flush()
            code = None if _linked(db, vin, porsche_id) else self._code(db, vin, porsche_id)
        self.note(vin, "account-registered", {"porsche_id": porsche_id})
        return code

    def pairing_code(self, vin: str, porsche_id: str | None = None) -> str:
        """What My Porsche shows to a user of a car that is not linked yet: the main user, or another (IDN-05).

        A code that has expired gives place to a new one.

        Raises:
            LocalError: `car-unknown`, `car-already-linked`, `user-unknown`.
        """
        with self.transaction() as db:
            car = car_in_profile(db, vin)
            asking = porsche_id or str(car.main_user)
            if asking != car.main_user:
                _user(db, vin, asking)
            elif _linked(db, vin, asking):
                raise LocalError("car-already-linked", f"{vin} is linked; My Porsche shows no pairing code")
            return self._code(db, vin, asking)

    def _code(self, db: Session, vin: str, porsche_id: str) -> str:
        now = self.clock.now()
        valid = select(PairingCodeRow.code).where(
            PairingCodeRow.vin == vin,
            PairingCodeRow.porsche_id == porsche_id,
            PairingCodeRow.used.is_(False),
            PairingCodeRow.valid_until > now,
        )
        shown = db.scalar(valid)
        if shown is not None:
            return shown
        code = f"{self._rng.randrange(PAIRING_CODES):08}"
        while db.get(PairingCodeRow, code) is not None:
            code = f"{self._rng.randrange(PAIRING_CODES):08}"
        db.add(PairingCodeRow(code=code, vin=vin, porsche_id=porsche_id, valid_until=now + CODE_TIME))
        return code

    def add_user(self, vin: str, porsche_id: str, password: str, country: str) -> None:
        """Have the main user add another one, making the account where there is none (IDN-08).

        Raises:
            LocalError: `car-unknown`, `account-deleted`.
        """
        with self.transaction() as db:
            car_in_profile(db, vin)
            _make_account(db, porsche_id, password, country)
            db.merge(UserRow(vin=vin, porsche_id=porsche_id))
        self.note(vin, "user-added", {"porsche_id": porsche_id})

    def grant(self, vin: str, porsche_id: str) -> None:
        """Have the main user let an additional one use remote services (IDN-13).

        Raises:
            LocalError: `user-unknown`.
        """
        with self.transaction() as db:
            _user(db, vin, porsche_id).granted = True
        self.note(vin, "right-granted", {"porsche_id": porsche_id})

    def set_security_code(self, porsche_id: str, code: str) -> None:
        """Set the security code, or change it (IDN-07).

        Raises:
            LocalError: `account-unknown`.
        """
        with self.transaction() as db:
            _account(db, porsche_id).code_verifier = code_verifier(porsche_id, code)

    def reset_security_code(self, porsche_id: str) -> None:
        """Reset the security code: in the cars of a main user remote access goes off (IDN-07, REM-02).

        Raises:
            LocalError: `account-unknown`.
        """
        with self.transaction() as db:
            _account(db, porsche_id).code_verifier = None
            for car in db.scalars(select(CarRow)):
                role = role_of(db, car, porsche_id)
                if role is Role.MAIN or _linked(db, car.vin, porsche_id):
                    self.command(db, car.vin, ResetSecurityCode(porsche_id=porsche_id, role=role))
                    self.note(car.vin, "security-code-reset", {"porsche_id": porsche_id})

    def sell_car(self, vin: str) -> None:
        """Remove a car from its owner's profile: it knows none of its users any more, its services stay (IDN-14).

        Raises:
            LocalError: `car-unknown`.
        """
        with self.transaction() as db:
            self._remove(db, car_in_profile(db, vin))

    def delete_account(self, porsche_id: str) -> None:
        """End online access to cars and services, and forget the settings; customer data stays (IDN-15).

        Raises:
            LocalError: `account-unknown`.
        """
        with self.transaction() as db:
            account = _account(db, porsche_id)
            for car in db.scalars(select(CarRow)):
                if car.main_user == porsche_id:
                    self._stop_services(db, car.vin)
                    self._remove(db, car)
                else:
                    self._unlink(db, car, porsche_id)
                    db.execute(delete(UserRow).where(UserRow.vin == car.vin, UserRow.porsche_id == porsche_id))
            end_with_account(db, porsche_id, self.clock.now())
            db.execute(delete(PairingCodeRow).where(PairingCodeRow.porsche_id == porsche_id))
            account.settings, account.verifier, account.code_verifier, account.deleted = {}, b"", None, True
        self.note("", "account-deleted", {"porsche_id": porsche_id})

    def _remove(self, db: Session, car: CarRow) -> None:
        linked = db.scalars(select(LinkRow.porsche_id).where(LinkRow.vin == car.vin)).all()
        for porsche_id in dict.fromkeys((str(car.main_user), *linked)):
            self._unlink(db, car, porsche_id)
        db.execute(delete(UserRow).where(UserRow.vin == car.vin))
        db.execute(delete(PairingCodeRow).where(PairingCodeRow.vin == car.vin))
        self.note(car.vin, "car-removed", {"porsche_id": car.main_user})
        car.main_user = None

    def _stop_services(self, db: Session, vin: str) -> None:
        """Deleting the account stops what it bought; selling the car does not (IDN-14, IDN-15)."""
        for service in db.scalars(select(ServiceRow.service).where(ServiceRow.vin == vin)):
            self.command(db, vin, CancelService(service=service))

    def _unlink(self, db: Session, car: CarRow, porsche_id: str) -> None:
        """Have the car forget a user; a main user who is logged out just now has remote access to lose."""
        link = db.get(LinkRow, (car.vin, porsche_id))
        role = role_of(db, car, porsche_id)
        if link is not None:
            db.delete(link)
        if link is not None or role is Role.MAIN:
            self.command(db, car.vin, Unlink(porsche_id=porsche_id, role=role))

    def remote(self, vin: str, action: RemoteAction, porsche_id: str, code: str | None = None) -> None:
        """Have the car do something from afar; whether it may is the car's to decide (REM-01).

        Args:
            vin: of the car.
            action: what it is to do.
            porsche_id: who asks, logged in to the app.
            code: the security code that was typed.

        Raises:
            LocalError: `car-unknown`, `account-unknown`.
        """
        with self.transaction() as db:
            car, account = car_in_profile(db, vin), _account(db, porsche_id)
            role = role_of(db, car, porsche_id)
            user = db.get(UserRow, (vin, porsche_id))
            command = RemoteCommand(
                action=action,
                porsche_id=porsche_id,
                role=role,
                granted=user is not None and user.granted,
                code_check=_checked(account, code),
            )
            self.command(db, vin, command, self.clock.now() + REMOTE_TIME)
        self.note(vin, "remote-asked", {"action": action, "porsche_id": porsche_id})

    def settings_of(self, porsche_id: str) -> dict[str, str]:
        """The personal settings that are kept of a Porsche ID (IDN-12).

        Raises:
            LocalError: `account-unknown`.
        """
        with Session(self.engine) as db:
            return dict(_account(db, porsche_id).settings)

    def command(self, db: Session, vin: str, body: Command, expires: datetime | None = None) -> str:
        """Leave a command for a car; it is kept until its result is in. Once it has expired the car refuses it.

        Returns:
            Its id.
        """
        kind = KIND_OF[type(body)]
        envelope = Envelope(
            id=f"{self._rng.getrandbits(128):032x}",
            vin=vin,
            kind=kind,
            time=self.clock.now(),
            body=encode_body(body),
            reply_to=str(Topic(vin, "reply", kind)),
            expires=expires,
        )
        self.due.add(vin)
        number = 1 + (db.scalar(select(func.max(CommandRow.number))) or 0)
        db.add(CommandRow(id=envelope.id, vin=vin, number=number, kind=kind, payload=encode(envelope)))
        return envelope.id


def _linked(db: Session, vin: str, porsche_id: str) -> bool:
    return db.get(LinkRow, (vin, porsche_id)) is not None


def role_of(db: Session, car: CarRow, porsche_id: str) -> Role:
    """What a Porsche ID is to a car (IDN-08, IDN-13)."""
    if car.main_user == porsche_id:
        return Role.MAIN
    return Role.ADDITIONAL if db.get(UserRow, (car.vin, porsche_id)) else Role.VISITOR


def car_in_profile(db: Session, vin: str) -> CarRow:
    """A car that is in somebody's profile.

    Raises:
        LocalError: `car-unknown`.
    """
    car = db.get(CarRow, vin)
    if car is None or car.main_user is None:
        raise LocalError("car-unknown", f"{vin} is in nobody's profile; register it first")
    return car


def _make_account(db: Session, porsche_id: str, password: str, country: str) -> None:
    account = db.get(AccountRow, porsche_id)
    if account is None:
        verifier = password_verifier(porsche_id, password)
        db.add(AccountRow(porsche_id=porsche_id, verifier=verifier, country=country))
        db.flush()
    elif account.deleted:
        raise LocalError("account-deleted", f"{porsche_id} was deleted")
    elif not hmac.compare_digest(account.verifier, password_verifier(porsche_id, password)):
        raise LocalError("password-wrong", f"{porsche_id} has an account, with another password")


def _account(db: Session, porsche_id: str) -> AccountRow:
    account = db.get(AccountRow, porsche_id)
    if account is None or account.deleted:
        raise LocalError("account-unknown", f"there is no Porsche ID {porsche_id}")
    return account


def _user(db: Session, vin: str, porsche_id: str) -> UserRow:
    user = db.get(UserRow, (vin, porsche_id))
    if user is None:
        raise LocalError("user-unknown", f"{porsche_id} is no additional user of {vin}")
    return user


def _checked(account: AccountRow, code: str | None) -> Literal["right", "wrong", "missing"]:
    if code is None:
        return "missing"
    right = account.code_verifier is not None and hmac.compare_digest(
        account.code_verifier, code_verifier(account.porsche_id, code)
    )
    return "right" if right else "wrong"
