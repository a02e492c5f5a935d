"""What the operations on connections accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, Pagination, list_of, string, structure
from evcli.model.shared import (
    CONNECTION_ARN,
    HEADER_KEY,
    HTTPS_ENDPOINT,
    KMS_KEY_IDENTIFIER,
    LIMIT_MEMBER,
    NAME_REGEX,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    ONE_LINE_REGEX,
    PLAIN_BOOLEAN,
    PLAIN_STRING,
    PLAIN_TIMESTAMP,
    QUERY_STRING_KEY,
)

CONNECTION_NAME = string("ConnectionName", 1, 64, regex=NAME_REGEX)
CONNECTION_DESCRIPTION = string("ConnectionDescription", max=512, regex=ONE_LINE_REGEX)
CONNECTION_AUTHORIZATION_TYPE = string(
    "ConnectionAuthorizationType",
    enum=(
        "BASIC",
        "OAUTH_CLIENT_CREDENTIALS",
        "API_KEY",
    ),
)
AUTH_HEADER_PARAMETERS = string(
    "AuthHeaderParameters",
    1,
    512,
    regex=r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$",
)
AUTH_HEADER_PARAMETERS_SENSITIVE = string(
    "AuthHeaderParametersSensitive",
    1,
    512,
    regex=r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$",
    sensitive=True,
)
# A recording shows `put` accepted: [aws].
CONNECTION_OAUTH_HTTP_METHOD = string(
    "ConnectionOAuthHttpMethod",
    enum=(
        "GET",
        "POST",
        "PUT",
    ),
    any_case=True,
)
HEADER_VALUE_SENSITIVE = string(
    "HeaderValueSensitive",
    max=512,
    regex=r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$",
    sensitive=True,
)
QUERY_STRING_VALUE_SENSITIVE = string(
    "QueryStringValueSensitive",
    max=512,
    regex=r"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+",
    sensitive=True,
)
SENSITIVE_STRING = string("SensitiveString", sensitive=True)
RESOURCE_CONFIGURATION_ARN = string(
    "ResourceConfigurationArn",
    0,
    2048,
    regex=r"^(?:^arn:[a-z0-9\-]+:vpc-lattice:[a-zA-Z0-9\-]+:\d{12}:resourceconfiguration/rcfg-[0-9a-z]{17}$|^$)",
)
CONNECTION_STATE = string(
    "ConnectionState",
    enum=(
        "CREATING",
        "UPDATING",
        "DELETING",
        "AUTHORIZED",
        "DEAUTHORIZED",
        "AUTHORIZING",
        "DEAUTHORIZING",
        "ACTIVE",
        "FAILED_CONNECTIVITY",
    ),
)
RESOURCE_ASSOCIATION_ARN = string(
    "ResourceAssociationArn",
    17,
    2048,
    regex=r"^arn:[a-z0-9\\-]+:vpc-lattice:[a-zA-Z0-9\\-]+:\\d{12}:servicenetworkresourceassociation/snra-[0-9a-z]{17}$",
)
CONNECTION_STATE_REASON = string("ConnectionStateReason", max=512, regex=ONE_LINE_REGEX)
SECRETS_MANAGER_SECRET_ARN = string(
    "SecretsManagerSecretArn",
    20,
    2048,
    regex=r"^arn:aws([a-z]|\-)*:secretsmanager:([a-z]|\d|\-)*:([0-9]{12})?:secret:[\/_+=\.@\-A-Za-z0-9]+$",
)

CREATE_CONNECTION_BASIC_AUTH_REQUEST_PARAMETERS = structure(
    "CreateConnectionBasicAuthRequestParameters",
    Member("Username", AUTH_HEADER_PARAMETERS, required=True),
    Member("Password", AUTH_HEADER_PARAMETERS_SENSITIVE, required=True),
)
CREATE_CONNECTION_OAUTH_CLIENT_REQUEST_PARAMETERS = structure(
    "CreateConnectionOAuthClientRequestParameters",
    Member("ClientID", AUTH_HEADER_PARAMETERS, required=True),
    Member("ClientSecret", AUTH_HEADER_PARAMETERS_SENSITIVE, required=True),
)
CONNECTION_HEADER_PARAMETER = structure(
    "ConnectionHeaderParameter",
    Member("Key", HEADER_KEY),
    Member("Value", HEADER_VALUE_SENSITIVE),
    Member("IsValueSecret", PLAIN_BOOLEAN),
)
CONNECTION_HEADER_PARAMETERS_LIST = list_of(
    "ConnectionHeaderParametersList", CONNECTION_HEADER_PARAMETER, 0, 100
)
CONNECTION_QUERY_STRING_PARAMETER = structure(
    "ConnectionQueryStringParameter",
    Member("Key", QUERY_STRING_KEY),
    Member("Value", QUERY_STRING_VALUE_SENSITIVE),
    Member("IsValueSecret", PLAIN_BOOLEAN),
)
CONNECTION_QUERY_STRING_PARAMETERS_LIST = list_of(
    "ConnectionQueryStringParametersList", CONNECTION_QUERY_STRING_PARAMETER, 0, 100
)
CONNECTION_BODY_PARAMETER = structure(
    "ConnectionBodyParameter",
    Member("Key", PLAIN_STRING),
    Member("Value", SENSITIVE_STRING),
    Member("IsValueSecret", PLAIN_BOOLEAN),
)
CONNECTION_BODY_PARAMETERS_LIST = list_of(
    "ConnectionBodyParametersList", CONNECTION_BODY_PARAMETER, 0, 100
)
CONNECTION_HTTP_PARAMETERS = structure(
    "ConnectionHttpParameters",
    Member("HeaderParameters", CONNECTION_HEADER_PARAMETERS_LIST),
    Member("QueryStringParameters", CONNECTION_QUERY_STRING_PARAMETERS_LIST),
    Member("BodyParameters", CONNECTION_BODY_PARAMETERS_LIST),
)
CREATE_CONNECTION_OAUTH_REQUEST_PARAMETERS = structure(
    "CreateConnectionOAuthRequestParameters",
    Member(
        "ClientParameters",
        CREATE_CONNECTION_OAUTH_CLIENT_REQUEST_PARAMETERS,
        required=True,
    ),
    Member("AuthorizationEndpoint", HTTPS_ENDPOINT, required=True),
    Member("HttpMethod", CONNECTION_OAUTH_HTTP_METHOD, required=True),
    Member("OAuthHttpParameters", CONNECTION_HTTP_PARAMETERS),
)
CREATE_CONNECTION_API_KEY_AUTH_REQUEST_PARAMETERS = structure(
    "CreateConnectionApiKeyAuthRequestParameters",
    Member("ApiKeyName", AUTH_HEADER_PARAMETERS, required=True),
    Member("ApiKeyValue", AUTH_HEADER_PARAMETERS_SENSITIVE, required=True),
)
CONNECTIVITY_RESOURCE_CONFIGURATION_ARN = structure(
    "ConnectivityResourceConfigurationArn",
    Member("ResourceConfigurationArn", RESOURCE_CONFIGURATION_ARN, required=True),
)
CONNECTIVITY_RESOURCE_PARAMETERS = structure(
    "ConnectivityResourceParameters",
    Member(
        "ResourceParameters", CONNECTIVITY_RESOURCE_CONFIGURATION_ARN, required=True
    ),
)
CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS = structure(
    "CreateConnectionAuthRequestParameters",
    Member("BasicAuthParameters", CREATE_CONNECTION_BASIC_AUTH_REQUEST_PARAMETERS),
    Member("OAuthParameters", CREATE_CONNECTION_OAUTH_REQUEST_PARAMETERS),
    Member("ApiKeyAuthParameters", CREATE_CONNECTION_API_KEY_AUTH_REQUEST_PARAMETERS),
    Member("InvocationHttpParameters", CONNECTION_HTTP_PARAMETERS),
    Member("ConnectivityParameters", CONNECTIVITY_RESOURCE_PARAMETERS),
)
DESCRIBE_CONNECTION_RESOURCE_PARAMETERS = structure(
    "DescribeConnectionResourceParameters",
    Member("ResourceConfigurationArn", RESOURCE_CONFIGURATION_ARN, required=True),
    Member("ResourceAssociationArn", RESOURCE_ASSOCIATION_ARN, required=True),
)
DESCRIBE_CONNECTION_CONNECTIVITY_PARAMETERS = structure(
    "DescribeConnectionConnectivityParameters",
    Member(
        "ResourceParameters", DESCRIBE_CONNECTION_RESOURCE_PARAMETERS, required=True
    ),
)
CONNECTION_BASIC_AUTH_RESPONSE_PARAMETERS = structure(
    "ConnectionBasicAuthResponseParameters",
    Member("Username", AUTH_HEADER_PARAMETERS),
)
CONNECTION_OAUTH_CLIENT_RESPONSE_PARAMETERS = structure(
    "ConnectionOAuthClientResponseParameters",
    Member("ClientID", AUTH_HEADER_PARAMETERS),
)
CONNECTION_OAUTH_RESPONSE_PARAMETERS = structure(
    "ConnectionOAuthResponseParameters",
    Member("ClientParameters", CONNECTION_OAUTH_CLIENT_RESPONSE_PARAMETERS),
    Member("AuthorizationEndpoint", HTTPS_ENDPOINT),
    Member("HttpMethod", CONNECTION_OAUTH_HTTP_METHOD),
    Member("OAuthHttpParameters", CONNECTION_HTTP_PARAMETERS),
)
CONNECTION_API_KEY_AUTH_RESPONSE_PARAMETERS = structure(
    "ConnectionApiKeyAuthResponseParameters",
    Member("ApiKeyName", AUTH_HEADER_PARAMETERS),
)
CONNECTION_AUTH_RESPONSE_PARAMETERS = structure(
    "ConnectionAuthResponseParameters",
    Member("BasicAuthParameters", CONNECTION_BASIC_AUTH_RESPONSE_PARAMETERS),
    Member("OAuthParameters", CONNECTION_OAUTH_RESPONSE_PARAMETERS),
    Member("ApiKeyAuthParameters", CONNECTION_API_KEY_AUTH_RESPONSE_PARAMETERS),
    Member("InvocationHttpParameters", CONNECTION_HTTP_PARAMETERS),
    Member("ConnectivityParameters", DESCRIBE_CONNECTION_CONNECTIVITY_PARAMETERS),
)
CONNECTION = structure(
    "Connection",
    Member("ConnectionArn", CONNECTION_ARN),
    Member("Name", CONNECTION_NAME),
    Member("ConnectionState", CONNECTION_STATE),
    Member("StateReason", CONNECTION_STATE_REASON),
    Member("AuthorizationType", CONNECTION_AUTHORIZATION_TYPE),
    Member("CreationTime", PLAIN_TIMESTAMP),
    Member("LastModifiedTime", PLAIN_TIMESTAMP),
    Member("LastAuthorizedTime", PLAIN_TIMESTAMP),
)
CONNECTION_RESPONSE_LIST = list_of("ConnectionResponseList", CONNECTION)
UPDATE_CONNECTION_BASIC_AUTH_REQUEST_PARAMETERS = structure(
    "UpdateConnectionBasicAuthRequestParameters",
    Member("Username", AUTH_HEADER_PARAMETERS),
    Member("Password", AUTH_HEADER_PARAMETERS_SENSITIVE),
)
UPDATE_CONNECTION_OAUTH_CLIENT_REQUEST_PARAMETERS = structure(
    "UpdateConnectionOAuthClientRequestParameters",
    Member("ClientID", AUTH_HEADER_PARAMETERS),
    Member("ClientSecret", AUTH_HEADER_PARAMETERS_SENSITIVE),
)
UPDATE_CONNECTION_OAUTH_REQUEST_PARAMETERS = structure(
    "UpdateConnectionOAuthRequestParameters",
    Member("ClientParameters", UPDATE_CONNECTION_OAUTH_CLIENT_REQUEST_PARAMETERS),
    Member("AuthorizationEndpoint", HTTPS_ENDPOINT),
    Member("HttpMethod", CONNECTION_OAUTH_HTTP_METHOD),
    Member("OAuthHttpParameters", CONNECTION_HTTP_PARAMETERS),
)
UPDATE_CONNECTION_API_KEY_AUTH_REQUEST_PARAMETERS = structure(
    "UpdateConnectionApiKeyAuthRequestParameters",
    Member("ApiKeyName", AUTH_HEADER_PARAMETERS),
    Member("ApiKeyValue", AUTH_HEADER_PARAMETERS_SENSITIVE),
)
UPDATE_CONNECTION_AUTH_REQUEST_PARAMETERS = structure(
    "UpdateConnectionAuthRequestParameters",
    Member("BasicAuthParameters", UPDATE_CONNECTION_BASIC_AUTH_REQUEST_PARAMETERS),
    Member("OAuthParameters", UPDATE_CONNECTION_OAUTH_REQUEST_PARAMETERS),
    Member("ApiKeyAuthParameters", UPDATE_CONNECTION_API_KEY_AUTH_REQUEST_PARAMETERS),
    Member("InvocationHttpParameters", CONNECTION_HTTP_PARAMETERS),
    Member("ConnectivityParameters", CONNECTIVITY_RESOURCE_PARAMETERS),
)

CREATE_CONNECTION = Operation(
    "CreateConnection",
    "",
    request=structure(
        "CreateConnectionRequest",
        Member("Name", CONNECTION_NAME, required=True),
        Member("Description", CONNECTION_DESCRIPTION),
        Member("AuthorizationType", CONNECTION_AUTHORIZATION_TYPE, required=True),
        Member(
            "AuthParameters", CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS, required=True
        ),
        Member("InvocationConnectivityParameters", CONNECTIVITY_RESOURCE_PARAMETERS),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
    ),
    response=structure(
        "CreateConnectionResponse",
        Member("ConnectionArn", CONNECTION_ARN),
        Member("ConnectionState", CONNECTION_STATE),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ResourceAlreadyExistsException",
        "LimitExceededException",
        "ResourceNotFoundException",
        "InternalException",
        "AccessDeniedException",
        "ThrottlingException",
    ),
)

DESCRIBE_CONNECTION = Operation(
    "DescribeConnection",
    "",
    request=structure(
        "DescribeConnectionRequest",
        Member("Name", CONNECTION_NAME, required=True),
    ),
    response=structure(
        "DescribeConnectionResponse",
        Member("ConnectionArn", CONNECTION_ARN),
        Member("Name", CONNECTION_NAME),
        Member("Description", CONNECTION_DESCRIPTION),
        Member(
            "InvocationConnectivityParameters",
            DESCRIBE_CONNECTION_CONNECTIVITY_PARAMETERS,
        ),
        Member("ConnectionState", CONNECTION_STATE),
        Member("StateReason", CONNECTION_STATE_REASON),
        Member("AuthorizationType", CONNECTION_AUTHORIZATION_TYPE),
        Member("SecretArn", SECRETS_MANAGER_SECRET_ARN),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
        Member("AuthParameters", CONNECTION_AUTH_RESPONSE_PARAMETERS),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
        Member("LastAuthorizedTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    reads_only=True,
)

LIST_CONNECTIONS = Operation(
    "ListConnections",
    "",
    request=structure(
        "ListConnectionsRequest",
        Member("NamePrefix", CONNECTION_NAME),
        Member("ConnectionState", CONNECTION_STATE),
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListConnectionsResponse",
        Member("Connections", CONNECTION_RESPONSE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("Connections"),
    reads_only=True,
)

UPDATE_CONNECTION = Operation(
    "UpdateConnection",
    "",
    request=structure(
        "UpdateConnectionRequest",
        Member("Name", CONNECTION_NAME, required=True),
        Member("Description", CONNECTION_DESCRIPTION),
        Member("AuthorizationType", CONNECTION_AUTHORIZATION_TYPE),
        Member("AuthParameters", UPDATE_CONNECTION_AUTH_REQUEST_PARAMETERS),
        Member("InvocationConnectivityParameters", CONNECTIVITY_RESOURCE_PARAMETERS),
        Member("KmsKeyIdentifier", KMS_KEY_IDENTIFIER),
    ),
    response=structure(
        "UpdateConnectionResponse",
        Member("ConnectionArn", CONNECTION_ARN),
        Member("ConnectionState", CONNECTION_STATE),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
        Member("LastAuthorizedTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
        "LimitExceededException",
        "AccessDeniedException",
        "ThrottlingException",
    ),
)

DEAUTHORIZE_CONNECTION = Operation(
    "DeauthorizeConnection",
    "",
    request=structure(
        "DeauthorizeConnectionRequest",
        Member("Name", CONNECTION_NAME, required=True),
    ),
    response=structure(
        "DeauthorizeConnectionResponse",
        Member("ConnectionArn", CONNECTION_ARN),
        Member("ConnectionState", CONNECTION_STATE),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
        Member("LastAuthorizedTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
    ),
)

DELETE_CONNECTION = Operation(
    "DeleteConnection",
    "",
    request=structure(
        "DeleteConnectionRequest",
        Member("Name", CONNECTION_NAME, required=True),
    ),
    response=structure(
        "DeleteConnectionResponse",
        Member("ConnectionArn", CONNECTION_ARN),
        Member("ConnectionState", CONNECTION_STATE),
        Member("CreationTime", PLAIN_TIMESTAMP),
        Member("LastModifiedTime", PLAIN_TIMESTAMP),
        Member("LastAuthorizedTime", PLAIN_TIMESTAMP),
    ),
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        CREATE_CONNECTION,
        DESCRIBE_CONNECTION,
        LIST_CONNECTIONS,
        UPDATE_CONNECTION,
        DEAUTHORIZE_CONNECTION,
        DELETE_CONNECTION,
    )
}
