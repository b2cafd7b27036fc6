"""The way through the pages: what the header and a programme's tabs offer to the one who looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from flask import current_app, g, request, url_for

from evalapp.core.language import Message
from evalapp.web.cookies import cookie

THEME_COOKIE = "theme"
THEMES: Final = ("light", "dark")


class Place(NamedTuple):
    """Somewhere to go: the endpoint, what it is called, the permission it asks for ("": whoever is signed in)."""

    endpoint: str
    text: Message
    permission: str


class Link(NamedTuple):
    """A place as a link of this request."""

    url: str
    text: str
    is_current: bool


PLACES: Final = (
    Place("work.show", Message("Work"), ""),
    Place("programmes.list_programmes", Message("Programmes"), "programme.view"),
    Place("instruments.list_forms", Message("Forms"), "instrument.view"),
    Place("reports.list_reports", Message("Reports"), "report.view_released"),
    Place("exports.list_exports", Message("Exports"), "identity.allow_export"),
    Place("requests.list_requests", Message("Requests"), "request.handle"),
    Place("audit.list_entries", Message("Audit"), "audit.review"),
    Place("staff.list_accounts", Message("Staff"), "account.manage"),
)
PROGRAMME_PLACES: Final = (
    Place("programmes.show", Message("Overview"), "programme.view"),
    Place("people.list_people", Message("People"), "people.view"),
    Place("waves.list_waves", Message("Waves"), "wave.view"),
    Place("interviews.list_interviews", Message("Interviews"), "interview.hold"),
    Place("devices.list_all", Message("Devices"), "interview.hold"),
    Place("review.list_submissions", Message("Review"), "submission.view"),
    Place("cohorts.list_cohorts", Message("Cohorts"), "cohort.view"),
    Place("analysis.list_runs", Message("Analysis"), "run.view"),
    Place("reports.list_of_programme", Message("Reports"), "report.view_any"),
    Place("microdata.list_of_programme", Message("Microdata"), "microdata.view"),
    Place("exports.list_of_programme", Message("Lists"), "identity.export"),
)

# Pages whose address lies beside the tab they belong to.
UNDER: Final = {"assignments": "cohorts", "closed_days": "cohorts", "curriculum": "cohorts", "trainers": "cohorts"}


def surroundings() -> dict[str, object]:
    """Return what every template may ask for besides what its view gives it."""
    theme = request.cookies.get(cookie(THEME_COOKIE))
    return {
        "theme": theme if theme in THEMES else "",
        "exists": lambda endpoint: endpoint in current_app.view_functions,
        "primary_links": primary_links,
        "programme_links": programme_links,
    }


def primary_links() -> list[Link]:
    """Return the places of the header for the one who is signed in; visitors have none."""
    return _links(PLACES, {})


def programme_links(code: str) -> list[Link]:
    """Return the tabs of a programme."""
    return _links(PROGRAMME_PLACES, {"code": code})


def _links(places: Sequence[Place], values: dict[str, Any]) -> list[Link]:
    if g.get("viewer") is None or g.get("half_signed_in"):
        return []
    open_places = [
        (place, url_for(place.endpoint, **values))
        for place in places
        if place.endpoint in current_app.view_functions and (not place.permission or g.viewer.may(place.permission))
    ]
    beside = next(
        (url for place, url in open_places if place.endpoint.partition(".")[0] == UNDER.get(request.blueprint or "")), None
    )
    above = beside or max((url for _place, url in open_places if f"{request.path}/".startswith(f"{url}/")), key=len, default=None)
    return [Link(url, place.text.within(g.language), url == above if above else _same_noun(place)) for place, url in open_places]


def _same_noun(place: Place) -> bool:
    """Say where a page belongs whose address lies under no place: a run belongs to the analysis."""
    return place.endpoint.partition(".")[0] == request.blueprint
