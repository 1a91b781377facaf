"""Pages of lists: `{"count", "next", "previous", "results"}`, `?page_size=` up to 200."""

from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination

from foundation.rest.serializers import StrictSerializer

LARGEST = 200


class Pages(PageNumberPagination):
    """The API's numbered pages."""

    page_size_query_param = "page_size"
    max_page_size = LARGEST


class PageQuery(StrictSerializer):
    """The query of a list that nothing else narrows."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
