"""`python -m evcli`: the program, where no script of its name is on the path."""

from __future__ import annotations

from evcli import main

if __name__ == "__main__":
    main()
