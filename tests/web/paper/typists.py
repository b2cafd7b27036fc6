"""A survey on a site whose forms come on paper, and people who type them."""

from __future__ import annotations

import re

from evalapp.core.clock import today
from tests.web.answering.surveys import answer_all, open_survey
from tests.web.site import send

LIST = "/programmes/pi/waves/bl/paper"


class Papers:
    """A wave with one person, two typists and somebody who decides."""

    def __init__(self, site, **invited):
        self.site = site
        self.first, self.second = (site.client("interviewer", programmes=("pi",)) for _ in range(2))
        self.officer = site.client("program_officer", programmes=("pi",))
        self.invited = open_survey(site, **invited)
        self.study_id = self.invited.study_id

    def begin(self, client, **fields):
        return send(client, f"{LIST}/{self.study_id}", {"filled_on": today().isoformat(), "language": "en", **fields})

    def type(self, client, answers=None):
        """Type the form and finish it; returns the number of the entry."""
        check = answer_all(client, self.begin(client).location, answers)
        page = client.get(check).text
        action = re.search(r'action="([^"]+finish)"', page)[1]
        assert send(client, action, page=check).location == LIST
        return int(re.search(r"/paper/(\d+)/", check)[1])

    @property
    def to_decide(self):
        """The address where the two entries are compared, as the officer's list gives it."""
        return re.search(r'href="(/programmes/pi/interviews/paper/forms/\d+)"', self.officer.get(LIST).text)[1]
