"""Which tests PostgreSQL need not run as well: whole files, so that new ones run on both unless they are named here.

What PostgreSQL can do otherwise are locks, races, constraints, sorting, searching, JSON, and a transaction after an
error. These files ask for pages, words, rights and files made from what was read. When the list was made, the shape
of every statement of a run was recorded on PostgreSQL: of 3,544 shapes some hundred are sent by these only, though
test_on_postgres.py reads every address and sends every form; most differ from others in a column or a value.
"""

ONLY_ON_SQLITE = frozenset(
    {
        "meetings/test_correction.py",
        "meetings/test_finalise.py",
        "meetings/test_ideas.py",
        "meetings/test_item_guest.py",
        "meetings/test_life.py",
        "meetings/test_pdf.py",
        "meetings/test_preparation.py",
        "meetings/test_presence_record.py",
        "meetings/test_print.py",
        "meetings/test_recurrence.py",
        "meetings/test_review.py",
        "meetings/test_round.py",
        "meetings/test_wall.py",
        "network/test_members.py",
        "network/test_sign_in.py",
        "test_translations.py",
        "workgroups/test_board.py",
        "workgroups/test_group_members.py",
    }
)
