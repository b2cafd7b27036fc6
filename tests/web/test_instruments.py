"""Survey forms in the browser: uploaded, mended, tried out, compared, published once, fetched."""

from __future__ import annotations

import csv
import io
import json
import resource
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pytest
from sqlalchemy import func, select

from evalapp.core.errors import AppError
from evalapp.core.shipped import INSTRUMENTS
from evalapp.surveys.instruments.publish_instrument import publish_instrument
from evalapp.surveys.instruments.read_instrument import load_instrument, read_instrument
from evalapp.surveys.tables import Instrument, InstrumentDraft
from tests.web.forms_to_upload import (
    ITEMS,
    SURVEY,
    VERSION,
    binary_workbook,
    deep,
    external_entity,
    formula,
    long_form,
    many_languages,
    other_words,
    ring,
    two_sheets_of_one_name,
    with_macros,
    workbook,
    zip_bomb,
)
from tests.web.site import csrf_token, send
from tests.xform.others import FOLDER as OTHERS

NEW = "/instrument-drafts/new"
FORM = f"/instruments/stalls/{VERSION}"
SECONDS = 4  # a tenth of one on an idle machine (benchmarks/README.md); tests share two cores with much else
MEGABYTES = 40  # what the pages themselves may grow by; opening happens in the other process


def upload(client, content, name="form.xlsx"):
    return send(client, NEW, {"workbook": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def publish(client, content):
    draft = upload(client, content).location
    return send(client, draft, {"decision": "publish"})


@pytest.fixture
def officer(site):
    return site.client("program_officer", programmes=("pi",))


def stored(site, table=Instrument):
    with site.transaction() as db:
        return db.scalar(select(func.count()).select_from(table))


def test_a_form_goes_from_upload_over_its_draft_to_a_published_version(officer):
    sent = upload(officer, workbook())
    assert sent.status_code == 303
    draft = officer.get(sent.location).text
    assert "This form can be published" in draft
    assert "On how many days?" in draft
    assert "Not published" in officer.get("/instruments").text
    done = send(officer, sent.location, {"decision": "publish"})
    assert (done.status_code, done.location) == (303, FORM)
    page = officer.get(FORM).text
    assert "It will not change any more" in page
    assert "${trade} = &#39;yes&#39;" in page
    assert "Not published" not in officer.get("/instruments").text


def test_publishing_twice_is_publishing_once(site, officer):
    draft = upload(officer, workbook()).location
    token = csrf_token(officer.get(draft).text)
    done = [officer.post(draft, data={"csrf_token": token, "decision": "publish"}) for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in done] == [(303, FORM)] * 2
    assert officer.get(draft).location == FORM
    assert stored(site) == 1


def test_uploading_twice_is_one_draft(site, officer):
    assert upload(officer, workbook()).location == upload(officer, workbook()).location
    assert stored(site, InstrumentDraft) == 1


def test_a_form_with_errors_is_kept_with_the_list_of_them(site, officer):
    wrong = workbook(survey=(*SURVEY, ("integer", "매출", "매출은?", "Revenue?", "${trade} = 'perhaps'")))
    sent = upload(officer, wrong)
    page = officer.get(sent.location)
    assert "2 errors keep this form from being published" in page.text
    assert "Publish version" not in page.text
    fetched = officer.get(f"{sent.location}/faults.csv")
    header, *rows = csv.reader(io.StringIO(fetched.data.decode("utf-8-sig")))
    assert header == ["Sheet", "Row", "Column", "Kind", "What to mend"]
    assert [row[:4] for row in rows][:2] == [["survey", "4", "relevant", "Error"], ["survey", "4", "name", "Error"]]
    assert send(officer, sent.location, {"decision": "publish"}).status_code == 422
    assert officer.get(f"{sent.location}/preview").status_code == 404
    assert stored(site) == 0


CYCLE = (
    ("type", "name", "label::한국어 (ko)", "label::English (en)", "calculation"),
    ("integer", "days", "며칠?", "Days?", ""),
    ("calculate", "a", "", "", "${b} + 1"),
    ("calculate", "b", "", "", "${a} + 1"),
)
MISSPELT = (("type", "name", "label::한국어 (ko)", "label::English (en)", "relevent"), *SURVEY[1:])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zip_bomb, "The file would unpack to far more than a form needs"),
        (external_entity, "The workbook holds a document type or an entity, which no form needs"),
        (lambda: b"PK\x03\x04 not a zip", "This is not an Excel workbook"),
        (with_macros, "The workbook holds macros"),
        (lambda: workbook()[:4000], "This is not an Excel workbook"),
        (lambda: b"<html><table>", "This is not an Excel workbook"),
        (binary_workbook, "This kind of spreadsheet (.xlsb, .ods) is not read"),
        (two_sheets_of_one_name, "There are two sheets of this name"),
        (lambda: deep(200), "There are more than 20 groups inside one another"),
        (lambda: long_form(10_000), "The form has more than 5000 rows"),
        (many_languages, "The sheet has more than 300 columns"),
        (lambda: formula("1+" * 9_000 + "1"), "The expression joins more than 200 values in a row"),
        (lambda: formula("(" * 400 + "1" + ")" * 400), "more than 40 brackets inside one another"),
        (lambda: formula("1+" * 16_000), "The expression is longer than 20000 characters"),
        (lambda: ring(900), "These questions depend on one another in a ring: q0 → q1"),
        (
            lambda: workbook(survey=(*SURVEY, ("integer", "a" * 1_000, "매출은?", "Revenue?", ""))),
            "The name has more than 40 characters",
        ),
        (lambda: workbook(survey=(*SURVEY, ("integer", "매출", "매출은?", "Revenue?", ""))), "“매출” cannot name a question"),
        (lambda: workbook(survey=CYCLE, items=ITEMS[:1]), "These questions depend on one another in a ring: "),
        (lambda: workbook(survey=MISSPELT), "Is it meant to be “relevant”?"),
        (lambda: b"", "Choose the workbook first"),
    ],
)
def test_what_cannot_be_a_form_gets_its_message_in_a_moment_and_little_memory(site, officer, content, message):
    made = content()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    answer = upload(officer, made)
    page = officer.get(answer.location).text if answer.status_code == 303 else answer.text
    assert time.monotonic() - began < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEGABYTES
    assert message in page
    assert stored(site) == 0


