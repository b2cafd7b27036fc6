"""Installations to open pages of, one on each kind of database, each test on a copy of a migrated one."""

from __future__ import annotations

import itertools
import shutil
import threading

import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy import NullPool, create_engine, text
from werkzeug.serving import make_server

from evalapp.app import create_app
from evalapp.core.migrate import upgrade
from tests.installation import installation_settings
from tests.web.browsing import PROGRAM, Served, launch_options
from tests.web.site import Site

NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("migrated") / "site.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_server(postgres_url):
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE site_template"))
    upgrade(postgres_url.rsplit("/", 1)[0] + "/site_template")
    return engine


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request, tmp_path):
    """A site of its own for each test."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "site.db")
        url = f"sqlite:///{tmp_path / 'site.db'}"
    else:
        server = request.getfixturevalue("migrated_server")
        name = f"site_{next(NUMBERS)}"
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE site_template"))
        url = server.url.set(database=name).render_as_string(hide_password=False)
    app = create_app(installation_settings(tmp_path, url))
    yield Site(app)
    app.extensions["evalapp.engine"].dispose()


@pytest.fixture(scope="session")
def browser():
    """One browser for the whole run; each tab has a profile of its own."""
    if PROGRAM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def served(browser, migrated_file, tmp_path):
    """A site that listens, for `served.page(role, ...)`; what a page shows does not depend on the kind of database."""
    shutil.copy(migrated_file, tmp_path / "served.db")
    app = create_app(installation_settings(tmp_path, f"sqlite:///{tmp_path / 'served.db'}"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    served = Served(Site(app), f"http://127.0.0.1:{server.port}", browser)
    yield served
    served.close()
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["evalapp.engine"].dispose()
