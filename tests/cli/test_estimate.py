"""`flask estimate` on files: the table on screen, every digit in the JSON, refusals in words."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from evalapp.app import create_app
from evalapp.cli.estimate_output import COLUMNS
from tests.installation import installation_settings

REFERENCE = Path(__file__).parent.parent / "stats" / "reference"
MPDTA = ["--unit", "countyreal", "--time", "year", "--cohort", "first.treat", "--outcome", "lemp"]
PUBLISHED_DIGITS = 1e-6  # the reference prints at least eight digits
ITEMS = [
    f"difficulty_{i}"
    for i in ("financing", "competition", "sales", "supplies", "recruitment", "quality_control", "marketing", "regulations")
]


@pytest.fixture(scope="module")
def flask(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    app = create_app(installation_settings(folder, f"sqlite:///{folder / 'x.db'}"))

    def run(*words):
        return CliRunner().invoke(app.cli, [str(word) for word in words], obj=None)

    return run


def rows(path):
    return pd.DataFrame(json.loads(Path(path).read_text(encoding="utf-8"))["rows"])


def test_mpdta_classical_is_what_r_did_reports(flask, tmp_path):
    out = tmp_path / "out.json"
    done = flask("estimate", "did", REFERENCE / "mpdta.csv", *MPDTA, "--inference", "classical", "--json", out)
    assert done.exit_code == 0, done.output
    theirs = json.loads((REFERENCE / "did_mpdta.json").read_text())["results"]["nevertreated|dr|none|varying|ant0"]
    ours = rows(out)
    cells = ours[ours["estimand"] == "ATT(g,t)"].sort_values(["group", "time"])
    assert cells["value"].to_numpy() == pytest.approx([c["att"] for c in theirs["attgt"]], abs=PUBLISHED_DIGITS)
    assert cells["std_error"].to_numpy() == pytest.approx([c["se"] for c in theirs["attgt"]], abs=PUBLISHED_DIGITS)
    for kind in ("simple", "dynamic", "group", "calendar"):
        overall = ours[(ours["aggregate"] == kind) & (ours["term"] == "overall")].iloc[0]
        assert overall["value"] == pytest.approx(theirs[kind]["overall"], abs=PUBLISHED_DIGITS)
        assert overall["std_error"] == pytest.approx(theirs[kind]["overall_se"], abs=PUBLISHED_DIGITS)
    assert ours.loc[ours["term"] == "twfe", "value"].item() == pytest.approx(-0.03655, abs=5e-6)


def test_the_json_has_the_promised_columns_and_no_bare_nan(flask, tmp_path):
    out = tmp_path / "out.json"
    assert flask("estimate", "did", REFERENCE / "mpdta.csv", *MPDTA, "--json", out).exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert "NaN" not in text
    answer = json.loads(text)
    assert set(answer) == {"meta", "rows"}
    assert all(set(COLUMNS) <= set(row) for row in answer["rows"])
    assert answer["meta"]["inference"] == "small_sample"


def test_the_figure_is_an_svg_with_its_words(flask, tmp_path):
    plot = tmp_path / "out.svg"
    assert flask("estimate", "did", REFERENCE / "mpdta.csv", *MPDTA, "--plot", plot).exit_code == 0
    assert "<svg" in plot.read_text(encoding="utf-8")
    assert "lemp" in plot.read_text(encoding="utf-8")


def test_the_screen_shows_a_table(flask):
    done = flask("estimate", "did", REFERENCE / "mpdta.csv", *MPDTA, "--aggregate", "simple")
    assert "std_error" in done.output
    assert "simple" in done.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"unit,time,g,y\n", "no rows"),
        (b"unit,time,g,z\n1,1,0,2\n", "no column"),
        (b"unit,time,g,y\n1,1,0,abc\n1,2,0,1\n2,1,2,1\n2,2,2,1\n", "y"),
        (b"unit,time,g,y\n1,1,0,inf\n1,2,0,1\n2,1,2,1\n2,2,2,1\n", "y"),
        (b"unit,time,g,y\n1,1,0,1\n1,1,0,1\n2,1,2,1\n2,2,2,1\n", "two rows"),
        (b"unit,time,g,y\n1,1,1,1\n1,2,1,1\n2,1,1,1\n2,2,1,1\n", ""),
        (b"PK\x03\x04aaaa", "Excel"),
        (b"unit,time\0,g,y", "not text"),
    ],
)
def test_a_wrong_file_is_refused_in_words(flask, tmp_path, content, said):
    import re

    path = tmp_path / "panel.csv"
    path.write_bytes(content)
    done = flask("estimate", "did", path, "--unit", "unit", "--time", "time", "--cohort", "g", "--outcome", "y")
    assert done.exit_code == 1
    assert re.search(said, done.output)
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_misspelt_column_is_answered_with_the_nearest(flask):
    done = flask("estimate", "did", REFERENCE / "mpdta.csv", *MPDTA[:-1], "lempp")
    assert done.exit_code == 1
    assert "“lempp”" in done.output
    assert "“lemp”" in done.output


def test_components_and_models_of_the_calibrated_survey(flask, tmp_path):
    out = tmp_path / "out.json"
    done = flask(
        "estimate", "difficulty", REFERENCE / "calibrated_baseline_131.csv",
        "--items", ",".join(ITEMS), "--drop", "difficulty_quality_control",
        "--internal", "difficulty_sales,difficulty_supplies,difficulty_recruitment,difficulty_marketing",
        "--external", "difficulty_financing,difficulty_competition,difficulty_regulations",
        "--predictors", "party_background,market_experience,firm_age",
        "--controls", "female,age_decades,prc_exposure,university,years_south,previous_firm,sole_proprietor,service_industry",
        "--survey-year", 2018, "--robust", "HC1", "--json", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    ours, paper = rows(out), json.loads((REFERENCE / "paper_tables.json").read_text())
    for item, (internal, external) in paper["table2"]["loadings"].items():
        found = ours[(ours["estimand"] == "loading") & (ours["term"] == f"difficulty_{item}")].set_index("aggregate")["value"]
        assert (found["internal"], found["external"]) == pytest.approx((-internal, -external), abs=0.01)
    models = ours[(ours["estimand"] == "association") & (ours["aggregate"] == "internal")].set_index(["model", "term"])["value"]
    assert models[1.0, "party_background"] == pytest.approx(-paper["table3_internal"][0]["party"][0], abs=0.02)
    assert models[5.0, "firm_age"] == pytest.approx(-paper["table3_internal"][4]["firm_age"][0], abs=0.02)
    assert sorted(set(models.index.get_level_values("model"))) == [1, 2, 3, 4, 5]
    assert np.isfinite(models).all()


def arms_file(tmp_path):
    rng = np.random.default_rng(5)
    n = 60
    arm = np.repeat([0, 1], n // 2)
    level = rng.normal(10, 2, n)
    rounds = [
        pd.DataFrame(
            {
                "id": range(n),
                "wave": wave,
                "arm": arm,
                "y": level + rng.normal(0, 1, n),
                "answered": (rng.random(n) < 0.8).astype(int),
            }
        )
        for wave in (1, 2, 3)
    ]
    path = tmp_path / "arms.csv"
    pd.concat(rounds).to_csv(path, index=False)
    return path, pd.concat(rounds)


def test_balance_is_the_table_of_the_library(flask, tmp_path):
    path, frame = arms_file(tmp_path)
    out = tmp_path / "balance.json"
    done = flask("estimate", "balance", path, "--variables", "y", "--treatment", "arm", "--json", out)
    assert done.exit_code == 0, done.output
    theirs = frame.groupby("arm")["y"].mean()
    assert rows(out).iloc[0]["value"] == pytest.approx(theirs[1] - theirs[0])
    assert "joint F" in set(rows(out)["estimand"])


def test_attrition_counts_who_answered(flask, tmp_path):
    path, frame = arms_file(tmp_path)
    out = tmp_path / "attrition.json"
    columns = ["--unit", "id", "--wave", "wave", "--arm", "arm", "--answered", "answered"]
    done = flask("estimate", "attrition", path, *columns, "--reference", "0", "--json", out)
    assert done.exit_code == 0, done.output
    shares = rows(out)
    first = shares[(shares["time"] == "1") & (shares["term"] == "1")].iloc[0]
    assert first["value"] == pytest.approx(frame[(frame["wave"] == 1) & (frame["arm"] == 1)]["answered"].mean())
    assert (shares["estimand"] == "difference in response").sum() == 3


def test_power_from_a_file_uses_its_people_and_correlation(flask, tmp_path):
    path, frame = arms_file(tmp_path)
    out = tmp_path / "power.json"
    columns = ["--unit", "id", "--time", "wave", "--outcome", "y", "--treatment", "arm"]
    assert flask("estimate", "power", path, *columns, "--json", out).exit_code == 0
    meta = json.loads(out.read_text())["meta"]
    assert (meta["treated"], meta["control"]) == (30, 30)
    assert meta["sd"] == pytest.approx(frame[frame["wave"] == 1]["y"].std())
    assert 0.5 < meta["autocorrelation"] < 1


def test_power_from_numbers_needs_to_know_how_many(flask):
    assert flask("estimate", "power", "--treated", 50, "--control", 50).exit_code == 0
    refused = flask("estimate", "power", "--treated", 50)
    assert refused.exit_code == 1
    assert "--control" in refused.output
