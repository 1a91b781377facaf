"""Every statistic under a stranger's name, with the functions that results are made of: `check_statistics`."""
