"""What sends a message, whatever carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

Channel = Literal["sms", "kakaotalk", "email"]
CHANNELS: Final[tuple[Channel, ...]] = ("sms", "kakaotalk", "email")
FaultKind = Literal["not_set_up", "unreachable", "refused", "address_refused"]


@dataclass(frozen=True, repr=False)
class OutgoingMessage:
    """One message to one address. `key` names it, so that a gateway can tell a repetition; a text message has no `subject`.

    It has no repr: address and text must not reach a log.
    """

    key: str
    channel: Channel
    to: str
    subject: str
    text: str


class Undelivered(Exception):  # noqa: N818 - read as a sentence where it is raised
    """A message that was not accepted. `kind` says why without naming the address."""

    def __init__(self, kind: FaultKind) -> None:
        super().__init__(kind)
        self.kind: FaultKind = kind


class Transport(Protocol):
    """Whatever takes messages of some channel: it returns when the message was accepted and raises Undelivered when it was not."""

    def send(self, message: OutgoingMessage) -> None:
        """Hand a message over."""


@dataclass(frozen=True)
class Messenger:
    """The transports of an installation by channel, and the address under which its pages are reached from outside."""

    transports: Mapping[Channel, Transport]
    public_url: str

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that are set up."""
        return tuple(channel for channel in CHANNELS if channel in self.transports)

    def send(self, message: OutgoingMessage) -> None:
        """Hand a message to the transport of its channel, or raise Undelivered."""
        transport = self.transports.get(message.channel)
        if transport is None:
            raise Undelivered("not_set_up")
        transport.send(message)
