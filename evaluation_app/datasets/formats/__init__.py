"""The file formats of datasets, each read and written by one module."""
