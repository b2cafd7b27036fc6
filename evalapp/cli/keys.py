"""`flask keys`: make the key ring, put a new key in use, retire old ones, and see that everything sealed opens."""

from __future__ import annotations

from pathlib import Path

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.core.actor import TERMINAL
from evalapp.core.crypto.key_ring import UnusableKeyRing, new_key_ring, read_key_ring, write_key_ring
from evalapp.core.db import transaction
from evalapp.core.errors import AppError
from evalapp.core.key_rotation.reseal import check_sealed, reseal_some
from evalapp.core.key_rotation.rotate_keys import is_rotation_unfinished, note_rotation, put_new_key_in_use, retire_keys
from evalapp.core.language import Message
from evalapp.panel.sealed_columns import SEALED_COLUMNS


def key_commands(edge: Edge) -> click.Group:
    """Return the group `keys`."""
    group = Commands(edge, name="keys", help="The key ring that seals identities. It is a file, apart from database and backups.")

    @group.command("create")
    @click.argument("file", type=click.Path(path_type=Path))
    def create(file: Path) -> None:
        """Make a new key ring in FILE, which must not exist yet."""
        if file.exists():
            raise AppError(Message("There is a file of this name already. A key ring is never overwritten: choose another name."))
        write_key_ring(new_key_ring(), file)
        edge.say(
            "The key ring is made. Keep a copy apart from the database and its backups: without it no identity can be read again."
        )

    @group.command("rotate")
    def rotate() -> None:
        """Put a new key in use and seal everything with it. The application may go on running; a rotation that was cut off is finished."""
        _rotate(edge)

    @group.command("retire")
    def retire() -> None:
        """Take old keys off the ring. Identities in backups made before the last rotation cannot be read without them."""
        with edge.transaction() as db:
            names = retire_keys(db, _ring_file(edge), SEALED_COLUMNS)
        if names:
            edge.say("Retired: %(names)s.", names=", ".join(names))
        else:
            edge.say("There is only the key in use; nothing was retired.")

    @group.command("check")
    def check() -> None:
        """Open every sealed value once and count them by key."""
        _check(edge)

    return group


def _rotate(edge: Edge) -> None:
    with edge.transaction() as db:
        unfinished = is_rotation_unfinished(db, SEALED_COLUMNS)
    if unfinished:
        edge.say("An earlier rotation was cut off; it is finished now.")
    else:
        put_new_key_in_use(_ring_file(edge))
    resealed = 0
    while done := _reseal(edge):
        resealed += done
    with edge.transaction() as db:
        note_rotation(db, resealed)
    edge.say(
        "The key %(name)s is in use; values sealed anew: %(count)s. Copy the key ring to where its copy is kept.",
        name=read_key_ring(_ring_file(edge)).active, count=resealed,
    )  # fmt: skip


def _check(edge: Edge) -> None:
    with edge.transaction() as db:
        counts = check_sealed(db, SEALED_COLUMNS)
    for name, count in sorted(counts.items()):
        edge.say("%(name)s: %(count)s sealed values, all open.", name=name, count=count)
    if not counts:
        edge.say("Nothing is sealed yet.")


def _ring_file(edge: Edge) -> Path:
    if edge.keys.file is None:
        raise UnusableKeyRing("this key ring is not kept in a file")
    return edge.keys.file


def _reseal(edge: Edge) -> int:
    # Not edge.transaction(): that looks at the database's revision each time, and there are many batches.
    with transaction(edge.engine, actor=TERMINAL, keys=edge.keys) as db:
        return reseal_some(db, SEALED_COLUMNS)
