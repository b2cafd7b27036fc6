"""The pages of waves: what an officer sees and sends, what an analyst sees, and what is refused."""

import datetime as dt
import io
import re

import pytest
from sqlalchemy import select

from evalapp.core.clock import today
from evalapp.core.db import reading
from evalapp.surveys.invitations.tables import Invitation, InvitationMessage
from evalapp.surveys.tables import Wave
from tests.web.site import csrf_token, send
from tests.web.waves.prepared import do_jobs, outbox, prepare

WAVES = "/programmes/pi/waves"
WAVE = f"{WAVES}/fu1"
LATER = (today() + dt.timedelta(days=60)).isoformat()


@pytest.fixture
def officer(site):
    return site.client("program_officer", programmes=("pi",))


def stored(site, table=Invitation):
    with reading(site.engine) as db:
        return db.scalars(select(table).order_by(table.id)).all()


def test_a_programme_without_waves_says_what_one_is(officer):
    assert "There are no waves yet" in officer.get(WAVES).text
    assert "No wave has opened yet" in officer.get(f"{WAVES}/monitor").text


def test_the_list_counts_against_the_roster(site, officer):
    prepare(site, treated=(4, 3), waiting=(2, 0))
    page = officer.get(WAVES).text
    assert "3-month follow-up" in page
    assert "answered: 3 of 6" in page
    assert "to be invited" in page


