"""A filled form held against the version of the form it answers: what can be stored of it, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from evalapp.core.clock import SEOUL, now, today
from evalapp.core.korean_formats import is_business_registration_number
from evalapp.core.language import Message
from evalapp.surveys.answering.stored_answers import Filled, filled_form, repeat_path
from evalapp.surveys.check_answers import REGISTRATION_NUMBER, REGISTRATION_NUMBER_VALID
from evalapp.surveys.openrosa.forms.study_id_question import STUDY_ID
from evalapp.surveys.openrosa.read_envelope import Envelope, UnreadableForm
from evalapp.surveys.review.corrections.apply_corrections import Place
from evalapp.surveys.tables import MODES
from evalapp.xform.engine.answers import BadAnswer
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.plan import Form
from evalapp.xform.engine.submission import read_submission
from evalapp.xform.faults import FormError
from evalapp.xform.tree import Element

MOST_FAULTS: Final = 200
LONGEST_VARIABLE: Final = 40
MODE_QUESTIONS: Final = ("interview_mode", "mode")
FIRST_DAY: Final = dt.timedelta(days=400)  # clocks of devices that say less are wrong

FormFaults = list[tuple[Place, str, str]]


@dataclass(frozen=True)
class JudgedForm:
    """What a filled form comes to. `faults` are places with the kind of what is wrong and the answer that stands there."""

    filled: Filled
    faults: FormFaults
    mode: str
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @property
    def answered_on(self) -> dt.date:
        """The day of the interview, as far as the device knew it."""
        return self.finished_at.astimezone(SEOUL).date() if self.finished_at else today()

    @property
    def is_complete(self) -> bool:
        """Say whether nothing was left open that had to be answered."""
        return all(kind != "required" for _place, kind, _given in self.faults)


def judge_form(form: Form, envelope: Envelope) -> JudgedForm:
    """Read a filled form and judge it as the form's author wants; UnreadableForm where it answers another form altogether."""
    asks_itself = f"{form.model.root.path}/{STUDY_ID}" in form.nodes
    content = envelope.text().encode() if asks_itself else envelope.without_study_id()
    try:
        instance, refused = read_submission(form, content, now)
    except FormError as error:
        raise UnreadableForm(Message(error.text, **error.facts)) from error
    filled = filled_form(instance)
    _check_registration_number(filled)
    faults = [*_unread(refused), *_not_asked(instance), *_verdicts(instance, filled)][:MOST_FAULTS]
    times = dict(_times(instance))
    return JudgedForm(filled, faults, _mode(filled), times.get("start"), times.get("end"))


def _check_registration_number(filled: Filled) -> None:
    number = filled.identifiers.get(REGISTRATION_NUMBER)
    if number is not None and not is_business_registration_number(number):
        for answer in filled.answers:
            if answer.variable == REGISTRATION_NUMBER_VALID:
                answer.text = "no"


def _unread(refused: list[BadAnswer | FormError]) -> Iterator[tuple[Place, str, str]]:
    for fault in refused:
        above, _, name = str(fault.facts.get("address", "")).rpartition("/")
        if not above.endswith("/meta"):  # what a client says of itself there is no answer
            yield Place(name.partition("[")[0][:LONGEST_VARIABLE]), "unreadable", ""


def _not_asked(instance: Instance) -> Iterator[tuple[Place, str, str]]:
    for element in instance.root.walk():
        node = instance.node(element)
        if not element.live and not node.children and element.value != "" and element.path in instance.form.controls:
            yield _place(instance, element), "not_asked", ""


def _verdicts(instance: Instance, filled: Filled) -> Iterator[tuple[Place, str, str]]:
    given = {Place(answer.variable, answer.repeat_path): answer.text for answer in filled.answers}
    for verdict in instance.verdicts():
        place = _place(instance, verdict.element)
        yield place, verdict.kind, given.get(place, "")  # identifiers are not among the answers, so none is quoted


def _place(instance: Instance, element: Element) -> Place:
    return Place(element.name, repeat_path(instance, element))


def _mode(filled: Filled) -> str:
    """Return how the interview was held, where the form asks it in our words."""
    said = {answer.variable: answer.text for answer in filled.answers}
    return next((said[name] for name in MODE_QUESTIONS if said.get(name) in MODES), "device")


def _times(instance: Instance) -> Iterator[tuple[str, dt.datetime]]:
    """Yield when the form was begun and finished by the device's clock, unless that cannot be."""
    for path, node in instance.form.nodes.items():
        if node.preload == "timestamp" and node.preload_parameters in ("start", "end"):
            value = instance.elements(path)[0].value if instance.elements(path) else ""
            if isinstance(value, dt.datetime):
                moment = value if value.tzinfo else value.replace(tzinfo=SEOUL)
                if now() - FIRST_DAY < moment <= now():
                    yield node.preload_parameters, moment.astimezone(dt.UTC).replace(microsecond=0)
