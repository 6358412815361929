"""The keystore on real databases: keys come out against a ticket only, and a destroyed key is nowhere."""

from __future__ import annotations

import hashlib
import importlib.util
import uuid
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, event, func, inspect, select

from vault import tables
from vault.envelope import PartContext, open_field
from vault.kek import KeyFile
from vault.keystore import Keystore
from vault.refusals import KeyGone, SealBroken

HERE = PartContext("record-1", "contact", 1)


class Ticket:
    """Stands for the journal's class of the same name."""


@pytest.fixture
def kek(tmp_path):
    return KeyFile.create(tmp_path / "kek")


@pytest.fixture(params=["sqlite", "postgres"])
def address(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keys.db'}"
        return
    server, name = request.getfixturevalue("postgres"), f"vault_{uuid.uuid4().hex[:12]}"
    yield server.database(name).replace("postgresql://", "postgresql+psycopg://", 1)
    server.drop(name)


@pytest.fixture
def engine(address):
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA journal_mode=WAL"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        _first_migration().upgrade()
    yield engine
    engine.dispose()


@pytest.fixture
def keystore(engine, kek):
    return Keystore(engine, kek, Ticket)


def test_a_key_opens_what_it_sealed(keystore):
    (key,) = keystore.create(1)
    sealed = keystore.sealer([key.id]).seal(key.id, HERE, {"mobile": b"13800138000"})

    dek = keystore.unwrap([key.id], Ticket())[key.id]

    assert dek == key.dek
    assert open_field(dek, HERE, sealed, "mobile") == b"13800138000"


@pytest.mark.parametrize("ticket", [None, "ticket", object(), Ticket])
def test_no_ticket_no_key(keystore, ticket):
    """
    A ticket is what a committed journal entry makes: without it nothing can be opened unseen.
    """
    (key,) = keystore.create(1)

    with pytest.raises(TypeError):
        keystore.unwrap([key.id], ticket)


def test_a_sealer_gives_no_key_away(keystore):
    (key,) = keystore.create(1)
    sealer = keystore.sealer([key.id])

    assert [name for name in dir(sealer) if not name.startswith("_")] == ["seal"]
    assert key.dek.hex() not in repr(key) and repr(key.dek) not in repr(key)


def test_keys_are_created_in_one_statement_and_read_in_one(engine, keystore):
    made, statements = keystore.create(50), []
    event.listen(engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))

    keystore.unwrap([key.id for key in made], Ticket())
    keystore.create(50)

    wordy = [statement for statement in statements if not statement.startswith("PRAGMA")]
    assert [statement.split()[0] for statement in wordy] == ["SELECT", "INSERT"]


def test_a_destroyed_key_is_gone_and_its_fingerprint_stays(engine, keystore):
    kept, lost = keystore.create(2)
    wrapped = _wrapped(engine, lost.id)

    fingerprints = keystore.destroy([lost.id])

    assert fingerprints == {lost.id: hashlib.sha256(wrapped).hexdigest()}
    assert _wrapped(engine, lost.id) is None
    with pytest.raises(KeyGone) as refusal:
        keystore.unwrap([kept.id, lost.id], Ticket())
    assert refusal.value.code == "key.gone"
    assert refusal.value.facts == {"keys": [lost.id]}
    assert keystore.unwrap([kept.id], Ticket())[kept.id] == kept.dek


def test_destroying_again_answers_the_same(keystore):
    """
    A destruction is driven again after a crash; the certificate must come out the same.
    """
    (key,) = keystore.create(1)

    assert keystore.destroy([key.id]) == keystore.destroy([key.id])


@pytest.mark.parametrize("call", ["unwrap", "sealer", "destroy"])
def test_an_unknown_key_is_gone(keystore, call):
    arguments = {"unwrap": (["no-key"], Ticket())}.get(call, (["no-key"],))

    with pytest.raises(KeyGone):
        getattr(keystore, call)(*arguments)


def test_nothing_is_left_in_the_files_after_destruction(tmp_path, kek):
    """
    Deleted rows linger in free pages and in the write-ahead log: the wrapped bytes must be in neither.
    """
    engine = create_engine(f"sqlite:///{tmp_path / 'keys.db'}")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA journal_mode=WAL"))
    tables.metadata.create_all(engine)
    keystore = Keystore(engine, kek, Ticket)
    made = [key for _ in range(20) for key in keystore.create(25)]
    lost = made[::3]
    canaries = [_wrapped(engine, key.id) for key in lost]
    assert any(canary in _files(tmp_path) for canary in canaries)

    keystore.destroy([key.id for key in lost])

    left = _files(tmp_path)
    assert sum(canary in left for canary in canaries) == 0
    assert len(keystore.unwrap([key.id for key in made if key not in lost], Ticket())) == len(made) - len(lost)
    engine.dispose()


