"""The HTTP client over loopback: limits, failures, Retry-After, which hosts are called."""

from __future__ import annotations

import contextlib
import socket
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Outcome
from evcli.delivery.api_destinations import client
from evcli.delivery.api_destinations.client import (
    LIMIT_SECONDS,
    MAX_BODY_BYTES,
    HttpRequest,
    HttpResponse,
    read_retry_after,
    send,
)
from evcli.delivery.api_destinations.urls import find_address
from evcli.errors import ConfigurationError
from evcli.store.directory.configuration_file import (
    read_configuration,
    write_configuration,
)
from tests.delivery.listener import HANG, Listener, make_answer
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)


def make_request(
    body: bytes | None = b"x", url: str = "https://api.example.test/p?q=1"
) -> HttpRequest:
    headers = [("Host", "api.example.test"), ("X-Name", "Zoë")]
    if body is not None:
        headers.append(("Content-Length", str(len(body))))
    return HttpRequest("POST", url, headers, body)


def fail(result: HttpResponse | Outcome) -> tuple[str | None, str | None, bool]:
    assert isinstance(result, Outcome)
    return result.error_code, result.message, result.retry


def test_the_limit_is_five_seconds() -> None:  # [doc]
    assert LIMIT_SECONDS == 5


def test_a_request_is_sent_as_it_is_and_no_header_added(listener: Listener) -> None:
    answer = send(make_request(), listener.url)

    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.body) == (200, b"")
    assert listener.texts == [
        "POST /p?q=1 HTTP/1.1\r\nHost: api.example.test\r\nX-Name: Zoë\r\n"
        "Content-Length: 1\r\n\r\nx"
    ]


def test_a_request_without_body_ends_with_its_headers(listener: Listener) -> None:
    send(make_request(None, "https://api.example.test"), listener.url)

    assert listener.texts == [
        "POST / HTTP/1.1\r\nHost: api.example.test\r\nX-Name: Zoë\r\n\r\n"
    ]


@pytest.fixture
def no_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no names here")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_resolver")
@pytest.mark.parametrize("host", ["localhost", "api.localhost", "a.b.localhost"])
def test_localhost_is_this_machine_whatever_a_resolver_says(
    listener: Listener, host: str
) -> None:
    answer = send(make_request(), f"http://{host}:{listener.port}")

    assert isinstance(answer, HttpResponse)
    assert answer.status == 200
    assert find_address({}, f"http://{host}:1/p") == f"http://{host}:1"


