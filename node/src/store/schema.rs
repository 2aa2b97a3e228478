//! Forward-only migrations: `node/migrations/NNNN_*.sql` in order, counted in `PRAGMA user_version`.

use super::connection::fault;
use belay_protocol::fault::{Fault, Result};
use rusqlite::{Connection, TransactionBehavior};

/// Every migration, in order. A landed one never changes; a change of tables is a new one.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_tables.sql"),
    include_str!("../../migrations/0002_directory.sql"),
    include_str!("../../migrations/0003_parcels.sql"),
    include_str!("../../migrations/0004_list.sql"),
    include_str!("../../migrations/0005_kept.sql"),
    include_str!("../../migrations/0006_words.sql"),
    include_str!("../../migrations/0007_turn.sql"),
    include_str!("../../migrations/0008_since.sql"),
    include_str!("../../migrations/0009_places.sql"),
    include_str!("../../migrations/0010_merge.sql"),
];

/// The version of the store that this program writes.
pub fn version() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the tables up to date, each migration in a transaction of its own.
///
/// # Errors
/// `Misuse`: a newer program wrote this store; `Store`: the disk refuses.
pub fn migrate(connection: &mut Connection) -> Result<()> {
    let found = check(connection)?;
    for (number, sql) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault("migrate"))?;
        transaction.execute_batch(sql).map_err(fault("migrate"))?;
        transaction.pragma_update(None, "user_version", number).map_err(fault("migrate"))?;
        transaction.commit().map_err(fault("migrate"))?;
    }
    Ok(())
}

/// The store's version, if this program knows it.
///
/// # Errors
/// `Misuse`: a newer program wrote this store.
pub fn check(connection: &Connection) -> Result<i64> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fault("version"))?;
    let known = version();
    if found > known {
        return Err(Fault::misuse(format!(
            "this data folder was written by a newer belay (store version {found}, this program knows {known}); \
             install the newer program again"
        )));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;
    use ring::digest::{SHA256, digest};

    /// SHA-256 of each migration as it was released.
    const RELEASED: &[&str] = &[
        "986969ba14eb5d7a9041ae11122939349a4461364c42217e60aed5354f9c63a2",
        "6747fee16a3b1d5e19141e51ec6936421c67f09afe3d9b58c55cc8b9ae1a036d",
        "40051edfe4079c58d2d05220961af220f4a8e7cb24dc8d35e34263d014e875db",
        "2ef002e9154ca4f26d6b5a489fa4e69adf58d41a96cd945fb23b5a99e13a854f",
        "e182b3b87de1f8c298966273f80d1f53d0530a59006b5c7f4ef8f26acb5d320f",
        "5ed95fb40e82c14e41c54054e1de2b47d56b4bbfae7af98d85095d87d50edca0",
        "a8ea6c6a3514c3ccdca7fdee3b6440607f5b75b11ff320ef81bc43979a67c71a",
        "59ec9bf8e9b570e6c8f6fdabeeb135ad91ca0244229af104e774e8dc8fb266f9",
        "13b6bcd9449a302eccea18a80c4e6ec36ecc0e11e767ed3aa4a3b012234c20f7",
        "efdfb28a3a66d316857233def77a0a7ee329caa506aa2253187d9a75b04cd31a",
    ];

    #[test]
    fn a_released_migration_never_changes() {
        let found: Vec<String> = MIGRATIONS
            .iter()
            .map(|sql| data_encoding::HEXLOWER.encode(digest(&SHA256, sql.as_bytes()).as_ref()))
            .collect();
        for (number, released) in (1..).zip(RELEASED) {
            assert_eq!(
                found.get(number - 1).map(String::as_str),
                Some(*released),
                "migration {number} was changed, and stores that ran it would not: put it back, and write what you need as \
                 node/migrations/NNNN_*.sql with the next number"
            );
        }
        assert_eq!(
            found.len(),
            RELEASED.len(),
            "a new migration: add its digest to RELEASED, and from then on leave it as it is: {found:?}"
        );
    }
}
