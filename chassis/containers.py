"""Containers that lose no slot and say nothing of contents, and the runner that starts and ends them."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterable
from time import monotonic
from typing import Any, NoReturn
from weakref import WeakSet

import eventlet
from amqp.exceptions import ConnectionError as BrokerError
from eventlet.patcher import original
from greenlet import GreenletExit
from kombu import Connection
from nameko.containers import ServiceContainer, WorkerContext
from nameko.messaging import QueueConsumer
from nameko.runners import ServiceRunner
from nameko.utils.concurrency import SpawningProxy

from chassis.errors import Refused
from chassis.frames import quicken
from chassis.logs import log

CONNECT_SECONDS = 3
STOP_SECONDS = 8
KILL_SECONDS = 1


class ContainerFailed(Exception):
    """Something escaped in a container; holds the type's name only."""


class SafeContainer(ServiceContainer):
    """A container whose logs hold types and ids, and that dies of whatever escapes a worker or thread."""

    started_here: WeakSet[SafeContainer] = WeakSet()

    def start(self) -> None:
        """Start, and count among those whose workers the metrics show."""
        self.started_here.add(self)
        super().start()

    @property
    def busy(self) -> int:
        """How many workers run."""
        return len(self._worker_threads)

    def _run_worker(self, worker_ctx: WorkerContext, handle_result: Any) -> None:
        self._inject_dependencies(worker_ctx)
        self._worker_setup(worker_ctx)
        result, exc_info = self._outcome(worker_ctx)
        if handle_result is not None:
            result, exc_info = handle_result(worker_ctx, result, exc_info)
        self._worker_result(worker_ctx, result, exc_info)
        del exc_info
        self._worker_teardown(worker_ctx)

    def _outcome(self, worker_ctx: WorkerContext) -> tuple[Any, Any]:
        method = worker_ctx.entrypoint.method_name
        try:
            return getattr(worker_ctx.service, method)(*worker_ctx.args, **worker_ctx.kwargs), None
        except Refused:
            return None, sys.exc_info()
        except Exception as failure:  # why: it is the entrypoint that decides what a failure means
            request = worker_ctx.data.get("request_id")
            error = type(failure).__name__
            log.error("worker.failed", service=self.service_name, method=method, request=request, error=error)
            return None, sys.exc_info()

    def _handle_thread_exited(self, gt: Any) -> None:
        # nameko looks at Exception only: an eventlet.Timeout would keep its message and slot for ever.
        try:
            gt.wait()
        except GreenletExit:
            return
        except BaseException as escaped:  # why: the container ends, and the process with it
            log.critical("container.failed", service=self.service_name, error=type(escaped).__name__)
            failed = ContainerFailed(type(escaped).__name__)
            # In a greenlet of its own: a timer of the failed one may still fire, into the middle of this.
            eventlet.spawn(self.kill, (ContainerFailed, failed, None))


