"""Examples in the pages of `evcli local …`: command → what it is for and how it is typed.

Beside the commands and not in them, because nothing but help reads them. A test holds
that every command has one, and that what it shows can be typed.
"""

from __future__ import annotations

# Command, with those above it → (sentence, command line) each.
LOCAL_EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("See what became of the latest events", "evcli local deliveries --limit 10"),
        ("Read the page of a command", "evcli local deliveries help"),
    ),
    # -- send and see
    "deliveries": (
        ("Show the newest deliveries", "evcli local deliveries"),
        (
            "Show what failed for good in the last hour",
            "evcli local deliveries --state FAILED --since 1h",
        ),
        (
            "Wait in a test for two payloads, and print them",
            "evcli local deliveries --rule big --wait 2 --timeout 5 --payloads",
        ),
        (
            "Give a script the targets of an event",
            "evcli local deliveries --event-id 5f0c1a2b-0a1b-4c3d-8e9f-001122334455"
            " --output json --query '[].TargetArn'",
        ),
        (
            "Watch the deliveries of a rule",
            "evcli local deliveries --rule big --follow",
        ),
    ),
    "events": (
        ("Show the newest events", "evcli local events"),
        ("Show what led to nothing, and why", "evcli local events --unmatched"),
        (
            "Watch large orders arrive",
            "evcli local events --follow --source my.shop --pattern"
            """ '{"detail": {"total": [{"numeric": [">", 100]}]}}'""",
        ),
        (
            "Print the events of the last hour as they were, to be sent again",
            "evcli local events --since 1h --output json --query '[].Event'",
        ),
    ),
    "graph": (
        ("See what is connected with what", "evcli local graph"),
        ("List what could go", "evcli local graph --unused"),
        (
            "Draw it for a page on GitHub, between fences that say mermaid",
            "evcli local graph --format mermaid",
        ),
    ),
    "logs": (
        ("Show the newest records of all event buses", "evcli local logs"),
        (
            "Watch what goes wrong on the event bus orders",
            "evcli local logs orders --level ERROR --follow",
        ),
        (
            "Give a script the steps that event buses took",
            "evcli local logs --output json --query '[].message_type'",
        ),
    ),
    "redeliver": (
        (
            "Attempt a delivery again, by the id that `deliveries` shows",
            "evcli local redeliver 5f0c1a2b-17",
        ),
        ("Attempt all that failed again", "evcli local redeliver --failed"),
    ),
    "send": (
        (
            "Play an event as S3 would, three times a second, ten times",
            "evcli local send object-created.json --repeat 10 --rate 3/s",
        ),
        (
            "See how large events are and which rules would match; nothing is sent",
            "evcli local send events.json --dry-run",
        ),
        (
            "Send a compressed file, and keep the lines that are refused",
            "evcli local send events.jsonl.gz --rejects refused.jsonl",
        ),
        ("Go on after an interruption", "evcli local send events.jsonl --resume"),
        (
            "Send what many files have, and later only what is new",
            "evcli local send 'captured/*.jsonl.gz' --resume",
        ),
        (
            "Fail a test when an event was refused or no rule matched",
            "evcli local send event.json --exit-code --expect-match",
        ),
    ),
    "trace": (
        ("See where the last event went", "evcli local trace"),
        (
            "See where an event went",
            "evcli local trace 5f0c1a2b",
        ),
    ),
    "trigger": (
        (
            "List the samples about certificates",
            "evcli local trigger --search certificate",
        ),
        (
            "Play an upload to a bucket of yours",
            "evcli local trigger s3/object-created --set detail.bucket.name=photos"
            " --set detail.object.key=in/a.png --set detail.object.size:=2048",
        ),
        (
            "Print one, as the beginning of a sample of your own",
            "evcli local trigger ecs/task-state-change --print",
        ),
        (
            "Play a task that ended well, ten times",
            "evcli local trigger ecs/task-state-change"
            " --set 'detail.containers[0].exitCode:=0' --repeat 10",
        ),
    ),
    # -- author
    "schema": (
        (
            "Infer schemas from events that a file sink has",
            "evcli local schema .evcli/sinks/sqs/000000000000/us-east-1/orders.jsonl",
        ),
        (
            "Keep them for the project, so that events are held against them",
            "evcli local schema events.jsonl --write",
        ),
    ),
    "lint": (
        ("Check a template before it is deployed", "evcli local lint template.yaml"),
        (
            "Check the rules of the state, but for missing dead-letter queues",
            "evcli local lint --ignore EB310",
        ),
        (
            "See which fields of a pattern the captured events do not have",
            "evcli local lint pattern.json --events captured.jsonl",
        ),
        (
            "Annotate a pull request on GitHub",
            "evcli local lint template.yaml --format github",
        ),
    ),
    "match": (
        (
            "Count which rules recorded events would match",
            "evcli local match events.jsonl",
        ),
        (
            "See what keeps them from matching",
            "evcli local match events.jsonl --explain",
        ),
        (
            "Try the rules of another state directory, or of the cloud",
            "evcli local match events.jsonl --rules rules.json",
        ),
        (
            "Have two processes of Dask match what many files have",
            "evcli local match 'captured/*.jsonl.gz' --cluster local:2",
        ),
    ),
    "schedule": (
        (
            "See when an expression is due",
            "evcli local schedule 'cron(0 12 ? * MON-FRI *)' --count 3",
        ),
    ),
    "test": (
        ("Run all test files below the working directory", "evcli local test"),
        (
            "Run the tests of refunds again at every save",
            "evcli local test tests/ -k refund --watch",
        ),
        (
            "Give a CI server a report",
            "evcli local test --format junit --output report.xml",
        ),
        ("Let an editor check test files", "evcli local test --schema > evtest.json"),
    ),
    "transform": (
        (
            "See what an input transformer makes of an event",
            "evcli local transform --target file://target.json --event file://event.json",
        ),
    ),
    # -- time
    "clock": (
        ("Let an hour pass", "evcli local clock advance 1h"),
        ("Read the page of one of them", "evcli local clock advance help"),
    ),
    "clock advance": (("Let a day and a half pass", "evcli local clock advance 36h"),),
    "clock reset": (("Go back to the machine's clock", "evcli local clock reset"),),
    "clock set": (
        ("Start a test at a known time", "evcli local clock set 2026-01-05T09:59:00Z"),
    ),
    "clock show": (("See what time it is", "evcli local clock show"),),
    "run": (("Do what becomes due, until Ctrl-C", "evcli local run"),),
    "tick": (
        ("Do what is due now", "evcli local tick"),
        ("Do what is due within an hour as well", "evcli local tick --until +1h"),
    ),
    # -- state
    "backup": (("Keep a copy of everything", "evcli local backup state.backup"),),
    "check": (("Look for damage, and mend it", "evcli local check --repair"),),
    "export": (
        ("Write rules and targets to a file for git", "evcli local export events.toml"),
    ),
    "diff": (
        (
            "See in CI whether the file is up to date",
            "evcli local diff events.toml",
        ),
    ),
    "import": (
        ("Make the state what a file says", "evcli local import events.toml"),
        (
            "Say nothing but what is wrong with the file",
            "evcli local import events.toml --quiet",
        ),
    ),
    "path": (("See where everything is kept", "evcli local path"),),
    "prune": (
        (
            "See what deleting events of over a week ago would remove",
            "evcli local prune --older-than 7d --dry-run",
        ),
    ),
    "restore": (
        (
            "Go back to a copy",
            "evcli local restore state.backup --force",
        ),
    ),
    "status": (
        ("See where the state is and how it stands", "evcli local status"),
        (
            "Let a script wait until nothing does any more",
            "evcli local status --query Queue.Waiting",
        ),
    ),
    # -- serve
    "exec": (
        (
            "Run tests against a fresh EventBridge that goes away with them",
            "evcli local exec --import events.toml pytest",
        ),
        (
            "In CI, keep what is left of a run that fails",
            "evcli local exec --keep-on-failure failed --clock 2026-01-01T00:00:00Z"
            " pytest",
        ),
    ),
    "failover": (
        (
            "Let the secondary event bus of a global endpoint serve",
            "evcli local failover checkout secondary",
        ),
    ),
    "serve": (
        ("Answer SDKs at http://127.0.0.1:4010", "evcli local serve"),
        (
            "Take a free port, and tell a script which",
            "evcli local serve --port 0 --ready-file url.txt",
        ),
    ),
    "ui": (
        ("See events arrive in a browser", "evcli local ui"),
        ("Print the address of the page", "evcli local ui --no-open"),
    ),
    # -- set up
    "alias": (
        ("Send `aws events` to evcli in this shell", 'eval "$(evcli local alias)"'),
    ),
    "allow": (
        ("See what a project's config.toml would run", "evcli local allow --show"),
    ),
    "completion": (
        ("Complete commands in this shell", 'eval "$(evcli local completion)"'),
    ),
    "init": (
        (
            "Give a project a state directory of its own",
            "evcli local init --account 111122223333 --region eu-west-1",
        ),
    ),
    "sinks": (
        ("See which sinks were chosen", "evcli local sinks list"),
        ("Read the page of one of them", "evcli local sinks add help"),
    ),
    "sinks add": (
        (
            "Hand what a queue would get to a script",
            "evcli local sinks add 'arn:aws:sqs:*:*:orders' --kind exec --command ./take.sh",
        ),
        (
            "Let every second delivery to Lambda fail",
            "evcli local sinks add 'arn:aws:lambda:*' --kind null --fail-rate 0.5",
        ),
        (
            "Call handler of app.py for a Lambda function",
            "evcli local sinks add 'arn:aws:lambda:*:function:thumb' --kind handler"
            " --handler app.handler --path .",
        ),
        (
            "Send what queues, topics and streams would get to moto_server",
            "evcli local sinks add '*' --kind aws --endpoint-url http://127.0.0.1:5000",
        ),
    ),
    "sinks list": (("See the sinks", "evcli local sinks list"),),
    "sinks remove": (
        (
            "Go back to the file of a target",
            "evcli local sinks remove 'arn:aws:sqs:*:*:orders'",
        ),
    ),
    "sinks test": (
        (
            "Try the sink that stands for a queue",
            "evcli local sinks test arn:aws:sqs:us-east-1:000000000000:orders",
        ),
    ),
}
