"""The proofs that `./dev prove` runs: each a promise under attack, with the control that shows that it can fail."""

from typing import NamedTuple


class Proof(NamedTuple):
    """A promise, the goal that its figures must reach, tests or files that show it, and those of a weakened build."""

    name: str
    promise: str
    goal: str
    tests: tuple[str, ...]
    controls: tuple[str, ...] = ()
    whole: bool = False  # takes minutes, so only --full runs it
    engine: str = ""  # is about this one alone


HERE, DOMAIN, DESK, DEPLOY = (
    "tests/system/proofs/",
    "tests/reports/domain/",
    "tests/reports/admin/",
    "tests/system/deploy/",
)
ROWS, SIGNATURES = f"{DOMAIN}vouching/test_changed_rows.py", f"{DOMAIN}handover/test_signatures.py"
HUNT, FLOOD = f"{HERE}test_plaintext_hunt.py", f"{HERE}test_flood.py"
LOAD, DOWN = f"{HERE}test_database_load.py", f"{HERE}test_database_down.py"
SITE, MARKUP = "tests/site/", "tests/system/browser/test_stored_markup.py"
NGINX, LIMITS = "tests/system/servers/test_nginx.py", "tests/system/servers/test_nginx_limits.py"
PROOFS = (
    Proof(
        "kill",
        "What was acknowledged is there, once, wherever the server was killed",
        "200 kills, 100,000 acknowledged: 0 lost, 0 twice; outbox empty 5 s after a restart",
        (
            f"{HERE}test_kill.py::test_nothing_acknowledged_is_lost_over_many_kills",
            f"{HERE}test_kill.py::test_killed_on_its_way_into_the_database_nothing_is_lost_and_the_next_start_goes_on",
        ),
        (
            f"{HERE}test_kill.py::test_a_server_that_acknowledges_before_it_stores_is_caught",
            f"{HERE}test_kill.py::test_a_server_that_stores_the_same_twice_is_caught",
            f"{HERE}test_kill.py::test_a_server_that_removes_before_it_has_stored_is_caught_by_an_aimed_kill",
        ),
    ),
    Proof(
        "disk",
        "On a full disk nothing is acknowledged that is not stored, and what was typed is kept",
        "0 acknowledged and not stored",
        (
            f"{HERE}test_disk_full.py::test_on_a_full_disk_the_sender_keeps_everything_and_sends_again",
            f"{HERE}test_disk_full.py::test_what_was_acknowledged_while_the_disk_filled_is_stored",
        ),
        (f"{HERE}test_disk_full.py::test_a_server_that_hides_a_full_disk_is_caught",),
    ),
    Proof(
        "database",
        "While the database is stopped, locked, damaged or read-only, tips are received, and come in by themselves",
        "60 s under load: all acknowledged, p99 under 1 s, in after 10 s",
        (f"{LOAD}::test_every_tip_is_acknowledged_at_once_and_comes_in_by_itself",),
        (
            f"{LOAD}::test_a_server_that_tries_the_database_once_leaves_it_lying",
            f"{LOAD}::test_a_server_that_stores_into_the_database_alone_is_caught",
        ),
    ),
    Proof(
        "database file",
        "While the file of the database is away, damaged or held by another, every page of the form answers",
        "every tip received",
        (f"{DOWN}::test_a_tip_is_received_and_comes_in_later",),
        (f"{DOWN}::test_a_page_that_looks_up_its_visitor_is_caught",),
        engine="SQLite",
    ),
    Proof(
        "database server",
        "While PostgreSQL is stopped, every page of the form and the mailbox answers",
        "every tip and answer received",
        (f"{DOWN}::test_a_tip_and_an_answer_are_received_while_postgresql_is_stopped",),
        (f"{DOWN}::test_while_postgresql_is_stopped_it_is_caught_too",),
        engine="PostgreSQL",
    ),
    Proof(
        "plaintext",
        "Nothing that was told or typed lies anywhere in clear",
        "0 finds",
        (f"{HUNT}::test_nothing_that_was_told_or_typed_lies_anywhere_in_clear",),
        (f"{HERE}test_plaintext_hunt.py::test_with_stock_settings_the_same_hunt_finds_sessions_uploads_and_log_lines",),
    ),
    Proof(
        "sender",
        "No address, browser or page before of a sender is in any log or file",
        "0 finds",
        (f"{HERE}test_no_trace_of_the_sender.py::test_nothing_of_the_sender_is_kept",),
        (f"{HERE}test_no_trace_of_the_sender.py::test_with_stock_logging_the_same_hunt_finds_the_sender",),
    ),
    Proof(
        "changed",
        "Whatever somebody without a key changes in the database of what was opened or written is noticed",
        "1,000 of 1,000 with --full",
        (
            f"{ROWS}::test_whatever_is_changed_swapped_put_in_removed_or_put_back_is_noticed",
            f"{DOMAIN}vouching/test_taking_over.py::test_an_event_that_says_it_is_not_over_yet_is_not_believed",
        ),
        (f"{ROWS}::test_control_a_voucher_without_a_mac_would_let_a_forged_one_pass",),
    ),
    Proof(
        "signatures",
        "Nobody signs a pack or proposes an outcome in another's name, with every key of the desk and the database too",
        "0 of 7 ways count for a pack, 0 of 8 for an outcome",
        (
            SIGNATURES,
            f"{DOMAIN}outcomes/test_proposals.py::test_nobody_else_signs_what_its_proposer_did_not_propose",
        ),
        (
            f"{SIGNATURES}::test_control_where_nobody_looks_at_keys_each_of_these_counts",
            f"{SIGNATURES}::test_control_the_same_row_with_their_own_key_counts",
            f"{DOMAIN}outcomes/test_proposals.py::test_control_who_signs_without_a_key_cannot_tell",
        ),
    ),
    Proof(
        "stolen goods",
        "After 20 idle minutes database, session, cookie, backup, mirror and secret key, stolen together, open nothing",
        "0 of 1,000 tips opened, 0 sessions accepted",
        (f"{HERE}test_stolen_goods.py::test_stolen_goods_open_no_tip_and_no_session",),
        (
            f"{HERE}test_stolen_goods.py::test_control_a_file_that_is_left_lying_opens_everything",
            f"{HERE}test_stolen_goods.py::test_control_at_nineteen_minutes_the_file_is_still_there",
            f"{HERE}test_stolen_goods.py::test_control_a_second_factor_in_clear_lets_the_thief_in",
        ),
    ),
    Proof(
        "times",
        "No file or folder of the machine tells the second at which a tip came, once it is in the database",
        "0 finds",
        (f"{HERE}test_times.py::test_no_time_of_a_file_tells_when_a_tip_came",),
        (f"{HERE}test_times.py::test_control_times_that_are_left_tell_it",),
    ),
    Proof(
        "restored",
        "What is received after a restore is in the restored database, and not in the one that it replaced",
        "every tip in",
        (f"{HERE}test_restored_backup.py::test_what_is_received_after_a_restore_is_in_the_restored_file",),
        (f"{HERE}test_restored_backup.py::test_control_a_kept_connection_loses_it",),
    ),
    Proof(
        "lost database",
        "The file of the database is deleted under load; with what the doctor says every acknowledged tip opens",
        "0 lost, 0 twice; no command, unit or start makes an empty one",
        (
            f"{HERE}test_lost_database.py::test_the_file_is_deleted_under_load_and_every_tip_that_was_acknowledged_opens",
            f"{HERE}test_every_command.py::test_no_command_leaves_a_file_and_each_that_needs_the_database_says_how_to_restore",
            f"{HERE}test_every_command.py::test_no_unit_leaves_a_file",
        ),
        (
            f"{HERE}test_lost_database.py::test_control_where_nobody_looks_an_empty_database_takes_its_place",
            f"{HERE}test_every_command.py::test_control_django_as_it_comes_makes_an_empty_one",
        ),
        engine="SQLite",
    ),
    Proof(
        "memory",
        "Sixty-four strangers who sign in at once take little memory, and it is given back",
        "under 400 MB more",
        (f"{HERE}test_memory.py::test_sixty_four_sign_ins_at_once_take_little_memory",),
        (f"{HERE}test_memory.py::test_control_without_turns_and_with_djangos_own_cost_they_take_far_more",),
    ),
    Proof(
        "keys",
        "Over a life of the desk's keys every kept tip opens, and only for whom it should",
        "1,000 steps, none wrong",
        (f"{DOMAIN}keys/test_ring_walk.py::test_random_walk_of_a_thousand_steps_keeps_every_promise",),
        (f"{DOMAIN}keys/test_ring_walk.py::test_a_desk_that_breaks_a_promise_is_caught_by_the_walk",),
    ),
    Proof(
        "purge",
        "After a purge last month's backup does not open with today's ring",
        "0 opened",
        (f"{DOMAIN}test_key_rotation.py::test_after_a_purge_last_months_backup_does_not_open_with_todays_ring",),
    ),
    Proof(
        "second disk",
        "Where the outbox has a second disk, the first may be lost at any moment between two backups",
        "0 lost, 0 twice",
        (
            f"{HERE}test_second_disk.py::test_the_first_disk_is_lost_and_nothing_that_was_acknowledged",
            f"{HERE}test_second_disk.py::test_at_any_moment",
        ),
        (f"{HERE}test_second_disk.py::test_control_without_the_second_disk_tips_are_lost",),
    ),
    Proof(
        "restore",
        "A new machine and the recovery sheet are enough: a lead signs in and reads every tip",
        "1,000 of 1,000 read, in five minutes",
        (
            f"{HERE}test_restore_drill.py::test_a_new_machine_and_the_sheet_are_enough",
            f"{HERE}test_restore_drill.py::test_a_thousand_of_a_thousand_tips_come_back_in_time",
        ),
        (f"{HERE}test_restore_drill.py::test_control_a_backup_from_before_a_tip_does_not_have_it",),
    ),
    Proof(
        "guessing",
        "Who guesses passwords, codes or words is stopped, learns no name, and locks nobody out who worked here before",
        "all of 12 members let in; 0 answers differ",
        (
            f"{HERE}test_guessing.py::test_nobody_who_signed_in_before_is_locked_out",
            f"{HERE}test_guessing.py::test_no_answer_tells_a_name_that_exists_from_one_that_does_not",
            f"{DESK}test_sign_in.py::test_sign_in_right_code_straight_after_a_wrong_one_has_to_wait",
            f"{DESK}test_sign_in_limits.py::test_own_password_is_guessed_five_times_and_its_change_is_on_the_record",
            f"{DESK}test_reauthentication.py::test_wrong_words_count_as_they_do_at_the_lock",
            f"{DESK}test_reauthentication.py::test_guesses_at_the_leads_own_password_are_counted",
            f"{DOMAIN}keys/test_phrases.py::test_many_tries_at_once_are_not_more_than_the_limit",
        ),
        (
            f"{HERE}test_guessing.py::test_control_where_browsers_are_not_known_everybody_is",
            f"{HERE}test_guessing.py::test_control_where_only_known_names_are_counted_the_answers_tell",
        ),
    ),
    Proof(
        "accounts",
        "A lead's session that was left open changes nobody's account, and makes no second signature",
        "0 changes",
        (
            f"{DESK}test_reauthentication.py::test_a_session_that_was_left_open_changes_nobodys_account",
            f"{DOMAIN}handover/test_new_accounts.py::test_a_new_account_is_no_second_signature_until_seven_days_are_over",
        ),
        (f"{DESK}test_reauthentication.py::test_with_the_words_each_act_goes_through",),
    ),
    Proof(
        "replays",
        "A form that is sent fifty times at once, to two machines, is one tip under one receipt",
        "1 tip, 1 receipt",
        (f"{HERE}test_replays.py::test_fifty_replays_at_once_are_one_tip_and_one_receipt",),
        (f"{HERE}test_replays.py::test_control_a_server_that_takes_each_for_a_new_one_is_caught",),
    ),
    Proof(
        "strange headers",
        "What one visitor's request says changes nothing in the next one's page, and no header gives an error",
        "0 pages changed, 0 of 5xx",
        (f"{HERE}test_strange_headers.py::test_no_header_host_method_or_query_changes_the_next_visitors_page",),
        (f"{HERE}test_strange_headers.py::test_control_a_server_that_believes_where_it_begins_is_caught",),
    ),
    Proof(
        "slow clients",
        "Behind nginx five hundred slow clients cost nobody anything, from one address or from many",
        "every honest request served",
        (f"{NGINX}::test_five_hundred_slow_clients_cost_nobody_anything_at_their_own_address_either",),
        (f"{NGINX}::test_control_with_a_hundred_places_an_address_slow_clients_shut_out_who_is_beside_them",),
    ),
    Proof(
        "one visitor",
        "However many requests, connections or addresses of a line one visitor has, others have their places",
        "0 refused beside them; 0 lines of them in a log",
        (
            LIMITS,
            f"{DEPLOY}test_firewall.py::test_an_address_or_a_line_has_so_many_connections_and_others_have_theirs",
        ),
        (f"{DEPLOY}test_firewall.py::test_control_where_nothing_is_counted_one_visitor_takes_them_all",),
    ),
    Proof(
        "flood",
        "Beside fifty times what a town sends in its busiest minutes people are served, and their tips stand on top",
        "99% of people's requests served, the queue open in 2 s, none of a program's above theirs, one alarm for all",
        (
            f"{FLOOD}::test_people_are_served_and_stand_above_what_a_program_sends",
            f"{FLOOD}::test_a_member_comes_in_however_many_strangers_sign_in",
            f"{FLOOD}::test_right_words_open_a_mailbox_however_many_wrong_ones_are_tried",
            f"{DOMAIN}triage/test_shared_alarm.py::test_urgent_tips_that_are_set_aside_share_one_alarm_on_the_hour_and_it_never_falls_silent",
        ),
        (
            f"{FLOOD}::test_control_where_nothing_is_set_aside_the_programs_stand_above",
            f"{FLOOD}::test_control_where_all_share_one_limit_people_are_refused",
            f"{FLOOD}::test_control_where_members_are_strangers_too_they_are_refused",
            f"{FLOOD}::test_control_where_a_limit_asks_before_it_looks_right_words_are_refused",
        ),
    ),
    Proof(
        "fuzz",
        "Whatever is sent to any address makes no fault, no line in a log, and each receipt is for what came",
        "10,000 requests: 0 of 5xx, none over 2 s, each receipt opens to what was typed",
        (f"{HERE}test_fuzz.py::test_nothing_that_is_sent_makes_a_fault_and_each_receipt_is_for_what_came",),
        (f"{HERE}test_fuzz.py::test_a_server_that_fails_at_what_it_did_not_expect_is_caught",),
    ),
    Proof(
        "addresses",
        "Every address and method of the desk answers each role, state and stranger as the table of roles says",
        "100%; a word only with a key, an unlocked desk and a line on the record",
        (
            f"{SITE}test_rights.py::test_every_address_and_method_answers_each_role_as_the_matrix_says",
            f"{SITE}test_texts.py::test_who_has_no_grant_sees_no_word_at_any_address",
            f"{SITE}test_texts.py::test_a_locked_desk_shows_no_word_at_any_address",
            f"{SITE}test_rights.py::test_who_is_switched_off_is_nobody_at_every_address",
            f"{SITE}test_texts.py::test_who_knows_somebody_finds_no_word_of_it_at_any_address",
            f"{SITE}test_texts.py::test_no_word_is_shown_at_any_address_that_is_not_on_the_record",
        ),
        (
            f"{SITE}test_rights.py::test_an_address_that_nobody_listed_is_found",
            f"{SITE}test_rights.py::test_a_wrong_line_of_the_matrix_is_found",
            f"{SITE}test_rights.py::test_an_address_that_lets_another_method_in_is_found",
        ),
    ),
    Proof(
        "headers",
        "Every answer to everybody has the whole list of headers; the public side has no cookie and no third party",
        "every address, role, method and status; 0 cookies, 0 third parties",
        (
            f"{SITE}test_headers.py::test_every_answer_has_every_header_and_nothing_of_a_third_party",
            "tests/newsroom/edition/test_headers.py::test_every_header_stands_in_every_location_that_nginx_answers_by_itself",
        ),
        (
            f"{SITE}test_headers.py::test_control_a_page_with_a_cookie_and_a_strangers_picture_is_caught",
            f"{SITE}test_headers.py::test_an_answer_without_a_header_is_found",
        ),
    ),
    Proof(
        "other sites",
        "Another website sends nothing in a member's name, leads nobody away and frames no page",
        "0 at every address",
        (
            f"{SITE}test_other_sites.py::test_no_address_of_the_desk_takes_a_form_of_another_site",
            f"{SITE}test_other_sites.py::test_no_address_leads_to_another_site",
            f"{SITE}test_headers.py::test_no_page_can_be_framed",
        ),
        (f"{SITE}test_other_sites.py::test_an_address_without_these_checks_is_found",),
    ),
    Proof(
        "markup",
        "No text that is stored, in any field of any table, becomes markup or runs at any address",
        "0 in a browser that keeps no policy",
        (
            f"{MARKUP}::test_no_text_that_is_stored_becomes_markup_or_runs_anywhere",
            f"{SITE}test_escaping.py::test_no_text_that_is_stored_or_typed_becomes_markup_at_any_address",
            f"{SITE}test_escaping.py::test_every_text_of_a_model_has_the_markup",
            f"{SITE}test_escaping.py::test_every_table_with_sealed_texts_has_one",
        ),
        (f"{MARKUP}::test_a_page_that_escapes_nothing_is_found",),
    ),
    Proof(
        "bombs",
        "Files made to hurt cost little, and nothing but pixels is stored of them",
        "a worker under 50 MiB more, a child under 10 s, 0 marks left",
        (f"{HERE}test_bombs.py::test_hostile_files_cost_little_and_leave_nothing_but_pixels",),
        (f"{HERE}test_bombs.py::test_a_server_that_decodes_by_itself_and_copies_is_caught",),
    ),
    Proof(
        "record",
        "Whatever is changed in the record is found, who writes at once never fork it, and it comes before the text",
        "1,000 kinds found; no fork; 0 texts shown unrecorded",
        (
            f"{DOMAIN}audit/test_verification.py::test_a_thousand_kinds_of_tampering_are_all_found",
            "tests/system/servers/test_at_once.py::test_eight_concurrent_writers_never_fork_the_record",
            f"{DOMAIN}audit/test_unrecorded.py::test_nothing_is_shown_or_done_that_cannot_be_recorded",
            f"{DOMAIN}tips/test_opening.py::test_reading_is_recorded_before_the_text_is_shown",
        ),
        (
            f"{DOMAIN}audit/test_verification.py::test_a_record_that_nobody_touched_is_whole",
            f"{DOMAIN}audit/test_triggers.py::test_without_the_triggers_the_same_statements_go_through",
        ),
    ),
    Proof(
        "timing",
        "How long an answer takes tells nothing of receipts, sign-in names or phrases",
        "t under 4.5; each control far above",
        (
            f"{HERE}test_timing.py::test_the_time_of_a_mailbox_tells_no_receipt",
            f"{HERE}test_timing.py::test_the_time_of_a_sign_in_tells_no_name",
            f"{HERE}test_timing.py::test_the_time_of_wrong_words_tells_no_key",
        ),
        (f"{HERE}test_timing.py::test_a_sign_in_that_hashes_for_known_names_alone_is_caught",),
        whole=True,
    ),
    Proof(
        "install",
        "One command makes an empty Debian a running site; nginx, another user, reads news and pictures alone",
        "a tip is read; nothing has the wrong mode; no request refused by an upgrade",
        (
            f"{DEPLOY}test_machine.py::test_a_tip_travels_from_an_empty_debian_to_its_reader",
            f"{DEPLOY}test_machine.py::test_nginx_reads_news_and_pictures_as_another_user",
            f"{DEPLOY}test_machine.py::test_an_upgrade_refuses_nobody_and_can_be_taken_back",
            f"{DEPLOY}test_machine.py::test_the_site_is_an_onion_service_too",
            f"{DEPLOY}test_machine.py::test_a_public_machine_behind_a_balancer_receives_what_the_desks_machine_reads",
        ),
        (f"{DEPLOY}test_rights.py::test_the_walk_finds_what_another_umask_would_leave_open",),
        whole=True,
    ),
    Proof(
        "containers",
        "The image is built, and each service of compose.yaml runs from it as the file says",
        "a tip that came in through nginx is read, and outlives every container",
        (
            f"{DEPLOY}test_container.py::test_a_tip_is_sent_through_nginx_and_read_by_staff",
            f"{DEPLOY}test_container.py::test_what_came_outlives_every_container_though_mail_is_refused",
        ),
        (f"{DEPLOY}test_rights.py::test_the_walk_finds_what_another_umask_would_leave_open",),
        whole=True,
    ),
    Proof(
        "troubles",
        "Each trouble of the drills is told by the doctor, the heartbeat or the health page",
        "every one told",
        (f"{HERE}test_drills.py::test_each_trouble_is_told",),
        whole=True,
    ),
    Proof(
        "failover",
        "The primary is lost with its disk under load, and a standby promoted",
        "0 lost",
        (
            f"{HERE}test_failover.py::test_nothing_acknowledged_is_lost_with_the_primary_and_its_disk",
            f"{HERE}test_failover.py::test_the_form_answers_while_every_commit_waits_for_lost_standbys",
        ),
        whole=True,
        engine="PostgreSQL",
    ),
    Proof(
        "public machine",
        "The database refuses what a taken public machine would try",
        "every act refused",
        (f"{DOMAIN}test_database_roles.py::test_the_database_refuses_what_a_taken_machine_would_try",),
        (f"{DOMAIN}test_database_roles.py::test_a_machine_that_may_do_too_much_says_so_and_is_not_used",),
        engine="PostgreSQL",
    ),
)