LISTED = (*SURVEY, ("select_one_from_file towns.csv", "town", "어디?", "Which town?", ""))
TOWNS = "name,label\nseoul,서울\n".encode()


def test_tables_are_uploaded_beside_the_workbook_and_fetched_with_it(officer):
    made = workbook(survey=LISTED)
    page = officer.get(upload(officer, made).location).text
    assert "uses the table towns.csv, which was not uploaded with it" in page
    files = {"workbook": (io.BytesIO(made), "form.xlsx"), "tables": [(io.BytesIO(TOWNS), "towns.csv")]}
    draft = send(officer, NEW, files, content_type="multipart/form-data").location
    assert "This form can be published" in officer.get(draft).text
    send(officer, draft, {"decision": "publish"})
    assert "서울" in officer.get(f"{FORM}/preview").text
    with zipfile.ZipFile(io.BytesIO(officer.get(f"{FORM}/workbook").data)) as archive:
        assert archive.namelist() == ["form.xlsx", "towns.csv"]
        assert archive.read("towns.csv") == TOWNS


def test_a_workbook_of_the_old_kind_is_taken_and_fetched_as_it_was(officer):
    old = (OTHERS / "tutorial.xls").read_bytes()
    assert "settings" in officer.get(upload(officer, old, "tutorial.xls").location).text


def test_a_draft_that_cannot_follow_the_newest_version_says_why(officer):
    publish(officer, workbook())
    for content, reason in (
        (other_words(), "published with other content"),
        (other_words("2026112200"), "is not above the newest"),
    ):
        sent = upload(officer, content)
        assert reason in officer.get(sent.location).text
        assert send(officer, sent.location, {"decision": "publish"}).status_code == 422


def test_two_people_publish_the_same_version_at_once(site):
    """One of two contents wins; the same content is one version."""
    one, other = (read_instrument(content, "form.xlsx") for content in (workbook(), other_words()))

    def publish_it(read):
        try:
            with site.transaction() as db:
                return publish_instrument(db, read).sha256
        except AppError as refused:
            return str(refused.message)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(publish_it, (one, other, one, other)))
    with site.transaction() as db:
        (winner,) = db.scalars(select(Instrument.sha256)).all()
    assert sorted(answer == winner for answer in done) == [False, False, True, True]
    assert sum("published with other content" in answer for answer in done) == 2


def test_a_draft_is_thrown_away(site, officer):
    draft = upload(officer, workbook()).location
    assert send(officer, draft, {"decision": "discard"}).location == "/instruments"
    assert officer.get(draft).status_code == 404
    assert stored(site, InstrumentDraft) == 0


def test_versions_are_compared_side_by_side(officer):
    publish(officer, workbook())
    draft = upload(officer, other_words("2026112301")).location
    assert "How many days a week?" in officer.get(f"{draft}/comparison").text
    send(officer, draft, {"decision": "publish"})
    page = officer.get("/instruments/stalls/2026112301/comparison").text
    assert "Other words" in page
    assert page.index("On how many days?") < page.index("How many days a week?", page.index("<table"))
    assert officer.get(f"{FORM}/comparison?with=2026112301").status_code == 200
    assert officer.get(f"{FORM}/comparison?with=2099010101").status_code == 404
    assert officer.get(f"{FORM}/comparison").status_code == 404


