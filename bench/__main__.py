"""`make bench`: every measurement, one after the other."""

from bench.executions import main

if __name__ == "__main__":
    main()
