"""One server for many states: each is empty, and none is heard of again."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from evcli.testing import EventBridge
from evcli.testing.local_server import LocalServer
from tests.patience import wait_for

ENTRY = {"Source": "shop", "DetailType": "Placed", "Detail": "{}"}
THREADS = 8


def test_the_address_and_a_client_stay_the_same() -> None:
    with LocalServer() as server:
        with EventBridge(server=server) as eb:
            client = boto3.client("events")
            client.put_rule(Name="r", ScheduleExpression="rate(1 day)")
            places = {(eb.url, eb.state_directory)}
        for _ in range(3):
            with EventBridge(server=server) as eb:
                assert client.list_rules()["Rules"] == []
                client.put_events(Entries=[ENTRY])
                assert len(eb.events()) == 1
                places.add((eb.url, eb.state_directory))

    assert len(places) == 1


def test_each_state_is_empty_whatever_the_one_before_was(temporary: Path) -> None:
    with LocalServer() as server:
        for _ in range(2):
            with EventBridge(server=server) as eb:
                state = Path(eb.state_directory)
                assert {each.name for each in state.iterdir()} <= {
                    "config.toml",
                    "locks",
                    "state.db",
                }
                assert "fail_rate" not in (state / "config.toml").read_text()
                assert (eb.events(), eb.call("ListRules")["Rules"]) == ([], [])
                eb.call("PutRule", Name="r", EventPattern='{"source": ["shop"]}')
                target = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}
                eb.call("PutTargets", Rule="r", Targets=[target])
                eb.send(ENTRY)
                eb.fail("q")
                assert (state / "sinks").is_dir()
                assert "fail_rate" in (state / "config.toml").read_text()
    assert list(temporary.iterdir()) == []


def test_a_request_between_two_states_is_forgotten() -> None:
    with LocalServer() as server:
        for _ in range(2):
            with EventBridge(server=server) as eb:
                assert eb.call("ListRules")["Rules"] == []
                client = eb.client
            # As a thread of a test that is over may do; the client is closed and works.
            client.put_rule(Name="late", ScheduleExpression="rate(1 day)")


def test_configurations_follow_each_other() -> None:
    with LocalServer() as server:
        regions = []
        for region in ("eu-west-1", None, "eu-west-1", "eu-west-1", None):
            with EventBridge(server=server, region=region) as eb:
                regions.append((eb.region, eb.call("ListRules")["Rules"]))
                eb.call("PutRule", Name="r", ScheduleExpression="rate(1 day)")

    ordered = ("eu-west-1", "us-east-1", "eu-west-1", "eu-west-1", "us-east-1")
    assert regions == [(region, []) for region in ordered]


def test_many_threads_are_answered_in_each_state() -> None:
    with LocalServer() as server:
        client = None
        for _ in range(4):
            with EventBridge(server=server) as eb:
                client = client or boto3.client("events")
                with ThreadPoolExecutor(THREADS) as pool:
                    list(
                        pool.map(
                            lambda _, put=client.put_events: put(Entries=[ENTRY]),
                            range(2 * THREADS),
                        )
                    )
                assert len(eb.events()) == 2 * THREADS
                assert eb.notices == []


def test_port_and_threads_are_gone_afterwards() -> None:
    threads = threading.active_count()
    with LocalServer() as server:
        address = urlsplit(server.url)
        assert address.port is not None
        where = (str(address.hostname), address.port)
        socket.create_connection(where).close()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where)
    wait_for(lambda: threading.active_count() <= threads)
