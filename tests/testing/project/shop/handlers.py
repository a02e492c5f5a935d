"""The functions of template.yaml."""

from datetime import datetime, timedelta

CART_DAYS = 7


def make_thumbnail(event, context):
    """Name the thumbnail of a picture that was uploaded."""
    picture = event["detail"]["object"]["key"]
    return {"thumbnail": f"thumbnails/{picture}"}


def clear_carts(event, context):
    """Say up to when carts are cleared."""
    now = datetime.fromisoformat(event["time"])
    return {"before": (now - timedelta(days=CART_DAYS)).isoformat()}
