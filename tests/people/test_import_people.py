"""People come in by study ID, all of a file or none, and nobody twice."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from evalapp.core.errors import NotFound, RefusedFile
from evalapp.core.ids import check_character, is_study_id
from evalapp.people.import_people import import_people
from evalapp.people.queries import IDENTIFIERS_A_QUERY, get_programme, resolve_people
from evalapp.people.tables import Consent, Enterprise, Entrepreneur, Programme, Registration, StudyIdAlias

pytestmark = pytest.mark.usefixtures("programme")
OURS = f"PI-7K3Q-{check_character('7K3Q')}"
HEADER = (
    "study_id,registered_on,recruitment_channel,enterprise_industry,enterprise_start_year,consent_version,"
    "consent_survey,consent_linkage,consent_quotation,consent_recontact,consent_withdrawn_on"
)
TABLES = (Entrepreneur, StudyIdAlias, Registration, Enterprise, Consent)


def counts(db):
    return [db.scalar(select(func.count()).select_from(table)) for table in TABLES]


def refused(db, path):
    before = counts(db)
    with pytest.raises(RefusedFile) as error:
        import_people(db, "pi", path)
    assert counts(db) == before
    return [(fault.row, fault.column, str(fault.message)) for fault in error.value.faults]


def test_people_come_in_with_their_enterprise_and_consent(db, programme, write):
    path = write(
        HEADER,
        f"{OURS},2026-02-01,website,individual services,2024,v1,2026-02-01,,,2026-02-02,",
        "NE-0001,2026-02-03,,,,,,,,,",
    )
    summary = import_people(db, "pi", path)
    assert (summary.rows, summary.new, summary.already_there, summary.notices) == (2, 2, 0, ())
    people = resolve_people(db, programme.id, [OURS, "NE-0001"])
    assert set(people) == {OURS, "NE-0001"}
    registered = db.scalar(select(Registration).where(Registration.entrepreneur_id == people[OURS]))
    assert (registered.programme_id, registered.recruitment_channel, registered.registered_on) == (
        programme.id, "website", dt.date(2026, 2, 1),
    )  # fmt: skip
    enterprise = db.scalars(select(Enterprise)).one()
    assert (enterprise.entrepreneur_id, enterprise.industry, enterprise.start_year) == (people[OURS], "individual_services", 2024)
    consents = db.scalars(select(Consent).order_by(Consent.purpose)).all()
    assert [(c.purpose, c.given_on, c.withdrawn_on, c.text_version) for c in consents] == [
        ("recontact", dt.date(2026, 2, 2), None, "v1"),
        ("survey", dt.date(2026, 2, 1), None, "v1"),
    ]


def test_a_foreign_identifier_gets_a_study_id_and_stays_as_an_alias(db, programme, write):
    import_people(db, "pi", write("study_id,registered_on", "NE-0001,2026-02-03"))
    person = db.scalars(select(Entrepreneur)).one()
    assert is_study_id(person.study_id)
    alias = db.scalars(select(StudyIdAlias)).one()
    assert (alias.alias, alias.entrepreneur_id) == ("NE-0001", person.id)
    assert resolve_people(db, programme.id, ["NE-0001", person.study_id, person.study_id.lower(), "NE-0002"]) == {
        "NE-0001": person.id,
        person.study_id: person.id,
        person.study_id.lower(): person.id,
    }


def test_importing_the_same_people_twice_changes_nothing(db, write):
    path = write(
        HEADER,
        f"{OURS},2026-02-01,website,retail,2024,v1,2026-02-01,,,,2026-03-01",
        "NE-0001,2026-02-03,,,,v1,,,,,",
    )
    import_people(db, "pi", path)
    before = counts(db)
    summary = import_people(db, "pi", path)
    assert (summary.rows, summary.new, summary.already_there) == (2, 0, 2)
    assert counts(db) == before


def test_a_list_with_new_people_adds_only_those(db, write):
    import_people(db, "pi", write("study_id,registered_on", "A-1,2026-02-03"))
    summary = import_people(db, "pi", write("study_id,registered_on", "A-1,2026-02-03", "A-2,2026-02-04"))
    assert (summary.new, summary.already_there) == (1, 1)
    assert counts(db)[:3] == [2, 2, 2]


def test_a_dry_run_says_the_same_and_writes_nothing(db, write):
    path = write(HEADER, f"{OURS},2026-02-01,website,retail,2024,v1,2026-02-01,,,,")
    dry = import_people(db, "pi", path, dry_run=True)
    assert counts(db) == [0] * 5
    assert dry == import_people(db, "pi", path)


def test_a_person_registered_with_other_facts_is_refused(db, write):
    import_people(db, "pi", write(HEADER, "A-1,2026-02-01,website,retail,2024,v1,2026-02-01,,,,"))
    text = (
        "The person is registered already, with other values of: registered_on, enterprise_industry, consent_version, "
        "consent_survey. Leave the row out, or correct the person's record."
    )
    assert refused(db, write(HEADER, "A-1,2026-02-02,website,catering,2024,v1,,,,,")) == [(2, "study_id", text)]


def test_a_person_of_another_programme_joins_this_one_with_a_notice(db, programme, write):
    db.add(Programme(code="second", name_ko="둘째", name_en="Second", created_at=programme.created_at))
    import_people(db, "pi", write("study_id,registered_on,enterprise_industry", f"{OURS},2026-02-01,retail"))
    path = write("study_id,registered_on", f"{OURS},2026-05-01")
    summary = import_people(db, "second", path)
    assert (summary.new, [str(notice) for notice in summary.notices]) == (
        1,
        ["1 people were known already and joined this programme."],
    )
    assert counts(db) == [1, 0, 2, 1, 0]
    assert import_people(db, "second", path).already_there == 1


def test_a_mistyped_study_id_is_refused(db, write):
    wrong = OURS[:-1] + ("0" if OURS[-1] != "0" else "1")
    assert refused(db, write("study_id,registered_on", f"{wrong},2026-02-01")) == [
        (2, "study_id", f"“{wrong}” is mistyped: its check character does not fit. Compare it with the list.")
    ]


def test_a_name_as_study_id_is_refused(db, write):
    assert refused(db, write("study_id,registered_on", "김철수,2026-02-01", "010-1234-5678,2026-02-01")) == [
        (2, "study_id", "“•••” is not a code. Use Latin letters, digits and hyphens, and nobody's name."),
        (3, "study_id", "“•••-••••-••••” is not a code. Use Latin letters, digits and hyphens, and nobody's name."),
    ]


def test_a_person_twice_in_the_file_is_refused_with_both_rows(db, write):
    text = "The same entry stands in row 2 already. Keep one of the two."
    lines = ("study_id,registered_on", f"{OURS},2026-02-01", "A-1,2026-02-01", f"{OURS.lower()},2026-02-01")
    assert refused(db, write(*lines)) == [(4, "study_id", text)]


def test_a_person_under_two_known_identifiers_is_refused(db, write):
    import_people(db, "pi", write("study_id,registered_on", "A-1,2026-02-01"))
    study_id = db.scalars(select(Entrepreneur.study_id)).one()
    faults = refused(db, write("study_id,registered_on", "A-1,2026-02-01", f"{study_id},2026-02-01"))
    assert faults == [(3, "study_id", "The same entry stands in row 2 already. Keep one of the two.")]


def test_dates_must_be_past_and_in_order(db, write):
    lines = (
        HEADER,
        "A-1,2999-01-01,,,,v1,2026-02-01,,,,2026-01-31",
        "A-2,2026-02-01,,,,,2026-02-01,,,,",
        "A-3,2026-02-01,,,,,,,,,2026-03-01",
    )
    order = "A consent cannot be withdrawn before it was given. Mend one of the dates."
    # 2999 is outside the years a date may have.
    assert refused(db, write(*lines)) == [
        (2, "registered_on", "“2999-01-01” is not a date. Write year, month and day, for example 2026-03-02."),
        (2, "consent_withdrawn_on", order),
        (3, "consent_version", "A consent needs the version of the text that was agreed to. Fill in consent_version."),
        (4, "consent_withdrawn_on", order),
    ]
    assert refused(db, write("study_id,registered_on", "A-1,2099-01-01")) == [
        (2, "registered_on", "2099-01-01 lies in the future.")
    ]


def test_values_outside_their_lists_are_refused(db, write):
    faults = refused(db, write(HEADER, "A-1,,radio,space,1700,v1,,,,,"))
    assert [(row, column) for row, column, _ in faults] == [
        (2, "registered_on"), (2, "recruitment_channel"), (2, "enterprise_industry"), (2, "enterprise_start_year"),
    ]  # fmt: skip
    assert faults[1][2] == "“radio” is not one of the choices. Write one of: staff_contact, website, word_of_mouth."


def test_columns_with_names_of_people_are_refused(db, write):
    text = "Column “이름” seems to hold what identifies a person. This import keeps no identities: delete the column."
    assert refused(db, write("study_id,registered_on,이름", "A-1,2026-02-01,x")) == [(1, "이름", text)]


def test_one_fault_keeps_the_whole_file_out(db, write):
    assert len(refused(db, write("study_id,registered_on", "A-1,2026-02-01", "A-2,soon"))) == 1
    assert counts(db) == [0] * 5


def test_an_unknown_programme_is_named(db):
    with pytest.raises(NotFound, match="There is no programme nowhere"):
        get_programme(db, "nowhere")


def test_more_people_than_one_query_can_name_are_found(db, programme, write):
    identifiers = [f"A-{number}" for number in range(IDENTIFIERS_A_QUERY + 10)]
    import_people(db, "pi", write("study_id,registered_on", *(f"{identifier},2026-02-01" for identifier in identifiers)))
    assert set(resolve_people(db, programme.id, identifiers)) == set(identifiers)


def test_the_same_foreign_identifier_in_two_programmes_is_two_people(db, programme, write):
    other = Programme(code="other", name_ko="다른 교육", name_en="Other", created_at=programme.created_at)
    db.add(other)
    db.flush()
    for code in ("pi", "other"):
        assert import_people(db, code, write("study_id,registered_on", "1,2026-02-01")).new == 1
    assert db.scalar(select(func.count()).select_from(Entrepreneur)) == 2
    assert resolve_people(db, programme.id, ["1"]) != resolve_people(db, other.id, ["1"])


def test_one_of_our_study_ids_in_two_programmes_is_one_person(db, programme, write):
    db.add(Programme(code="other", name_ko="다른 교육", name_en="Other", created_at=programme.created_at))
    db.flush()
    for code in ("pi", "other"):
        import_people(db, code, write("study_id,registered_on", f"{OURS},2026-02-01"))
    assert db.scalar(select(func.count()).select_from(Entrepreneur)) == 1


def test_a_withdrawal_is_taken_from_a_later_file(db, write):
    given = write("study_id,registered_on,consent_version,consent_survey", "A-1,2026-02-01,v1,2026-02-01")
    import_people(db, "pi", given)
    later = write(
        "study_id,registered_on,consent_version,consent_survey,consent_withdrawn_on", "A-1,2026-02-01,v1,2026-02-01,2026-03-01"
    )
    assert import_people(db, "pi", later, dry_run=True).changed == 1
    assert db.scalars(select(Consent.withdrawn_on)).all() == [None]
    done = import_people(db, "pi", later)
    assert (done.new, done.changed, done.already_there) == (0, 1, 0)
    assert db.scalars(select(Consent.withdrawn_on)).all() == [dt.date(2026, 3, 1)]
    assert import_people(db, "pi", later).already_there == 1
