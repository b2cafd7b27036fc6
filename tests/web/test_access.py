"""Who may call what: every address of the application, tried by visitors, by every role and by those who are only half signed in.

The tables here are written by hand and on purpose a second time: a slip in `evalapp.accounts.permissions`, in the mark of a view or in
`docs/security/access.md` shows as a difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select

from evalapp.accounts.permissions import EVERY_PROGRAMME, PERMISSIONS, ROLES
from evalapp.accounts.tables import SignIn
from evalapp.app import create_app
from evalapp.core.audit.tables import AuditEntry
from tests.installation import installation_settings
from tests.web.one_of_everything import add_forms, add_own, add_things

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "security" / "access.md"
PUBLIC, SIGNED_IN = "public", "signed_in"
OFFICER, TRAINER, INTERVIEWER, ANALYST, FUNDER, PRIVACY, ADMINISTRATOR = (
    "program_officer", "trainer", "interviewer", "analyst", "funder", "privacy_officer", "administrator",
)  # fmt: skip
ROLES_OF = {
    "programme.view": {OFFICER, TRAINER, INTERVIEWER, ANALYST, PRIVACY},
    "programme.create": {OFFICER},
    "programme.manage": {OFFICER},
    "people.view": {OFFICER, INTERVIEWER, PRIVACY},
    "people.manage": {OFFICER},
    "people.erase": {OFFICER, PRIVACY},
    "people.merge": {OFFICER},
    "identity.reveal": {OFFICER, INTERVIEWER, PRIVACY},
    "identity.write": {OFFICER},
    "identity.export": {OFFICER},
    "identity.allow_export": {PRIVACY},
    "contact.record": {OFFICER, INTERVIEWER},
    "consent.record": {OFFICER, INTERVIEWER},
    "instrument.view": {OFFICER, ANALYST},
    "instrument.manage": {OFFICER},
    "interview.hold": {OFFICER, INTERVIEWER},
    "cohort.view": {OFFICER, TRAINER, ANALYST},
    "wave.view": {OFFICER, ANALYST},
    "wave.manage": {OFFICER},
    "wave.lock": {OFFICER},
    "survey.import": {OFFICER},
    "submission.view": {OFFICER, ANALYST},
    "submission.review": {OFFICER},
    "submission.correct": {OFFICER},
    "query.reply": {OFFICER, INTERVIEWER},
    "run.start": {OFFICER, ANALYST},
    "run.view": {OFFICER, ANALYST},
    "report.compose": {OFFICER, ANALYST},
    "report.view_any": {OFFICER, ANALYST},
    "report.release": {OFFICER},
    "report.view_released": {OFFICER, ANALYST, FUNDER},
    "audit.review": {PRIVACY, ADMINISTRATOR},
    "retention.manage": {PRIVACY},
    "account.manage": {ADMINISTRATOR},
}
SEE_EVERY_PROGRAMME = {PRIVACY}
PEOPLE = "/programmes/<code>/people"
PERSON = f"{PEOPLE}/<study_id>"
WAVES = "/programmes/<code>/waves"
WAVE = f"{WAVES}/<wave>"
UPLOAD = f"{WAVE}/import/files/<upload>"
INTERVIEWS = "/programmes/<code>/interviews"
INTERVIEW = f"{INTERVIEWS}/<int:invitation>"
REVIEW = "/programmes/<code>/review"
SUBMISSION = f"{REVIEW}/<int:submission>"
DRAFT = "/instrument-drafts/<int:draft>"
FORM = "/instruments/<code>/<version>"
FILES = "<any('workbook', 'xlsform', 'xform', 'codebook-xlsx', 'codebook-json', 'redcap'):kind>"
PURPOSES = "<any(survey, linkage, quotation, recontact, training, sharing):purpose>"
EXPORT = "/programmes/<code>/exports/<int:export>"
ACCESS = {
    PUBLIC: (
        "GET /", "GET /health", "POST /language", "POST /theme", "GET /reports/verify", "POST /reports/verify", "GET /tokens.css",
        "GET /sign-in", "POST /sign-in", "POST /sign-out", "GET /join/<token>", "POST /join/<token>", "GET /reset/<token>",
        "POST /reset/<token>", "GET /styleguide", "GET /styleguide/swatches.css", "POST /styleguide/message",
        "GET /s/<token>", "POST /s/<token>", "POST /s/<token>/code", "GET /s/begin", "POST /s/begin", "POST /s/answer",
        "GET /s/answer/<int:number>", "GET /s/check", "POST /s/hand-in", "GET /s/thanks", "GET /s/leave", "GET /s/decline",
        "POST /s/decline", "GET /s/declined",
    ),
    SIGNED_IN: (
        "GET /work", "GET /sign-in/code", "POST /sign-in/code", "GET /confirm", "POST /confirm", "GET /account",
        "POST /account/language", "GET /account/password", "POST /account/password", "GET /account/recovery-codes",
        "POST /account/recovery-codes", "GET /account/second-factor", "POST /account/second-factor",
        "GET /account/second-factor/replace", "POST /account/second-factor/replace", "POST /account/sign-ins/<int:key>/end",
        "POST /account/sign-ins/end-others", "GET /jobs/<key>", "GET /jobs/<key>/progress", "POST /jobs/<key>/cancel",
        "POST /jobs/<key>/retry",
    ),
    "programme.view": ("GET /programmes", "GET /programmes/<code>"),
    "programme.create": ("GET /programmes/new", "POST /programmes/new"),
    "programme.manage": (f"GET {PEOPLE}/consent-texts/new", f"POST {PEOPLE}/consent-texts/new"),
    "people.view": (
        f"GET {PEOPLE}", f"POST {PEOPLE}", f"GET {PEOPLE}/views", f"POST {PEOPLE}/views", f"POST {PEOPLE}/views/<int:view>/drop",
        f"GET {PERSON}", f"GET {PERSON}/notes",
    ),
    "people.manage": (
        f"GET {PEOPLE}/new", f"POST {PEOPLE}/new", f"GET {PEOPLE}/paste", f"POST {PEOPLE}/paste", f"POST {PEOPLE}/paste/register",
        f"GET {PEOPLE}/paste/register",
        f"GET {PERSON}/enterprises/new", f"POST {PERSON}/enterprises/new", f"GET {PERSON}/enterprises/<int:enterprise>",
        f"POST {PERSON}/enterprises/<int:enterprise>", f"POST {PERSON}/enterprises/<int:enterprise>/current",
        f"GET {PERSON}/exit", f"POST {PERSON}/exit", f"GET {PERSON}/exit/undo", f"POST {PERSON}/exit/undo",
    ),
    "people.merge": (
        f"GET {PEOPLE}/duplicates", f"GET {PEOPLE}/duplicates/<first>/<second>", f"POST {PEOPLE}/duplicates/<first>/<second>",
        f"GET {PERSON}/merge", f"POST {PERSON}/merge", f"GET {PERSON}/merges/<int:merge>/undo",
        f"POST {PERSON}/merges/<int:merge>/undo",
    ),
    "people.erase": (f"GET {PERSON}/erase", f"POST {PERSON}/erase", f"GET {PEOPLE}/erased/<study_id>"),
    "consent.record": (
        f"GET {PERSON}/consents/{PURPOSES}", f"POST {PERSON}/consents/{PURPOSES}", f"GET {PERSON}/withdrawal",
        f"POST {PERSON}/withdrawal", f"GET {PEOPLE}/consent-texts",
    ),
    "contact.record": (f"GET {PERSON}/contacts/new", f"POST {PERSON}/contacts/new"),
    "instrument.view": (
        "GET /instruments", f"GET {FORM}", f"GET {FORM}/{FILES}", f"GET {FORM}/comparison", f"GET {FORM}/preview",
        f"POST {FORM}/preview", f"GET {FORM}/scales", "GET /standard-items", "GET /standard-items/workbook",
    ),
    "instrument.manage": (
        "GET /instrument-drafts/new", "POST /instrument-drafts/new", f"GET {DRAFT}", f"POST {DRAFT}", f"GET {DRAFT}/comparison",
        f"GET {DRAFT}/faults.csv", f"GET {DRAFT}/preview", f"POST {DRAFT}/preview",
    ),
    "interview.hold": (
        f"GET {INTERVIEWS}", f"GET {INTERVIEW}", f"POST {INTERVIEW}", f"POST {INTERVIEW}/answer", f"GET {INTERVIEW}/answer/<int:number>",
        f"GET {INTERVIEW}/check", f"POST {INTERVIEW}/hand-in", f"GET {INTERVIEW}/leave", f"GET {INTERVIEW}/decline",
        f"POST {INTERVIEW}/decline", f"GET {INTERVIEW}/declined", f"GET {INTERVIEW}/outcome", f"POST {INTERVIEW}/outcome",
    ),
    "wave.view": (f"GET {WAVES}", f"GET {WAVE}", f"GET {WAVES}/monitor"),
    "wave.manage": (
        f"GET {WAVES}/new", f"POST {WAVES}/new", f"GET {WAVES}/schedule", f"POST {WAVES}/schedule", f"GET {WAVES}/schedule/file",
        f"GET {WAVE}/edit", f"POST {WAVE}/edit", f"GET {WAVE}/prolong", f"POST {WAVE}/prolong", f"POST {WAVE}/plan",
        f"POST {WAVE}/send", f"POST {WAVE}/remind", f"GET {WAVE}/invitations/<int:invitation>",
        f"POST {WAVE}/invitations/<int:invitation>/end", f"POST {WAVE}/invitations/<int:invitation>/renew",
    ),
    "survey.import": (
        f"GET {WAVE}/import", f"POST {WAVE}/import", f"GET {UPLOAD}", f"GET {UPLOAD}/mapping", f"POST {UPLOAD}/mapping",
        f"GET {UPLOAD}/faults.csv", f"GET {UPLOAD}/take", f"POST {UPLOAD}/take", f"POST {UPLOAD}/drop",
        f"GET {WAVE}/import/<int:taken>/undo", f"POST {WAVE}/import/<int:taken>/undo",
    ),
    "wave.lock": (f"POST {REVIEW}/locks/<wave>/ask", f"POST {REVIEW}/locks/<wave>/confirm", f"POST {REVIEW}/locks/<wave>/open"),
    "submission.view": (
        f"GET {REVIEW}", f"GET {REVIEW}/locks", f"GET {REVIEW}/quality", f"GET {REVIEW}/rules", f"GET {REVIEW}/rules.csv",
    ),
    "query.reply": (f"GET {REVIEW}/questions", f"POST {REVIEW}/questions/<int:query>"),
    "submission.review": (
        f"GET {SUBMISSION}", f"POST {SUBMISSION}/decide", f"POST {REVIEW}/approve", f"GET {SUBMISSION}/answers/<variable>",
        f"POST {SUBMISSION}/answers/<variable>/ask", f"GET {SUBMISSION}/back-check", f"POST {SUBMISSION}/back-check",
        f"GET {SUBMISSION}/flags/<int:flag>/clear", f"POST {SUBMISSION}/flags/<int:flag>/clear",
        f"POST {SUBMISSION}/queries/<int:query>/reply", f"POST {SUBMISSION}/queries/<int:query>/close",
        f"POST {REVIEW}/quality/flags.csv", f"POST {REVIEW}/rules", f"POST {REVIEW}/rules/<rule>/drop",
    ),
    "submission.correct": (
        f"POST {SUBMISSION}/answers/<variable>/correct", f"POST {SUBMISSION}/corrections/<int:correction>/approve",
        f"POST {SUBMISSION}/corrections/<int:correction>/drop",
    ),
    "identity.reveal": (f"GET {PERSON}/identity/<field>", f"POST {PERSON}/identity/<field>", f"POST {PERSON}/notes"),
    "identity.write": (f"GET {PERSON}/identity/edit", f"POST {PERSON}/identity/edit"),
    "identity.export": (
        "GET /programmes/<code>/exports", "POST /programmes/<code>/exports", f"GET {EXPORT}", f"POST {EXPORT}/password",
        f"POST {EXPORT}/download",
    ),
    "identity.allow_export": ("GET /exports", "POST /exports/<code>/<int:export>/decision"),
    "run.view": ("GET /programmes/<code>/analysis", "GET /runs/<int:run>"),
    "run.start": ("POST /programmes/<code>/analysis/runs",),
    "report.compose": ("POST /runs/<int:run>/reports", "POST /reports/<int:report>/submit"),
    "report.view_any": ("GET /programmes/<code>/reports",),
    "report.view_released": ("GET /reports", "GET /reports/<int:report>", "GET /reports/<int:report>/pdf"),
    "report.release": (
        "POST /reports/<int:report>/return", "POST /reports/<int:report>/release", "POST /reports/<int:report>/withdraw",
    ),
    "audit.review": (
        "GET /audit", "POST /audit/file", "POST /audit/check", "GET /audit/months", "GET /audit/months/<month>",
        "POST /audit/months/<month>",
    ),
    "account.manage": (
        "GET /staff", "GET /staff/invite", "POST /staff/invite", "GET /staff/<code>", "POST /staff/<code>/roles",
        "POST /staff/<code>/roles/<role>/revoke", "POST /staff/<code>/programmes", "POST /staff/<code>/programmes/<programme>/end",
        "POST /staff/<code>/suspend", "POST /staff/<code>/reactivate", "POST /staff/<code>/link",
        "POST /staff/<code>/second-factor/reset",
    ),
}  # fmt: skip
CALLS = {call: access for access, calls in ACCESS.items() for call in calls}
# What whoever owes a code, or a second factor altogether, may still call.
UNFINISHED = {
    "GET /sign-in/code", "POST /sign-in/code", "POST /sign-out", "GET /account/second-factor", "POST /account/second-factor",
    "POST /language", "POST /theme", "GET /tokens.css",
}  # fmt: skip
DONE = {200, 303, 422}
# With an empty form, or without an earlier version, there is nothing to hand over, to name or to compare with.
WITHOUT_FORM = {f"POST {EXPORT}/download": 404, "POST /staff/<code>/programmes": 404, f"GET {FORM}/comparison": 404}
SEE_JOBS = {OFFICER, ANALYST}
# What asks for the password again unless it was entered a moment ago.
CONFIRMED = {
    "POST /account/recovery-codes", "GET /account/second-factor/replace", "POST /account/second-factor/replace",
    f"GET {PERSON}/erase", f"POST {PERSON}/erase", f"POST {EXPORT}/password", f"POST {EXPORT}/download",
    "POST /reports/<int:report>/release", "POST /reports/<int:report>/withdraw", "POST /audit/file",
    *(call for call in ACCESS["account.manage"] if call not in ("GET /staff", "GET /staff/<code>")),
}  # fmt: skip
NAME = re.compile(r"<(?:[^<>]+:)?(\w+)>")
OF_A_PROGRAMME = {
    "code", "study_id", "first", "second", "enterprise", "merge", "view", "export", "run", "report", "key", "wave", "invitation",
    "submission", "flag", "query", "correction", "rule",
}  # fmt: skip
RAW_TOKEN = "0" * 40


class Caller:
    """An account in its programme `pi`, and how it calls an address with the things of a programme."""

    def __init__(self, site, *roles):
        self.site, self.account = site, site.account(*roles, programmes=("pi",))
        self.client = site.app.test_client()
        self.signed_in: bool | None = None  # with the password entered lately or long ago; None: not
        self.own = add_things(site, "pi", self.account)
        self.own |= add_own(site, self.account) | add_forms(site, self.account)

    def address(self, call, things):
        """Fill the names of an address in."""
        path = call.partition(" ")[2]
        if path.startswith("/account/sign-ins/<"):
            things = {**things, "key": things["sign_in"]}
        if path.startswith("/staff/<code>"):
            things = {**things, "code": things["account"]}
        if path.startswith(("/reset/", "/s/")):
            things = {**things, "token": things["reset" if path.startswith("/reset/") else "survey"]}
        if path.startswith("/instruments/"):
            things = {**things, "code": things["form"], "kind": "workbook"}
        if "/erased/" in path:
            things = {**things, "study_id": things["erased"]}
        things = {
            "field": "phone",
            "purpose": "survey",
            "month": "2026-01",
            "role": "trainer",
            "programme": "pi",
            "number": 1,
            **things,
        }
        return re.sub(NAME, lambda found: str(things[found[1]]), path)

    def call(self, call, things=None, *, signed_in=True, confirmed=True):
        """Call an address with a valid token and an empty form. What an earlier call did to the sign-in is forgotten."""
        if signed_in and self.signed_in != confirmed:
            self.site.sign_in(self.client, self.account, confirmed=confirmed)
            self.signed_in = confirmed
        if call.startswith(("POST /account", "POST /sign", "POST /confirm")):
            self.signed_in = None
        url = self.address(call, {**self.own, **(things or {})})
        if call.startswith("GET"):
            return self.client.get(url)
        return self.client.post(url, data={"csrf_token": form_token(self.site, self.client)})


def form_token(site, client):
    """Plant a token of forms in a browser and return what a form of it would carry."""
    with client.session_transaction() as session:
        session["csrf_token"] = RAW_TOKEN
    return URLSafeTimedSerializer(site.app.secret_key, salt="wtf-csrf-token").dumps(RAW_TOKEN)


def allowed(call, role):
    """Say whether the table lets a role call an address."""
    return CALLS[call] in (PUBLIC, SIGNED_IN) or role in ROLES_OF[CALLS[call]]


def names_of(call):
    """Return the names in an address that belong to a programme."""
    named = set(re.findall(NAME, call))
    return set() if re.search(r" /(staff|account|s|instruments)/", call) else named & OF_A_PROGRAMME


def calls_of(app) -> Iterator[tuple[str, object]]:
    """Yield every call that the application answers, with the mark of its view."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield f"{method} {rule.rule}", getattr(app.view_functions[rule.endpoint], "access", None)


