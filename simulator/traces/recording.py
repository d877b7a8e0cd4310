"""`pcm-sim record`: writes what the agents and backends on a broker do, as one trace.

Their records are put one behind the other as they come, and numbered anew. What goes over the broker is in them too:
each agent says what it sent and what arrived.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from pcm_agent import __version__
from pcm_agent.errors import PeerError, TransportError
from pcm_agent.protocol.envelope import decode
from pcm_agent.protocol.topics import Topic, parse_topic
from pcm_agent.transport import Broker, Incoming, Outgoing, Session
from simulator.trace import FORMAT, Record, Trace
from simulator.traces.streaming import PAUSE, RECORDS

FAREWELL = 2.0
"""Real seconds that the message may take that nobody records any more."""
REMEMBERED = 50_000
"""So many records of a process can still be named as a cause."""


class Recorder:
    """Writes a trace of all that the processes on a broker do.

    Args:
        broker: a client of its own.
        name: of this recorder, another one than any other's.
        trace: where to write.
        tell: told, once each time, when the broker is gone.
    """

    def __init__(self, broker: Broker, name: str, trace: Trace, tell: Callable[[str], None]) -> None:
        self._broker, self._trace, self._tell = broker, trace, tell
        self._topic = str(Topic(name, "recorder", "recording", "sim"))
        self._numbers: dict[str, dict[int, int]] = {}
        """By process, its numbers and ours."""
        header = {"format": FORMAT, "version": __version__, "mode": "recorded"}
        trace.add("run", "run", header, at=datetime.now(UTC))

    async def run(self) -> None:
        """Record until cancelled.

        Raises:
            TransportError: there was no broker at the beginning, or the trace can't be written. Later it is tried
                until it is back.
        """
        met = False
        while True:
            try:
                async with self._broker.connect(self._says(b""), [RECORDS]) as session:
                    met = True
                    await self._record(session)
            except TransportError as error:
                if not met or error.code == "trace-unwritable":
                    raise
                self._tell(f"{error.message}; trying again until it works")
                await asyncio.sleep(PAUSE)

    async def _record(self, session: Session) -> None:
        await session.publish(self._says(msgspec.json.encode({"session_id": uuid4().hex})))
        try:
            async with aclosing(session.messages()) as messages:
                async for message in messages:
                    self._heard(message)
        finally:
            with suppress(TransportError, TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await session.publish(self._says(b""))

    def _says(self, payload: bytes) -> Outgoing:
        """That somebody records, or nobody any more; retained, for those who come later."""
        return Outgoing(topic=self._topic, payload=payload, id="recording", retain=True)

    def _heard(self, message: Incoming) -> None:
        topic = parse_topic(message.topic)
        if topic is None or topic.channel != "trace":
            return
        try:
            envelope = decode(message.payload, topic)
            record = msgspec.json.decode(envelope.body, type=Record)
        except (PeerError, msgspec.DecodeError) as error:
            self._trace.add("note", "record-unreadable", {"text": str(error)}, at=datetime.now(UTC))
        else:
            self._write(envelope.correlation or "", record)

    def _write(self, process: str, record: Record) -> None:
        numbers = self._numbers.setdefault(process, {})
        cause = numbers.get(record.cause) if record.cause is not None else None
        numbers[record.seq] = self._trace.adopt(record, cause)
        if len(numbers) > REMEMBERED:
            del numbers[next(iter(numbers))]
