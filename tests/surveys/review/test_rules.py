"""Rules from files: ours and REDCap's, and what is said about those that cannot work."""

import pytest

from evalapp.core.errors import NotFound, RefusedFile
from evalapp.surveys.review.check_quality import check_quality
from evalapp.surveys.review.overview.export_flags import export_flags, export_rules
from evalapp.surveys.review.rules.import_rules import drop_quality_rule, import_quality_rules
from evalapp.surveys.review.rules.queries import list_rules
from evalapp.surveys.review.rules.redcap_logic import translate
from evalapp.surveys.review.tables import QualityRule
from evalapp.xform.faults import FormError

HEADER = "rule_id,scope,severity,when,expression,message_ko,message_en,active"
pytestmark = pytest.mark.usefixtures("follow_up")


def faults(db, programme, path):
    with pytest.raises(RefusedFile) as refused:
        import_quality_rules(db, programme, path)
    assert db.query(QualityRule).count() == 0
    return [(fault.row, fault.column, str(fault.message)) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("logic", "expression"),
    [
        ("[revenue_krw] < [profit_krw]", "${revenue_krw} < ${profit_krw}"),
        ('[gender] <> "female" AND [hours] > 3', '${gender} != "female" and ${hours} > 3'),
        ("[ways(2)] = \"1\" or [a] = 'x [b] <> y'", "if(selected(${ways}, '2'), '1', '0') = \"1\" or ${a} = 'x [b] <> y'"),
        ("[previous-event-name][birth_year] <> [birth_year]", "${prev_birth_year} != ${birth_year}"),
        ("isblankormissingcode([revenue_krw])", "(${revenue_krw} = '')"),
    ],
)
def test_logic_of_redcap_becomes_an_expression(logic, expression):
    assert translate(logic) == expression


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        ("[baseline_arm_1][birth_year] = 1", "names an event"),
        ("[user-name] = 'x'", "no counterpart"),
        ("[a b] = 1", "square bracket"),
    ],
)
def test_logic_without_a_counterpart_is_refused_with_what_to_do(logic, message):
    with pytest.raises(FormError, match=message):
        translate(logic)


def test_rules_of_redcap_are_taken_in_and_asked(db, programme, write, people, submit):
    path = write(
        "rule_name,rule_logic,real_time_execution",
        '"Profit: 100 % share","[profit_krw] > 0.9 * [revenue_krw]",y',
        '"많은 시간","[hours_per_week] > 100",n',
    )
    summary = import_quality_rules(db, programme, path)
    assert (summary.new, summary.changed) == (2, 0)
    own = {rule.message["en"]: rule for rule in list_rules(db, programme.id) if rule.own}
    assert own["많은 시간"].when == ("nightly",)
    submission = submit(people["A-1"], revenue_krw=10, profit_krw=10, hours_per_week=120)
    check_quality(db, submission)
    (line,) = export_flags(db, programme).decode("utf-8-sig").splitlines()[1:]
    assert ",profit_100_share,warn,profit_krw," in line
    assert own["Profit: 100 %% share"].said({}, "en") == "Profit: 100 % share"


def test_faults_of_redcap_rules_name_row_and_mend(db, programme, write):
    path = write(
        "rule_name,rule_logic,real_time_execution",
        "One,[revenue_krw] >> 3,y",
        "Two,[arm_1][revenue_krw] > 3,y",
        'Three,"datediff([a], [b], ""d"") > 3",y',
        "Four,[revenu_krw] > 3,y",
        "Five,[revenue_krw] > 3,maybe",
    )
    found = faults(db, programme, path)
    assert [(row, column) for row, column, _ in found] == [
        (6, "real_time_execution"), (3, "rule_logic"), (2, "rule_logic"), (4, "rule_logic"), (5, "rule_logic"),
    ]  # fmt: skip
    said = {row: message for row, _column, message in found}
    assert "names an event" in said[3]
    assert "datediff()" in said[4]
    assert "“revenu_krw”" in said[5]


def test_faults_of_our_own_rules_name_row_column_and_mend(db, programme, write):
    tail = "메시지,Message,yes"
    path = write(
        HEADER,
        f"Bad Name,person,warn,save,1 = 1,{tail}",
        f"a,person,warn,sometimes,1 = 1,{tail}",
        f"b,session,warn,save,1 = 1,{tail}",
        f"c,person,warn,save,speeding(pace=3),{tail}",
        f"d,person,warn,save,dont_know(share=much),{tail}",
        f"e,person,warn,save,(1 = 1,{tail}",
        f"a,person,warn,save,1 = 1,{tail}",
    )
    found = {(row, column): message for row, column, message in faults(db, programme, path)}
    assert set(found) == {
        (2, "rule_id"), (3, "when"), (4, "scope"), (5, "expression"), (6, "expression"), (7, "expression"), (8, "rule_id"),
    }  # fmt: skip
    assert "Its parameters are: share, seconds_per_answer" in found[5, "expression"]


@pytest.mark.usefixtures("baseline_beside")
def test_downloaded_rules_can_be_taken_in_again_and_change_nothing(db, programme, tmp_path):
    path = tmp_path / "rules.csv"
    path.write_bytes(export_rules(db, programme))
    summary = import_quality_rules(db, programme, path)
    assert (summary.new, summary.changed) == (0, 0)
    assert summary.already_there == len(list_rules(db, programme.id))


@pytest.fixture
def baseline_beside(db, follow_up, open_wave):
    """The questions that the shipped rules name are asked in the baseline and the follow-up together."""
    follow_up.round = 2
    db.flush()
    return open_wave("baseline", "bl", 2018)


def test_a_dropped_rule_gives_its_place_back_to_the_shipped_one(db, programme, write):
    path = write(HEADER, "speeding,wave,info,nightly,speeding(share=0.5),빠름,Fast,no")
    assert import_quality_rules(db, programme, path).changed == 1
    assert {rule.rule_id: rule for rule in list_rules(db, programme.id)}["speeding"].active is False
    drop_quality_rule(db, programme, "speeding")
    assert {rule.rule_id: rule for rule in list_rules(db, programme.id)}["speeding"].active is True
    with pytest.raises(NotFound):
        drop_quality_rule(db, programme, "speeding")
