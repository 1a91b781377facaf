"""Pages of lists: `{"count", "next", "previous", "results"}`, `?page_size=` up to 200."""

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """The API's numbered pages."""

    page_size_query_param = "page_size"
    max_page_size = 200
