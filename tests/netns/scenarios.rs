//! What happens on real networks, one story a test.

mod blocked;
mod claimed;
mod killed;
mod near;
mod relayed;
mod slow;
mod uplink;

/// Each by its name: what holds.
pub const ALL: &[(&str, fn())] = &[
    ("on_one_network_nodes_link_directly_over_quic", near::same_network),
    ("what_was_written_on_both_sides_of_a_cut_comes_together_when_it_heals", near::partition),
    ("where_udp_is_blocked_and_only_443_is_open_links_run_over_tcp", blocked::only_443),
    ("behind_two_routers_nodes_link_through_a_relay_and_then_past_it", relayed::two_routers),
    ("behind_routers_that_scramble_ports_the_relay_carries_all", relayed::scrambled),
    ("behind_two_routers_a_newcomer_joins_through_a_members_node_by_the_invites_pass", relayed::newcomer),
    ("when_a_relay_is_lost_another_carries_and_without_any_status_says_so", relayed::lost),
    ("an_address_that_two_claim_is_told_where_a_probe_is_answered_and_not_where_none_is", claimed::probed),
    ("an_uplink_changed_in_mid_sync_is_followed_at_once", uplink::changed),
    ("nodes_killed_in_mid_sync_lose_nothing_that_they_acknowledged", killed::in_mid_sync),
    ("a_slow_and_lossy_line_carries_a_directory_all_the_same", slow::line),
];
