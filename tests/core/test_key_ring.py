"""The key ring: what it seals opens only where it was sealed, and a rotation disturbs nobody."""

from __future__ import annotations

import dataclasses
import json
import stat

import pytest

from evalapp.core.crypto.key_ring import UnusableKeyRing, absent_key_ring, new_key_ring, read_key_ring, write_key_ring

NAME, CONTEXT = "김철수", "identity:PI-7K3Q-4:name"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ring.json"


@pytest.fixture
def ring(path):
    write_key_ring(new_key_ring(), path)
    return read_key_ring(path)


def test_a_sealed_text_opens_in_its_context_only(ring):
    sealed = ring.seal(NAME, CONTEXT)
    assert NAME not in sealed
    assert ring.open(sealed, CONTEXT) == NAME
    with pytest.raises(UnusableKeyRing, match="altered, moved"):
        ring.open(sealed, "identity:PI-0000-0:name")
    with pytest.raises(UnusableKeyRing, match="altered, moved"):
        new_key_ring().open(sealed, CONTEXT)


@pytest.mark.parametrize("damage", [lambda s: s[:-6] + "AAAAA=", lambda s: s[:8], lambda s: s + "!", lambda s: s[:3]])
def test_an_altered_text_does_not_open(ring, damage):
    with pytest.raises(UnusableKeyRing):
        ring.open(damage(ring.seal(NAME, CONTEXT)), CONTEXT)


def test_the_same_text_is_sealed_differently_each_time_and_found_by_its_index(ring):
    assert ring.seal(NAME, CONTEXT) != ring.seal(NAME, CONTEXT)
    assert ring.blind_index(NAME, "identity:name") == ring.blind_index(NAME, "identity:name")
    assert ring.blind_index(NAME, "identity:name") != ring.blind_index(NAME, "identity:enterprise_name")
    assert ring.blind_index(NAME, "identity:name") != new_key_ring().blind_index(NAME, "identity:name")


def test_the_file_is_for_its_owner_only_and_reads_back_the_same(ring, path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_ring(path) == ring
    assert ring.file == path


def test_a_half_written_file_left_open_to_others_is_not_reused(path):
    half = path.with_name(".ring.json.half")
    half.write_text("left by a kill")
    half.chmod(0o644)
    write_key_ring(new_key_ring(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not half.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda held: held.pop("audit_key"),
        lambda held: held.update(active="k9"),
        lambda held: held.update(index_key="AAAA"),
        lambda held: held.update(field_keys=[]),
        lambda held: held["field_keys"].update(k1="not base 64!"),
    ],
)
def test_a_damaged_file_is_refused_without_showing_a_key(path, damage):
    write_key_ring(new_key_ring(), path)
    held = json.loads(path.read_text())
    damage(held)
    path.write_text(json.dumps(held))
    with pytest.raises(UnusableKeyRing) as refused:
        read_key_ring(path)
    assert not any(key in str(refused.value) for key in (held.get("index_key", "none"), "not base 64"))


def test_a_ring_shows_no_key_when_it_is_printed(ring):
    assert "b'" not in repr(ring)


def test_a_process_with_the_old_ring_in_memory_opens_and_seals_with_the_new_key(ring, path):
    new = ring.rotated()
    write_key_ring(new, path)
    assert ring.open(new.seal(NAME, CONTEXT), CONTEXT) == NAME
    assert ring.current().active == "k2"
    assert ring.current().seal(NAME, CONTEXT).startswith("k2:")
    assert ring.current().open(ring.seal(NAME, CONTEXT), CONTEXT) == NAME


def test_a_ring_that_has_gone_is_refused_though_it_is_in_memory(ring, path):
    path.unlink()
    with pytest.raises(UnusableKeyRing, match="cannot be read"):
        ring.current()
    with pytest.raises(UnusableKeyRing, match="cannot be read"):
        absent_key_ring(path).current()


def test_a_retired_key_opens_nothing_any_more_and_the_one_in_use_stays(ring):
    sealed, new = ring.seal(NAME, CONTEXT), ring.rotated()
    retired = dataclasses.replace(new.without(frozenset({"k1"})), file=None)
    with pytest.raises(UnusableKeyRing, match="not on the key ring"):
        retired.open(sealed, CONTEXT)
    with pytest.raises(UnusableKeyRing, match="rotate first"):
        new.without(frozenset({"k2"}))


def test_a_rotation_leaves_index_and_backups_readable(ring):
    new, salt = ring.rotated(), b"s" * 32
    assert new.backup_key(salt) == ring.backup_key(salt)
    assert new.backup_key(salt) != new.backup_key(b"t" * 32)
    assert new.blind_index(NAME, "x") == ring.blind_index(NAME, "x")
