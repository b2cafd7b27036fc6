"""What a person answered in earlier waves, for questions that build on it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from evalapp.surveys.invitations.tables import OfWave
from evalapp.surveys.tables import Answer, Submission, Wave
from evalapp.xform.engine.answers import BadAnswer
from evalapp.xform.engine.instance import Instance
from evalapp.xform.model.form import FormModel

PREFIX = "prev_"
UNUSABLE = ("draft", "rejected")


def is_dependent(model: FormModel, name: str) -> bool:
    """Say whether a question shows its answer of an earlier wave and asks whether it still holds."""
    return model.items.get(name, {}).get("dependent") == "yes"


def list_earlier_answers(db: Session, asked: OfWave, model: FormModel) -> dict[str, str]:
    """Return the last answer a person gave to each question in waves before this one, where the form builds on any; rounds left out."""
    if not any(is_dependent(model, node.name) or node.name.startswith(PREFIX) for node in model.nodes.values()):
        return {}
    this = aliased(Wave)
    rows = db.execute(
        select(Answer.variable, Answer.text)
        .join(Submission, Submission.id == Answer.submission_id)
        .join(Wave, Wave.id == Submission.wave_id)
        .join(this, this.id == asked.wave_id)
        .where(Wave.programme_id == this.programme_id, Wave.round < this.round, Answer.repeat_path == "")
        .where(Submission.entrepreneur_id == asked.entrepreneur_id, Submission.state.not_in(UNUSABLE))
        .order_by(Wave.round)
    )
    return {variable: text for variable, text in rows}  # noqa: C416 - typed pairs out of rows


def put_earlier_answers(instance: Instance, answers: dict[str, str]) -> None:
    """Fill in what a form asks of earlier waves: its question prev_sales holds the last answer to sales."""
    for path, node in instance.form.nodes.items():
        if not node.name.startswith(PREFIX) or node.children or instance.form.model.inside_repeat(path):
            continue
        if earlier := answers.get(node.name.removeprefix(PREFIX)):
            try:
                instance.set(path, earlier)
            except BadAnswer:
                continue  # another version asked for another kind of answer
