"""The pages of fidelity, ratings and the matrix: what is saved, what is refused, who sees what, and what is on the work page."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import today
from evalapp.training.curricula.tables import Module, ModuleItem
from evalapp.training.fidelity.queries import get_checklist, get_homework, list_ratings
from evalapp.training.fidelity.tables import ChecklistMark, SessionRating, TraitRating
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import TrainingSession
from tests.training.attendance.taught import NAMES, Taught, find_programme
from tests.training.fidelity.test_fidelity import hold
from tests.web.site import csrf_token
from tests.web.training.classes import give_class

COHORT = "/programmes/pi/cohorts/A"
PAGE = f"{COHORT}/sessions/1/fidelity"
ITEMS = ("content", "exercise", "homework")


def add_checklist(db, taught):
    words = {"name_ko": "계획", "name_en": "Planning", "principle": "future_thinking"}
    module = Module(
        programme_id=taught.programme.id, code="planning", position=1, planned_minutes=150, materials_version="v1", **words
    )
    db.add(module)
    db.flush()
    for position, kind in enumerate(ITEMS, start=1):
        db.add(ModuleItem(module_id=module.id, code=kind, position=position, kind=kind, text_ko="글", text_en=f"The {kind}"))
    db.flush()


@pytest.fixture
def lesson(site):
    """Cohort A with twelve people, today's session with its checklist, and the accounts of its trainer and its observer."""
    accounts = [site.account("trainer", programmes=("pi",)) for _ in range(2)]
    taught = give_class(site, *accounts)
    with site.transaction() as db:
        add_checklist(db, taught)
        db.execute(SessionTrainer.__table__.update().values(role="observer"))
    taught.accounts = accounts
    return taught


def browser(site, account):
    client = site.app.test_client()
    client.set_cookie("language", "en")
    site.sign_in(client, account)
    return client