@pytest.fixture(scope="module")
def app(tmp_path_factory, migrated_file):
    app = create_app(installation_settings(tmp_path_factory.mktemp("access"), f"sqlite:///{migrated_file}"))
    yield app
    app.extensions["evalapp.engine"].dispose()


def test_no_address_appears_vanishes_or_changes_hands_unnoticed(app):
    assert dict(calls_of(app)) == CALLS


def test_the_roles_of_a_permission_are_those_that_were_decided():
    assert {name: set(roles) for name, roles in PERMISSIONS.items()} == ROLES_OF
    assert set(EVERY_PROGRAMME) == SEE_EVERY_PROGRAMME
    assert set(ROLES) == set().union(*ROLES_OF.values())


def test_the_document_says_the_same():
    text = DOCUMENT.read_text(encoding="utf-8")
    written = re.findall(r"^\| ((?:GET|POST|GET, POST)) \| `(/[^`]*)` \| `([\w.]+)` \|", text, re.MULTILINE)
    assert {f"{method} {path}": access for methods, path, access in written for method in methods.split(", ")} == {
        call.replace(PURPOSES, "<purpose>").replace(FILES, "<kind>").replace("<int:", "<"): access for call, access in CALLS.items()
    }
    roles = re.findall(r"^\| `([\w.]+)` \| ([a-z_, ]+) \|$", text, re.MULTILINE)
    assert {name: set(holders.split(", ")) for name, holders in roles} == ROLES_OF


