"""Where a broker is, and whether anything answers there."""

import asyncio
import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import SplitResult, unquote, urlsplit

from pcm_agent.errors import TransportError

DEFAULT_PORT = 1883
ANSWER_LIMIT_S = 5.0

BrokerKind = Literal["mosquitto", "amqtt", "external"]


class BrokerError(TransportError):
    """A broker could not be found, started or reached.

    Codes: `broker-url-invalid`, `broker-unreachable`, `broker-not-installed`, `broker-start-failed`,
    `broker-port-unusable`, `broker-not-ours` (only a broker that was started here can be restarted).
    """


@dataclass(frozen=True)
class BrokerAddress:
    """Host, TCP port and credentials of an MQTT broker; `str` and `repr` never show the password."""

    host: str
    port: int = DEFAULT_PORT
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Return the address as a URL without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mqtt://{host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `mqtt://[user[:password]@]host[:port]`; name and password may be percent-encoded.

        Raises:
            BrokerError: `broker-url-invalid`; the message says what is wrong and quotes nothing that may be a secret.
        """
        parts = _split(url)
        return cls(
            host=_host(parts),
            port=_port(parts),
            username=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
        )


def reached_from_here(host: str) -> str:
    """The host at which this machine reaches what listens on `host`: loopback where it listens on all addresses."""
    if not host:
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host  # a name
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"


def _split(url: str) -> SplitResult:
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise _invalid("it must look like mqtt://host:1883")
    if scheme.lower() != "mqtt":
        raise _invalid(f"the scheme is {scheme!r}, and only 'mqtt' is supported")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = None  # what urlsplit says quotes the text, which may hold the password
    if parts is None:
        raise _invalid("its host is malformed")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _invalid("nothing may follow the port (write / ? and # in a password as %2F %3F and %23)")
    return parts


def _host(parts: SplitResult) -> str:
    host = parts.hostname
    if not host:
        raise _invalid("the host is missing")
    if not host.isprintable() or " " in host:
        raise _invalid("the host holds a space or a control character")
    try:
        host.encode("idna")
    except UnicodeError:
        raise _invalid("the host holds an empty part, or one of more than 63 characters") from None
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = DEFAULT_PORT if parts.port is None else parts.port
    except ValueError:
        port = 0  # as above: the text of this error may quote the password
    if port == 0:
        raise _invalid("the port must be a number from 1 to 65535")
    return port


def _invalid(reason: str) -> BrokerError:
    return BrokerError("broker-url-invalid", f"the broker's address is not usable: {reason}")


async def check_answers(address: BrokerAddress, limit_s: float = ANSWER_LIMIT_S) -> None:
    """Make sure that something accepts TCP connections at the address.

    Args:
        address: where to look.
        limit_s: longest wait, in seconds.

    Raises:
        BrokerError: `broker-unreachable`.
    """
    try:
        async with asyncio.timeout(limit_s):
            _, writer = await asyncio.open_connection(address.host, address.port)
    except TimeoutError:
        raise _unreachable(address, f"no answer within {limit_s:g} s") from None
    except (OSError, UnicodeError) as error:  # UnicodeError: a host that no name server could know
        raise _unreachable(address, str(error)) from error
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def _unreachable(address: BrokerAddress, reason: str) -> BrokerError:
    return BrokerError("broker-unreachable", f"no broker answers at {address}: {reason}")


def check_free(host: str, port: int) -> None:
    """Make sure that a broker could listen there now; port 0 always could.

    Raises:
        BrokerError: `broker-port-unusable`.
    """
    if port == 0:
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BrokerError("broker-port-unusable", f"nothing can listen on {host}, port {port}: {reason}") from error


def free_port(host: str) -> int:
    """Return a TCP port that is free at this moment; whoever binds it must be ready to lose the race.

    Raises:
        BrokerError: `broker-start-failed` if nothing can be bound on this host.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, 0), family=family) as probe:
            return int(probe.getsockname()[1])
    except OSError as error:
        raise BrokerError("broker-start-failed", f"no port can be opened on host {host!r}: {error}") from error
