"""The audit service in its container: its journal through its own relay into its own ledger, and who may read it."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

import json
from base64 import b64decode
from pathlib import Path
from types import SimpleNamespace

import eventlet
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kombu import Connection, Queue

import regimes
from chassis import codec
from chassis.actor import Actor, assert_actor, signing_key
from chassis.clock import FixedClock
from chassis.containers import Runner
from chassis.db import Database
from chassis.errors import Forbidden, Invalid, NotFound
from chassis.ids import new_id
from chassis.publisher import ConfirmedPublisher, Message
from chassis.relay import ACKNOWLEDGED, JOURNAL
from chassis.rpc import RpcClient
from chassis.texts import Shelf
from services.approvals.people.organisation import canonical_text, digest_of
from services.audit.ledger.verify import verify
from services.audit.service import AuditService
from tests.nodes.prepared import prepare
from tests.nodes.processes import until as wait_until
from tests.service.audit_ledger import ARCHIVIST, NOON
from tests.unit.audit.ledgers import an_entry, chained

DEMO = Path(__file__).parents[2] / "demo"
REGIME = regimes.load("hengtong", DEMO / "regimes")
SEED = bytes(range(32))
SUPERVISOR = Actor("ma", "ma", "hr", frozenset({"hr_officer"}))
CLERK = Actor("sun", "sun", "sales", frozenset({"salesperson"}))


def settings_of(uri, url):
    """Settings as a process reads them."""
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
    keys = {"actor.public": public, "message": bytes(32), "ledger.private": SEED}
    return SimpleNamespace(clock=FixedClock(NOON), key=keys.__getitem__, amqp_uri=uri, database=lambda name: url)


def put_in_force(database, clock):
    """The demo company's regime and people, as approvals would have published them."""
    shelf, regime = Shelf(database, SimpleNamespace(clock=clock)), REGIME
    people = canonical_text((DEMO / "organisation.yaml").read_text())
    shelf.keep("regime", regime.digest, regime.text, NOON)
    shelf.keep("organisation", digest_of(people), people, NOON)


class Suite:
    """The running service, a source beside it, and a person's calls."""

    def __init__(self, uri, url):
        codec.register(bytes(32))
        put_in_force(prepare(Database(url), "audit"), FixedClock(NOON))
        self.config = codec.nameko_config(uri, MUNIMENT=settings_of(uri, url))
        self.uri, self.runner, self.client = uri, Runner(self.config, [AuditService]), RpcClient(self.config)

    def __enter__(self):
        self.runner.start()
        self.client.__enter__()
        return self

    def __exit__(self, *_):
        self.client.__exit__()
        self.runner.stop()

    def call(self, method, args, actor=ARCHIVIST):
        """Call as a person."""
        assertion = assert_actor(actor, "audit", NOON, signing_key(SEED))
        audit = self.client.service("audit", actor=assertion, request_id=new_id())
        return getattr(audit, method)(args)

    def send(self, entries):
        """Send a batch as its source's relay does."""
        source = entries[0]["source"]
        body = {"source": source, "entries": entries}
        message = Message(JOURNAL.name, "audit", codec.OURS, body, new_id())
        ConfirmedPublisher(self.uri, declare=(JOURNAL,)).publish_batch([message])

    def entries(self, **sought):
        """The log as the archivist sees it."""
        return self.call("entries", sought)["items"]


@pytest.fixture
def suite(request, lent):
    url = lent("audit")
    uri = f"inproc://{new_id()}" if "sqlite" in url else request.getfixturevalue("rabbit").uri
    with Suite(uri, url) as suite:
        yield suite


def until(found, seconds=10):
    """Wait for a condition, and give what it gave."""
    answers = []
    wait_until(lambda: answers.append(found()) or answers[-1], seconds, "a condition of the test")
    return answers[-1]


def a_source():
    """A name and five entries of a source that nobody else uses."""
    source = f"source-{new_id()[-6:]}"
    return source, chained([{**an_entry(source, n), "id": new_id()} for n in range(1, 6)])


def test_a_journal_reaches_the_log_in_order(suite):
    source, entries = a_source()
    suite.send(entries[:2])
    suite.send(entries[2:])
    found = until(lambda: [e for e in suite.entries(action=f"{source}.happened") if e["entry"]["number"] == 5])
    assert found[0]["entry"] == entries[4]


