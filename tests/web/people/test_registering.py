"""People who are registered: one by a form, or thirty pasted from a spreadsheet."""

from __future__ import annotations

import re
from html import unescape

import pytest

from evalapp.core.clock import today
from tests.web.people.crowd import PEOPLE, count_people, enter, entries, everything_logged
from tests.web.site import csrf_token, send

PASTE, REGISTER = f"{PEOPLE}/paste", f"{PEOPLE}/paste/register"
GOOD = [f"김{chr(0xAC00 + 28 * number)}수\t010-2000-{1000 + number}\tq{number}@example.org" for number in range(27)]
BAD = ["박영희\t010-12\tp@example.org", "\t010-3000-4000\tr@example.org", "최민준\t010-3000-4001\tnowhere"]
HEADINGS = "이름\t연락처\t이메일"
THIRTY = "\n".join([HEADINGS, *GOOD[:13], *BAD[:2], *GOOD[13:], BAD[2]])


def hidden(page, name):
    """Return what a form of the page would send under a name."""
    areas = re.findall(rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    values = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    return [unescape(text) for text in (*areas, *values)]


def press(officer, path, page, **changes):
    """Send the form of a preview as a browser would: with carriage returns, and with what was changed."""
    data = {
        "csrf_token": csrf_token(page),
        "key": hidden(page, "key")[0],
        "ready": hidden(page, "ready")[0],
        "rest": (hidden(page, "rest") or [""])[0],
        "row": hidden(page, "row"),
    } | changes
    return officer.post(
        path, data={name: text.replace("\n", "\r\n") if isinstance(text, str) else text for name, text in data.items()}
    )


def test_of_thirty_pasted_people_three_fail_and_say_why_and_nothing_is_lost(site, officer):
    preview = send(officer, PASTE, {"rest": THIRTY})
    assert preview.status_code == 200
    assert "Register the 27 good rows" in preview.text
    for said in ("Row 15", "Row 16", "Row 31", "not a Korean telephone number", "The name is missing", "not an e-mail address"):
        assert said in preview.text
    assert count_people(site) == 0
    assert hidden(preview.text, "rest") == [f"{HEADINGS}\n" + "\n".join(BAD) + "\n"]

    left = press(officer, REGISTER, preview.text)
    assert left.status_code == 200
    assert "27 people are registered" in left.text
    assert count_people(site) == 27
    assert hidden(left.text, "rest") == [f"{HEADINGS}\n" + "\n".join(BAD) + "\n"]

    mended = hidden(left.text, "rest")[0].replace("010-12\t", "010-3000-4999\t").replace("\t010-3000-4000", "오하나\t010-3000-4000")
    mended = mended.replace("nowhere", "now@example.org")
    again = press(officer, PASTE, left.text, rest=mended)
    assert "Register the 3 good rows" in again.text
    done = press(officer, REGISTER, again.text)
    assert "No row is left to mend" in done.text
    assert count_people(site) == 30


def test_a_double_click_registers_once_and_shows_the_same_rest(site, officer):
    preview = send(officer, PASTE, {"rest": THIRTY}).text
    first, second = press(officer, REGISTER, preview), press(officer, REGISTER, preview)
    assert (first.status_code, second.status_code, count_people(site)) == (200, 200, 27)
    assert "27 people are registered" in second.text
    assert hidden(first.text, "rest") == hidden(second.text, "rest")


def test_rows_mended_before_the_good_ones_are_registered_are_kept_as_mended(officer):
    preview = send(officer, PASTE, {"rest": THIRTY}).text
    mended = hidden(preview, "rest")[0].replace("nowhere", "now@example.org")
    left = press(officer, REGISTER, preview, rest=mended).text
    assert "Register the 1 good row" in left
    assert "now@example.org" in hidden(left, "ready")[0]


def test_all_rows_can_be_mended_first_and_registered_together(site, officer):
    preview = send(officer, PASTE, {"rest": "\n".join([HEADINGS, GOOD[0], BAD[0]])}).text
    again = press(officer, PASTE, preview, rest=f"{HEADINGS}\n박영희\t010-3000-4999\tp@example.org").text
    assert "Register the 2 good rows" in again
    assert "No row is left" in press(officer, REGISTER, again).text
    assert count_people(site) == 2


def test_rows_that_are_deleted_in_the_field_are_gone_and_the_headings_alone_are_no_fault(site, officer):
    preview = send(officer, PASTE, {"rest": "\n".join([HEADINGS, GOOD[0], BAD[0]])}).text
    assert "No row is left" in press(officer, REGISTER, preview, rest=HEADINGS).text
    assert count_people(site) == 1


def test_somebody_who_may_be_known_is_registered_only_when_ticked(site, officer):
    known = enter(site, phone="010-2000-1000")
    preview = send(officer, PASTE, {"rest": "\n".join([HEADINGS, *GOOD[:2]])}).text
    assert known in preview
    assert "Register the 1 good row" in preview
    left = press(officer, REGISTER, preview).text
    assert (count_people(site), "Perhaps known already" in left) == (2, True)
    place = re.search(r'type="checkbox" id="row-\d+" name="row" value="(\d+)"', left)[1]
    assert "No row is left" in press(officer, REGISTER, left, row=[place]).text
    assert count_people(site) == 3


def test_two_equal_rows_of_a_list_can_both_be_registered_one_after_the_other(site, officer):
    preview = send(officer, PASTE, {"rest": "\n".join([HEADINGS, GOOD[0], GOOD[0]])}).text
    assert "The same as row 2" in preview
    left = press(officer, REGISTER, preview).text
    assert count_people(site) == 1
    press(officer, REGISTER, left, row=["2"])
    assert count_people(site) == 2


def test_a_row_that_fails_is_not_registered_whatever_the_form_says(site, officer):
    preview = send(officer, PASTE, {"rest": THIRTY}).text
    answer = press(officer, REGISTER, preview, ready=THIRTY, row=["2", "15"])
    assert (answer.status_code, count_people(site)) == (422, 0)


def test_a_list_without_names_stays_in_the_field_with_the_reason(officer):
    answer = send(officer, PASTE, {"rest": "연락처\n010-1234-5678"})
    assert (answer.status_code, "There is no column with names" in answer.text) == (422, True)
    assert hidden(answer.text, "rest") == ["연락처\n010-1234-5678"]
    assert send(officer, PASTE, {"rest": ""}).status_code == 422


def test_a_resident_registration_number_is_refused_in_its_row(site, officer):
    answer = send(officer, PASTE, {"rest": f"{HEADINGS}\n홍길동 850302-1234567\t\t"})
    assert "resident registration number" in answer.text
    assert count_people(site) == 0


def test_nothing_that_was_pasted_stands_in_the_audit_log(site, officer):
    press(officer, REGISTER, send(officer, PASTE, {"rest": THIRTY}).text)
    logged = everything_logged(site)
    assert not any(cell in logged for row in GOOD for cell in row.split("\t"))
    assert len(entries(site, "person_registered")) == 27


ONE = {"name": "홍길동", "phone": "010-1234-5678", "industry": "retail", "recruitment_channel": "website", "key": "k1"}


def test_one_person_is_registered_by_a_form(officer):
    answer = send(officer, f"{PEOPLE}/new", ONE | {"registered_on": "2026-02-01", "enterprise_name": "한라산 식당"})
    assert answer.status_code == 303
    page = officer.get(answer.location).text
    assert ("홍○○" in page, "010-••••-5678" in page, "Retail" in page, "1 Feb 2026" in page) == (True,) * 4
    assert "홍길동" not in answer.location + page


def test_the_form_of_one_person_sent_twice_registers_once(site, officer):
    first, second = (send(officer, f"{PEOPLE}/new", ONE) for _ in range(2))
    assert (first.location, first.status_code, count_people(site)) == (second.location, 303, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "The name is missing"),
        ({"phone": "12"}, "not a Korean telephone number"),
        ({"registered_on": "soon"}, "not a date"),
        ({"registered_on": "2099-01-01"}, "lies in the future"),
        ({"name": "850302-1234567"}, "resident registration number"),
        ({"industry": "magic"}, "industry"),
        ({"key": ""}, "no key"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nobody_is_registered(site, officer, change, said):
    answer = send(officer, f"{PEOPLE}/new", ONE | change)
    assert (answer.status_code, said in answer.text, count_people(site)) == (422, True, 0)
    assert 'class="error-summary"' in answer.text


def test_somebody_known_is_registered_again_only_when_it_is_somebody_else(site, officer):
    known = enter(site, phone="010-1234-5678")
    answer = send(officer, f"{PEOPLE}/new", ONE)
    assert (answer.status_code, known in answer.text, 'value="홍길동"' in answer.text) == (422, True, True)
    assert [entry.after for entry in entries(site, "people_previewed")] == ['{"known": 1, "rows": 1}']
    assert count_people(site) == 1
    assert send(officer, f"{PEOPLE}/new", ONE | {"somebody_else": "yes"}).status_code == 303
    assert count_people(site) == 2


def test_the_form_begins_with_today(officer):
    assert f'value="{today().isoformat()}"' in officer.get(f"{PEOPLE}/new").text
