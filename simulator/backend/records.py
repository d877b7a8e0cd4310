"""What the backend keeps: one class a table (SQLAlchemy). Times are UTC."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from simulator.backend.database import Base


class OrderState(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    DOWNLOADED = "downloaded"
    ACTIVE = "active"
    CANCELLED = "cancelled"
    REMOVED = "removed"


class OrderKind(StrEnum):
    """On what terms a function is had."""

    PERPETUAL = "perpetual"
    """For good: one bill when it becomes active, and it stays with the car for its life (FOD-10)."""
    MONTHLY = "monthly"
    """A bill a month, until notice is given (FOD-12)."""
    TRIAL = "trial"
    """Free, for some months (STO-02)."""
    UPDATE = "update"
    """An online software update: free, and the driver is asked (FOD-15)."""


class AccountRow(Base):
    """A Porsche ID: an e-mail address with what checks its password (IDN-01)."""

    __tablename__ = "account"
    porsche_id: Mapped[str] = mapped_column(primary_key=True)
    verifier: Mapped[bytes]
    code_verifier: Mapped[bytes | None]
    """Checks the security code; None: none is set (IDN-07)."""
    country: Mapped[str]
    settings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Personal settings, as the last car told them (IDN-12)."""
    deleted: Mapped[bool] = mapped_column(default=False)
    """Customer data outlasts the account, until a dealer is asked to delete it (IDN-15)."""


class CarRow(Base):
    """A car, and in whose profile it is (IDN-02)."""

    __tablename__ = "car"
    vin: Mapped[str] = mapped_column(primary_key=True)
    main_user: Mapped[str | None] = mapped_column(ForeignKey("account.porsche_id"))
    """None: it was sold, and nobody has added it yet (IDN-14)."""
    session_id: Mapped[str | None]
    """Of the session in which the car is online; None: offline."""
    last_login_at: Mapped[datetime | None]
    """When the last accepted login was made, by the car's clock; an older proof is a replay."""


class BuildRow(Base):
    """What the factory says of a car, which need not be in anybody's profile yet: what may be sold for it (FOD-14)."""

    __tablename__ = "build"
    vin: Mapped[str] = mapped_column(primary_key=True)
    profile: Mapped[str]
    country: Mapped[str]
    """Where the car was sold."""
    equipment: Mapped[list[str]] = mapped_column(JSON)


class AppRow(Base):
    """The app on a phone that is connected to a car, in a session of its own: the way round to the car (REM-03)."""

    __tablename__ = "app"
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"), primary_key=True)
    session_id: Mapped[str]


class UserRow(Base):
    """An additional user of a car (IDN-08)."""

    __tablename__ = "additional_user"
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"), primary_key=True)
    porsche_id: Mapped[str] = mapped_column(ForeignKey("account.porsche_id"), primary_key=True)
    granted: Mapped[bool] = mapped_column(default=False)
    """The main user lets them use remote services."""


class LinkRow(Base):
    """Somebody who is logged in to a car, or linked with it."""

    __tablename__ = "link"
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"), primary_key=True)
    porsche_id: Mapped[str] = mapped_column(ForeignKey("account.porsche_id"), primary_key=True)
    request_id: Mapped[str]
    """Of the car's request that was confirmed last."""


class PairingCodeRow(Base):
    """A pairing code that was shown to one user of one car (IDN-05)."""

    __tablename__ = "pairing_code"
    code: Mapped[str] = mapped_column(primary_key=True)
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"))
    porsche_id: Mapped[str] = mapped_column(ForeignKey("account.porsche_id"))
    valid_until: Mapped[datetime]
    used: Mapped[bool] = mapped_column(default=False)


