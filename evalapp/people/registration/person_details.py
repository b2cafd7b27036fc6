"""What is asked of a person who is registered, read cell by cell, and the headings under which it may stand in a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from evalapp.core.cells import BadCell, choice, choice_key
from evalapp.core.language import Message
from evalapp.core.sheets import clean_text
from evalapp.people.tables import INDUSTRIES, RECRUITMENT_CHANNELS
from evalapp.people.vault.check_identity import check_identity

ENTERPRISE_COLUMNS = ("enterprise_name", "registration_number", "industry")
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "full name", "person", "이름", "성명", "성함", "참여자", "참가자"),
    "phone": ("phone", "phone number", "telephone", "tel", "mobile", "전화번호", "전화", "연락처", "휴대폰", "휴대폰번호",
              "휴대전화", "휴대전화번호", "핸드폰", "핸드폰번호"),
    "email": ("email", "e-mail", "mail", "email address", "이메일", "이메일주소", "메일", "전자우편"),
    "birth_date": ("birth date", "date of birth", "birthday", "dob", "생년월일", "생일", "출생일"),
    "address": ("address", "주소", "거주지", "집주소"),
    "recruitment_channel": ("recruitment channel", "channel", "recruitment", "how the person came", "모집경로", "유입경로", "모집"),
    "enterprise_name": ("enterprise name", "enterprise", "business name", "business", "company", "firm", "상호", "상호명",
                        "사업체명", "사업체", "업체명", "회사명", "기업명"),
    "registration_number": ("registration number", "business registration number", "business number", "사업자등록번호", "사업자번호",
                            "등록번호"),
    "industry": ("industry", "sector", "업종", "산업"),
}  # fmt: skip
CHANNEL_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "staff_contact": ("직원", "직원 연락", "직원 소개", "담당자", "contact by staff", "staff"),
    "website": ("홈페이지", "웹사이트", "누리집", "인터넷", "web"),
    "word_of_mouth": ("입소문", "지인", "지인 소개", "소개", "friend"),
}
INDUSTRY_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "agriculture": ("농업",),
    "fisheries": ("수산업", "어업"),
    "mining": ("광업",),
    "lumber": ("임업과 목재", "임업", "목재"),
    "catering": ("음식업", "음식점", "음식점업", "외식업", "요식업", "restaurant"),
    "retail": ("소매", "소매업"),
    "distribution": ("유통", "유통업"),
    "haulage": ("운송", "운송업", "운수업", "화물", "transport"),
    "individual_services": ("개인 서비스", "개인 서비스업", "서비스업"),
    "wholesale": ("도매", "도매업"),
    "trade": ("무역", "무역업"),
    "manufacturing": ("제조", "제조업"),
    "industrial_services": ("산업 서비스", "산업 서비스업"),
    "education": ("교육", "교육업"),
    "entertainment": ("오락과 스포츠", "오락", "스포츠", "entertainment and sports"),
    "lodging": ("숙박", "숙박업"),
    "other": ("기타",),
}


def _keyed(names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {_bare(word): code for code, words in names.items() for word in (*words, code)}


def _bare(text: str) -> str:
    """Return a heading or a choice without spaces, signs and what stands in brackets: `연락처 (휴대폰)*` is `연락처`."""
    return choice_key(re.sub(r"[(（\[].*?[)）\]]", "", text)).replace("_", "")


COLUMN_OF_HEADING: Final = _keyed(HEADINGS)
CHOICES: Final = {
    "recruitment_channel": ({name: name for name in RECRUITMENT_CHANNELS}, _keyed(CHANNEL_NAMES)),
    "industry": ({name: name for name in INDUSTRIES}, _keyed(INDUSTRY_NAMES)),
}


@dataclass(frozen=True)
class PersonDetails:
    """A person as they are to be registered: normal forms by column of HEADINGS (None where empty), and what is wrong by column."""

    values: Mapping[str, str | None]
    faults: Mapping[str, Message]


def read_person(cells: Mapping[str, str]) -> PersonDetails:
    """Read what was typed or pasted about one person. A name is needed, the rest may be empty."""
    values: dict[str, str | None] = dict.fromkeys(HEADINGS)
    faults: dict[str, Message] = {}
    for column in HEADINGS:
        text = clean_text(cells.get(column, ""))
        if not text:
            continue
        try:
            values[column] = _choice(column, text) if column in CHOICES else check_identity(column, text)
        except BadCell as bad:
            faults[column] = bad.message
    if values["name"] is None and "name" not in faults:
        faults["name"] = Message("The name is missing. Fill it in.")
    return PersonDetails(values, faults)


def _choice(column: str, text: str) -> str:
    codes, names = CHOICES[column]
    return names.get(_bare(text)) or choice(text, codes)


def column_of(heading: str) -> str | None:
    """Return the column that a heading in Korean or English names, or None."""
    return COLUMN_OF_HEADING.get(_bare(heading))
