"""Warnings of evalapp.stats.sensitivity, in the words of both readers."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.stats.cautions.explanation import Explanation, sentence

CAUTIONS: Mapping[str, Explanation] = {
    "honest_normal_reference": Explanation(
        sentence("So few groups stand behind this check that its margins are too narrow."),
        sentence("Honest intervals take the covariance as known; with %(df).1f degrees of freedom they cover less than they say."),
    ),
    "honest_nothing_to_break": Explanation(
        sentence("Even if the groups would have moved alike without the training, no effect can be told from zero."),
        sentence("The interval holds zero under the strictest restriction already; the breakdown value is zero."),
    ),
    "honest_never_breaks": Explanation(
        sentence(
            "The conclusion stands however differently the groups may have moved, which is too good to be true; check the data."
        ),
        sentence("No bound makes the interval hold zero: the pre-treatment estimates leave the restriction no slack."),
    ),
    "honest_open_interval": Explanation(
        sentence("Once the groups may move this differently, the data say nothing about the size of the effect."),
        sentence("The test accepts effects without end at some bound; the interval is open."),
    ),
}
