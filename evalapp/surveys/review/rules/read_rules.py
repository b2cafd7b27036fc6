"""Read rules of quality from a table, in our columns or in those of REDCap, and refuse what cannot work."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from evalapp.core.columns import Column, TypedRow, add_duplicates, typed_rows
from evalapp.core.faults import FaultLog, shown
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.core.read_table import read_one_table
from evalapp.core.sheets import Sheet
from evalapp.core.shipped import QUALITY_RULES
from evalapp.surveys.review.rules.built_in import BUILT_IN, find_call
from evalapp.surveys.review.rules.expressions import EARLIER, condition, variables_of
from evalapp.surveys.review.rules.redcap_logic import translate
from evalapp.surveys.review.rules.rule import OCCASIONS, SCOPES, Rule
from evalapp.surveys.review.tables import SEVERITIES
from evalapp.xform.faults import FormError

LONGEST_MESSAGE = 300
COLUMNS = (
    Column("rule_id", required=True, maximum=40),
    Column("scope", "choice", required=True, choices=SCOPES),
    Column("severity", "choice", required=True, choices=SEVERITIES),
    Column("when", required=True, maximum=24),
    Column("expression", required=True, maximum=2_000),
    Column("message_ko", required=True, maximum=LONGEST_MESSAGE),
    Column("message_en", required=True, maximum=LONGEST_MESSAGE),
    Column("active", "choice", required=True, choices=("yes", "no")),
)
REDCAP_COLUMNS = (
    Column("rule_name", required=True, maximum=LONGEST_MESSAGE),
    Column("rule_logic", required=True, maximum=2_000),
    Column("real_time_execution", "choice", choices=("y", "n")),
)
RULE_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Facts of the program itself that stand among the answers though no form asks for them under this name.
STORED_BESIDE = frozenset({"registration_number_valid"})


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """Return the rules that come with the program."""
    return tuple(read_rules(QUALITY_RULES, None))


def read_rules(path: Path, known: Collection[str] | None) -> list[Rule]:
    """Read a file of rules, or refuse it with every fault. `known` are the questions there are; None lets any name pass."""
    sheet = read_one_table(path)
    faults = FaultLog(sheet.name)
    is_redcap = "rule_logic" in sheet.header
    rules = _from_redcap(sheet, faults) if is_redcap else _from_ours(sheet, faults)
    add_duplicates([(number, rule.rule_id) for number, rule in rules], "rule_name" if is_redcap else "rule_id", faults)
    for number, rule in rules:
        _check(rule, number, "rule_logic" if is_redcap else "expression", known, faults)
    faults.refuse_if_any()
    return [rule for _number, rule in rules]


def _from_ours(sheet: Sheet, faults: FaultLog) -> list[tuple[int, Rule]]:
    rows = typed_rows(sheet, COLUMNS, faults)
    return [(row.number, _rule(row, faults)) for row in rows if all(row.values[column.name] for column in COLUMNS)]


def _rule(row: TypedRow, faults: FaultLog) -> Rule:
    said = row.values
    when = tuple(said["when"].split())
    if not RULE_ID.fullmatch(said["rule_id"]):
        message = Message(
            "“%(name)s” cannot name a rule. Use up to 40 small letters, digits and underscores.", name=said["rule_id"]
        )
        faults.add(message, row=row.number, column="rule_id")
    if unknown := [word for word in when if word not in OCCASIONS]:
        message = Message("“%(word)s” is not an occasion. Write some of: %(known)s.", word=unknown[0], known=" ".join(OCCASIONS))
        faults.add(message, row=row.number, column="when")
    words = {"ko": said["message_ko"], "en": said["message_en"]}
    return Rule(said["rule_id"], said["scope"], said["severity"], when, said["expression"], words, said["active"] == "yes")


def _from_redcap(sheet: Sheet, faults: FaultLog) -> list[tuple[int, Rule]]:
    """Translate rules of REDCap; those it runs at once are asked on every occasion here, the others at night."""
    rules = []
    for row in typed_rows(sheet, REDCAP_COLUMNS, faults):
        name, logic = row.values["rule_name"], row.values["rule_logic"]
        if not name or not logic:
            continue
        try:
            expression = translate(logic)
        except FormError as error:
            faults.add(Message(error.text, **error.facts), row=row.number, column="rule_logic")
            continue
        when = OCCASIONS if row.values["real_time_execution"] != "n" else ("nightly",)
        plain = name.replace("%", "%%")
        rules.append((row.number, Rule(_slug(name), "person", "warn", when, expression, {"ko": plain, "en": plain})))
    return rules


def _slug(name: str) -> str:
    """Return a rule's id made of its name; a name in Hangul gets one that is the same whenever the file comes again."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:40].rstrip("_")
    return slug if RULE_ID.fullmatch(slug) else f"rule_{sha256_of(name)[:8]}"


def _check(rule: Rule, number: int, column: str, known: Collection[str] | None, faults: FaultLog) -> None:
    try:
        if find_call(rule.expression):
            return
        condition(rule.expression)
        missing = _missing(rule.expression, known)
    except FormError as error:
        faults.add(Message(error.text, **error.facts), row=number, column=column)
        return
    if missing:
        message = Message(
            "No form of this programme asks “%(names)s”. Write the questions' names as ${name}, or call one of: %(checks)s.",
            names=shown(", ".join(missing)),
            checks=", ".join(f"{name}()" for name in BUILT_IN),
        )
        faults.add(message, row=number, column=column)


def _missing(expression: str, known: Collection[str] | None) -> Sequence[str]:
    if known is None:
        return ()
    return [name for name in variables_of(expression) if name.removeprefix(EARLIER) not in known and name not in STORED_BESIDE]
