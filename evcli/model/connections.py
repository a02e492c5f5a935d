"""CreateConnection and its kin: what they accept, return and raise.

Three structures for each kind of authorisation: what create takes, what update takes,
where every part may be left out, and what answers show, where the secrets are missing.
"""

from __future__ import annotations

from evcli.model.shapes import (
    Example,
    Member,
    Operation,
    Pagination,
    Shape,
    by_name,
    list_of,
    string,
    structure,
)
from evcli.model.shared import (
    CONNECTION_ARN,
    DELETE_ERRORS,
    HEADER_KEY,
    HTTPS_ENDPOINT,
    KMS_KEY_IDENTIFIER,
    MAKE_CONNECTION,
    NAME_REGEX,
    NEXT_TOKEN,
    ONE_LINE_REGEX,
    PAGE_MEMBERS,
    PLAIN_BOOLEAN,
    PLAIN_STRING,
    PLAIN_TIMESTAMP,
    QUERY_STRING_KEY,
)

CONNECTION_NAME = string("ConnectionName", 1, 64, regex=NAME_REGEX)
CONNECTION_DESCRIPTION = string("ConnectionDescription", max=512, regex=ONE_LINE_REGEX)
CONNECTION_AUTHORIZATION_TYPE = string(
    "ConnectionAuthorizationType", enum=("BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY")
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
    "ConnectionOAuthHttpMethod", enum=("GET", "POST", "PUT"), any_case=True
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

IS_SECRET_MEMBER = Member(
    "IsValueSecret",
    PLAIN_BOOLEAN,
    "Whether the value is left out whenever the connection is shown.",
)
CONNECTION_HEADER_PARAMETER = structure(
    "ConnectionHeaderParameter",
    Member("Key", HEADER_KEY, "The name of the header."),
    Member("Value", HEADER_VALUE_SENSITIVE, "Its value."),
    IS_SECRET_MEMBER,
)
CONNECTION_HEADER_PARAMETERS_LIST = list_of(
    "ConnectionHeaderParametersList", CONNECTION_HEADER_PARAMETER, 0, 100
)
CONNECTION_QUERY_STRING_PARAMETER = structure(
    "ConnectionQueryStringParameter",
    Member("Key", QUERY_STRING_KEY, "The name of the query parameter."),
    Member("Value", QUERY_STRING_VALUE_SENSITIVE, "Its value."),
    IS_SECRET_MEMBER,
)
CONNECTION_QUERY_STRING_PARAMETERS_LIST = list_of(
    "ConnectionQueryStringParametersList", CONNECTION_QUERY_STRING_PARAMETER, 0, 100
)
CONNECTION_BODY_PARAMETER = structure(
    "ConnectionBodyParameter",
    Member("Key", PLAIN_STRING, "The name of the field."),
    Member("Value", SENSITIVE_STRING, "Its value."),
    IS_SECRET_MEMBER,
)
CONNECTION_BODY_PARAMETERS_LIST = list_of(
    "ConnectionBodyParametersList", CONNECTION_BODY_PARAMETER, 0, 100
)
CONNECTION_HTTP_PARAMETERS = structure(
    "ConnectionHttpParameters",
    Member("HeaderParameters", CONNECTION_HEADER_PARAMETERS_LIST, "Headers to add."),
    Member(
        "QueryStringParameters",
        CONNECTION_QUERY_STRING_PARAMETERS_LIST,
        "Query parameters to add.",
    ),
    Member(
        "BodyParameters",
        CONNECTION_BODY_PARAMETERS_LIST,
        "Fields to set at the top level of a JSON body.",
    ),
)
CONNECTIVITY_RESOURCE_CONFIGURATION_ARN = structure(
    "ConnectivityResourceConfigurationArn",
    Member(
        "ResourceConfigurationArn",
        RESOURCE_CONFIGURATION_ARN,
        "The ARN of the VPC Lattice resource configuration.",
        required=True,
    ),
)
CONNECTIVITY_RESOURCE_PARAMETERS = structure(
    "ConnectivityResourceParameters",
    Member(
        "ResourceParameters",
        CONNECTIVITY_RESOURCE_CONFIGURATION_ARN,
        "The private resource to go through.",
        required=True,
    ),
)


def auth_request_parameters(change: str, *, required: bool) -> Shape:
    """Declare the parameters that `Create` or `Update` takes for all three kinds.

    Args:
        required: whether a kind that is given needs all of its parts.
    """
    basic = structure(
        f"{change}ConnectionBasicAuthRequestParameters",
        Member("Username", AUTH_HEADER_PARAMETERS, "The user name.", required=required),
        Member(
            "Password",
            AUTH_HEADER_PARAMETERS_SENSITIVE,
            "The password, never shown again.",
            required=required,
        ),
    )
    client = structure(
        f"{change}ConnectionOAuthClientRequestParameters",
        Member(
            "ClientID",
            AUTH_HEADER_PARAMETERS,
            "The id of the OAuth client.",
            required=required,
        ),
        Member(
            "ClientSecret",
            AUTH_HEADER_PARAMETERS_SENSITIVE,
            "The secret of the OAuth client, never shown again.",
            required=required,
        ),
    )
    oauth = structure(
        f"{change}ConnectionOAuthRequestParameters",
        Member("ClientParameters", client, "The OAuth client.", required=required),
        Member(
            "AuthorizationEndpoint",
            HTTPS_ENDPOINT,
            "The URL that hands out tokens.",
            required=required,
        ),
        Member(
            "HttpMethod",
            CONNECTION_OAUTH_HTTP_METHOD,
            "How the token is asked for, in capitals or small letters.",
            required=required,
        ),
        Member(
            "OAuthHttpParameters",
            CONNECTION_HTTP_PARAMETERS,
            "What goes into the call for a token, and only there.",
        ),
    )
    api_key = structure(
        f"{change}ConnectionApiKeyAuthRequestParameters",
        Member(
            "ApiKeyName",
            AUTH_HEADER_PARAMETERS,
            "The header that carries the key.",
            required=required,
        ),
        Member(
            "ApiKeyValue",
            AUTH_HEADER_PARAMETERS_SENSITIVE,
            "The key, never shown again.",
            required=required,
        ),
    )
    return structure(
        f"{change}ConnectionAuthRequestParameters",
        Member("BasicAuthParameters", basic, "User and password, for `BASIC`."),
        Member(
            "OAuthParameters",
            oauth,
            "Client and token endpoint, for `OAUTH_CLIENT_CREDENTIALS`.",
        ),
        Member("ApiKeyAuthParameters", api_key, "Header name and key, for `API_KEY`."),
        Member(
            "InvocationHttpParameters",
            CONNECTION_HTTP_PARAMETERS,
            "What goes into every call to the destination.",
        ),
        Member(
            "ConnectivityParameters",
            CONNECTIVITY_RESOURCE_PARAMETERS,
            "How to reach a token endpoint in a private network.",
        ),
    )


CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS = auth_request_parameters(
    "Create", required=True
)
UPDATE_CONNECTION_AUTH_REQUEST_PARAMETERS = auth_request_parameters(
    "Update", required=False
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

NAME_MEMBER = Member(
    "Name",
    CONNECTION_NAME,
    "The connection, by name.",
    required=True,
    completes="connection",
)
CONNECTIVITY_MEMBER = Member(
    "InvocationConnectivityParameters",
    CONNECTIVITY_RESOURCE_PARAMETERS,
    "How to reach an endpoint in a private network. Stored and shown; evcli builds no "
    "private network.",
)
KEY_MEMBER = Member(
    "KmsKeyIdentifier",
    KMS_KEY_IDENTIFIER,
    "The customer key that would encrypt the secrets. Stored and shown, not used.",
)
# What the operations that change a connection answer.
CREATED = (
    Member("ConnectionArn", CONNECTION_ARN),
    Member("ConnectionState", CONNECTION_STATE),
    Member("CreationTime", PLAIN_TIMESTAMP),
    Member("LastModifiedTime", PLAIN_TIMESTAMP),
)
CHANGED = (*CREATED, Member("LastAuthorizedTime", PLAIN_TIMESTAMP))

CREATE_CONNECTION = Operation(
    "CreateConnection",
    "Stores how to authorise the HTTP calls of API destinations: a user and "
    "password, an API key, or OAuth client credentials. It may also hold headers, "
    "query parameters and body fields that go into every call.\n\n"
    "Secrets are kept in the state directory, readable by you alone, and no command "
    "prints them. OAuth connections answer `AUTHORIZING`; the token is fetched from "
    "the authorisation endpoint when it is reachable under evcli's offline rules.\n\n"
    "Each connection gets an ARN that ends in a new id, also when a name is used "
    "again.",
    request=(
        Member("Name", CONNECTION_NAME, "The name of the connection.", required=True),
        Member("Description", CONNECTION_DESCRIPTION, "A note for people."),
        Member(
            "AuthorizationType",
            CONNECTION_AUTHORIZATION_TYPE,
            "The kind of authorisation; it decides which part of the parameters is "
            "needed.",
            required=True,
        ),
        Member(
            "AuthParameters",
            CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS,
            "The secrets: exactly one of basic, OAuth and API key parameters, and "
            "what else goes into every call.",
            required=True,
        ),
        CONNECTIVITY_MEMBER,
        KEY_MEMBER,
    ),
    response=CREATED,
    errors=(
        "ResourceAlreadyExistsException",
        "LimitExceededException",
        "ResourceNotFoundException",
        "InternalException",
        "AccessDeniedException",
        "ThrottlingException",
    ),
    examples=(
        Example("An API key", MAKE_CONNECTION),
        Example(
            "User and password, and a header for every call",
            "evcli create-connection --name intranet --authorization-type BASIC "
            "--auth-parameters "
            '\'{"BasicAuthParameters": {"Username": "user", "Password": "secret"},\n'
            ' "InvocationHttpParameters":\n'
            '   {"HeaderParameters": [{"Key": "X-Env", "Value": "test"}]}}\'',
        ),
    ),
)

DESCRIBE_CONNECTION = Operation(
    "DescribeConnection",
    "Shows a connection: its state and its parameters without passwords, keys, "
    "client secrets and values marked secret.",
    request=(NAME_MEMBER,),
    response=(
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
    errors=("ResourceNotFoundException", "InternalException"),
    reads_only=True,
    examples=(
        Example(
            "Show a connection without its key",
            "evcli describe-connection --name hooks",
            given=(MAKE_CONNECTION,),
        ),
    ),
)

LIST_CONNECTIONS = Operation(
    "ListConnections",
    "Lists connections by name; a name prefix and a state may be combined. "
    "Parameters are shown by `describe-connection` only.",
    request=(
        Member(
            "NamePrefix",
            CONNECTION_NAME,
            "Only connections whose names begin like this.",
            completes="connection",
        ),
        Member("ConnectionState", CONNECTION_STATE, "Only connections in this state."),
        *PAGE_MEMBERS,
    ),
    response=(
        Member("Connections", CONNECTION_RESPONSE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException",),
    pagination=Pagination("Connections"),
    reads_only=True,
    examples=(
        Example(
            "Connections that work",
            "evcli list-connections --connection-state AUTHORIZED",
            given=(MAKE_CONNECTION,),
        ),
    ),
)

UPDATE_CONNECTION = Operation(
    "UpdateConnection",
    "Changes a connection; what is not given stays. Another authorisation type needs "
    "the parameters that go with it and drops the old secrets. A list of HTTP "
    "parameters replaces the old list as a whole; an item without a value keeps the "
    "stored value of its key.",
    request=(
        NAME_MEMBER,
        Member("Description", CONNECTION_DESCRIPTION, "A note for people."),
        Member(
            "AuthorizationType",
            CONNECTION_AUTHORIZATION_TYPE,
            "Another kind of authorisation. It needs its parameters in the same call.",
        ),
        Member(
            "AuthParameters",
            UPDATE_CONNECTION_AUTH_REQUEST_PARAMETERS,
            "The parameters that change; parts that are left out stay.",
        ),
        CONNECTIVITY_MEMBER,
        KEY_MEMBER,
    ),
    response=CHANGED,
    errors=(
        "ConcurrentModificationException",
        "ResourceNotFoundException",
        "InternalException",
        "LimitExceededException",
        "AccessDeniedException",
        "ThrottlingException",
    ),
    examples=(
        Example(
            "Change the key",
            "evcli update-connection --name hooks --authorization-type API_KEY "
            "--auth-parameters "
            "'ApiKeyAuthParameters={ApiKeyName=X-Api-Key,ApiKeyValue=def}'",
            given=(MAKE_CONNECTION,),
        ),
    ),
)

DEAUTHORIZE_CONNECTION = Operation(
    "DeauthorizeConnection",
    "Removes the secrets and all authorisation parameters of a connection, but keeps "
    "the connection. API destinations that use it become inactive until "
    "`update-connection` brings new parameters.",
    request=(NAME_MEMBER,),
    response=CHANGED,
    errors=DELETE_ERRORS,
    examples=(
        Example(
            "Forget the key",
            "evcli deauthorize-connection --name hooks",
            given=(MAKE_CONNECTION,),
        ),
    ),
)

DELETE_CONNECTION = Operation(
    "DeleteConnection",
    "Removes a connection and its secrets. API destinations that use it stay and "
    "become inactive.",
    request=(NAME_MEMBER,),
    response=CHANGED,
    errors=DELETE_ERRORS,
    examples=(
        Example(
            "Remove a connection",
            "evcli delete-connection --name hooks",
            given=(MAKE_CONNECTION,),
        ),
    ),
)

OPERATIONS = by_name(
    CREATE_CONNECTION,
    DESCRIBE_CONNECTION,
    LIST_CONNECTIONS,
    UPDATE_CONNECTION,
    DEAUTHORIZE_CONNECTION,
    DELETE_CONNECTION,
)
