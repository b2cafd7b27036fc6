"""`flask accounts`: the first administrator, and the way back in when nobody can."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from evalapp.app import create_app
from tests.installation import installation_settings

HANA = ("--email", "hana@example.org", "--name", "Kim Hana")


@pytest.fixture
def flask(tmp_path):
    """Run a command of a fresh installation and return its exit code and words."""
    app = create_app(installation_settings(tmp_path, f"sqlite:///{tmp_path / 'accounts.db'}"))

    def run(*words):
        done = CliRunner().invoke(app.cli, ["accounts", *words])
        assert "Traceback" not in done.output
        return done.exit_code, done.output

    yield run
    app.extensions["evalapp.engine"].dispose()


def code_in(output):
    return re.search(r"AC-\w+", output)[0]


def test_the_first_administrator_gets_a_link_and_never_a_password(flask):
    exit_code, output = flask("create-admin", *HANA)
    assert exit_code == 0
    assert re.search(r"^  /join/[\w-]{40,}$", output, re.MULTILINE)
    assert flask("list")[1].split() == [code_in(output), "invited", "administrator"]


def test_a_new_link_ends_the_old_one(flask):
    _, output = flask("create-admin", *HANA)
    links = [re.search(r"/join/\S+", text)[0] for text in (output, flask("reset", code_in(output))[1])]
    assert links[0] != links[1]


def test_staff_are_invited_with_roles_and_an_unknown_programme_invites_nobody(flask):
    assert flask("invite", *HANA, "--role", "trainer", "--role", "funder")[0] == 0
    assert "trainer" in flask("list")[1]
    other = ("--email", "other@example.org", "--name", "Other", "--role", "trainer")
    assert flask("invite", *other, "--programme", "nowhere") == (1, "There is no programme nowhere.\n")
    assert flask("list")[1].count("AC-") == 1
    assert flask("invite", *other, "--role", "king")[0] == 2


def test_the_list_holds_no_name_and_no_address(flask):
    flask("create-admin", *HANA)
    assert not re.search("hana|@", flask("list")[1], re.IGNORECASE)


def test_an_account_is_suspended_and_an_unknown_one_is_named_as_such(flask):
    code = code_in(flask("invite", *HANA, "--role", "trainer")[1])
    assert flask("suspend", code)[0] == 0
    assert "suspended" in flask("list")[1]
    assert flask("reset", code)[0] == 1
    assert flask("suspend", "AC-NONE") == (1, "There is no such account.\n")


def test_a_lost_authenticator_is_removed_from_the_terminal(flask):
    code = code_in(flask("create-admin", *HANA)[1])
    exit_code, output = flask("reset-second-factor", code)
    assert (exit_code, code in output) == (0, True)


def test_whoever_is_alone_gets_a_role_at_the_terminal(flask):
    code = code_in(flask("create-admin", *HANA)[1])
    assert flask("grant", code, "--role", "program_officer")[0] == 0
    assert "administrator, program_officer" in flask("list")[1]
    exit_code, output = flask("grant", code, "--role", "privacy_officer")
    assert (exit_code, "cannot be privacy officer" in output) == (1, True)