def test_a_batch_that_the_broker_says_another_service_sent_is_refused_with_an_alarm(tmp_path):
    """
    The broker checks AMQP's user_id against the connection's user, so that no service writes another's journal.
    """
    entries = chained([{**an_entry("records", n), "id": new_id()} for n in range(1, 4)])
    batch = codec.encode({"source": "records", "entries": entries}, codec.OURS)
    with Suite(f"inproc://{new_id()}", f"sqlite:///{tmp_path}/audit.db") as suite:
        with Connection(suite.uri) as connection:
            properties = {"content_type": codec.OURS, "content_encoding": "binary", "user_id": "approvals"}
            connection.Producer().publish(batch, "audit", exchange=JOURNAL, declare=[JOURNAL], **properties)
        [alarm] = until(lambda: suite.entries(action="audit.alarm_raised"))
        suite.send(entries)
        until(lambda: len(suite.entries(action="records.happened")) == 3)

    assert (alarm["entry"]["data"]["of"], alarm["entry"]["data"]["kind"]) == ("records", "foreign")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_no_instant_is_too_far_away_to_look_for(suite, at):
    assert suite.entries(**{"from": at, "to": at}) == []


def test_only_who_began_a_bundle_fetches_it(suite):
    """
    The entry in the log names one person as having taken the evidence.
    """
    source, entries = a_source()
    suite.send(entries)
    until(lambda: len(suite.entries(action=f"{source}.happened")) == 5)
    asked = suite.call("begin_bundle", {})

    with pytest.raises(NotFound):
        suite.call("bundle_chunk", {"bundle": asked["bundle"]}, SUPERVISOR)
    assert suite.call("bundle_chunk", {"bundle": asked["bundle"]})["bytes"]


def test_a_batch_that_overtook_another_is_taken_after_it(suite):
    source, entries = a_source()
    late = eventlet.spawn(suite.send, entries[2:])
    suite.send(entries[:2])
    late.wait()
    until(lambda: len(suite.entries(action=f"{source}.happened")) == 5)


def test_a_source_is_told_how_far_it_is(suite):
    source, entries = a_source()
    heard = []
    box = Queue(f"{source}.acknowledged", exchange=ACKNOWLEDGED, routing_key=source, auto_delete=True)
    with Connection(suite.uri) as connection, connection.channel() as channel:
        box(channel).declare()
        suite.send(entries)
        until(lambda: heard or _collect(box, channel, heard))
    assert heard[-1] == {"source": source, "number": 5}


def test_reading_the_log_is_an_entry_of_the_log(suite):
    suite.entries(actor="nobody")
    found = until(lambda: suite.entries(action="audit.log_read"))
    assert found[-1]["entry"]["actor"] == "he"
    assert found[-1]["entry"]["data"]["sought"] == ["actor"]


def test_a_refused_look_at_the_log_is_an_entry_too(suite):
    with pytest.raises(Forbidden) as refusal:
        suite.call("entries", {}, CLERK)
    assert refusal.value.code == "audit.supervisors_only"
    (found,) = until(lambda: suite.entries(actor="sun"))
    assert found["entry"]["data"]["code"] == "audit.supervisors_only"


def test_evidence_is_fetched_and_verifies(suite, tmp_path):
    source, entries = a_source()
    suite.send(entries)
    until(lambda: len(suite.entries(action=f"{source}.happened")) == 5)
    asked = suite.call("begin_bundle", {})
    checkpoint = suite.call("checkpoint", {})
    raw, last = b"", False
    while not last:
        piece = suite.call("bundle_chunk", {"bundle": asked["bundle"], "offset": len(raw)})
        raw, last = raw + b64decode(piece["bytes"]), piece["last"]
    path = tmp_path / "bundle.zip"
    path.write_bytes(raw)
    report = verify(path, key=checkpoint["key"])
    assert report.sound and report.count == asked["size"], list(report.lines())


@pytest.mark.parametrize("method", ["entry", "inclusion", "begin_bundle", "bundle_chunk"])
def test_who_does_not_supervise_gets_no_evidence(suite, method):
    needs = {"entry": {"entry": new_id()}, "inclusion": {"entry": new_id()}, "bundle_chunk": {"bundle": new_id()}}
    with pytest.raises(Forbidden):
        suite.call(method, needs.get(method, {}), CLERK)


def test_what_breaks_the_form_is_said_by_pointer_and_never_by_value(suite):
    with pytest.raises(Invalid) as refusal:
        suite.call("entries", {"limit": 0, "canary": "canary"})
    pointers = {line["pointer"] for line in refusal.value.facts["errors"]}
    assert pointers == {"/limit", "/canary"}


def test_an_unknown_entry_is_not_found(suite):
    with pytest.raises(NotFound):
        suite.call("entry", {"entry": new_id()})


def _collect(box, channel, heard):
    message = box(channel).get(no_ack=True)
    if message:
        heard.append(message.payload if isinstance(message.payload, dict) else json.loads(message.body))
    return heard
