use super::*;
use belay_protocol::store::Memory;
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use zeroize::Zeroizing;

fn passphrase() -> Passphrase {
    Passphrase::new(Zeroizing::new("a long enough one".into())).unwrap()
}

fn fresh() -> (tempfile::TempDir, Folder, Store) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path().join("node"));
    let store = Store::create(&folder, &passphrase()).unwrap().finish().unwrap();
    (home, folder, store)
}

fn put(table: Table, key: &[u8], value: &[u8]) -> Write {
    Write { table, key: key.to_vec(), value: Some(value.to_vec()) }
}

fn table() -> impl Strategy<Value = Table> {
    prop::sample::select(&Table::ALL[..])
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(&[0_u8, 1, 127, 255][..]), 0..3)
}

fn write() -> impl Strategy<Value = Write> {
    (table(), key(), proptest::option::of(prop::collection::vec(any::<u8>(), 0..9)))
        .prop_map(|(table, key, value)| Write { table, key, value })
}

/// One contract, every backend: what the memory store says, this one says, outside and inside a transaction.
#[test]
fn it_reads_as_the_memory_store_does() {
    let (_home, _folder, mut store) = fresh();
    let store = std::cell::RefCell::new(&mut store);
    let query = (table(), key(), proptest::option::of(key()), 0_usize..6, any::<bool>());
    let batches = prop::collection::vec((prop::collection::vec(write(), 0..12), any::<bool>()), 1..6);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
    runner
        .run(&(batches, prop::collection::vec(query, 1..8)), |(batches, queries)| {
            let mut store = store.borrow_mut();
            let mut memory = Memory::default();
            let all: Vec<Write> = Table::ALL
                .into_iter()
                .flat_map(|table| {
                    store.scan(table, &[], None, usize::MAX, false).unwrap().into_iter().map(move |r| (table, r.0))
                })
                .map(|(table, key)| Write { table, key, value: None })
                .collect();
            store.commit(&all, false, |_| Ok(())).unwrap();
            for (writes, durable) in batches {
                memory.commit(writes.clone());
                store
                    .commit(&writes, durable, |tx| {
                        for (table, from, to, limit, reverse) in &queries {
                            assert_eq!(tx.get(*table, from)?, memory.get(*table, from)?);
                            let ours = tx.scan(*table, from, to.as_deref(), *limit, *reverse)?;
                            assert_eq!(ours, memory.scan(*table, from, to.as_deref(), *limit, *reverse)?);
                        }
                        Ok(())
                    })
                    .unwrap();
                for (table, from, to, limit, reverse) in &queries {
                    prop_assert_eq!(store.get(*table, from), memory.get(*table, from));
                    let ours = store.scan(*table, from, to.as_deref(), *limit, *reverse);
                    prop_assert_eq!(ours, memory.scan(*table, from, to.as_deref(), *limit, *reverse));
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_commit_that_fails_in_its_projection_keeps_nothing() {
    let (_home, _folder, mut store) = fresh();
    let refused = store.commit(&[put(Table::Own, b"a", b"1")], true, |tx| {
        tx.put(Table::Record, b"b", b"2")?;
        Err::<(), _>(Fault::bug("projection"))
    });
    assert!(refused.is_err());
    assert_eq!(store.get(Table::Own, b"a").unwrap(), None);
    assert_eq!(store.get(Table::Record, b"b").unwrap(), None);
    store.commit(&[put(Table::Own, b"a", b"1")], false, |_| Ok(())).unwrap();
    assert_eq!(store.get(Table::Own, b"a").unwrap(), Some(b"1".to_vec()));
}

#[test]
fn freed_pages_are_overwritten_but_for_those_of_the_directory() {
    let (_home, _folder, store) = fresh();
    let level = || store.sql().pragma_query_value(None, "secure_delete", |row| row.get::<_, i64>(0)).unwrap();
    let (on, fast) = (1, 2);
    assert_eq!(level(), on);
    assert_eq!(connection::unwiped(store.sql(), || Ok(level())).unwrap(), fast);
    assert_eq!(level(), on);
    connection::unwiped(store.sql(), || Err::<(), _>(Fault::bug("projection"))).unwrap_err();
    assert_eq!(level(), on, "also where the work fails");
    directory::merge(store.sql()).unwrap();
    assert_eq!(level(), on);
}

#[test]
fn a_full_disk_is_told_in_one_line_and_nothing_is_half_done() {
    let (_home, _folder, mut store) = fresh();
    let pages: i64 = store.sql().pragma_query_value(None, "page_count", |r| r.get(0)).unwrap();
    store.sql().query_row(&format!("PRAGMA max_page_count = {}", pages + 2), [], |_| Ok(())).unwrap();
    let writes = [put(Table::Own, b"small", b"1"), put(Table::Entry, b"large", &[7; 60_000])];
    let fault = store.commit(&writes, true, |_| Ok(())).unwrap_err();
    assert!(fault.message.contains("the disk is full"), "{fault}");
    assert_eq!(fault.reaction(), belay_protocol::fault::Reaction::Restart);
    assert_eq!(store.get(Table::Own, b"small").unwrap(), None);
    store.commit(&writes[..1], true, |_| Ok(())).unwrap();
}

#[test]
fn a_second_process_is_told_who_has_the_folder() {
    let (_home, folder, store) = fresh();
    let fault = Store::open(&folder, &passphrase()).unwrap_err();
    assert!(fault.message.contains(&format!("in use by process {}", std::process::id())), "{fault}");
    drop(store);
    Store::open(&folder, &passphrase()).unwrap();
}

#[test]
fn a_folder_that_was_not_finished_can_be_set_up_again_and_a_finished_one_can_not() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    let mut half = Store::create(&folder, &passphrase()).unwrap();
    half.store().commit(&[put(Table::Own, b"a", b"1")], true, |_| Ok(())).unwrap();
    drop(half);
    assert!(Store::open(&folder, &passphrase()).unwrap_err().message.contains("init --org NAME"));
    let store = Store::create(&folder, &passphrase()).unwrap().finish().unwrap();
    assert_eq!(store.get(Table::Own, b"a").unwrap(), None);
    drop(store);
    let fault = Store::create(&folder, &passphrase()).unwrap_err();
    assert!(fault.message.contains("holds a node already"), "{fault}");
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    let (_home, folder, store) = fresh();
    store.sql().pragma_update(None, "user_version", schema::version() + 1).unwrap();
    drop(store);
    for fault in [Store::open(&folder, &passphrase()).unwrap_err(), open_reader(&folder, &passphrase()).unwrap_err()] {
        assert!(fault.message.contains("written by a newer belay"), "{fault}");
    }
}

#[test]
fn readers_work_beside_the_writer_and_see_one_moment() {
    let (_home, folder, mut store) = fresh();
    let outside = open_reader(&folder, &passphrase()).unwrap();
    store.commit(&[put(Table::Own, b"a", b"1")], false, |_| Ok(())).unwrap();
    assert_eq!(outside.get(Table::Own, b"a").unwrap(), Some(b"1".to_vec()));
    let reader = store.readers().take().unwrap();
    reader
        .at_once(|r| {
            assert_eq!(r.get(Table::Own, b"a")?, Some(b"1".to_vec()));
            store.commit(&[put(Table::Own, b"a", b"2")], false, |_| Ok(()))?;
            assert_eq!(r.get(Table::Own, b"a")?, Some(b"1".to_vec()));
            Ok::<(), Fault>(())
        })
        .unwrap();
    assert_eq!(reader.get(Table::Own, b"a").unwrap(), Some(b"2".to_vec()));
    assert!(reader.sql().execute("DELETE FROM kv_1", []).is_err(), "a reader wrote");
}

#[test]
fn nothing_lies_in_clear_and_nobody_else_may_read_the_files() {
    let (_home, folder, mut store) = fresh();
    store.commit(&[put(Table::Own, b"planted key", b"planted value")], true, |_| Ok(())).unwrap();
    let mut seen = 0;
    for file in fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(7).any(|w| w == b"planted"), "{}", path.display());
        assert!(!bytes.starts_with(b"SQLite format 3"), "{}", path.display());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 4, "database, log, key file and lock");
    assert!(!folder.open_to_others());
}

#[test]
fn a_damaged_page_is_found() {
    let (_home, folder, mut store) = fresh();
    store.commit(&[put(Table::Entry, b"e", &[7; 60_000])], true, |_| Ok(())).unwrap();
    assert_eq!(store.readers().take().unwrap().integrity(), Vec::<String>::new());
    store.checkpoint(true).unwrap();
    drop(store);
    let mut bytes = fs::read(folder.database()).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    fs::write(folder.database(), bytes).unwrap();
    assert!(!open_reader(&folder, &passphrase()).unwrap().integrity().is_empty());
}

#[test]
fn a_key_of_another_folder_is_told_in_one_line() {
    let (_home, folder, store) = fresh();
    let (_other_home, other, other_store) = fresh();
    drop((store, other_store));
    fs::copy(other.key_file(), folder.key_file()).unwrap();
    let fault = Store::open(&folder, &passphrase()).unwrap_err();
    assert!(fault.message.contains("do not belong together"), "{fault}");
}

#[test]
fn a_statement_with_a_bound_limit_is_compiled_once() {
    let (_home, _folder, store) = fresh();
    let mut statement = store.sql().prepare("SELECT name FROM sqlite_master WHERE name >= ?1 LIMIT ?2").unwrap();
    for limit in 1..5_i64 {
        let names = statement.query_map(("a", limit), |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(names.count() as i64, limit);
    }
    assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
}

#[test]
fn the_log_stays_small_under_writes_that_never_pause_and_nothing_of_it_is_lost() {
    let (_home, folder, mut store) = fresh();
    let reader = store.readers().take().unwrap();
    let size = || fs::metadata(folder.database().with_extension("db-wal")).map_or(0, |file| file.len());
    let (mut most, rounds) = (0, 1_400_u32);
    for n in 0..rounds {
        store.commit(&[put(Table::Entry, &n.to_be_bytes(), &[7; 60_000])], false, |_| Ok(())).unwrap();
        if n % 10 == 0 {
            assert!(reader.get(Table::Entry, &n.to_be_bytes()).unwrap().is_some());
        }
        most = most.max(size());
    }
    // All of it is 80 MiB and more.
    assert!(most < 44 * 1024 * 1024, "{most} bytes of log");
    drop((reader, store));
    let store = Store::open(&folder, &passphrase()).unwrap();
    for n in 0..rounds {
        assert_eq!(store.get(Table::Entry, &n.to_be_bytes()).unwrap().map(|value| value.len()), Some(60_000));
    }
}

#[test]
fn a_look_goes_over_into_a_transaction_and_ends_with_it() {
    let (_home, _folder, mut store) = fresh();
    let reader = store.readers().take().unwrap();
    for (n, durable) in [(1_u8, true), (2, false), (3, false), (4, true)] {
        store.look().unwrap();
        assert_eq!(store.get(Table::Own, &[n]).unwrap(), None);
        store.begin(durable).unwrap();
        store.apply(&[put(Table::Own, &[n], b"kept")], |_| Ok(())).unwrap();
        let refused = store.apply_apart(&[put(Table::Own, &[n], b"lost")], |tx| {
            tx.put(Table::Own, b"beside", b"lost")?;
            Err::<(), _>(Fault::bug("projection"))
        });
        assert!(refused.is_err());
        store.rest();
        assert_eq!(reader.get(Table::Own, &[n]).unwrap(), None, "it is seen before it is committed");
        store.finish().unwrap();
        assert_eq!(reader.get(Table::Own, &[n]).unwrap(), Some(b"kept".to_vec()));
        assert_eq!(store.get(Table::Own, b"beside").unwrap(), None);
    }
    store.look().unwrap();
    store.get(Table::Own, b"a").unwrap();
    store.rest();
    // Nobody reads the log any more: all of it goes into the database.
    let busy: i64 = store.sql().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(busy, 0);
}

#[test]
fn what_sqlite_rolled_back_by_itself_is_not_committed_and_nothing_joins_it() {
    let (_home, _folder, mut store) = fresh();
    store.begin(true).unwrap();
    store.apply(&[put(Table::Own, b"promised", b"1")], |_| Ok(())).unwrap();
    // As it does where a read meets a disk that fails.
    store.sql().execute_batch("ROLLBACK").unwrap();
    let refused = |outcome: Result<()>| {
        assert_eq!(outcome.unwrap_err().reaction(), belay_protocol::fault::Reaction::Restart);
    };
    refused(store.look());
    refused(store.apply(&[put(Table::Own, b"next", b"1")], |_| Ok(())));
    refused(store.apply_apart(&[put(Table::Own, b"next", b"1")], |_| Ok(())));
    refused(store.finish());
    store.undo();
    for key in [&b"promised"[..], b"next"] {
        assert_eq!(store.get(Table::Own, key).unwrap(), None);
    }
    store.commit(&[put(Table::Own, b"next", b"2")], true, |_| Ok(())).unwrap();
}

#[test]
fn a_database_whose_key_file_is_gone_is_deleted_by_no_setup_and_no_restore() {
    let (home, folder, mut store) = fresh();
    store.commit(&[put(Table::Own, b"a", b"1")], true, |_| Ok(())).unwrap();
    let copy = home.path().join("copy");
    backup::create(store.readers(), &folder, &copy, belay_protocol::time::Time(1)).unwrap();
    store.checkpoint(true).unwrap();
    drop(store);
    let aside = home.path().join("aside");
    fs::rename(folder.key_file(), &aside).unwrap();
    let wrong = Passphrase::new(Zeroizing::new("a long but wrong one".into())).unwrap();
    let faults = [
        Store::create(&folder, &passphrase()).unwrap_err(),
        backup::restore(&copy, &folder, &wrong).map(drop).unwrap_err(),
        backup::restore(&copy, &folder, &passphrase()).map(drop).unwrap_err(),
    ];
    for fault in faults {
        assert!(fault.message.contains("without the key.json that opens it"), "{fault}");
    }
    fs::rename(&aside, folder.key_file()).unwrap();
    assert_eq!(Store::open(&folder, &passphrase()).unwrap().get(Table::Own, b"a").unwrap(), Some(b"1".to_vec()));
    // What a restore began and did not end is in nobody's way.
    let other = Folder::at(home.path().join("other"));
    assert!(backup::restore(&copy, &other, &wrong).is_err());
    fs::write(key::unfinished(&other), b"half").unwrap();
    fs::write(other.database(), b"half").unwrap();
    backup::restore(&copy, &other, &passphrase()).unwrap();
}

#[test]
fn nothing_is_tidied_inside_another_transaction() {
    let (_home, _folder, mut store) = fresh();
    store.begin(false).unwrap();
    let fault = store.tidy().unwrap_err();
    assert_eq!(fault.class, belay_protocol::fault::Class::Bug, "{fault}");
    store.undo();
    store.tidy().unwrap();
}

#[test]
fn a_check_takes_nothing_away_that_lies_where_it_unpacks_be_it_a_node_that_never_ran() {
    let (home, folder, store) = fresh();
    let copy = home.path().join("copy");
    backup::create(store.readers(), &folder, &copy, belay_protocol::time::Time(1)).unwrap();
    let beside = home.path().join("copy.check");
    let verify = || backup::verify(&copy, &passphrase()).map(|(checked, ..)| checked);
    // As a restore leaves it.
    backup::restore(&copy, &Folder::at(&beside), &passphrase()).unwrap();
    let told = verify().unwrap_err().message;
    assert!(told.contains("is there already") && told.contains("delete"), "{told}");
    assert!(Folder::at(&beside).key_file().exists() && Folder::at(&beside).database().exists());
    fs::remove_dir_all(&beside).unwrap();
    assert!(verify().unwrap().wrong.is_empty());
    assert!(!beside.exists());
    let wrong = Passphrase::new(Zeroizing::new("a long but wrong one".into())).unwrap();
    let told = backup::verify(&copy, &wrong).map(drop).unwrap_err();
    assert!(told.message.contains("in force when it was made") && !told.message.contains("data folder"), "{told}");

    // Into a folder that everybody may look into, and that holds nothing.
    let other = Folder::at(home.path().join("other"));
    fs::create_dir(other.path()).unwrap();
    fs::set_permissions(other.path(), fs::Permissions::from_mode(0o755)).unwrap();
    backup::restore(&copy, &other, &passphrase()).unwrap();
    assert!(!other.open_to_others());
}
