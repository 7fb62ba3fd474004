"""A run of 60 sheets that kills itself: ``python -m tests.crashing_run DIR POINT WORKERS``.

The process counts what touches the station's disk (files opened, renamed, made read-only, every
SQL statement, before and after every commit) and sends itself SIGKILL at event number POINT.
Without reaching POINT it ends by itself and prints how many events there were.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from store.station_store import StationStore
from tests.station_fakes import deck, intake


def main() -> None:
    folder, point, workers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    events = 0

    def touched(*_: object) -> None:
        nonlocal events
        events += 1
        if events == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(name: str, args: tuple[object, ...]) -> None:
        if name in ("open", "os.rename", "os.chmod", "os.remove") and str(folder) in str(args[0]):
            touched()

    store = StationStore.open(folder)
    sys.addaudithook(audited)
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, touched)
    intake(store, workers).run(deck(60))
    store.close()
    print(events)


if __name__ == "__main__":
    main()
