"""Sentences made from rows. Each one that speaks of an effect names the estimand, the interval and n."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from evalapp.core.language import Message
from evalapp.reports import formats
from evalapp.reports.content import Answer, HeadlineFigure
from evalapp.reports.footnotes import EXPLANATIONS, econometrician_sentence, officer_sentence
from evalapp.reports.labels import ESTIMANDS
from evalapp.reports.row_index import Estimate
from evalapp.reports.source import Source

ERROR_RATE = 0.05
WARNINGS_ON_COVER = 2
UNDERPOWERED = "pretest_underpowered"
REPLAYED = "randomization_inference"


def headline_figure(source: Source, found: Estimate) -> HeadlineFigure:
    """Set the main number as the first page shows it."""
    language = source.language
    if found.has_interval:
        ends = formats.amount_interval(found.low, found.high, found.unit, language)
        interval = source.say("%(level)s interval: %(ends)s", level=source.level, ends=ends)
    else:
        interval = source.say("No margin of error can be given.")
    return HeadlineFigure(
        measure=_measure(source, found),
        estimate=formats.signed(source.amount(found.value, found.unit), found.value),
        interval=interval,
        basis=source.say("%(estimand)s; n = %(n)s", estimand=_estimand(source, found), n=formats.whole(found.n, language)),
    )


def _measure(source: Source, found: Estimate) -> str:
    outcome = source.variable(found.outcome)
    if found.model != "twfe":
        return source.say("Effect of the training on: %(outcome)s", outcome=outcome)
    return source.say("Association of “%(regressor)s” with: %(outcome)s", regressor=source.variable(found.term), outcome=outcome)


def _estimand(source: Source, found: Estimate) -> str:
    return ESTIMANDS[found.estimand].within(source.language) if found.estimand in ESTIMANDS else found.estimand


def effect_sentence(source: Source, found: Estimate) -> str:
    """Say an effect with its interval, its probability, estimand and n."""
    language = source.language
    facts = {
        "outcome": source.variable(found.outcome),
        "estimate": formats.signed(source.amount(found.value, found.unit), found.value),
        "estimand": _estimand(source, found),
        "n": formats.whole(found.n, language),
    }
    if not found.has_interval:
        return source.say(
            "“%(outcome)s”: the estimate is %(estimate)s, without a margin of error (%(estimand)s; n = %(n)s).", **facts
        )
    sentence = source.say(
        "“%(outcome)s”: the estimate is %(estimate)s (%(level)s interval %(ends)s, %(p)s; %(estimand)s; n = %(n)s).",
        **facts,
        level=source.level,
        ends=formats.amount_interval(found.low, found.high, found.unit, language),
        p=formats.p_equals(found.p_value),
    )
    if found.unit != "log" or found.value is None:
        return sentence
    change = formats.signed(formats.percent(math.expm1(found.value), language), found.value)
    return " ".join((sentence, source.say("In percent this is about %(change)s.", change=change)))


def replayed_sentences(source: Source) -> tuple[str, ...]:
    """Say, for each draw that is on record, what replaying it shows for the main outcome."""
    outcome = source.run.plan["primary"]
    terms = source.rows.distinct("term", "randomisation", outcome=outcome)
    found = [source.rows.estimate("randomisation", outcome, REPLAYED, term) for term in terms]
    return tuple(_replayed_sentence(source, one) for one in found if one is not None)


def _replayed_sentence(source: Source, found: Estimate) -> str:
    language = source.language
    facts = {"code": found.term.partition(":")[2], "outcome": source.variable(found.outcome)}
    if found.value is None:
        return source.say(
            "Places of assignment %(code)s were drawn by lot; the draw could not be replayed for “%(outcome)s” yet.", **facts
        )
    ends = formats.ABSENT
    if found.has_interval:
        ends = formats.amount_interval(found.low, found.high, found.unit, language)
    return source.say(
        "Places of assignment %(code)s were drawn by lot. Replaying the draw: those drawn and the others are %(estimate)s apart on "
        "“%(outcome)s” (%(level)s interval %(ends)s, %(p)s; everyone as drawn, ITT; n = %(n)s).",
        **facts,
        estimate=formats.signed(source.amount(found.value, found.unit), found.value),
        level=source.level,
        ends=ends,
        p=formats.p_equals(found.p_value),
        n=formats.whole(found.n, language),
    )


def answers(source: Source) -> tuple[Answer, ...]:
    """Answer the three questions of a first-time reader from the main outcome's main estimate; no answers without one."""
    found = source.headline(source.run.plan["primary"])
    if found is None:
        return ()
    if found.value is None:
        return _no_answer(source, found)
    shown = tuple(officer_sentence(*w, source) for w in found.warnings[:WARNINGS_ON_COVER])
    return (
        Answer(source.say("Did it work?"), _verdict(source, found), (effect_sentence(source, found),), shown),
        Answer(source.say("For whom?"), *_for_whom(source, found)),
        Answer(source.say("How sure are we?"), *_how_sure(source, found)),
    )


