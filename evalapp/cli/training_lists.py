"""`flask training modules` and `flask training stages`: the curriculum as a list or a file, and where people stand."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.orm import Session

from evalapp.analysis.plans.programme_templates import get_template, list_templates
from evalapp.cli.edge import Edge
from evalapp.people.queries import get_programme
from evalapp.training.cohorts.queries import list_cohorts
from evalapp.training.curricula.curriculum_file import export_curriculum, import_curriculum
from evalapp.training.curricula.queries import list_curriculum
from evalapp.training.curricula.take_curriculum import add_modules, planned_modules
from evalapp.training.enrolments.queries import count_stages
from evalapp.training.enrolments.words import STAGES

TEMPLATES = [template.code for template in list_templates()]
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def add_list_commands(edge: Edge, group: click.Group) -> None:
    """Put `modules` and `stages` into the group `training`."""

    @group.command("modules")
    @click.argument("programme")
    @click.option("--template", type=click.Choice(TEMPLATES), help="First add the template's modules that are not there.")
    @click.option("--file", type=A_FILE, help="First make the curriculum what this CSV file holds.")
    @click.option(
        "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the curriculum as CSV, to compare or change."
    )
    def modules_command(programme: str, template: str | None, file: Path | None, output: Path | None) -> None:
        """Print the curriculum of PROGRAMME, taken in before or brought out where that is asked for."""
        with edge.transaction() as db:
            key = get_programme(db, programme).id
            if template:
                edge.say("Modules added from the template: %(count)s.", count=_add(db, key, template))
            if file:
                changes = import_curriculum(db, key, file)
                facts = {"added": changes.added, "changed": changes.changed, "retired": changes.retired}
                edge.say(
                    "The curriculum is what the file holds. Added: %(added)s, changed: %(changed)s, taken out: %(retired)s.",
                    **facts,
                )
            if output:
                output.write_bytes(export_curriculum(db, key))
            for number, taught in enumerate(list_curriculum(db, key), start=1):
                module = taught.module
                name = module.name_ko if edge.language == "ko" else module.name_en
                click.echo(f"{number:>3}  {module.code:<24} {module.planned_minutes:>4} min  {len(taught.items):>2}  {name}")

    @group.command("stages")
    @click.argument("programme")
    def stages_command(programme: str) -> None:
        """Print how many people stand at each stage of each cohort of PROGRAMME."""
        with edge.transaction() as db:
            key = get_programme(db, programme).id
            counts = count_stages(db, key)
            cohorts = {None: "–"} | {cohort.id: cohort.code for cohort in list_cohorts(db, key)}
        for cohort, code in cohorts.items():
            for stage, word in STAGES.items():
                if count := counts.get(cohort, {}).get(stage):
                    click.echo(f"{code:<20} {edge.within(word):<16} {count:>5}")


def _add(db: Session, programme_id: int, template: str) -> int:
    return add_modules(db, programme_id, planned_modules(get_template(template).modules))
