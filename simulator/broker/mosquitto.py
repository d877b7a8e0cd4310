"""Mosquitto as a child process that ends with its parent."""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from simulator.broker.address import (
    BrokerAddress,
    BrokerError,
    BrokerKind,
    check_answers,
    free_port,
    reached_from_here,
)

START_LIMIT_S = 5.0
STOP_LIMIT_S = 3.0
POLL_S = 0.01
PORT_ATTEMPTS = 5
LOG_LINES_SHOWN = 5
FIRST_VERSION_WITH_MQTT5 = (1, 6)
READY = re.compile(r"^mosquitto version \S+ running", re.MULTILINE)
MORE_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")  # Debian's is not in every user's PATH

# Payloads over 256 KiB are the agent's to refuse, so they must reach it; only what is absurd stops here.
# Retained messages are saved when Mosquitto ends, which is what a restart needs. Saving after each change writes the
# whole database every time: with 2,000 retained topics a round trip took 29 ms instead of 0.5 ms.
CONFIGURATION = """\
listener {port} {host}
allow_anonymous true
set_tcp_nodelay true
max_inflight_messages 1000
max_queued_messages 100000
message_size_limit 1048576
max_packet_size 2097152
persistence true
persistence_location {folder}/
autosave_interval 0
sys_interval 0
connection_messages false
log_dest stderr
log_timestamp false
"""
# Started by root, Mosquitto becomes the user "mosquitto", who may not write our folder.
CONFIGURATION_FOR_ROOT = "user root\n"


def find_mosquitto() -> Path | None:
    """Return the installed Mosquitto, or None."""
    folders = os.pathsep.join((os.environ.get("PATH", os.defpath), *MORE_FOLDERS))
    found = shutil.which("mosquitto", path=folders)
    return None if found is None else Path(found)


class MosquittoServer:
    """One Mosquitto with a folder of its own for configuration, log and retained messages.

    Args:
        executable: the program.
        host: the one address to listen on.
        port: the TCP port; 0 chooses a free one.
    """

    kind: BrokerKind = "mosquitto"

    def __init__(self, executable: Path, host: str, port: int) -> None:
        self.version = "unknown"
        self.supports_mqtt5: bool | None = None
        self._executable = executable
        self._host = host
        self._port = port
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> BrokerAddress:
        """Where clients on this machine reach it."""
        return BrokerAddress(reached_from_here(self._host), self._port)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start and wait until clients can connect; leaves nothing behind on failure.

        Raises:
            BrokerError: `broker-start-failed`, with the last words of Mosquitto's log.
        """
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="pcm-sim-broker-")
            self.version, self.supports_mqtt5 = await _version(self._executable)
            await self._launch_on_free_port()
        except OSError as error:
            await self.stop()
            raise _start_failed(str(error)) from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the process (asked first, killed after 3 s) and remove the folder; does nothing when already stopped."""
        try:
            await self._end_process()
        finally:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    async def pause(self) -> None:
        """End the process, and keep its folder."""
        await self._end_process()

    async def resume(self) -> None:
        """Start on the same port; retained messages and persistent sessions have survived.

        Raises:
            BrokerError: `broker-start-failed`.
        """
        await self._launch()

    async def restart(self) -> None:
        """Both, one after the other.

        Raises:
            BrokerError: `broker-start-failed`.
        """
        await self.pause()
        await self.resume()

    async def _launch_on_free_port(self) -> None:
        if self._port != 0:
            await self._launch()
            return
        for attempt in range(1, PORT_ATTEMPTS + 1):
            self._port = free_port(self._host)
            try:
                await self._launch()
            except BrokerError:
                # Another program may take the port before Mosquitto does.
                if attempt == PORT_ATTEMPTS or "Address already in use" not in self._log():
                    raise
            else:
                return

    async def _launch(self) -> None:
        command = [*await _parent_bound(), str(self._executable), "-c", str(self._write_configuration())]
        with self._path("log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the parent, which says goodbye over MQTT before it ends this
            )
        await self._wait_until_ready(self._process)

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(START_LIMIT_S):
                # That something answers on the port is not enough: it could be another program.
                while not READY.search(self._log()):
                    if process.returncode is not None:
                        raise _start_failed(f"it ended with status {process.returncode}: {self._last_words()}")
                    await asyncio.sleep(POLL_S)  # nothing tells that a file has grown
        except TimeoutError:
            raise _start_failed(f"not ready within {START_LIMIT_S:g} s: {self._last_words()}") from None
        await check_answers(self.address)

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        try:
            with suppress(TimeoutError, ProcessLookupError):
                process.terminate()
                await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
        finally:  # also when this task is cancelled while it waits
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
        await process.wait()

    def _write_configuration(self) -> Path:
        text = CONFIGURATION.format(port=self._port, host=self._host, folder=self._path("").as_posix())
        path = self._path("mosquitto.conf")
        path.write_text(text + (CONFIGURATION_FOR_ROOT if os.geteuid() == 0 else ""), encoding="utf-8")
        return path

    def _path(self, name: str) -> Path:
        assert self._folder is not None
        return Path(self._folder.name) / name

    def _log(self) -> str:
        return self._path("log").read_text(encoding="utf-8", errors="replace")

    def _last_words(self) -> str:
        return " / ".join(self._log().split("\n")[-LOG_LINES_SHOWN - 1 :]).strip(" /") or "it said nothing"


async def _version(executable: Path) -> tuple[str, bool | None]:
    _, output = await _output_of(str(executable), "-h")
    match = re.search(r"mosquitto version (\d+)\.(\d+)\S*", output)
    if match is None:
        return "unknown", None
    numbers = int(match[1]), int(match[2])
    return match[0].removeprefix("mosquitto version "), numbers >= FIRST_VERSION_WITH_MQTT5


async def _parent_bound() -> tuple[str, ...]:
    """Return what to put before a command so that Linux ends it with its parent, however the parent ends."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    prefix = (setpriv, "--pdeathsig", "TERM")
    status, _ = await _output_of(*prefix, "true")  # BusyBox has a setpriv without this option
    return prefix if status == 0 else ()


async def _output_of(*command: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), START_LIMIT_S)
    except TimeoutError:
        output = b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, output.decode(errors="replace")


def _start_failed(reason: str) -> BrokerError:
    return BrokerError("broker-start-failed", f"mosquitto did not start: {reason}")
