"""Where the state directory, the account and the region of a command come from.

The settings themselves are found in `session` and `context`, as quickly as can be; this
says the same again with names, for people. A test holds both together.
"""

from __future__ import annotations

from evcli.cli.session import DEFAULT_PROFILE, read_profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from evcli.cli.session import Session

DEFAULT = "the default"


def find_sources(session: Session, configuration: Mapping[str, Any]) -> dict[str, str]:
    """Name the source of each: an option, a variable, a file, or `the default`.

    Args:
        configuration: that of `config.toml`.
    """
    environ, options = session.environ, session.options
    profile = session.settings.profile or DEFAULT_PROFILE
    own = configuration.get("profiles", {}).get(profile, {})
    official = read_profile(environ, profile) or {}
    own_name = f"profile {profile} of config.toml"
    return {
        "StateDirectory": _choose(
            {
                "--state-dir": options.get("state_dir"),
                "EVCLI_STATE_DIR": environ.get("EVCLI_STATE_DIR"),
            },
            _name_found_directory(session),
        ),
        "Account": _choose(
            {
                "EVCLI_ACCOUNT_ID": environ.get("EVCLI_ACCOUNT_ID"),
                own_name: own.get("account"),
                "config.toml": configuration.get("account"),
            }
        ),
        "Region": _choose(
            {
                "--region": options.get("region"),
                "AWS_REGION": environ.get("AWS_REGION"),
                "AWS_DEFAULT_REGION": environ.get("AWS_DEFAULT_REGION"),
                f"profile {profile} of ~/.aws/config": official.get("region"),
                own_name: own.get("region"),
                "config.toml": configuration.get("region"),
            }
        ),
    }


def _choose(candidates: Mapping[str, object], otherwise: str = DEFAULT) -> str:
    return next((name for name, value in candidates.items() if value), otherwise)


def _name_found_directory(session: Session) -> str:
    from evcli.store.directory.state_directory import is_project_directory

    if is_project_directory(session.find_state_directory()):
        return "the nearest .evcli"
    return "the user's own"
