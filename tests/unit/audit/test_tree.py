"""The RFC 6962 tree against published vectors and against a naive tree."""

from __future__ import annotations

from hashlib import sha256

import pytest

from services.audit.ledger import tiles, tree
from tests.unit.audit import vectors

SIZES = 130
LEAVES = [tree.leaf_hash(n.to_bytes(2, "big")) for n in range(300)]


def naive_root(leaves):
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def reader(leaves):
    """Nodes out of a plain list of leaves."""
    return lambda level, index: naive_root(leaves[index << level : (index + 1) << level])


ROOTS = [naive_root(LEAVES[:size]) for size in range(SIZES + 1)]


def test_all_published_inclusion_vectors_are_there():
    if not vectors.FOLDER.is_dir():
        pytest.skip(f"THE MERKLE VECTORS ARE NOT AT {vectors.FOLDER}: the published inclusion vectors were not run")
    assert len(vectors.inclusion_vectors()) == 98


@pytest.mark.parametrize("name, vector", vectors.inclusion_vectors())
def test_published_inclusion_vector_is_judged_as_it_says(name, vector):
    proof = [vectors.raw(step) for step in vector["proof"] or []]
    judged = tree.includes(
        vectors.raw(vector["leafHash"]), vector["leafIdx"], vector["treeSize"], proof, vectors.raw(vector["root"])
    )
    assert judged is not vector["wantErr"]


def test_frontier_has_the_root_of_the_naive_tree_at_every_size():
    frontier = tree.Frontier()
    for size in range(SIZES + 1):
        assert frontier.root() == ROOTS[size]
        frontier.append(LEAVES[size])


def test_every_leaf_is_proved_in_every_tree():
    node = reader(LEAVES)
    for size in range(1, 40):
        for index in range(size):
            proof = tree.inclusion_proof(index, size, node)
            assert tree.includes(LEAVES[index], index, size, proof, ROOTS[size])
            assert not tree.includes(LEAVES[index + 1], index, size, proof, ROOTS[size])


def test_every_pair_of_sizes_is_proved_consistent():
    node = reader(LEAVES)
    for second in range(1, SIZES + 1):
        for first in range(1, second + 1):
            proof = tree.consistency_proof(first, second, node)
            assert tree.extends(first, ROOTS[first], second, ROOTS[second], proof), (first, second)


def test_no_spoiled_consistency_proof_is_taken():
    node = reader(LEAVES)
    for first, second in [(1, 2), (3, 7), (4, 8), (6, 8), (7, 130), (64, 129)]:
        proof = tree.consistency_proof(first, second, node)
        assert not tree.extends(first, ROOTS[first], second, ROOTS[second - 1], proof)
        assert not tree.extends(first, ROOTS[first - 1], second, ROOTS[second], proof)
        assert not tree.extends(first, ROOTS[first], second, ROOTS[second], [*proof, LEAVES[0]])
        assert not tree.extends(first, ROOTS[first], second, ROOTS[second], proof[:-1])
        for at in range(len(proof)):
            flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
            assert not tree.extends(first, ROOTS[first], second, ROOTS[second], flipped)


def test_an_empty_tree_proves_nothing():
    assert not tree.extends(0, ROOTS[0], 5, ROOTS[5], [])
    assert not tree.includes(LEAVES[0], 0, 0, [], ROOTS[0])
    with pytest.raises(ValueError):
        tree.consistency_proof(0, 5, reader(LEAVES))
    with pytest.raises(ValueError):
        tree.inclusion_proof(5, 5, reader(LEAVES))


@pytest.mark.parametrize("batches", [[1] * 300, [300], [255, 1, 1, 43], [256, 44], [100, 200]])
def test_tiles_give_the_same_nodes_however_the_leaves_came(batches):
    kept, size = {}, 0
    for batch in batches:
        for tile in tiles.grown(size, LEAVES[size : size + batch], lambda *at: kept[at]):
            assert tile.fresh is ((tile.level, tile.index) not in kept)
            kept[tile.level, tile.index] = tile.hashes
        size += batch
    node = tiles.node_reader(lambda *at: kept[at])
    assert size == 300
    assert tree.root_of(0, 300, node) == naive_root(LEAVES)
    assert tree.inclusion_proof(17, 300, node) == tree.inclusion_proof(17, 300, reader(LEAVES))
    assert tree.consistency_proof(100, 300, node) == tree.consistency_proof(100, 300, reader(LEAVES))


def test_a_proof_in_a_tree_of_a_million_reads_few_tiles():
    read, kept = [], {}
    leaves = [sha256(n.to_bytes(4, "big")).digest() for n in range(1_000_000 // 16)]
    for tile in tiles.grown(0, leaves, lambda *at: b""):
        kept[tile.level, tile.index] = tile.hashes

    def counting(level, index):
        read.append((level, index))
        return kept[level, index]

    tree.inclusion_proof(12_345, len(leaves), tiles.node_reader(counting))
    assert len(read) <= 4