class SafeQueueConsumer(QueueConsumer):
    """One broker connection of a container. What cannot be read is rejected, a broker that is away is sought again."""

    @property
    def connection(self) -> Connection:
        """Parameters of the connection; a broker that does not answer is given up after some seconds."""
        config = self.container.config
        heartbeat = config.get("HEARTBEAT", 10)
        return Connection(config["AMQP_URI"], heartbeat=heartbeat, connect_timeout=CONNECT_SECONDS)

    @contextlib.contextmanager
    def establish_connection(self) -> Any:
        with self.create_connection() as connection:
            pauses = {"interval_start": 0.2, "interval_step": 0.5, "interval_max": 3}
            connection.ensure_connection(self.on_connection_error, None, **pauses)
            quicken(connection)
            yield connection

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        """One consumer per provider; a provider with `no_ack` has its messages settled on delivery."""
        consumers = super().get_consumers(consumer_cls, channel)
        for provider, consumer in self._consumers.items():
            consumer.no_ack = getattr(provider, "no_ack", False)
        return consumers

    def handle_message(self, provider: Any, body: Any, message: Any) -> None:
        # A greenlet per message is only needed where handing it on could block: with a worker free it cannot.
        if getattr(provider, "swift", False) and self.container._worker_pool.free() > 0:
            provider.handle_message(body, message)
        else:
            super().handle_message(provider, body, message)

    def on_iteration(self) -> None:
        """Leave only when running workers have acknowledged what they hold."""
        self._cancel_consumers_if_requested()
        if not (self._consumers or self.container._worker_threads):
            self.should_stop = True

    def consume(self, limit: Any = None, timeout: Any = None, safety_interval: float = 0.2, **kwargs: Any) -> Any:
        """Consume until the connection is lost, and say so: a queue declared otherwise before is a reason too."""
        try:
            yield from super().consume(limit, timeout, safety_interval, **kwargs)
        except Exception as lost:
            log.warning("consumer.lost", service=self.container.service_name, error=type(lost).__name__)
            raise

    def on_connection_error(self, exc: Any, interval: float) -> None:
        """Say that the broker is away, without its address or any text."""
        error = type(exc).__name__
        log.warning("broker.unreachable", service=self.container.service_name, error=error, seconds=interval)

    def on_decode_error(self, message: Any, exc: Any) -> None:
        """Reject for good; kombu would acknowledge it and write its body into the log."""
        log.error("message.undecodable", service=self.container.service_name, error=type(exc).__name__)
        self.reject_message(message)

    def ack_message(self, message: Any) -> None:
        """Acknowledge, unless the connection is gone: then the broker has taken the message back already."""
        self._settle(message, message.ack)

    def requeue_message(self, message: Any) -> None:
        """Give it back to its queue."""
        self._settle(message, message.requeue)

    def reject_message(self, message: Any) -> None:
        """Refuse it for good."""
        self._settle(message, message.reject)

    def _settle(self, message: Any, how: Any) -> None:
        if message.channel.connection:
            with contextlib.suppress(BrokerError, OSError):
                how()


def end(running: Any, seconds: float) -> None:
    """Stop containers in good order, or kill them: safe, since what was not acknowledged is delivered again."""
    with eventlet.Timeout(seconds, False):
        running.stop()
        return
    log.warning("containers.killed", seconds=seconds)
    with eventlet.Timeout(KILL_SECONDS, False):
        running.kill()


_lag = 0.0


def hub_lag() -> float:
    """By how many seconds the hub was late lately: the worst case, forgotten by a tenth per tick."""
    return _lag


def _watch(tick: float = 0.25) -> None:
    global _lag
    while True:
        before = monotonic()
        eventlet.sleep(tick)
        _lag = max(monotonic() - before - tick, _lag * 0.9, 0.0)


def _settle() -> None:
    """Spare the collector what is there to stay: walking it again and again stopped every call for 80 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


class Runner(ServiceRunner):
    """Runs services in this process until told to end, or until one of them dies: then it ends non-zero."""

    def __init__(self, config: dict[str, Any], services: Iterable[type] = ()) -> None:
        super().__init__(config)
        self.ending = False
        for service in services:
            self.add_service(service)

    def run(self) -> NoReturn:
        """Start, serve, and leave the process. SIGTERM and SIGINT end it within ten seconds, broker or not."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)
        # Also what wakes the hub to serve a signal.
        eventlet.spawn(_watch)
        try:
            self.start()
            _settle()
            SpawningProxy(self.containers, abort_on_error=True).wait()
        except Exception as failure:  # why: one dead container ends the process, whatever it died of
            log.critical("runner.failed", error=type(failure).__name__)
            self._leave(1)
        while self.ending:
            eventlet.sleep(1)
        self._leave(0)

    def _asked(self, number: int, frame: Any) -> None:
        if self.ending:
            return
        self.ending = True
        # Even a hub that a C call blocks must not outlive its time: this one is a real thread.
        fuse = original("threading").Timer(STOP_SECONDS + KILL_SECONDS + 0.5, os._exit, (1,))
        fuse.daemon = True
        fuse.start()
        eventlet.spawn(self._leave, 0)

    def _leave(self, code: int) -> NoReturn:
        end(self, STOP_SECONDS)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
