"""Changing the keys that seal: a new one in use, everything sealed anew with it, the old ones retired."""
