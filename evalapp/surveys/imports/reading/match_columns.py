"""Which column of a file is which variable of a form, by the ways in which each tool names its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from evalapp.core.cells import choice_key
from evalapp.core.columns import check_header, is_identity
from evalapp.core.faults import FaultLog, shown_header
from evalapp.core.language import Message
from evalapp.core.sheets import Sheet
from evalapp.surveys.codebooks.file_names import LONGEST_NAME, fitting_name
from evalapp.surveys.imports.reading.file_mapping import LEFT_OUT, FileMapping
from evalapp.surveys.imports.reading.form_variables import FormVariables, Variable
from evalapp.surveys.imports.sources.export_file import ExportFile, Source
from evalapp.surveys.instruments.definition import Question

Use = Literal["answer", "fact", "of_the_tool", "repeated", "left_out", "identifier", "unmatched", "identity"]
# What a column says of the submission as a whole, by the tool that writes it so.
FACTS: Final[Mapping[Source, Mapping[str, str]]] = {
    "plain": {},
    "kobo": {
        "_uuid": "key", "_submission_time": "received_at", "_validation_status": "tool_state", "start": "started_at",
        "end": "ended_at", "today": "today",
    },
    "odk": {
        "KEY": "key", "SubmissionDate": "received_at", "ReviewState": "tool_state", "start": "started_at", "end": "ended_at",
        "today": "today", "FormVersion": "form_version",
    },
    "surveycto": {
        "KEY": "key", "SubmissionDate": "received_at", "review_status": "tool_state", "review_comments": "tool_reason",
        "starttime": "started_at", "endtime": "ended_at", "today": "today", "formdef_version": "form_version",
    },
}  # fmt: skip
SAID_FACTS: Final = ("answered_on", "mode", "state", "reason")
# What tools add for themselves; whatever is not listed is shown as unmatched, so nothing of the form is lost unseen.
OF_THE_TOOL: Final[Mapping[Source, re.Pattern[str]]] = {
    "plain": re.compile(r"(?!)"),
    "kobo": re.compile(
        r"_(id|uuid|index|notes|status|submitted_by|tags|geolocation|attachments|xform_id_string|bamboo_dataset_id|parent_\w+"
        r"|submission_\w*|version_)|__version__(_\d+)?|formhub/uuid|meta/\w+|deviceid|username|phonenumber|simserial|subscriberid|audit"
    ),
    "odk": re.compile(
        r"(PARENT_)?KEY|Submitter(ID|Name)|Attachments(Present|Expected)|Status|DeviceID|Edits|(meta-)?(instanceID|instanceName)"
        r"|meta-entity-\w+|deviceid|username|phonenumber|simserial|subscriberid|audit"
    ),
    "surveycto": re.compile(
        r"(PARENT_)?KEY|CompletionDate|deviceid|subscriberid|simid|devicephonenum|username|duration|caseid|comments|\w*_audit"
        r"|instanceID|instance_name|review_\w+|reviewer|SET-OF-\w+|PARENT_INDEX"
    ),
}
GROUP_SIGN: Final[Mapping[Source, str]] = {"plain": "/", "kobo": "/", "odk": "-", "surveycto": "/"}
ROUNDS = re.compile(r"(.+?)((?:_\d{1,3})+)")


class Target(NamedTuple):
    """What a column holds: a variable, in a round of a repeated group, whole or (of several choices) one choice as 0 or 1."""

    variable: str
    repeat_path: str = ""
    choice: str = ""


@dataclass(frozen=True)
class ColumnUse:
    """What becomes of one column; `fact` is what it says of the submission where it does not hold an answer."""

    column: str
    sheet: str | None
    use: Use
    target: Target | None = None
    fact: str = ""


def match_columns(
    export: ExportFile, variables: FormVariables, mapping: FileMapping, faults: FaultLog
) -> dict[str | None, list[ColumnUse]]:
    """Return what becomes of each column, by sheet in the order of the columns.

    A fault is: no column of study IDs, a column that would identify people, two columns for the same answer, a label that two
    questions share, and in a table that no tool wrote a column that is nothing of the form's.
    """
    uses = {
        sheet.name: [_use(name, sheet, export, variables, mapping, faults) for name in sheet.header]
        for sheet in (export.main, *export.repeats)
    }
    _prefer_whole_answers(uses)
    _check_table(export, variables, uses[export.main.name], faults)
    _refuse_identities(uses, faults)
    _refuse_twice(uses, faults)
    return uses


def _use(
    name: str, sheet: Sheet, export: ExportFile, variables: FormVariables, mapping: FileMapping, faults: FaultLog
) -> ColumnUse:
    in_main = sheet is export.main
    said = mapping.columns.get(name)
    if said == LEFT_OUT:
        return ColumnUse(name, sheet.name, "left_out")
    if in_main and name == mapping.person:
        return ColumnUse(name, sheet.name, "fact", fact="study_id")
    found = Target(said) if said and said in variables.by_name else find_target(name, export.source, variables, in_main=in_main)
    if found is None and mapping.headers == "labels":
        found = _by_label(name, variables, GROUP_SIGN[export.source], faults)
    if found is not None:
        identifies = variables.by_name[found.variable].is_identifier
        return ColumnUse(name, sheet.name, "identifier" if identifies else "answer", found)
    fact = FACTS[export.source].get(name) or (name if name in SAID_FACTS else "")
    if fact and in_main:
        return ColumnUse(name, sheet.name, "fact", fact=fact)
    if fact or OF_THE_TOOL[export.source].fullmatch(name):
        return ColumnUse(name, sheet.name, "of_the_tool")
    return ColumnUse(name, sheet.name, "identity" if is_identity(name) else "unmatched")


def find_target(name: str, source: Source, variables: FormVariables, *, in_main: bool = True) -> Target | None:
    """Return what a column of a tool is called after: a variable, its round, or one of its choices; or None.

    Names of the form go before names put together, so `ways_sales` is a variable where the form has one of that name.
    """
    last = name.rpartition(GROUP_SIGN[source])[2] if source == "odk" else name
    for candidate in dict.fromkeys((name, last, last.rpartition("/")[2])):
        if candidate in variables.by_name:
            variable = variables.by_name[candidate]
            return Target(candidate) if not in_main or not variable.repeats else None
    question, _, choice = last.rpartition("/")
    found = _one_choice(question.rpartition("/")[2], choice, variables) or _one_round(last, variables)
    if found is None and source in ("plain", "surveycto"):
        found = _joined_choice(last, variables) or _renamed(last, variables) or _cut(last, variables)
    return found


def _one_choice(name: str, choice: str, variables: FormVariables) -> Target | None:
    variable = variables.by_name.get(name)
    return Target(name, "", choice) if variable and choice in _choices_of(variable.question) else None


def _joined_choice(name: str, variables: FormVariables) -> Target | None:
    """Find `ways_sales` (SurveyCTO) or `ways__sales`, in a round of a repeated group with its number behind."""
    cut = ROUNDS.fullmatch(name)
    for text, rounds in ((name, ""), *(((cut[1], cut[2]),) if cut else ())):
        for position in range(len(text) - 1, 0, -1):
            variable = variables.by_name.get(text[:position]) if text[position] == "_" else None
            if variable is None or rounds.count("_") != (len(variable.repeats) if rounds else 0):
                continue
            rest = text[position + 1 :]
            for choice in (rest, rest.removeprefix("_")):
                if choice in _choices_of(variable.question):
                    return Target(variable.name, _repeat_path(variable, rounds), choice)
    return None


def _one_round(name: str, variables: FormVariables) -> Target | None:
    """Find `price_2`: the second round of a repeated group; `price_2_1` where the groups stand in each other."""
    found = ROUNDS.fullmatch(name)
    variable = variables.by_name.get(found[1]) if found else None
    if not found or variable is None or found[2].count("_") != len(variable.repeats):
        return None
    return Target(variable.name, _repeat_path(variable, found[2]))


def _renamed(name: str, variables: FormVariables) -> Target | None:
    """Find `if_`: a variable whose name is a word of Stata or SPSS, or is none there."""
    short = [variable for variable in variables.by_name.values() if len(variable.name) < LONGEST_NAME and not variable.repeats]
    return next((Target(variable.name) for variable in short if fitting_name(variable.name) == name), None)


def _cut(name: str, variables: FormVariables) -> Target | None:
    """Find a name that a statistics file could not hold whole, by its first 32 characters."""
    if len(name) != LONGEST_NAME:
        return None
    rounds = cut[2] if (cut := ROUNDS.fullmatch(name)) else ""
    stem = name.removesuffix(rounds)
    found = [
        Target(variable.name, _repeat_path(variable, rounds), choice)
        for variable in variables.by_name.values()
        if rounds.count("_") == len(variable.repeats)
        for choice in ("", *_choices_of(variable.question))
        if (f"{variable.name}__{choice}" if choice else variable.name).startswith(stem)
    ]
    return found[0] if len(found) == 1 else None


def _repeat_path(variable: Variable, rounds: str) -> str:
    numbers = rounds.split("_")[1:]
    return "/".join(f"{repeat}[{int(number)}]" for repeat, number in zip(variable.repeats, numbers, strict=False))


def _choices_of(question: Question) -> Sequence[str]:
    return [choice.name for choice in question.choices] if question.type == "select_multiple" else ()


def _by_label(name: str, variables: FormVariables, sign: str, faults: FaultLog) -> Target | None:
    for text in dict.fromkeys((name, name.rpartition(sign)[2])):
        names = variables.by_label.get(choice_key(text), ())
        if len(names) > 1:
            faults.add(
                Message("The label belongs to several questions: %(names)s. Say which one the column is.", names=", ".join(names)),
                row=1,
                column=shown_header(name),
            )
        if names:
            return Target(names[0])
    question, _, label = name.rpartition("/")
    names = variables.by_label.get(choice_key(question.rpartition(sign)[2]), ()) if question else ()
    if len(names) != 1:
        return None
    chosen = [
        c.name for c in variables.by_name[names[0]].question.choices if choice_key(label) in map(choice_key, c.label.values())
    ]
    return Target(names[0], "", chosen[0]) if len(chosen) == 1 else None


def _prefer_whole_answers(uses: Mapping[str | None, list[ColumnUse]]) -> None:
    """Leave the columns of single choices out where one column has all that was chosen."""
    for columns in uses.values():
        whole = {use.target[:2] for use in columns if use.target and not use.target.choice}
        for position, use in enumerate(columns):
            if use.target and use.target.choice and use.target[:2] in whole:
                columns[position] = ColumnUse(use.column, use.sheet, "repeated", use.target)


def _refuse_identities(uses: Mapping[str | None, list[ColumnUse]], faults: FaultLog) -> None:
    for use in _every(uses):
        if use.use == "identity":
            message = Message(
                "Column “%(name)s” seems to hold what identifies a person. This import keeps no identities: delete the column.",
                name=shown_header(use.column),
            )
            faults.add(message, row=1, column=shown_header(use.column), sheet=use.sheet)


def _check_table(export: ExportFile, variables: FormVariables, columns: Sequence[ColumnUse], faults: FaultLog) -> None:
    """Name what is missing, and in a table that people made also what is not known: a slip of the pen would lose its answers."""
    required = [*([] if any(use.fact == "study_id" for use in columns) else ["study_id"]), *missing_columns(variables, columns)]
    strange = [use.column for use in columns if use.use == "unmatched" and export.source == "plain"]
    known = ["study_id", *SAID_FACTS, *variables.by_name]
    check_header(Sheet(export.main.name, tuple(strange), ()), known, required, faults)


def missing_columns(variables: FormVariables, columns: Sequence[ColumnUse]) -> list[str]:
    """Return the questions that everyone must answer and that no column is for."""
    present = {use.target.variable for use in columns if use.target}
    return [
        question.name
        for question in variables.definition.questions
        if question.required
        and not (question.relevant or question.condition or question.repeat)
        and question.name not in present
        and not variables.by_name[question.name].is_identifier
    ]


def _refuse_twice(uses: Mapping[str | None, list[ColumnUse]], faults: FaultLog) -> None:
    for sheet, columns in uses.items():
        first: dict[object, str] = {}
        for use in columns:
            key = use.fact or use.target
            if use.use in ("answer", "fact") and first.setdefault(key, use.column) != use.column:
                message = Message("Columns “%(first)s” and “%(second)s” mean the same. Leave one of them out.",
                                  first=shown_header(first[key]), second=shown_header(use.column))  # fmt: skip
                faults.add(message, row=1, column=shown_header(use.column), sheet=sheet)


def _every(uses: Mapping[str | None, list[ColumnUse]]) -> Iterator[ColumnUse]:
    for columns in uses.values():
        yield from columns
