"""A release of microdata in a real browser, on a telephone: every page of it is sound, and the settings work by touch."""

from playwright.sync_api import expect

from evalapp.accounts.tables import Account
from evalapp.core.clock import now
from evalapp.people.tables import Programme, ProgrammeMember
from tests.panel.shared_panel import SharedPanel
from tests.web.browsing import check_page, follow


def test_a_panel_is_made_safe_and_released(served):
    with served.site.transaction() as db:
        SharedPanel(db).freeze()
    page = served.page("analyst", width=390)
    with served.site.transaction() as db:
        programme, account = db.query(Programme).one(), db.query(Account).one()
        db.add(ProgrammeMember(programme_id=programme.id, account_id=account.id, added_by="terminal", added_at=now()))
    page.goto(f"{served.address}/programmes/small/microdata")
    check_page(page)
    follow(page.get_by_role("link", name="Release panel 1"))
    expect(page.get_by_text("This cannot leave yet")).to_be_visible()
    for closed in page.locator("details.card summary").all():
        closed.click()
    check_page(page)
    page.get_by_label("Withhold values of people at risk").check()
    page.get_by_label("10 years wide").check()
    follow(page.get_by_role("button", name="Show the report again"))
    expect(page.get_by_role("heading", name="Nobody is at risk")).to_be_visible()
    page.get_by_label("Who gets it, and what for").fill("for the evaluation of a partner university")
    follow(page.get_by_role("button", name="Release", exact=True))
    expect(page.get_by_text("Can be fetched until")).to_be_visible()
    check_page(page)
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Fetch the files").click()
    assert fetched.value.suggested_filename == "microdata-1.zip"
