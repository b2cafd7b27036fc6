"""Slow work in the background: queued with the request, done by a worker, resumed when a worker dies."""
