"""Wrong expectations in the shop's test files, each of which has to be caught.

File, case, where in it, what it says instead, what is said about it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

ORDERS, RULES = "orders.evtest.yaml", "rules.evtest.json"
PAID = "a paid order is billed and kept elsewhere"
LARGE = "people hear of a large order"
GIVEN_UP = "billing is given up after two retries"
WAITS = "billing waits for its second retry after five seconds"
INVOICES = ("targets", "billing/invoices")


class Mutation(NamedTuple):
    file: str
    case: str
    path: tuple[str | int, ...]
    value: Any
    message: str


MUTATIONS = [
    Mutation(ORDERS, PAID, ("rules",), ["billing"], "rules: everything matches"),
    Mutation(
        ORDERS,
        PAID,
        ("rules",),
        ["billing", "everything", "Large"],
        "rules: Large does not match",
    ),
    Mutation(ORDERS, PAID, ("rules",), [], "rules: billing matches"),
    Mutation(
        ORDERS,
        PAID,
        ("rules",),
        ["billing", "everything", "elsewhere/kep"],
        "rules: there is no rule kep on event bus elsewhere; did you mean kept?",
    ),
    Mutation(
        ORDERS,
        PAID,
        ("rules_include",),
        ["paused"],
        "rules_include: paused does not match\nrule paused (template.yaml:66: Paused)\n"
        "  it is disabled",
    ),
    Mutation(
        ORDERS, PAID, ("rules_exclude",), ["billing"], "rules_exclude: billing matches"
    ),
    Mutation(
        ORDERS,
        PAID,
        ("rules_exclude",),
        ["vip"],
        "rules_exclude: there is no rule vip on event bus orders-test",
    ),
    Mutation(
        ORDERS,
        PAID,
        ("fits_schema",),
        False,
        "fits_schema: the event fits its schema, and was not to",
    ),
    Mutation(
        ORDERS,
        "a strange status does not fit the schema",
        ("fits_schema",),
        True,
        "detail.status: 'lost' is not one of ['paid', 'refunded']",
    ),
    Mutation(
        ORDERS, "an upload of a table", ("fits_schema",), True, "there is no schema aws.s3@"
    ),
    Mutation(
        ORDERS,
        PAID,
        (*INVOICES, "payload_is"),
        {"order": 7},
        "billing/invoices payload: not as expected\n"
        "  total: expected nothing, got 12.5",
    ),
    Mutation(
        ORDERS,
        PAID,
        (*INVOICES, "payload_is"),
        {"order": 7, "total": 12.5, "vat": True},
        "  vat: expected true, got nothing",
    ),
    Mutation(
        ORDERS, PAID, (*INVOICES, "payload"), {"order": "7"}, 'order: expected "7", got 7'
    ),
    Mutation(
        ORDERS,
        PAID,
        (*INVOICES, "payload_matches"),
        {"total": [{"numeric": ["<", 10]}]},
        "billing/invoices payload: the pattern does not match\n  ✘ no match",
    ),
    Mutation(
        ORDERS,
        PAID,
        (*INVOICES, "payload_matches"),
        {"total": 10},
        'payload_matches: Event pattern is not valid. Reason: "total" must be',
    ),
    Mutation(
        ORDERS,
        LARGE,
        ("targets", "Large/people", "payload_matches"),
        {"total": [10]},
        'Large/people payload: "\\"An order of 250 was paid.\\"" is not an object',
    ),
    Mutation(
        ORDERS,
        PAID,
        (*INVOICES, "action"),
        "sns:Publish",
        "action: expected sns:Publish, got sqs:SendMessage",
    ),
    Mutation(
        ORDERS,
        PAID,
        (*INVOICES, "request"),
        {"MessageGroupId": "invoices"},
        'MessageGroupId: expected "invoices", got "orders"',
    ),
    Mutation(
        ORDERS, PAID, (*INVOICES, "delivered"), False, "billing/invoices is delivered"
    ),
    Mutation(
        ORDERS, PAID, (*INVOICES, "attempts"), 2, "attempts: expected 2, got 1"
    ),
    Mutation(
        ORDERS,
        PAID,
        (*INVOICES, "dead_letter"),
        True,
        "billing/invoices has no dead letter; it is DELIVERED",
    ),
    Mutation(
        ORDERS,
        PAID,
        (*INVOICES, "error_code"),
        "THROTTLING",
        "error_code: expected THROTTLING, got no error",
    ),
    Mutation(
        ORDERS,
        PAID,
        ("targets", "elsewhere/kept/*", "payload"),
        {"detail": {"status": "lost"}},
        'elsewhere/kept/invoices payload: not as expected\n'
        '  detail.status: expected "lost", got "paid"',
    ),
    Mutation(
        ORDERS,
        PAID,
        ("targets", "billing/invoice"),
        {"delivered": True},
        "rule billing has no target invoice; it has invoices",
    ),
    Mutation(
        ORDERS,
        PAID,
        ("targets", "Large/people"),
        {"payload": "An order"},
        "Large/people gets nothing\nrule Large (template.yaml:37: Large)\n  ✘ no match",
    ),
    Mutation(
        ORDERS,
        LARGE,
        ("targets", "Large/people", "payload"),
        "of 251 was",
        'expected a text that has "of 251 was"',
    ),
    Mutation(
        ORDERS,
        LARGE,
        ("targets", "Large/people", "payload_is"),
        "An order",
        'payload: expected "An order", got "An order of 250 was paid."',
    ),
    Mutation(
        ORDERS,
        "a refund is not billed",
        (*INVOICES, "delivered"),
        True,
        'billing/invoices gets nothing\nrule billing (template.yaml:19: Billing)',
    ),
    Mutation(
        ORDERS,
        GIVEN_UP,
        (*INVOICES, "delivered"),
        True,
        "billing/invoices is FAILED, not delivered: INTERNAL_ERROR: The test has it fail.",
    ),
    Mutation(ORDERS, GIVEN_UP, (*INVOICES, "attempts"), 2, "expected 2, got 3"),
    Mutation(
        ORDERS,
        GIVEN_UP,
        (*INVOICES, "dead_letter"),
        False,
        "has a dead letter, sent to arn:aws:sqs:us-east-1:000000000000:dead",
    ),
    Mutation(
        ORDERS,
        GIVEN_UP,
        (*INVOICES, "dead_letter", "queue"),
        "lost",
        "dead letter: expected queue lost, got arn:aws:sqs:us-east-1:000000000000:dead",
    ),
    Mutation(
        ORDERS,
        GIVEN_UP,
        (*INVOICES, "dead_letter", "attributes"),
        {"RETRY_ATTEMPTS": "3"},
        'dead letter: not as expected\n  RETRY_ATTEMPTS: expected "3", got "2"',
    ),
    Mutation(ORDERS, WAITS, ("wait_seconds",), 6, "attempts: expected 2, got 3"),
    Mutation(ORDERS, WAITS, ("wait_seconds",), 1, "attempts: expected 2, got 1"),
    Mutation(
        ORDERS,
        WAITS,
        (*INVOICES, "dead_letter"),
        True,
        "has no dead letter; it is RETRYING",
    ),
    Mutation(
        ORDERS, "billing recovers", ("fail",), {"billing/invoices": 3}, "is FAILED"
    ),
    Mutation(
        ORDERS,
        "billing recovers",
        ("fail",),
        {"biling/invoices": 2},
        "there is no rule biling on event bus orders-test; did you mean billing?",
    ),
    Mutation(
        ORDERS,
        "nobody but a service sends its events",
        ("error",),
        "MalformedDetail",
        "error: expected MalformedDetail, got NotAuthorizedForSourceException",
    ),
    Mutation(
        ORDERS,
        "nobody but a service sends its events",
        ("event", "Source"),
        "shop",
        "the event is accepted, and was to be refused",
    ),
    Mutation(
        ORDERS,
        PAID,
        ("bus",),
        "orders",
        "there is no event bus orders; there are default, elsewhere, orders-test",
    ),
    Mutation(
        RULES,
        "states that begin with run",
        ("matches", 0, "detail", "state"),
        "walking",
        "matches[0]: the pattern does not match\n  ✘ no match",
    ),
    Mutation(
        RULES,
        "states that begin with run",
        ("not_matches", 1, "detail", "state"),
        "run",
        "not_matches[1]: the pattern matches\n  ✔ match",
    ),
    Mutation(
        RULES,
        "states that begin with run",
        ("pattern",),
        {"detail": "run"},
        "the pattern is refused: Event pattern is not valid.",
    ),
    Mutation(
        RULES, "a text is no list", ("error",), "no text", "error: expected no text, got"
    ),
    Mutation(
        RULES,
        "a text is no list",
        ("pattern",),
        {"source": ["shop"]},
        "the pattern is accepted, and was to be refused",
    ),
    Mutation(
        RULES,
        "the nightly job",
        ("fires", 1),
        "2026-02-04T03:00:00Z",
        "fires: not as expected\n"
        "  expected 2026-02-02T03:00:00Z, 2026-02-04T03:00:00Z\n"
        "  got      2026-02-02T03:00:00Z, 2026-02-03T03:00:00Z",
    ),
    Mutation(
        RULES,
        "the nightly job",
        ("fires",),
        [],
        "  expected never\n  got      2026-02-02T03:00:00Z",
    ),
    Mutation(
        RULES,
        "the nightly job",
        ("targets", "nightly/people", "payload_is"),
        {"go": 1},
        "go: expected 1, got true",
    ),
    Mutation(
        RULES,
        "the nightly job",
        ("schedule",),
        "uploads",
        "rule uploads has no schedule",
    ),
    Mutation(
        RULES,
        "the nightly job",
        ("schedule",),
        "nightlly",
        "there is no rule nightlly on event bus default; did you mean nightly?",
    ),
    Mutation(
        RULES,
        "the hourly job until noon",
        ("until",),
        "2026-01-01T13:00:00Z",
        "got      2026-01-01T11:00:00Z, 2026-01-01T12:00:00Z, 2026-01-01T13:00:00Z",
    ),
    Mutation(
        RULES,
        "the hourly job until noon",
        ("until",),
        "2026-01-01T11:59:59Z",
        "  got      2026-01-01T11:00:00Z",
    ),
    Mutation(
        RULES,
        "a day that there never is",
        ("fires",),
        ["2028-02-29T00:00:00Z"],
        "  got      never",
    ),
    Mutation(
        RULES,
        "no schedule",
        ("schedule",),
        "rate(1 hour)",
        "the schedule is accepted, and was to be refused",
    ),
    Mutation(RULES, "no schedule", ("error",), "cron() takes", "expected cron() takes"),
]  # fmt: skip
