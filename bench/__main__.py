"""`make bench`: every measurement, one after the other."""

from bench import beside, ceilings, evaluations, executions, export, history, library, statistics

if __name__ == "__main__":
    executions.main()
    export.main()
    history.main()
    library.main()
    evaluations.main()
    beside.main()
    ceilings.main()
    statistics.main()
