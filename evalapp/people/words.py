"""What people read for the codes that are stored: purposes, channels, outcomes, reasons, events. A form offers them in this order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message

PURPOSES: Final[Mapping[str, Message]] = {
    "survey": Message("Answers to surveys"),
    "linkage": Message("Linkage with other records"),
    "quotation": Message("Quotation of own words"),
    "recontact": Message("Being contacted again"),
    "training": Message("Records of the training"),
    "sharing": Message("Sharing of data without identities"),
}
CONSENT_STATES: Final[Mapping[str, Message]] = {
    "not_asked": Message("not asked"),
    "requested": Message("asked, no answer yet"),
    "given": Message("given"),
    "renewed": Message("renewed"),
    "refused": Message("refused"),
    "withdrawn": Message("withdrawn"),
    "expired": Message("expired"),
}
WITHDRAWAL_REASONS: Final[Mapping[str, Message]] = {
    "not_said": Message("No reason given"),
    "no_longer_wishes": Message("Does not wish to take part any more"),
    "privacy": Message("Worried about privacy"),
    "burden": Message("Too much effort"),
    "safety": Message("Worried about safety of self or family"),
    "moved": Message("Moved away"),
    "other": Message("Another reason"),
}
CHANNELS: Final[Mapping[str, Message]] = {
    "phone": Message("Telephone"),
    "kakaotalk": Message("KakaoTalk"),
    "sms": Message("Text message"),
    "email": Message("E-mail"),
    "visit": Message("Visit"),
}
OUTCOMES: Final[Mapping[str, Message]] = {
    "complete": Message("Complete"),
    "partial_cut_off": Message("Partial: cut off"),
    "partial_refused": Message("Partial: refused midway"),
    "appointment": Message("Appointment made"),
    "no_answer": Message("Nobody answered"),
    "not_available": Message("Person not available"),
    "switched_off": Message("Telephone switched off"),
    "network_failure": Message("Network failure"),
    "unreachable": Message("Cannot be reached at present"),
    "invalid_number": Message("Number does not exist"),
    "wrong_person": Message("Wrong person"),
    "refused": Message("Refused"),
    "message_sent": Message("Message sent"),
}
EXIT_REASONS: Final[Mapping[str, Message]] = {
    "withdrawn": Message("Withdrew from the programme"),
    "moved": Message("Moved away"),
    "unreachable": Message("Cannot be reached any more"),
    "ineligible": Message("Does not meet the conditions"),
    "died": Message("Died"),
}
RECRUITMENT: Final[Mapping[str, Message]] = {
    "staff_contact": Message("Contact by staff"),
    "website": Message("Website"),
    "word_of_mouth": Message("Word of mouth"),
}
EVENTS: Final[Mapping[str, Message]] = {
    "opened": Message("Opened"),
    "registered": Message("Registered as a business"),
    "industry_changed": Message("Changed its industry"),
    "closed": Message("Closed"),
    "reopened": Message("Opened again"),
}
INDUSTRY_WORDS: Final[Mapping[str, Message]] = {
    "agriculture": Message("Agriculture"),
    "fisheries": Message("Fisheries"),
    "mining": Message("Mining"),
    "lumber": Message("Lumber"),
    "catering": Message("Catering"),
    "retail": Message("Retail"),
    "distribution": Message("Distribution"),
    "haulage": Message("Haulage"),
    "individual_services": Message("Individual services"),
    "wholesale": Message("Wholesale"),
    "trade": Message("Trade"),
    "manufacturing": Message("Manufacturing"),
    "industrial_services": Message("Industrial services"),
    "education": Message("Education"),
    "entertainment": Message("Entertainment and sports"),
    "lodging": Message("Lodging"),
    "other": Message("Other"),
}
PERSON_COLUMNS: Final[Mapping[str, Message]] = {
    "name": Message("Name"),
    "phone": Message("Telephone"),
    "email": Message("E-mail"),
    "birth_date": Message("Birth date"),
    "address": Message("Address"),
    "recruitment_channel": Message("How the person came"),
    "enterprise_name": Message("Enterprise"),
    "registration_number": Message("Business registration number"),
    "industry": Message("Industry"),
}
REQUEST_KINDS: Final[Mapping[str, Message]] = {
    "access": Message("See one's data"),
    "correction": Message("Have data mended"),
    "restriction": Message("Stop the use of data"),
    "erasure": Message("Be forgotten"),
}
REQUEST_STATES: Final[Mapping[str, Message]] = {
    "open": Message("not settled yet"),
    "done": Message("settled"),
    "refused": Message("request refused"),
}
ERASURES: Final[Mapping[str, Message]] = {
    "identity_only": Message("Remove the identity, keep the answers under the study ID"),
    "everything": Message("Remove everything"),
}
BELONGINGS: Final[Mapping[str, Message]] = {
    "answers": Message("answers to questions"),
    "assignment_members": Message("places in pools of assignments"),
    "attendance": Message("attendance"),
    "attendance_notes": Message("notes on attendance"),
    "attendance_taps": Message("marks of attendance as they were sent"),
    "consents": Message("consents"),
    "contact_attempts": Message("contact attempts"),
    "contact_notes": Message("notes of contacts"),
    "invitations": Message("invitations to surveys"),
    "enrolment_steps": Message("steps of the training"),
    "enrolments": Message("enrolments in a cohort"),
    "enterprise_events": Message("events of enterprises"),
    "enterprises": Message("enterprises"),
    "identity_fields": Message("fields of identity"),
    "paper_entries": Message("entries of paper forms"),
    "own_page_accesses": Message("sign-ins to the own page"),
    "paper_forms": Message("paper forms"),
    "openrosa_files": Message("logs of interviews on a device"),
    "openrosa_instances": Message("interviews sent by a device"),
    "programme_exits": Message("exits from a programme"),
    "registrations": Message("registrations"),
    "study_id_aliases": Message("identifiers from elsewhere"),
    "submissions": Message("submissions"),
}
