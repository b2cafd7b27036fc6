"""Gunicorn: two plain worker processes, which carry SQLite best (threads halve the throughput)."""

from typing import Any

bind = "127.0.0.1:8000"
workers = 2
worker_class = "sync"
timeout = 60
preload_app = True  # loaded once and shared: half the memory, and one secret key where none is set

control_socket_disable = True  # a door nobody uses
forwarded_allow_ips = ""  # EVALAPP_PROXIES alone says whose word about TLS counts

# No address, no query and no body: an address may hold a study ID or a secret link. The request's number leads to the audit log.
accesslog = "-"
access_log_format = "%(t)s %(m)s %({evalapp.route}e)s %(s)s %(B)s %(M)sms %({evalapp.request}e)s"


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - the hook's signature
    """Give every process connections of its own: two processes must never share one."""
    worker.app.wsgi().extensions["evalapp.engine"].dispose(close=False)
