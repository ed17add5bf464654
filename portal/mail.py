"""Letters to persons: through the operator's mail server, or kept in a folder when there is none."""

import os
import secrets
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid, parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import render_template
from flask_babel import force_locale

from datasets.errors import SettingError, StoreUnavailable
from portal.clock import Clock
from portal.settings import Settings

PATIENCE = 15.0
"""Seconds that a mail server is waited for."""

LINES = default.clone(max_line_length=990)
"""Long addresses in headers are written as they are: mail programs do not read them folded (RFC 5322 allows 998)."""

SCHEMES = {"smtp": 25, "smtps": 465}
EXPECTED = "smtp://host:port, smtp://user:password@host:587 or smtps://user:password@host, or file:folder"


def always() -> bool:
    """Let a letter leave: it answers what its reader did, and needs no consent."""
    return True


@dataclass(frozen=True)
class Letter:
    """A text to one address.

    `may_leave` is asked at the moment of sending, for letters that need a consent; `withdrawal` is the address by which
    their reader receives no more of them, with one click of their mail program (RFC 8058).
    """

    to: str
    subject: str
    text: str
    may_leave: Callable[[], bool] = always
    withdrawal: str = ""


class Carrier(Protocol):
    """Whoever carries letters away."""

    def carry(self, message: EmailMessage) -> None:
        """Carry a message. Raises StoreUnavailable."""


@dataclass(frozen=True)
class Post:
    """Sends letters in the portal's name."""

    carrier: Carrier
    sender: str
    clock: Clock

    def send(self, letter: Letter) -> bool:
        """Send a letter, unless it may not leave any more: tells whether it left. Raises StoreUnavailable."""
        if not letter.may_leave():
            return False
        message = EmailMessage(LINES)
        message["From"], message["To"], message["Subject"] = self.sender, letter.to, letter.subject
        message["Date"] = format_datetime(self.clock.now())
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        if letter.withdrawal:
            message["List-Unsubscribe"] = f"<{letter.withdrawal}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        self.carrier.carry(message)
        return True


@dataclass(frozen=True)
class MailServer:
    """An SMTP server: the connection is encrypted from the start (smtps) or as soon as the server offers it."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    encrypted: bool = False

    def carry(self, message: EmailMessage) -> None:
        """Hand a message to the server. Raises StoreUnavailable."""
        try:
            with self._connect() as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise StoreUnavailable(name="mail", reason=type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
        if self.user:
            server.login(self.user, self.password)
        return server


@dataclass(frozen=True)
class Outbox:
    """A folder where letters wait for nobody: what a demonstration has in the place of a mail server."""

    folder: Path

    def carry(self, message: EmailMessage) -> None:
        """Keep a message as a file of its date, readable by the owner only. Raises StoreUnavailable."""
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            path = self.folder / f"{secrets.token_hex(8)}.eml"
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(bytes(message))
            written = parsedate_to_datetime(message["Date"]).timestamp()
            os.utime(path, (written, written))
        except OSError as error:
            raise StoreUnavailable(name="mail", reason=error.strerror or str(error)) from error


def open_post(settings: Settings, clock: Clock) -> Post:
    """Return what sends the letters of an installation. Raises SettingError for a wrong address of the server."""
    return Post(read_carrier(settings.mail_url), settings.mail_from, clock)


def read_carrier(address: str) -> Carrier:
    """Return what an address names: a mail server, or a folder. Raises SettingError."""
    if address.startswith("file:"):
        return Outbox(Path(address.removeprefix("file:")))
    return read_server(address)


def read_server(address: str) -> MailServer:
    """Return the mail server that an address names. Raises SettingError, which does not repeat its password."""
    try:
        parts = urlsplit(address)
        port = parts.port or SCHEMES[parts.scheme]
        host = parts.hostname or ""
    except (KeyError, ValueError):
        host, port = "", 0
    if not host:
        raise SettingError(name="PORTAL_MAIL_URL", found="another form of address", expected=EXPECTED)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(host, port, user, password, parts.scheme == "smtps")


def write_letter(name: str, to: str, language: str, **facts: object) -> Letter:
    """Return the letter of the template `mail/<name>.txt` in `language`: its first line is the subject."""
    with force_locale(language):
        subject, _, text = render_template(f"mail/{name}.txt", **facts).strip().partition("\n")
    return Letter(to, " ".join(subject.split()), text.strip() + "\n")
