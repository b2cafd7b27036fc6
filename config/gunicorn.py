"""Gunicorn: two plain worker processes, which carry SQLite best (threads halve the throughput)."""

bind = "127.0.0.1:8000"
workers = 2
worker_class = "sync"
timeout = 60
