"""Seeded events and rules to measure matching with.

**EventBridge shapes**: envelopes of about 650 bytes from four kinds of source, and rules
that each pin source and detail-type and put one to three conditions on the detail, the
first on an identifier. Identifiers are drawn with a skew of popularity, by events and
rules from the same pools, so matches per event grow slowly with the number of rules.
`Profile` "exact" has literals only, "mixed" all operators. Rule number i is the same
however many there are.

**Kinds**: the smallest rules and entries, each for a detail-type of its own.
"""

from __future__ import annotations

import json
import math
from random import Random
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import QUEUE

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20240514
ACCOUNTS = [f"{100000000000 + 7919 * number}" for number in range(40)]
REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"]
FOLDERS = ["incoming", "raw", "curated", "archive", "logs", "tmp", "media", "reports"]
EXTENSIONS = [".json", ".csv", ".parquet", ".gz", ".jpg", ".png", ".txt", ".log"]
STATES = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]
APPLICATIONS = [f"com.example.{name}" for name in (
    "orders", "payments", "shipping", "catalog", "accounts", "search", "returns", "carts",
    "mail", "loyalty", "pricing", "stock", "invoices", "reviews", "support",
)]  # fmt: skip
ACTIONS = [
    "Created",
    "Updated",
    "Deleted",
    "Approved",
    "Rejected",
    "Paid",
    "Sent",
    "Failed",
]
TIERS = ["free", "basic", "silver", "gold", "platinum"]
CITIES = ["Berlin", "Lisbon", "Osaka", "Quito", "Tromso", "Perth", "Boston", "Lagos"]
CURRENCIES = ["EUR", "USD", "JPY", "GBP"]
CALLS = [
    ("s3", "PutBucketPolicy"), ("iam", "CreateUser"), ("iam", "AttachRolePolicy"),
    ("ec2", "RunInstances"), ("ec2", "AuthorizeSecurityGroupIngress"),
    ("lambda", "UpdateFunctionCode20150331v2"), ("kms", "DisableKey"), ("sts", "AssumeRole"),
]  # fmt: skip


def draw(rng: Random, size: int) -> int:
    """Draw a number below `size`: 70 % with popularity 1/x, 30 % evenly."""
    if rng.random() < 0.7:
        return int(size ** rng.random()) - 1 if size > 1 else 0
    return rng.randrange(size)


def make_events(count: int) -> list[str]:
    """Make events, one compact JSON text each."""
    rng = Random(SEED)
    return [json.dumps(_make_event(rng), separators=(",", ":")) for _ in range(count)]


def _make_event(rng: Random) -> dict[str, Any]:
    kind = rng.random()
    make = MAKERS[0 if kind < 0.3 else 1 if kind < 0.5 else 2 if kind < 0.85 else 3]
    source, detail_type, resource, detail = make(rng)
    account, region = rng.choice(ACCOUNTS), rng.choice(REGIONS)
    code = f"{rng.getrandbits(128):032x}"
    return {
        "version": "0",
        "id": f"{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:]}",
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": f"2031-0{rng.randint(1, 9)}-{rng.randint(10, 28)}T{rng.randint(10, 23)}:15:00Z",
        "region": region,
        "resources": [f"arn:aws:{resource[0]}:{region}:{account}:{resource[1]}"],
        "detail": detail,
    }


def _make_object(rng: Random) -> tuple[str, str, tuple[str, str], dict[str, Any]]:
    bucket = f"bucket-{draw(rng, 3000):04d}"
    folder, extension = rng.choice(FOLDERS), rng.choice(EXTENSIONS)
    key = (
        f"{folder}/2031/{rng.randint(1, 12):02d}/{rng.getrandbits(40):010x}{extension}"
    )
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {
            "key": key,
            "size": int(math.exp(rng.random() * math.log(1e9))),
            "etag": f"{rng.getrandbits(128):032x}",
            "sequencer": f"{rng.getrandbits(64):016X}",
            "version-id": f"{rng.getrandbits(128):032x}",
        },
        "request-id": f"{rng.getrandbits(64):016X}",
        "requester": rng.choice(ACCOUNTS),
        "source-ip-address": _make_address(rng),
        "reason": rng.choice(["PutObject", "CopyObject", "DeleteObject"]),
    }
    action = "Created" if rng.random() < 0.7 else "Deleted"
    return "aws.s3", f"Object {action}", ("s3", bucket), detail


