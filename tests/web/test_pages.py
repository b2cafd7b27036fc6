"""The pages anyone may open, without a browser."""

import io

import pytest

from evalapp.app import create_app
from evalapp.core.migrate import upgrade
from tests.installation import installation_settings
from tests.web.site import send


@pytest.fixture
def app(tmp_path):
    url = f"sqlite:///{tmp_path / 'web.db'}"
    upgrade(url)
    return create_app(installation_settings(tmp_path, url, "ko"))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/reports/verify"])
@pytest.mark.parametrize(("language", "word"), [("ko", "보고서"), ("en", "report")])
def test_a_page_speaks_the_visitors_language(client, path, language, word):
    page = client.get(path, headers={"Accept-Language": language})
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert word in page.text.lower()


def test_a_visitor_who_states_no_preference_reads_the_installations_language(client):
    assert '<html lang="ko">' in client.get("/").text


def test_a_chosen_language_is_kept_and_leads_back_to_the_page(client):
    answer = send(client, "/language", {"language": "en", "back": "/reports/verify"}, page="/")
    assert (answer.status_code, answer.location) == (303, "/reports/verify")
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "ko"}).text


def test_the_language_form_cannot_send_a_visitor_elsewhere(client):
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "evil"):
        assert send(client, "/language", {"language": "en", "back": elsewhere}, page="/").location == "/"
    assert "language=" not in str(send(client, "/language", {"language": "xx<script>"}, page="/").headers.getlist("Set-Cookie"))


def test_every_answer_carries_the_security_headers(client):
    for path in ("/", "/nowhere", "/static/page.css", "/tokens.css"):
        with client.get(path) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_page_is_a_page_too(client):
    page = client.get("/nowhere", headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert "This page does not exist" in page.text


def test_a_strange_file_is_not_one_of_ours(client):
    answer = send(
        client, "/reports/verify", {"report": (io.BytesIO(b"%PDF-1.7 strange"), "x.pdf")}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 200
    assert "Not a report of ours" in answer.text


def test_no_file_is_a_refused_form_that_names_the_field(client):
    answer = send(client, "/reports/verify", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert 'href="#report"' in answer.text


def test_a_file_that_is_too_large_is_refused_in_words(client):
    huge = b"0" * (20 * 1024 * 1024 + 4096)
    form = {"content_type": "multipart/form-data; boundary=x", "headers": {"Accept-Language": "en"}}
    answer = client.post("/reports/verify", data=huge, **form)
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_health_answers_and_says_nothing_else(client):
    assert client.get("/health").json == {"status": "ok"}


def test_a_broken_database_shows_no_detail(tmp_path):
    app = create_app(installation_settings(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}"))
    answer = app.test_client().get("/health")
    assert answer.status_code == 500
    assert "reports" not in answer.text.replace("/reports/verify", "")
    assert "sqlite" not in answer.text.lower()
