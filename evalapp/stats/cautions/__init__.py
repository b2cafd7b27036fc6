"""The words of every warning, a module for each theme."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evalapp.stats.cautions import attrition, differences, experiments, fixed_effects, general, resampling, scales, sensitivity
from evalapp.stats.cautions.explanation import Explanation

THEMES = (attrition, differences, experiments, fixed_effects, general, resampling, scales, sensitivity)
CAUTIONS: Mapping[str, Explanation] = MappingProxyType({code: words for theme in THEMES for code, words in theme.CAUTIONS.items()})

__all__ = ["CAUTIONS", "Explanation"]
