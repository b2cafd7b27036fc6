"""Every figure: well-formed, with all its words, the same bytes each time, no clash with its neighbours on a page."""

import math
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib.ft2font import FT2Font

from evalapp.charts.axes import Point
from evalapp.charts.canvas import Caption
from evalapp.charts.coefficient_plot import Coefficient, CoefficientPlot, FittedModel, coefficient_plot
from evalapp.charts.diverging_bars import AnswerShares, DivergingBars, diverging_bars
from evalapp.charts.effect_forest import EffectForest, ForestGroup, ForestRow, effect_forest
from evalapp.charts.event_study import EventStudy, EventTime, event_study
from evalapp.charts.lettering import ChartError
from evalapp.charts.loadings_plot import Component, ItemLoadings, LoadingsPlot, loadings_plot
from evalapp.charts.participant_flow import FlowArm, FlowStep, Loss, ParticipantFlow, participant_flow
from evalapp.charts.tokens import LIKERT, LIKERT_TEXT, css_variables
from evalapp.charts.wave_means import ArmMeans, WaveMean, WaveMeans, wave_means

ROOT = Path(__file__).parent.parent.parent
FONTS = ROOT / "evalapp" / "charts" / "fonts"
LONG = "자기주도적으로 앞날을 내다보며 어려움을 이겨 내는 힘을 기르는 교육에 참여한 사람의 비율"
SMALLEST_PRINT = 8.0
READABLE = 4.5  # WCAG 2.2 AA contrast of text


def caption(key="figure-1"):
    return Caption(key, "교육의 효과", "설명하는 글")


def answers(item="판매"):
    return DivergingBars(
        caption(), [AnswerShares(item, (0.1, 0.2, 0.3, 0.25, 0.15))], ("쉬움", "2", "3", "4", "어려움"), "쉬움 합", "어려움 합"
    )


def events(*times):
    chosen = times or (
        EventTime(-1, Point(0.0), n="40"),
        EventTime(0, Point(2.5, 1, 4), n="40"),
        EventTime(1, Point(3, 1, 5), n="20"),
    )
    return EventStudy(caption(), chosen, "교육 뒤 조사", "월 순이익", "시작", "교육 전", "교육 후", "95% 구간")


def forest(*rows):
    chosen = rows or (ForestRow("순이익", Point(1, 0.5, 1.5), "1.0 (0.5 ~ 1.5)", "102", summary=True),)
    return EffectForest(caption(), [ForestGroup("주요 결과", chosen)], "추정치", "n", "표준편차")


def flow(label="등록"):
    arms = [FlowArm("교육 집단", "80", [FlowStep("추적", "70", [Loss("무응답", "10")])]), FlowArm("비교 집단", "51", [None])]
    return ParticipantFlow(caption(), [FlowStep(label, "142"), FlowStep("배정", "131", [Loss("동의 없음", "11")])], arms)


def means(value=3.0):
    arms = [ArmMeans("교육 집단", [WaveMean(Point(1, 0, 2), "80"), WaveMean(Point(value), "78")])]
    return WaveMeans(
        caption(),
        ["기초", "추적"],
        [*arms, ArmMeans("비교 집단", [WaveMean(Point(1), "51"), WaveMean(Point(1.2), "50")])],
        "순이익",
    )


def coefficients(*points):
    chosen = points or (Point(0.3, 0.1, 0.5), None)
    models = [FittedModel("모형 1", 0, controlled=False), FittedModel("모형 2", 0, controlled=True)]
    return CoefficientPlot(caption(), models, [Coefficient("당원 배경", chosen)], "차이(표준편차)")


def loadings(*values):
    return LoadingsPlot(
        caption(), [Component("내부", "36.7%"), Component("외부")], [ItemLoadings("판매", values or (0.8, -0.2))], "적재량"
    )


EVERY = {
    "answers": (diverging_bars, answers, {"판매", "쉬움", "어려움", "쉬움 합", "어려움 합", "30%"}),
    "events": (event_study, events, {"월 순이익", "교육 뒤 조사", "교육 전", "교육 후", "95% 구간", "40", "20"}),
    "forest": (effect_forest, forest, {"순이익", "주요 결과", "1.0 (0.5 ~ 1.5)", "102", "추정치", "표준편차"}),
    "flow": (participant_flow, flow, {"등록", "142", "배정", "131", "교육 집단", "비교 집단", "무응답", "10", "동의 없음"}),
    "means": (wave_means, means, {"기초", "추적", "교육 집단", "비교 집단", "순이익", "80", "50"}),
    "coefficients": (coefficient_plot, coefficients, {"당원 배경", "모형 1", "모형 2", "차이(표준편차)"}),
    "loadings": (loadings_plot, loadings, {"내부", "외부", "36.7%", "판매", "적재량", "0.80"}),
}


@pytest.fixture(params=sorted(EVERY))
def figure(request):
    draw, chart, words = EVERY[request.param]
    return draw(chart()), words, draw, chart


