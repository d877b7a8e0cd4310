"""How the records of a running agent or backend reach whoever records: over the rig's wire, while somebody does.

A recorder says that it is there with a retained message, `sim/v1/{recorder}/recorder/recording`, another one in each of
its sessions; an empty one, which is also its last will, takes that back. As long as one is there, each process sends
its records, on `sim/v1/{vin}/trace/{agent or backend}`. A stream begins with what the car is and its whole state,
secrets masked; so does what comes after a gap.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from typing import Literal
from uuid import uuid4

import msgspec

from pcm_agent.errors import TransportError
from pcm_agent.protocol.envelope import Envelope, encode
from pcm_agent.protocol.topics import Topic, parse_topic
from pcm_agent.tasks import together
from pcm_agent.transport import Broker, Outgoing, Session
from simulator.trace import Record, Trace

PAUSE = 1.0
"""Real seconds between two tries to reach the broker."""
LIMIT = 10_000
"""So many records wait at most; then all are given up, and the stream begins anew."""
NOBODY = "-"
"""In place of a VIN where a record is about no car."""
RECORDERS = "sim/v1/+/recorder/recording"
RECORDS = "sim/v1/+/trace/+"


class Streamer:
    """Sends the records of one process.

    Args:
        broker: a client of its own.
        trace: whose records.
        who: whose process it is.
        begin: adds to the trace what a stream must begin with.
    """

    def __init__(
        self, broker: Broker, trace: Trace, who: Literal["agent", "backend"], begin: Callable[[], object] = lambda: None
    ) -> None:
        self._broker, self._who, self._begin = broker, who, begin
        self._id = uuid4().hex
        """Of this process: its numbers of records mean nothing in another one."""
        self._recorders: dict[str, bytes] = {}
        """By name, what each said of its session."""
        self._waiting: deque[Record] = deque()
        self._news = asyncio.Event()
        self._gap = False
        trace.listen(self._take)

    @property
    def heard(self) -> bool:
        """Whether anybody records."""
        return bool(self._recorders)

    def _take(self, record: Record) -> None:
        if not self.heard:
            return
        if len(self._waiting) >= LIMIT:
            self._waiting.clear()
            self._gap = True
        self._waiting.append(record)
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled; a broker that is gone is tried until it is back."""
        while True:
            try:
                async with self._broker.connect(None, [RECORDERS]) as session:
                    await together(self._listen(session), self._send(session))
            except TransportError:
                self._forget()
                await asyncio.sleep(PAUSE)  # real time, as with the rig's own wire, which tells that the broker is gone

    def _forget(self) -> None:
        """Who recorded says so again when the broker is back."""
        self._recorders.clear()
        self._waiting.clear()

    async def _listen(self, session: Session) -> None:
        async with aclosing(session.messages()) as messages:
            async for message in messages:
                topic = parse_topic(message.topic)
                if topic is not None:
                    self._came(topic.vin, message.payload)

    def _came(self, recorder: str, session: bytes) -> None:
        """A recorder came or went; one that comes wants to know what there is, and so do the others then.

        A broker that was gone may still say of one that it is there: what it was sent before it is back is lost, and
        its next session begins anew.
        """
        if not session:
            self._recorders.pop(recorder, None)
        elif self._recorders.get(recorder) != session:
            self._recorders[recorder] = session
            self._begin()

    async def _send(self, session: Session) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if self._gap:
                self._gap = False
                self._waiting.clear()
                self._begin()
            while self._waiting and not self._gap:
                await session.publish(self._message(self._waiting.popleft()))

    def _message(self, record: Record) -> Outgoing:
        topic = Topic(record.car or NOBODY, "trace", self._who, "sim")
        envelope = Envelope(
            id=uuid4().hex,
            vin=topic.vin,
            kind=topic.kind,
            time=record.time,
            body=msgspec.Raw(msgspec.json.encode(record)),
            correlation=self._id,
        )
        return Outgoing(topic=str(topic), payload=encode(envelope), id=envelope.id, correlation=self._id)