class OrderRow(Base):
    """A function on demand that was bought for a car (STO-01, FOD-01)."""

    __tablename__ = "purchase"
    id: Mapped[int] = mapped_column(primary_key=True)
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"))
    function: Mapped[str]
    version: Mapped[str]
    length: Mapped[int]
    price_cents: Mapped[int]
    currency: Mapped[str]
    state: Mapped[OrderState] = mapped_column(default=OrderState.OPEN)
    placed_at: Mapped[datetime]
    download_by: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)
    ask: Mapped[bool] = mapped_column(default=False)
    """Whether the driver must agree in the PCM first."""
    error: Mapped[str | None]
    kind: Mapped[OrderKind] = mapped_column(default=OrderKind.PERPETUAL)
    buyer: Mapped[str] = mapped_column(default="")
    """The Porsche ID that ordered, and pays."""
    trial_months: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime | None]
    """When the function became active in the car, as the car says: from then on months count."""
    months_billed: Mapped[int] = mapped_column(default=0)
    ends_at: Mapped[datetime | None]
    """When a subscription ends to which notice was given, or a trial."""
    ended_at: Mapped[datetime | None]
    """When it was over, and the car was told to remove the function."""
    called_off: Mapped[bool] = mapped_column(default=False)
    """It was cancelled otherwise than by its 28 days; should it become active nonetheless, it is removed again."""
    removal_told: Mapped[bool] = mapped_column(default=False)
    """The car has reported that the function is gone; it is believed once the signed manifest is without it."""
    revoked_at: Mapped[datetime | None]
    """When an order for good was revoked (FOD-11)."""
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    """When something is due for it next: a bill or its end."""
    __table_args__ = ({"sqlite_autoincrement": True},)  # cars have heard of the number of one that is gone


class CommandRow(Base):
    """A command whose result is not in yet; it is sent again whenever the car comes online."""

    __tablename__ = "command"
    id: Mapped[str] = mapped_column(primary_key=True)
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"))
    number: Mapped[int]
    kind: Mapped[str]
    payload: Mapped[bytes]
    received: Mapped[bool] = mapped_column(default=False)


class ManifestRow(Base):
    """What a car said last, signed, of what it has."""

    __tablename__ = "vehicle_manifest"
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"), primary_key=True)
    time: Mapped[datetime | None]
    """When it was signed, by the car's clock, but not after it was received; None: that clock was ahead."""
    installed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    counters: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """Function → the highest release counter that it ever attested: it takes no lower one, though it was removed."""
    attack: Mapped[str | None]
    """Why it refused what the repositories said; None: it did not."""
    seen: Mapped[bytes]
    """Which were received, by their numbers, so that none counts twice."""


class BillRow(Base):
    """A bill: one an order when the function became active, and one each month of a subscription (FOD-09)."""

    __tablename__ = "bill"
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    """Which month it is for, from 0; the key keeps a month from being billed twice."""
    vin: Mapped[str]
    function: Mapped[str]
    amount_cents: Mapped[int]
    currency: Mapped[str]
    due_at: Mapped[datetime]
    """From when on it was owed; a backend that was down bills later, but of that date."""
    billed_at: Mapped[datetime]


class RefundRow(Base):
    """What was paid back of a bill; the bill itself stays (FOD-11)."""

    __tablename__ = "refund"
    order_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    amount_cents: Mapped[int]
    currency: Mapped[str]
    refunded_at: Mapped[datetime]
    __table_args__ = (ForeignKeyConstraint(["order_id", "month"], ["bill.order_id", "bill.month"]),)


class UpdatesRow(Base):
    """Online software updates are enabled for a car, by the Porsche ID that did so (FOD-15)."""

    __tablename__ = "updates_enabled"
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"), primary_key=True)
    porsche_id: Mapped[str]


class ServiceRow(Base):
    """A service that was sold for a car; it stays with the car whoever owns it (STO-09, IDN-14)."""

    __tablename__ = "service"
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"), primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    state: Mapped[str]
    """As the car reported it last."""


class SecurityRow(Base):
    """What the security package needs besides: whom to call, and since when it is fully active (SEC-03, SEC-05)."""

    __tablename__ = "security"
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"), primary_key=True)
    phone: Mapped[str | None]
    activated_at: Mapped[datetime | None]


class AlarmRow(Base):
    """An alarm that the security operations centre noted."""

    __tablename__ = "alarm"
    id: Mapped[int] = mapped_column(primary_key=True)
    vin: Mapped[str] = mapped_column(ForeignKey("car.vin"))
    alarm: Mapped[str]
    cause: Mapped[str]
    raised_at: Mapped[datetime]
    noted_at: Mapped[datetime]
    called: Mapped[str | None]
    """The number that was called; None: none was given."""


class SeenRow(Base):
    """A report that was worked on, so that the same one has no effect when it comes again; kept for `SEEN_KEPT`."""

    __tablename__ = "seen_report"
    vin: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    worked_on_at: Mapped[datetime]
    """Or when it came again."""
