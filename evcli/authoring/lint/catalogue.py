"""Every check: its id, how bad a finding is, what it finds, and how to mend it.

    EB1xx  the text of an event pattern           EB5xx  schedules
    EB2xx  what an event pattern means            EB6xx  rules and event buses
    EB3xx  targets                                EB7xx  files
    EB4xx  inputs and input transformers

An ERROR is what AWS refuses; a WARNING it accepts, and nothing comes of it or too much;
INFO is advice. An id is never used again for something else.

Source: [peer] what users report most often; [doc] the service's own troubleshooting.
"""

from __future__ import annotations

from typing import NamedTuple

from evcli.authoring.reports import ERROR, INFO, WARNING


class Check(NamedTuple):
    """What a check finds, and how to mend it, a line each."""

    level: str
    finds: str
    fix: str


CHECKS: dict[str, Check] = {
    # -- the text of an event pattern
    "EB101": Check(ERROR, "a single value where a list is due", "put it into [ ]"),
    "EB102": Check(
        ERROR, "an empty list or object", "leave the field out, or list values"
    ),
    "EB103": Check(
        ERROR,
        "an operator that is none, or with an operand that it does not take",
        'operators are like {"prefix": "a"}, {"numeric": [">", 5]}, {"exists": true}',
    ),
    "EB104": Check(
        ERROR, "JSON inside of a JSON string", "encode the event pattern once only"
    ),
    "EB105": Check(
        ERROR,
        "text that is not a JSON object",
        "write JSON: double quotes, no comments, no comma before a bracket",
    ),
    "EB106": Check(
        ERROR,
        "a numeric range in the wrong order, or without numbers",
        'write [">", 5, "<=", 10]: the lower bound first, numbers without quotes',
    ),
    "EB107": Check(
        ERROR,
        "a list or anything-but that holds what it cannot",
        'write {"anything-but": {"prefix": ["x"]}}; lists hold values and operators',
    ),
    "EB108": Check(
        ERROR,
        "$or that is no list of objects, of operators, or too large",
        'write {"$or": [{"a": ["x"]}, {"b": ["y"]}]}',
    ),
    "EB109": Check(
        ERROR,
        "a wildcard that cannot be used",
        "single * between text; \\* and \\\\ for the characters themselves",
    ),
    "EB110": Check(
        ERROR,
        "a network that cannot be used",
        "write ADDRESS/BITS, at most /31 or /127; a single address as a plain value",
    ),
    "EB111": Check(
        WARNING,
        "a key that stands twice: the later one replaces the earlier",
        "put all values into one list",
    ),
    "EB112": Check(
        ERROR,
        "an event pattern longer than an account may have them",
        "split the rule, or have the quota raised",
    ),
    # -- what an event pattern means
    "EB201": Check(
        WARNING,
        "a misspelt field of the envelope: no event has it",
        "fields are version, id, detail-type, source, account, time, region, resources,"
        " detail, replay-name",
    ),
    "EB202": Check(
        WARNING, "a field beside detail that no event has", "move it into detail"
    ),
    "EB203": Check(
        WARNING,
        "a field of the envelope compared with another type than text",
        "put the value in quotes",
    ),
    "EB204": Check(
        WARNING,
        "items of one list that together match every value",
        'one of them is enough to match: {"anything-but": ["a", "b"]} takes several',
    ),
    "EB205": Check(
        WARNING,
        "a pattern as a plain value: it is compared character by character",
        'use {"wildcard": "…*"}, {"prefix": "…"} or {"suffix": "…"}',
    ),
    "EB206": Check(
        WARNING,
        "events of a bucket that does not send any",
        "set NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled",
    ),
    "EB207": Check(
        WARNING,
        "calls recorded by CloudTrail that are far too many, or that never come",
        "name detail.eventSource and detail.eventName; for reading calls set State to"
        " ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    ),
    "EB208": Check(
        WARNING,
        "resources that no ARN equals",
        "ARNs are compared character by character; use prefix or wildcard for parts",
    ),
    "EB209": Check(
        WARNING,
        "a source or detail-type that AWS spells otherwise",
        "spell it as the service does; case counts",
    ),
    "EB210": Check(
        WARNING,
        "a source of AWS that evcli does not know",
        "sources of your own must not begin with aws.: PutEvents refuses them",
    ),
    "EB211": Check(
        WARNING,
        "a value or exists on a field that is an object",
        "name a field of the object: only values are compared",
    ),
    "EB212": Check(
        WARNING,
        "items of another type than the field has",
        "numbers without quotes or by numeric, texts in quotes",
    ),
    "EB213": Check(
        INFO,
        "null without what is missing: null does not match a field that is not there",
        'add {"exists": false} if missing fields are meant, too',
    ),
    "EB214": Check(
        WARNING,
        "conditions that no event can meet together",
        "a field is either a value or has fields",
    ),
    "EB215": Check(INFO, "an item that says nothing", "simplify the list"),
    "EB216": Check(
        INFO, "a name with dots: fields in fields", 'write {"a": {"b": […]}} for a.b'
    ),
    "EB217": Check(
        INFO, "a pattern that nearly every event matches", "name source and detail-type"
    ),
    "EB218": Check(
        WARNING,
        "a value that events spell in another case",
        'spell it as events do, or use {"equals-ignore-case": "…"}',
    ),
    "EB219": Check(
        WARNING, "a field that events do not have", "name a field that they have"
    ),
    "EB220": Check(
        WARNING,
        "a source and detail-type of which no captured event is",
        "spell them as the events do",
    ),
    "EB221": Check(
        WARNING,
        "a field that the project's schema does not allow",
        "name a field of the schema, or add it there",
    ),
    # -- targets
    "EB301": Check(
        WARNING,
        "a target in the same file that EventBridge may not reach",
        "let events.amazonaws.com call it, SourceArn the rule's ARN",
    ),
    "EB302": Check(
        WARNING, "a target whose rule is on another event bus", "name that of its rule"
    ),
    "EB303": Check(
        ERROR, "a target without the parameters that it needs", "add the parameters"
    ),
    "EB304": Check(
        ERROR,
        "a target whose Arn is no ARN of a target",
        "give the ARN: !GetAtt QUEUE.Arn and not !Ref QUEUE, which is its URL",
    ),
    "EB305": Check(
        ERROR,
        "a target without the role that EventBridge needs for it",
        "add RoleArn, a role that events.amazonaws.com may assume",
    ),
    "EB306": Check(
        ERROR,
        "a service that cannot be a target",
        "roles go into RoleArn; other services are reached through a function",
    ),
    "EB307": Check(
        ERROR, "more targets than a rule may have", "split the rule into two"
    ),
    "EB308": Check(
        ERROR, "two targets of one id: the later replaces the earlier", "give other ids"
    ),
    "EB309": Check(
        ERROR,
        "a dead-letter queue that cannot be used",
        "take a standard queue of SQS in the rule's region",
    ),
    "EB310": Check(
        INFO,
        "no dead-letter queue: what cannot be delivered is lost",
        "add DeadLetterConfig with the Arn of a queue",
    ),
    "EB312": Check(
        WARNING,
        "an API destination named without the id at its end",
        "take the whole ARN: !GetAtt DESTINATION.Arn",
    ),
    "EB313": Check(
        ERROR,
        "a retry policy out of range",
        "MaximumEventAgeInSeconds 60 to 86400, MaximumRetryAttempts 0 to 185",
    ),
    "EB314": Check(
        WARNING,
        "a target in another region or account that is no event bus",
        "send to an event bus there, and from that to the target",
    ),
    "EB315": Check(
        WARNING, "a task on Fargate without a network", "add NetworkConfiguration"
    ),
    "EB316": Check(
        ERROR, "a value of a target that AWS refuses", "write what the message allows"
    ),
    # -- inputs
    "EB401": Check(
        ERROR,
        "an input template that cannot become JSON",
        'put text in quotes: "Hello <name>"; the values of objects stand without quotes',
    ),
    "EB402": Check(
        ERROR,
        "a placeholder that nothing stands for",
        "add it to InputPathsMap; < and > cannot be escaped",
    ),
    "EB403": Check(
        WARNING,
        "an object or list inside of quotes: the result is no JSON and nothing arrives",
        "leave the quotes around the placeholder out",
    ),
    "EB404": Check(
        ERROR,
        "more than one of Input, InputPath and InputTransformer, or one that the target"
        " does not take",
        "keep one",
    ),
    "EB405": Check(
        ERROR, "an Input that is not JSON", "put text in quotes of its own: '\"hello\"'"
    ),
    "EB406": Check(
        ERROR,
        "an input template for a log group that is not of timestamp and message",
        'write {"timestamp": <time>, "message": <text>}',
    ),
    "EB407": Check(
        WARNING,
        "the whole event inside of quotes",
        "leave the quotes around <aws.events.event> and <aws.events.event.json> out",
    ),
    "EB408": Check(
        WARNING,
        "a path that finds nothing",
        "paths begin with $. and name fields: $.detail.items[0].sku",
    ),
    "EB409": Check(INFO, "a path that the template does not use", "delete it"),
    "EB410": Check(
        INFO,
        "text inside of quotes of a JSON template, where a quote in it breaks the JSON",
        "leave the quotes around the placeholder out: they are added",
    ),
    "EB411": Check(
        INFO,
        "a task that gets nothing of the event",
        "add an InputTransformer that makes containerOverrides",
    ),
    "EB412": Check(
        ERROR, "a name in InputPathsMap that begins with AWS", "call it something else"
    ),
    # -- schedules
    "EB501": Check(
        ERROR,
        "cron with other than six fields",
        "minutes hours day-of-month month day-of-week year: cron(0 10 * * ? *)",
    ),
    "EB502": Check(
        ERROR,
        "cron with both day fields, or with neither",
        "exactly one of day-of-month and day-of-week is ?: cron(0 10 * * ? *)",
    ),
    "EB503": Check(
        ERROR,
        "a rate that cannot be used",
        "rate(1 minute), rate(5 minutes), rate(1 hour), rate(7 days)",
    ),
    "EB504": Check(
        ERROR,
        "a schedule with a value out of range, or none of cron and rate",
        "SUN is 1 and SAT is 7; years are 1970 to 2199",
    ),
    "EB505": Check(
        WARNING,
        "days of the week by number: Sunday is 1 here, in Unix it is 0",
        "name them: MON-FRI",
    ),
    "EB506": Check(WARNING, "a schedule that never fires", "look at its day and year"),
    "EB507": Check(
        INFO,
        "a schedule of every minute",
        "43,200 invocations a month; is so often needed?",
    ),
    # -- rules and event buses
    "EB601": Check(
        WARNING,
        "events of AWS on an event bus where they do not arrive",
        "put the rule on the default event bus, or a rule there that forwards them",
    ),
    "EB602": Check(
        ERROR, "a schedule on an event bus of your own", "leave EventBusName out"
    ),
    "EB603": Check(
        ERROR,
        "a name that AWS does not allow",
        "letters, digits, . - and _; 64 characters at most, 48 for archives",
    ),
    "EB604": Check(
        WARNING,
        "events that go round, or further than one event bus",
        "remove the target, or forward once",
    ),
    "EB605": Check(INFO, "a rule that delivers nothing, or twice", "is it needed?"),
    "EB606": Check(
        ERROR,
        "a State that a rule cannot have",
        "ENABLED or DISABLED, in capitals; CloudTrail's state goes with patterns only",
    ),
    "EB607": Check(
        WARNING,
        "an event bus that everybody may send to",
        "name accounts, or add a condition on aws:PrincipalOrgID",
    ),
    "EB608": Check(ERROR, "a value that AWS refuses", "write what the message allows"),
    "EB609": Check(
        ERROR,
        "a rule with neither an event pattern nor a schedule",
        "add EventPattern or ScheduleExpression",
    ),
    "EB610": Check(
        INFO,
        "an archive that keeps everything for ever",
        "add EventPattern or RetentionDays",
    ),
    "EB611": Check(
        ERROR,
        "more rules than an event bus may have",
        "spread them, or have the quota raised",
    ),
    # -- files
    "EB701": Check(
        WARNING,
        "the text of a token that the CDK has not resolved",
        "do not cut or join tokens as text; use Fn.join and the like",
    ),
    "EB706": Check(
        WARNING,
        "a whole policy and single statements for one event bus: they overwrite another",
        "use one of them only",
    ),
    "EB707": Check(
        INFO,
        "a value that cannot be worked out, so it was not checked",
        "supply it: --parameter NAME=VALUE, --import-value NAME=VALUE",
    ),
}