def test_invitations_go_out_once_and_reminders_follow(site, officer, tmp_path):
    prepare(site, treated=(3, 1))
    page = officer.get(WAVE).text
    assert "Send 2 invitations" in page
    form = {"csrf_token": csrf_token(page), "key": "k" * 32, "channel": "sms"}
    answers = [officer.post(f"{WAVE}/send", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert "Messages are on their way" in officer.get(WAVE).text
    assert do_jobs(site) == 1
    assert [message["channel"] for message in outbox(tmp_path)] == ["sms", "sms"]
    page = officer.get(WAVE).text
    assert "Send" not in re.findall(r"<button[^>]*formaction[^>]*>([^<]*)", page)
    assert "Remind 2 people who have not answered" in page
    assert officer.get(answers[0].location).text.count(f'href="{WAVE}"') >= 1
    send(officer, f"{WAVE}/remind", {"key": "r" * 32, "channel": "sms"}, page=WAVE)
    do_jobs(site)
    assert len(outbox(tmp_path)) == 2  # a reminder keeps its distance from the invitation
    with site.transaction() as db:
        for message in db.scalars(select(InvitationMessage)):
            message.sent_at -= dt.timedelta(days=2)
    send(officer, f"{WAVE}/remind", {"key": "s" * 32, "channel": "sms"}, page=WAVE)
    do_jobs(site)
    assert len(outbox(tmp_path)) == 4


def test_links_lead_to_the_public_address_whatever_host_was_asked_for(site, officer, tmp_path):
    prepare(site, treated=(1, 0))
    page = officer.get(WAVE)
    form = {"csrf_token": csrf_token(page.text), "key": "k" * 32, "channel": "email"}
    officer.post(f"{WAVE}/send", data=form, headers={"X-Forwarded-Host": "evil.example"})
    do_jobs(site)
    (message,) = outbox(tmp_path)
    assert message["channel"] == "sms"  # no e-mail address is known
    assert "http://127.0.0.1:5000/s/" in message["text"]
    assert "evil" not in message["text"]


def test_a_page_shows_whom_nothing_can_reach_and_what_did_not_go_out(site, officer):
    prepare(site, treated=(2, 0))
    with site.transaction() as db:
        invitation = db.scalars(select(Invitation)).first()
        facts = {"kind": "invitation", "channel": "sms", "outcome": "failed", "fault": "address_refused"}
        db.add(InvitationMessage(invitation_id=invitation.id, key="x" * 20, sent_at=invitation.created_at, **facts))
    page = officer.get(WAVE).text
    assert "1 person's last message was not sent" in page
    assert "Check it with the person." in officer.get(f"{WAVE}/invitations/{invitation.id}").text


def test_filters_narrow_the_list_and_unknown_ones_are_ignored(site, officer):
    ids = prepare(site, treated=(2, 2), waiting=(1, 0))
    page = officer.get(f"{WAVE}?cohort=W").text
    assert [study_id in page for study_id in ids] == [False, False, True]
    everybody = officer.get(f"{WAVE}?cohort=nothing&page=99").text
    assert all(study_id in everybody for study_id in ids)


@pytest.mark.usefixtures("officer")
def test_an_analyst_reads_states_and_sends_nothing(site):
    (study_id,) = prepare(site, treated=(1, 0))
    analyst = site.client("analyst", programmes=("pi",))
    page = analyst.get(WAVE).text
    assert study_id in page
    assert "/people/" not in page
    assert "formaction" not in page
    assert send(analyst, f"{WAVE}/remind", {"key": "r" * 32}, page="/account").status_code == 403
    assert stored(site)[0].state == "planned"


@pytest.mark.usefixtures("officer")
def test_another_programmes_waves_are_not_there(site):
    prepare(site, treated=(1, 0))
    other = site.client("program_officer", programmes=("other",))
    number = stored(site)[0].id
    for path in (WAVES, WAVE, f"{WAVES}/monitor", f"{WAVE}/invitations/{number}", f"{WAVES}/schedule/file"):
        assert other.get(path).status_code == 404
    assert other.get(f"/programmes/other/waves/fu1/invitations/{number}").status_code == 404
    assert send(other, f"{WAVE}/send", {"key": "k" * 32}, page="/account").status_code == 404


WAVE_FORM = {
    "code": "fu2", "label_ko": "6개월", "label_en": "Six months", "opens_on": LATER, "closes_on": LATER, "anchor": "calendar",
    "second_secret": "birth_year", "reminders": "7, 14",
}  # fmt: skip


def test_a_wave_is_added_changed_and_prolonged(site, officer):
    prepare(site, treated=(1, 0))
    form = WAVE_FORM | {"instrument": str(stored(site, Wave)[0].instrument_id)}
    assert send(officer, f"{WAVES}/new", form).location == f"{WAVES}/fu2"
    assert send(officer, f"{WAVES}/fu2/edit", form | {"label_en": "Half a year", "reminders": ""}).status_code == 303
    assert 'value="Half a year"' in officer.get(f"{WAVES}/fu2/edit").text
    moved = {"closes_on": (today() + dt.timedelta(days=90)).isoformat(), "reason": "holidays in between"}
    assert send(officer, f"{WAVES}/fu2/prolong", moved).status_code == 303
    assert stored(site, Wave)[1].closes_on.isoformat() == moved["closes_on"]


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"code": "fu1"}, "code", "already"),
        ({"code": "Fu 2"}, "code", "small letters"),
        ({"instrument": "99999"}, "instrument", "published forms"),
        ({"closes_on": "2020-01-01"}, "closes_on", "before it opens"),
        ({"anchor": "cohort_end"}, "day_offset", "how many days"),
        ({"reminders": "weekly"}, "reminders", "commas"),
        ({"label_ko": ""}, "label_ko", "Fill this in"),
    ],
)
def test_a_refused_wave_keeps_what_was_typed_and_says_where(site, officer, changed, field, words):
    prepare(site, treated=(1, 0))
    form = WAVE_FORM | {"instrument": str(stored(site, Wave)[0].instrument_id)} | changed
    answer = send(officer, f"{WAVES}/new", form)
    assert answer.status_code == 422
    assert words in re.search(rf'id="{field}-fault">(.*?)</p>', answer.text, re.DOTALL)[1]
    assert 'value="Six months"' in answer.text
    assert len(stored(site, Wave)) == 1


