"""`make bench`: every measurement, one after the other."""

from bench import (
    beside,
    ceilings,
    evaluations,
    events,
    executions,
    export,
    gateway,
    history,
    library,
    privacy,
    statistics,
    usage,
)

if __name__ == "__main__":
    executions.main()
    gateway.main()
    export.main()
    privacy.main()
    history.main()
    library.main()
    evaluations.main()
    events.main()
    beside.main()
    ceilings.main()
    statistics.main()
    usage.main()
