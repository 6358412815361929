"""`muniment dlq`: the events that a service gave up on; look at them, and send them once more."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from cli.serving import SERVICES
from cli.terminal import as_json, console, dump, said

service = click.argument("service", type=click.Choice(SERVICES))
Letter = dict[str, Any]


@click.group()
def dlq() -> None:
    """Events that a service gave up on. 处理失败的事件（死信）。"""
    import chassis.green  # noqa: F401


@dlq.command(name="list")
@service
@as_json
def list_(service: str, json_: bool) -> None:
    """Which there are, oldest first; changes nothing. 列出死信，最早的在前。"""
    letters = _letters(service)
    if json_:
        return dump([{name: letter[name] for name in letter if name != "body"} for letter in letters])
    out = console()
    for letter in letters:
        out.print(f"{letter['id']}  {letter['at']:%Y-%m-%d %H:%M:%S}  {letter['handler']}  {letter['error']}")
    out.print(said(f"{len(letters)} dead letters in {service}", f"{service} 共 {len(letters)} 条死信"))


@dlq.command()
@service
@click.argument("id")
def show(service: str, id: str) -> None:
    """One of them with its event, as JSON: ids and names, never contents. 查看一条死信。"""
    dump(_opened(_one(service, id)))


@dlq.command()
@service
@click.argument("id", required=False)
def replay(service: str, id: str | None) -> None:
    """Send one, or all, to their handler again, under the same id. 重新投递一条或全部死信。

    What has taken effect meanwhile does not take effect twice. Without a broker the suite has to be stopped first;
    the events are then delivered when it starts.
    """
    letters = [_one(service, id)] if id else _letters(service)
    settings, out = _settings(), console()
    with _way(settings, service) as send:
        for letter in letters:
            send(_opened(letter))
            _take(settings, service, letter["id"])
            out.print(f"[green]✔[/green] {letter['id']}  {letter['handler']}")
    later = said("sent when the suite starts", "系统启动后投递") if settings.embedded else said("sent", "已投递")
    out.print(f"{len(letters)} {later}")


@contextmanager
def _way(settings: Any, service: str) -> Iterator[Callable[[Letter], None]]:
    """How a letter gets to its handler: over the broker, or by the outbox of the service that it came from."""
    if settings.embedded:
        with _stopped(settings):
            yield lambda letter: _unsend(settings, letter["event"])
    else:
        yield lambda letter: _publish(settings, service, letter)


def _publish(settings: Any, service: str, letter: Letter) -> None:
    """Into the queue of its handler and no other.

    The exchange has the queue's name, because a service's user may write to nothing else; it lives for one message.
    """
    from kombu import Connection, Exchange, Queue

    from chassis import codec, inbox
    from chassis.publisher import ConfirmedPublisher, Message, PublishFailed

    codec.register(settings.key("message"))
    event = letter["event"]
    name = f"evt-{_source(event)}-{event['type']}--{service}.{letter['handler']}"
    exchange = Exchange(name, "direct", durable=False)
    queue = Queue(name, exchange, routing_key=name, durable=True, queue_arguments=inbox.QUORUM)
    with Connection(settings.amqp_uri, connect_timeout=3) as connection:
        _expect(queue, connection)
        publisher = ConfirmedPublisher(settings.amqp_uri, declare=[queue])
        try:
            publisher.publish_batch([Message(name, name, codec.CLOUDEVENTS, event, letter["message"])])
        except PublishFailed as failed:
            sys.exit(f"{letter['id']}: {failed}")
        finally:
            publisher.close()
            exchange(connection.channel()).delete()


def _expect(queue: Any, connection: Any) -> None:
    """The queue must be there already: one that is made here would keep the event for nobody."""
    from amqp.exceptions import AMQPError
    from kombu.exceptions import OperationalError

    try:
        queue(connection.channel()).queue_declare(passive=True)
    except (AMQPError, OperationalError, OSError) as away:
        name = queue.name
        sys.exit(said(f"no queue {name} ({type(away).__name__}): is its service of this release?",
                      f"没有队列 {name}（{type(away).__name__}），请检查服务版本"))  # fmt: skip


def _unsend(settings: Any, event: dict[str, Any]) -> None:
    """Put the event back into its source's outbox; whoever has taken it already will not take it twice."""
    from sqlalchemy import update

    from chassis import tables
    from chassis.db import database

    rows = update(tables.journal).where(tables.journal.c.id == event["id"])
    with database(settings.database(_source(event))).write() as connection:
        if not connection.execute(rows.values(sent=False)).rowcount:
            sys.exit(said(f"{_source(event)} has no event {event['id']}", f"{_source(event)} 中没有事件 {event['id']}"))


def _take(settings: Any, service: str, id: str) -> None:
    """Forget the letter last: killed before this, it is sent twice and takes effect once."""
    from chassis import inbox
    from chassis.db import database

    inbox.take_dead_letter(database(settings.database(service)), id)


@contextmanager
def _stopped(settings: Any) -> Iterator[None]:
    with (settings.data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            text = f"the suite runs on {settings.data}; stop it, replay, and start it again"
            sys.exit(said(text, f"系统正在使用 {settings.data}；请先停止，重新投递后再启动"))
        yield


def _letters(service: str) -> list[Letter]:
    from chassis import inbox
    from chassis.db import database
    from chassis.errors import Refused

    settings = _settings()
    if settings.database(service).startswith("sqlite") and not (settings.data / f"{service}.db").is_file():
        sys.exit(said(f"no database of {service} in {settings.data}", f"{settings.data} 中没有 {service} 的数据库"))
    try:
        return inbox.dead_letters(database(settings.database(service)))
    except Refused as away:
        sys.exit(f"{away.code}: {away.detail}")


def _one(service: str, id: str) -> Letter:
    for letter in _letters(service):
        if letter["id"] == id:
            return letter
    sys.exit(said(f"no dead letter {id} in {service}", f"{service} 中没有死信 {id}"))


def _opened(letter: Letter) -> Letter:
    from chassis import codec

    return {**{name: letter[name] for name in letter if name != "body"}, "event": codec.loads(letter["body"])}


def _source(event: dict[str, Any]) -> str:
    source = str(event["source"]).rsplit("/", 1)[-1]
    return source if source in SERVICES else sys.exit(said(f"unknown source {source}", f"未知来源 {source}"))


def _settings() -> Any:
    from chassis.settings import read_settings

    return read_settings()
