"""What messages say: both languages, and not a word about who is written to or why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from babel.dates import format_date

from evalapp.core.language import LANGUAGES, Message
from evalapp.core.messages.messenger import Channel

SUBJECT = "설문 안내 / Survey"

INVITED = Message("You are invited to answer a survey.")
REMINDED = Message("This is a reminder: your answers to the survey have not arrived yet.")
SECRETS = {
    "birth_year": Message("You will be asked for the year of your birth."),
    "one_time_code": Message("You will be sent a code when you open the page."),
}
STOP = Message("If you do not want to take part, you can say so on that page, and nobody will write to you about it again.")


def invitation_text(channel: Channel, link: str, closes_on: dt.date, second_secret: str, language: str, *, reminder: bool) -> str:
    """Return the text of an invitation or a reminder, the person's language first. A text message is short."""
    first = REMINDED if reminder else INVITED
    if channel == "email":
        return "\n\n".join(
            "\n".join([first.within(said), link, _until(closes_on, said), SECRETS[second_secret].within(said), STOP.within(said)])
            for said in _order(language)
        )
    return "\n".join([SUBJECT, first.within(language), link, *(_until(closes_on, said) for said in _order(language))])


def code_text(code: str, minutes: int, language: str) -> str:
    """Return the text that carries a one-time code."""
    message = Message("Code: %(code)s. It is good for %(minutes)s minutes.", code=code, minutes=minutes)
    return "\n".join(message.within(said) for said in _order(language))


def _until(closes_on: dt.date, language: str) -> str:
    day = format_date(closes_on, "long", locale=language)
    return Message("It can be answered until %(date)s.", date=day).within(language)


def _order(language: str) -> Sequence[str]:
    return sorted(LANGUAGES, key=lambda said: said != language)
