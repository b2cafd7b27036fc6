"""Every component in every state on one page, for whoever builds or judges the look. Served in development only.

Its texts are samples in both languages and no part of the product, so they stand here and not in the catalogues.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from evalapp.charts.tokens import PAGE_SIZES, PAIRS, RADII_REM, SPACES_REM, TONES
from evalapp.core.language import Message
from evalapp.web.access import public
from evalapp.web.forms import Form

blueprint = Blueprint("styleguide", __name__, url_prefix="/styleguide")

SAMPLES: Final[dict[str, dict[str, Any]]] = {
    "ko": {
        "title": "양식 안내",
        "lead": "모든 부품을 지금 고른 언어와 밝기로 보여 줍니다.",
        "prose": "교육을 마친 사람들의 월 매출은 석 달 뒤 비교 집단보다 평균 42만 원 높았습니다. "
        "95% 신뢰구간은 8만 원에서 76만 원까지이고, 118명의 답변을 바탕으로 합니다.",
        "name": "프로그램 이름",
        "hint": "보고서 표지에 실립니다.",
        "amount": "월 매출(원)",
        "note": "메모",
        "channel": "모집 경로",
        "channels": ["교회", "하나센터", "지인 소개"],
        "explained": "지역 하나센터의 추천을 받은 분",
        "days": "주말에도 참석할 수 있음",
        "starts": "첫 교육일",
        "file": "명단 파일",
        "save": "저장",
        "cancel": "취소",
        "erase": "삭제",
        "people": "참여자",
        "answered": "응답",
        "waves": "조사 차수",
        "wave": "3차 조사",
        "arm": "집단",
        "arms": ["교육", "대기"],
        "tones": ["초안", "공개", "확인 필요", "철회", "검토 중"],
        "place": "1기 주도성 교육",
        "empty": "아직 응답이 없습니다",
        "next": "초대장을 보내면 여기에 나타납니다.",
        "notice": "탈락률이 집단마다 다릅니다",
        "why": "교육 집단의 80%, 대기 집단의 62%가 응답했습니다(p = 0.03).",
    },
    "en": {
        "title": "Style guide",
        "lead": "Every component in the language and the light chosen just now.",
        "prose": "Three months on, those who were trained sold ₩420,000 a month more on average than the comparison group. "
        "The 95% interval runs from ₩80,000 to ₩760,000 and rests on the answers of 118 people.",
        "name": "Name of the programme",
        "hint": "It stands on the cover of the report.",
        "amount": "Sales in a month (won)",
        "note": "Note",
        "channel": "Recruitment channel",
        "channels": ["Church", "Hana Centre", "Word of mouth"],
        "explained": "Recommended by a local centre",
        "days": "Can come at weekends too",
        "starts": "First day of training",
        "file": "The list",
        "save": "Keep",
        "cancel": "Cancel",
        "erase": "Delete",
        "people": "Entrepreneurs",
        "answered": "Answered",
        "waves": "Waves",
        "wave": "Wave 3",
        "arm": "Arm",
        "arms": ["Training", "Waitlist"],
        "tones": ["Draft", "Released", "To check", "Withdrawn", "In review"],
        "place": "PI training, cohort 1",
        "empty": "No answers yet",
        "next": "They appear here once invitations are out.",
        "notice": "Attrition differs between the arms",
        "why": "80% of the training arm and 62% of the waitlist answered (p = 0.03).",
    },
}


@blueprint.get("")
@public
def show() -> str:
    """Show every component."""
    given = {"name": "", "amount": "42만", "note": "", "channel": "1", "days": "yes", "starts_on": "2026-11-22"}
    right, wrong = Form({**given, "name": SAMPLES[g.language]["place"]}), Form(given)
    wrong.add_fault("wrong_name", Message("Fill this in."))
    wrong.add_fault("wrong_amount", Message("“%(cell)s” is not a whole number. Write digits only, for example 3.", cell="42만"))
    wrong.add_fault("wrong_channel", Message("Fill this in."))
    looks = {"tones": TONES, "pairs": PAIRS, "spaces": SPACES_REM, "radii": RADII_REM, "sizes": PAGE_SIZES}
    return render_template("web/styleguide.html", sample=SAMPLES[g.language], right=right, wrong=wrong, **looks)


@blueprint.get("/swatches.css")
@public
def swatches() -> Response:
    """Colour the swatches; a page may carry no style of its own."""
    rules = [f".swatch-{name} {{ background: var(--{name}); }}" for name in TONES]
    rules += [
        f".pair-{text}-on-{ground} {{ color: var(--{text}); background: var(--{ground}); }}" for text, ground, _ratio in PAIRS
    ]
    rules += [f".space-{name} {{ width: var(--space-{name}); }}" for name in SPACES_REM]
    rules += [f".radius-{name} {{ border-radius: var(--radius-{name}); }}" for name in RADII_REM]
    rules += [f".size-{name} {{ font-size: var(--size-{name}); }}" for name in PAGE_SIZES]
    return Response("\n".join(rules), mimetype="text/css")


@blueprint.post("/message")
@public
def say() -> Response:
    """Show what a done form leads to: its page, with a message."""
    flash(SAMPLES[g.language]["save"])
    return redirect(url_for("styleguide.show"), 303)
