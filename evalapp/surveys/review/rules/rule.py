"""What a rule of quality is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

SCOPES: Final = ("person", "wave")
OCCASIONS: Final = ("save", "import", "nightly")
FACT = re.compile(r"%\(\w+\)s")


@dataclass(frozen=True)
class Rule:
    """A rule: `expression` is true where there is a doubt, or calls one of the checks that are built in.

    `when` names the OCCASIONS at which it is asked; a message may quote facts of the doubt as %(name)s.
    """

    rule_id: str
    scope: str
    severity: str
    when: tuple[str, ...]
    expression: str
    message: Mapping[str, str]
    active: bool = True
    own: bool = False

    def said(self, facts: Mapping[str, object], language: str) -> str:
        """Return the rule's message about some facts in a language."""
        try:
            return self.message[language] % facts
        except (KeyError, ValueError, TypeError):  # the facts of a flag that an older wording of the rule raised
            return self.message[language]

    def outline(self, language: str) -> str:
        """Return the message with a gap for each fact."""
        return FACT.sub("…", self.message[language]).replace("%%", "%")


@dataclass(frozen=True)
class Doubt:
    """What a check found: the variable it stands at ("" for the whole submission) and the facts for the rule's message."""

    variable: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
