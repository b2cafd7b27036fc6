"""The given name in a name, and that opening the names of a list is written down once with whose they were."""

import pytest

from evalapp.people.vault.given_names import given_name
from evalapp.people.vault.queries import list_given_names
from tests.people.registered import actions, after, register


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("김하늘", "하늘"), ("이준", "준"), ("리설주", "설주"), ("렴 철호", "철호"), (" 홍  길동 ", "길동"), ("남궁민", "민"),
        ("남궁민수", "민수"),
        ("남궁 민", "민"), ("황보민수", "민수"), ("제갈량", "량"), ("독고영재", "영재"), ("황보 라", "라"),
        ("Kim Haneul", "Haneul"), ("Haneul Kim", "Haneul"), ("Kim, Ha-neul", "Ha-neul"), ("Kim Ha Neul", "Ha Neul"),
        ("Smith, John", "John"),
    ],
)  # fmt: skip
def test_a_given_name_is_told_from_the_family_name(name, given):
    assert given_name(name) == given


@pytest.mark.parametrize(
    "name",
    [
        "황보라", "선우진", "남궁", "김", "빛나", "김빛나래", "길동 홍", "김 하 늘", "Kim",
        "John Smith", "Kim Lee", "김철수(Kim)", "Kim, ", "Kim 하늘",
    ],
)  # fmt: skip
def test_where_it_cannot_be_told_there_is_none(name):
    assert given_name(name) == ""


def test_a_list_of_names_is_one_audit_entry_with_whose_they_were(db, programme):
    people = [register(db, programme, f"key-{number:020}", name=name) for number, name in enumerate(("김하늘", "황보라"))]
    assert list_given_names(db, [person.id for person in people], "session", 7) == {people[0].id: "하늘"}
    (entry,) = actions(db, "given_names_shown")
    assert (entry.object_type, entry.object_key) == ("session", "7")
    assert after(entry) == {"people": sorted(person.study_id for person in people)}
    assert "하늘" not in entry.after


def test_where_nobody_has_a_name_nothing_is_opened_or_written(db):
    assert list_given_names(db, [], "session", 7) == {}
    assert actions(db, "given_names_shown") == []
