"""Devices: what ODK Collect and its kin ask of us, and the pages on which officers and interviewers look after them."""

from __future__ import annotations

from evalapp.web.openrosa import devices, protocol, unplaced

# Each of these puts its pages on a blueprint when it is imported.
PAGES = (devices, protocol, unplaced)
