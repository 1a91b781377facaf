"""Addresses of the analytics' API."""

from __future__ import annotations

from django.urls import path

from analytics.api import bills

urlpatterns = [path("api/analytics/bills/compare", bills.CompareBillView.as_view())]
