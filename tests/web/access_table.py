"""Who may call what, written by hand and on purpose a second time.

A slip in `evalapp.accounts.permissions`, in the mark of a view or in `docs/security/access.md` shows as a difference.
"""

from __future__ import annotations

import re

PUBLIC, SIGNED_IN, DEVICE = "public", "signed_in", "device"
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
    "cohort.manage": {OFFICER},
    "training.view": {OFFICER, ANALYST},
    "attendance.mark": {OFFICER, TRAINER},
    "fidelity.record": {OFFICER, TRAINER},
    "calendar.subscribe": {TRAINER},
    "assignment.view": {OFFICER, ANALYST},
    "assignment.manage": {OFFICER},
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
    "microdata.view": {OFFICER, ANALYST, PRIVACY},
    "microdata.release": {ANALYST},
    "audit.review": {PRIVACY, ADMINISTRATOR},
    "retention.manage": {PRIVACY},
    "request.handle": {PRIVACY},
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
PAPER = "/programmes/<code>/interviews/paper"
ENTRY = f"{PAPER}/<int:entry>"
REQUEST = "/requests/<int:asked>"
REVIEW = "/programmes/<code>/review"
SUBMISSION = f"{REVIEW}/<int:submission>"
DRAFT = "/instrument-drafts/<int:draft>"
FORM = "/instruments/<code>/<version>"
FILES = "<any('workbook', 'xlsform', 'xform', 'codebook-xlsx', 'codebook-json', 'redcap'):kind>"
PURPOSES = "<any(survey, linkage, quotation, recontact, training, sharing):purpose>"
EXPORT = "/programmes/<code>/exports/<int:export>"
COHORTS = "/programmes/<code>/cohorts"
COHORT = f"{COHORTS}/<cohort>"
SESSIONS = f"{COHORT}/sessions"
SESSION = f"{SESSIONS}/<int:number>"
ATTENDANCE = f"{SESSION}/attendance"
RATINGS = f"{COHORT}/ratings/<any(start, end):occasion>/<int:place>"
CLOSED_DAYS = "/programmes/<code>/closed-days"
CURRICULUM = "/programmes/<code>/curriculum"
MODULE = f"{CURRICULUM}/modules/<module>"
TRAINERS = "/programmes/<code>/trainers"
ASSIGNMENTS = "/programmes/<code>/assignments"
ASSIGNMENT = f"{ASSIGNMENTS}/<assignment>"
MICRODATA = "/programmes/<code>/microdata"
PANEL = f"{MICRODATA}/panels/<int:snapshot>"
OWN_PURPOSE = f"/me/withdraw/<int:own_programme>/{PURPOSES}"
OWN_KINDS = "<any(access, correction, restriction, erasure):kind>"
OWN_KIND = f"/me/ask/{OWN_KINDS}"
DEVICES = "/programmes/<code>/devices"
UNPLACED = f"{DEVICES}/unplaced/<int:interview>"
OPENROSA = "/openrosa/<code>"
FETCHED = f"{OPENROSA}/forms/<form_id>/<version>"
ACCESS = {
    DEVICE: (
        f"GET {OPENROSA}/formList", f"GET {FETCHED}.xml", f"GET {FETCHED}/manifest", f"GET {FETCHED}/files/<name>",
        f"POST {OPENROSA}/submission", f"GET {OPENROSA}/", f"POST {OPENROSA}/", f"GET {OPENROSA}/<path:rest>",
        f"POST {OPENROSA}/<path:rest>",
    ),
    PUBLIC: (
        "GET /", "GET /health", "POST /language", "POST /theme", "GET /reports/verify", "POST /reports/verify", "GET /tokens.css",
        "GET /sign-in", "POST /sign-in", "POST /sign-out", "GET /join/<token>", "POST /join/<token>", "GET /reset/<token>",
        "POST /reset/<token>", "GET /styleguide", "GET /styleguide/swatches.css", "POST /styleguide/message",
        "GET /s/<token>", "POST /s/<token>", "POST /s/<token>/code", "GET /s/begin", "POST /s/begin", "POST /s/answer",
        "GET /s/answer/<int:number>", "GET /s/check", "POST /s/hand-in", "GET /s/thanks", "GET /s/leave", "GET /s/decline",
        "POST /s/decline", "GET /s/declined",
        "GET /me", "POST /me", "GET /me/<token>", "POST /me/<token>", "POST /me/leave", f"GET {OWN_PURPOSE}", f"POST {OWN_PURPOSE}",
        "POST /me/surveys/<int:invitation>", f"GET {OWN_KIND}", f"POST {OWN_KIND}", "GET /calendars/<token>.ics",
    ),
    SIGNED_IN: (
        "GET /work", "GET /sign-in/code", "POST /sign-in/code", "GET /confirm", "POST /confirm", "GET /account",
        "POST /account/language", "GET /account/password", "POST /account/password", "GET /account/recovery-codes",
        "POST /account/recovery-codes", "GET /account/second-factor", "POST /account/second-factor",
        "GET /account/second-factor/replace", "POST /account/second-factor/replace", "POST /account/sign-ins/<int:key>/end",
        "POST /account/sign-ins/end-others", "GET /account/name", "POST /account/name", "GET /account/email", "POST /account/email",
        "GET /account/email/<token>", "POST /account/email/<token>", "GET /jobs/<key>", "GET /jobs/<key>/progress",
        "POST /jobs/<key>/cancel",
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
        f"GET {DEVICES}", f"GET {DEVICES}/new", f"POST {DEVICES}/new", f"GET {DEVICES}/<int:device>",
        f"POST {DEVICES}/<int:device>/revoke",
        f"GET {PAPER}", f"GET {WAVE}/paper", f"POST {WAVE}/paper/agreeing", f"GET {WAVE}/paper/<study_id>",
        f"POST {WAVE}/paper/<study_id>", f"GET {ENTRY}/answer/<int:number>", f"POST {ENTRY}/answer", f"GET {ENTRY}/check",
        f"POST {ENTRY}/finish", f"GET {ENTRY}/leave", f"GET {ENTRY}/drop", f"POST {ENTRY}/drop", f"GET {PAPER}/forms/<int:paper>",
        f"POST {PAPER}/forms/<int:paper>",
    ),
    "attendance.mark": (f"GET {ATTENDANCE}", f"POST {ATTENDANCE}", f"POST {ATTENDANCE}/taps", f"GET {ATTENDANCE}/marks"),
    "calendar.subscribe": ("GET /calendar", "POST /calendar", "POST /calendar/end"),
    "fidelity.record": (
        f"GET {SESSION}/fidelity", f"POST {SESSION}/fidelity", f"GET {COHORT}/ratings", f"GET {RATINGS}", f"POST {RATINGS}",
    ),
    "cohort.view": (
        f"GET {COHORTS}", f"GET {COHORT}", f"GET {CURRICULUM}", f"GET {CURRICULUM}/file", f"GET {SESSIONS}", f"GET {SESSIONS}/calendar.ics",
        f"GET {SESSION}",
    ),
    "training.view": (f"GET {TRAINERS}", f"GET {COHORT}/matrix", f"POST {COHORT}/matrix/file", f"GET {COHORT}/matrix/process"),
    "cohort.manage": (
        f"GET {COHORTS}/new", f"POST {COHORTS}/new", f"GET {COHORTS}/stages", f"POST {COHORTS}/stages", f"GET {COHORTS}/applicants",
        f"GET {COHORT}/edit", f"POST {COHORT}/edit", f"GET {COHORT}/completion", f"POST {COHORT}/completion",
        f"GET {CURRICULUM}/import", f"POST {CURRICULUM}/import", f"GET {CURRICULUM}/template", f"POST {CURRICULUM}/template",
        f"GET {CURRICULUM}/new-module", f"POST {CURRICULUM}/new-module", f"GET {MODULE}", f"POST {MODULE}", f"POST {MODULE}/move",
        f"POST {MODULE}/retire", f"GET {MODULE}/new-item", f"POST {MODULE}/new-item", f"GET {MODULE}/items/<item>",
        f"POST {MODULE}/items/<item>", f"POST {MODULE}/items/<item>/move", f"POST {MODULE}/items/<item>/retire",
        f"GET {TRAINERS}/new", f"POST {TRAINERS}/new", f"GET {TRAINERS}/<trainer>", f"POST {TRAINERS}/<trainer>",
        f"GET {SESSIONS}/schedule", f"POST {SESSIONS}/schedule", f"GET {SESSIONS}/new", f"POST {SESSIONS}/new", f"GET {SESSION}/edit",
        f"POST {SESSION}/edit", f"GET {SESSION}/cancel", f"POST {SESSION}/cancel", f"GET {SESSION}/make-up", f"POST {SESSION}/make-up",
        f"GET {SESSION}/substitute", f"POST {SESSION}/substitute", f"POST {SESSION}/trainers", f"POST {SESSION}/trainers/remove",
        f"GET {CLOSED_DAYS}", f"POST {CLOSED_DAYS}", f"POST {CLOSED_DAYS}/open",
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
        f"GET {SUBMISSION}/paper",
        f"GET {SUBMISSION}", f"POST {SUBMISSION}/decide", f"POST {REVIEW}/approve", f"GET {SUBMISSION}/answers/<variable>",
        f"POST {SUBMISSION}/answers/<variable>/ask", f"GET {SUBMISSION}/back-check", f"POST {SUBMISSION}/back-check",
        f"GET {SUBMISSION}/flags/<int:flag>/clear", f"POST {SUBMISSION}/flags/<int:flag>/clear",
        f"POST {SUBMISSION}/queries/<int:query>/reply", f"POST {SUBMISSION}/queries/<int:query>/close",
        f"GET {DEVICES}/unplaced", f"GET {UNPLACED}", f"POST {UNPLACED}/place", f"POST {UNPLACED}/reject",
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
    "request.handle": (
        "GET /requests", f"GET {REQUEST}", f"POST {REQUEST}/decision", f"POST {REQUEST}/password", f"POST {REQUEST}/download",
    ),
    "assignment.view": (
        f"GET {ASSIGNMENTS}", f"GET {ASSIGNMENT}", f"GET {ASSIGNMENT}/pool", f"GET {ASSIGNMENT}/preview", f"GET {ASSIGNMENT}/replay",
        f"GET {ASSIGNMENT}/record/<any(ko, en):language>",
    ),
    "assignment.manage": (
        f"GET {ASSIGNMENTS}/new", f"POST {ASSIGNMENTS}/new", f"GET {ASSIGNMENT}/edit", f"POST {ASSIGNMENT}/edit", f"POST {ASSIGNMENT}/drop",
        f"POST {ASSIGNMENT}/pool", f"GET {ASSIGNMENT}/pool/<study_id>", f"POST {ASSIGNMENT}/pool/<study_id>", f"POST {ASSIGNMENT}/freeze",
        f"POST {ASSIGNMENT}/thaw", f"GET {ASSIGNMENT}/design", f"POST {ASSIGNMENT}/design", f"GET {ASSIGNMENT}/draw",
        f"POST {ASSIGNMENT}/draw",
        f"GET {ASSIGNMENT}/decisions", f"POST {ASSIGNMENT}/decisions", f"GET {ASSIGNMENT}/lock", f"POST {ASSIGNMENT}/lock",
        f"POST {ASSIGNMENT}/record", f"POST {ASSIGNMENT}/pool/<study_id>/remove",
    ),
    "microdata.view": (f"GET {MICRODATA}", f"GET {MICRODATA}/<int:release>"),
    "microdata.release": (
        f"POST {MICRODATA}/panels", f"GET {PANEL}", f"POST {PANEL}", f"POST {MICRODATA}/<int:release>/download",
    ),
    "audit.review": (
        "GET /audit", "POST /audit/file", "GET /audit/check", "POST /audit/check", "GET /audit/months", "GET /audit/months/<month>",
        "POST /audit/months/<month>",
    ),
    "account.manage": (
        "GET /staff", "GET /staff/invite", "POST /staff/invite", "GET /staff/<code>", "POST /staff/<code>/roles",
        "POST /staff/<code>/roles/<role>/revoke", "POST /staff/<code>/programmes", "POST /staff/<code>/programmes/<programme>/end",
        "POST /staff/<code>/suspend", "POST /staff/<code>/reactivate", "POST /staff/<code>/link", "POST /staff/<code>/sign-ins/end",
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
# With an empty form, without an earlier version or a form on paper, there is nothing to hand over, to name or to compare with.
WITHOUT_FORM = {
    f"POST {EXPORT}/download": 404,
    "POST /staff/<code>/programmes": 404,
    f"GET {FORM}/comparison": 404,
    f"GET {SUBMISSION}/paper": 404,
    f"POST {REQUEST}/download": 404,
    f"POST {SESSION}/trainers/remove": 404,
}
SEE_JOBS = {OFFICER, ANALYST}
# What asks for the password again unless it was entered a moment ago.
CONFIRMED = {
    "POST /account/recovery-codes", "GET /account/second-factor/replace", "POST /account/second-factor/replace",
    f"GET {DEVICES}/new", f"POST {DEVICES}/new",
    f"GET {PERSON}/erase", f"POST {PERSON}/erase", f"POST {EXPORT}/password", f"POST {EXPORT}/download",
    f"POST {REQUEST}/password", f"POST {REQUEST}/download",
    "POST /reports/<int:report>/release", "POST /reports/<int:report>/withdraw", "POST /audit/file", f"POST {PANEL}",
    f"POST {MICRODATA}/<int:release>/download", f"POST {ASSIGNMENT}/draw", f"POST {ASSIGNMENT}/lock",
    *(call for call in ACCESS["account.manage"] if call not in ("GET /staff", "GET /staff/<code>")),
}  # fmt: skip
NAME = re.compile(r"<(?:[^<>]+:)?(\w+)>")
OF_A_PROGRAMME = {
    "code", "study_id", "first", "second", "enterprise", "merge", "view", "export", "run", "report", "key", "wave", "invitation",
    "submission", "flag", "query", "correction", "rule", "snapshot", "release", "entry", "paper",
    "device", "interview", "cohort", "trainer", "module", "item", "assignment", "place",
}  # fmt: skip
