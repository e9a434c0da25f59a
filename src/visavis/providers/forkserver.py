"""Native speech engines at arm's length: a helper process that loads an engine once and forks for every call.

The engines keep global state, hold the interpreter lock for tens of milliseconds and may crash; none of that may
touch the worker. A fork costs 1 to 3 ms, shares the loaded model by copy-on-write, gives each call a state of its own
(two talks can't mix), lets the system's scheduler be fair between talks, and ends a call by closing its socket.

Lifetimes: the helper reads its control socket on standard input and ends at its end, so it can't outlive the worker,
however that dies; PR_SET_PDEATHSIG (prctl(2)) covers an engine stuck in a call. A fork ends with its helper the same
way.

The wire, both ways on a call's socket: frames of one kind byte, a 32-bit big-endian length, and that many bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

from visavis.core.errors import ProviderFailed, ProviderTimeout

log = logging.getLogger(__name__)

_HEAD = struct.Struct("!cI")
_START_TIMEOUT = 30.0
_ANSWER_TIMEOUT = 10.0
_READY = b"r"
_PR_SET_PDEATHSIG = 1

Frame = tuple[bytes, bytes]
"""Kind (one byte) and content."""


class Line:
    """The worker's end of one call: a forked child of the helper."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, kind: bytes, content: bytes = b"") -> None:
        """Waits while the child lags behind. Raises ProviderFailed when it is gone."""
        try:
            self._writer.write(_HEAD.pack(kind, len(content)) + content)
            await self._writer.drain()
        except OSError as error:
            raise ProviderFailed("The speech helper died") from error

    def end_of_input(self) -> None:
        """No more frames will be sent."""
        with contextlib.suppress(OSError):  # The child is gone: `receive` tells.
            self._writer.write_eof()

    async def receive(self, timeout: float | None = _ANSWER_TIMEOUT) -> Frame:
        """The next frame. Raises ProviderFailed when the child is gone, ProviderTimeout."""
        try:
            async with asyncio.timeout(timeout):
                kind, length = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
                return kind, await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ProviderFailed("The speech helper died") from error
        except TimeoutError as error:
            raise ProviderTimeout("The speech helper did not answer in time") from error

    def close(self) -> None:
        """Ends the child at its next read or write."""
        self._writer.transport.abort()  # close() would first deliver what waits in the buffer.


class ForkServer:
    """Owner of one helper process. Started by `async with`; started again when a call finds it dead."""

    def __init__(self, module: str, arguments: Iterable[str] = ()) -> None:
        """module: what the helper runs (`python -m`); it must call `serve`."""
        self._command = (sys.executable, "-m", module, str(os.getpid()), *arguments)
        self._name = module.rpartition(".")[2]
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def __aenter__(self) -> ForkServer:
        async with self._starting:
            await self._start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stop()

    async def connect(self) -> Line:
        """A fresh child. Raises ProviderFailed when the helper doesn't start."""
        ours, theirs = socket.socketpair()
        try:
            async with self._starting:
                if not self._hand_over(theirs):
                    log.warning("%s died and is started again", self._name)
                    await self._stop()
                    await self._start()
                    if not self._hand_over(theirs):
                        raise ProviderFailed(f"{self._name} died at once")
            return Line(*await asyncio.open_connection(sock=ours))
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    def _hand_over(self, end: socket.socket) -> bool:
        if self._control is None:
            return False
        try:
            socket.send_fds(self._control, [b"+"], [end.fileno()])
        except OSError:
            return False
        return True

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            # Spawned from the loop's own thread: PR_SET_PDEATHSIG fires when the *thread* that forked ends.
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
        finally:
            theirs.close()
        self._control = ours
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                ready = await asyncio.get_running_loop().sock_recv(ours, 1)
        except (TimeoutError, OSError):
            ready = b""
        except BaseException:
            await self._stop()
            raise
        if ready != _READY:
            await self._stop()
            raise ProviderFailed(f"{self._name} did not start")

    async def _stop(self) -> None:
        control, self._control = self._control, None
        process, self._process = self._process, None
        if control is not None:
            control.close()
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Pipe:
    """The child's end of one call. Blocking; ends the process when the worker hung up."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._file = end.makefile("rb")
        self._hung_up = select.poll()
        self._hung_up.register(end, 0)  # POLLHUP is always reported.

    def send(self, kind: bytes, content: bytes = b"") -> None:
        try:
            self._end.sendall(_HEAD.pack(kind, len(content)) + content)
        except OSError:
            os._exit(0)

    def receive(self) -> Frame | None:
        """The next frame; None at the end of input. Frames of a worker that hung up are not worked off."""
        if self._hung_up.poll(0):
            os._exit(0)
        try:
            head = self._file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return None
            kind, length = _HEAD.unpack(head)
            content = self._file.read(length)
        except OSError:
            os._exit(0)
        return (kind, content) if len(content) == length else None


def serve(call: Callable[[Pipe], None]) -> NoReturn:
    """Run the helper: fork for every socket that arrives, let `call` handle it there. Never returns.

    argv[1] is the worker's process id. Call this when the engine is loaded.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the worker decides when we end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # No zombies.
    die_with_parent(int(sys.argv[1]))
    control = socket.socket(fileno=0)
    control.sendall(_READY)
    me = os.getpid()
    while True:
        word, ends, _, _ = socket.recv_fds(control, 1, 1)
        if not word:
            os._exit(0)
        for end in ends:
            if os.fork() == 0:
                _child(call, control, socket.socket(fileno=end), me)
            os.close(end)


def _child(call: Callable[[Pipe], None], control: socket.socket, end: socket.socket, parent: int) -> NoReturn:
    status = 1
    try:
        die_with_parent(parent)
        control.close()
        end.setblocking(True)
        call(Pipe(end))
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def die_with_parent(parent: int) -> None:
    """Be killed when the parent ends; end now if it already has."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


_LIBC = ctypes.CDLL(None)