@pytest.mark.usefixtures("no_resolver")
def test_localhost_tries_its_next_address_when_the_first_refuses(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As for a server that listens on ::1 alone, the other way round.
    addresses = [*reversed(client.LOOPBACK_ADDRESSES)]
    monkeypatch.setattr(client, "LOOPBACK_ADDRESSES", addresses)

    answer = send(make_request(), f"http://localhost:{listener.port}")

    assert isinstance(answer, HttpResponse)
    assert addresses == [(socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")]


@pytest.mark.usefixtures("no_resolver")
def test_a_port_of_localhost_that_nobody_listens_on_refuses(
    listener: Listener,
) -> None:
    url = f"http://localhost:{listener.port}"
    listener.close()

    assert fail(send(make_request(), url)) == (
        "CONNECTION_FAILURE",
        f"The call to {url} failed: Connection refused.",
        True,
    )


def test_a_redirect_is_an_answer_and_not_followed(listener: Listener) -> None:
    listener.answers = [make_answer("302 Found", location=f"{listener.url}/other")]

    answer = send(make_request(), listener.url)

    assert isinstance(answer, HttpResponse)
    assert answer.status == 302
    assert len(listener.requests) == 1


def test_no_more_than_a_mebibyte_of_an_answer_is_read(listener: Listener) -> None:
    listener.answers = [make_answer(body="a" * (MAX_BODY_BYTES + 10))]

    answer = send(make_request(), listener.url)

    assert isinstance(answer, HttpResponse)
    assert len(answer.body) == MAX_BODY_BYTES == 1_048_576


def test_a_body_that_breaks_off_leaves_the_status(listener: Listener) -> None:
    listener.answers = [b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nabc"]

    answer = send(make_request(), listener.url)

    assert isinstance(answer, HttpResponse)
    assert answer.status == 202


def test_a_server_that_takes_too_long_is_a_timeout(listener: Listener) -> None:
    listener.answers = [HANG]

    result = send(make_request(), listener.url, 0.2)

    assert fail(result) == ("TIMEOUT", "No complete answer within 0.2 s.", True)


def test_a_server_that_drips_is_a_timeout_all_the_same() -> None:
    # Each byte comes in time; the whole does not.
    with socket.create_server(("127.0.0.1", 0)) as server:
        import threading

        def drip() -> None:
            line, _ = server.accept()
            with line, contextlib.suppress(OSError):
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n")
                # Until the caller is gone.
                while True:
                    line.sendall(b"a")
                    time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        result = send(make_request(), url, 0.3)

        thread.join(PATIENCE_SECONDS)
    assert fail(result) == ("TIMEOUT", "No complete answer within 0.3 s.", True)


def test_nobody_listening_is_a_connection_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

    result = send(make_request(), url)

    assert fail(result) == (
        "CONNECTION_FAILURE",
        f"The call to {url} failed: Connection refused.",
        True,
    )


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 x\r\n\r\n"])
def test_what_is_no_http_answer_is_a_connection_failure(
    listener: Listener, answer: bytes
) -> None:
    listener.answers = [answer]

    code, message, retry = fail(send(make_request(), listener.url))

    assert (code, retry) == ("CONNECTION_FAILURE", True)
    assert "nonsense" not in str(message)


def test_an_address_whose_port_is_none_is_a_connection_failure() -> None:
    result = send(make_request(), "http://127.0.0.1:99999")

    assert fail(result) == (
        "CONNECTION_FAILURE",
        "http://127.0.0.1:99999 is no address.",
        True,
    )


def test_a_request_that_http_does_not_allow_is_not_told_on() -> None:
    request = HttpRequest("POST", "https://a.test/", [("X", "s3cret\r\nY: 1")], b"")
    server = Listener()

    result = send(request, server.url)

    server.close()
    assert fail(result) == (
        "INVALID_PARAMETER",
        "The request has characters that HTTP does not allow.",
        False,
    )


# -- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that signs itself, in one file."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "evcli test")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure_listener(certificate: Path) -> Iterator[Listener]:
    server = Listener(certificate)
    yield server
    server.close()


def test_https_is_spoken_with_whom_the_machine_trusts(
    secure_listener: Listener, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    answer = send(make_request(), secure_listener.url)

    assert isinstance(answer, HttpResponse)
    assert answer.status == 200
    assert len(secure_listener.requests) == 1


def test_https_to_a_stranger_is_a_connection_failure(
    secure_listener: Listener,
) -> None:
    code, message, retry = fail(send(make_request(), secure_listener.url))

    assert (code, retry) == ("CONNECTION_FAILURE", True)
    assert "CERTIFICATE_VERIFY_FAILED" in str(message)
    assert secure_listener.requests == []


# -- Retry-After


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        (None, None, None),
        ("", None, None),
        ("0", None, 0),
        ("120", None, 120),
        (" 7 ", None, 7),
        ("-1", None, -1),
        ("-0", None, 0),
        ("9" * 5000, None, 90_000),
        ("-" + "9" * 5000, None, -90_000),
        ("1.5", None, None),
        ("soon", None, None),
        ("--1", None, None),
        ("Tue, 14 May 2024 11:24:22 GMT", None, 60),
        # The server's clock is the one that its date is about.
        (
            "Fri, 01 Jan 2027 00:01:30 GMT",
            "Fri, 01 Jan 2027 00:00:00 GMT",
            90,
        ),
        ("Tue, 14 May 2024 11:23:00 GMT", None, 0),
        ("Tue, 14 May 2999 11:23:00 GMT", None, 90_000),
        ("Tue, 14 May 2024 11:24:22 GMT", "yesterday", 60),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    retry_after: str | None, date: str | None, seconds: float | None
) -> None:
    answer = HttpResponse(503, retry_after=retry_after, date=date)

    assert read_retry_after(answer, NOW) == seconds


# -- hosts

HOSTS = {
    "api.example.test": "http://127.0.0.1:9000/",
    "API.example.test:8443": "https://127.0.0.1:9443",
    "localhost": "http://127.0.0.1:9001",
}


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://api.example.test/x?q", "http://127.0.0.1:9000/"),
        ("https://Api.Example.Test", "http://127.0.0.1:9000/"),
        ("https://api.example.test:8443/", "https://127.0.0.1:9443"),
        ("https://api.example.test:1/", "http://127.0.0.1:9000/"),
        ("https://other.example.test/", None),
        ("https://127.0.0.1.example.test/", None),
        ("https://127.0.0.1@example.test/", None),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000"),
        ("http://me@127.0.0.1:8000/x", "http://127.0.0.1:8000"),
        ("https://[::1]:8443/x", "https://[::1]:8443"),
        ("https://a.localhost/", "https://a.localhost"),
        ("http://localhost:1/", "http://127.0.0.1:9001"),
        ("https://10.0.0.1/", None),
        ("https://[/", None),
    ],
)
def test_only_this_machine_and_mapped_hosts_are_called(
    url: str, address: str | None
) -> None:
    assert find_address({"hosts": HOSTS}, url) == address


def test_a_mapped_address_may_end_in_a_slash(listener: Listener) -> None:
    answer = send(make_request(), f"{listener.url}/")

    assert isinstance(answer, HttpResponse)
    assert listener.texts[0].startswith("POST /p?q=1 ")


def test_the_configuration_maps_hosts(state_directory: Path) -> None:
    state_directory.mkdir()
    path = str(state_directory / "config.toml")

    write_configuration(path, {"hosts": HOSTS})

    assert read_configuration(path) == {"hosts": HOSTS}


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        (
            {"a.test": "127.0.0.1:9000"},
            "hosts.a.test: '127.0.0.1:9000' does not fit http://HOST:PORT or"
            " https://HOST:PORT.",
        ),
        (
            {"a.test": "http://127.0.0.1/path"},
            "hosts.a.test: 'http://127.0.0.1/path' does not fit http://HOST:PORT or"
            " https://HOST:PORT.",
        ),
        (
            {"https://a.test": "http://127.0.0.1"},
            "hosts: 'https://a.test' does not fit a host's name, with or without :PORT.",
        ),
        ({"a.test": 1}, "hosts.a.test: 1 is not of type string."),
    ],
)
def test_the_configuration_says_which_mapping_will_not_do(
    state_directory: Path, hosts: dict[str, Any], message: str
) -> None:
    state_directory.mkdir()
    path = str(state_directory / "config.toml")

    with pytest.raises(ConfigurationError) as caught:
        write_configuration(path, {"hosts": hosts})

    assert caught.value.message == f"{path}: {message}"