def _no_answer(source: Source, found: Estimate) -> tuple[Answer, ...]:
    """Say that there is no number, and why."""
    verdict = source.say(
        "Cannot be said: the effect on “%(outcome)s” could not be estimated.", outcome=source.variable(found.outcome)
    )
    reasons = tuple(officer_sentence(*w, source) for w in found.warnings)
    details = tuple(dict.fromkeys(econometrician_sentence(*w, source) for w in found.warnings))
    return (
        Answer(source.say("Did it work?"), verdict, details, reasons),
        Answer(source.say("For whom?"), source.say("Without an estimate nothing can be said about groups."), (), ()),
        Answer(source.say("How sure are we?"), source.say("There is no number to be sure of."), (), ()),
    )


def _verdict(source: Source, found: Estimate) -> str:
    facts = {"outcome": source.variable(found.outcome)}
    if not found.has_interval or found.value is None:
        return source.say("Not settled: “%(outcome)s” has an estimate but no margin of error.", **facts)
    if not found.excludes_zero:
        return source.say("Not settled: for “%(outcome)s” the data allow for an improvement, no change and a worsening.", **facts)
    good = source.outcomes.get(found.outcome, {}).get("good", "higher")
    if (found.value > 0) == (good == "higher"):
        return source.say("Yes: “%(outcome)s” improved by more than chance would bring about.", **facts)
    return source.say("No: “%(outcome)s” got worse by more than chance would bring about.", **facts)


def _for_whom(source: Source, found: Estimate) -> tuple[str, tuple[str, ...]]:
    rows = source.rows
    terms = rows.distinct("term", "effects", outcome=found.outcome, model="callaway_santanna", statistic="estimate")
    groups = [e for t in terms if t.startswith("group:") and (e := rows.estimate("effects", found.outcome, "callaway_santanna", t))]
    known = [e for e in groups if e.value is not None]
    if len(known) < 2:  # noqa: PLR2004 - one group cannot be compared with another
        return source.say("For everyone in training taken together; no groups were estimated apart."), ()
    low, high = (pick(known, key=lambda e: e.value or 0) for pick in (min, max))
    apart = any(_apart(a, b) for a in known for b in known)
    verdict = (
        source.say("The training groups differ: some of their intervals do not overlap.")
        if apart
        else source.say("The training groups cannot be told apart: their intervals overlap.")
    )
    return verdict, (source.say("From %(low)s to %(high)s.", low=_group_phrase(source, low), high=_group_phrase(source, high)),)


def _apart(a: Estimate, b: Estimate) -> bool:
    return a.low is not None and b.high is not None and a.low > b.high


def _group_phrase(source: Source, found: Estimate) -> str:
    return source.say(
        "%(estimate)s (%(group)s; %(level)s interval %(ends)s; ATT; n = %(n)s)",
        estimate=formats.signed(source.amount(found.value, found.unit), found.value),
        group=source.group(int(float(found.term.partition(":")[2]))),
        level=source.level,
        ends=formats.amount_interval(found.low, found.high, found.unit, source.language) if found.has_interval else formats.ABSENT,
        n=formats.whole(found.n, source.language),
    )


def _how_sure(source: Source, found: Estimate) -> tuple[str, tuple[str, ...]]:
    sentences = []
    if found.p_value is not None:
        sentences.append(
            source.say(
                "If there were no effect, the probability of a result at least this far from zero would be %(p)s.",
                p=_probability(source, found.p_value),
            )
        )
    if pretest := pretest_sentence(source, found.outcome):
        sentences.append(pretest)
    if disagreement := disagreement_sentence(source, found.outcome):
        sentences.append(disagreement)
    said = {
        officer_sentence(code, facts, source)
        for row in source.rows.rows
        for code, facts in row.warnings
        if code not in EXPLANATIONS
    }
    count = len(said)
    if limits := limits_sentence(source, (found.outcome,)):
        sentences.append(limits)
    attrition = source.rows.family("attrition", subgroup="difference", statistic="estimate")
    sentences += dict.fromkeys(officer_sentence(code, facts, source) for row in attrition for code, facts in row.warnings)
    verdict = (
        source.say("Warnings that go with the numbers of this report: %(count)s. All are listed near its end.", count=count)
        if count
        else source.say("No warnings go with the numbers of this report.")
    )
    return verdict, tuple(sentences)


def _probability(source: Source, p: float) -> str:
    limit = formats.p_value(formats.SMALLEST_P)
    return source.say("less than %(limit)s", limit=limit) if p < formats.SMALLEST_P else formats.p_value(p)


