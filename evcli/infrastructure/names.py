"""Names and ids that AWS would make up, always the same for the same file.

Source: [peer] CloudFormation's public handlers for the form; [guess] the characters,
which are random there.
"""

from __future__ import annotations

import hashlib
import string

SUFFIX_LENGTH = 12
_SUFFIX = string.digits + string.ascii_uppercase
_LOWER = string.digits + string.ascii_lowercase


def derive_text(alphabet: str, length: int, *parts: str) -> str:
    """Draw characters of an alphabet by what the parts are."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass"))
    number = int.from_bytes(digest.digest())
    text = ""
    for _ in range(length):
        number, i = divmod(number, len(alphabet))
        text += alphabet[i]
    return text


def invent_name(stack: str, logical_id: str, limit: int) -> str:
    """`STACK-LOGICALID-SUFFIX`, both cut evenly where that is too long."""
    suffix = derive_text(_SUFFIX, SUFFIX_LENGTH, stack, logical_id)
    free = limit - SUFFIX_LENGTH - 2
    half = free // 2
    stack_length = min(len(stack), max(half, free - len(logical_id)))
    return f"{stack[:stack_length]}-{logical_id[: free - stack_length]}-{suffix}"


def invent_id(*parts: str) -> str:
    """Ten characters, as API Gateway and AppSync have them."""
    return derive_text(_LOWER, 10, *parts)
