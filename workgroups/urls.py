from django.urls import path

from . import api, views

NETWORK = "n/<slug:slug>/action-items"

urlpatterns = [
    path(f"{NETWORK}/", views.action_log, name="action_log"),
    path(f"{NETWORK}/add/", views.action_add, name="action_add"),
    path(f"{NETWORK}/<int:pk>/", views.action_item, name="action_item"),
    path(f"{NETWORK}/<int:pk>/edit/", views.action_edit, name="action_edit"),
    path(f"{NETWORK}/<int:pk>/state/", views.action_state, name="action_state"),
    path(f"{NETWORK}/<int:pk>/due/", views.action_due, name="action_due"),
    path(f"api/{NETWORK}/", api.ActionItems.as_view(), name="api_action_items"),
    path(f"api/{NETWORK}/<int:pk>/", api.ActionItemDetail.as_view(), name="api_action_item"),
    path(f"api/{NETWORK}/<int:pk>/state/", api.ActionItemState.as_view(), name="api_action_item_state"),
]
