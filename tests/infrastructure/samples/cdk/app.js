// The app whose `cdk.out` is beside this file; `synthesize` says how it was made.
const cdk = require("aws-cdk-lib");
const events = require("aws-cdk-lib/aws-events");
const targets = require("aws-cdk-lib/aws-events-targets");
const iam = require("aws-cdk-lib/aws-iam");
const lambda = require("aws-cdk-lib/aws-lambda");
const logs = require("aws-cdk-lib/aws-logs");
const sns = require("aws-cdk-lib/aws-sns");
const sqs = require("aws-cdk-lib/aws-sqs");

class CoreStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.bus = new events.EventBus(this, "Orders", {
      eventBusName: "orders",
      description: "What customers order",
    });
    this.bus.archive("Archive", {
      archiveName: "orders-archive",
      eventPattern: { source: ["shop"] },
      retention: cdk.Duration.days(7),
    });
    this.bus.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: "partner",
        principals: [new iam.AccountPrincipal("111122223333")],
        actions: ["events:PutEvents"],
        resources: [this.bus.eventBusArn],
      }),
    );
    this.unnamed = new events.EventBus(this, "Unnamed");
  }
}

class ShopStack extends cdk.Stack {
  constructor(scope, id, { bus, ...props }) {
    super(scope, id, props);
    const queue = new sqs.Queue(this, "Queue");
    const dead = new sqs.Queue(this, "Dead");
    const topic = new sns.Topic(this, "Topic", { topicName: "big-orders" });
    new events.Rule(this, "Big", {
      eventBus: bus,
      ruleName: "big-orders",
      description: "Orders of ten and more",
      eventPattern: {
        source: ["shop"],
        detailType: ["order placed"],
        detail: { total: events.Match.greaterThanOrEqual(10) },
      },
      targets: [
        new targets.SqsQueue(queue, {
          deadLetterQueue: dead,
          maxEventAge: cdk.Duration.hours(2),
          retryAttempts: 3,
          message: events.RuleTargetInput.fromObject({
            order: events.EventField.fromPath("$.detail.id"),
            kind: "big",
          }),
        }),
        new targets.SnsTopic(topic, {
          message: events.RuleTargetInput.fromText(
            `order ${events.EventField.fromPath("$.detail.id")}`,
          ),
        }),
      ],
    });
    new events.Rule(this, "Nightly", {
      schedule: events.Schedule.cron({ minute: "0", hour: "3" }),
      enabled: false,
      targets: [
        new targets.CloudWatchLogGroup(
          new logs.LogGroup(this, "Log", { logGroupName: "/aws/events/nightly" }),
        ),
      ],
    });
    const connection = new events.Connection(this, "Connection", {
      connectionName: "shop",
      authorization: events.Authorization.apiKey(
        "x-api-key",
        cdk.SecretValue.secretsManager("shop-key"),
      ),
    });
    const destination = new events.ApiDestination(this, "Destination", {
      apiDestinationName: "webhook",
      connection,
      endpoint: "https://example.com/hook",
      rateLimitPerSecond: 20,
    });
    new events.Rule(this, "Hook", {
      eventBus: bus,
      eventPattern: { source: ["shop"], account: [this.account] },
      targets: [new targets.ApiDestination(destination)],
    });
  }
}

// The stack that all formats of ../same describe.
class SameStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const bus = new events.EventBus(this, "Bus", {
      eventBusName: "same-orders",
      description: "What customers order",
    });
    bus.archive("Archive", {
      archiveName: "same-archive",
      description: "A week of orders",
      eventPattern: { source: ["shop"] },
      retention: cdk.Duration.days(7),
    });
    const dead = new sqs.Queue(this, "Dead", { queueName: "same-dead" });
    const resize = new lambda.Function(this, "Resize", {
      functionName: "same-resize",
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: lambda.Code.fromInline("exports.handler = async () => {};"),
    });
    new events.Rule(this, "Big", {
      eventBus: bus,
      ruleName: "same-big",
      eventPattern: {
        source: ["shop"],
        detailType: ["order placed"],
        detail: { total: events.Match.greaterThanOrEqual(10) },
      },
      targets: [
        new targets.LambdaFunction(resize, {
          deadLetterQueue: dead,
          retryAttempts: 3,
          maxEventAge: cdk.Duration.hours(1),
        }),
      ],
    });
    new events.Rule(this, "Often", {
      ruleName: "same-often",
      schedule: events.Schedule.expression("rate(5 minutes)"),
      enabled: false,
      targets: [
        new targets.LambdaFunction(resize, {
          event: events.RuleTargetInput.fromObject({ job: "often" }),
        }),
      ],
    });
  }
}

class PartStack extends cdk.NestedStack {
  constructor(scope, id, { queue }) {
    super(scope, id);
    new events.Rule(this, "Inner", {
      ruleName: "inner",
      eventPattern: { source: ["part"] },
      targets: [new targets.SqsQueue(queue)],
    });
  }
}

class PartsStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const queue = new sqs.Queue(this, "Queue", { queueName: "parts" });
    new PartStack(this, "Part", { queue });
  }
}

const app = new cdk.App({ outdir: process.argv[2], analyticsReporting: false });
const env = { account: "123456789012", region: "eu-west-1" };
const core = new CoreStack(app, "Core", { env });
new ShopStack(app, "Shop", { env, bus: core.bus });
new PartsStack(app, "Parts");
new SameStack(app, "Same", { env });
const stage = new cdk.Stage(app, "Prod", {
  env: { account: "444455556666", region: "us-west-2" },
});
new CoreStack(stage, "Core", { stackName: "prod-core" });
app.synth();
