"""An interviewer's tablet from the first page to the review: added, set up by its code, sending, placed by an officer."""

from __future__ import annotations

import base64
import urllib.request

from playwright.sync_api import expect

from tests.web.browsing import check_page, follow
from tests.web.openrosa.fielded import Device, fielded

OFFICER = {"programmes": ("pi",)}


class Wire:
    """A client that goes through the network, as a tablet does."""

    def __init__(self, address):
        self.address = address

    def post(self, path, content, headers):
        body = (
            b'--x\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n\r\n'
            + content
            + b"\r\n--x--\r\n"
        )
        asked = urllib.request.Request(  # noqa: S310 - our own server
            self.address + path, body, {**headers, "Content-Type": "multipart/form-data; boundary=x"}
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
            return answer.status


def set_up(page, served):
    """Add a device by its pages; return the name and password that the page shows."""
    page.goto(f"{served.address}/programmes/pi/devices")
    check_page(page)
    follow(page.get_by_role("link", name="Add a device").first)
    page.get_by_label("What it is called").fill("Tablet 2")
    check_page(page)
    follow(page.get_by_role("button", name="Add the device"))
    expect(page.get_by_role("img", name="The settings of the device as a code to scan")).to_be_visible()
    check_page(page)
    return [page.locator("dd code").nth(at).inner_text() for at in (1, 2)]


def test_a_tablet_is_set_up_sends_and_what_it_sent_is_placed(served):
    device: Device = fielded(served.site)
    page = served.page("program_officer", **OFFICER, width=390)
    device.username, device.password = set_up(page, served)
    basic = base64.b64encode(f"{device.username}:{device.password}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "X-OpenRosa-Version": "1.0"}
    assert Wire(served.address).post("/openrosa/pi/submission", device.xml(study_id="PI-0000-0"), headers) == 201
    page.reload()
    expect(page.get_by_text("in use")).to_be_visible()
    expect(page.get_by_text(device.password)).to_have_count(0)
    page.goto(f"{served.address}/programmes/pi/devices")
    expect(page.get_by_role("heading", name="1 interview is not placed")).to_be_visible()
    follow(page.get_by_role("link", name="Place them"))
    check_page(page)
    follow(page.locator("td a").first)
    check_page(page)
    page.get_by_label("Study ID of the person").fill(device.study_id)
    follow(page.get_by_role("button", name="Place it"))
    expect(page.get_by_text("The interview is placed.")).to_be_visible()
    expect(page.get_by_text("12,345,678")).to_be_visible()
