"""The composition root: builds everything once, in order, and takes it down in the opposite one."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from knack_protocol.ids import EventId
from knack_protocol.proof.seeds import server_seed
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.log import LogError
from knack_protocol.wire.limits import COMMAND_BYTES_MAX
from knack_server.core.arena import Arena
from knack_server.core.floor import Floor, Vault
from knack_server.core.memory import Memory
from knack_server.core.publication import Publishers
from knack_server.shell import control, garbage
from knack_server.shell.addresses import join_url, local_url, reachable_urls
from knack_server.shell.clock import Clock, ticks_ns
from knack_server.shell.confusables import load_confusables
from knack_server.shell.desk import DeskRoutes
from knack_server.shell.doors import FILES_RESERVED, Ceilings
from knack_server.shell.ending import EndRoutes
from knack_server.shell.faults import as_answer
from knack_server.shell.folder import DATABASE_NAME, MASTER_NAME, SIGNING_NAME, locked, read_secret
from knack_server.shell.headers import SecurityHeaders
from knack_server.shell.heats import HeatRoutes
from knack_server.shell.host import Host
from knack_server.shell.http import http_class
from knack_server.shell.orders import Orders
from knack_server.shell.pages import page_routes
from knack_server.shell.public import Public, not_recording
from knack_server.shell.publishing import Publishing
from knack_server.shell.rehearsals import RehearsalRoutes
from knack_server.shell.retention import delete_daily
from knack_server.shell.scraping import scraped
from knack_server.shell.socket import edge_class
from knack_server.shell.standalone import standalone_routes, standalone_sha256
from knack_server.store.errors import StoreCorrupt
from knack_server.store.loading import load_all
from knack_server.store.opening import open_store
from knack_server.store.queries import Queries
from knack_server.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator

    from knack_server.config import Settings
    from knack_server.core.effects import Effect
    from knack_server.core.instant import Instant
    from knack_server.store.errors import StoreBroken
    from knack_server.store.opening import Store

BACKLOG = 4096
"""Connections the kernel may hold for us: a hall's reconnects come within one second."""

UNSENT_BYTES = 16_384
"""What the kernel takes of a connection's frames beyond those that are on the line. Without a limit it takes 4 MB before
anybody notices that a reader is slow, and those are then sent to it, minutes old, before what is new."""

SHUTDOWN_WITHIN_S = 5


class House(NamedTuple):
    """Everything that stands, apart from the sockets."""

    settings: Settings
    store: Store
    host: Host
    queries: Queries
    publishers: Publishers
    orders: Orders


@asynccontextmanager
async def open_house(settings: Settings, clock: Clock | None = None) -> AsyncIterator[House]:
    """Lock the data folder, open the store, rebuild the state from it, and start the core's work.

    A `clock` is given where somebody wants to set it.

    Errors: FolderError, StoreError.
    """
    with locked(settings.data_dir):
        vault = Vault(partial(server_seed, read_secret(settings.data_dir, MASTER_NAME)))
        publishers = Publishers(read_secret(settings.data_dir, SIGNING_NAME), vault.server_seed)
        floor = Floor(
            entropy=os.urandom,
            tile_source=vault,
            skeletons=load_confusables(),
            rules_hash=rules_hash(),
        )
        clock = clock or Clock()
        arena = Arena(floor, settings.publish_interval_ms)
        async with await open_store(settings.data_dir / DATABASE_NAME) as store:
            await _remember(arena, store, clock)
            host = Host(
                arena,
                clock,
                settings.publish_interval_ms,
                frozenset({settings.public_url} if settings.public_url else ()),
                _ceilings(settings),
                _proxies(settings),
            )
            writer = Writer(
                store,
                on_trouble=lambda trouble: host.recording(not trouble),
                on_broken=_end_the_process,
                on_commit=host.meters.committed,
                ticks_ns=ticks_ns,
            )
            host.start(writer)
            try:
                if not floor.events:
                    await host.do(lambda now: (None, _add_demo(arena, settings, now)))
                orders = Orders(host, publishers, settings.runs_max)
                yield House(settings, store, host, Queries(store), publishers, orders)
            finally:
                host.stop()
                await writer.close()


def _add_demo(arena: Arena, settings: Settings, now: Instant) -> list[Effect]:
    return arena.add_event(EventId(settings.demo_event), settings.demo_title, settings.runs_max, now)


def _end_the_process(broken: StoreBroken) -> None:
    """Stop at once when what is recorded and what is in memory disagree: only a restart from the store is right then."""
    structlog.get_logger().critical("store_broken", error=str(broken))
    os._exit(70)  # EX_SOFTWARE; a clean shutdown would acknowledge what never was recorded


async def _remember(arena: Arena, store: Store, clock: Clock) -> None:
    memory = Memory(arena)
    for fact in await load_all(store):
        memory.recall(fact)
    try:
        memory.wake(clock.now())
    except LogError as error:
        raise StoreCorrupt(
            f"a run in play cannot be played again ({error}); restore the data folder whole, {MASTER_NAME} with the database"
        ) from None


class PortError(Exception):
    """The address to listen on cannot be had; the text says why, in one line."""


def bind(settings: Settings) -> socket.socket:
    """Take the address before anything else is built, so that a taken port is found out in time.

    Errors: PortError.
    """
    bound = _listen(settings.host, settings.port)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # Linux and macOS; what is accepted inherits it
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    return bound


