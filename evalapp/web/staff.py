"""Staff: who has an account, what they may do and where, and help for those who cannot come in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.accounts.contact_details import LONGEST_EMAIL, LONGEST_NAME, UnusableEmail
from evalapp.accounts.end_sign_in import end_all_sign_ins
from evalapp.accounts.permissions import SECOND_FACTOR_ROLES
from evalapp.accounts.queries import get_account, list_accounts, list_history, list_role_grants
from evalapp.accounts.staff.grant_role import grant_role, refuse_own_rights, revoke_role
from evalapp.accounts.staff.invite_account import Invitation, invite_account
from evalapp.accounts.staff.issue_link import issue_link
from evalapp.accounts.staff.reset_second_factor import reset_second_factor
from evalapp.accounts.staff.suspend_account import reactivate_account, suspend_account
from evalapp.core.columns import Column
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import LANGUAGES, Message
from evalapp.people.add_member import add_member, end_member
from evalapp.people.queries import get_programme, list_every_programme, list_memberships
from evalapp.web.access import allows, confirmed
from evalapp.web.account_words import ROLE_NAMES, ROLE_TASKS, STATE_NAMES, STATE_TONES
from evalapp.web.forms import Form, read_form
from evalapp.web.shown_once import keep_once, take_once
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("staff", __name__, url_prefix="/staff")
Answer = str | tuple[str, int] | Response
WORDS = {
    "role_names": ROLE_NAMES, "role_tasks": ROLE_TASKS, "state_names": STATE_NAMES, "state_tones": STATE_TONES,
    "strict_roles": SECOND_FACTOR_ROLES,
}  # fmt: skip
OUTSIDERS = {"terminal": Message("terminal"), "visitor": Message("not signed in")}
COLUMNS = (
    Column("email", required=True, maximum=LONGEST_EMAIL),
    Column("name", required=True, maximum=LONGEST_NAME),
    Column("language", "choice", required=True, choices=LANGUAGES),
    *(Column(role) for role in ROLE_NAMES),
)


@blueprint.get("", endpoint="list_accounts")
@allows("account.manage")
def list_staff() -> str:
    """List everybody with an account."""
    with reading_db() as db:
        return render_template("accounts/staff_list.html", accounts=list_accounts(db), memberships=list_memberships(db), **WORDS)


@blueprint.get("/invite")
@allows("account.manage")
@confirmed
def ask_to_invite() -> str:
    """Ask whom to invite."""
    return _invitation_page(Form({"language": g.language}))


@blueprint.post("/invite")
@allows("account.manage")
@confirmed
def invite() -> Answer:
    """Invite somebody; their page shows the link to send them, once."""
    form = read_form(COLUMNS)
    invitation = None if form.refused else _invite(form)
    if invitation is None:
        return _invitation_page(form), 422
    keep_once("link", url_for("sign_in.join", token=invitation.token, _external=True))
    return redirect(url_for("staff.show", code=invitation.code), 303)


def _invitation_page(form: Form) -> str:
    with reading_db() as db:
        chosen = request.form.getlist("programme")
        return render_template("accounts/invite.html", form=form, programmes=list_every_programme(db), chosen=chosen, **WORDS)


def _invite(form: Form) -> Invitation | None:
    values = form.values
    roles = [role for role in ROLE_NAMES if values[role]]
    try:
        with writing_db() as db:
            invitation = invite_account(db, values["email"], values["name"], roles, values["language"])
            for programme in request.form.getlist("programme"):
                add_member(db, get_programme(db, programme), invitation.code)
    except AppError as refused:
        form.add_fault("email" if isinstance(refused, UnusableEmail) else "roles", refused.message)
        return None
    return invitation


@blueprint.get("/<code>")
@allows("account.manage")
def show(code: str) -> str:
    """Show an account."""
    return _page(code)


def _page(code: str, refusal: Message | None = None) -> str:
    with reading_db() as db:
        account = get_account(db, code)
        return render_template(
            "accounts/staff.html",
            account=account,
            grants=list_role_grants(db, code),
            history=list_history(db, code),
            programmes=list_every_programme(db),
            member_of=list_memberships(db).get(account.account_id, []),
            names={other.code: other.name for other in list_accounts(db)}
            | {name: text.within(g.language) for name, text in OUTSIDERS.items()},
            link=take_once("link"),
            refusal=refusal,
            **WORDS,
        )


@blueprint.post("/<code>/roles")
@allows("account.manage")
@confirmed
def grant(code: str) -> Answer:
    """Give a role."""
    role = request.form.get("role", "")
    return _change(code, lambda db: grant_role(db, code, role, version=_version()), Message("The role is given."))


@blueprint.post("/<code>/roles/<role>/revoke")
@allows("account.manage")
@confirmed
def revoke(code: str, role: str) -> Answer:
    """Take a role away."""
    return _change(code, lambda db: revoke_role(db, code, role, version=_version()), Message("The role is taken away."))


@blueprint.post("/<code>/programmes")
@allows("account.manage")
@confirmed
def add_to_programme(code: str) -> Answer:
    """Let an account see a programme."""

    def add(db: Session) -> None:
        refuse_own_rights(db, code)
        add_member(db, get_programme(db, request.form.get("programme", "")), code, version=_version())

    return _change(code, add, Message("The account is a member of the programme."))


@blueprint.post("/<code>/programmes/<programme>/end")
@allows("account.manage")
@confirmed
def remove_from_programme(code: str, programme: str) -> Answer:
    """End a membership."""

    def end(db: Session) -> None:
        end_member(db, get_programme(db, programme), code, version=_version())

    return _change(code, end, Message("The membership has ended."))


@blueprint.post("/<code>/suspend")
@allows("account.manage")
@confirmed
def suspend(code: str) -> Answer:
    """Keep an account out."""
    return _change(code, lambda db: suspend_account(db, code, version=_version()), Message("The account is suspended."))


@blueprint.post("/<code>/reactivate")
@allows("account.manage")
@confirmed
def reactivate(code: str) -> Answer:
    """Let a suspended account in again."""
    return _change(code, lambda db: reactivate_account(db, code, version=_version()), Message("The account is let in again."))


@blueprint.post("/<code>/link")
@allows("account.manage")
@confirmed
def new_link(code: str) -> Answer:
    """Issue a link to join or to choose another password, shown once."""

    def issue(db: Session) -> None:
        issued = issue_link(db, code, version=_version())
        keep_once("link", url_for(f"sign_in.{issued.kind}", token=issued.token, _external=True))

    return _change(code, issue, Message("The link is ready."))


@blueprint.post("/<code>/sign-ins/end")
@allows("account.manage")
@confirmed
def end_everywhere(code: str) -> Answer:
    """End all sign-ins of an account, which may sign in again."""
    return _change(code, lambda db: end_all_sign_ins(db, code, version=_version()), Message("All sign-ins are ended."))


@blueprint.post("/<code>/second-factor/reset")
@allows("account.manage")
@confirmed
def remove_second_factor(code: str) -> Answer:
    """Remove the authenticator of somebody who has lost it."""
    done = Message("The authenticator is removed. The next sign-in sets up a new one.")
    return _change(code, lambda db: reset_second_factor(db, code, version=_version()), done)


def _change(code: str, change: Callable[[Session], object], done: Message) -> Answer:
    """Make a change and return to the account, or show the account with the reason why it was refused."""
    try:
        with writing_db() as db:
            change(db)
    except NotFound:
        raise
    except AppError as refused:
        return _page(code, refused.message), 422
    flash(done.within(g.language))
    return redirect(url_for("staff.show", code=code), 303)


def _version() -> int:
    return request.form.get("version", 0, type=int)
