"""How carefully each variable of the panel must be handled before it leaves. A variable that is not declared here never leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from evalapp.panel.variables import DIFFICULTY_ITEMS

SdcClass = Literal["none", "quasi_identifier", "sensitive", "never"]
Handling = Literal[
    "keep", "code", "tenths", "measure", "money", "band", "size", "years", "region", "sector", "choice", "ticks", "days",
    "answered", "never",
]  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """A variable's class and handling; `stands_for` names the questions that say the same, which then stay here."""

    sdc_class: SdcClass
    handling: Handling = "keep"
    stands_for: tuple[str, ...] = ()


_QUASI, _SENSITIVE = Declared("quasi_identifier"), Declared("sensitive")
_OPEN, _MEASURE, _MONEY = Declared("none"), Declared("none", "measure"), Declared("sensitive", "money")

PANEL_CLASSES: Final[Mapping[str, Declared]] = {
    "round": _OPEN,
    "wave": Declared("none", "code"),
    "arm": Declared("quasi_identifier", "code"),
    "cohort": Declared("quasi_identifier", "code"),
    "first_treated": _QUASI,
    "attended_share": Declared("none", "tenths"),
    "completed": _OPEN,
    "state": Declared("none", "answered"),
    "age": Declared("quasi_identifier", "band", ("birth_year", "age_decades")),
    "female": Declared("quasi_identifier", stands_for=("gender",)),
    "borderland": Declared("quasi_identifier", stands_for=("birth_province",)),
    "years_north": Declared("quasi_identifier", "band", ("left_year",)),
    "party_background": Declared("sensitive", stands_for=("kwp_member", "kwp_mother", "kwp_father")),
    "market_experience": _SENSITIVE,
    "university": Declared("quasi_identifier", stands_for=("education_north",)),
    "lower_class": Declared("sensitive", stands_for=("living_standard_north",)),
    "lived_prc": Declared("quasi_identifier", stands_for=("china_stay",)),
    "prc_exposure": _QUASI,
    "years_south": Declared("quasi_identifier", "band", ("arrival_year",)),
    "previous_firm": _OPEN,
    "employees": Declared("quasi_identifier", "size", ("employees_max",)),
    "firm_age": Declared("quasi_identifier", "band", ("firm_start_year",)),
    "sole_proprietor": _QUASI,
    "service_industry": _QUASI,
    **{f"difficulty_{item}": _OPEN for item in DIFFICULTY_ITEMS},
    **dict.fromkeys(("pi_self_starting", "pi_future_thinking", "pi_overcoming_barriers", "pi_score"), _OPEN),
    **dict.fromkeys(("revenue_krw", "costs_krw", "profit_krw"), _MONEY),
    "hours_per_week": _MEASURE,
    "paid_employees": Declared("quasi_identifier", "size"),
    **dict.fromkeys(("changed_operations", "better_communication", "better_profitability", "new_capital", "firm_operating"), _OPEN),
    **dict.fromkeys(("scrap", "log_scrap", "employ", "hrsemp"), _MEASURE),
    **dict.fromkeys(("grant", "grant_1", "union"), _OPEN),
}
# What people who know somebody may know of them. Where training began follows from the cohort, so it is counted with it.
DEFAULT_QUASI_IDENTIFIERS: Final = ("female", "age", "years_south", "region", "sector", "cohort", "arm", "first_treated")
