"""A programme whose interviewers go into the field: an open wave, people with study IDs, a device, and what it sends."""

from __future__ import annotations

import datetime as dt
import itertools
from functools import cache
from xml.sax.saxutils import escape

from sqlalchemy import select

from evalapp.accounts.tables import Account, RoleGrant
from evalapp.core.clock import now, today
from evalapp.core.ids import mint_study_id
from evalapp.people.tables import Consent, Entrepreneur, ProgrammeMember, Registration
from evalapp.surveys.instruments.definition import definition_to_json
from evalapp.surveys.instruments.derive_definition import derive_definition
from evalapp.surveys.openrosa.devices.add_device import add_device
from evalapp.surveys.openrosa.devices.open_device import open_device
from evalapp.surveys.openrosa.receive_submission import receive_submission
from evalapp.surveys.tables import Answer, Instrument, Wave
from evalapp.xform.model.stored import model_to_json
from tests.xform.sheets import packed, read_here

NUMBERS = itertools.count(1)
SURVEY = """
| type | name | label::한국어 (ko) | label::English (en) | required | relevant | constraint |
| start | start |
| end | end |
| select_one yes_no | firm_operating | 사업을 하고 있습니까? | Is the business running? | yes |
| decimal | revenue_krw | 매출 | Revenue | | ${firm_operating} = 'yes' | . >= 0 |
| text | why | 왜 닫았습니까? | Why closed? | | ${firm_operating} = 'no' |
| select_multiple channel | channels | 어디에서 팝니까? | Where do you sell? |
| begin_repeat | trade | 거래 | Trade |
| text | goods | 무엇을 팝니까? | What do you sell? |
| integer | price | 얼마입니까? | At what price? | | | . > 0 |
| end_repeat |
| text | phone | 전화번호 | Telephone |
| text | note | 더 할 말 | Anything else |
"""
CHOICES = """
| list_name | name | label::한국어 (ko) | label::English (en) |
| yes_no | yes | 예 | Yes |
| yes_no | no | 아니요 | No |
| channel | market | 시장 | Market |
| channel | online | 온라인 | Online |
"""
SETTINGS = "form_title,form_id,version,default_language\n현장 조사,field,2026110101,한국어 (ko)\n"
ITEMS = "| name | sensitivity |\n| phone | identifier |"


@cache
def field_form(version="2026110101"):
    """A form with what matters on a device: a condition, several choices, a repeat, an identifier."""
    return read_here(packed(SURVEY, CHOICES, SETTINGS.replace("2026110101", version), x_items=ITEMS))


def publish(db, form):
    """Publish a form as it was compiled."""
    instrument = Instrument(
        code=form.model.form_id, version=form.model.version, definition=definition_to_json(derive_definition(form)),
        sha256=f"{next(NUMBERS):064d}", published_at=now(), model=model_to_json(form.model), xform=form.xform,
    )  # fmt: skip
    db.add(instrument)
    db.flush()
    return instrument


class Field:
    """The programme in the field. `send(...)` sends what the device `device` would send."""

    def __init__(self, db, programme, form=None, keys=None):
        self.db, self.programme, self.keys = db, programme, keys
        self.instrument = publish(db, form or field_form())
        self.wave = self.add_wave("fu1")
        self.account = self.add_interviewer()
        self.added = add_device(db, programme, "Tablet", self.account, today() + dt.timedelta(days=30))
        self.device = open_device(db, programme.code, self.added.username, self.added.password)
        self.person = self.add_person()

    def add(self, thing):
        self.db.add(thing)
        self.db.flush()
        return thing

    def add_wave(self, code, opens=-3, closes=30, instrument=None):
        rounds = len(self.db.scalars(select(Wave).where(Wave.programme_id == self.programme.id)).all())
        return self.add(
            Wave(
                programme_id=self.programme.id, instrument_id=(instrument or self.instrument).id, code=code, round=rounds + 1,
                label_ko=f"조사 {code}", label_en=f"Wave {code}", opens_on=today() + dt.timedelta(days=opens),
                closes_on=today() + dt.timedelta(days=closes), survey_year=today().year,
            )
        )  # fmt: skip

    def add_interviewer(self, role="interviewer", language="en"):
        code = f"AC-D{next(NUMBERS):03d}"
        keys = self.db.info["keys"]
        account = self.add(
            Account(
                code=code, email_sealed=keys.seal(f"{code}@example.org", f"account:{code}:email"), email_index=f"{code:>064}",
                name_sealed=keys.seal("Somebody", f"account:{code}:name"), state="active", created_at=now(), language=language,
            )
        )  # fmt: skip
        self.add(RoleGrant(account_id=account.id, role=role, granted_by="terminal", granted_at=now()))
        self.add(ProgrammeMember(programme_id=self.programme.id, account_id=account.id, added_by="terminal", added_at=now()))
        return code

    def add_person(self, *, consent=True):
        taken = set(self.db.scalars(select(Entrepreneur.study_id)))
        person = self.add(Entrepreneur(study_id=mint_study_id(taken), created_at=now()))
        ids = {"programme_id": self.programme.id, "entrepreneur_id": person.id}
        self.add(Registration(**ids, registered_on=today()))
        if consent:
            self.add(Consent(**ids, purpose="survey", text_version="1", given_on=today() - dt.timedelta(days=9)))
        return person

    def xml(self, instance, *, study_id=None, deprecated=None, wave=None, answers=None, version=None):
        """A filled form as Collect writes it; `answers` is XML, or the answers outside of any repeat."""
        typed = self.person.study_id if study_id is None else study_id
        said = {"firm_operating": "yes", "revenue_krw": "1.2345678E7"} if answers is None else answers
        inner = said if isinstance(said, str) else "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said.items())
        earlier = f"<orx:deprecatedID>{deprecated}</orx:deprecatedID>" if deprecated else ""
        return (
            f"<?xml version='1.0' ?><data id='{self.instrument.code}--{(wave or self.wave).code}' "
            f"version='{version or self.instrument.version}' xmlns:orx='http://openrosa.org/xforms'>"
            f"<study_id>{escape(typed)}</study_id><start>{_ago(20)}</start><end>{_ago(5)}</end>{inner}"
            f"<orx:meta><orx:instanceID>{instance}</orx:instanceID>{earlier}</orx:meta></data>"
        ).encode()

    def send(self, instance="uuid:1", files=None, **said):
        return receive_submission(self.db, self.device, self.xml(instance, **said), files or {})

    def answers(self, row):
        """The answers that a filled form became."""
        found = self.db.scalars(select(Answer).where(Answer.submission_id == row.submission_id))
        return {(answer.repeat_path, answer.variable): answer.text for answer in found}


def _ago(minutes):
    return (now() - dt.timedelta(minutes=minutes)).isoformat(timespec="milliseconds")