@pytest.mark.parametrize("role", ROLES)
def test_a_role_calls_what_is_its_own_and_nothing_else(site, role):
    caller = Caller(site, role)
    answers = {call: caller.call(call).status_code for call in CALLS}
    right = {}
    for call in CALLS:
        if not allowed(call, role):
            right[call] = {403}
        elif "/jobs/" in call and role not in SEE_JOBS:
            right[call] = {404}
        else:
            right[call] = {WITHOUT_FORM.get(call)} if call in WITHOUT_FORM else DONE
    assert {call: status for call, status in answers.items() if status not in right[call]} == {}
    with site.transaction() as db:
        refused = db.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "access_refused"))
    assert refused == sum(status == 403 for status in answers.values()), "whoever tries closed doors is in the audit log"


@pytest.mark.parametrize("role", ROLES)
def test_what_belongs_to_another_programme_is_not_there(site, role):
    caller = Caller(site, role)
    other = add_things(site, "other", site.account(OFFICER))
    found = {}
    for call in CALLS:
        names = names_of(call)
        if not names or not allowed(call, role):
            continue
        if role not in SEE_EVERY_PROGRAMME:
            found[call] = caller.call(call, {name: other[name] for name in (*names, "erased")}).status_code
        if "code" in names:
            for name in names - {"code"}:
                theirs = {name: other[name]} | ({"erased": other["erased"]} if name == "study_id" else {})
                found[f"{call}, their {name} in one's own"] = caller.call(call, theirs).status_code
    assert found or role == ADMINISTRATOR
    assert {call: status for call, status in found.items() if status != 404} == {}


