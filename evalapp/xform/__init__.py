"""Forms: an XLSForm workbook in, a form that can be filled in out, and every fault of it named.

Read a workbook with `read_form`, keep its model as JSON, make a `Form` of it, and an `Instance` for every respondent. Nothing here
knows the web, the database or the settings. How it compares with ODK's own engine stands in docs/xform.md.
"""

from evalapp.xform.engine.answers import BadAnswer
from evalapp.xform.engine.choices import Offered
from evalapp.xform.engine.drafts import draft_json, read_draft
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.plan import Form
from evalapp.xform.engine.screens import Asked, asked
from evalapp.xform.engine.submission import read_submission, submission_xml
from evalapp.xform.engine.verdicts import Verdict
from evalapp.xform.faults import FormError, FormFault, RefusedForm
from evalapp.xform.model.form import Control, FormModel, Node
from evalapp.xform.model.stored import model_from_json, model_to_json
from evalapp.xform.read import ReadForm, read_form
from evalapp.xform.reading.archive import pack_folder

__all__ = [
    "Asked",
    "BadAnswer",
    "Control",
    "Form",
    "FormError",
    "FormFault",
    "FormModel",
    "Instance",
    "Node",
    "Offered",
    "ReadForm",
    "RefusedForm",
    "Verdict",
    "asked",
    "draft_json",
    "model_from_json",
    "model_to_json",
    "pack_folder",
    "read_draft",
    "read_form",
    "read_submission",
    "submission_xml",
]