def pretest_sentence(source: Source, outcome: str) -> str | None:
    """Say whether the arms had moved apart before the training, where that was tested."""
    p = source.rows.value("effects", "p_value", outcome=outcome, model="callaway_santanna", term="pretest")
    if p is None:
        return None
    if p < ERROR_RATE:
        return source.say(
            "Before the training the groups were already moving apart (%(p)s), so the comparison is in doubt.",
            p=formats.p_equals(p),
        )
    tested = source.rows.find("effects", "p_value", outcome=outcome, model="callaway_santanna", term="pretest")
    blind = [w for w in (tested.warnings if tested else ()) if w[0] == UNDERPOWERED]
    if blind:
        return officer_sentence(*blind[0], source)
    return source.say(
        "Before the training the groups did not measurably move apart (%(p)s); this supports the comparison but cannot prove it.",
        p=formats.p_equals(p),
    )


def disagreement_sentence(source: Source, outcome: str) -> str | None:
    """Say when two-way fixed effects give another answer than the main estimate: another sign, or a value outside its interval."""
    main = source.headline(outcome)
    simple = next((e for t in _regressors(source, outcome) if (e := source.rows.estimate("effects", outcome, "twfe", t))), None)
    if main is None or simple is None or main.model == "twfe" or main.value is None or simple.value is None:
        return None
    outside = main.low is not None and main.high is not None and not main.low <= simple.value <= main.high
    if main.value * simple.value >= 0 and not outside:
        return None
    reason = _forbidden_share(source, outcome)
    sentence = source.say(
        "Two-way fixed effects disagree for “%(outcome)s”: %(simple)s (%(level)s interval %(ends)s; n = %(n)s) beside %(main)s. "
        "They use people already trained as comparison, which misleads where effects grow or differ; the main estimate does not.",
        outcome=source.variable(outcome),
        simple=formats.signed(source.amount(simple.value, simple.unit), simple.value),
        level=source.level,
        ends=formats.amount_interval(simple.low, simple.high, simple.unit, source.language),
        n=formats.whole(simple.n, source.language),
        main=formats.signed(source.amount(main.value, main.unit), main.value),
    )
    return f"{sentence} {reason}" if reason else sentence


def _regressors(source: Source, outcome: str) -> tuple[str, ...]:
    terms = source.rows.distinct("term", "effects", outcome=outcome, model="twfe", statistic="estimate")
    return tuple(term for term in terms if not term.startswith("wave:"))


def _forbidden_share(source: Source, outcome: str) -> str | None:
    weight = source.rows.value("bacon", "weight", outcome=outcome, model="twfe", term="forbidden")
    if weight is None:
        return None
    share = formats.percent(weight, source.language)
    return Message("Such comparisons carry %(share)s of their weight.", share=share).within(source.language)


def response_sentence(source: Source, outcomes: Iterable[str]) -> str | None:
    """Say where those trained and those compared with them did not answer equally often."""
    places = _places(source, outcomes, _responds_differently)
    if not places:
        return None
    return source.say(
        "The training group and those it is compared with did not answer equally often (%(places)s), so those who answered may no "
        "longer be alike. The table “If those who did not answer differ” shows what that could change.",
        places=places,
    )


def limits_sentence(source: Source, outcomes: Iterable[str]) -> str | None:
    """Say where missing answers could hide that there is no effect although the main estimate's interval leaves zero out."""
    places = _places(source, outcomes, _could_be_zero)
    if not places:
        return None
    return source.say(
        "If those who did not answer differ as much as they can, there may have been no effect (%(places)s), although the interval of "
        "the main estimate leaves zero out.",
        places=places,
    )


def _places(source: Source, outcomes: Iterable[str], holds: Callable[[Source, str, str], bool]) -> str:
    """List the waves at which something holds, each with its outcomes."""
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        for term in source.rows.distinct("term", "attrition_effects", outcome=outcome):
            if term != "overall" and holds(source, outcome, term):
                found.setdefault(source.wave(term.removeprefix("wave:")), []).append(source.variable(outcome))
    return "; ".join(f"{wave}: {', '.join(names)}" for wave, names in found.items())


def _responds_differently(source: Source, outcome: str, term: str) -> bool:
    p = source.rows.value("attrition_effects", "p_value", outcome=outcome, term=term, subgroup="difference")
    return p is not None and p < ERROR_RATE


def _could_be_zero(source: Source, outcome: str, term: str) -> bool:
    main = source.headline(outcome)
    words = {"outcome": outcome, "model": "lee_bounds", "term": term}
    low, high = (source.rows.value("attrition_effects", statistic, **words) for statistic in ("lower", "upper"))
    return main is not None and main.excludes_zero and low is not None and high is not None and low <= 0 <= high