def _make_address(rng: Random) -> str:
    number = (10 << 24) + rng.getrandbits(20)
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _make_instance(rng: Random) -> tuple[str, str, tuple[str, str], dict[str, Any]]:
    instance = f"i-{draw(rng, 4000) * 2654435761 % 2**32:08x}"
    detail = {
        "instance-id": instance,
        "state": rng.choice(STATES),
        "previous-state": rng.choice(STATES),
        "tags": {
            "team": f"team-{draw(rng, 60)}",
            "stage": rng.choice(["dev", "test", "prod"]),
            "cost-center": f"cc-{rng.randrange(900):03d}",
        },
        "metrics": {"cpu": round(rng.random() * 100, 2), "credits": rng.randrange(600)},
        "launched-by": f"arn:aws:iam::{rng.choice(ACCOUNTS)}:role/launcher-{rng.randrange(50)}",
        "image": f"ami-{rng.getrandbits(48):012x}",
        "network": {
            "vpc": f"vpc-{rng.getrandbits(32):08x}",
            "subnet": f"subnet-{rng.getrandbits(32):08x}",
        },
    }
    kind = "EC2 Instance State-change Notification"
    return "aws.ec2", kind, ("ec2", f"instance/{instance}"), detail


def _make_order(rng: Random) -> tuple[str, str, tuple[str, str], dict[str, Any]]:
    source = APPLICATIONS[draw(rng, len(APPLICATIONS))]
    number = rng.randrange(10**8)
    detail = {
        "orderId": f"o-{number:08d}",
        "customer": {
            "id": f"c-{draw(rng, 20000):05d}",
            "tier": rng.choice(TIERS),
            "city": rng.choice(CITIES),
        },
        "total": round(math.exp(rng.random() * 8), 2),
        "currency": rng.choice(CURRENCIES),
        "items": [
            {"sku": f"sku-{draw(rng, 2500):04d}", "quantity": rng.randint(1, 5)}
            for _ in range(rng.randint(1, 5))
        ],
        "coupon": None if rng.random() < 0.8 else f"SAVE{rng.randrange(50)}",
        "express": rng.random() < 0.3,
        "channel": rng.choice(["web", "app", "store"]),
        "trace": f"Root=1-{rng.getrandbits(32):08x}-{rng.getrandbits(96):024x};Sampled=1",
        "placedAt": f"2031-05-{rng.randint(10, 28)}T08:09:10.{rng.randrange(1000):03d}Z",
    }
    kind = f"Order {ACTIONS[draw(rng, len(ACTIONS))]}"
    return source, kind, ("events", f"order/{number}"), detail


def _make_call(rng: Random) -> tuple[str, str, tuple[str, str], dict[str, Any]]:
    service, name = CALLS[draw(rng, len(CALLS))]
    user = f"user-{draw(rng, 1500):04d}"
    detail: dict[str, Any] = {
        "eventVersion": "1.08",
        "userIdentity": {"type": "IAMUser", "userName": user},
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": rng.choice(REGIONS),
        "sourceIPAddress": _make_address(rng),
        "userAgent": "aws-cli/2.15.0 Python/3.11.6 Linux/5.10",
        "requestID": f"{rng.getrandbits(96):024x}",
        "eventID": f"{rng.getrandbits(128):032x}",
        "readOnly": False,
    }
    if rng.random() < 0.15:
        detail["errorCode"] = rng.choice(["AccessDenied", "Throttling", "NotFound"])
    kind = "AWS API Call via CloudTrail"
    return f"aws.{service}", kind, ("iam", f"user/{user}"), detail


MAKERS = [_make_object, _make_instance, _make_order, _make_call]

# Per maker: identifiers (path, format, pool, length of a prefix), enumerations
# (path, values), numbers (path, exponent of the largest), keys, addresses, presence.
FIELDS: list[dict[str, list[Any]]] = [
    {
        "identifiers": [("bucket.name", "bucket-{:04d}", 3000)],
        "choices": [("reason", ["PutObject", "CopyObject", "DeleteObject"])],
        "numbers": [("object.size", 1e9)],
        "keys": ["object.key"],
        "addresses": ["source-ip-address"],
    },
    {
        "identifiers": [("instance-id", "instance", 4000)],
        "choices": [("state", STATES), ("tags.stage", ["dev", "test", "prod"])],
        "numbers": [("metrics.cpu", 100.0), ("metrics.credits", 600.0)],
    },
    {
        "identifiers": [("customer.id", "c-{:05d}", 20000), ("items.sku", "sku-{:04d}", 2500)],
        "choices": [("customer.tier", TIERS), ("customer.city", CITIES), ("currency", CURRENCIES)],
        "numbers": [("total", 2981.0)],
    },
    {
        "identifiers": [("userIdentity.userName", "user-{:04d}", 1500)],
        "choices": [("awsRegion", REGIONS), ("eventName", [name for _, name in CALLS])],
        "addresses": ["sourceIPAddress"],
        "presence": ["errorCode"],
    },
]  # fmt: skip


def make_rules(count: int, profile: str) -> list[str]:
    """Make the texts of rules of a profile, `exact` or `mixed`."""
    return [
        json.dumps(_make_rule(Random(f"{SEED}/{profile}/{number}"), profile))
        for number in range(count)
    ]


