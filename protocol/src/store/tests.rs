use super::*;
use proptest::prelude::*;

fn step() -> impl Strategy<Value = (u8, Option<u8>)> {
    (0u8..12, proptest::option::of(any::<u8>()))
}

proptest! {
    /// A draft reads as if its writes were committed, whatever lies below it.
    #[test]
    fn a_draft_reads_what_a_commit_would(below in prop::collection::vec(step(), 0..30), above in prop::collection::vec(step(), 0..30),
                                         from in 0u8..12, to in proptest::option::of(0u8..12), limit in 0usize..8, reverse: bool) {
        let mut base = Memory::default();
        base.commit(below.iter().map(|(k, v)| Write { table: Table::Own, key: vec![*k], value: v.map(|v| vec![v]) }).collect());
        let mut draft = Draft::new(&base);
        for (k, v) in &above {
            match v {
                Some(v) => draft.put(Table::Own, vec![*k], vec![*v]),
                None => draft.delete(Table::Own, vec![*k]),
            }
        }
        draft.put(Table::Space, vec![3], vec![9]);
        let to = to.map(|t| vec![t]);
        let seen = draft.scan(Table::Own, &[from], to.as_deref(), limit, reverse).unwrap();
        let one = draft.get(Table::Own, &[from]).unwrap();
        let writes = draft.into_writes();
        let mut after = base.clone();
        after.commit(writes);
        prop_assert_eq!(seen, after.scan(Table::Own, &[from], to.as_deref(), limit, reverse).unwrap());
        prop_assert_eq!(one, after.get(Table::Own, &[from]).unwrap());
    }
}

#[test]
fn the_newest_row_of_a_table_that_grows_is_the_one_that_a_scan_finds() {
    let mut base = Memory::default();
    let mut draft = Draft::new(&base);
    assert_eq!(draft.newest(Table::Arrival).unwrap(), None);
    draft.put(Table::Arrival, [1], [10]);
    // Another table, and one whose number is higher, are none of it.
    draft.put(Table::Own, [9], [90]);
    draft.put(Table::Bookmark, [9], [90]);
    assert_eq!(draft.newest(Table::Arrival).unwrap(), Some((vec![1], vec![10])));
    base.commit(draft.into_writes());
    let mut draft = Draft::new(&base);
    assert_eq!(draft.newest(Table::Arrival).unwrap(), Some((vec![1], vec![10])), "what lies below");
    draft.put(Table::Arrival, [2], [20]);
    assert_eq!(draft.newest(Table::Arrival).unwrap(), Some((vec![2], vec![20])));
}
