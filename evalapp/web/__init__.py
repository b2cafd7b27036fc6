"""The browser's edge: one blueprint for each noun."""

from __future__ import annotations

from evalapp.web import (
    analysis,
    audit,
    exports,
    identity,
    instruments,
    jobs,
    microdata,
    own_account,
    own_details,
    own_page,
    pages,
    paper,
    people,
    programmes,
    reports,
    requests,
    review,
    sign_in,
    staff,
    survey_imports,
    waves,
    work,
)
from evalapp.web.answering import interviews, respondent
from evalapp.web.openrosa import place as device_pages
from evalapp.web.openrosa import protocol as device_protocol
from evalapp.web.training import (
    assignments,
    attendance,
    calendar,
    closed_days,
    cohorts,
    curriculum,
    fidelity,
    matrix,
    sessions,
    trainers,
)

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        pages,
        sign_in,
        own_account,
        own_details,
        staff,
        work,
        programmes,
        people,
        instruments,
        waves,
        survey_imports,
        review,
        analysis,
        reports,
        microdata,
        jobs,
        identity,
        exports,
        requests,
        audit,
        respondent,
        own_page,
        interviews,
        cohorts,
        curriculum,
        trainers,
        assignments,
        sessions,
        closed_days,
        calendar,
        attendance,
        fidelity,
        matrix,
        paper,
        device_pages,
        device_protocol,
    )
)
