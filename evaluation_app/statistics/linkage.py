"""Groups of what is alike, all with all: complete linkage."""

from __future__ import annotations

from typing import Any

from evaluation_app.statistics.errors import InvalidArgument, number


def complete_linkage(likeness: Any, least: float) -> list[int]:
    """The group of each thing, by a symmetric matrix of likeness in -1…1: in a group any two are alike by `least`.

    Complete linkage (Sørensen 1948): of a chain of neighbours the ends may not be alike, and are not called so. Groups
    are numbered from 0 in the order in which they first come. InvalidArgument where the matrix is none.
    """
    import numpy
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    number("least", least, -1, 1)
    if len(likeness) == 0:
        return []
    matrix: Any = numpy.asarray(likeness, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not numpy.allclose(matrix, matrix.T):
        raise InvalidArgument("likeness", "must be a symmetric matrix.")
    if len(matrix) == 1:
        return [0]
    apart = numpy.clip(1 - matrix, 0, None)
    numpy.fill_diagonal(apart, 0)
    # A cosine of equal texts may miss 1 by a rounding error; `least` of 1 still means equal.
    found = fcluster(linkage(squareform(apart, checks=False), "complete"), 1 - least + 1e-9, "distance")
    numbers: dict[int, int] = {}
    return [numbers.setdefault(int(label), len(numbers)) for label in found]
