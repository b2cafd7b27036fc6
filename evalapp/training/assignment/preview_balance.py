"""What a design can be expected to bring, before anybody is drawn.

The real draw is not touched: theory is shown by 1,000 draws from seeds that are thrown away. They are the same every time, so that
opening the page again shows nothing new and nobody can go on until a draw pleases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.stats import StatsError, minimum_detectable_effect
from evalapp.stats.experiments.assignment import AssignmentProcedure
from evalapp.stats.experiments.balance import LARGE_NORMALISED_DIFFERENCE
from evalapp.training.assignment.design import most_treated
from evalapp.training.assignment.stored_procedure import filled_covariates, generator, rebuild
from evalapp.training.assignment.strata import one_sided

DRAWS: Final = 1000
THROWN_AWAY: Final = 0  # the seed of no real draw
FEW_POSSIBLE: Final = 100
FEW_GROUPS: Final = 12
ASSUMED_LOSS, ASSUMED_CORRELATION, ASSUMED_ICC = 0.1, 0.5, 0.05


@dataclass(frozen=True)
class StratumLine:
    """A stratum, block or the whole pool (""): how many people or groups it has, and how many get a place."""

    stratum: str
    size: int
    treated: int


@dataclass(frozen=True)
class CovariateOutlook:
    """How far apart the arms will be on one characteristic: the difference in SDs that one draw in twenty exceeds, either way."""

    name: str
    label: Mapping[str, str]
    missing: int
    usual: float
    complete: float


@dataclass(frozen=True)
class Outlook:
    """What to expect of a design, and of one lottery for everybody (`complete`) beside it.

    `typical` and `unlucky`: the largest difference among all characteristics, in SDs, that half and one in twenty of the draws
    exceed. `balanced_share`: the share of draws without any difference beyond 0.25 SD. `accepted_share`: of draws that meet the
    criterion of balance. `detectable`: the smallest effect, in SDs of the outcome, that is found with a power of 80 %.
    """

    strata: tuple[StratumLine, ...]
    covariates: tuple[CovariateOutlook, ...]
    typical: float | None
    unlucky: float | None
    balanced_share: float | None
    complete_unlucky: float | None
    accepted_share: float | None
    detectable: float | None
    treated: int
    people: int
    possible: int
    remarks: tuple[Message, ...]


def preview_balance(stored: Mapping[str, Any]) -> Outlook:
    """Return what a stored procedure can be expected to bring."""
    procedure, plain = rebuild(stored), rebuild(stored, with_criterion=False)
    try:
        drawn = procedure.draw(generator(THROWN_AWAY), DRAWS)
    except StatsError as refused:
        raise AppError(Message(refused.message, **refused.facts)) from None
    accepted = None
    if stored["max_imbalance"] is not None:
        accepted = float(procedure.accepts(plain.draw(generator(THROWN_AWAY), DRAWS)).mean())
    sizes = Counter(stored["strata"] or [""] * _items(stored))
    treated = stored["treated"] if stored["strata"] else {"": stored["treated"]}
    by_covariate = _covariates(stored, drawn, int(drawn[0].sum()))
    apart = by_covariate[1] if by_covariate else None
    return Outlook(
        strata=tuple(StratumLine(stratum, size, treated[stratum]) for stratum, size in sorted(sizes.items())),
        covariates=by_covariate[0] if by_covariate else (),
        typical=None if apart is None else float(np.median(apart)),
        unlucky=None if apart is None else float(np.quantile(apart, 0.95)),
        balanced_share=None if apart is None else float((apart <= LARGE_NORMALISED_DIFFERENCE).mean()),
        complete_unlucky=by_covariate[2] if by_covariate else None,
        accepted_share=accepted,
        detectable=_detectable(stored),
        treated=most_treated(stored),
        people=len(stored["units"]),
        possible=plain.possible,
        remarks=tuple(_remarks(stored, plain, sizes, treated)),
    )


def normalised_differences(X: NDArray[np.float64], drawn: NDArray[np.int8]) -> NDArray[np.float64]:  # noqa: N803 - a matrix
    """Return the difference of the arms' means in pooled SDs (Imbens and Rubin 2015, 14.1), for each draw and characteristic."""
    D = drawn.astype(float)  # noqa: N806 - a matrix
    n1 = D.sum(axis=1, keepdims=True)
    n0 = D.shape[1] - n1
    centred = X - X.mean(axis=0)
    sum1, square1 = D @ centred, D @ centred**2
    sum0, square0 = -sum1, (centred**2).sum(axis=0) - square1
    variances = [(square - total**2 / n) / np.maximum(n - 1, 1) for total, square, n in ((sum1, square1, n1), (sum0, square0, n0))]
    pooled = np.sqrt((variances[0] + variances[1]) / 2)
    return np.asarray(np.divide(sum1 / n1 - sum0 / n0, pooled, out=np.zeros_like(pooled), where=pooled > 0))