def test_dates_of_a_wave_that_has_begun_are_refused(site, officer):
    prepare(site, treated=(1, 0))
    send(officer, f"{WAVE}/send", {"key": "k" * 32, "channel": "sms"}, page=WAVE)
    do_jobs(site)
    wave = stored(site, Wave)[0]
    form = WAVE_FORM | {"instrument": str(wave.instrument_id), "opens_on": wave.opens_on.isoformat()}
    answer = send(officer, f"{WAVE}/edit", form)
    assert answer.status_code == 422
    assert "Somebody has been asked already" in answer.text


def test_an_invitation_is_renewed_and_ended_with_a_reason(site, officer):
    prepare(site, treated=(1, 0))
    page = f"{WAVE}/invitations/{stored(site)[0].id}"
    assert send(officer, f"{page}/renew", page=page).status_code == 303
    first = stored(site)[0].token_hash
    assert send(officer, f"{page}/end", {"state": "cancelled", "reason": "x"}, page=page).status_code == 422
    assert send(officer, f"{page}/end", {"state": "refused", "reason": "said so when called"}, page=page).status_code == 303
    assert (stored(site)[0].state, stored(site)[0].token_hash) == ("refused", None)
    assert first is not None
    assert send(officer, f"{page}/end", {"state": "refused", "reason": "said so when called"}, page=WAVE).status_code == 422


def test_the_schedule_goes_out_and_comes_in(site, officer):
    prepare(site, treated=(1, 0))
    content = officer.get(f"{WAVES}/schedule/file").data
    page = officer.get(f"{WAVES}/schedule").text

    def take(data):
        form = {"csrf_token": csrf_token(page), "file": (io.BytesIO(data), "schedule.csv")}
        return officer.post(f"{WAVES}/schedule", data=form)

    assert take(content).status_code == 303
    changed = content.replace("3개월 추적조사".encode(), "석 달".encode())
    assert take(changed).status_code == 303
    assert stored(site, Wave)[0].label_ko == "석 달"
    refused = take(changed.replace(b"3_month", b"nine_month").replace(b"3month", b"nine_month"))
    assert refused.status_code == 422
    assert "There is no wave of this name" in refused.text
    assert take(b"").status_code == 422


def test_the_monitor_names_arms_that_answer_differently(site, officer):
    prepare(site, treated=(15, 12), waiting=(15, 4))
    page = officer.get(f"{WAVES}/monitor").text
    assert "In wave 3-month follow-up, Waitlist answered 27 % and Training 80 %" in page
    assert re.search(r"p = 0\.00\d", page)
    assert "<svg" in page


def test_nothing_that_identifies_stands_on_the_pages(site, officer, tmp_path):
    prepare(site, treated=(1, 0))
    send(officer, f"{WAVE}/send", {"key": "k" * 32, "channel": "sms"}, page=WAVE)
    do_jobs(site)
    (message,) = outbox(tmp_path)
    token = message["text"].partition("/s/")[2].split()[0]
    for path in (WAVES, WAVE, f"{WAVES}/monitor", f"{WAVE}/invitations/{stored(site)[0].id}", "/programmes/pi/waves/schedule"):
        page = officer.get(path).text
        assert message["to"] not in page
        assert "1234-0001" not in page
        assert token not in page


def test_the_terminal_queues_what_is_due(site, officer):
    prepare(site, treated=(1, 0))
    runner = site.app.test_cli_runner()
    assert "on their way: 0" in runner.invoke(args=["surveys", "remind"]).output
    send(officer, f"{WAVE}/send", {"key": "k" * 32, "channel": "sms"}, page=WAVE)
    do_jobs(site)
    with site.transaction() as db:
        for message in db.scalars(select(InvitationMessage)):
            message.sent_at -= dt.timedelta(days=8)
    assert "on their way: 1" in runner.invoke(args=["surveys", "remind"]).output
    assert do_jobs(site) == 1
    assert [message.kind for message in stored(site, InvitationMessage)] == ["invitation", "reminder"]
