"""A form with every type of question a browser asks, in both languages."""

# ruff: noqa: E501 - a row of the sheet is a line

from __future__ import annotations

from functools import cache

from evalapp.xform.read import read_form
from tests.xform.sheets import packed

SURVEY = """
| type | name | label::한국어 (ko) | label::English (en) | hint::한국어 (ko) | hint::English (en) | appearance | required | relevant | constraint | constraint_message::한국어 (ko) | constraint_message::English (en) | choice_filter | parameters | calculation | readonly |
| start | start |
| today | today |
| calculate | prev_firm_operating | | | | | | | | | | | | | '' |
| note | welcome | 어서 오세요. **천천히** 답하셔도 됩니다. | Welcome. **Take your time.** |
| select_one yes_no | firm_operating | 지금도 사업을 하고 있습니까? | Is your business running today? | 문을 닫았으면 ‘아니요’를 골라 주세요. | Choose “No” if it is closed. | | yes |
| text | why_closed | 왜 닫았습니까? | Why did you close it? | 이름이나 전화번호는 적지 마세요. | Please write no names or telephone numbers. | multiline | | ${firm_operating} = 'no' |
| integer | revenue_krw | 지난달 매출은 모두 얼마입니까? | How much did you take in last month? | 원 단위 숫자로 적어 주세요. | In won, digits only. | | yes | ${firm_operating} = 'yes' | . >= 0 and . <= 1000000000 | 0 이상의 금액을 적어 주세요. | Give an amount of 0 or more. |
| decimal | hours | 한 주에 몇 시간 일합니까? | How many hours a week do you work? | | | | | | . <= 168 |
| date | opened_on | 언제 문을 열었습니까? | When did you open? |
| date | first_month | 몇 월에 첫 손님이 왔습니까? | In which month did the first customer come? | | | month-year |
| time | opens_at | 몇 시에 문을 엽니까? | At what time do you open? |
| dateTime | last_sale | 마지막으로 판 때는 언제입니까? | When was your last sale? |
| select_one province | province | 사업장은 어느 시·도에 있습니까? | In which province is the business? | | | minimal |
| select_one city | city | 어느 시·군·구입니까? | Which city is it? | | | | | ${province} != '' | | | | province = ${province} |
| select_multiple channel | channels | 어디에서 팝니까? | Where do you sell? | 모두 골라 주세요. | Choose all that apply. |
| rank channel | best | 매출이 큰 순서로 놓아 주세요. | Put them in order, the largest sales first. |
| range | mood | 앞으로 한 해가 얼마나 기대됩니까? | How much do you look forward to the next year? | 0은 전혀 없음, 10은 매우 큼입니다. | 0 is not at all, 10 very much. | | | | | | | | start=0 end=10 step=1 |
| select_one agree | likert | 남이 시키기 전에 먼저 시작한다. | I begin before anyone asks me to. | | | likert |
| begin_group | difficulty | 어려움 | Difficulties | | | field-list |
| select_one hard | difficulty_head | 다음 일이 지금 얼마나 어렵습니까? | How difficult are these for you now? | | | label |
| select_one hard | difficulty_money | 사업 자금 마련 | Finding money | | | list-nolabel | yes |
| select_one hard | difficulty_sales | 상품이나 서비스 판매 | Selling goods or services | | | list-nolabel |
| select_one hard | difficulty_staff | 일할 사람 구하기 | Finding people to work | | | list-nolabel |
| end_group |
| begin_group | loans | 대출 | Loans | | | field-list |
| select_one yes_no | loan | 대출을 받았습니까? | Did you take a loan? |
| integer | loan_krw | 얼마입니까? | How much? | | | | | ${loan} = 'yes' |
| end_group |
| begin_repeat | trade | 거래처 | Customers |
| text | goods | 무엇을 팝니까? | What do you sell there? | | | | yes |
| integer | share | 매출의 몇 퍼센트입니까? | What percentage of sales? |
| end_repeat |
| calculate | trades | | | | | | | | | | | | | count(${trade}) |
| text | registration_number | 사업자등록번호 | Business registration number | 숫자 열 자리입니다. 답과 따로, 잠근 상태로 보관합니다. | Ten digits. It is kept sealed, apart from your answers. |
| select_one yes_no | still_there | 같은 자리에서 장사합니까? | Are you at the same place? |
| text | paid | 합계 | Total | | | | | | | | | | | concat(${trades}, '') | yes |
| acknowledge | understood | 답을 다 읽어 보았습니다. | I have read my answers. |
| text | word | 남기고 싶은 말 | Anything else |
"""
CHOICES = """
| list_name | name | label::한국어 (ko) | label::English (en) | province |
| yes_no | yes | 예 | Yes |
| yes_no | no | 아니요 | No |
| province | seoul | 서울특별시 | Seoul |
| province | gyeonggi | 경기도 | Gyeonggi |
| city | jongno | 종로구 | Jongno | seoul |
| city | mapo | 마포구 | Mapo | seoul |
| city | suwon | 수원시 | Suwon | gyeonggi |
| channel | shop | 가게 | Shop |
| channel | market | 시장 | Market |
| channel | online | 온라인 | Online |
| agree | 1 | 전혀 그렇지 않다 | Not at all |
| agree | 2 | 그렇지 않다 | Hardly |
| agree | 3 | 보통이다 | Somewhat |
| agree | 4 | 그렇다 | Mostly |
| agree | 5 | 매우 그렇다 | Completely |
| hard | 1 | 어렵지 않음 | Not difficult |
| hard | 2 | 조금 어려움 | A little |
| hard | 3 | 보통 | Somewhat |
| hard | 4 | 어려움 | Difficult |
| hard | 5 | 매우 어려움 | Very difficult |
"""
ITEMS = """
| name | sensitivity | dependent |
| registration_number | identifier | |
| still_there | ordinary | yes |
| word | free_text | |
"""
SETTINGS = "form_title,form_id,version,default_language\nTest,every_question,2026090101,한국어 (ko)\n"


@cache
def every_question():
    """Return the form as it is read from its sheets."""
    return read_form(packed(SURVEY, CHOICES, SETTINGS, x_items=ITEMS))