def test_what_cannot_be_undone_asks_for_the_password_again(site):
    caller = Caller(site, OFFICER, ADMINISTRATOR, PRIVACY)
    asked = {call for call in CALLS if (caller.call(call, confirmed=False).location or "").startswith("/confirm?")}
    assert asked == CONFIRMED


def test_what_a_colleague_keeps_to_themselves_is_not_there(site):
    caller = Caller(site, OFFICER)
    colleague = site.account(OFFICER, programmes=("pi",))
    theirs = add_things(site, "other", colleague)
    site.sign_in(site.app.test_client(), colleague)
    with site.transaction() as db:
        theirs["sign_in"] = db.scalar(select(func.max(SignIn.id)))
        for table, name in (("identified_exports", "export"), ("saved_views", "view")):
            move = f"UPDATE {table} SET programme_id = (SELECT id FROM programmes WHERE code = 'pi') WHERE id = {theirs[name]}"
            db.connection().exec_driver_sql(move)
    calls = [call for call in CALLS if re.search(r"<int:(export|view|key)>", call) and allowed(call, OFFICER)]
    own = {"code": "pi", **{name: theirs[name] for name in ("export", "view", "sign_in")}}
    assert {call: caller.call(call, own).status_code for call in calls} == dict.fromkeys(calls, 404)