def texts(svg):
    return {element.text for element in ET.fromstring(svg).iter() if element.text and element.tag.endswith("text")}


def test_a_figure_is_plain_svg_with_a_title_and_a_description(figure):
    svg = figure[0]
    root = ET.fromstring(svg)
    assert svg.startswith("<svg xmlns=")
    assert "ns0:" not in svg
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.tag.endswith(("title", "desc"))}
    assert set(root.get("aria-labelledby").split()) == set(named)
    assert set(named.values()) == {"교육의 효과", "설명하는 글"}


def test_every_word_given_is_a_text_of_the_figure(figure):
    svg, words, _, _ = figure
    assert words - texts(svg) == set()


def test_nothing_is_printed_too_small_to_read(figure):
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', figure[0])]
    assert sizes
    assert min(sizes) >= SMALLEST_PRINT


def test_every_text_stands_within_the_figure(figure):
    root = ET.fromstring(figure[0])
    _, _, wide, high = (float(number) for number in root.get("viewBox").split())
    places = [(float(e.get("x")), float(e.get("y"))) for e in root.iter() if e.tag.endswith("text") and e.get("x")]
    assert places
    assert all(-0.5 <= x <= wide + 0.5 and 0 <= y <= high for x, y in places)


def test_a_figure_drawn_twice_has_the_same_bytes(figure):
    svg, _, draw, chart = figure
    assert draw(chart()) == svg


def test_figures_drawn_in_another_process_have_the_same_bytes():
    code = """
import hashlib
from tests.charts.test_figures import EVERY
for draw, chart, _ in EVERY.values():
    print(hashlib.sha256(draw(chart()).encode()).hexdigest())
"""
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert len(set(runs[0].split())) == len(EVERY)


def test_two_figures_of_a_page_share_no_id():
    found = [
        re.findall(r'\bid="([^"]+)"', event_study(EventStudy(caption(key), events().times, "x", "y", "s", "b", "a", "i")))
        for key in ("one", "two")
    ]
    assert found[0]
    assert not set(found[0]) & set(found[1])


def test_words_are_escaped_and_not_read_as_markup():
    svg = diverging_bars(answers("<script>&\"'"))
    assert "<script>" not in svg
    assert "<script>&\"'" in texts(svg)


def test_a_dollar_sign_is_a_dollar_sign():
    assert "$x^2$" in texts(diverging_bars(answers("$x^2$")))


def test_a_long_label_is_wrapped_between_words():
    found = texts(participant_flow(flow(LONG)))
    lines = [text for text in found if text in LONG and len(text) > 2]
    assert LONG not in found
    assert set(" ".join(lines).split()) <= set(LONG.split())
    assert len(lines) > 1


@pytest.mark.parametrize(
    "broken",
    [
        lambda: event_study(events(EventTime(0, Point(math.nan)))),
        lambda: event_study(events(EventTime(0, Point(1)), EventTime(0, Point(2)))),
        lambda: diverging_bars(DivergingBars(caption(), [], ("1", "2", "3", "4", "5"), "a", "b")),
        lambda: AnswerShares("x", (0.5, 0.5, 0.5, 0, 0)),
        lambda: effect_forest(forest(ForestRow("x", Point(math.nan), "–", "0"))),
        lambda: ParticipantFlow(caption(), []),
        lambda: WaveMeans(caption(), ["a"], [], "y"),
        lambda: ItemLoadings("x", (1.5, 0)),
        lambda: Point(1, 2),
        lambda: Point(1, 3, 2),
        lambda: Point(math.inf),
        lambda: Caption("1 bad", "t", "d"),
        lambda: Caption("ok", " ", "d"),
    ],
)
def test_a_figure_that_cannot_be_drawn_says_why(broken):
    with pytest.raises(ChartError, match=r"\w+ \w+"):
        broken()


def test_an_estimate_without_an_interval_is_drawn_as_a_point():
    assert event_study(events(EventTime(0, Point(2.0), n="1"))).count("<path") < event_study(
        events(EventTime(0, Point(2.0, 1, 3), n="1"))
    ).count("<path")


@pytest.mark.parametrize("weight", ["Regular", "SemiBold", "Bold"])
def test_the_fonts_have_the_glyphs_of_both_languages(weight):
    characters = FT2Font(str(FONTS / f"Pretendard-{weight}.ttf")).get_charmap()
    assert [c for c in LONG + "가힣쀍ABCxyz0123456789−–…“”%()·, " if ord(c) not in characters] == []


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("fill", "ink"), list(zip(LIKERT, LIKERT_TEXT, strict=True)))
def test_percentages_can_be_read_on_their_bars(fill, ink):
    light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= READABLE


def test_pages_and_pdf_take_the_same_colours():
    css = css_variables()
    assert "--colour-brand: #0B6B74;" in css
    assert css.count("--colour-") == len(set(re.findall(r"--colour-[\w-]+", css)))
