"""The functions of expressions, each with how many arguments it takes."""

from evalapp.xform.xpath.functions import choices, dates, logic, numbers, places, repeats, texts
from evalapp.xform.xpath.functions.registry import Function

FUNCTIONS: dict[str, Function] = {
    **logic.FUNCTIONS,
    **numbers.FUNCTIONS,
    **texts.FUNCTIONS,
    **dates.FUNCTIONS,
    **choices.FUNCTIONS,
    **repeats.FUNCTIONS,
    **places.FUNCTIONS,
}
LAZY = {"if", "coalesce", "indexed-repeat"}  # they get their arguments unevaluated

__all__ = ["FUNCTIONS", "LAZY", "Function"]
