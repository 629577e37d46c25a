"""What happens in meetings by itself at its time."""

from collab import clock

from .domain.circular import end_all_due
from .domain.coming_up import plan_reviews
from .domain.objection import bring_up_all_waiting
from .domain.terms import expire_due
from .domain.vote_mail import send_due

clock.register(end_all_due)
clock.register(expire_due)
clock.register(plan_reviews)
clock.register(bring_up_all_waiting)
# The last: a mail server may be slow.
clock.register(send_due)
