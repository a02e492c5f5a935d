"""Sample events: one file each, beside this module by service, or in a project.

    samples/s3/object-created.json          `s3/object-created`, of the source aws.s3
    .evcli/events/order-placed.json         `order-placed`, a project's own

A file is one whole event. Shapes are those that the service sends, values are made up:
everything happens in one account and one region, which stand for those of whoever plays
the event (`localize`). Names are known without reading a file.

Source: [doc] [aws] shapes and types of members, service by service; [guess] what a test
row says is one, and texts for people. A recorded event would show how it is.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from evcli.delivery.envelopes import format_time, parse_envelope
from evcli.errors import InspectionError
from evcli.operations.whole_events import complete_event
from evcli.store.directory.state_directory import EVENTS, find_project_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.context import Context

DIRECTORY = os.path.dirname(os.path.abspath(__file__))
SUFFIX = ".json"
NAME = re.compile(r"[a-z0-9-]+/[a-z0-9-]+", re.ASCII)
# What every sample of evcli's says, wherever an account or a region stands.
ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
MEMBERS = ("source", "detail-type")


class Sample(NamedTuple):
    """A sample event by its name; `service` is "" for a project's own.

    The service is the source without its `aws.`: `states`, not Step Functions.
    """

    name: str
    path: str
    service: str


class SampleHead(NamedTuple):
    """What a list tells of a sample; `problem` says why its file is no event."""

    sample: Sample
    source: str = ""
    detail_type: str = ""
    problem: str = ""


def find_own_directory(
    environ: Mapping[str, str], working_directory: str
) -> str | None:
    """Find the nearest `.evcli/events/`, which has a project's own samples."""
    return find_project_folder(EVENTS, environ, working_directory)


def list_services() -> list[str]:
    """List the services that there are samples of."""
    with os.scandir(DIRECTORY) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.is_dir() and not entry.name.startswith("_")
        )


def list_samples(
    own_directory: str | None = None, service: str | None = None
) -> list[Sample]:
    """List the samples, a project's own first; no file is read.

    Args:
        own_directory: that of a project's own samples, if it has one.
        service: only those of one service, none of the project.
    """
    services = list_services()
    if service is not None:
        services = [service] if service in services else []
    elif own_directory is not None:
        return [*_list_own(own_directory), *list_samples()]
    return [
        Sample(f"{each}/{name}", os.path.join(DIRECTORY, each, name + SUFFIX), each)
        for each in services
        for name in _list_names(os.path.join(DIRECTORY, each))
    ]


def _list_own(directory: str) -> list[Sample]:
    return [
        Sample(name, os.path.join(directory, name + SUFFIX), "")
        for name in _list_names(directory)
    ]


def _list_names(directory: str) -> list[str]:
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return sorted(
        name.removesuffix(SUFFIX)
        for name in names
        if name.endswith(SUFFIX) and not name.startswith(".")
    )


def find_sample(name: str, own_directory: str | None = None) -> Sample:
    """Find a sample by its name. Raises: InspectionError: names those that are near."""
    if NAME.fullmatch(name):
        sample = Sample(
            name, os.path.join(DIRECTORY, name + SUFFIX), name.partition("/")[0]
        )
        if os.path.isfile(sample.path):
            return sample
    elif own_directory is not None:
        for sample in _list_own(own_directory):
            if sample.name == name:
                return sample
    near = suggest_names(name, [each.name for each in list_samples(own_directory)])
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InspectionError(f"There is no sample {name}.{hint}")


def suggest_names(name: str, known: list[str]) -> list[str]:
    """Give up to three names that may have been meant: misspelled, or without service."""
    from difflib import get_close_matches

    wanted = name.lower().replace("_", "-").replace(" ", "-")
    near = get_close_matches(wanted, known, n=3, cutoff=0.7)
    parts = re.findall(r"[a-z0-9]+", wanted)
    holding = [each for each in known if parts and all(part in each for part in parts)]
    by_leaf = {each.partition("/")[2]: each for each in known}
    near_leaves = get_close_matches(wanted, by_leaf, n=3, cutoff=0.75)
    return list(
        dict.fromkeys([*near, *holding, *(by_leaf[leaf] for leaf in near_leaves)])
    )[:3]


def read_sample(name: str, own_directory: str | None = None) -> dict[str, Any]:
    """Read a sample event as its file has it; no other file is read.

    Args:
        name: such as `s3/object-created`, or that of a project's own.
        own_directory: that of a project's own samples, if it has one.

    Raises: InspectionError: there is none of that name, or its file is no event.
    """
    return read_file(find_sample(name, own_directory).path)


def read_file(path: str) -> dict[str, Any]:
    """Read the file of a sample. Raises: InspectionError: it is no event, and why."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            event = parse_envelope(file.read())
    except OSError as error:
        raise InspectionError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InspectionError(f"{path} is not UTF-8.") from error
    if event is None:
        raise InspectionError(f"{path} is not one JSON object.")
    for member in MEMBERS:
        if not isinstance(event.get(member), str):
            raise InspectionError(
                f"{path} is not a whole event: it has no {member}. `evcli local send`"
                " takes entries of put-events."
            )
    return event


def read_head(sample: Sample) -> SampleHead:
    """Read what a list tells of a sample; a file that is no event is told, too."""
    try:
        event = read_file(sample.path)
    except InspectionError as error:
        return SampleHead(sample, problem=error.message)
    return SampleHead(sample, event["source"], event["detail-type"])


def search(heads: Sequence[SampleHead], words: Sequence[str]) -> list[SampleHead]:
    """Keep the samples that have every word in their name, source or detail-type."""
    return [
        head
        for head in heads
        if all(
            word.lower()
            in f"{head.sample.name}\n{head.source}\n{head.detail_type}".lower()
            for word in words
        )
    ]


def localize(event: dict[str, Any], account_id: str, region: str) -> dict[str, Any]:
    """Move a sample of evcli's into an account and a region, its ARNs and all."""

    def move(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(ACCOUNT_ID, account_id).replace(REGION, region)
        if isinstance(value, list):
            return [move(each) for each in value]
        if isinstance(value, dict):
            return {name: move(each) for name, each in value.items()}
        return value

    moved: dict[str, Any] = move(event)
    return moved


def make_event(
    ctx: Context, sample: Sample, at: datetime | None = None
) -> dict[str, Any]:
    """Read a sample and make it an event of here, its envelope complete.

    Args:
        at: the event's time; the clock's if absent.

    Raises:
        InspectionError: its file is no event.
        ValidationException: a member of its envelope is not what it has to be.
    """
    event = read_file(sample.path)
    if sample.service:
        event = localize(event, ctx.account_id, ctx.region)
    fresh = {"id": ctx.new_id(), "time": format_time(at or ctx.clock.now())}
    return complete_event(ctx, {**event, **fresh})