def _make_rule(rng: Random, profile: str) -> dict[str, Any]:
    kind = rng.random()
    which = 0 if kind < 0.3 else 1 if kind < 0.5 else 2 if kind < 0.85 else 3
    source, detail_type, _, _ = MAKERS[which](rng)
    fields = FIELDS[which]
    detail: dict[str, Any] = {}
    path, form, pool = rng.choice(fields["identifiers"])
    number = draw(rng, pool)
    text = (
        f"i-{number * 2654435761 % 2**32:08x}"
        if form == "instance"
        else form.format(number)
    )
    _put(detail, path, [_make_identifier(rng, text) if profile == "mixed" else text])
    for _ in range(rng.randint(0, 2)):
        kinds = [name for name in fields if name != "identifiers"]
        name = rng.choice(kinds) if profile == "mixed" else "choices"
        CONDITIONS[name](rng, fields[name], detail, profile)
    rule: dict[str, Any] = {
        "source": [source],
        "detail-type": [detail_type],
        "detail": detail,
    }
    if profile == "mixed" and rng.random() < 0.01:
        rule["$or"] = [
            {"region": [rng.choice(REGIONS)]},
            {"account": [rng.choice(ACCOUNTS)]},
        ]
    return rule


def _put(detail: dict[str, Any], path: str, leaf: list[Any]) -> None:
    *above, name = path.split(".")
    for key in above:
        detail = detail.setdefault(key, {})
    detail[name] = leaf


def _make_identifier(rng: Random, text: str) -> object:
    kind = rng.random()
    if kind < 0.88:
        return text
    if kind < 0.94:
        return {"prefix": text[:-1]}
    if kind < 0.96:
        return {"suffix": text[-4:]}
    if kind < 0.98:
        return {"equals-ignore-case": text.upper()}
    return {"wildcard": f"{text[:4]}*{text[-3:]}"}


def _add_choice(
    rng: Random, fields: list[Any], detail: dict[str, Any], profile: str
) -> None:
    path, values = rng.choice(fields)
    kind = rng.random() if profile == "mixed" else 0
    if kind < 0.65:
        leaf: list[Any] = rng.sample(values, rng.randint(1, 2))
    elif kind < 0.85:
        leaf = [{"anything-but": rng.sample(values, rng.randint(1, 2))}]
    elif kind < 0.95:
        leaf = [{"equals-ignore-case": rng.choice(values).upper()}]
    else:
        leaf = [{"anything-but": {"prefix": rng.choice(values)[:3]}}]
    _put(detail, path, leaf)


def _add_number(
    rng: Random, fields: list[Any], detail: dict[str, Any], profile: str
) -> None:
    path, largest = rng.choice(fields)
    low = round(largest * rng.random() ** 3, 2)
    if rng.random() < 0.5:
        _put(detail, path, [{"numeric": [rng.choice([">", ">=", "<", "<="]), low]}])
    else:
        high = low + largest / 2
        _put(detail, path, [{"numeric": [">=", low, "<", high]}])


def _add_key(
    rng: Random, fields: list[Any], detail: dict[str, Any], profile: str
) -> None:
    folder, extension = rng.choice(FOLDERS), rng.choice(EXTENSIONS)
    leaf = rng.choice([
        {"prefix": f"{folder}/"},
        {"suffix": extension},
        {"wildcard": f"{folder}/*/{rng.randint(1, 12):02d}/*{extension}"},
    ])  # fmt: skip
    _put(detail, rng.choice(fields), [leaf])


def _add_address(
    rng: Random, fields: list[Any], detail: dict[str, Any], profile: str
) -> None:
    _put(detail, rng.choice(fields), [{"cidr": f"10.{rng.randrange(16)}.0.0/16"}])


def _add_presence(
    rng: Random, fields: list[Any], detail: dict[str, Any], profile: str
) -> None:
    _put(detail, rng.choice(fields), [{"exists": rng.random() < 0.5}])


CONDITIONS = {
    "choices": _add_choice,
    "numbers": _add_number,
    "keys": _add_key,
    "addresses": _add_address,
    "presence": _add_presence,
}


def build_kinds(state_directory: Path, rules: int) -> None:
    """Put rules on the default event bus, each for its own detail-type."""
    from evcli.context import open_context
    from evcli.operations import call

    ctx = open_context(str(state_directory))
    ctx.store.database.relax_durability()
    ctx.quotas["rules_per_event_bus"] = rules
    for number in range(rules):
        pattern = {"source": ["shop"], "detail-type": [f"kind-{number}"]}
        name = f"rule-{number:05}"
        call(ctx, "PutRule", {"Name": name, "EventPattern": json.dumps(pattern)})
        if number < 10:
            target = {"Id": "q", "Arn": QUEUE}
            call(ctx, "PutTargets", {"Rule": name, "Targets": [target]})
    ctx.close()


def build_entries(path: Path) -> str:
    """Write ten entries, each for one kind; the parameter that names them."""
    entries = [
        {
            "Source": "shop",
            "DetailType": f"kind-{number}",
            "Detail": json.dumps({"total": number, "customer": {"id": "c-17"}}),
        }
        for number in range(10)
    ]
    path.write_text(json.dumps(entries), encoding="utf-8")
    return f"file://{path}"
