//! What happens on real networks, one story a test.

mod blocked;
mod killed;
mod near;
mod slow;

/// Each by its name: what holds.
pub const ALL: &[(&str, fn())] = &[
    ("on_one_network_nodes_link_directly_over_quic", near::same_network),
    ("what_was_written_on_both_sides_of_a_cut_comes_together_when_it_heals", near::partition),
    ("where_udp_is_blocked_and_only_443_is_open_links_run_over_tcp", blocked::only_443),
    ("nodes_killed_in_mid_sync_lose_nothing_that_they_acknowledged", killed::in_mid_sync),
    ("a_slow_and_lossy_line_carries_a_directory_all_the_same", slow::line),
];
