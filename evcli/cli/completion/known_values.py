"""Values that completion knows without the state directory: paths and regions.

It imports nothing of evcli, so that a TAB at `file://` stays quick.
"""

from __future__ import annotations

import os

# Any well-formed region may be typed.
# Source: [doc] regions of EventBridge: commercial, China, government.
REGIONS = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
)

# How names of files end.
JSON = (".json",)
YAML = (".yaml", ".yml")
# Option of operations → which files it is for, behind `file://`; others take any.
DOCUMENT_KINDS = {"cli_input_json": JSON, "cli_input_yaml": YAML}


def list_paths(
    current: str, suffixes: tuple[str, ...] = (), *, folders_only: bool = False
) -> list[tuple[str, str]]:
    """List the files that a path may go on to; directories end in a slash.

    `~` is understood and kept as it was typed; hidden files want their dot.

    Args:
        suffixes: how names of files end; files of other names are listed where no file
            has one of these.
    """
    directory, slash, name = current.rpartition("/")
    folders, files = [], []
    with os.scandir(os.path.expanduser(directory + slash) or ".") as entries:
        for entry in entries:
            is_hidden = entry.name.startswith(".") and not name.startswith(".")
            if entry.name.startswith(name) and not is_hidden:
                path = f"{directory}{slash}{entry.name}"
                if entry.is_dir():
                    folders.append(f"{path}/")
                else:
                    files.append(path)
    wanted = [path for path in files if path.endswith(suffixes)] if suffixes else files
    found = folders if folders_only else [*folders, *(wanted or files)]
    return [(path, "") for path in sorted(found)]
