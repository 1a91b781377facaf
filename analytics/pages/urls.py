"""Pages of the analytics."""

from __future__ import annotations

from django.urls import path

from analytics.pages import bill

urlpatterns = [path("settings/bill", bill.bill, name="bill")]
