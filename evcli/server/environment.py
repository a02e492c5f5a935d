"""The environment in which AWS SDKs, the aws command and evcli find a server."""

from __future__ import annotations

# What makes an SDK miss the server or use other credentials. Source: [doc] SDK
# settings.
HIDDEN = (
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)


def list_variables(
    url: str, account_id: str, region: str, state_directory: str
) -> dict[str, str]:
    """List the variables that lead SDKs to a server, and evcli to its state directory."""
    return {
        "AWS_ENDPOINT_URL_EVENTBRIDGE": url,
        # Twelve digits: the server takes them for the account.
        "AWS_ACCESS_KEY_ID": account_id,
        "AWS_SECRET_ACCESS_KEY": "evcli",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "EVCLI_STATE_DIR": state_directory,
    }