def bind_metrics(settings: Settings) -> socket.socket | None:
    """Take the address for Prometheus, if there is to be one.

    Errors: PortError.
    """
    if settings.metrics is None:
        return None
    host, _, port = settings.metrics.rpartition(":")
    return _listen(host.strip("[]"), int(port))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try:
        bound.bind((host, port))
        # Who comes before everything stands waits in the kernel, instead of being turned away.
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise PortError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return bound


async def serve(settings: Settings, bound: socket.socket, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `say` prints what a person at the terminal should read.

    Errors: FolderError, StoreError; PortError for the address of the metrics.
    """
    port = bound.getsockname()[1]
    _allow_connections()
    scrapes = bind_metrics(settings)
    async with open_house(settings) as house, AsyncExitStack() as beside:
        if scrapes is not None:
            await beside.enter_async_context(scraped(house.host, scrapes))
        is_first = not await house.queries.desk_tokens()
        token = (await house.orders.desk_add("organiser"))["token"] if is_first else None
        server = Server(house, port)
        garbage.settle()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.leave)
        room = house.host.doors.ceilings.connections_max
        asked_at = (
            f"{(settings.metrics or '').rpartition(':')[0]}:{scrapes.getsockname()[1]}" if scrapes else ""
        )
        await server.stay(bound, lambda: say(_greeting(settings, port, token, room, asked_at)))


def _allow_connections() -> None:
    """Take as many file descriptors as the system gives: the usual 1024 are fewer than the phones in a hall."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # some systems give less than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _ceilings(settings: Settings) -> Ceilings:
    """Return how many may come, which are no more than the system gives files for."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = settings.connections_max
    if files != resource.RLIM_INFINITY:
        most = max(1, min(most, files - FILES_RESERVED))
    return Ceilings(most, settings.address_connections_max, settings.address_connections_per_s)


def _proxies(settings: Settings) -> list[str]:
    return settings.trusted_proxy.split(",") if settings.trusted_proxy else []


def _uvicorn_config(house: House, port: int) -> uvicorn.Config:
    settings = house.settings
    public = Public(house.host, join_url(settings.public_url, settings.host, port), settings.retention_days)
    web = Starlette(
        routes=[
            *public.routes(),
            *DeskRoutes(house.host, house.queries, house.publishers).routes(),
            *HeatRoutes(house.host, house.publishers).routes(),
            *EndRoutes(house.host, house.publishers).routes(),
            *RehearsalRoutes(house.host).routes(),
            *Publishing(house.host, house.queries, house.publishers).routes(),
            *page_routes(house.host.arena.floor),
            *standalone_routes(),
        ],
        exception_handlers={TimeoutError: not_recording, HTTPException: as_answer},
    )
    web.state.host = house.host
    return uvicorn.Config(
        SecurityHeaders(web),  # around all of it, Starlette's own answer to a fault included
        ws=edge_class(house.host),
        ws_max_size=COMMAND_BYTES_MAX,
        ws_per_message_deflate=False,  # frames are small, and a compressor's window of 32 KiB a connection is not
        http=http_class(house.host.doors),
        proxy_headers=settings.trusted_proxy is not None,
        forwarded_allow_ips=_proxies(settings),
        loop="uvloop",
        lifespan="off",
        log_level=settings.log_level if settings.log_level != "info" else "warning",
        access_log=False,  # addresses of people are nobody's business, and a line for every asset helps nobody
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=SHUTDOWN_WITHIN_S,
    )


class Server(uvicorn.Server):
    """A house with its doors open: uvicorn's server, told by us when to leave."""

    def __init__(self, house: House, port: int) -> None:
        super().__init__(_uvicorn_config(house, port))
        self._house = house

    async def stay(self, bound: socket.socket, opened: Callable[[], None] = lambda: None) -> None:
        """Let people and the organiser in until `leave`; `opened` is called when both can come."""
        settings, host = self._house.settings, self._house.host
        async with control.listening(settings.data_dir, self._house.orders):
            retention = asyncio.create_task(delete_daily(host, settings.retention_days))
            opened()
            await self.serve(sockets=[bound])
            retention.cancel()
            with suppress(asyncio.CancelledError):
                await retention

    def leave(self) -> None:
        """Stop; the second time at once. From the first moment on nobody is heard, so no run's log calls us a lost line."""
        self._house.host.stop()
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to whoever runs the process."""
        yield


def _greeting(settings: Settings, port: int, token: str | None, room: int, asked_at: str = "") -> str:
    here = local_url(settings.host, port)
    lines = [
        "Knackpunkt is open.",
        "",
        f"  Play    {here}/",
        f"  Screen  {here}/screen",
        f"  Desk    {here}/desk",
        f"  Check   {here}/verify",
        f"          the same as a file to keep, {here}/verify.html, has the SHA-256",
        f"          {standalone_sha256()}",
    ]
    reachable = [settings.public_url] if settings.public_url else reachable_urls(settings.host, port)
    if reachable:
        lines += ["", "  Phones reach it at", *(f"    {url}/" for url in reachable)]
    else:
        lines += ["", "  Only this computer can join (KNACK_HOST=0.0.0.0 lets phones in)."]
    why = "" if room == settings.connections_max else ", as the system allows no more open files"
    lines += ["", f"  There is room for {room:,} connections{why}."]
    if asked_at:
        lines.append(f"  Prometheus may ask at http://{asked_at}/metrics")
    if token is not None:
        lines += ["", f"  The organiser's desk token, shown only now:  {token}"]
    return "\n".join([*lines, "", "  Ctrl-C ends it; the next start goes on where it was."])
