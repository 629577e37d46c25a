from django.urls import path

from . import api
from .views import agenda, home, logs, room, schedule, series

NETWORK = "n/<slug:slug>"

urlpatterns = [
    path(f"{NETWORK}/", home.home, name="home"),
    path(f"{NETWORK}/meetings/", series.meeting_list, name="meeting_list"),
    path(f"{NETWORK}/meetings/add/", schedule.add, name="meeting_add"),
    path(f"{NETWORK}/meetings/<int:pk>/edit/", schedule.edit, name="meeting_edit"),
    path(f"{NETWORK}/meetings/<int:pk>/move/", schedule.move, name="meeting_move"),
    path(f"{NETWORK}/meetings/<int:pk>/cancel/", schedule.cancel, name="meeting_cancel"),
    path(f"{NETWORK}/meetings/<int:pk>/reinstate/", schedule.reinstate, name="meeting_reinstate"),
    path(f"{NETWORK}/meetings/<int:pk>/guests/", schedule.guests, name="meeting_guests"),
    path(f"{NETWORK}/meetings/<int:pk>/guests/<int:guest>/remove/", schedule.uninvite, name="meeting_guest_remove"),
    path(f"{NETWORK}/series/add/", series.add, name="series_add"),
    path(f"{NETWORK}/series/<int:pk>/", series.show, name="series"),
    path(f"{NETWORK}/series/<int:pk>/edit/", series.edit, name="series_edit"),
    path(f"{NETWORK}/series/<int:pk>/change/", series.change, name="series_change"),
    path(f"{NETWORK}/series/<int:pk>/end/", series.end, name="series_end"),
    path(f"{NETWORK}/meetings/<int:pk>/", room.show, name="meeting"),
    path(f"{NETWORK}/meetings/<int:pk>/open/", room.open_, name="meeting_open"),
    path(f"{NETWORK}/meetings/<int:pk>/next/", room.next_, name="meeting_next"),
    path(f"{NETWORK}/meetings/<int:pk>/close/", room.close, name="meeting_close"),
    path(f"{NETWORK}/meetings/<int:pk>/people/", room.people, name="meeting_people"),
    path(f"{NETWORK}/meetings/<int:pk>/items/add/", agenda.propose, name="item_add"),
    path(f"{NETWORK}/items/<int:pk>/", agenda.show, name="item"),
    path(f"{NETWORK}/items/<int:pk>/edit/", agenda.edit, name="item_edit"),
    path(f"{NETWORK}/items/<int:pk>/accept/", agenda.accept, name="item_accept"),
    path(f"{NETWORK}/items/<int:pk>/decline/", agenda.decline, name="item_decline"),
    path(f"{NETWORK}/items/<int:pk>/withdraw/", agenda.withdraw, name="item_withdraw"),
    path(f"{NETWORK}/items/<int:pk>/move/", agenda.place, name="item_move"),
    path(f"{NETWORK}/items/<int:pk>/activate/", room.activate, name="item_activate"),
    path(f"{NETWORK}/items/<int:pk>/notes/", room.notes, name="item_notes"),
    path(f"{NETWORK}/items/<int:pk>/decision/", room.decide, name="decision_add"),
    path(f"{NETWORK}/items/<int:pk>/action/", room.add_action, name="item_action_add"),
    path(f"{NETWORK}/items/<int:pk>/files/add/", agenda.attach, name="item_attach"),
    path(f"{NETWORK}/files/<int:pk>/", agenda.download, name="file"),
    path(f"{NETWORK}/files/<int:pk>/remove/", agenda.detach, name="file_remove"),
    path(f"{NETWORK}/decisions/", logs.decision_log, name="decision_log"),
    path(f"{NETWORK}/decisions/<str:reference>/", logs.decision, name="decision"),
    path(f"api/{NETWORK}/meetings/", api.Meetings.as_view(), name="api_meetings"),
    path(f"api/{NETWORK}/meetings/<int:pk>/", api.MeetingDetail.as_view(), name="api_meeting"),
    path(f"api/{NETWORK}/decisions/", api.Decisions.as_view(), name="api_decisions"),
    path(f"api/{NETWORK}/decisions/<str:reference>/", api.DecisionDetail.as_view(), name="api_decision"),
]
