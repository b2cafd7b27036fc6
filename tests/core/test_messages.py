"""Messages leave by mail server, gateway or into a folder, and a failure says why without saying to whom."""

import json
import socket
import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from evalapp.core.messages import smtp_transport
from evalapp.core.messages.messenger import Messenger, OutgoingMessage, Undelivered
from evalapp.core.messages.outbox import Outbox
from evalapp.core.messages.sms_gateway import SmsGateway
from evalapp.core.messages.smtp_transport import SmtpTransport

LETTER = OutgoingMessage("key-1", "email", "haneul@example.org", "설문 안내 / Survey", "설문\nhttps://survey.example.org/s/abc")
TEXT = OutgoingMessage("key-2", "sms", "010-1234-5678", "", "설문 https://survey.example.org/s/abc")


class MailServer:
    """A mail server of one conversation: what it answers to RCPT, and what it was given."""

    def __init__(self, to_recipient="250 ok"):
        self.to_recipient = to_recipient
        self.heard = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._converse)
        self.thread.start()

    def _converse(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rwb") as stream:
            self._say(stream, "220 hello")
            in_letter = False
            while line := stream.readline():
                self.heard.append(line.decode().rstrip("\r\n"))
                if in_letter and line != b".\r\n":
                    continue
                in_letter = line.upper().startswith(b"DATA")
                self._say(stream, self._answer(line))
                if line.upper().startswith(b"QUIT"):
                    return

    def _answer(self, line):
        return {b"DATA": "354 go on", b"QUIT": "221 bye", b"RCPT": self.to_recipient}.get(line[:4].upper(), "250 ok")

    @staticmethod
    def _say(stream, words):
        stream.write(f"{words}\r\n".encode())
        stream.flush()

    def close(self):
        self.listener.close()
        self.thread.join()


@pytest.fixture
def mail_server():
    server = MailServer()
    yield server
    server.close()


def test_a_letter_reaches_the_server_with_a_neutral_sender(mail_server):
    SmtpTransport(mail_server.url, "Survey <survey@example.org>").send(LETTER)
    head = "\n".join(mail_server.heard)
    assert "From: Survey <survey@example.org>" in head
    assert "To: haneul@example.org" in head
    assert "Message-ID: <key-1@example.org>" in head
    assert "Auto-Submitted: auto-generated" in head


def test_a_server_elsewhere_that_does_not_encrypt_is_told_nothing(mail_server, monkeypatch):
    monkeypatch.setattr(smtp_transport, "LOOPBACK", frozenset())
    with pytest.raises(Undelivered) as refusal:
        SmtpTransport(mail_server.url, "survey@example.org").send(LETTER)
    assert refusal.value.kind == "refused"
    assert not any("haneul" in line for line in mail_server.heard)


def test_a_refused_address_is_told_from_a_server_that_is_away():
    server = MailServer(to_recipient="550 nobody of that name")
    with pytest.raises(Undelivered) as refused:
        SmtpTransport(server.url, "survey@example.org").send(LETTER)
    server.close()
    with pytest.raises(Undelivered) as away:
        SmtpTransport(server.url, "survey@example.org").send(LETTER)
    assert (refused.value.kind, away.value.kind) == ("address_refused", "unreachable")
    assert "haneul" not in str(refused.value)
    assert refused.value.__cause__ is None


class Gateway(BaseHTTPRequestHandler):
    """A gateway that answers with `status` and keeps what it was posted."""

    status = 202
    posted: ClassVar[list] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).posted.append((dict(self.headers), json.loads(body)))
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def gateway():
    handler = type("One", (Gateway,), {"posted": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    handler.url = f"http://127.0.0.1:{server.server_port}/send"
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_text_message_is_posted_with_the_token_and_a_key_that_names_it(gateway):
    SmsGateway(gateway.url, "secret-token").send(TEXT)
    headers, body = gateway.posted[0]
    assert headers["Authorization"] == "Bearer secret-token"
    assert headers["Idempotency-Key"] == "key-2"
    assert body == {"key": "key-2", "channel": "sms", "to": "010-1234-5678", "text": TEXT.text}


@pytest.mark.parametrize(("status", "kind"), [(302, "refused"), (400, "address_refused"), (401, "refused"), (503, "refused")])
def test_a_gateway_that_does_not_accept_is_a_failure_and_no_redirect_is_followed(gateway, status, kind):
    gateway.status = status
    with pytest.raises(Undelivered) as refusal:
        SmsGateway(gateway.url, "t").send(TEXT)
    assert refusal.value.kind == kind
    assert len(gateway.posted) == 1


def test_a_gateway_that_is_away_is_told_apart():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with pytest.raises(Undelivered) as refusal:
        SmsGateway(url, "t").send(TEXT)
    assert refusal.value.kind == "unreachable"


def test_the_outbox_is_its_owners_alone(tmp_path):
    folder = tmp_path / "outbox"
    Messenger({"sms": Outbox(folder)}, "https://survey.example.org").send(TEXT)
    (path,) = folder.iterdir()
    assert json.loads(path.read_text(encoding="utf-8"))["to"] == "010-1234-5678"
    assert "010" not in path.name
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(path.stat().st_mode)) == (0o700, 0o600)


def test_a_channel_that_is_not_set_up_is_said_so(tmp_path):
    messenger = Messenger({"sms": Outbox(tmp_path)}, "https://survey.example.org")
    assert messenger.channels == ("sms",)
    with pytest.raises(Undelivered) as refusal:
        messenger.send(LETTER)
    assert refusal.value.kind == "not_set_up"


def test_a_message_never_shows_itself():
    assert "010" not in repr(TEXT)
    assert "haneul" not in repr(LETTER)
