"""`flask demo`: the main job from files to PDF, on the synthetic programme and on real data."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
from linearmodels.datasets import jobtraining
from sqlalchemy.orm import Session

from evalapp.analysis.plans.open_programme import open_programme
from evalapp.analysis.plans.programme_templates import read_description
from evalapp.analysis.queries import Row, RunRecord, get_newest_plan, get_run, list_result_rows
from evalapp.analysis.run_plan import run_plan
from evalapp.cli.demo_files import write_demo_files
from evalapp.cli.demo_staff import invite_demo_staff
from evalapp.cli.edge import Commands, Edge
from evalapp.cli.job_training_files import write_job_training_files
from evalapp.core.import_summary import ImportSummary
from evalapp.core.language import LANGUAGES, Message
from evalapp.core.shipped import PROGRAMMES
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.people.import_people import import_people
from evalapp.people.queries import get_programme
from evalapp.reports.compose_report import compose_report
from evalapp.surveys.imports.import_submissions import import_submissions
from evalapp.training.import_training import import_training

FOLDER = PROGRAMMES.parent.parent / "var"
UNITS = {"krw": Message("KRW a month"), "points": Message("points"), "sd": Message("SD of the baseline")}
WOOLDRIDGE = {  # Introductory Econometrics, Example 14.1: estimate, classical standard error
    "wave:y1988": (-0.0802, 0.1095),
    "wave:y1989": (-0.2472, 0.1332),
    "grant": (-0.2523, 0.1506),
    "grant_1": (-0.4216, 0.2102),
}


@dataclass(frozen=True)
class Chain:
    """One way through the chain: the programme's folder and the import files."""

    programme: Path
    people: Path
    answers: Mapping[str, Path]
    training: tuple[Path, ...]


def demo_commands(edge: Edge) -> click.Group:
    """Return the group `demo`."""
    group = Commands(edge, name="demo", help="The main job, end to end.")

    @group.command("run")
    def run() -> None:
        """Load the synthetic demo programme, analyse it and write its two reports."""
        started = time.monotonic()
        files = write_demo_files(PROGRAMMES / "pi_demo" / "baseline.csv", FOLDER / "demo" / "files")
        chain = Chain(PROGRAMMES / "pi_demo", files.people, files.answers, tuple(files.training))
        record, rows = go_through(edge, chain, FOLDER / "demo")
        edge.say("What the analysis finds, beside the true effect the demo was generated with:")
        for line in findings(edge, record, rows, files.truth):
            click.echo(line)
        edge.say("Done in %(seconds)s seconds.", seconds=round(time.monotonic() - started))

    @group.command("job-training")
    def job_training() -> None:
        """Run the same chain on real data: the Michigan job-training grants."""
        data = jobtraining.load()
        files = write_job_training_files(data, FOLDER / "job-training" / "files")
        chain = Chain(PROGRAMMES / "job_training", files.people, files.answers, tuple(files.training))
        _, rows = go_through(edge, chain, FOLDER / "job-training")
        edge.say("Log scrap rate on years and grants, firm effects: ours beside Wooldridge's Example 14.1")
        for line in beside_wooldridge(rows):
            click.echo(line)

    @group.command("staff")
    @click.option("--programme", default="pi-demo", show_default=True)
    def staff(programme: str) -> None:
        """Invite one member of staff a role to the demo programme and print their links to join."""
        with edge.transaction() as db:
            links = list(invite_demo_staff(db, programme, edge.language))
        edge.say("Start the application (make serve), open a link and choose a password. Each link works once.")
        for name, token in links:
            click.echo(f"  {name}: http://127.0.0.1:8000/join/{token}")

    return group


def go_through(edge: Edge, chain: Chain, folder: Path) -> tuple[RunRecord, list[Row]]:
    """Import, freeze, run and print; each step says what it did. Done again, it changes nothing but the run."""
    with edge.transaction() as db:
        code = open_programme(db, read_description(chain.programme)).code
        for name, step in _imports(code, chain).items():
            summary = step(db)
            edge.say("  %(name)s: %(new)s new, %(known)s already there", name=name, new=summary.new, known=summary.already_there)
        programme = get_programme(db, code)
        snapshot = freeze_panel(db, programme, build_panel(db, programme))
        edge.say(
            "  panel: %(people)s people, %(rows)s rows, frozen as %(sha)s",
            people=snapshot.people,
            rows=snapshot.rows,
            sha=snapshot.sha256[:12],
        )
        run = run_plan(db, get_newest_plan(db, programme.id, "main"), snapshot)
        record, rows = get_run(db, run.id), list_result_rows(db, run.id)
        edge.say("  analysis: %(rows)s numbers stored as run %(run)s", rows=len(rows), run=run.id)
    for language in LANGUAGES:
        with edge.transaction() as db:
            report = compose_report(db, record.id, language, composed_at=record.finished_at)
        path = folder / f"{record.programme_code}-{language}.pdf"
        path.write_bytes(report.content)
        edge.say("  report: %(path)s (%(pages)s pages)", path=path.relative_to(FOLDER.parent), pages=report.pages)
    return record, rows


def _imports(code: str, chain: Chain) -> dict[str, Callable[[Session], ImportSummary]]:
    steps: dict[str, Callable[[Session], ImportSummary]] = {
        "people.csv": lambda db: import_people(db, code, chain.people, dry_run=False)
    }
    for wave, path in chain.answers.items():
        steps[path.name] = partial(_import_wave, code=code, wave=wave, path=path)
    for path in chain.training:
        steps[path.name] = partial(import_training, programme_code=code, path=path, kind=None, dry_run=False)
    return steps


def _import_wave(db: Session, *, code: str, wave: str, path: Path) -> ImportSummary:
    return import_submissions(db, code, wave, path, state="approved", dry_run=False)


def findings(edge: Edge, record: RunRecord, rows: list[Row], truth: Mapping[str, float]) -> list[str]:
    """Return a line for each outcome: estimate, interval and the true effect."""
    found = {
        (r.outcome, r.statistic): r.value
        for r in rows
        if (r.family, r.model, r.term) == ("effects", "callaway_santanna", "overall")
    }
    lines = []
    for outcome in record.plan["outcomes"]:
        name, digits = outcome["variable"], 0 if outcome["unit"] == "krw" else 2
        numbers = [found.get((name, statistic)) for statistic in ("estimate", "conf_low", "conf_high")]
        estimate, low, high, true = ("–" if number is None else f"{number:+,.{digits}f}" for number in (*numbers, truth[name]))
        facts = {"estimate": estimate, "low": low, "high": high, "true": true, "unit": edge.within(UNITS[outcome["unit"]])}
        text = Message("%(estimate)s %(unit)s (95%% interval %(low)s to %(high)s); true effect %(true)s", **facts)
        lines.append(f"  {outcome['label'][edge.language]}: {edge.within(text)}")
    return lines


def beside_wooldridge(rows: list[Row]) -> list[str]:
    """Return our coefficients and standard errors beside the published ones."""
    ours = {(r.term, r.statistic): r for r in rows if r.family == "effects" and r.model == "twfe"}
    lines = [f"  {'':12}{'ours':>20}{'published':>20}"]
    for term, (estimate, std_error) in WOOLDRIDGE.items():
        mine = f"{ours[term, 'estimate'].value:.4f} ({ours[term, 'std_error'].value:.4f})"
        lines.append(f"  {term.removeprefix('wave:'):12}{mine:>20}{f'{estimate:.4f} ({std_error:.4f})':>20}")
    firms = ours["grant", "estimate"].n
    return [*lines, f"  {firms} firms"]
