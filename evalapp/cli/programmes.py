"""`flask programmes`: open a programme from its folder or from a template."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from evalapp.analysis.plans.open_programme import open_programme
from evalapp.analysis.plans.programme_templates import dated_waves, get_template, list_templates, read_description
from evalapp.cli.edge import Commands, Edge


def programme_commands(edge: Edge) -> click.Group:
    """Return the group `programmes`."""
    group = Commands(edge, name="programmes", help="Programmes: from a folder with a programme.toml, or from a template.")

    @group.command("create")
    @click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
    def create(folder: Path) -> None:
        """Create the programme described in FOLDER/programme.toml, with its waves and its registered plan."""
        with edge.transaction() as db:
            code = open_programme(db, read_description(folder)).code
        edge.say("Programme “%(code)s” is ready: waves created, analysis plan registered.", code=code)

    @group.command("create-from-template")
    @click.argument("code")
    @click.option("--template", type=click.Choice([template.code for template in list_templates()]), required=True)
    @click.option("--name-ko", help="The programme's name in Korean; left out, the template's.")
    @click.option("--name-en", help="The programme's name in English; left out, the template's.")
    @click.option("--starts-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day of training.")
    def create_from_template(code: str, template: str, name_ko: str | None, name_en: str | None, starts_on: dt.datetime) -> None:
        """Create the programme CODE from a template, with waves around its first day."""
        chosen = get_template(template)
        names = {"name_ko": name_ko or chosen.name["ko"], "name_en": name_en or chosen.name["en"]}
        with edge.transaction() as db:
            waves = dated_waves(chosen, starts_on.date())
            open_programme(db, {"code": code, **names, "waves": waves, "plan": chosen.plan, "modules": chosen.modules})
        edge.say("Programme “%(code)s” is ready: waves created, analysis plan registered.", code=code)

    return group
