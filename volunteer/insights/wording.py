"""What the names of acts, subjects and messages mean, for people who read logs."""

from __future__ import annotations

from volunteer.kernel.words import N_

ACTS = {
    "county_opened": N_("opened the county"),
    "signed_in": N_("logged in"),
    "sign_in_failed": N_("failed to log in"),
    "person_registered": N_("registered a person"),
    "password_changed": N_("changed a password"),
    "person_disabled": N_("closed an account"),
    "person_enabled": N_("opened an account again"),
    "password_reset": N_("set a forgotten password anew"),
    "reset_link_made": N_("made a link for a new password"),
    "staff_invited": N_("invited a member of staff"),
    "invitation_withdrawn": N_("withdrew an invitation"),
    "invitation_accepted": N_("took an invitation up"),
    "tries_forgiven": N_("let somebody try again to log in"),
    "own_data_taken": N_("took a copy of their own data"),
    "work_handed_over": N_("handed somebody's work over"),
    "factor_on": N_("turned a second factor on"),
    "factor_off": N_("turned a second factor off"),
    "factor_reset": N_("took a second factor away"),
    "recovery_codes_renewed": N_("made new recovery codes"),
    "role_granted": N_("gave a role"),
    "role_lengthened": N_("changed until when a role holds"),
    "role_revoked": N_("took a role back"),
    "hours_taken_back": N_("took hours back"),
    "hours_seen": N_("looked at somebody's hours"),
    "certificate_issued": N_("issued a certificate"),
    "certificate_replaced": N_("replaced a certificate"),
    "certificate_revoked": N_("revoked a certificate"),
    "private_seen": N_("looked at private details"),
    "order_private_seen": N_("looked at private details"),
    "absence_decided": N_("decided about an absence"),
    "record_late": N_("wrote a record late"),
    "order_opened": N_("opened an order"),
    "order_rejected": N_("rejected a request"),
    "rated_for_resident": N_("rated for the resident"),
    "site_founded": N_("founded a site"),
    "calendar_kept": N_("kept the calendar"),
    "policy_adopted": N_("adopted a policy"),
    "volunteers_enrolled": N_("enrolled volunteers"),
    "team_founded": N_("founded a team"),
    "teams_joined": N_("added members to teams"),
    "team_class_written": N_("wrote a class of teams"),
    "skill_written": N_("wrote a skill"),
    "category_written": N_("wrote a category"),
    "item_written": N_("wrote a service"),
    "sheet_imported": N_("brought in a sheet"),
    "sheet_undone": N_("undid a sheet"),
    "sheet_exported": N_("downloaded a sheet"),
    "rating_words_decided": N_("decided about the words of a rating"),
    "solved_for_resident": N_("wrote down whether it is really solved"),
    "slip_shown": N_("showed a slip with its code"),
    "searched_by_phone": N_("searched by the end of a phone"),
    "audit_exported": N_("downloaded the audit log"),
    "orders_exported": N_("downloaded a list of orders"),
    "message_send_again": N_("sent a message again"),
    "care_begun": N_("May ask for help for another person"),
    "care_ended": N_("No longer asks for another person"),
    "account_opened": N_("Opened an account by phone code"),
    "standing_begun": N_("Made help come again"),
    "standing_changed": N_("Changed help that comes again"),
    "standing_skipped": N_("Left out a day of help that comes again"),
    "standing_paused": N_("Paused help that comes again"),
    "standing_resumed": N_("Let help that comes again go on"),
    "standing_ended": N_("Ended help that comes again"),
    "marker_set": N_("Set a marker of a household"),
    "marker_corrected": N_("Corrected a marker of a household"),
    "marker_removed": N_("Removed a marker of a household"),
    "markers_seen": N_("Looked at markers of a household"),
}

SUBJECTS = {
    "order": N_("Order %(id)s"),
    "case": N_("Case %(id)s"),
    "person": N_("Person %(id)s"),
    "invitation": N_("Invitation %(id)s"),
    "team": N_("Team %(id)s"),
    "absence": N_("Absence %(id)s"),
    "certificate": N_("Certificate %(id)s"),
    "message": N_("Message %(id)s"),
    "transfer": N_("Ledger entry %(id)s"),
    "site": N_("Site %(id)s"),
    "item": N_("Service %(id)s"),
    "team_class": N_("Class of teams %(id)s"),
    "category": N_("Category %(id)s"),
    "skill": N_("Skill %(id)s"),
    "import": N_("Import %(id)s"),
    "sheet": N_("Sheet %(id)s"),
    "care": N_("Care %(id)s"),
    "standing": N_("Regular help %(id)s"),
}


def act_word(action: str) -> str:
    """Return the msgid for ``action``; the name itself when it has none."""
    return ACTS.get(action, action)


def subject_word(subject: str) -> tuple[str, str]:
    """Return the msgid for a subject such as "order:88" and what fills its placeholder."""
    kind, _, number = subject.partition(":")
    return (SUBJECTS.get(kind, "%(id)s"), number if kind in SUBJECTS else subject)
