"""The browser's edge: one blueprint for each noun."""

from __future__ import annotations

from evalapp.web import (
    analysis,
    audit,
    exports,
    identity,
    instruments,
    jobs,
    own_account,
    pages,
    people,
    programmes,
    reports,
    review,
    sign_in,
    staff,
    survey_imports,
    waves,
    work,
)
from evalapp.web.answering import interviews, respondent

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        pages,
        sign_in,
        own_account,
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
        jobs,
        identity,
        exports,
        audit,
        respondent,
        interviews,
    )
)
