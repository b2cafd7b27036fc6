"""Release a frozen panel without identities: make its archive, keep it sealed for three days, and hand it over."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.fingerprint import canonical_json, sha256_of
from evalapp.core.language import LANGUAGES, Message
from evalapp.core.reasons import check_reason
from evalapp.panel.microdata.classify_variables import Protection, Variable
from evalapp.panel.microdata.deidentify import PERSON, Deidentified, deidentify
from evalapp.panel.microdata.files.archive import ReleaseTitle, release_archive
from evalapp.panel.microdata.files.risk_report import stored_report
from evalapp.panel.microdata.queries import can_be_fetched, release_context
from evalapp.panel.microdata.read_rows import SourceRows, read_rows
from evalapp.panel.microdata.tables import MicrodataRelease
from evalapp.panel.microdata.treat_values import Treated
from evalapp.panel.tables import PanelSnapshot
from evalapp.people.tables import Programme

KEPT_FOR = dt.timedelta(hours=72)
PERSON_LABEL = Message("Person: a random number of this release only")
ID_SIGNS = 12


def release_microdata(
    db: Session,
    programme: Programme,
    snapshot: PanelSnapshot,
    protection: Protection,
    *,
    reason: str,
    sensitive_reason: str = "",
    language: str = "en",
) -> MicrodataRelease:
    """Release a panel under a protection; refused while anybody is at risk, or without a reason for what is sensitive.

    `language` is that of the labels in files of Stata and SPSS.
    """
    said = check_reason(reason)
    source = read_rows(db, programme, snapshot)
    said_for_sensitive = _reason_for_sensitive(source, protection, sensitive_reason)
    found = deidentify(source, protection)
    _demand_hidden(found)
    leaving = with_random_ids(found)
    title = ReleaseTitle(programme.code, {"ko": programme.name_ko, "en": programme.name_en}, snapshot.sha256)
    content = release_archive(leaving, title, language)
    drop_expired(db)
    release = MicrodataRelease(
        programme_id=programme.id,
        snapshot_id=snapshot.id,
        content_sealed=_sealed(db, content),
        sha256=sha256_of(content),
        protection=canonical_json(protection_facts(protection, source.variables)),
        report=canonical_json(stored_report(found)),
        people=found.risk.people,
        rows=len(found.people),
        variables=len(leaving.columns),
        reason=said,
        sensitive_reason=said_for_sensitive or None,
        released_by=actor_of(db).account,
        released_at=now(),
        expires_at=now() + KEPT_FOR,
        downloads=0,
    )
    db.add(release)
    db.flush()
    facts = {"programme": programme.code, "snapshot": snapshot.id, "k": protection.k, **_counts(release)}
    record_entry(db, "microdata_released", "microdata_release", release.id, after=facts, reason=said)
    return release


def fetch_release(db: Session, release: MicrodataRelease) -> bytes:
    """Return the archive of a release, and write down that it was fetched."""
    if not can_be_fetched(release) or release.content_sealed is None:
        raise AppError(Message("The time to fetch this release is over. Release the panel again."))
    content = base64.b64decode(keys_of(db).open(release.content_sealed, release_context(release.sha256)))
    release.downloads, release.downloaded_at = release.downloads + 1, now()
    record_entry(db, "microdata_downloaded", "microdata_release", release.id, after=_counts(release), reason=release.reason)
    return content


def drop_expired(db: Session) -> None:
    """Throw away the archives whose time is over; what was released, why and by whom stays."""
    over = update(MicrodataRelease).where(MicrodataRelease.expires_at <= now(), MicrodataRelease.content_sealed.is_not(None))
    db.execute(over.values(content_sealed=None))


def with_random_ids(found: Deidentified) -> Deidentified:
    """Return a panel with a random number for each person, sorted by it.

    The numbers are keyed hashes of study IDs under a key that is made here and kept nowhere: nobody can make them again.
    """
    key = secrets.token_bytes(32)
    ids = {study_id: _random_id(key, study_id) for study_id in found.people.unique()}
    people = found.people.map(ids)
    order = people.sort_values(kind="stable").index
    label = {language: PERSON_LABEL.within(language) for language in LANGUAGES}
    person = Treated(PERSON, label, people, Message("Instead of the study ID"))
    columns = tuple(
        replace(column, entries=column.entries.loc[order].reset_index(drop=True)) for column in (person, *found.columns)
    )
    return replace(found, columns=columns, people=columns[0].entries)


def _random_id(key: bytes, study_id: str) -> str:
    return f"P{hmac.new(key, study_id.encode(), hashlib.sha256).hexdigest()[:ID_SIGNS].upper()}"  # never read as a number


def _reason_for_sensitive(source: SourceRows, protection: Protection, reason: str) -> str:
    if not any(variable.sdc_class == "sensitive" and protection.releases(variable) for variable in source.variables):
        return ""
    if not reason.strip():
        raise AppError(Message("Say why the sensitive variables are needed, or leave them out."))
    return check_reason(reason)


def _demand_hidden(found: Deidentified) -> None:
    if not found.risk.people:
        raise AppError(
            Message("Nobody is left who agreed that data are shared and who can be hidden: there is nothing to release.")
        )
    if not found.may_leave:
        raise AppError(
            Message(
                "%(count)s people stand among fewer than %(k)s. Make bands wider, leave a variable out, or withhold values.",
                count=found.risk.at_risk,
                k=found.risk.k,
            )
        )


def protection_facts(protection: Protection, variables: tuple[Variable, ...]) -> dict[str, object]:
    """Return a protection as plain data; only variables that the panel has."""
    names = [variable.name for variable in variables]
    return {
        "k": protection.k,
        "band_years": protection.band_years,
        "suppress": protection.suppress,
        **{kind: [name for name in names if name in getattr(protection, kind)] for kind in ("counted", "sensitive", "left_out")},
    }


def _counts(release: MicrodataRelease) -> dict[str, object]:
    return {"people": release.people, "rows": release.rows, "variables": release.variables, "sha256": release.sha256}


def _sealed(db: Session, content: bytes) -> str:
    return keys_of(db).seal(base64.b64encode(content).decode(), release_context(sha256_of(content)))
