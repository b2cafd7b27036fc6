"""The settings of ODK Collect and KoboCollect as a code to scan: JSON, packed with zlib, written in base 64."""

from __future__ import annotations

import base64
import json
import zlib

import segno


def settings_text(server: str, username: str, password: str, account: str, project: str) -> str:
    """Return what the code holds. Sent forms are deleted from the device, and its forms are always those of the server."""
    settings = {
        "general": {
            "server_url": server,
            "username": username,
            "password": password,
            "metadata_username": account,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            "delete_send": True,
            "analytics": False,
        },
        "admin": {},
        "project": {"name": project},
    }
    packed = zlib.compress(json.dumps(settings, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return base64.b64encode(packed).decode()


def settings_image(text: str) -> str:
    """Return the code as an address of an image."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))
