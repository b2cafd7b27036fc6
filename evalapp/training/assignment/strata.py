"""Strata and blocks: who is alike, what becomes of strata that are too small, and how places are shared out among them."""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from evalapp.core.language import Message
from evalapp.training.assignment.baseline import Characteristic, Values
from evalapp.training.assignment.queries import MemberLine
from evalapp.training.assignment.words import LEVEL_WORDS, MISSING, POOLED

BETWEEN, BLOCK = "|", "#"
SMALLEST: Final = 2


def make_strata(
    members: Sequence[MemberLine], by: Sequence[tuple[Characteristic, tuple[float, ...], Values]]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Return each member's stratum, like `female|2`, and how it is read: names, labels, cut points and how many have no value."""
    columns, described = [], []
    for one, given, values in by:
        own = {member.entrepreneur_id: values[member.entrepreneur_id] for member in members if member.entrepreneur_id in values}
        cuts = _cuts(one, given, own)
        columns.append([_level(own.get(member.entrepreneur_id), cuts) for member in members])
        described.append(
            {
                "name": one.name,
                "label": dict(one.label),
                "levels": {name: dict(label) for name, label in one.choices.items()},
                "cuts": cuts,
                "missing": len(members) - len(own),
            }
        )
    if not columns:
        return [""] * len(members), []
    return [BETWEEN.join(levels) for levels in zip(*columns, strict=True)], described


def _cuts(one: Characteristic, given: tuple[float, ...], values: Values) -> list[float] | None:
    if not one.is_number:
        return None
    known = [float(value) for value in values.values()]
    return sorted(given) if given or not known else [float(statistics.median(known))]


def _level(value: str | float | None, cuts: list[float] | None) -> str:
    if value is None:
        return MISSING
    return str(value) if cuts is None else str(bisect_left(cuts, float(value)) + 1)


def pool_small(strata: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Put strata of a single person together, and if one is left alone still, into the smallest other. Names those that were pooled."""
    sizes = Counter(strata)
    small = {stratum for stratum, size in sizes.items() if size < SMALLEST}
    if len(small) == 1 and len(sizes) > 1:
        larger = sorted(set(sizes) - small, key=lambda stratum: (sizes[stratum], stratum))
        small.add(larger[0])
    return [POOLED if stratum in small else stratum for stratum in strata], tuple(sorted(small))


def make_blocks(members: Sequence[MemberLine], strata: Sequence[str], values: Mapping[int, float], size: int) -> list[str]:
    """Cut each stratum into blocks of people who follow each other in an order; whoever has no value comes last.

    A last block that is not full is filled up into the one before it.
    """
    within: defaultdict[str, list[int]] = defaultdict(list)
    for place, stratum in enumerate(strata):
        within[stratum].append(place)
    blocks = [""] * len(members)
    for stratum, places in within.items():
        order = sorted(
            places,
            key=lambda place: (
                members[place].entrepreneur_id not in values,
                values.get(members[place].entrepreneur_id, 0.0),
                members[place].study_id,
            ),
        )
        last = max(len(order) // size, 1)
        for rank, place in enumerate(order):
            blocks[place] = f"{stratum}{BLOCK}{min(rank // size, last - 1) + 1}"
    return blocks


def share_out(sizes: Mapping[str, int], places: int) -> dict[str, int]:
    """Share places out in proportion to the strata's sizes by largest remainders, and leave no stratum without both groups if it can be."""
    total = sum(sizes.values())
    quotas = {stratum: places * size / total for stratum, size in sizes.items()}
    given = {stratum: int(quota) for stratum, quota in quotas.items()}
    order = sorted(sizes, key=lambda stratum: (given[stratum] - quotas[stratum], -sizes[stratum], stratum))
    for stratum in order[: places - sum(given.values())]:
        given[stratum] += 1
    return _mixed(sizes, given)


def stratum_text(stored: Mapping[str, Any], stratum: str, language: str) -> str:
    """Name a stratum or block of a stored procedure: its levels in the order of `strata_by`."""
    levels, _, block = stratum.partition(BLOCK)
    if levels == POOLED:
        named = [LEVEL_WORDS[POOLED].within(language)]
    else:
        pairs = zip(stored["strata_by"], levels.split(BETWEEN), strict=False)
        named = [_level_text(by, level, language) for by, level in pairs]
    if block:
        named.append(Message(LEVEL_WORDS["block"].text, number=block).within(language))
    return " · ".join(named)


def _level_text(by: Mapping[str, Any], level: str, language: str) -> str:
    if level == MISSING:
        return LEVEL_WORDS[MISSING].within(language)
    if by["cuts"] is None:
        return str(by["levels"][level][language])
    band, cuts = int(level) - 1, [f"{cut:,.10g}" for cut in by["cuts"]]
    least, most = (cuts[band - 1] if band else ""), (cuts[band] if band < len(cuts) else "")
    word = "up_to" if not least else "between" if most else "above"
    return Message(LEVEL_WORDS[word].text, **({"least": least} if least else {}) | ({"most": most} if most else {})).within(
        language
    )


def _mixed(sizes: Mapping[str, int], given: dict[str, int]) -> dict[str, int]:
    """Move single places from the strata that can spare one to those without any, and from full strata to those with room."""
    for stratum in sorted(sizes):
        size = sizes[stratum]
        if size < SMALLEST or 0 < given[stratum] < size:
            continue
        step = 1 if given[stratum] == 0 else -1
        other = _giver(sizes, given, stratum, step)
        if other is not None:
            given[stratum] += step
            given[other] -= step
    return {stratum: given[stratum] for stratum in sizes}


def _giver(sizes: Mapping[str, int], given: Mapping[str, int], but: str, step: int) -> str | None:
    """Return the stratum, largest first, that still has both groups when it gives a place away (step 1) or takes one (step -1)."""
    can = [one for one in sizes if one != but and 0 < given[one] - step < sizes[one]]
    return max(can, key=lambda one: (sizes[one], one), default=None)


def one_sided(sizes: Mapping[str, int], treated: Mapping[str, int]) -> list[str]:
    """Return the strata in which everybody or nobody gets a place: they say nothing about the effect."""
    return [stratum for stratum, size in sizes.items() if treated[stratum] in (0, size)]
