"""Placing orders. The client is opened once, as Lambda functions do."""

import json
from functools import cache

import boto3


@cache
def get_client():
    return boto3.client("events")


def place_order(order_id, total):
    """Tell everybody that an order was placed."""
    entry = {
        "EventBusName": "orders",
        "Source": "shop.orders",
        "DetailType": "OrderPlaced",
        "Detail": json.dumps({"id": order_id, "total": total}),
    }
    response = get_client().put_events(Entries=[entry])
    if response["FailedEntryCount"]:
        raise RuntimeError(response["Entries"])