def _items(stored: Mapping[str, Any]) -> int:
    return len(set(stored["clusters"])) if stored["clusters"] else len(stored["units"])


def _covariates(
    stored: Mapping[str, Any], drawn: NDArray[np.int8], treated: int
) -> tuple[tuple[CovariateOutlook, ...], NDArray[np.float64], float] | None:
    if not stored["covariates"]:
        return None
    X = filled_covariates(stored)  # noqa: N806 - a matrix
    units = tuple(stored["units"])
    one_lottery = AssignmentProcedure(units, treated).draw(generator(THROWN_AWAY), DRAWS)
    ours, theirs = (np.abs(normalised_differences(X, assignments)) for assignments in (drawn, one_lottery))
    known = stored["covariates"]
    lines = tuple(
        CovariateOutlook(name, label, missing, float(np.quantile(own, 0.95)), float(np.quantile(plain, 0.95)))
        for name, label, missing, own, plain in zip(
            known["names"], known["labels"], known["missing"], ours.T, theirs.T, strict=True
        )
    )
    return lines, ours.max(axis=1), float(np.quantile(theirs.max(axis=1), 0.95))


def _detectable(stored: Mapping[str, Any]) -> float | None:
    """Return the smallest effect that can be found, with a tenth of the people lost and a correlation of one half with the baseline."""
    treated, people = most_treated(stored), len(stored["units"])
    size, icc = (people / _items(stored), ASSUMED_ICC) if stored["clusters"] else (1.0, 0.0)
    try:
        found = minimum_detectable_effect(
            treated, people - treated, cluster_size=size, icc=icc, attrition=ASSUMED_LOSS, autocorrelation=ASSUMED_CORRELATION
        )
    except StatsError:
        return None
    return found.effect_in_sd


def _remarks(
    stored: Mapping[str, Any], plain: AssignmentProcedure, sizes: Mapping[str, int], treated: Mapping[str, int]
) -> Sequence[Message]:
    remarks = []
    if stored["pooled"]:
        remarks.append(Message("Strata too small to draw in were put together: %(count)s.", count=len(stored["pooled"])))
    if stored["strata"] and (alone := one_sided(sizes, treated)):
        remarks.append(
            Message(
                "In %(count)s strata everybody or nobody gets a place; these people cannot be compared within their stratum.",
                count=len(alone),
            )
        )
    remarks += [
        Message("%(count)s people have no answer that makes the strata; they are a stratum of their own.", count=one["missing"])
        for one in stored["strata_by"]
        if one["missing"]
    ]
    if plain.possible < FEW_POSSIBLE:
        remarks.append(
            Message("Only %(count)s different draws are possible: chance alone can hardly be told apart.", count=plain.possible)
        )
    if stored["clusters"] and _items(stored) < FEW_GROUPS:
        remarks.append(
            Message("%(count)s groups are few: the arms may differ by much, and effects will be uncertain.", count=_items(stored))
        )
    return remarks
