"""`flask accounts`: the first administrator, invitations, and help when nobody can come in. No password is ever typed here."""

from __future__ import annotations

import click

from evalapp.accounts.permissions import ADMINISTRATOR, ROLES
from evalapp.accounts.queries import list_accounts
from evalapp.accounts.staff.grant_role import grant_role
from evalapp.accounts.staff.invite_account import Invitation, invite_account
from evalapp.accounts.staff.issue_link import issue_link
from evalapp.accounts.staff.reset_second_factor import reset_second_factor
from evalapp.accounts.staff.suspend_account import suspend_account
from evalapp.cli.edge import Commands, Edge
from evalapp.core.language import Message
from evalapp.people.add_member import add_member
from evalapp.people.queries import get_programme

STATES = {"invited": Message("invited"), "active": Message("active"), "suspended": Message("suspended")}


def account_commands(edge: Edge) -> click.Group:
    """Return the group `accounts`."""
    group = Commands(edge, name="accounts", help="Accounts of staff.")
    _add_invitations(group, edge)
    _add_care(group, edge)
    return group


def _add_invitations(group: click.Group, edge: Edge) -> None:
    @group.command("create-admin")
    @click.option("--email", required=True)
    @click.option("--name", required=True)
    def create_admin(email: str, name: str) -> None:
        """Invite an administrator: the first one, or another when none can come in."""
        with edge.transaction() as db:
            invitation = invite_account(db, email, name, [ADMINISTRATOR], edge.language)
        _say_invitation(edge, invitation)

    @group.command("invite")
    @click.option("--email", required=True)
    @click.option("--name", required=True)
    @click.option("--role", "roles", required=True, multiple=True, type=click.Choice(ROLES))
    @click.option("--programme", "programmes", multiple=True, metavar="CODE", help="A programme the account may see.")
    def invite(email: str, name: str, roles: tuple[str, ...], programmes: tuple[str, ...]) -> None:
        """Invite a member of staff."""
        with edge.transaction() as db:
            invitation = invite_account(db, email, name, roles, edge.language)
            for programme in programmes:
                add_member(db, get_programme(db, programme), invitation.code)
        _say_invitation(edge, invitation)


def _add_care(group: click.Group, edge: Edge) -> None:
    @group.command("list")
    def list_them() -> None:
        """List codes, states and roles; names stay sealed."""
        with edge.transaction() as db:
            for account in list_accounts(db):
                click.echo(f"{account.code}  {edge.within(STATES[account.state])}  {', '.join(account.roles)}")

    @group.command("suspend")
    @click.argument("code")
    def suspend(code: str) -> None:
        """Keep an account out from now on."""
        with edge.transaction() as db:
            suspend_account(db, code)
        edge.say("The account %(code)s is suspended; its sign-ins have ended.", code=code)

    @group.command("grant")
    @click.argument("code")
    @click.option("--role", required=True, type=click.Choice(ROLES))
    def grant(code: str, role: str) -> None:
        """Give an account a role: for an administrator who is alone, since nobody gives roles to themselves on the pages."""
        with edge.transaction() as db:
            grant_role(db, code, role)
        edge.say("The account %(code)s has the role %(role)s.", code=code, role=role)

    @group.command("reset")
    @click.argument("code")
    def reset(code: str) -> None:
        """Print a new link to join, or to choose another password."""
        with edge.transaction() as db:
            issued = issue_link(db, code)
        _say_link(edge, issued.kind, issued.token)

    @group.command("reset-second-factor")
    @click.argument("code")
    def reset_factor(code: str) -> None:
        """Remove a lost authenticator; the next sign-in sets up a new one."""
        with edge.transaction() as db:
            reset_second_factor(db, code)
        edge.say("The authenticator of %(code)s is removed. The next sign-in sets up a new one.", code=code)


def _say_invitation(edge: Edge, invitation: Invitation) -> None:
    edge.say("The account %(code)s waits for its owner.", code=invitation.code)
    _say_link(edge, "join", invitation.token)


def _say_link(edge: Edge, kind: str, token: str) -> None:
    edge.say("Send them this address of the installation. It works once, within 72 hours, and is not shown again:")
    click.echo(f"  /{kind}/{token}")