def test_a_report_that_is_not_released_is_not_there_for_funders(site):
    caller = Caller(site, FUNDER)
    with site.transaction() as db:
        db.connection().exec_driver_sql("UPDATE reports SET state = 'in_review'")
    calls = [call for call in CALLS if "<int:report>" in call and allowed(call, FUNDER)]
    assert {call: caller.call(call).status_code for call in calls} == dict.fromkeys(calls, 404)


def test_a_visitor_is_asked_to_sign_in(site):
    caller = Caller(site)
    for call, access in CALLS.items():
        answer = caller.call(call, signed_in=False)
        if access == PUBLIC:
            assert answer.status_code in DONE, call
        elif call.startswith("POST"):
            assert answer.status_code == 401, call
        else:
            assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), call


@pytest.mark.parametrize("owed", ["code", "second-factor"])
def test_an_account_that_is_half_signed_in_reaches_only_what_finishes_it(site, owed):
    caller = Caller(site, ADMINISTRATOR, OFFICER)
    with site.transaction() as db:
        if owed == "second-factor":
            db.connection().exec_driver_sql("UPDATE accounts SET totp_confirmed_at = NULL")
    for call in CALLS:
        site.sign_in(caller.client, caller.account)
        with site.transaction() as db:
            db.connection().exec_driver_sql("UPDATE sign_ins SET second_factor_at = NULL")
        answer = caller.call(call, signed_in=False)
        if call in UNFINISHED:
            assert answer.status_code in DONE, call
        else:
            assert answer.status_code == 303, call
            assert answer.location == ("/sign-in/code" if owed == "code" else "/account/second-factor"), call
