"""A file of answers on its way: chosen, looked at, mapped, taken in, undone."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.people.tables import Entrepreneur, Programme, Registration
from evalapp.surveys.imports.tables import SurveyUpload
from evalapp.surveys.tables import Answer, Submission, SurveyImport
from tests.surveys.imports.conftest import EVERYTHING, NOON, add_wave, publish
from tests.surveys.imports.files import table
from tests.web.browsing import check_page
from tests.web.site import csrf_token, send

IMPORT = "/programmes/pi/waves/fu1/import"
GOOD = table(["study_id", "operating", "hours"], ["A-1", "yes", "40"], ["A-2", "no", ""])
STRANGE = table(["person", "runs", "hours"], ["A-1", "예", "x"], ["A-2", "no", "4"])


def prepare(site):
    """Open the wave with the form of every type and register A-1 and A-2."""
    with site.transaction() as db:
        programme = db.scalars(select(Programme).where(Programme.code == "pi")).one()
        add_wave(db, programme, publish(db, EVERYTHING))
        for study_id in ("A-1", "A-2"):
            person = Entrepreneur(study_id=study_id, created_at=NOON)
            db.add(person)
            db.flush()
            db.add(Registration(programme_id=programme.id, entrepreneur_id=person.id, registered_on=NOON.date()))


@pytest.fixture
def officer(site):
    client = site.client("program_officer", programmes=("pi",))
    prepare(site)
    return client


def choose(client, content, name="answers.csv"):
    """Choose a file and return the address of its preview."""
    token = csrf_token(client.get(IMPORT).text)
    answer = client.post(IMPORT, data={"csrf_token": token, "file": (io.BytesIO(content), name)})
    assert answer.status_code == 303, answer.text
    return answer.location


def count(site, *tables):
    with site.transaction() as db:
        return [db.scalar(select(func.count()).select_from(each)) for each in tables]


def mapped(client, at, **said):
    """Send the form of the mapping as it stands, with what is changed."""
    page = client.get(at).text
    given = dict(re.findall(r'<input class="input"[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', page))
    kept = {"headers": "names", "choices": "either", "date_order": "", "person": "study_id", "missing": "", **given}
    return client.post(f"{at}/mapping", data={"csrf_token": csrf_token(page), **kept, **said})


def test_a_file_is_looked_at_before_it_is_taken_in_and_once_taken_in_it_is_gone(site, officer):
    at = choose(officer, GOOD)
    page = officer.get(at).text
    assert "New answers" in page
    assert count(site, Submission, SurveyUpload) == [0, 1]
    done = send(officer, f"{at}/take", {}, page=at, follow_redirects=True)
    assert "Taken in: 2 new" in done.text
    assert count(site, Submission, Answer, SurveyImport, SurveyUpload) == [2, 3, 1, 0]
    assert officer.get(at).status_code == 404
    again = choose(officer, GOOD)
    assert "The file brings nothing new" in officer.get(again).text


def test_faults_are_listed_downloaded_and_mended_by_a_mapping_that_is_remembered(officer):
    at = choose(officer, STRANGE)
    page = officer.get(at).text
    for said in ("Columns are missing: study_id, operating", "not a number", "Download all faults"):
        assert said in page
    faults = officer.get(f"{at}/faults.csv")
    assert faults.headers["Content-Disposition"] == 'attachment; filename="faults.csv"'
    assert "row" in faults.text.lower()
    fields = dict(re.findall(r'id="(column_\d)"[^>]*aria-label="Read (\w+) as"', page))
    by_column = {column: field for field, column in fields.items()}
    refused = mapped(officer, at, **{by_column["runs"]: "nothing"})
    assert (refused.status_code, "no variable “nothing”" in refused.text) == (422, True)
    said = {"person": "person", by_column["runs"]: "operating", by_column["hours"]: "-", "name": "Our table"}
    assert mapped(officer, at, **said).status_code == 303
    done = send(officer, f"{at}/take", {}, page=at, follow_redirects=True)
    assert "Taken in: 2 new" in done.text
    assert "Our table" in done.text
    next_time = choose(officer, STRANGE.replace(b",4", b",5"))
    assert "The file brings nothing new" in officer.get(next_time).text


def test_other_answers_need_a_reason(officer):
    send(officer, f"{choose(officer, GOOD)}/take", {}, page=choose(officer, GOOD))
    at = choose(officer, GOOD.replace(b"40", b"41"))
    assert "differ from those that are stored" in officer.get(at).text
    refused = send(officer, f"{at}/take", {"revise": ""}, page=at)
    assert (refused.status_code, "Say why they are right" in refused.text) == (422, True)
    done = send(officer, f"{at}/take", {"revise": "corrected by telephone"}, page=at, follow_redirects=True)
    assert "1 with corrections" in done.text


def test_an_import_is_undone_for_a_reason(site, officer):
    at = choose(officer, GOOD)
    send(officer, f"{at}/take", {}, page=at)
    undo = re.search(rf'href="({IMPORT}/\d+/undo)"', officer.get(IMPORT).text)[1]
    assert send(officer, undo, {"reason": ""}).status_code == 422
    done = send(officer, undo, {"reason": "the file of another wave"}, follow_redirects=True)
    assert "Submissions removed: 2" in done.text
    assert count(site, Submission, Answer) == [0, 0]
    with site.transaction() as db:
        assert "import_undone" in set(db.scalars(select(AuditEntry.action)))


def test_a_file_that_cannot_be_read_says_why_and_is_not_kept(site, officer):
    token = csrf_token(officer.get(IMPORT).text)
    for content, said in ((b"", "The file is empty"), (b"study_id;\xff\xfe\x00", "binary file"), (b"$FL2 nonsense", "damaged")):
        answer = officer.post(IMPORT, data={"csrf_token": token, "file": (io.BytesIO(content), "홍길동.sav")})
        assert (answer.status_code, said in answer.text) == (422, True)
        assert "홍길동" not in answer.text
    assert officer.post(IMPORT, data={"csrf_token": token}).status_code == 422
    assert count(site, SurveyUpload) == [0]


def test_a_kept_file_is_sealed_and_its_owner_s_alone(site, officer):
    at = choose(officer, table(["study_id", "operating", "remark"], ["A-1", "yes", "secret words"]))
    with site.transaction() as db:
        assert "secret" not in db.scalars(select(SurveyUpload.content_sealed)).one()
    other = site.client("program_officer", programmes=("pi",))
    assert other.get(at).status_code == 404
    assert other.get(at.replace("fu1", "fu9")).status_code == 404
    send(officer, f"{at}/drop", {}, page=at)
    assert count(site, SurveyUpload, Submission) == [0, 0]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_pages_are_sound(served, language):
    page = served.page("program_officer", programmes=("pi",), language=language)
    prepare(served.site)
    page.goto(f"{served.address}{IMPORT}")
    check_page(page)
    for content, taken in ((GOOD, True), (STRANGE, False)):
        page.goto(f"{served.address}{IMPORT}")
        page.set_input_files("#file", {"name": "answers.csv", "mimeType": "text/csv", "buffer": content})
        page.locator("form[enctype] button").click()
        page.locator("details.card summary").first.wait_for()
        check_page(page)
        if taken:
            page.locator("form[action$='/take'] button").click()
            page.locator("table").wait_for()
    page.goto(f"{served.address}{IMPORT}")
    check_page(page)
    page.locator("a[href$='/undo']").first.click()
    page.locator("#reason").wait_for()
    check_page(page)
