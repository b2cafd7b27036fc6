"""How places are to be drawn: method, strata, groups and criterion of balance, turned into the procedure that is stored and drawn from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from scipy.stats import chi2
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.fingerprint import canonical_json, sha256_of
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.training.assignment.baseline import (
    Characteristic,
    Values,
    as_numbers,
    describe_covariates,
    list_characteristics,
    read_values,
)
from evalapp.training.assignment.edit_assignment import RefusedAssignment, hold_assignment
from evalapp.training.assignment.queries import MemberLine, count_free_places, list_members
from evalapp.training.assignment.stored_procedure import FORMAT, filled_covariates, rebuild
from evalapp.training.assignment.strata import make_blocks, make_strata, one_sided, pool_small, share_out
from evalapp.training.assignment.tables import METHODS, Assignment, AssignmentMember

COMPUTER: Final = "computer"
FROM_POOL: Final = "pool"
ENTRY: Final = "reg_day"
MOST_STRATA, MOST_COVARIATES = 2, 8
BLOCK_SIZES: Final = (2, 4, 6, 8)
ACCEPTED_SHARES: Final = (0.5, 0.2, 0.1, 0.05, 0.01)
PLACES = re.compile(r"(\d{1,5})(\s*%)?")
LONGEST_STRATUM = 120


@dataclass(frozen=True)
class Stratifier:
    """A characteristic that makes strata. A number is cut at `cuts`; without any, at its median."""

    name: str
    cuts: tuple[float, ...] = ()


@dataclass(frozen=True)
class Design:
    """What an officer chooses. `places` is a count, of people or of groups, or a share like “50%”.

    `order_by` orders people into blocks of `block_size`; `cluster_by` is a characteristic, or `pool` for the groups named in the pool.
    `accepted_share` is the share of draws balanced enough to be kept, None to keep every draw. `seed_source` is `computer`, or says
    which public number, agreed upon before it is known, will be the seed.
    """

    method: str
    places: str
    strata: tuple[Stratifier, ...] = ()
    order_by: str = ENTRY
    block_size: int = 2
    cluster_by: str = FROM_POOL
    covariates: tuple[str, ...] = ()
    accepted_share: float | None = None
    seed_source: str = COMPUTER


def design_assignment(db: Session, assignment: Assignment, design: Design) -> None:
    """Keep how places will be drawn, or raise RefusedAssignment. A design may be replaced until the draw."""
    hold_assignment(db, assignment, "pool_frozen")
    if assignment.kind != "randomised":
        raise RefusedAssignment("method", Message("This assignment is decided, not drawn."))
    members = [member for member in list_members(db, assignment) if member.is_eligible]
    stored = make_procedure(db, assignment.programme_id, members, _checked(design))
    _refuse_capacity(db, assignment, stored)
    _refuse_strata(stored)
    rebuild(stored)
    before = {"procedure_sha256": assignment.procedure_sha256}
    assignment.method, assignment.procedure, assignment.procedure_sha256 = design.method, canonical_json(stored), sha256_of(stored)
    strata = dict(zip(stored["units"], stored["strata"] or [""] * len(members), strict=True))
    rows = {row.id: row for row in db.scalars(select(AssignmentMember).where(AssignmentMember.assignment_id == assignment.id))}
    for member in members:
        rows[member.id].stratum = strata[member.study_id]
    db.flush()
    after = {"method": design.method, "procedure_sha256": assignment.procedure_sha256, "seed_source": design.seed_source}
    record_entry(db, "assignment_designed", "assignment", assignment.id, before=before, after=after)


def make_procedure(db: Session, programme_id: int, members: Sequence[MemberLine], design: Design) -> dict[str, Any]:
    """Return the procedure of a design as plain data, the people in the order of their study IDs."""
    known = {one.name: one for one in list_characteristics(db, programme_id)}
    ordered = design.order_by if design.method == "blocked" else None
    cluster_by = design.cluster_by if design.method == "clustered" and design.cluster_by != FROM_POOL else None
    names = {
        *(one.name for one in design.strata),
        *design.covariates,
        *([ordered] if ordered else []),
        *([cluster_by] if cluster_by else []),
    }
    unknown = names - set(known)
    if unknown:
        raise RefusedAssignment("strata", Message("“%(name)s” is not asked in the first wave.", name=min(unknown)))
    values = read_values(db, programme_id, names)
    levels, strata_by = make_strata(members, [(known[one.name], one.cuts, values[one.name]) for one in design.strata])
    strata, pooled = pool_small(levels) if design.strata else (levels, ())
    if ordered:
        strata = make_blocks(members, strata, as_numbers(known[ordered], values[ordered]), design.block_size)
    clusters = _clusters(members, design, values[cluster_by] if cluster_by else None)
    counted = Counter(strata) if design.method in ("stratified", "blocked") else None
    places = read_places(design.places, len(set(clusters)) if clusters else len(members))
    stored = {
        "format": FORMAT,
        **{name: value for name, value in asdict(design).items() if name not in ("strata", "covariates")},
        "units": [member.study_id for member in members],
        "strata": list(strata) if counted else None,
        "strata_by": strata_by if counted else [],
        "pooled": list(pooled),
        "clusters": clusters,
        "treated": share_out(counted, places) if counted else places,
        "covariates": _covariates(members, [known[name] for name in design.covariates], values),
        "max_imbalance": None,
    }
    if design.accepted_share is not None:
        stored["max_imbalance"] = _criterion(stored, design.accepted_share)
    return stored


def read_places(text: str, most: int) -> int:
    """Read how many get a place: a count, or a share in percent of all that are drawn from."""
    found = PLACES.fullmatch(text.strip())
    count = 0 if not found else round(int(found[1]) * most / 100) if found[2] else int(found[1])
    if not 0 < count < most:
        raise RefusedAssignment("places", Message("Write a count from 1 to %(most)s, or a share like 50%%.", most=most - 1))
    return count


def most_treated(stored: Mapping[str, Any]) -> int:
    """Return how many people get a place at most; with groups of different sizes it depends on the draw."""
    if not stored["clusters"]:
        treated = stored["treated"]
        return sum(treated.values()) if isinstance(treated, Mapping) else int(treated)
    sizes = sorted(Counter(stored["clusters"]).values(), reverse=True)
    return sum(sizes[: stored["treated"]])


def _checked(design: Design) -> Design:
    if design.method not in METHODS or design.block_size not in BLOCK_SIZES:
        raise KeyError(design.method, design.block_size)
    if design.method == "stratified" and not design.strata:
        raise RefusedAssignment("stratum_1", Message("Choose what makes the strata."))
    if len({one.name for one in design.strata}) < len(design.strata) or len(design.strata) > MOST_STRATA:
        raise RefusedAssignment("stratum_2", Message("Choose two different characteristics."))
    if len(design.covariates) > MOST_COVARIATES:
        raise RefusedAssignment("covariates", Message("Choose at most %(most)s characteristics to balance.", most=MOST_COVARIATES))
    if design.accepted_share is not None and not design.covariates:
        raise RefusedAssignment("covariates", Message("Choose what is to be balanced, or keep every draw."))
    if design.accepted_share is not None and design.accepted_share not in ACCEPTED_SHARES:
        raise KeyError(design.accepted_share)
    if design.seed_source != COMPUTER:
        check_reason(design.seed_source)
    return design


def _refuse_strata(stored: Mapping[str, Any]) -> None:
    if not stored["strata"]:
        return
    sizes = Counter(stored["strata"])
    if max(map(len, sizes)) > LONGEST_STRATUM:
        raise RefusedAssignment("stratum_2", Message("The names of these strata are too long. Choose fewer characteristics."))
    if stored["method"] == "blocked" and one_sided(sizes, stored["treated"]):
        raise RefusedAssignment(
            "places", Message("In every block somebody must get a place and somebody not. Choose larger blocks or another count.")
        )


def _clusters(members: Sequence[MemberLine], design: Design, values: Mapping[int, str | float] | None) -> list[str] | None:
    if design.method != "clustered":
        return None
    labels = [member.cluster if values is None else str(values.get(member.entrepreneur_id, "")) for member in members]
    without = [member.study_id for member, label in zip(members, labels, strict=True) if not label]
    if without:
        raise RefusedAssignment(
            "cluster_by",
            Message(
                "%(count)s people have no group, %(first)s among them. Open the pool and name it.",
                count=len(without),
                first=without[0],
            ),
        )
    if len(set(labels)) < 2:  # noqa: PLR2004 - one group cannot be drawn from
        raise RefusedAssignment("cluster_by", Message("There is only one group. At least two are drawn from."))
    return labels


def _covariates(
    members: Sequence[MemberLine], chosen: Sequence[Characteristic], values: Mapping[str, Values]
) -> dict[str, Any] | None:
    for one in chosen:
        if not one.can_balance:
            raise RefusedAssignment(
                "covariates", Message("“%(name)s” has more than two answers: make strata of it.", name=one.name)
            )
        if len({values[one.name][member.entrepreneur_id] for member in members if member.entrepreneur_id in values[one.name]}) < 2:  # noqa: PLR2004
            raise RefusedAssignment(
                "covariates", Message("“%(name)s” is the same for everybody, or nobody answered.", name=one.name)
            )
    return describe_covariates([member.entrepreneur_id for member in members], chosen, values)


def _criterion(stored: Mapping[str, Any], accepted_share: float) -> float:
    """Return the largest distance between the arms that this share of draws keeps, by the chi-square of Morgan and Rubin (2012)."""
    X = filled_covariates(stored)  # noqa: N806 - a matrix
    rank = int(np.linalg.matrix_rank(X - X.mean(axis=0)))
    return round(float(chi2.ppf(accepted_share, rank)), 6)


def _refuse_capacity(db: Session, assignment: Assignment, stored: Mapping[str, Any]) -> None:
    free, most = count_free_places(db, assignment), most_treated(stored)
    if free is not None and most > free:
        raise RefusedAssignment(
            "places",
            Message("The cohort has %(free)s free places; the draw could give places to %(most)s people.", free=free, most=most),
        )