def test_the_form_is_tried_out_and_asks_by_the_answers(officer):
    publish(officer, workbook())
    page = f"{FORM}/preview"
    assert "On how many days?" not in officer.get(page).text
    asked = send(officer, page, {"trade": "yes", "shown_in": "en"})
    assert asked.status_code == 200
    assert "On how many days?" in asked.text
    korean = send(officer, page, {"trade": "yes", "days": "many", "shown_in": "ko"})
    assert "며칠 합니까?" in korean.text
    assert "“many” is not a whole number" in korean.text
    assert "On how many days?" not in send(officer, page, {"trade": "no", "days": "3", "shown_in": "en"}).text


def test_rounds_of_a_repeat_can_be_tried(officer):
    repeat = (
        *SURVEY,
        ("begin_repeat", "stall", "가게", "Stall", ""),
        ("text", "place", "어디?", "Where?", ""),
        ("end_repeat", "", "", "", ""),
    )
    publish(officer, workbook(survey=repeat))
    one = send(officer, f"{FORM}/preview", {"shown_in": "en"}).text
    two = send(officer, f"{FORM}/preview", {"shown_in": "en", "grown": "/data/stall", "stall.place": "Jongno"}).text
    assert two.count("Where?") == one.count("Where?") + 1
    assert "Jongno" in two
    assert send(officer, f"{FORM}/preview", {"grown": "/data/nothing"}).status_code == 200


@pytest.mark.parametrize("kind", ["workbook", "xlsform", "xform", "codebook-xlsx", "codebook-json", "redcap"])
def test_every_file_of_a_version_can_be_fetched(officer, kind):
    publish(officer, workbook(people=(("김철수", "010-1234-5678"),)))
    answer = officer.get(f"{FORM}/{kind}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="stalls-{VERSION}')
    if kind == "xlsform":
        assert openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames == ["survey", "choices", "settings", "x_items"]
        assert read_instrument(answer.data, "f.xlsx").sha256 == read_instrument(workbook(), "f.xlsx").sha256
    if kind == "xform":
        assert b"<h:html" in answer.data
    if kind == "codebook-json":
        assert [each["variable"] for each in json.loads(answer.data)["variables"]] == ["trade", "days"]
    if kind == "redcap":
        assert "[trade] = 'yes'" in answer.text


def test_the_standard_items_are_shown_and_fetched(officer):
    page = officer.get("/standard-items").text
    assert "difficulty_financing" in page
    fetched = read_instrument(officer.get("/standard-items/workbook").data, "items.xlsx")
    assert len(fetched.definition.questions) == 17


def test_the_scales_page_says_nothing_of_nobody(site, officer):
    with site.transaction() as db:
        form = publish_instrument(db, load_instrument(INSTRUMENTS / "baseline"))
    assert "Nothing to compute yet" in officer.get(f"/instruments/baseline/{form.version}/scales").text


def test_an_analyst_looks_and_a_trainer_does_not(site, officer):
    publish(officer, workbook())
    draft = upload(officer, other_words("2026112301")).location
    analyst, trainer = site.client("analyst", programmes=("pi",)), site.client("trainer", programmes=("pi",))
    for path in ("/instruments", FORM, f"{FORM}/preview", f"{FORM}/scales", f"{FORM}/codebook-xlsx", "/standard-items"):
        assert (analyst.get(path).status_code, trainer.get(path).status_code) == (200, 403)
    for path in (NEW, draft, f"{draft}/preview", f"{draft}/comparison", f"{draft}/faults.csv"):
        assert analyst.get(path).status_code == 403
    assert "Not published" not in analyst.get("/instruments").text


def test_waves_of_other_programmes_are_not_named(site, officer):
    from evalapp.analysis.plans.open_programme import open_programme
    from evalapp.analysis.plans.programme_templates import dated_waves, get_template
    from evalapp.core.clock import today

    template = get_template("pi_training")
    with site.transaction() as db:
        waves = dated_waves(template, today())
        open_programme(db, {"code": "other", "name_ko": "남", "name_en": "Somebody else's", "waves": waves, "plan": template.plan})
    page = officer.get("/instruments").text
    assert "baseline" in page
    assert "Somebody else" not in page


@pytest.mark.parametrize("path", ["/instruments/stalls/1", "/instruments/none/2026112201/scales", "/instrument-drafts/77"])
def test_what_is_not_there_is_not_there(officer, path):
    assert officer.get(path).status_code == 404
