"""`make bench`: every measurement, one after the other."""

from bench import executions, export, history, statistics

if __name__ == "__main__":
    executions.main()
    export.main()
    history.main()
    statistics.main()