def test_rewrapping_can_stop_anywhere_and_loses_nothing(engine, keystore, kek):
    made = keystore.create(25)
    kek.rotate()

    assert keystore.rewrap(batch=10) == 15
    assert _opens(keystore, made)
    assert [keystore.rewrap(batch=10) for _ in range(3)] == [5, 0, 0]
    assert _opens(keystore, made)
    assert _versions(engine) == {2: 25}


def test_rewrapping_goes_key_by_key_and_leaves_none_behind(engine, keystore, kek):
    made = keystore.create(25)
    kek.rotate()
    steps = keystore.rewrapping(batch=10)
    assert next(steps) == 10 and keystore.behind() == 15
    steps.close()  # killed here: the next one goes on

    assert list(keystore.rewrapping(batch=10)) == [10, 5] and keystore.behind() == 0
    assert _opens(keystore, made) and _versions(engine) == {2: 25}


def test_keys_made_and_destroyed_during_a_rewrap_are_left_right(engine, keystore, kek):
    made = keystore.create(10)
    kek.rotate()
    keystore.rewrap(batch=4)
    later = keystore.create(3)
    keystore.destroy([made[0].id, made[9].id])

    keystore.rewrap()

    assert _opens(keystore, made[1:9] + later)
    with pytest.raises(KeyGone):
        keystore.unwrap([made[0].id], Ticket())


def test_a_key_destroyed_while_it_is_rewrapped_stays_destroyed(engine, keystore, kek, monkeypatch):
    (key,) = keystore.create(1)
    kek.rotate()
    unwrap = kek.unwrap
    monkeypatch.setattr(kek, "unwrap", lambda *wrapped: (keystore.destroy([key.id]), unwrap(*wrapped))[1])

    assert keystore.rewrap() == 0

    assert _wrapped(engine, key.id) is None


def test_an_epoch_is_closed_only_for_versions_nothing_needs(engine, keystore, kek):
    made = keystore.create(5)
    kek.rotate()
    keystore.rewrap(batch=2)

    assert keystore.close_epoch() == 1
    assert _opens(keystore, made)


def test_after_an_epoch_a_restored_backup_opens_nothing(engine, keystore, kek):
    """
    Deleting a row shreds nothing while a backup holds the wrapped key and the old key-encryption key survives.
    """
    lost, kept = keystore.create(2)
    backup = _wrapped(engine, lost.id)
    keystore.destroy([lost.id])
    kek.rotate()
    keystore.rewrap()

    assert keystore.close_epoch() == 2

    with engine.begin() as connection:
        connection.execute(
            tables.keys.update().where(tables.keys.c.id == lost.id).values(wrapped=backup, kek_version=1)
        )
    with pytest.raises(SealBroken):
        keystore.unwrap([lost.id], Ticket())
    assert _opens(keystore, [kept])


def test_wrapped_keys_cannot_change_places(engine, keystore):
    one, other = keystore.create(2)
    with engine.begin() as connection:
        swapped = _wrapped(engine, other.id)
        connection.execute(tables.keys.update().where(tables.keys.c.id == one.id).values(wrapped=swapped))

    with pytest.raises(SealBroken):
        keystore.unwrap([one.id], Ticket())


def test_the_migration_makes_the_declared_table(engine):
    found = inspect(engine)

    assert {column["name"] for column in found.get_columns("keys")} == set(tables.keys.c.keys())
    assert [index["name"] for index in found.get_indexes("keys")] == ["keys_by_kek_version"]


def _first_migration():
    path = Path(tables.__file__).parent / "migrations" / "versions" / "0001_keystore.py"
    spec = importlib.util.spec_from_file_location("keystore_0001", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _wrapped(engine, key_id):
    with engine.connect() as connection:
        return connection.execute(select(tables.keys.c.wrapped).where(tables.keys.c.id == key_id)).scalar_one()


def _versions(engine):
    version = tables.keys.c.kek_version
    with engine.connect() as connection:
        return dict(connection.execute(select(version, func.count()).group_by(version)).all())


def _opens(keystore, made):
    return keystore.unwrap([key.id for key in made], Ticket()) == {key.id: key.dek for key in made}


def _files(folder):
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("keys.db"))
