"""A trainer records what a session delivered on a phone; an officer reads the matrix and how the training went."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.training.fidelity.test_fidelity import hold
from tests.web.browsing import check_page, follow
from tests.web.training.classes import give_class
from tests.web.training.test_fidelity import COHORT, PAGE, add_checklist


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_a_session_is_recorded_and_read(served, width, javascript):
    account = served.site.account("trainer", programmes=("pi",))
    taught = give_class(served.site, account)
    with served.site.transaction() as db:
        taught.db = db
        add_checklist(db, taught)
        for number, status in ((2, "unexcused"), (3, "excused"), (4, "unexcused")):
            hold(taught, number, status, "present", "late")
    page = served.page(width=width, javascript=javascript)
    token = served.site.sign_in(served.site.app.test_client(), account)
    page.context.add_cookies([{"name": "sign-in", "value": token, "url": served.address}])
    page.goto(served.address + PAGE)
    first, second, third, *homework = page.get_by_role("radiogroup").all()[:5]
    first.get_by_text("As planned").click()
    second.get_by_text("Changed", exact=True).click()
    third.get_by_text("Left out").click()
    page.get_by_label("How it was changed").locator("visible=true").select_option("shortened")
    for why in page.get_by_label("Why").locator("visible=true").all():
        why.fill("the room was cold")
    homework[0].get_by_text("Handed in").click()
    page.get_by_role("radiogroup", name="How engaged").get_by_text("4", exact=True).click()
    follow(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Rate both, or neither.").first).to_be_visible()
    page.get_by_role("radiogroup", name="How good").get_by_text("5", exact=True).click()
    if javascript:
        check_page(page)
    follow(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("2 of 3 items delivered, 1 of them changed")).to_be_visible()
    page.goto(f"{served.address}{COHORT}/ratings")
    follow(page.get_by_role("link", name="Rate at the start: 12 left"))
    for group in page.get_by_role("radiogroup").all():
        group.get_by_text("3", exact=True).click()
    follow(page.get_by_role("button", name="Save and go on"))
    expect(page.get_by_text("Saved. Still to rate: 11.")).to_be_visible()
    if javascript:
        check_page(page)
    officer = served.page("program_officer", programmes=("pi",), width=width, javascript=javascript)
    officer.goto(served.address + "/work")
    follow(officer.get_by_role("link", name="absent three times in a row"))
    expect(officer.get_by_text("3 absences in a row, 1 of them excused.")).to_be_visible()
    expect(officer.get_by_role("row", name=taught.people[0].study_id).get_by_text("Excused").last).to_be_attached()
    if javascript:
        check_page(officer)
    follow(officer.get_by_role("link", name="How the training went"))
    expect(officer.get_by_text("of the items of the checklists were delivered")).to_be_hidden()  # the session was not ended yet
    if javascript:
        check_page(officer)
