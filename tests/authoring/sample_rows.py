"""What each sample has to be, written down from the reference and not from the files.

A row is: detail-type, resources, shape of the detail, the detail of the event pattern that
people most write for it, and a change of that pattern by which it no longer matches.
The source follows from the name. `resources` are regular expressions, in order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.authoring.shapes import ANY, TAGS, B, N, S


class Row(NamedTuple):
    """One sample: `pattern` and `near_miss` are of the detail; `{}` is none."""

    detail_type: str
    resources: list[str]
    shape: dict[str, Any]
    pattern: dict[str, Any]
    near_miss: dict[str, Any]


A = "[0-9]{12}"
R = "us-east-1"
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HEX = "[0-9a-f]+"
INSTANCE = f"arn:aws:ec2:{R}:{A}:instance/i-[0-9a-f]{{17}}"
BUCKET = "arn:aws:s3:::[a-z0-9.-]+"
GROUP = f"arn:aws:autoscaling:{R}:{A}:autoScalingGroup:{UUID}:autoScalingGroupName/.+"
SERVICE = f"arn:aws:ecs:{R}:{A}:service/[^/]+/[^/]+"
BUILD = f"arn:aws:codebuild:{R}:{A}:build/[^:]+:{UUID}"
STACK = f"arn:aws:cloudformation:{R}:{A}:stack/[^/]+/{UUID}"
ALARM = f"arn:aws:cloudwatch:{R}:{A}:alarm:.+"
PIPELINE = f"arn:aws:codepipeline:{R}:{A}:[^:/]+"
KEY = f"arn:aws:kms:{R}:{A}:key/{UUID}"
CERTIFICATE = f"arn:aws:acm:{R}:{A}:certificate/{UUID}"


def s3(event_object: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "version": {"0"},
        "event-version?": S,
        "bucket": {"name": S, "aws-generated-tags?": TAGS},
        "object": {
            "key": S,
            "version-id?": S,
            "has-object-annotation?": B,
            **event_object,
        },
        "request-id": S,
        "requester": S,
        **{name.replace("_", "-"): shape for name, shape in more.items()},
    }


SCALING = {
    "StatusCode": {"InProgress", "Failed"}, "Description?": S, "AutoScalingGroupName": S,
    "ActivityId": S, "Details": {"Availability Zone": S, "Subnet ID": S}, "RequestId": S,
    "StatusMessage?": S, "StartTime": S, "EndTime": S, "EC2InstanceId": S, "Cause": S,
    "Origin?": {"EC2", "WarmPool", "AutoScalingGroup"},
    "Destination?": {"EC2", "WarmPool", "AutoScalingGroup"},
}  # fmt: skip

NAME_VALUE = {"name": S, "value": S}
ATTACHMENT = {"id": S, "type": S, "status": S, "details": [NAME_VALUE]}
ECS_CONTAINER = {
    "containerArn": S, "name": S, "lastStatus": S, "taskArn": S, "image?": S,
    "imageDigest?": S, "runtimeId?": S, "exitCode?": N, "reason?": S, "cpu?": S,
    "memory?": S, "memoryReservation?": S, "gpuIds?": [S],
    "networkBindings?": [
        {"bindIP": S, "containerPort": N, "hostPort": N, "protocol": S},
    ],
    "networkInterfaces?": [
        {"attachmentId": S, "privateIpv4Address": S, "ipv6Address?": S},
    ],
}  # fmt: skip
ECS_TASK = {
    "taskArn": S, "clusterArn": S, "taskDefinitionArn": S, "version": N, "lastStatus": S,
    "desiredStatus": {"RUNNING", "PENDING", "STOPPED"}, "createdAt": S, "updatedAt": S,
    "startedAt?": S, "stoppedAt?": S, "stoppingAt?": S, "executionStoppedAt?": S,
    "pullStartedAt?": S, "pullStoppedAt?": S, "connectivityAt?": S, "startedBy?": S,
    "group?": S, "launchType?": {"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"},
    "capacityProviderName?": S, "platformVersion?": S, "containerInstanceArn?": S,
    "availabilityZone?": S, "connectivity?": {"CONNECTED", "DISCONNECTED"}, "cpu?": S,
    "memory?": S,
    "stopCode?": {
        "TaskFailedToStart", "EssentialContainerExited", "UserInitiated",
        "ServiceSchedulerInitiated", "SpotInterruption", "TerminationNotice",
    },
    "stoppedReason?": S, "enableExecuteCommand?": B,
    "ephemeralStorage?": {"sizeInGiB": N}, "attributes?": [NAME_VALUE],
    "attachments?": [ATTACHMENT],
    "overrides": {
        "containerOverrides": [
            {"name": S, "command?": [S], "environment?": [NAME_VALUE], "cpu?": N,
             "memory?": N},
        ],
    },
    "containers": [ECS_CONTAINER],
}  # fmt: skip
ECS_RESOURCE = {
    "name": S, "type": S, "integerValue?": N, "longValue?": N, "doubleValue?": N,
    "stringSetValue?": [S],
}  # fmt: skip
ECS_INSTANCE = {
    "agentConnected": B, "agentUpdateStatus?": S,
    "attributes?": [{"name": S, "value?": S}], "attachments?": [], "clusterArn": S,
    "containerInstanceArn": S, "ec2InstanceId?": S, "registeredResources": [ECS_RESOURCE],
    "remainingResources": [ECS_RESOURCE], "runningTasksCount?": N,
    "pendingTasksCount?": N, "status": S, "statusReason?": S, "version": N,
    "versionInfo": {"agentHash?": S, "agentVersion?": S, "dockerVersion?": S},
    "registeredAt?": S, "updatedAt": S, "accountType?": S,
}  # fmt: skip
ECS_ACTION = {
    "eventType": {"INFO", "WARN", "ERROR"}, "eventName": S, "clusterArn": S,
    "createdAt": S, "reason?": S, "capacityProviderArns?": [S],
    "containerInstanceArns?": [S], "ec2InstanceIds?": [S], "taskArns?": [S],
    "taskSetArns?": [S], "targetGroupArns?": [S], "serviceRegistryArns?": [S],
    "targets?": [S], "desiredCount?": N, "containerPort?": N,
}  # fmt: skip
BATCH_JOB = {
    "jobArn?": S, "jobName": S, "jobId": S, "jobQueue": S,
    "status": {
        "SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED",
    },
    "statusReason?": S,
    "attempts": [
        {
            "container": {
                "containerInstanceArn": S, "taskArn": S, "logStreamName": S,
                "exitCode": N, "networkInterfaces": [],
            },
            "startedAt": N, "stoppedAt": N, "statusReason": S,
        },
    ],
    "createdAt": N, "startedAt?": N, "stoppedAt?": N,
    "retryStrategy": {"attempts": N, "evaluateOnExit?": []},
    "dependsOn": [{"jobId": S, "type": S}], "jobDefinition": S, "parameters": TAGS,
    "container": {
        "image": S, "command": [S], "vcpus?": N, "memory?": N, "volumes": [],
        "environment": [NAME_VALUE], "mountPoints": [], "ulimits": [],
        "networkInterfaces": [], "resourceRequirements": [{"type": S, "value": S}],
        "secrets": [], "exitCode?": N, "logStreamName?": S, "taskArn?": S,
    },
    "propagateTags?": B, "platformCapabilities?": [S],
}  # fmt: skip

PIPELINE_STATES = {
    "CANCELED", "FAILED", "RESUMED", "STARTED", "STOPPED", "STOPPING", "SUCCEEDED",
}  # fmt: skip
PIPELINE_EXECUTION = {
    "pipeline": S, "execution-id": S, "version": N, "state": PIPELINE_STATES | {"SUPERSEDED"},
    "start-time?": S, "pipeline-execution-attempt?": N,
    "execution-trigger?": {"trigger-type": S, "trigger-detail": S},
}  # fmt: skip
ARTIFACTS = [{"name": S, "s3location": {"bucket": S, "key": S}}]
PIPELINE_ACTION = {
    **PIPELINE_EXECUTION,
    "state": {"ABANDONED", "CANCELED", "FAILED", "STARTED", "SUCCEEDED"},
    "stage": S, "action": S, "action-execution-id?": S, "region": S,
    "type": {
        "owner": {"AWS", "ThirdParty", "Custom"}, "provider": S,
        "category": {
            "Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute",
        },
        "version": (S, N),
    },
    "execution-result?": {
        "external-execution-id": S, "external-execution-url": S,
        "external-execution-summary": S, "error-code?": S,
    },
    "input-artifacts?": ARTIFACTS, "output-artifacts?": ARTIFACTS,
}  # fmt: skip
BUILD_INFORMATION = {
    "artifact?": {"location": S, "md5sum?": S, "sha256sum?": S},
    "cache?": {"type": S, "location?": S},
    "environment": {
        "image": S, "type": S, "compute-type": S, "privileged-mode": B,
        "image-pull-credentials-type?": S,
        "environment-variables": [{"name": S, "type": S, "value": S}],
    },
    "timeout-in-minutes": N, "queued-timeout-in-minutes?": N, "build-complete": B,
    "initiator": S, "build-start-time": S,
    "source": {
        "type": S, "location?": S, "buildspec?": S, "auth?": {"type": S, "resource?": S},
    },
    "source-version?": S,
    "logs": {"group-name?": S, "stream-name?": S, "deep-link": S},
    "network-interface?": {"subnet-id": S, "eni-id?": S}, "vpc-config?": ANY,
    "phases": [
        {
            "phase-type": {
                "SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL",
                "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING",
                "COMPLETED",
            },
            "phase-status?": S, "phase-context?": [S], "start-time": S, "end-time?": S,
            "duration-in-seconds?": N,
        },
    ],
}  # fmt: skip

ALARM_STATE = {
    "value": {"OK", "ALARM", "INSUFFICIENT_DATA"}, "reason": S, "reasonData?": S,
    "timestamp": S,
    "evaluationState?": {"PARTIAL_DATA", "EVALUATION_FAILURE", "EVALUATION_ERROR"},
    "actionsSuppressedBy?": {"WaitPeriod", "ExtensionPeriod", "Alarm"},
    "actionsSuppressedReason?": S,
}  # fmt: skip
METRICS = [
    {
        "id": S,
        "metricStat?": {
            "metric": {"namespace": S, "name": S, "dimensions": TAGS},
            "period": N, "stat": S, "unit?": S,
        },
        "expression?": S, "label?": S, "returnData": B,
    },
]  # fmt: skip
ALARM_CHANGE = {
    "alarmName": S, "state": ALARM_STATE, "previousState": ALARM_STATE,
    "configuration": {
        "description?": S, "metrics?": METRICS, "alarmRule?": S, "actionsSuppressor?": S,
        "actionsSuppressorWaitPeriod?": N, "actionsSuppressorExtensionPeriod?": N,
    },
    "muteDetail?": {"mutedByArn": S, "muteWindowStart": S, "muteWindowEnd": S},
}  # fmt: skip
ALARM_CONFIGURATION = {
    "alarmName": S, "description?": S, "actionsEnabled": B, "timestamp": S,
    "evaluationPeriods?": N, "datapointsToAlarm?": N, "threshold?": N,
    "comparisonOperator?": S, "treatMissingData?": S,
    "evaluateLowSampleCountPercentile?": S, "metrics?": METRICS, "alarmRule?": S,
    "okActions": [S], "alarmActions": [S], "insufficientDataActions": [S],
}  # fmt: skip
EXECUTION = {
    "executionArn": S, "stateMachineArn": S, "name": S,
    "status": {
        "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE",
    },
    "startDate": N, "stopDate": (N, None), "input": (S, None),
    "inputDetails": ({"included": B}, None), "output": (S, None),
    "outputDetails": ({"included": B}, None), "stateMachineVersionArn": (S, None),
    "stateMachineAliasArn": (S, None), "redriveCount": N, "redriveDate": (S, None),
    "redriveStatus": {"NOT_REDRIVABLE", "REDRIVABLE", "REDRIVE_IN_PROGRESS"},
    "redriveStatusReason": (S, None), "error": (S, None), "cause": (S, None),
}  # fmt: skip
CREATED_BY = {
    "backupPlanId": S, "backupPlanArn": S, "backupPlanVersion": S, "backupPlanRuleId": S,
}  # fmt: skip
TRAINING_JOB = {
    "TrainingJobName": S, "TrainingJobArn": S,
    "TrainingJobStatus": {"InProgress", "Completed", "Failed", "Stopping", "Stopped"},
    "SecondaryStatus": S, "FailureReason?": S, "HyperParameters": TAGS,
    "AlgorithmSpecification": {"TrainingImage": S, "TrainingInputMode": S}, "RoleArn": S,
    "InputDataConfig": [], "OutputDataConfig": {"S3OutputPath": S},
    "ResourceConfig": {"InstanceType": S, "InstanceCount": N, "VolumeSizeInGB": N},
    "StoppingCondition": {"MaxRuntimeInSeconds": N},
    "ModelArtifacts?": {"S3ModelArtifacts": S}, "CreationTime": N,
    "TrainingStartTime?": N, "TrainingEndTime?": N, "LastModifiedTime": N,
    "SecondaryStatusTransitions": [
        {"Status": S, "StartTime": N, "EndTime?": N, "StatusMessage": S},
    ],
    "Tags": TAGS,
}  # fmt: skip
REMOTE = {
    "ipAddressV4": S, "country": {"countryName": S}, "city": {"cityName": S},
    "geoLocation": {"lat": N, "lon": N},
    "organization": {"asn": S, "asnOrg": S, "isp": S, "org": S},
}  # fmt: skip
PORT = {"port": N, "portName": S}
GUARDDUTY = {
    "schemaVersion": {"2.0"}, "accountId": S, "region": S, "partition": S, "id": S,
    "arn": S, "type": S,
    "resource": {
        "resourceType": S, "instanceDetails?": ANY, "accessKeyDetails?": ANY,
        "s3BucketDetails?": [], "eksClusterDetails?": ANY, "kubernetesDetails?": ANY,
        "ecsClusterDetails?": ANY, "containerDetails?": ANY, "ebsVolumeDetails?": ANY,
    },
    "service": {
        "serviceName": {"guardduty"}, "detectorId": S,
        "action": {
            "actionType": S,
            "networkConnectionAction?": {
                "connectionDirection": S, "protocol": S, "blocked": B,
                "localPortDetails": PORT, "remotePortDetails": PORT,
                "remoteIpDetails": REMOTE,
            },
        },
        "resourceRole": {"TARGET", "ACTOR"}, "additionalInfo": ANY, "evidence?": ANY,
        "eventFirstSeen": S, "eventLastSeen": S, "archived": B, "count": N,
    },
    "severity": N, "createdAt": S, "updatedAt": S, "title": S, "description": S,
}  # fmt: skip
ASFF = {
    "SchemaVersion": {"2018-10-08"}, "Id": S, "ProductArn": S, "ProductName?": S,
    "CompanyName?": S, "Region?": S, "GeneratorId": S, "AwsAccountId": S,
    "AwsAccountName?": S, "Types?": [S], "FirstObservedAt?": S, "LastObservedAt?": S,
    "CreatedAt": S, "UpdatedAt": S, "ProcessedAt?": S,
    "Severity": {
        "Label": {"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"}, "Normalized": N,
        "Product?": N, "Original?": S,
    },
    "Title": S, "Description": S,
    "Remediation?": {"Recommendation": {"Text": S, "Url": S}}, "ProductFields?": TAGS,
    "Resources": [
        {"Type": S, "Id": S, "Partition": S, "Region": S, "Tags?": TAGS, "Details?": ANY},
    ],
    "Compliance?": {
        "Status": {"PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"},
        "SecurityControlId?": S, "AssociatedStandards?": [{"StandardsId": S}],
    },
    "WorkflowState?": {"NEW"},
    "Workflow": {"Status": {"NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"}},
    "RecordState": {"ACTIVE", "ARCHIVED"},
}  # fmt: skip
INSPECTOR = {
    "awsAccountId": S, "findingArn": S, "title": S, "description": S,
    "type": {"PACKAGE_VULNERABILITY", "NETWORK_REACHABILITY", "CODE_VULNERABILITY"},
    "severity": {"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL", "UNTRIAGED"},
    "status": {"ACTIVE", "SUPPRESSED", "CLOSED"}, "inspectorScore?": N,
    "inspectorScoreDetails?": {
        "adjustedCvss": {
            "score": N, "scoreSource": S, "scoringVector": S, "version": S,
            "cvssSource": S, "adjustments": [],
        },
    },
    "epss?": {"score": N}, "exploitAvailable?": {"YES", "NO"},
    "fixAvailable?": {"YES", "NO", "PARTIAL"}, "firstObservedAt": S, "lastObservedAt": S,
    "updatedAt": S,
    "packageVulnerabilityDetails?": {
        "vulnerabilityId": S, "source": S, "sourceUrl": S, "vendorSeverity": S,
        "vendorCreatedAt?": S, "cvss": [], "referenceUrls": [],
        "relatedVulnerabilities": [],
        "vulnerablePackages": [
            {"name": S, "version": S, "arch": S, "epoch": N, "release?": S,
             "packageManager": S, "fixedInVersion?": S, "remediation?": S},
        ],
    },
    "remediation": {"recommendation": {"text": S}},
    "resources": [
        {"type": S, "id": S, "region": S, "partition": S, "tags?": TAGS, "details": ANY},
    ],
}  # fmt: skip
ENCRYPTION = {"encryptionType": S, "kmsMasterKeyId": (S, None)}
MACIE = {
    "schemaVersion": {"1.0"}, "id": S, "accountId": S, "partition": S, "region": S,
    "type": S, "title": S, "description": S,
    "severity": {"score": N, "description": {"Low", "Medium", "High"}}, "createdAt": S,
    "updatedAt": S, "count": N,
    "resourcesAffected": {
        "s3Bucket": {
            "arn": S, "name": S, "createdAt": S, "owner": {"displayName": S, "id": S},
            "tags": [{"key": S, "value": S}], "defaultServerSideEncryption": ENCRYPTION,
            "publicAccess": {
                "effectivePermission": {"PUBLIC", "NOT_PUBLIC", "UNKNOWN"},
                "permissionConfiguration": ANY,
            },
            "allowsUnencryptedObjectUploads": S,
        },
        "s3Object": (
            {"bucketArn": S, "key": S, "path": S, "extension": S, "lastModified": S,
             "versionId": S, "size": N, "storageClass": S, "etag": S,
             "serverSideEncryption": ENCRYPTION, "tags": [], "publicAccess": B},
            None,
        ),
    },
    "category": {"CLASSIFICATION", "POLICY"},
    "classificationDetails": (
        {
            "jobArn": S, "jobId": S, "originType?": S,
            "result": {
                "status": {"code": S, "reason": (S, None)}, "sizeClassified": N,
                "mimeType": S,
                "sensitiveData": [
                    {"category": S, "totalCount": N,
                     "detections": [{"type": S, "count": N, "occurrences?": ANY}]},
                ],
                "customDataIdentifiers": {"totalCount": N, "detections": []},
            },
        },
        None,
    ),
    "policyDetails": (ANY, None), "sample": B, "archived": B,
}  # fmt: skip
CONFIG = {"recordVersion": S, "messageType": S, "notificationCreationTime": S}
EVALUATION = {
    "complianceType": {
        "COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE", "INSUFFICIENT_DATA",
    },
    "resultRecordedTime": S, "configRuleInvokedTime": S, "annotation?": S,
    "evaluationResultIdentifier": {
        "orderingTimestamp": S,
        "evaluationResultQualifier": {
            "configRuleName": S, "resourceType": S, "resourceId": S,
        },
    },
}  # fmt: skip
HEALTH = {
    "eventArn": S, "service": S, "eventTypeCode": S,
    "eventTypeCategory": {
        "issue", "accountNotification", "scheduledChange", "investigation",
    },
    "eventScopeCode": {"ACCOUNT_SPECIFIC", "PUBLIC"}, "communicationId": S,
    "startTime": S, "endTime?": S, "lastUpdatedTime": S,
    "statusCode": {"open", "closed", "upcoming"}, "eventRegion": S,
    "eventDescription": [{"language": S, "latestDescription": S}],
    "eventMetadata?": TAGS,
    "affectedEntities?": [
        {"entityValue": S,
         "status?": {"IMPAIRED", "UNIMPAIRED", "PENDING", "RESOLVED", "UNKNOWN"},
         "lastUpdatedTime?": S, "tags?": TAGS},
    ],
    "affectedAccount": S, "page": S, "totalPages": S, "backupEvent": {"true", "false"},
    "actionability?": {"ACTION_REQUIRED", "ACTION_MAY_BE_REQUIRED", "INFORMATIONAL"},
    "personas?": [{"OPERATIONS", "SECURITY", "BILLING"}],
}  # fmt: skip
EXPIRED = {
    "CertificateType": {"AMAZON_ISSUED", "PRIVATE", "IMPORTED"}, "CommonName": S,
    "CertificateExpirationDate": S, "DomainValidationMethod?": {"EMAIL", "DNS"},
    "CertificateCreatedDate": S, "InUse": B, "Exported": B, "Exportable?": B,
}  # fmt: skip
STATUS_OF_ACCOUNT = {
    "state": {"SUCCEEDED", "FAILED"}, "message": S,
    "account": {"accountName": S, "accountId": S},
    "organizationalUnit": {"organizationalUnitName": S, "organizationalUnitId": S},
    "requestedTimestamp": S, "completedTimestamp": S,
}  # fmt: skip
IDENTITY = {
    "type": {
        "Root", "IAMUser", "AssumedRole", "FederatedUser", "AWSAccount", "AWSService",
        "IdentityCenterUser",
    },
    "principalId?": S, "arn?": S, "accountId?": S, "accessKeyId?": S, "userName?": S,
    "invokedBy?": S,
    "sessionContext?": {
        "sessionIssuer?": {
            "type": S, "principalId": S, "arn": S, "accountId": S, "userName": S,
        },
        "webIdFederationData?": ANY,
        "attributes": {"creationDate": S, "mfaAuthenticated": {"true", "false"}},
        "sourceIdentity?": S,
    },
}  # fmt: skip
TRAIL = {
    "eventVersion": S, "userIdentity": IDENTITY, "eventTime": S, "eventSource": S,
    "eventName": S, "awsRegion": S, "sourceIPAddress": S, "userAgent": S, "errorCode?": S,
    "errorMessage?": S, "requestParameters": (ANY, None), "responseElements": (ANY, None),
    "additionalEventData?": ANY, "requestID?": S, "eventID": S, "readOnly": B,
    "resources?": [{"type?": S, "ARN": S, "accountId?": S}],
    "eventType": {
        "AwsApiCall", "AwsServiceEvent", "AwsConsoleAction", "AwsConsoleSignIn",
    },
    "apiVersion?": S, "managementEvent?": B, "recipientAccountId?": S,
    "sharedEventID?": S, "vpcEndpointId?": S,
    "eventCategory?": {"Management", "Data", "NetworkActivity", "Insight"},
}  # fmt: skip


def trail_service(details: dict[str, Any]) -> dict[str, Any]:
    return {
        **TRAIL,
        "userIdentity": {"accountId": S, "invokedBy": {"AWS Internal"}},
        "eventType": {"AwsServiceEvent"},
        "serviceEventDetails": details,
    }


def api_call(service: str, name: str, near: str) -> Row:
    source = f"{service}.amazonaws.com"
    return Row(
        "AWS API Call via CloudTrail",
        [],
        {**TRAIL, "requestID": S, "eventSource": {source}, "eventType": {"AwsApiCall"}},
        {"eventSource": [source], "eventName": [name]},
        {"eventSource": [source], "eventName": [near]},
    )


def scaling(detail_type: str, resources: list[str], near: str) -> Row:
    return Row(
        detail_type, resources, SCALING,
        {"AutoScalingGroupName": ["tidewater-web"]}, {"AutoScalingGroupName": [near]},
    )  # fmt: skip


def rds(detail_type: str, kind: str, source_type: str, event_id: str) -> Row:
    return Row(
        detail_type,
        [f"arn:aws:rds:{R}:{A}:{kind}:[a-z0-9-]+"],
        {
            "EventCategories": [S], "SourceType": {source_type}, "SourceArn": S,
            "SourceIdentifier": S, "Date": S, "Message": S, "EventID?": S, "Tags?": TAGS,
        },
        {"EventID": [event_id], "SourceType": [source_type]},
        # Of the API, which writes it in another case.
        {"EventID": [event_id], "SourceType": [source_type.lower().replace("_", "-")]},
    )  # fmt: skip


ROWS: dict[str, Row] = {
    # Storage
    "s3/object-created": Row(
        "Object Created", [BUCKET],
        s3(
            {"size": N, "etag": S, "sequencer": S}, source_ip_address=S,
            reason={"PutObject", "POST Object", "CopyObject", "CompleteMultipartUpload"},
        ),
        {"bucket": {"name": ["tidewater-uploads"]},
         "object": {"key": [{"prefix": "incoming/"}]}},
        # A glob needs the operator for it.
        {"bucket": {"name": ["tidewater-uploads"]}, "object": {"key": ["*.png"]}},
    ),
    "s3/object-deleted": Row(
        "Object Deleted", [BUCKET],
        {
            **s3({"etag?": S, "sequencer": S}, source_ip_address=S,
                 reason={"DeleteObject", "Lifecycle Expiration"}),
            "deletion-type": {"Permanently Deleted", "Delete Marker Created"},
        },
        {"bucket": {"name": ["tidewater-uploads"]}, "reason": ["DeleteObject"]},
        {"object": {"size": [{"exists": True}]}},
    ),
    "s3/object-restore-completed": Row(
        "Object Restore Completed", [BUCKET],
        s3({"size": N, "etag?": S}, source_storage_class=S, restore_expiry_time=S)
        | {"requester": {"s3.amazonaws.com"}},
        {"bucket": {"name": ["tidewater-uploads"]},
         "source-storage-class": ["GLACIER"]},
        {"source-ip-address": [{"exists": True}]},
    ),
    "s3/object-tags-added": Row(
        "Object Tags Added", [BUCKET], s3({"etag?": S}, source_ip_address=S),
        {"bucket": {"name": ["tidewater-uploads"]}},
        {"bucket": {"name": ["tidewater"]}},
    ),
    "s3/object-storage-class-changed": Row(
        "Object Storage Class Changed", [BUCKET],
        s3({"size": N, "etag?": S}, destination_storage_class=S),
        {"destination-storage-class": ["STANDARD_IA"]},
        {"destination-storage-class": ["STANDARD"]},
    ),
    "s3/api-call": api_call("s3", "PutBucketPolicy", "DeleteBucketPolicy"),
    # Compute
    "ec2/instance-state-change": Row(
        "EC2 Instance State-change Notification", [INSTANCE],
        {"instance-id": S,
         "state": {"pending", "running", "shutting-down", "stopped", "stopping",
                   "terminated"}},
        {"state": ["stopped", "terminated"]}, {"state": ["Stopped"]},
    ),
    "ec2/spot-instance-interruption": Row(
        "EC2 Spot Instance Interruption Warning",
        # The zone in place of the region, and no account.
        [f"arn:aws:ec2:{R}[a-f]:instance/i-[0-9a-f]{{17}}"],
        {"instance-id": S, "instance-action": {"hibernate", "stop", "terminate"}},
        {}, {"instance-action": ["terminated"]},
    ),
    "ec2/instance-rebalance-recommendation": Row(
        "EC2 Instance Rebalance Recommendation", [INSTANCE], {"instance-id": S},
        {}, {"instance-action": [{"exists": True}]},
    ),
    "ec2/ebs-volume": Row(
        "EBS Volume Notification", [f"arn:aws:ec2:{R}:{A}:volume/vol-[0-9a-f]{{17}}"],
        {"event": {"createVolume", "deleteVolume", "attachVolume", "reattachVolume",
                   "modifyVolume", "initializeVolume"},
         "result": {"available", "deleted", "failed", "optimizing", "completed",
                    "succeeded"},
         "cause?": S, "request-id": S, "completionTime?": S},
        {"event": ["createVolume"], "result": ["available", "failed"]},
        {"event": ["createVolume"], "result": ["succeeded"]},
    ),
    "ec2/ebs-snapshot": Row(
        # The region in the slot of the account.
        "EBS Snapshot Notification", [f"arn:aws:ec2::{R}:snapshot/snap-[0-9a-f]{{17}}"],
        {"event": {"createSnapshot", "copySnapshot", "shareSnapshot", "createSnapshots"},
         "result": {"succeeded", "failed"}, "cause": S, "request-id": S,
         "snapshot_id": S, "source": S, "startTime": S, "endTime": S,
         "incremental?": {"true", "false"}, "transferType?": {"standard", "time-based"}},
        {"event": ["createSnapshot"], "result": ["succeeded"]},
        {"event": ["createSnapshot"], "result": ["completed"]},
    ),
    "ec2/ami-state-change": Row(
        "EC2 AMI State Change", [f"arn:aws:ec2:{R}::image/ami-[0-9a-f]{{17}}"],
        {"RequestId?": S, "ImageId": S, "ErrorMessage?": S,
         "State": {"available", "failed", "deregistered", "disabled"}},
        {"State": ["available", "failed"]}, {"state": ["available", "failed"]},
    ),
    "ec2/api-call": api_call(
        "ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"
    ),
    "ec2fleet/error": Row(
        "EC2 Fleet Error", [f"arn:aws:ec2:{R}:{A}:fleet/fleet-{UUID}"],
        {"sub-type": S, "description?": S, "instance-id?": S,
         "spot-instance-request-id?": S},
        {"sub-type": ["launchSpecUnusable"]}, {"subType": ["launchSpecUnusable"]},
    ),
    "autoscaling/instance-launch-successful": scaling(
        "EC2 Instance Launch Successful", [GROUP, INSTANCE], "web"
    ),
    "autoscaling/instance-launch-unsuccessful": scaling(
        "EC2 Instance Launch Unsuccessful",
        # No instance came to be.
        [GROUP, f"arn:aws:ec2:{R}:{A}:instance/"], "tidewater",
    ),
    "autoscaling/instance-terminate-successful": scaling(
        "EC2 Instance Terminate Successful", [GROUP, INSTANCE], "Tidewater-web"
    ),
    "autoscaling/instance-terminate-lifecycle-action": Row(
        "EC2 Instance-terminate Lifecycle Action", [GROUP],
        {"LifecycleActionToken": S, "AutoScalingGroupName": S, "LifecycleHookName": S,
         "EC2InstanceId": S,
         "LifecycleTransition": {"autoscaling:EC2_INSTANCE_LAUNCHING",
                                 "autoscaling:EC2_INSTANCE_TERMINATING"},
         "NotificationMetadata?": S, "Origin?": S, "Destination?": S},
        {"AutoScalingGroupName": ["tidewater-web"],
         "LifecycleHookName": ["drain-connections"]},
        {"LifecycleTransition": ["autoscaling:EC2_INSTANCE_LAUNCHING"]},
    ),
    "autoscaling/instance-refresh-failed": Row(
        "EC2 Auto Scaling Instance Refresh Failed", [GROUP],
        {"InstanceRefreshId": S, "AutoScalingGroupName": S, "CheckpointPercentage?": S,
         "CheckpointDelay?": S},
        {}, {"CheckpointPercentage": [{"exists": True}]},
    ),
    "application-autoscaling/scaling-activity-state-change": Row(
        "Application Auto Scaling Scaling Activity State Change", [],
        {"startTime": S, "endTime": S, "newDesiredCapacity": N, "oldDesiredCapacity": N,
         "minCapacity": N, "maxCapacity": N, "resourceId": S, "scalableDimension": S,
         "serviceNamespace": S, "statusCode": S, "scaledToMax": B,
         "direction": {"scale-out", "scale-in"}},
        {"serviceNamespace": ["ecs"], "scaledToMax": [True]},
        {"scaledToMax": ["true"]},
    ),
    "ecs/task-state-change": Row(
        "ECS Task State Change", [f"arn:aws:ecs:{R}:{A}:task/[^/]+/{HEX}"], ECS_TASK,
        {"lastStatus": ["STOPPED"], "stopCode": ["EssentialContainerExited"],
         "containers": {"exitCode": [{"anything-but": 0}]}},
        {"lastStatus": ["STOPPED"], "containers": {"exitCode": ["137"]}},
    ),
    "ecs/container-instance-state-change": Row(
        "ECS Container Instance State Change",
        [f"arn:aws:ecs:{R}:{A}:container-instance/[^/]+/{HEX}"], ECS_INSTANCE,
        {"agentConnected": [False]}, {"agentConnected": ["false"]},
    ),
    "ecs/service-action": Row(
        "ECS Service Action", [SERVICE], ECS_ACTION,
        {"eventType": ["ERROR", "WARN"]}, {"eventType": ["Error", "Warn"]},
    ),
    "ecs/deployment-state-change": Row(
        "ECS Deployment State Change", [SERVICE],
        {"eventType": {"INFO", "ERROR"},
         "eventName": {"SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED",
                       "SERVICE_DEPLOYMENT_FAILED"},
         "deploymentId": S, "updatedAt": S, "reason": S},
        {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        # Only `resources` say which cluster it is.
        {"clusterArn": [{"exists": True}]},
    ),
    "ecr/image-action": Row(
        "ECR Image Action", [],
        {"action-type": {"PUSH", "DELETE", "UPDATE_STORAGE_CLASS"},
         "result": {"SUCCESS", "FAILURE"}, "repository-name": S, "image-digest?": S,
         "image-tag?": S},
        {"action-type": ["PUSH"], "result": ["SUCCESS"],
         "repository-name": ["tidewater/checkout"], "image-tag": ["latest"]},
        {"action-type": ["PUSH"], "repository-name": ["checkout"]},
    ),
    "ecr/image-scan": Row(
        "ECR Image Scan", [f"arn:aws:ecr:{R}:{A}:repository/.+"],
        {"scan-status": S, "repository-name": S, "image-digest?": S, "image-tags?": [S],
         "finding-severity-counts?": {
             "CRITICAL?": N, "HIGH?": N, "MEDIUM?": N, "LOW?": N, "INFORMATIONAL?": N,
             "UNDEFINED?": N}},
        {"finding-severity-counts": {"CRITICAL": [{"numeric": [">", 0]}]}},
        # A level without findings is absent.
        {"finding-severity-counts": {"HIGH": [{"numeric": [">=", 0]}]}},
    ),
    "batch/job-state-change": Row(
        "Batch Job State Change", [f"arn:aws:batch:{R}:{A}:job/{UUID}"], BATCH_JOB,
        {"status": ["FAILED"], "jobQueue": [{"suffix": "job-queue/nightly"}]},
        {"status": ["FAILED"], "jobQueue": ["nightly"]},
    ),
    "lambda/api-call": Row(
        "AWS API Call via CloudTrail", [],
        {**TRAIL, "eventSource": {"lambda.amazonaws.com"}},
        {"eventSource": ["lambda.amazonaws.com"],
         "eventName": [{"prefix": "UpdateFunctionCode"}]},
        # The names of older calls end in a date.
        {"eventName": ["UpdateFunctionCode"]},
    ),
    # Delivery tools
    "codepipeline/pipeline-execution-state-change": Row(
        "CodePipeline Pipeline Execution State Change", [PIPELINE], PIPELINE_EXECUTION,
        {"pipeline": ["tidewater-web"], "state": ["FAILED"]},
        {"pipeline": ["tidewater-web"], "status": ["FAILED"]},
    ),
    "codepipeline/stage-execution-state-change": Row(
        "CodePipeline Stage Execution State Change", [PIPELINE],
        {**PIPELINE_EXECUTION, "stage": S, "state": PIPELINE_STATES},
        {"stage": ["Deploy"], "state": ["FAILED"]},
        {"stage": ["deploy"], "state": ["FAILED"]},
    ),
    "codepipeline/action-execution-state-change": Row(
        "CodePipeline Action Execution State Change", [PIPELINE], PIPELINE_ACTION,
        {"type": {"category": ["Deploy"]}, "state": ["FAILED"]},
        {"type": {"category": ["Approval"]}, "state": ["FAILED"]},
    ),
    "codebuild/build-state-change": Row(
        "CodeBuild Build State Change", [BUILD],
        {"build-status": {"SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "IN_PROGRESS",
                          "STOPPED"},
         "project-name": S, "build-id": S, "current-phase": S,
         "current-phase-context": S, "version": {"1"},
         "additional-information": BUILD_INFORMATION},
        {"build-status": ["FAILED"], "project-name": ["tidewater-ci"],
         "additional-information":
             {"initiator": [{"anything-but": {"prefix": "codepipeline/"}}]}},
        {"status": ["FAILED"]},
    ),
    "codebuild/build-phase-change": Row(
        "CodeBuild Build Phase Change", [BUILD],
        {"project-name": S, "build-id": S, "completed-phase": S,
         "completed-phase-status": S, "completed-phase-context": S,
         "completed-phase-duration-seconds": N, "completed-phase-start": S,
         "completed-phase-end": S, "version": {"1"},
         "additional-information": BUILD_INFORMATION},
        {"completed-phase": ["BUILD"], "completed-phase-status": ["FAILED"]},
        {"build-status": ["FAILED"]},
    ),
    "codedeploy/deployment-state-change": Row(
        "CodeDeploy Deployment State-change Notification",
        [f"arn:aws:codedeploy:{R}:{A}:application:[^/]+",
         f"arn:aws:codedeploy:{R}:{A}:deploymentgroup:[^/]+/[^/]+"],
        {"application": S, "deploymentGroup": S, "deploymentId": S, "instanceGroupId": S,
         "region": S, "state": {"START", "SUCCESS", "FAILURE", "READY", "STOP", "QUEUED"}},
        {"state": ["FAILURE"], "application": ["tidewater-web"]},
        {"state": ["FAILED"], "application": ["tidewater-web"]},
    ),
    "codecommit/repository-state-change": Row(
        "CodeCommit Repository State Change", [f"arn:aws:codecommit:{R}:{A}:[^:/]+"],
        {"event": {"referenceCreated", "referenceUpdated", "referenceDeleted",
                   "unreferencedMergeCommitCreated"},
         "repositoryName": S, "repositoryId": S, "referenceType?": {"branch", "tag"},
         "referenceName?": S, "referenceFullName?": S, "commitId?": S, "oldCommitId?": S,
         "callerUserArn?": S},
        {"event": ["referenceCreated", "referenceUpdated"], "referenceType": ["branch"],
         "referenceName": ["main"]},
        {"referenceName": ["refs/heads/main"]},
    ),
    "codecommit/pull-request-state-change": Row(
        "CodeCommit Pull Request State Change", [f"arn:aws:codecommit:{R}:{A}:[^:/]+"],
        {"event": S, "pullRequestId": S, "pullRequestStatus": {"Open", "Closed"},
         "isMerged": {"True", "False"}, "title": S, "description?": S, "author": S,
         "callerUserArn": S, "repositoryNames": [S], "revisionId": S,
         "sourceReference": S, "sourceCommit": S, "destinationReference": S,
         "destinationCommit": S, "creationDate": S, "lastModifiedDate": S,
         "notificationBody": S},
        {"event": ["pullRequestCreated"], "destinationReference": ["refs/heads/main"]},
        {"pullRequestStatus": ["OPEN"]},
    ),
    "codeartifact/package-version-state-change": Row(
        "CodeArtifact Package Version State Change",
        [f"arn:aws:codeartifact:{R}:{A}:package/.+"],
        {"domainName": S, "domainOwner": S, "repositoryName": S,
         "repositoryAdministrator?": S, "packageFormat": S, "packageNamespace": (S, None),
         "packageName": S, "packageVersion": S,
         "packageVersionState": {"Published", "Unfinished", "Unlisted", "Archived",
                                 "Disposed", "Deleted"},
         "packageVersionRevision": S,
         "changes": {"assetsAdded": N, "assetsRemoved": N, "assetsUpdated": N,
                     "metadataUpdated": B, "statusChanged": B},
         "operationType": {"Created", "Updated", "Deleted"}, "sequenceNumber": N,
         "eventDeduplicationId": S},
        {"packageName": ["tide-clock"], "packageVersionState": ["Published"]},
        {"packageNamespace": [{"exists": False}]},
    ),
    "cloudformation/stack-status-change": Row(
        "CloudFormation Stack Status Change", [STACK],
        {"stack-id": S, "status-details": {"status": S, "status-reason": S},
         "client-request-token?": S},
        {"status-details":
            {"status": [{"suffix": "_FAILED"}, {"suffix": "ROLLBACK_COMPLETE"}]}},
        {"status-details": {"status": ["UPDATE_COMPLETE"]}},
    ),
    "cloudformation/resource-status-change": Row(
        "CloudFormation Resource Status Change", [STACK],
        {"stack-id": S, "status-details": {"status": S, "status-reason": S},
         "client-request-token?": S, "logical-resource-id": S,
         "physical-resource-id": S, "resource-type": S},
        {"resource-type": ["AWS::S3::Bucket"],
         "status-details": {"status": [{"suffix": "_FAILED"}]}},
        {"resource-type": ["AWS::S3::*"]},
    ),
    "cloudformation/drift-detection-status-change": Row(
        "CloudFormation Drift Detection Status Change", [STACK],
        {"stack-id": S, "stack-drift-detection-id": S,
         "status-details": {
             "stack-drift-status": {"DRIFTED", "IN_SYNC", "UNKNOWN", "NOT_CHECKED"},
             "detection-status": {"DETECTION_IN_PROGRESS", "DETECTION_COMPLETE",
                                  "DETECTION_FAILED"}},
         "drift-detection-details": {"drifted-stack-resource-count": N}},
        {"status-details": {"stack-drift-status": ["DRIFTED"]}},
        {"status-details": {"status": ["DRIFTED"]}},
    ),
    # Observability and workflow
    "cloudwatch/alarm-state-change": Row(
        "CloudWatch Alarm State Change", [ALARM], ALARM_CHANGE,
        {"alarmName": [{"prefix": "checkout-"}], "state": {"value": ["ALARM"]},
         "previousState": {"value": ["OK"]}},
        {"state": ["ALARM"]},
    ),
    "cloudwatch/composite-alarm-state-change": Row(
        "CloudWatch Alarm State Change", [ALARM], ALARM_CHANGE,
        {"state": {"value": ["ALARM"]}, "configuration": {"alarmRule": [{"exists": True}]}},
        {"configuration": {"metrics": {"id": [{"exists": True}]}}},
    ),
    "cloudwatch/alarm-configuration-change": Row(
        "CloudWatch Alarm Configuration Change", [ALARM],
        {"alarmName": S, "operation": {"create", "update", "delete"},
         "state": ALARM_STATE, "previousConfiguration?": ALARM_CONFIGURATION,
         "configuration": ALARM_CONFIGURATION},
        {"operation": ["update", "delete"]}, {"operation": ["Update", "Delete"]},
    ),
    "states/execution-status-change": Row(
        "Step Functions Execution Status Change",
        [f"arn:aws:states:{R}:{A}:execution:[^:]+:[^:]+"], EXECUTION,
        {"status": ["FAILED", "TIMED_OUT", "ABORTED"],
         "stateMachineArn": [{"suffix": ":settle-orders"}], "output": [None]},
        # Input is text, nothing in it can be matched.
        {"input": {"batch": ["2026-01-15"]}},
    ),
    "events/scheduled-event": Row(
        "Scheduled Event", [f"arn:aws:events:{R}:{A}:rule/.+"], {},
        {}, {"name": [{"exists": True}]},
    ),
    "schemas/schema-created": Row(
        "Schema Created", [f"arn:aws:schemas:{R}::schema/[^/]+/.+"],
        {"SchemaName": S, "SchemaType": {"OpenApi3", "JSONSchemaDraft4"},
         "RegistryName": S, "CreationDate": S, "Version": S},
        {"RegistryName": ["discovered-schemas"]}, {"Version": [1]},
    ),
    "tag/tag-change": Row(
        "Tag Change on Resource", [INSTANCE],
        {"changed-tag-keys": [S], "service": S, "resource-type": S, "version": N,
         "tags": TAGS, "tag-policy-compliant?": S, "version-timestamp?": S},
        {"service": ["ec2"], "resource-type": ["instance"], "changed-tag-keys": ["stage"]},
        {"changed-tag-keys": ["team"]},
    ),
    # Data and analytics
    "glue/job-state-change": Row(
        "Glue Job State Change", [],
        {"jobName": S, "jobRunId": S, "severity": {"INFO", "ERROR", "WARN"},
         "state": {"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"}, "message": S},
        {"jobName": ["load-sales"], "state": ["FAILED", "TIMEOUT"]},
        {"jobName": ["load-sales"], "state": ["Failed"]},
    ),
    "glue/crawler-state-change": Row(
        "Glue Crawler State Change", [],
        {"accountId": S, "crawlerName": S, "state": {"Started", "Succeeded", "Failed"},
         "message": S, "completionDate": S, "runningTime (sec)": S, "warningMessage": S,
         "tablesCreated": S, "tablesUpdated": S, "tablesDeleted": S,
         "partitionsCreated": S, "partitionsUpdated": S, "partitionsDeleted": S},
        {"crawlerName": ["sales-files"], "state": ["Succeeded"]},
        # Of jobs, which are written in another case.
        {"crawlerName": ["sales-files"], "state": ["SUCCEEDED"]},
    ),
    "glue/data-catalog-table-state-change": Row(
        "Glue Data Catalog Table State Change", [f"arn:aws:glue:{R}:{A}:table/[^/]+/.+"],
        {"databaseName": S, "tableName": S, "changedPartitions": [S],
         "typeOfChange": {"UpdateTable", "CreatePartition", "BatchCreatePartition",
                          "UpdatePartition", "DeletePartition", "BatchUpdatePartition",
                          "BatchDeletePartition"}},
        {"databaseName": ["sales"], "typeOfChange": [{"suffix": "CreatePartition"}]},
        {"typeOfChange": ["CreatePartition"]},
    ),
    "emr/cluster-state-change": Row(
        "EMR Cluster State Change", [],
        {"severity": {"INFO", "CRITICAL", "WARN"}, "stateChangeReason": S, "name": S,
         "clusterId": S, "message": S,
         "state": {"STARTING", "RUNNING", "WAITING", "TERMINATING", "TERMINATED",
                   "TERMINATED_WITH_ERRORS"}},
        {"state": ["TERMINATED_WITH_ERRORS"]}, {"state": ["TERMINATED"]},
    ),
    "emr/step-status-change": Row(
        "EMR Step Status Change", [],
        {"severity": S, "actionOnFailure": S, "stepId": S, "name": S, "clusterId": S,
         "message": S,
         "state": {"PENDING", "RUNNING", "COMPLETED", "CANCELLED", "FAILED",
                   "INTERRUPTED"}},
        {"state": ["FAILED"]}, {"status": ["FAILED"]},
    ),
    "athena/query-state-change": Row(
        "Athena Query State Change", [],
        {"versionId": {"0"}, "previousState?": S, "statementType": {"DDL", "DML", "UTILITY"},
         "currentState": {"QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"},
         "queryExecutionId": S, "workgroupName": S, "sequenceNumber": S,
         "athenaError?": {"errorCategory": N, "errorType": N, "errorMessage": S,
                          "retryable": B}},
        {"currentState": ["SUCCEEDED", "FAILED"], "workgroupName": ["reports"]},
        {"sequenceNumber": [3]},
    ),
    "redshift-data/statement-status-change": Row(
        "Redshift Data Statement Status Change", [f"arn:aws:redshift:{R}:{A}:cluster:.+"],
        {"principal": S, "statementName": S, "statementId": S, "redshiftQueryId": N,
         "state": {"FINISHED", "FAILED", "ABORTED"}, "rows": N, "expireAt": N},
        {"statementName": ["load-orders"], "state": ["FINISHED"]},
        {"statementName": ["load-orders"], "state": ["FAILED", "ABORTED"]},
    ),
    "datasync/task-execution-state-change": Row(
        "DataSync Task Execution State Change",
        [f"arn:aws:datasync:{R}:{A}:task/task-[0-9a-f]{{17}}/execution/exec-[0-9a-f]{{17}}"],
        {"State": {"QUEUED", "LAUNCHING", "PREPARING", "TRANSFERRING", "SYNCING",
                   "VERIFYING", "SUCCESS", "ERROR"}},
        {"State": ["SUCCESS", "ERROR"]}, {"state": ["SUCCESS", "ERROR"]},
    ),
    "dms/replication-task-state-change": Row(
        "DMS Replication Task State Change", [f"arn:aws:dms:{R}:{A}:task:[A-Z0-9]+"],
        {"type": {"REPLICATION_TASK"}, "eventType": S, "eventId?": S, "resourceLink": S,
         "detailMessage": S,
         "category": {"StateChange", "Creation", "Deletion", "Failure",
                      "ConfigurationChange", "Failover", "Maintenance", "LowStorage"}},
        {"eventType": ["REPLICATION_TASK_FAILED", "REPLICATION_TASK_STOPPED"]},
        {"category": ["FAILURE"]},
    ),
    "rds/db-instance-event": rds(
        "RDS DB Instance Event", "db", "DB_INSTANCE", "RDS-EVENT-0087"
    ),
    "rds/db-cluster-event": rds(
        "RDS DB Cluster Event", "cluster", "CLUSTER", "RDS-EVENT-0071"
    ),
    "rds/db-snapshot-event": rds(
        "RDS DB Snapshot Event", "snapshot", "SNAPSHOT", "RDS-EVENT-0042"
    ),
    "backup/backup-job-state-change": Row(
        "Backup Job State Change", [],
        {"backupJobId": S, "creationDate": S, "backupVaultArn": S, "backupVaultName": S,
         "state": {"CREATED", "PENDING", "RUNNING", "ABORTED", "COMPLETED", "FAILED",
                   "EXPIRED", "PARTIAL"},
         # Numbers as text.
         "bytesTransferred": S, "backupSizeInBytes?": S, "iamRoleArn": S,
         "resourceArn": S, "resourceType": S, "startBy": S, "percentDone": N,
         "retryCount?": N, "statusMessage?": S, "completionDate?": S,
         "expectedCompletionDate?": S, "createdBy?": CREATED_BY},
        {"state": ["FAILED", "ABORTED", "EXPIRED"]}, {"status": ["FAILED"]},
    ),
    "backup/copy-job-state-change": Row(
        "Copy Job State Change", [],
        {"copyJobId": S, "state": S, "backupSizeInBytes": N, "sourceBackupVaultArn": S,
         "destinationBackupVaultArn": S, "destinationRecoveryPointArn": S,
         "resourceArn": S, "resourceType": S, "iamRoleArn": S, "creationDate": S,
         "completionDate?": S, "statusMessage?": S, "createdBy?": CREATED_BY},
        {"state": ["FAILED", "ABORTED", "EXPIRED"]}, {"state": ["COMPLETED"]},
    ),
    "backup/restore-job-state-change": Row(
        "Restore Job State Change", [],
        {"restoreJobId": S,
         "status": {"PENDING", "RUNNING", "COMPLETED", "FAILED", "ABORTED"},
         "percentDone": N, "backupSizeInBytes": S, "createdResourceArn?": S,
         "recoveryPointArn?": S, "sourceResourceArn?": S, "resourceType": S,
         "statusMessage?": S, "creationDate?": S, "completionDate?": S, "iamRoleArn?": S},
        {"status": ["COMPLETED"]}, {"state": ["COMPLETED"]},
    ),
    "mediaconvert/job-state-change": Row(
        "MediaConvert Job State Change", [f"arn:aws:mediaconvert:{R}:{A}:jobs/.+"],
        {"timestamp": N, "accountId": S, "queue": S, "jobId": S, "userMetadata": TAGS,
         "status": {"PROGRESSING", "INPUT_INFORMATION", "STATUS_UPDATE", "NEW_WARNING",
                    "QUEUE_HOP", "COMPLETE", "ERROR", "CANCELED"},
         "outputGroupDetails": [
             {"type": S, "playlistFilePaths?": [S],
              "outputDetails": [
                  {"outputFilePaths?": [S], "durationInMs": N,
                   "videoDetails?": {"widthInPx": N, "heightInPx": N,
                                     "averageBitrate?": N}}]}],
         "warnings?": [{"code": N, "count": N}], "paddingInserted?": N,
         "blackVideoDetected?": N},
        {"status": ["COMPLETE", "ERROR"], "userMetadata": {"order": ["5117"]}},
        {"status": ["COMPLETED"]},
    ),
    "transcribe/job-state-change": Row(
        "Transcribe Job State Change", [],
        {"TranscriptionJobName": S, "TranscriptionJobStatus": {"COMPLETED", "FAILED"},
         "FailureReason?": S},
        {"TranscriptionJobName": [{"prefix": "call-"}],
         "TranscriptionJobStatus": ["COMPLETED", "FAILED"]},
        {"TranscriptionJobStatus": ["Completed"]},
    ),
    "sagemaker/training-job-state-change": Row(
        "SageMaker Training Job State Change", [f"arn:aws:sagemaker:{R}:{A}:training-job/.+"],
        TRAINING_JOB,
        {"TrainingJobStatus": ["Failed", "Stopped"]}, {"TrainingJobStatus": ["FAILED"]},
    ),
    "sagemaker/endpoint-state-change": Row(
        "SageMaker Endpoint State Change", [f"arn:aws:sagemaker:{R}:{A}:endpoint/.+"],
        {"EndpointName": S, "EndpointArn": S, "EndpointConfigName": S,
         "EndpointStatus": {"IN_SERVICE", "CREATING", "UPDATING", "ROLLING_BACK",
                            "DELETING", "FAILED", "UPDATE_ROLLBACK_FAILED"},
         "CreationTime": N, "LastModifiedTime": N, "ProductionVariants?": [],
         "Tags?": TAGS},
        {"EndpointStatus": ["IN_SERVICE", "FAILED"]},
        # As the API writes it.
        {"EndpointStatus": ["InService", "Failed"]},
    ),
    "sagemaker/model-package-state-change": Row(
        "SageMaker Model Package State Change",
        [f"arn:aws:sagemaker:{R}:{A}:model-package/.+"],
        {"ModelPackageGroupName": S, "ModelPackageVersion?": N, "ModelPackageArn": S,
         "ModelPackageDescription?": S, "ModelPackageStatus?": S,
         "ModelApprovalStatus?": {"Approved", "Rejected", "PendingManualApproval"},
         "CertifyForMarketplace?": B, "Tags?": TAGS},
        {"ModelPackageGroupName": ["demand"], "ModelApprovalStatus": ["Approved"]},
        {"ModelApprovalStatus": ["APPROVED"]},
    ),
    "sagemaker/pipeline-execution-status-change": Row(
        "SageMaker Model Building Pipeline Execution Status Change",
        [f"arn:aws:sagemaker:{R}:{A}:pipeline/[^/]+",
         f"arn:aws:sagemaker:{R}:{A}:pipeline/[^/]+/execution/[a-z0-9]{{12}}"],
        {"pipelineArn": S, "pipelineExecutionArn": S, "pipelineExecutionDisplayName": S,
         "pipelineExecutionDescription": S,
         "currentPipelineExecutionStatus": {"Executing", "Stopping", "Stopped", "Failed",
                                            "Succeeded"},
         "previousPipelineExecutionStatus?": S, "executionStartTime": S,
         "executionEndTime?": S},
        {"currentPipelineExecutionStatus": ["Failed", "Succeeded"]},
        {"currentPipelineExecutionStatus": ["FAILED", "SUCCEEDED"]},
    ),
    # Security and governance
    "guardduty/finding": Row(
        "GuardDuty Finding", [], GUARDDUTY,
        {"severity": [{"numeric": [">=", 7]}], "type": [{"prefix": "UnauthorizedAccess:"}]},
        {"severity": ["8"]},
    ),
    "guardduty/malware-object-scan-result": Row(
        "GuardDuty Malware Protection Object Scan Result",
        # [guess] that it is the plan.
        [f"arn:aws:guardduty:{R}:{A}:malware-protection-plan/.+"],
        {"schemaVersion": S, "scanStatus": {"COMPLETED", "SKIPPED", "FAILED"},
         "resourceType": {"S3_OBJECT"},
         "s3ObjectDetails": {"bucketName": S, "objectKey": S, "eTag": S, "versionId?": S,
                             "s3Throttled?": B},
         "scanResultDetails": {
             "scanResultStatus": {"NO_THREATS_FOUND", "THREATS_FOUND", "UNSUPPORTED",
                                  "ACCESS_DENIED", "FAILED"},
             "threats?": [{"name": S}]}},
        {"scanResultDetails": {"scanResultStatus": ["THREATS_FOUND"]}},
        {"scanStatus": ["THREATS_FOUND"]},
    ),
    "securityhub/findings-imported": Row(
        "Security Hub Findings - Imported",
        [f"arn:aws:securityhub:{R}::product/[^/]+/[^/]+/arn:.+"], {"findings": [ASFF]},
        {"findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]},
                      "Workflow": {"Status": ["NEW"]}, "RecordState": ["ACTIVE"]}},
        {"findings": {"Severity": {"Label": ["High"]}}},
    ),
    "securityhub/findings-custom-action": Row(
        "Security Hub Findings - Custom Action",
        [f"arn:aws:securityhub:{R}:{A}:action/custom/.+"],
        {"actionName": S, "actionDescription": S, "findings": [ASFF]},
        {"actionName": ["Open ticket"]}, {"actionName": ["open-ticket"]},
    ),
    "inspector2/finding": Row(
        "Inspector2 Finding", ["i-[0-9a-f]{17}"], INSPECTOR,
        {"severity": ["CRITICAL", "HIGH"], "status": ["ACTIVE"]},
        {"severity": ["Critical"]},
    ),
    "inspector2/scan": Row(
        "Inspector2 Scan", [f"arn:aws:ecr:{R}:{A}:repository/.+"],
        {"scan-status": {"INITIAL_SCAN_COMPLETE"}, "repository-name": S,
         "finding-severity-counts": {"CRITICAL": N, "HIGH": N, "MEDIUM": N, "TOTAL": N},
         "image-digest": S, "image-tags": [S]},
        {"finding-severity-counts": {"CRITICAL": [{"numeric": [">", 0]}]}},
        # It is an ARN here, unlike in events of ECR.
        {"repository-name": ["tidewater/checkout"]},
    ),
    "macie/finding": Row(
        "Macie Finding", [], MACIE,
        {"severity": {"description": ["High"]}}, {"severity": ["High"]},
    ),
    "access-analyzer/finding": Row(
        "Access Analyzer Finding", [f"arn:aws:access-analyzer:{R}:{A}:analyzer/.+"],
        {"version": {"1.0"}, "id": S, "status": {"ACTIVE", "ARCHIVED", "RESOLVED"},
         "resourceType": S, "resource": S, "accountId": S, "region": S, "createdAt": S,
         "analyzedAt": S, "updatedAt": S, "principal?": TAGS, "action?": [S],
         "condition?": ANY, "isPublic?": B, "isDeleted": B,
         "error?": {"ACCESS_DENIED", "INTERNAL_ERROR"}},
        {"status": ["ACTIVE"], "resourceType": ["AWS::S3::Bucket"]},
        {"status": ["ACTIVE"], "isPublic": [True]},
    ),
    "config/rules-compliance-change": Row(
        "Config Rules Compliance Change", [],
        {**CONFIG, "messageType": {"ComplianceChangeNotification"}, "resourceId": S,
         "resourceType": S, "awsRegion": S, "awsAccountId": S, "configRuleName": S,
         "configRuleARN": S, "newEvaluationResult": EVALUATION,
         "oldEvaluationResult?": EVALUATION},
        {"messageType": ["ComplianceChangeNotification"],
         "configRuleName": ["bucket-blocks-public-reads"],
         "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]}},
        {"complianceType": ["NON_COMPLIANT"]},
    ),
    "config/configuration-item-change": Row(
        "Config Configuration Item Change", [f"arn:aws:ec2:{R}:{A}:security-group/sg-.+"],
        {**CONFIG, "messageType": {"ConfigurationItemChangeNotification"},
         "configurationItem": {
             "resourceType": S, "resourceId": S, "resourceName?": S, "ARN": S,
             "awsRegion": S, "awsAccountId": S, "availabilityZone": S,
             "configurationItemStatus": {"OK", "ResourceDiscovered", "ResourceNotRecorded",
                                         "ResourceDeleted", "ResourceDeletedNotRecorded"},
             "configurationItemCaptureTime": S, "configurationStateId": N,
             "configurationItemVersion": S, "configuration": ANY,
             "supplementaryConfiguration": ANY, "tags": TAGS, "relationships": [],
             "relatedEvents": []},
         "configurationItemDiff": (
             {"changeType": {"CREATE", "UPDATE", "DELETE"}, "changedProperties": ANY},
             None)},
        {"configurationItem": {"resourceType": ["AWS::EC2::SecurityGroup"]},
         "configurationItemDiff": {"changeType": ["UPDATE"]}},
        {"configurationItemDiff": {"changeType": ["Update"]}},
    ),
    "health/event": Row(
        "AWS Health Event", ["i-[0-9a-f]{17}"], HEALTH,
        {"service": ["EC2"], "eventTypeCategory": ["issue", "scheduledChange"]},
        {"backupEvent": [False]},
    ),
    "health/abuse-event": Row(
        "AWS Health Abuse Event", [INSTANCE], HEALTH | {"service": {"ABUSE"}},
        {"service": ["ABUSE"]}, {"service": ["EC2"]},
    ),
    "trustedadvisor/check-item-refresh": Row(
        "Trusted Advisor Check Item Refresh Notification", [],
        {"check-name": S, "check-item-detail": {"*": (S, None)},
         "status": {"OK", "WARN", "ERROR", "INFO"}, "resource_id": S, "uuid": S},
        {"status": ["ERROR", "WARN"],
         "check-name": ["Low Utilization Amazon EC2 Instances"]},
        {"status": ["WARNING"]},
    ),
    "support/case-update": Row(
        "Support Case Update", [],
        {"case-id": S, "display-id": S, "communication-id": S,
         "event-name": {"CreateCase", "AddCommunicationToCase", "ResolveCase",
                        "ReopenCase"},
         "origin": {"AWS", "CUSTOMER", ""}},
        {"event-name": ["AddCommunicationToCase"], "origin": ["AWS"]},
        {"event-name": ["AddCommunicationToCase"], "origin": ["CUSTOMER"]},
    ),
    "kms/cmk-rotation": Row(
        "KMS CMK Rotation", [KEY],
        {"key-id": S, "key-origin?": {"AWS_KMS", "EXTERNAL"},
         "rotation-type?": {"AUTOMATIC", "ON_DEMAND"}, "previous-key-material-id?": S,
         "current-key-material-id?": S},
        {}, {"rotation-type": ["ON_DEMAND"]},
    ),
    "kms/cmk-deletion": Row(
        "KMS CMK Deletion", [KEY], {"key-id": S}, {}, {"key-id": [{"prefix": "arn:"}]}
    ),
    "kms/api-call": api_call("kms", "ScheduleKeyDeletion", "CancelKeyDeletion"),
    "acm/certificate-approaching-expiration": Row(
        "ACM Certificate Approaching Expiration", [CERTIFICATE],
        {"DaysToExpiry": N, "CommonName?": S, "Exportable?": B},
        {"DaysToExpiry": [{"numeric": ["<=", 30]}]},
        {"DaysToExpiry": [{"numeric": ["<=", 14]}]},
    ),
    "acm/certificate-expired": Row(
        "ACM Certificate Expired", [CERTIFICATE], EXPIRED,
        {"InUse": [True]}, {"InUse": ["true"]},
    ),
    "organizations/create-account-result": Row(
        "AWS Service Event via CloudTrail", [],
        trail_service({
            "createAccountStatus": {
                "id": S, "state": {"SUCCEEDED", "FAILED"}, "accountName": S,
                "accountId?": S, "requestedTimestamp": S, "completedTimestamp": S,
                "failureReason?": S}}),
        {"eventName": ["CreateAccountResult"],
         "serviceEventDetails": {"createAccountStatus": {"state": ["SUCCEEDED"]}}},
        {"eventName": ["CreateAccount"]},
    ),
    "controltower/create-managed-account": Row(
        "AWS Service Event via CloudTrail", [],
        trail_service({"createManagedAccountStatus": STATUS_OF_ACCOUNT}),
        {"eventName": ["CreateManagedAccount"],
         "serviceEventDetails": {"createManagedAccountStatus": {"state": ["SUCCEEDED"]}}},
        {"serviceEventDetails": {"createManagedAccountStatus": {"state": ["FAILED"]}}},
    ),
    # CloudTrail
    "secretsmanager/api-call": api_call(
        "secretsmanager", "PutSecretValue", "UpdateSecret"
    ),
    "iam/api-call": api_call("iam", "CreateAccessKey", "CreateUser"),
    "signin/console-sign-in": Row(
        "AWS Console Sign In via CloudTrail", [],
        {**TRAIL, "eventSource": {"signin.amazonaws.com"},
         "eventType": {"AwsConsoleSignIn"},
         "responseElements": {"ConsoleLogin": {"Success", "Failure"}},
         "additionalEventData": {"LoginTo": S, "MobileVersion": S,
                                 "MFAUsed": {"Yes", "No"}, "MFAIdentifier?": S,
                                 "MfaType?": S}},
        {"userIdentity": {"type": ["Root"]}},
        {"responseElements": {"ConsoleLogin": ["Failure"]}},
    ),
    "cloudtrail/insight": Row(
        "AWS Insight via CloudTrail", [],
        {"eventVersion": S, "eventTime": S, "awsRegion": S, "eventID": S,
         "eventType": {"AwsCloudTrailInsight"}, "recipientAccountId": S,
         "sharedEventID": S, "eventCategory": {"Insight"},
         "insightDetails": {
             "state": {"Start", "End"}, "eventSource": S, "eventName": S,
             "insightType": {"ApiCallRateInsight", "ApiErrorRateInsight"},
             "insightContext": {
                 "statistics": {"baseline": {"average": N}, "insight": {"average": N},
                                "insightDuration": N}}}},
        {"insightDetails": {"state": ["Start"]}}, {"insightDetails": {"state": ["End"]}},
    ),
    # Systems Manager
    "ssm/parameter-store-change": Row(
        "Parameter Store Change", [f"arn:aws:ssm:{R}:{A}:parameter/.+"],
        {"operation": {"Create", "Update", "Delete", "LabelParameterVersion"}, "name": S,
         "type": {"String", "StringList", "SecureString"}, "description?": S, "label?": S},
        {"name": [{"prefix": "/checkout/"}], "operation": ["Create", "Update", "Delete"]},
        {"name": [{"prefix": "checkout/"}]},
    ),
    "ssm/command-status-change": Row(
        "EC2 Command Status-change Notification", [INSTANCE],
        {"command-id": S, "document-name": S, "requested-date-time": S, "status": S,
         "expire-after": S, "parameters": {"*": [S]}},
        {"status": ["Failed", "TimedOut"]}, {"status": ["FAILED", "TIMED_OUT"]},
    ),
    "ssm/automation-execution-status-change": Row(
        "EC2 Automation Execution Status-change Notification",
        [f"arn:aws:ssm:{R}:{A}:automation-execution/{UUID}",
         f"arn:aws:ssm:{R}:{A}:automation-definition/[^:]+:[0-9]+"],
        {"ExecutionId": S, "Definition": S, "DefinitionVersion": N, "Status": S,
         "StartTime": S, "EndTime": S, "Time": N, "ExecutedBy?": S},
        {"Status": ["Failed", "TimedOut"], "DefinitionVersion": [1]},
        # Small elsewhere in Systems Manager.
        {"status": ["Failed", "TimedOut"]},
    ),
    "ssm/maintenance-window-execution-state-change": Row(
        "Maintenance Window Execution State-change Notification",
        [f"arn:aws:ssm:{R}:{A}:maintenancewindow/mw-[0-9a-f]{{17}}"],
        {"window-id": S, "window-execution-id": S, "start-time": S, "end-time": S,
         "status": {"PENDING", "IN_PROGRESS", "SUCCESS", "FAILED", "TIMED_OUT",
                    "CANCELLING", "CANCELLED", "SKIPPED_OVERLAPPING"}},
        {"status": ["FAILED", "TIMED_OUT"]}, {"status": ["Failed", "TimedOut"]},
    ),
    "ssm/opsitem-create": Row(
        "OpsItem Create", [f"arn:aws:ssm:{R}:{A}:opsitem/oi-[0-9a-f]{{12}}"],
        {"created-by": S, "created-time": S, "modified-by?": S, "modified-time?": S,
         "source": S, "status": S, "ops-item-id": S, "title": S, "description": S,
         "ops-item-type": {"/aws/issue", "/aws/task", "/aws/insight", "/aws/actionitem"}},
        {"ops-item-type": ["/aws/issue"]}, {"ops-item-type": ["issue"]},
    ),
    "ssm/configuration-compliance-state-change": Row(
        "Configuration Compliance State Change",
        [f"arn:aws:ssm:{R}:{A}:managed-instance/i-[0-9a-f]{{17}}"],
        {"resource-type": {"managed-instance"}, "resource-id": S,
         "compliance-status": {"compliant", "non_compliant"},
         "compliance-type": {"Association", "Patch"}, "last-runtime?": S,
         "patch-baseline-id?": S, "severity?": S},
        {"compliance-status": ["non_compliant"],
         "compliance-type": ["Patch", "Association"]},
        {"compliance-status": ["NON_COMPLIANT"]},
    ),
    # Cost
    "ce/anomaly-detected": Row(
        "Anomaly Detected", [f"arn:aws:ce::{A}:anomalymonitor/{UUID}"],
        {"accountName": S, "accountId": S, "anomalyId": S, "anomalyStartDate": S,
         "anomalyEndDate": S, "anomalyScore": {"currentScore": N, "maxScore": N},
         "dimensionValue": S, "feedback?": S,
         "impact": {"maxImpact": N, "totalActualSpend": N, "totalExpectedSpend": N,
                    "totalImpact": N, "totalImpactPercentage": N},
         "rootCauses": [
             {"linkedAccount": S, "linkedAccountName": S, "region": S, "service": S,
              "usageType": S, "impact": {"contribution": N}}],
         "monitorArn": S, "monitorName": S, "anomalyDetailsLink": S},
        {"impact": {"totalImpact": [{"numeric": [">", 100]}]}},
        {"totalImpact": [{"numeric": [">", 100]}]},
    ),
    "savingsplans/state-change-alert": Row(
        "Savings Plans State Change Alert",
        [f"arn:aws:savingsplans::{A}:savingsplan/{UUID}"],
        {"currentState": S, "nextState": S, "remainingDays": S, "nextStateChangeDate": S,
         "message": S},
        {}, {"remainingDays": [{"numeric": ["<=", 30]}]},
    ),
    # Further services
    "elasticbeanstalk/health-status-change": Row(
        "Health status change", [f"arn:aws:elasticbeanstalk:{R}:{A}:environment/.+"],
        {"Status": S, "EventDate": N, "ApplicationName": S, "EnvironmentName": S,
         "Message": S, "Severity": {"INFO", "WARN", "ERROR", "FATAL"}},
        {"Severity": ["WARN", "ERROR", "FATAL"]}, {"Severity": ["Warn"]},
    ),
    "es/software-update": Row(
        "Amazon OpenSearch Service Software Update Notification",
        [f"arn:aws:es:{R}:{A}:domain/.+"],
        {"event": S, "status": S, "description": S, "scheduleTime?": S,
         "severity": {"Informational", "Low", "Medium", "High", "Critical"}},
        {"event": ["Service Software Update"]}, {"severity": ["INFORMATIONAL"]},
    ),
    "synthetics/canary-test-run-failure": Row(
        "Synthetics Canary TestRun Failure", [],
        {"account-id": S, "canary-id": S, "canary-name": S, "canary-run-id?": S,
         "test-run-status?": {"FAILED", "PASSED"}, "state-reason?": S,
         "artifact-location?": S, "canary-run-timeline?": {"started": N, "completed": N},
         "message": S},
        {"canary-name": ["buy-a-ticket"]}, {"canaryName": ["buy-a-ticket"]},
    ),
    "fis/experiment-state-change": Row(
        "FIS Experiment State Change", [f"arn:aws:fis:{R}:{A}:experiment/EXP.+"],
        {"experiment-id": S, "new-state": {"status": S, "reason": S},
         "old-state": {"status": S, "reason": S}},
        {"new-state": {"status": ["failed", "stopped"]}}, {"status": ["failed"]},
    ),
    "imagebuilder/image-state-change": Row(
        "EC2 Image Builder Image State Change", [f"arn:aws:imagebuilder:{R}:{A}:image/.+"],
        {"state": {"status": S, "reason?": S}, "previous-state": {"status": S, "reason?": S}},
        {"state": {"status": ["AVAILABLE", "FAILED"]}}, {"state": ["AVAILABLE"]},
    ),
    "ram/resource-sharing-state-change": Row(
        "Resource Sharing State Change", [f"arn:aws:ram:{R}:{A}:resource-share/{UUID}"],
        {"resourceARN": S, "status": {"associated", "disassociated"},
         "event": {"Resource Share Association", "Resource Share Disassociation"}},
        {"status": ["associated"]}, {"status": ["ASSOCIATED"]},
    ),
    "dlm/policy-state-change": Row(
        "DLM Policy State Change", [f"arn:aws:dlm:{R}:{A}:policy/policy-[0-9a-f]{{17}}"],
        {"state": {"ERROR"}, "cause": S, "policy_id": S},
        {"state": ["ERROR"]}, {"state": ["Error"]},
    ),
    "signer/job-status-change": Row(
        "Signer Job Status Change", [f"arn:aws:signer:{R}:{A}:/signing-jobs/{UUID}"],
        {"job_id": S, "certificate_arn": S, "platform": S, "status": S,
         "source": {"bucketName": S, "key": S, "version": S},
         "destination": {"bucketName": S, "key": S}},
        {"status": ["Succeeded", "Failed"]}, {"status": ["SUCCEEDED", "FAILED"]},
    ),
    "workspaces/access": Row(
        "WorkSpaces Access", [],
        {"clientIpAddress": S, "actionType": {"successfulLogin"},
         "workspacesClientProductName": S, "loginTime": S, "clientPlatform": S,
         "directoryId": S, "workspaceId": S},
        {"clientIpAddress": [{"cidr": "198.51.100.0/24"}]},
        {"clientIpAddress": [{"cidr": "203.0.113.0/24"}]},
    ),
    "geo/geofence-event": Row(
        "Location Geofence Event",
        [f"arn:aws:geo:{R}:{A}:geofence-collection/.+", f"arn:aws:geo:{R}:{A}:tracker/.+"],
        {"EventType": {"ENTER", "EXIT"}, "GeofenceId": S, "DeviceId": S, "SampleTime": S,
         "Position": [N]},
        {"EventType": ["ENTER"], "GeofenceId": ["pier-4"]}, {"EventType": ["Enter"]},
    ),
    "medialive/channel-state-change": Row(
        "MediaLive Channel State Change", [f"arn:aws:medialive:{R}:{A}:channel:[0-9]+"],
        # [peer] the states, of types that handlers of these events declare.
        {"channel_arn": S,
         "state?": {"CREATED", "STARTING", "RUNNING", "STOPPING", "STOPPED", "DELETED"},
         "pipeline?": S, "pipelines_running_count?": N,
         "message": S},
        {"state": ["STOPPED"]}, {"state": ["Stopped"]},
    ),
    "databrew/job-state-change": Row(
        "DataBrew Job State Change", [],
        {"jobName": S, "jobRunId": S, "severity": S, "state": S, "message": S},
        {"jobName": ["clean-orders"], "state": ["FAILED"]},
        {"jobName": ["clean-orders"], "state": ["Failed"]},
    ),
}  # fmt: skip
