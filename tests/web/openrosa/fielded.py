"""A programme in the field behind a running installation, and a device that speaks to it."""

from __future__ import annotations

import base64
import io
from xml.etree import ElementTree as ET

from sqlalchemy import select

from evalapp.people.tables import Programme
from tests.surveys.openrosa.field import Field

RESPONSE = "{http://openrosa.org/http/response}"


class Device:
    """A device as a client of the web, with the headers that ODK Collect sends."""

    def __init__(self, site, client, code="pi"):
        self.site, self.client, self.base = site, client, f"/openrosa/{code}"
        with site.transaction() as db:
            self.field = Field(db, db.scalars(select(Programme).where(Programme.code == code)).one())
            self.username, self.password = self.field.added.username, self.field.added.password
            self.account, self.study_id = self.field.account, self.field.person.study_id

    def headers(self, **other):
        basic = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {"X-OpenRosa-Version": "1.0", "Authorization": f"Basic {basic}", "Accept-Language": "en", **other}

    def get(self, path, **options):
        return self.client.get(self.base + path, headers=self.headers(), **options)

    def head(self, path):
        return self.client.head(self.base + path, headers=self.headers())

    def xml(self, instance="uuid:1", **said):
        return self.field.xml(instance, study_id=said.pop("study_id", self.study_id), **said)

    def submit(self, content=None, **parts):
        sent = self.xml() if content is None else content
        data = {"xml_submission_file": (io.BytesIO(sent), "form.xml", "text/xml")}
        data |= {name.replace("_csv", ".csv"): (io.BytesIO(held), name.replace("_csv", ".csv")) for name, held in parts.items()}
        return self.client.post(f"{self.base}/submission", data=data, headers=self.headers())


def fielded(site, client=None):
    """Return a device of the programme `pi`, which is made where it is not there."""
    site.account("program_officer", programmes=("pi",))
    return Device(site, client or site.app.test_client())


def said(answer):
    """Return the words in an answer of ours, which must be in OpenRosa's form."""
    root = ET.fromstring(answer.data)
    assert root.tag == f"{RESPONSE}OpenRosaResponse"
    return root.find(f"{RESPONSE}message").text
