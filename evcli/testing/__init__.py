"""EventBridge inside a test suite: `EventBridge` for any, a plugin for pytest.

    from evcli.testing import EventBridge

    with EventBridge("template.yaml") as eb:
        place_order()  # your code; boto3 finds the server by itself
        [delivery] = eb.deliveries(target="orders")
        assert delivery.payload["detail"]["total"] == 12

In unittest `self.enterContext(EventBridge("template.yaml"))` does the same in `setUp`.
With pytest the fixture `eventbridge` is a running `EventBridge`, fresh for each test.
"""

from __future__ import annotations

from evcli import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.errors import NoDeliveryError
    from evcli.testing.event_bridge import EventBridge
    from evcli.testing.values import Attempt, Delivery, Event, Explanation

__all__ = [
    "Attempt",
    "Delivery",
    "Event",
    "EventBridge",
    "Explanation",
    "NoDeliveryError",
]

# Where each name comes from. Loaded when it is asked for: pytest imports this package
# in every run, also where nobody uses it.
_MODULES = {
    "Attempt": "evcli.testing.values",
    "Delivery": "evcli.testing.values",
    "Event": "evcli.testing.values",
    "EventBridge": "evcli.testing.event_bridge",
    "Explanation": "evcli.testing.values",
    "NoDeliveryError": "evcli.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return load(_MODULES[name], name)
