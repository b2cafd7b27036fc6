"""Journey 6: the follow-up is due, the groups answer differently, and one press reminds those who are missing."""

import datetime as dt

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from evalapp.surveys.invitations.tables import InvitationMessage
from tests.web.browsing import check_page, follow
from tests.web.waves.prepared import do_jobs, outbox, prepare

OFFICER = {"programmes": ("pi",)}


def invite_everybody(served, page):
    page.goto(f"{served.address}/programmes/pi/waves/fu1")
    follow(page.get_by_role("button", name="Send 14 invitations"))
    do_jobs(served.site)
    with served.site.transaction() as db:
        for message in db.scalars(select(InvitationMessage)):
            message.sent_at -= dt.timedelta(days=8)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_officer_reminds_those_who_are_missing_with_one_press(served, tmp_path, javascript):
    page = served.page("program_officer", **OFFICER, javascript=javascript)
    prepare(served.site, treated=(15, 12), waiting=(15, 4))
    invite_everybody(served, page)
    page.goto(served.address + "/programmes/pi")
    follow(page.get_by_role("navigation", name="Programme").get_by_role("link", name="Waves"))
    follow(page.get_by_role("link", name="Follow-up", exact=True))
    expect(page.get_by_text("53% answered: 16 of 30")).to_be_visible()
    expect(page.get_by_text("Waitlist answered 27 % and Training 80 %")).to_be_visible()
    follow(page.get_by_role("button", name="Remind 14 people who have not answered"), "Enter")
    page.wait_for_url("**/jobs/**")
    before = len(outbox(tmp_path))
    do_jobs(served.site)
    assert len(outbox(tmp_path)) == before + 14
    follow(page.get_by_role("link", name="Open the wave"))
    expect(page.get_by_role("heading", name="3-month follow-up")).to_be_visible()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", ["", "/monitor", "/fu1", "/fu1/edit", "/fu1/prolong", "/new", "/schedule", "/fu1/invitations/1"])
def test_a_page_of_waves_is_sound(served, path, language):
    page = served.page("program_officer", **OFFICER, width=390, language=language)
    prepare(served.site, treated=(6, 4), waiting=(6, 2))
    page.goto(f"{served.address}/programmes/pi/waves{path}")
    check_page(page)
