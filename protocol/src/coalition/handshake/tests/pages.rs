//! Pages of a coalition's entries, as a newcomer takes them.

use super::super::joiner::check_page;
use super::{Approved, World};
use crate::limits;

#[test]
fn pages_of_a_join_end_after_as_many_entries_as_may_be() {
    let world = World::new();
    let page = |before: usize| Approved {
        coalition: world.county.space,
        from: u32::try_from(limits::JOIN_ENTRIES - before).unwrap(),
        entries: vec![world.county.entries[0].clone()],
        next: None,
        addresses: Vec::new(),
    };
    check_page(&page(1), world.county.space).unwrap();
    assert!(check_page(&page(0), world.county.space).is_err());
}
