"""A local endpoint for SDKs: the AWS JSON 1.1 protocol over `operations.call`."""
