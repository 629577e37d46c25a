from django.urls import path

from .api import action_item as api
from .views import action_item

NETWORK = "n/<slug:slug>/action-items"

urlpatterns = [
    path(f"{NETWORK}/", action_item.action_log, name="action_log"),
    path(f"{NETWORK}/add/", action_item.action_add, name="action_add"),
    path(f"{NETWORK}/<int:pk>/", action_item.action_item, name="action_item"),
    path(f"{NETWORK}/<int:pk>/edit/", action_item.action_edit, name="action_edit"),
    path(f"{NETWORK}/<int:pk>/state/", action_item.action_state, name="action_state"),
    path(f"{NETWORK}/<int:pk>/due/", action_item.action_due, name="action_due"),
    path(f"api/{NETWORK}/", api.ActionItems.as_view(), name="api_action_items"),
    path(f"api/{NETWORK}/<int:pk>/", api.ActionItemDetail.as_view(), name="api_action_item"),
    path(f"api/{NETWORK}/<int:pk>/state/", api.ActionItemState.as_view(), name="api_action_item_state"),
]