def fields(page):
    """Return the form of the page as it stands: hidden fields, texts, and what is ticked."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    found |= dict(re.findall(r'name="(materials)" type="text" value="([^"]*)"', page))
    return found | dict(re.findall(r'<input type="radio"[^>]* name="([^"]+)" value="([^"]*)" checked', page))


def items(page):
    return sorted(set(re.findall(r'name="item-(\d+)"', page)), key=int)


def marked(page, *answers):
    return {f"item-{item}": answer for item, answer in zip(items(page), answers, strict=True)}


def save(client, data, page=None):
    page = page or client.get(PAGE).text
    return client.post(PAGE, data={**fields(page), **data})


def test_one_form_keeps_checklist_materials_homework_and_rating(site, lesson):
    client = browser(site, lesson.accounts[0])
    page = client.get(PAGE).text
    _, second, third = items(page)
    person = re.findall(r'name="homework-(\d+)"', page)[0]
    data = {
        **marked(page, "planned", "changed", "left_out"), f"how-{second}": "shortened", f"reason-{second}": "came late",
        f"reason-{third}": "no time", f"homework-{person}": "yes", "engagement": "4", "quality": "5", "remark": "a lively evening",
    }  # fmt: skip
    assert save(client, data, page).status_code == 303
    after = client.get(PAGE).text
    assert "Saved." in after
    assert "2 of 3 items delivered, 1 of them changed" in after
    assert "67%" in after
    assert fields(after)[f"homework-{person}"] == "yes"
    with site.transaction() as db:
        session = db.scalars(select(TrainingSession)).one()
        assert [line.mark.reason for line in get_checklist(db, session)] == ["", "came late", "no time"]
        assert (session.materials_version, list(get_homework(db, session).values())) == ("v1", [True])
        assert [(line.role, line.remark) for line in list_ratings(db, session)] == [("trainer", "a lively evening")]
        actions = db.execute(select(AuditEntry.action, AuditEntry.after)).all()
        written = {action: facts for action, facts in actions if action in ("delivery_recorded", "session_rated")}
        assert len(written) == 2
        assert not [facts for facts in written.values() if "lively" in facts or "late" in facts]
    save(client, {}, after)
    with site.transaction() as db:
        assert db.scalar(select(func.count()).where(AuditEntry.action == "delivery_recorded")) == 1


def test_with_a_fault_nothing_is_kept_and_what_was_typed_comes_back(site, lesson):
    client = browser(site, lesson.accounts[0])
    page = client.get(PAGE).text
    first = items(page)[0]
    cases = [
        ({f"item-{first}": "planned", "engagement": "4", "quality": "4"}, "Say whether it was delivered."),
        (marked(page, "planned", "planned", "left_out"), "Say in a few words why."),
        (marked(page, "planned", "planned", "changed"), "Choose how it was changed."),
        ({**marked(page, "planned", "planned", "planned"), "engagement": "4"}, "Rate both, or neither."),
        ({**marked(page, "planned", "planned", "planned"), "remark": "only words"}, "Rate both, or neither."),
        ({**marked(page, "planned", "planned", "planned"), "materials": "x" * 41}, "at most 40"),
    ]
    for data, fault in cases:
        answer = save(client, data, page)
        assert (answer.status_code, fault in answer.text) == (422, True), fault
        assert f'name="item-{first}" value="planned" checked' in answer.text
    with site.transaction() as db:
        assert db.scalar(select(func.count()).select_from(ChecklistMark)) == 0
        assert db.scalar(select(func.count()).select_from(SessionRating)) == 0


def test_two_who_save_at_once_do_not_overwrite_each_other_unseen(site, lesson):
    one, other = (browser(site, account) for account in lesson.accounts)
    page, theirs = one.get(PAGE).text, other.get(PAGE).text
    assert save(one, marked(page, "planned", "planned", "planned"), page).status_code == 303
    last = items(theirs)[-1]
    data = {
        **marked(theirs, "planned", "planned", "left_out"),
        f"reason-{last}": "no time",
        "remark": "mine",
        "engagement": "2",
        "quality": "2",
    }
    refused = save(other, data, theirs)
    assert (refused.status_code, "Somebody else saved this page meanwhile" in refused.text, "mine" in refused.text) == (
        422,
        True,
        True,
    )
    assert fields(refused.text)[f"item-{last}"] == "planned"
    assert save(other, data, refused.text).status_code == 303


def test_raters_do_not_see_each_other_and_the_officer_sees_how_far_they_agree(site, lesson):
    one, other = (browser(site, account) for account in lesson.accounts)
    save(one, {"engagement": "4", "quality": "5", "remark": "mine alone"})
    page = other.get(PAGE).text
    assert "as an observer" in page
    assert ("mine alone" in page, 'value="4" checked' in page) == (False, False)
    save(other, {"engagement": "3", "quality": "5", "remark": "from behind"})
    officer = site.client("program_officer", programmes=("pi",)).get(PAGE).text
    assert all(
        text in officer for text in ("mine alone", "from behind", "1 of 2 ratings are the same, 2 are at most one step apart")
    )
    analyst = site.client("analyst", programmes=("pi",))
    assert analyst.get(PAGE).status_code == 403
    process = analyst.get(f"{COHORT}/matrix/process").text
    assert ("1 of 2 ratings are the same" in process, "mine alone" in process) == (True, False)


def test_another_trainers_cohort_is_not_there_by_any_way(site, lesson):  # noqa: ARG001 - the cohort of others
    stranger = site.client("trainer", programmes=("pi",))
    token = csrf_token(stranger.get("/account").text)
    with site.transaction() as db:
        place = db.execute(select(func.min(TrainingSession.id))).scalar()
    for path in (PAGE, f"{COHORT}/ratings", f"{COHORT}/ratings/start/{place}"):
        assert stranger.get(path).status_code == 404
    for path in (PAGE, f"{COHORT}/ratings/start/{place}"):
        assert stranger.post(path, data={"csrf_token": token, "engagement": "1", "quality": "1"}).status_code == 404
    for path in (f"{COHORT}/matrix", f"{COHORT}/matrix/process"):
        assert stranger.get(path).status_code == 403
    with site.transaction() as db:
        assert db.scalar(select(func.count()).select_from(SessionRating)) == 0
        assert db.scalar(select(func.count()).where(AuditEntry.action == "given_names_shown")) == 0


def test_a_trainer_of_the_cohort_who_is_not_at_the_session_reads_and_does_not_write(site, lesson):
    with site.transaction() as db:
        lesson.db = db
        extra = lesson.add_session(2, today())
        db.execute(SessionTrainer.__table__.update().values(session_id=extra.id))
    helper = browser(site, lesson.accounts[1])
    page = helper.get(PAGE).text
    assert "Only who teaches or observes this session" in page
    assert "<textarea" not in page
    token = csrf_token(helper.get("/account").text)
    assert helper.post(PAGE, data={"csrf_token": token, "engagement": "1", "quality": "1"}).status_code == 404


TRAITS = {"self_starting": "2", "future_thinking": "3", "overcoming_barriers": "4"}


def test_people_are_rated_one_after_the_other_and_the_end_does_not_show_the_start(site, lesson):
    client = browser(site, lesson.accounts[0])
    page = client.get(f"{COHORT}/ratings").text
    assert "Rate at the start: 12 left" in page
    places = re.findall(r"/ratings/start/(\d+)", page)
    first = f"{COHORT}/ratings/start/{places[0]}"
    token = csrf_token(client.get(first).text)
    assert client.post(first, data={"csrf_token": token, "self_starting": "2"}).status_code == 422
    answer = client.post(first, data={"csrf_token": token, **TRAITS})
    assert (answer.status_code, "/ratings/start/" in answer.location, answer.location.endswith(places[0])) == (303, True, False)
    assert 'value="2" checked' in client.get(first).text
    assert client.get(first.replace("/start/", "/end/")).status_code == 404
    with site.transaction() as db:
        cohort = db.get(type(lesson.cohort), lesson.cohort.id)
        cohort.starts_on = cohort.starts_on.replace(year=cohort.starts_on.year - 1)
        cohort.ends_on = today()
    assert client.get(first).status_code == 404
    end = client.get(first.replace("/start/", "/end/")).text
    assert "checked" not in end
    officer = site.client("program_officer", programmes=("pi",)).get(f"{COHORT}/ratings").text
    assert "Rated at the start: 1 of 12 people" in officer
    assert "Fewer than 5 people" in officer
    with site.transaction() as db:
        assert db.scalar(select(func.count()).select_from(TraitRating)) == 3


def test_nobody_of_another_cohort_is_rated_and_no_observer_rates(site, lesson):
    client, observer = (browser(site, account) for account in lesson.accounts)
    with site.transaction() as db:
        other = Taught(db, find_programme(db), people=1, code="B", trainers=("T8",), accounts=(None,))
        place = other.number(other.people[0])
    token = csrf_token(client.get("/account").text)
    for number in (place, 10**9):
        assert client.post(f"{COHORT}/ratings/start/{number}", data={"csrf_token": token, **TRAITS}).status_code == 404
    assert "Only who teaches this cohort" in observer.get(f"{COHORT}/ratings").text


def test_the_matrix_names_who_stayed_away_and_leads_to_a_contact(site, lesson):
    with site.transaction() as db:
        lesson.db = db
        for number, status in ((2, "unexcused"), (3, "excused"), (4, "unexcused")):
            hold(lesson, number, status, "present")
    officer = site.client("program_officer", programmes=("pi",))
    assert re.search(
        r'href="/programmes/pi/cohorts/A/matrix">[^<]*absent three times in a row</a> <span[^>]*>1<', officer.get("/work").text
    )
    page = officer.get(f"{COHORT}/matrix").text
    assert "3 absences in a row, 1 of them excused" in page
    assert f"/people/{lesson.people[0].study_id}/contacts/new" in page
    assert not [name for name in NAMES if name[1:] in page]
    token = csrf_token(page)
    for kind, start in (("csv", b"\xef\xbb\xbfstudy_id"), ("xlsx", b"PK")):
        answer = officer.post(f"{COHORT}/matrix/file", data={"csrf_token": token, "kind": kind})
        assert (answer.status_code, answer.data.startswith(start)) == (200, True)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="attendance-A.{kind}"'
    with site.transaction() as db:
        assert db.scalar(select(func.count()).where(AuditEntry.action == "attendance_exported")) == 2


def test_a_cohort_without_anything_says_so_in_words(site, lesson):  # noqa: ARG001 - a cohort whose first session is today
    officer = site.client("program_officer", programmes=("pi",))
    assert "Nothing to show yet" in officer.get(f"{COHORT}/matrix").text
    page = officer.get(f"{COHORT}/matrix/process").text
    for words in ("No session has been held yet.", "No checklist has been filled in yet.", "No session has been rated yet."):
        assert words in page
